extension CheckedProgram {
  /// Where `inject(…)` is written as an expression, in what is not the library's.
  public var injections: [SourceRange] {
    var found: [SourceRange] = []
    func add(_ expression: TypedExpression) {
      expression.walk { e in
        switch e.kind {
        case .inject, .bypass: found.append(e.range)
        default: break
        }
        return true
      }
    }
    for function in functions where !function.isLibrary { function.body.forEachExpression(add) }
    for statements in models.map(\.statements) + instances.map(\.statements) {
      for statement in statements { statement.forEachExpression(add) }
    }
    for model in models { if let loss = model.loss { add(loss) } }
    return found
  }
}
