// "No silent zero": which variables a gradient can reach at all, seen from the structure alone. What is not real cuts it (comparisons,
// `Int`, places of extremes), and so do slopes that are written as 0, unless a rule in force says otherwise.

/// The rules that are in force somewhere, by the function that they are for.
typealias RulesInForce = [Callee: RuleDeclaration]

extension RulesInForce {
  mutating func add(_ rules: [RuleDeclaration]) {
    for rule in rules { self[rule.target] = rule }
  }
  mutating func add(_ statements: [TypedStatement]) {
    for statement in statements { if case .rule(let rule) = statement.kind { self[rule.target] = rule } }
  }
}

extension RuleClause {
  /// Written as 0.
  var isZero: Bool {
    switch self {
    case .slope(let e), .cotangent(_, let e):
      if case .real(let value) = e.kind { return value == 0 }
      return false
    }
  }
}

/// Collects, for each variable, the variables through which its gradient goes on.
struct GradientFlow {
  let checker: Checker
  /// Whether a gradient goes through each parameter of a function, by function and the rules in force.
  var summaries: [String: Set<Int>] = [:]
  private(set) var edges: [VariableID: Set<VariableID>] = [:]
  /// Where gradients of some variables end.
  private(set) var cuts: [(variables: Set<VariableID>, range: SourceRange)] = []
  private var visitedInstances: Set<InstanceID> = []

  init(_ checker: Checker) { self.checker = checker }

  /// All variables that a gradient reaches from some, these included.
  func closure(_ start: Set<VariableID>) -> Set<VariableID> {
    var seen = start
    var open = Array(start)
    while let next = open.popLast() {
      for other in edges[next] ?? [] where seen.insert(other).inserted { open.append(other) }
    }
    return seen
  }

  /// The first places where the gradient on its way to a variable ends.
  func cuts(of variable: VariableID) -> [SourceRange] {
    var ranges: [SourceRange] = []
    for cut in cuts where !ranges.contains(cut.range) && closure(cut.variables).contains(variable) { ranges.append(cut.range) }
    return Array(ranges.prefix(3))
  }

  mutating func visit(_ statements: [TypedStatement], _ outer: RulesInForce) {
    var rules = outer
    rules.add(statements)
    for statement in statements {
      switch statement.kind {
      case .binding(let pattern, let e):
        if case .tuple(let parts) = pattern, let items = itemFlows(e, rules), parts.count == items.count {
          for (part, item) in zip(parts, items) { connect(part.variables, item) }
        } else {
          connect(pattern.variables, flow(e, rules))
        }
      case .state(let id, let e), .record(let id, let e): connect([id], flow(e, rules))
      case .next(let targets, let value):
        let states = targets.map { $0?.state }
        if states.count > 1, let items = itemFlows(value, rules), items.count == states.count {
          for (state, item) in zip(states, items) { connect(state.map { [$0] } ?? [], item) }
        } else {
          connect(states.compactMap { $0 }, flow(value, rules))
        }
      case .loop(let loop): visit(loop.body, rules)
      case .whileLoop(let loop): visit(loop.body, rules)
      case .rule: break
      }
    }
  }

  private mutating func connect(_ ids: [VariableID], _ sources: Set<VariableID>) {
    for id in ids { edges[id, default: []].formUnion(sources) }
  }

  /// For each item of a tuple, the variables that its gradient goes on to; nil where the value is not seen as items.
  private mutating func itemFlows(_ e: TypedExpression, _ rules: RulesInForce) -> [Set<VariableID>]? {
    guard case .tuple(let fields) = e.type else { return nil }
    switch e.kind {
    case .tuple(let items): return items.map { flow($0, rules) }
    case .call(.function(let id), let arguments, _, _) where rules[.function(id)] == nil:
      let sources = arguments.map { flow($0, rules) }
      let items = fields.indices.map { item -> Set<VariableID> in
        let open = passing(.function(id), rules, item: item)
        return sources.enumerated().reduce(into: []) { if open.contains($1.offset) { $0.formUnion($1.element) } }
      }
      for item in items { for source in sources { note(source.subtracting(item), cutAt: e.range) } }
      return items
    case .block(let block):
      visit(block.statements, rules)
      var inner = rules
      inner.add(block.statements)
      return itemFlows(block.value, inner)
    case .conditional(_, let a, let b):
      visit(a.statements, rules)
      visit(b.statements, rules)
      guard let x = itemFlows(a.value, rules), let y = itemFlows(b.value, rules) else { return nil }
      return zip(x, y).map { $0.union($1) }
    case .advance(let id, let arguments):
      _ = flow(id, arguments, rules)
      var inner = rules
      inner.add(checker.instances[id.index].statements)
      return checker.instances[id.index].outputs.map { flow($0.value, inner) }
    default: return nil
    }
  }

  private mutating func flow(_ block: TypedBlock, _ rules: RulesInForce) -> Set<VariableID> {
    visit(block.statements, rules)
    var inner = rules
    inner.add(block.statements)
    return flow(block.value, inner)
  }

  /// The variables whose gradient comes from that of `e`.
  mutating func flow(_ e: TypedExpression, _ rules: RulesInForce) -> Set<VariableID> {
    guard e.type.hasReal || e.type.isFunction else {
      note(Reads(e).variables, cutAt: e.range)
      return []
    }
    switch e.kind {
    case .real, .integer, .boolean, .size: return []
    case .variable(let id), .next(let id): return [id]
    case .primitive(let primitive, let operands): return flow(operands, through: .primitive(primitive), rules, at: e.range)
    case .shortCircuit: return []
    case .call(let callee, let arguments, _, _):
      if case .variable(let id) = callee { return arguments.reduce(into: [id]) { $0.formUnion(flow($1, rules)) } }
      return flow(arguments, through: callee, rules, at: e.range)
    case .prime(let callee, let argument, _):
      let inner = flow(argument, rules)
      if case .variable(let id) = callee { return inner.union([id]) }
      return inner
    case .tuple(let items), .array(let items): return items.reduce(into: []) { $0.formUnion(flow($1, rules)) }
    case .element(let base, let place):
      if let items = itemFlows(base, rules), items.indices.contains(place) { return items[place] }
      return flow(base, rules)
    case .subscripted(let base, _), .spread(let base, _), .fold(_, let base): return flow(base, rules)
    case .build(_, let body), .block(let body): return flow(body, rules)
    case .reduction(_, _, _, let body): return flow(body, rules)
    case .contract(let a, let b): return flow(a, rules).union(flow(b, rules))
    case .conditional(_, let a, let b): return flow(a, rules).union(flow(b, rules))
    case .function(.named(let callee, _)):
      if case .variable(let id) = callee { return [id] }
      return []
    case .function(.literal(_, let body)): return flow(body, rules)
    case .inject(let inject):
      var result: Set<VariableID> = []
      for (variable, clause) in inject.clauses {
        if clause.isZero { note([variable], cutAt: e.range) } else { result.insert(variable) }
      }
      return result
    case .bypass(_, let like): return flow(like, rules)
    case .gradient(let inner, _), .jacobian(let inner, _): return flow(inner, rules)
    case .jvp(let inner, let tangents): return tangents.reduce(into: flow(inner, rules)) { $0.formUnion(flow($1.1, rules)) }
    case .advance(let id, let arguments): return flow(id, arguments, rules)
    }
  }

  private mutating func flow(_ id: InstanceID, _ arguments: [TypedExpression], _ rules: RulesInForce) -> Set<VariableID> {
    let instance = checker.instances[id.index]
    for (input, argument) in zip(instance.inputs, arguments) { connect([input], flow(argument, rules)) }
    if visitedInstances.insert(id).inserted { visit(instance.statements, rules) }
    for (variable, function) in instance.functions {
      if case .literal(_, let body) = function { connect([variable], flow(body, rules)) }
    }
    var inner = rules
    inner.add(instance.statements)
    return instance.outputs.reduce(into: []) { $0.formUnion(flow($1.value, inner)) }
  }

  /// Through a call: by the rule in force for what is called, or by what is inside it.
  private mutating func flow(
    _ arguments: [TypedExpression], through callee: Callee, _ rules: RulesInForce, at range: SourceRange
  ) -> Set<VariableID> {
    let open = passing(callee, rules)
    var result: Set<VariableID> = []
    for (place, argument) in arguments.enumerated() {
      let sources = flow(argument, rules)
      if open.contains(place) { result.formUnion(sources) } else { note(sources, cutAt: range) }
    }
    return result
  }

  private mutating func note(_ variables: Set<VariableID>, cutAt range: SourceRange) {
    if !variables.isEmpty { cuts.append((variables, range)) }
  }

  /// The places of the parameters through which a gradient passes.
  private mutating func passing(_ callee: Callee, _ outer: RulesInForce, item: Int? = nil) -> Set<Int> {
    if let rule = outer[callee] ?? tableRule(callee) {
      return Set(zip(rule.parameters, rule.clauses).filter { !$1.isZero }.map(\.0.position))
    }
    guard case .function(let id) = callee else { return [0, 1] }
    let function = checker.functions[id.index]
    var rules = outer
    if function.file != checker.rootFile { rules.add(checker.fileRules[function.file] ?? []) }
    rules.add(function.body.statements)
    let key =
      "\(id.index).\(item ?? -1):"
      + rules.map { "\($0.key)=\($0.value.range.file.index).\($0.value.range.lower)" }.sorted().joined(separator: ",")
    if let known = summaries[key] { return known }
    var inner = GradientFlow(checker)
    inner.summaries = summaries
    inner.visit(function.body.statements, rules)
    let value = function.body.value
    let sources = item.flatMap { place in inner.itemFlows(value, rules).map { $0[place] } } ?? inner.flow(value, rules)
    let reached = inner.closure(sources)
    summaries = inner.summaries
    let places = Set(function.parameters.indices.filter { reached.contains(function.parameters[$0]) })
    summaries[key] = places
    return places
  }

  private func tableRule(_ callee: Callee) -> RuleDeclaration? {
    guard case .primitive = callee else { return nil }
    return checker.primitiveRules.first { $0.target == callee }
  }
}

extension Type {
  var isFunction: Bool { if case .function = self { true } else { false } }
}

extension Checker {
  /// A learned parameter must be able to change the loss.
  mutating func checkGradientsReach() {
    for model in models where model.loss != nil {
      guard let loss = model.loss else { continue }
      var rules: RulesInForce = [:]
      rules.add(fileRules[rootFile] ?? [])
      var flow = GradientFlow(self)
      flow.visit(model.statements, rules)
      rules.add(model.statements)
      let sources = flow.flow(loss, rules)
      let reached = flow.closure(sources)
      let read = readVariables(of: model)
      for parameter in model.parameters where !reached.contains(parameter.variable) {
        report(
          .parameterWithoutGradient(
            path: parameter.path, isRead: read.contains(parameter.variable), cuts: flow.cuts(of: parameter.variable),
            at: variables[parameter.variable.index].range))
      }
    }
    for derivation in derivations where derivation.kinds != [.value] { checkDerivativeReaches(derivation) }
  }

  /// A derivative that is asked for must not be zero by its structure.
  private mutating func checkDerivativeReaches(_ derivation: Derivation) {
    guard case .function(let id) = derivation.subject else { return }
    let function = functions[id.index]
    var rules: RulesInForce = [:]
    rules.add(fileRules[function.file] ?? [])
    rules.add(function.body.statements)
    var flow = GradientFlow(self)
    flow.visit(function.body.statements, rules)
    let sources = flow.flow(function.body.value, rules)
    let reached = flow.closure(sources)
    for variable in derivation.variables where !reached.contains(variable) {
      report(
        .derivativeWithoutPath(
          name: variables[variable.index].name, function: function.name, cuts: flow.cuts(of: variable), at: derivation.range))
    }
  }

  private func readVariables(of model: Model) -> Set<VariableID> {
    var read: Set<VariableID> = []
    var instancesSeen: Set<InstanceID> = []
    func add(_ e: TypedExpression) {
      read.formUnion(Reads(e).variables)
      e.walk { inner in
        if case .advance(let id, _) = inner.kind, instancesSeen.insert(id).inserted {
          for statement in instances[id.index].statements { statement.forEachExpression(add) }
          for output in instances[id.index].outputs { add(output.value) }
        }
        return true
      }
    }
    for statement in model.statements { statement.forEachExpression(add) }
    if let loss = model.loss { add(loss) }
    for output in model.outputs { add(output.value) }
    return read
  }
}
