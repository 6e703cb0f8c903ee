/// Expressions whose value is one number.
extension Generator {
  mutating func real(_ scope: Scope, _ depth: Int) -> Node {
    guard depth > 0, spend() else { return realLeaf(scope) }
    let x = depth - 1
    switch below(scope.isSimple ? 17 : 30) {
    case 0, 1: return .real("(\(real(scope, x)) \(one(of: ["+", "-"])) \(real(scope, x)))")
    case 2, 3: return .real("tanh(\(real(scope, x)) * \(real(scope, x)))")
    case 4:
      return .real(
        "\(one(of: ["sin", "cos", "tanh", "sigmoid", "softplus", "erf", "atan", "abs", "relu", "softsign", "gelu", "elu"]))(\(real(scope, x)))"
      )
    case 5: return .real("(\(real(scope, x)) / (1.5 + square(\(real(scope, x)))))")
    case 6: return .real("\(one(of: ["sqrt", "log"]))(1.2 + square(\(real(scope, x))))")
    case 7: return .real("exp(-square(\(real(scope, x))))")
    case 8: return .real("\(one(of: ["max", "min"]))(\(real(scope, x)), \(real(scope, x)))")
    case 9: return .real("atan2(\(real(scope, x)), 1.1 + abs(\(real(scope, x))))")
    case 10: return .real("tanh(\(real(scope, x))) ^ \(one(of: ["2", "3", "1"]))")
    case 11: return .real("-\(real(scope, x))")
    case 12: return .real("(\(literal()) * \(real(scope, x)))")
    case 13: return element(scope, x) ?? realLeaf(scope)
    case 14: return .real("(if \(truth(scope, x)) { \(real(scope, x)) } else { \(real(scope, x)) })")
    case 15: return .real("(0.3 * \(integer(scope, 1)))")
    case 16: return reduction(scope, x)
    case 17: return reduction(scope, x)
    case 18: return conditional(scope, x)
    case 19, 20: return call(.real, scope, x) ?? realLeaf(scope)
    case 21: return ofArray(scope, x)
    case 22: return ofArray(scope, x)
    case 23: return .real("Float(\(truth(scope, x)))")
    case 24, 25: return derivative(scope, x) ?? realLeaf(scope)
    case 26, 27: return injected(scope, x)
    case 28: return chance(50) ? .real("stop(\(real(scope, x)))") : .real("scaleGradient(\(real(scope, x)), by: 0.5)")
    default: return .real("lerp(\(real(scope, x)), \(real(scope, x)), \(literal()))")
    }
  }

  mutating func realLeaf(_ scope: Scope) -> Node {
    let numbers = scope.variables.filter { $0.type == .real }
    if chance(35), let element = element(scope, 0) { return element }
    if chance(85), let variable = late(numbers) { return .name(variable.name, .real) }
    if hasConstant, chance(30) { return .name(constantName, .real) }
    return .real("\(literal())")
  }

  /// An element of an array in scope.
  mutating func element(_ scope: Scope, _ depth: Int) -> Node? {
    guard let array = late(scope.variables.filter({ $0.type.element == .real && !$0.type.shape.isEmpty })) else { return nil }
    let name = Node.name(array.name, array.type)
    if array.type.shape.count == 1, chance(20) {
      // Only where an index allows it.
      let size = array.type.shape[0]
      if let index = maybe(scope.variables.filter({ $0.type == .index(size) })) {
        let i = Node.name(index.name, index.type)
        return .real("(if \(i) > 0 { \(name)[\(i) - 1] } else { \(real(scope, depth)) })")
      }
    }
    return .real("\(name)[\(Node.list(array.type.shape.map { index($0, scope, depth) }))]")
  }

  /// An index that is known to lie below a size.
  mutating func index(_ size: String, _ scope: Scope, _ depth: Int) -> Node {
    let type = ProgramType.index(size)
    let fitting = scope.variables.filter { $0.type == type }
    if chance(70), let variable = late(fitting) { return .name(variable.name, type) }
    if chance(40), let array = maybe(scope.variables.filter({ $0.type.element == type.element && !$0.type.shape.isEmpty })) {
      return .expression(type, "\(Node.name(array.name, array.type))[\(Node.list(array.type.shape.map { index($0, scope, 0) }))]")
    }
    if let count = Int(size) { return .expression(type, "\(String(below(count)))") }
    // `/` of a computed size gives Float in an expression.
    if size.contains(" ") { return .expression(type, "0") }
    switch below(6) {
    case 0: return .expression(type, "0")
    case 1: return .expression(type, "\(size) - 1")
    case 2: return .expression(type, "\(integer(scope, depth)) % \(size)")
    case 3: return .expression(type, "clamp(\(integer(scope, depth)), 0, \(size) - 1)")
    case 4:
      if let variable = maybe(fitting) { return .expression(type, "\(size) - 1 - \(Node.name(variable.name, type))") }
      return .expression(type, "0")
    default:
      if let array = maybe(scope.variables.filter({ $0.type == .reals([size]) })) {
        return .expression(type, "\(one(of: ["argmax", "argmin"]))(\(Node.name(array.name, array.type)))")
      }
      return .expression(type, "\(size) - 1")
    }
  }

  mutating func integer(_ scope: Scope, _ depth: Int) -> Node {
    let type = ProgramType.integer
    let variables = scope.variables.filter { variable in
      if case .index = variable.type.element { return variable.type.shape.isEmpty }
      return variable.type == type
    }
    if depth <= 0 || chance(40) {
      if let variable = maybe(variables), chance(80) { return .name(variable.name, type) }
      let sizes = scope.sizes.filter { !$0.contains(" ") }
      if let size = maybe(sizes), chance(40) { return .expression(type, "\(size)") }
      return .expression(type, "\(String(below(4)))")
    }
    switch below(7) {
    case 0: return .expression(type, "(\(integer(scope, depth - 1)) + \(integer(scope, depth - 1)))")
    case 1: return .expression(type, "(\(integer(scope, depth - 1)) * \(integer(scope, depth - 1)))")
    case 2: return .expression(type, "(\(integer(scope, depth - 1)) - \(integer(scope, depth - 1)))")
    case 3: return .expression(type, "(\(integer(scope, depth - 1)) div \(one(of: ["2", "3"])))")
    case 4: return .expression(type, "(\(integer(scope, depth - 1)) % \(one(of: ["2", "3", "4"])))")
    case 5: return .expression(type, "Int(\(real(scope, 0)))")
    default: return .expression(type, "(if \(truth(scope, 0)) { \(integer(scope, depth - 1)) } else { \(integer(scope, depth - 1)) })")
    }
  }

  mutating func truth(_ scope: Scope, _ depth: Int) -> Node {
    let type = ProgramType.boolean
    if chance(15), let variable = maybe(scope.variables.filter({ $0.type == type })) { return .name(variable.name, type) }
    switch below(depth > 0 ? 8 : 5) {
    case 0, 1, 2: return .expression(type, "\(real(scope, depth)) \(one(of: ["<", ">", "<=", ">="])) \(real(scope, 0))")
    case 3, 4: return .expression(type, "\(integer(scope, depth)) \(one(of: ["<", ">", "<=", ">=", "==", "!="])) \(integer(scope, 0))")
    case 5: return .expression(type, "(\(truth(scope, depth - 1))) \(one(of: ["&&", "||"])) (\(truth(scope, depth - 1)))")
    case 6: return .expression(type, "!(\(truth(scope, depth - 1)))")
    default: return .expression(type, "\(real(scope, depth)) > \(literal())")
    }
  }

  /// A chain of `if` with blocks, and a `let` that one side alone can bear.
  private mutating func conditional(_ scope: Scope, _ depth: Int) -> Node {
    var first = scope
    first.nesting += 1
    let statements = block(&first, 1 + below(2))
    let middle = chance(40) ? Node.plain(" else if \(truth(scope, 0)) { \(real(scope, depth)) }") : .plain("")
    let value = using(first, since: scope, statements, real(first, depth), .real)
    return .real("(if \(truth(scope, depth)) {\n\(statements)\(value)\n}\(middle) else { \(real(scope, depth)) })")
  }

  private mutating func reduction(_ scope: Scope, _ depth: Int) -> Node {
    var inner = scope
    inner.nesting += 1
    var axes: [Node] = []
    for _ in 0..<(chance(30) ? 2 : 1) {
      let (name, size) = (fresh("i"), one(of: scope.sizes))
      axes.append(.plain("\(name) in \(size)"))
      inner.add(name, .index(size))
    }
    let op = one(of: ["sum", "sum", "sum", "mean", "product", "max", "min"])
    // Sum and product alone have a value of nothing.
    let condition = chance(30) && (op == "sum" || op == "product") ? Node.plain(" where \(truth(inner, 0))") : .plain("")
    if op == "product" { return .real("product(\(Node.list(axes))\(condition): 1 + 0.3 * sin(\(real(inner, depth))))") }
    let body = body(.real, inner, depth)
    if op == "sum" { return .real("tanh(0.3 * sum(\(Node.list(axes))\(condition): \(body)))") }
    return .real("\(op)(\(Node.list(axes))\(condition): \(body))")
  }

  /// What stands after the colon of a comprehension: an expression, or a block.
  mutating func body(_ type: ProgramType, _ scope: Scope, _ depth: Int) -> Node {
    guard !scope.isSimple, scope.nesting < 3, chance(35), budget > 0 else { return expression(type, scope, depth) }
    var inner = scope
    let statements = block(&inner, 1 + below(2))
    let value = using(inner, since: scope, statements, expression(type, inner, depth), type)
    return .expression(type, "{\n\(statements)\(value)\n}")
  }

  mutating func expression(_ type: ProgramType, _ scope: Scope, _ depth: Int) -> Node {
    switch type.element {
    case .real: type.shape.isEmpty ? real(scope, depth) : array(type.shape, scope, depth)
    case .integer: integer(scope, depth)
    case .boolean: truth(scope, depth)
    case .index(let size): index(size, scope, depth)
    }
  }

  private mutating func ofArray(_ scope: Scope, _ depth: Int) -> Node {
    let size = one(of: scope.sizes)
    switch below(9) {
    case 0: return .real("sum(\(array([size], scope, depth)))")
    case 1: return .real("mean(\(array([size], scope, depth)))")
    case 2: return .real("\(one(of: ["max", "min"]))(\(array([size], scope, depth)))")
    case 3: return .real("dot(\(array([size], scope, depth)), \(array([size], scope, depth)))")
    case 4: return .real("tanh(\(array([size], scope, depth)) @ \(array([size], scope, depth)))")
    case 5: return .real("logSumExp(\(array([size], scope, depth)))")
    case 6: return .real("crossEntropy(\(array([size], scope, depth)), \(index(size, scope, 0)))")
    case 7: return .real("softmax(\(array([size], scope, depth)))[\(index(size, scope, 0))]")
    default: return .real("tanh(sum(\(array([one(of: scope.sizes), size], scope, depth))))")
    }
  }
}
