// Types as they are written.

extension Checker {
  /// The type that was written. In the parameters of a function, where `binding` is true, names without a meaning become sizes that the
  /// call binds.
  mutating func type(_ tree: TypeTree, binding: Bool = false) -> Type {
    switch tree.kind {
    case .error: return .error
    case .tuple(let fields):
      var labels: Set<String> = []
      for field in fields {
        if let label = field.label, !labels.insert(label.text).inserted { report(.labelTwice(label: label.text, at: label.range)) }
      }
      return .tuple(fields.map { Type.Field(label: $0.label?.text, type: type($0.type, binding: binding)) })
    case .function(let parameters, let result):
      return .function(parameters: parameters.map { type($0, binding: binding) }, result: type(result, binding: binding))
    case .array(let element, let bound, let shape):
      var scalar: Scalar?
      switch (element.text, bound) {
      case ("Float", nil): scalar = .real
      case ("Int", nil): scalar = .integer
      case ("Bool", nil): scalar = .boolean
      case ("Index", let bound?): scalar = dimension(bound, binding: binding).map { .index(below: $0) }
      case ("Index", nil): report(.indexWithoutBound(at: element.range))
      case ("Float", _?), ("Int", _?), ("Bool", _?): report(.unexpectedBound(type: element.text, at: tree.range))
      default:
        report(
          .unknownType(
            name: element.text, nearest: ModelDSL.nearestName(to: element.text, among: ["Float", "Int", "Bool", "Index"]), at: element.range
          ))
      }
      var sizes: [Size] = []
      for part in shape {
        guard let size = dimension(part, binding: binding) else { return .error }
        sizes.append(size)
      }
      return scalar.map { .array($0, sizes) } ?? .error
    }
  }

  private mutating func dimension(_ tree: Expression, binding: Bool) -> Size? {
    if binding { bindNames(in: tree) }
    return count(tree)
  }

  /// Makes size symbols of names that mean nothing yet.
  private mutating func bindNames(in tree: Expression) {
    switch tree.kind {
    case .name(let name):
      switch lookUp(name) {
      case .some(.size(let size)) where size.symbols.contains(where: { fileSizeSymbols.contains($0) }): break
      case .some(.function), .some(.primitive), .some(.model), .some(.cell), nil: break
      default: return
      }
      let symbol = newSymbol(name)
      boundSymbols.append(symbol)
      context.frames[0].names[name] = .size(Size(symbol))
    case .unary(_, let a): bindNames(in: a)
    case .binary(_, let a, let b):
      bindNames(in: a)
      bindNames(in: b)
    default: break
    }
  }
}
