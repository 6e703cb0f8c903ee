// Types: `Float`, `Float[a, b]`, `Index<n>[m]`, `(z: Float, u: Float)`, `(Float[n]) -> Float`.

extension Parser {
  mutating func type() throws(Failure) -> TypeTree {
    switch token.kind {
    case .identifier where onThisLine(token):
      return try arrayType()
    case .symbol(.leftParenthesis):
      return try tupleOrFunctionType()
    case .symbol(.leftBracket):
      report(.typeStartsWithBracket(range(token)))
      let lower = token.lower
      _ = try list(of: "a type") { parser throws(Failure) in try parser.type() }
      return TypeTree(kind: .error, range: range(from: lower))
    default:
      throw unexpected("a type")
    }
  }

  private mutating func arrayType() throws(Failure) -> TypeTree {
    let element = try name("a type")
    var bound: Expression?
    if at(.less), onThisLine(token) {
      glue()
      advance()
      glue()
      bound = try binary(.addition)
      glue()
      guard take(.greater) else {
        throw unexpected("`>` to close the `<` of `\(element.text)`", help: at(.greaterOrEqual) ? "put a space between `>` and `=`" : nil)
      }
    }
    var shape: [Expression] = []
    if at(.leftBracket), onThisLine(token) {
      let opening = range(token)
      glue()
      let sizes = try list(of: "a size") { parser throws(Failure) in try parser.expression() }
      if sizes.complete, sizes.items.isEmpty { throw fail(.emptyShape(opening.union(range(from: opening.lower)))) }
      shape = sizes.complete ? sizes.items : [errorExpression(from: opening.lower)]
    }
    return TypeTree(kind: .array(element: element, bound: bound, shape: shape), range: range(from: element.range.lower))
  }

  private mutating func tupleOrFunctionType() throws(Failure) -> TypeTree {
    let lower = token.lower
    let parts = try list(of: "a type") { parser throws(Failure) in try parser.labelledType() }
    guard parts.complete else { throw Failure() }
    if at(.arrow), onThisLine(token) {
      advance()
      let result = try nested { parser throws(Failure) in try parser.type() }
      let whole = range(from: lower)
      if let label = parts.items.lazy.compactMap(\.label).first { throw fail(.labelInFunctionType(label)) }
      if parts.items.isEmpty { throw fail(.functionTypeWithoutParameters(whole)) }
      return TypeTree(kind: .function(parameters: parts.items.map(\.type), result: result), range: whole)
    }
    let whole = range(from: lower)
    switch parts.items.count {
    case 0: throw fail(.emptyTuple(whole))
    case 1:
      if let label = parts.items[0].label { throw fail(.singleElementTuple(label: label, whole)) }
      return parts.items[0].type
    default: return TypeTree(kind: .tuple(parts.items), range: whole)
    }
  }

  private mutating func labelledType() throws(Failure) -> (label: Name?, type: TypeTree) {
    var label: Name?
    if token.kind == .identifier, peek().kind == .symbol(.colon) {
      label = Name(token.text, range(token))
      advance()
      advance()
    }
    return (label, try type())
  }
}
