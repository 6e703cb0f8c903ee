/// Expressions whose value is an array of numbers.
extension Generator {
  mutating func array(_ shape: [String], _ scope: Scope, _ depth: Int) -> Node {
    let type = ProgramType.reals(shape)
    guard depth > 0, spend() else { return arrayLeaf(shape, scope) }
    let x = depth - 1
    switch below(scope.isSimple ? 7 : 18) {
    case 0, 1: return .expression(type, "(\(array(shape, scope, x)) \(one(of: ["+", "-", "*"])) \(array(shape, scope, x)))")
    case 2: return .expression(type, "\(one(of: ["sin", "tanh", "sigmoid", "cos", "square", "abs", "relu"]))(\(array(shape, scope, x)))")
    case 3: return .expression(type, "(\(real(scope, x)) * \(array(shape, scope, x)))")
    case 4: return .expression(type, "(\(array(shape, scope, x)) / (1.3 + square(\(array(shape, scope, x)))))")
    case 5: return .expression(type, "-\(array(shape, scope, x))")
    case 6: return .expression(type, "\(one(of: ["max", "min"]))(\(array(shape, scope, x)), \(real(scope, x)))")
    case 7, 8: return build(shape, scope, x)
    case 9, 10: return call(type, scope, x) ?? build(shape, scope, x)
    case 11: return .expression(type, "(if \(truth(scope, 0)) { \(array(shape, scope, x)) } else { \(array(shape, scope, x)) })")
    case 12, 13: return shaped(shape, scope, x) ?? arrayLeaf(shape, scope)
    case 14: return shape.count == 1 ? gathered(shape, scope, x) ?? arrayLeaf(shape, scope) : arrayLeaf(shape, scope)
    case 15: return arrayDerivative(shape, scope, x) ?? arrayLeaf(shape, scope)
    case 16: return injectedArray(shape, scope, x) ?? arrayLeaf(shape, scope)
    default: return .expression(type, "\(one(of: ["tanh'", "sin'", "sigmoid'"]))(\(array(shape, scope, x)))")
    }
  }

  mutating func arrayLeaf(_ shape: [String], _ scope: Scope) -> Node {
    let type = ProgramType.reals(shape)
    if chance(85), let variable = late(scope.variables.filter({ $0.type == type })) { return .name(variable.name, type) }
    let counts = shape.compactMap(Int.init)
    if counts.count == shape.count, chance(40) { return arrayLiteral(shape[...], scope) }
    return build(shape, scope, 0)
  }

  private mutating func arrayLiteral(_ shape: ArraySlice<String>, _ scope: Scope) -> Node {
    guard let first = shape.first, let count = Int(first) else { return realLeaf(scope) }
    return .expression(.reals(Array(shape)), "[\(Node.list((0 ..< count).map { _ in arrayLiteral(shape.dropFirst(), scope) }))]")
  }

  private mutating func build(_ shape: [String], _ scope: Scope, _ depth: Int) -> Node {
    var inner = scope
    inner.nesting += 1
    // Some axes may be left to the body.
    let own = shape.count > 1 && chance(30) ? 1 + below(shape.count - 1) : shape.count
    var axes: [Node] = []
    for size in shape.prefix(own) {
      let name = fresh("i")
      axes.append(.plain("\(name) in \(size)"))
      inner.add(name, .index(size))
    }
    let rest = Array(shape.dropFirst(own))
    return .expression(.reals(shape), "[\(Node.list(axes)): \(body(.reals(rest), inner, depth))]")
  }

  /// Products, slices, rows and columns.
  private mutating func shaped(_ shape: [String], _ scope: Scope, _ depth: Int) -> Node? {
    let type = ProgramType.reals(shape)
    let size = one(of: scope.sizes)
    if shape.count == 2 {
      switch below(4) {
      case 0: return .expression(type, "outer(\(array([shape[0]], scope, depth)), \(array([shape[1]], scope, depth)))")
      case 1: return .expression(type, "transpose(\(array([shape[1], shape[0]], scope, depth)))")
      case 2: return .expression(type, "(\(array([shape[0], size], scope, depth)) @ \(array([size, shape[1]], scope, depth)))")
      default: return shape[0] == shape[1] ? .expression(type, "diagonal(\(array([shape[0]], scope, depth)))") : nil
      }
    }
    guard shape.count == 1 else { return nil }
    switch below(8) {
    case 0: return .expression(type, "(\(array([shape[0], size], scope, depth)) @ \(array([size], scope, depth)))")
    case 1: return .expression(type, "(\(array([size], scope, depth)) @ \(array([size, shape[0]], scope, depth)))")
    case 2: return .expression(type, "\(array([size, shape[0]], scope, 0))[\(index(size, scope, depth))]")
    case 3: return .expression(type, "\(array([shape[0], size], scope, 0))[.., \(index(size, scope, depth))]")
    case 4: return .expression(type, "\(one(of: ["softmax", "logSoftmax"]))(\(array(shape, scope, depth)))")
    case 5:
      guard let count = Int(shape[0]) else { return .expression(type, "\(array(["\(shape[0]) + 1"], scope, 0))[1..<\(shape[0]) + 1]") }
      let low = below(2)
      if count + low > 3 { return nil }
      return .expression(type, "\(array(["3"], scope, depth))[\(String(low))..<\(String(low + count))]")
    case 6:
      guard shape == ["3"] else { return nil }
      return .expression(type, "cross(\(array(shape, scope, depth)), \(array(shape, scope, depth)))")
    default: return .expression(type, "oneHot(\(integer(scope, 0)), \(shape[0]))")
    }
  }

  /// Rows or elements of a table, through an array of indices.
  private mutating func gathered(_ shape: [String], _ scope: Scope, _ depth: Int) -> Node? {
    guard let indices = maybe(scope.variables.filter { if case .index = $0.type.element { $0.type.shape == shape } else { false } }),
      case .index(let size) = indices.type.element
    else { return nil }
    let i = fresh("i")
    let table = array([size], scope, chance(50) ? 0 : depth)
    return .expression(
      .reals(shape), "[\(i) in \(shape[0]): \(literal()) * \(table)[\(Node.name(indices.name, indices.type))[\(i)]]]")
  }
}
