/// Derivatives inside expressions, and `inject`.
extension Generator {
  /// An expression of one number that a `gradient`, a `jvp` or an `f'` gives.
  mutating func derivative(_ scope: Scope, _ depth: Int) -> Node? {
    guard scope.derivativeOrder < 2 else { return nil }
    var inner = scope
    inner.derivativeOrder += 1
    switch below(4) {
    case 0:
      let own = helpers.filter { $0.isOfNumbers && $0.parameters.count == 1 }.map(\.name)
      let name = chance(60) ? maybe(own) ?? "tanh" : one(of: ["tanh", "sin", "sigmoid", "softplus", "cos", "exp"])
      return .real("\(name)'(\(name == "exp" ? "-square(" : "")\(real(scope, depth))\(name == "exp" ? ")" : ""))")
    case 1, 2:
      guard let variable = late(scope.variables.filter { $0.isDifferentiable && $0.type == .real }) else { return nil }
      return .real("gradient(\(real(mentioning(variable, inner), depth)), \(variable.name))")
    default:
      guard let variable = late(scope.variables.filter(\.isDifferentiable)), !variable.name.hasPrefix("next ") else { return nil }
      return .real(
        "jvp(\(real(mentioning(variable, inner), depth)), \(variable.name): \(expression(variable.type, scope, max(0, depth - 1))))")
    }
  }

  mutating func arrayDerivative(_ shape: [String], _ scope: Scope, _ depth: Int) -> Node? {
    guard scope.derivativeOrder < 2 else { return nil }
    var inner = scope
    inner.derivativeOrder += 1
    let type = ProgramType.reals(shape)
    let same = scope.variables.filter { $0.isDifferentiable && $0.type == type }
    if let variable = late(same), chance(50) {
      return .expression(type, "gradient(\(real(mentioning(variable, inner), depth)), \(variable.name))")
    }
    if shape.count == 2, let variable = late(scope.variables.filter { $0.isDifferentiable && $0.type == .reals([shape[1]]) }) {
      return .expression(type, "jacobian(\(array([shape[0]], mentioning(variable, inner), depth)), \(variable.name))")
    }
    if let variable = late(scope.variables.filter { $0.isDifferentiable && $0.type == .real }), chance(50) {
      return .expression(type, "jacobian(\(array(shape, mentioning(variable, inner), depth)), \(variable.name))")
    }
    guard let variable = late(scope.variables.filter(\.isDifferentiable)), !variable.name.hasPrefix("next ") else { return nil }
    return .expression(
      type,
      "jvp(\(array(shape, mentioning(variable, inner), depth)), \(variable.name): \(expression(variable.type, scope, max(0, depth - 1))))")
  }

  /// The variable last, so that it is taken more often.
  private func mentioning(_ variable: Variable, _ scope: Scope) -> Scope {
    var scope = scope
    scope.variables += [variable, variable]
    return scope
  }

  // MARK: inject

  /// A scope in which only some variables with a derivative are to be seen, so that all of them can be labelled.
  private func narrowed(_ scope: Scope, to variables: [Variable]) -> Scope {
    var inner = scope
    inner.isSimple = true
    inner.variables = scope.variables.filter { $0.type.element != .real } + variables
    return inner
  }

  mutating func injected(_ scope: Scope, _ depth: Int) -> Node {
    let candidates = scope.variables.filter { $0.isDifferentiable && $0.type == .real && !$0.name.contains(" ") }
    var simple = scope
    simple.isSimple = true
    guard let first = late(candidates), chance(75) else {
      return .real("inject(\(real(scope, depth)), like: \(real(scope, depth)))")
    }
    var chosen = [first]
    if let second = maybe(candidates), second.name != first.name, chance(40) { chosen.append(second) }
    let value = Node.real(
      "(\(one(of: ["", "", "step", "round", "sin", "floor"]))(\(real(narrowed(scope, to: chosen), depth))) + \(Node.name(first.name, .real)))"
    )
    let labels = chosen.filter { value.variables.contains($0.name) }.map { variable -> Node in
      if chance(25) { return .plain("\(variable.name): g -> \(one(of: ["", "0.5 * ", "2 * "]))g * \(real(simple, depth))") }
      if chance(20) { return .plain("\(variable.name): tanh(value)") }
      return .plain("\(variable.name): \(real(simple, depth))")
    }
    return .real("inject(\(value), \(Node.list(labels)))")
  }

  mutating func injectedArray(_ shape: [String], _ scope: Scope, _ depth: Int) -> Node? {
    let type = ProgramType.reals(shape)
    if chance(30) { return .expression(type, "inject(\(array(shape, scope, depth)), like: \(array(shape, scope, depth)))") }
    var simple = scope
    simple.isSimple = true
    let candidates = scope.variables.filter { $0.isDifferentiable && !$0.name.contains(" ") }
    if shape.count == 1, chance(50), let matrix = late(candidates.filter { $0.type.shape.count == 2 && $0.type.shape[0] == shape[0] }),
      let vector = late(candidates.filter { $0.type.shape == [matrix.type.shape[1]] })
    {
      let (w, x) = (Node.name(matrix.name, matrix.type), Node.name(vector.name, vector.type))
      let back = array([matrix.type.shape[1], shape[0]], simple, 0)
      return .expression(
        type,
        "inject(\(w) @ \(x), \(matrix.name): g -> \(one(of: ["outer(g, \(vector.name))", "0.5 * outer(g, \(vector.name))"])), \(vector.name): g -> \(back) @ g)"
      )
    }
    guard let variable = late(candidates.filter { $0.type == type }) else { return nil }
    let value = Node.expression(
      type,
      "(\(one(of: ["sin", "round", "step", "tanh"]))(\(Node.name(variable.name, type))) + \(array(shape, narrowed(scope, to: [variable]), min(1, depth))))"
    )
    let rule: Node =
      switch below(4) {
      case 0: .plain("g -> g * \(array(shape, simple, 0))")
      case 1: .plain("tanh(value)")
      case 2: .plain("g -> \(real(simple, 0)) * g")
      default: .plain("\(array(shape, simple, depth))")
      }
    return .expression(type, "inject(\(value), \(variable.name): \(rule))")
  }

  /// A rule as a declaration, for a primitive or a function written before.
  mutating func rule(_ scope: Scope) -> Node {
    let own = helpers.filter(\.isOfNumbers)
    if let helper = maybe(own), chance(45) {
      var inner = Scope(sizes: ["2", "3"])
      inner.isSimple = true
      for parameter in helper.parameters { inner.add(parameter.name, .real) }
      let names = helper.parameters.map(\.name)
      let body: Node =
        if names.count == 1 {
          .plain("\(real(inner, 2))")
        } else {
          .plain("(\(Node.list(names.map { .plain("\($0): \(real(inner, 1))") })))")
        }
      return .statement("inject \(helper.name)'(\(names.joined(separator: ", "))) = \(body)")
    }
    switch below(6) {
    case 0:
      return .statement(
        "inject step'(v) = \(one(of: ["triangle(v)", "gaussian(v, 0.7)", "fastSigmoid(v, 5)", "2 * sigmoid'(2 * v)", "arctan(v)"]))")
    case 1: return .statement("inject tanh'(x) = \(one(of: ["1 - value", "sigmoid(x)", "0.5 + value * value"]))")
    case 2: return .statement("inject round'(x) = \(one(of: ["1", "cos(x)"]))")
    case 3: return .statement("inject sin'(x) = \(one(of: ["sigmoid(x)", "value", "g -> 0.5 * g * cos(x)"]))")
    case 4: return .statement("inject fires'(v, threshold) = (v: triangle(v - threshold), threshold: -gaussian(v - threshold))")
    default: return .statement("inject relu'(x) = sigmoid(4 * x)")
    }
  }

  mutating func fileRule() { declarations.append(rule(Scope(sizes: ["2"]))) }
}
