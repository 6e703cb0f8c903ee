/// Statements of a body: `let`, loops, rules.
extension Generator {
  /// Statements that come before a value; what they name is added to the scope.
  mutating func block(_ scope: inout Scope, _ count: Int) -> [Node] {
    var statements: [Node] = []
    for _ in 0..<count where budget > 0 { statement(&scope, &statements) }
    return statements
  }

  /// A value that also uses what the statements before it name and nothing has used: a gradient flows through all of it.
  func using(_ scope: Scope, since outer: Scope, _ statements: [Node], _ value: Node, _ type: ProgramType) -> Node {
    guard type.element == .real else { return value }
    let used = statements.reduce(into: value.variables) { $0.formUnion($1.variables) }
    let unused = scope.variables.dropFirst(outer.variables.count).filter { $0.type.element == .real && !used.contains($0.name) }
    if unused.isEmpty { return value }
    let terms = unused.map { variable -> Node in
      let name = Node.name(variable.name, variable.type)
      return .real(variable.type.shape.isEmpty ? "0.2 * sin(\(name))" : "0.1 * sum(sin(\(name)))")
    }
    let sum = Node(parts: Array(terms.map { [Node.Part.node($0)] }.joined(separator: [.text(" + ")])))
    return .expression(type, "(\(value) + \(sum))")
  }

  private mutating func statement(_ scope: inout Scope, _ out: inout [Node]) {
    let canLoop = !scope.isSimple && scope.nesting < 2
    switch below(canLoop ? 15 : 9) {
    case 0, 1, 2: letNumber(&scope, &out)
    case 3, 4: letArray(&scope, &out)
    case 5: letTuple(&scope, &out)
    case 6: letOfOneSide(&scope, &out)
    case 7:
      let name = fresh("v")
      let (type, value) = chance(50) ? (ProgramType.boolean, truth(scope, 1)) : (.integer, integer(scope, 2))
      // A type, so that a literal stays whole.
      out.append(.statement("let \(name): \(type.text) = \(value)"))
      scope.add(name, type)
    case 8: if chance(40), scope.nesting == 0 { out.insert(rule(scope), at: 0) } else { letNumber(&scope, &out) }
    case 9...12: forLoop(&scope, &out)
    case 13: whileLoop(&scope, &out)
    default: letArray(&scope, &out)
    }
  }

  private mutating func letNumber(_ scope: inout Scope, _ out: inout [Node]) {
    let name = fresh("v")
    out.append(.statement("let \(name) = \(real(scope, 3))"))
    scope.add(name, .real)
  }

  private mutating func letArray(_ scope: inout Scope, _ out: inout [Node]) {
    let name = fresh("a")
    let shape = shape(scope)
    out.append(.statement("let \(name) = \(array(shape, scope, 2))"))
    scope.add(name, .reals(shape))
  }

  mutating func shape(_ scope: Scope) -> [String] { (0..<(chance(30) ? 2 : 1)).map { _ in one(of: scope.sizes) } }

  private mutating func letTuple(_ scope: inout Scope, _ out: inout [Node]) {
    if let helper = maybe(helpers.filter { $0.results.count > 1 }), chance(60),
      let (node, results) = callOfTuple(helper, scope, 1)
    {
      let names = results.map { _ in fresh("v") }
      let dropped = chance(15)
      out.append(.statement("let (\(names.enumerated().map { $0 == 0 && dropped ? "_" : $1 }.joined(separator: ", "))) = \(node)"))
      for (place, (name, type)) in zip(names, results).enumerated() where !(place == 0 && dropped) { scope.add(name, type) }
      return
    }
    let (first, second) = (fresh("a"), fresh("a"))
    let size = one(of: scope.sizes)
    let i = fresh("i")
    var inner = scope
    inner.nesting += 1
    inner.add(i, .index(size))
    out.append(.statement("let (\(first), \(second)) = [\(i) in \(size): (\(real(inner, 2)), \(real(inner, 1)))]"))
    scope.add(first, .reals([size]))
    scope.add(second, .reals([size]))
  }

  /// What must not be computed where the other side is taken.
  private mutating func letOfOneSide(_ scope: inout Scope, _ out: inout [Node]) {
    let (x, root, name) = (fresh("v"), fresh("v"), fresh("v"))
    out.append(.statement("let \(x) = \(real(scope, 2))"))
    let unsafe = one(of: ["sqrt(\(x) - 0.1)", "log(\(x) - 0.05)", "1 / max(\(x), 0)", "1 / (\(x) + abs(\(x)))"])
    out.append(.statement("let \(root) = \(unsafe)"))
    out.append(.statement("let \(name) = if \(x) > 0.2 { tanh(\(root)) * \(real(scope, 1)) } else { \(real(scope, 1)) }"))
    scope.add(x, .real)
    scope.add(name, .real)
  }

  // MARK: Loops

  private struct State {
    var name: String
    var type: ProgramType
    var isPerRow = false
  }

  private mutating func forLoop(_ scope: inout Scope, _ out: inout [Node]) {
    guard spend() else { return letNumber(&scope, &out) }
    let count = one(of: scope.sizes)
    var states: [State] = []
    for _ in 0..<1 + below(3) {
      var state = State(name: fresh("s"), type: chance(60) ? .real : .reals(shape(scope)))
      // One row in each step.
      state.isPerRow = state.type.shape.first == count && chance(60)
      states.append(state)
      out.append(declaration(of: state, scope))
      scope.add(state.name, state.type)
    }
    var inner = scope
    inner.nesting += 1
    let t = fresh("t")
    inner.add(t, .index(count))
    let header = inner
    var statements = block(&inner, below(2))
    for state in states where !chance(8) { statements.append(nextStatement(state, t, &inner)) }
    statements += block(&inner, below(2))
    var records: [(String, ProgramType)] = []
    for _ in 0..<below(3) {
      let name = fresh("r")
      let type: ProgramType = chance(70) ? .real : .reals([one(of: scope.sizes)])
      statements.append(.statement("record \(name) = \(expression(type, inner, 2))"))
      records.append((name, .reals([count] + type.shape)))
    }
    let down = chance(25) ? " down" : ""
    let condition: Node = chance(25) ? .plain(" where \(truth(header, 0))") : .plain("")
    out.append(.statement("for \(t) in \(count)\(condition)\(down) {\n\(statements)}"))
    for (name, type) in records { scope.add(name, type) }
  }

  private mutating func declaration(of state: State, _ scope: Scope) -> Node {
    if chance(40) { return .statement("state \(state.name): \(state.type.text) = \(one(of: ["0", "1", "0.5"]))") }
    return .statement("state \(state.name): \(state.type.text) = \(expression(state.type, scope, 1))")
  }

  /// Damped, so that no number grows from step to step.
  private mutating func nextStatement(_ state: State, _ step: String, _ inner: inout Scope) -> Node {
    let name = Node.name(state.name, state.type)
    defer { inner.variables.append(Variable(name: "next \(state.name)", type: state.type, isDifferentiable: true)) }
    if state.isPerRow {
      let rest = Array(state.type.shape.dropFirst())
      let index = chance(70) ? "\(step)" : "\(state.type.shape[0]) - 1 - \(step)"
      return .statement("next \(state.name)[\(index)] = \(expression(.reals(rest), inner, 2))")
    }
    if state.type.shape.isEmpty {
      return chance(60)
        ? .statement("next \(state.name) = \(literal().first == "0" ? "0.6" : "0.9") * \(name) + tanh(\(real(inner, 3)))")
        : .statement("next \(state.name) = tanh(\(real(inner, 3)))")
    }
    return .statement("next \(state.name) = tanh(0.7 * \(name) + \(array(state.type.shape, inner, 2)))")
  }

  private mutating func whileLoop(_ scope: inout Scope, _ out: inout [Node]) {
    guard spend() else { return letNumber(&scope, &out) }
    let (left, other) = (fresh("s"), fresh("s"))
    out.append(.statement("state \(left): Float = 1.6 + tanh(\(real(scope, 1)))"))
    out.append(.statement("state \(other): Float = \(real(scope, 1))"))
    scope.add(left, .real)
    scope.add(other, .real)
    var inner = scope
    inner.nesting += 1
    var statements = [Node.statement("next \(left) = \(left) - 0.25 - 0.1 * sigmoid(\(real(inner, 2)))")]
    inner.variables.append(Variable(name: "next \(left)", type: .real, isDifferentiable: true))
    statements += block(&inner, below(2))
    statements.append(.statement("next \(other) = tanh(\(other) + \(real(inner, 2)))"))
    let more = chance(30) ? " && \(other) < 3" : ""
    out.append(.statement("while \(left) > 0.3\(more), atMost: 30 {\n\(statements)}"))
  }
}
