import ModelDSL

/// One place where a derivative is written: `inject` as a declaration or as an expression.
struct RuleSite {
  enum Owner {
    case file(FileID)
    case function(FunctionID)
    case model(Int)
    case instance(InstanceID, model: Int)
  }
  /// What keeps its value.
  enum Subject {
    /// A call of the rule's function with the rule's parameters.
    case call(Callee, parameters: [(position: Int, variable: VariableID)])
    case expression(TypedExpression)
  }
  struct Clause {
    /// What the derivative is with respect to.
    let variable: VariableID
    let rule: RuleClause
  }

  let owner: Owner
  let subject: Subject
  let ruledValue: VariableID?
  let clauses: [Clause]
  /// `inject(value, like: smooth)`: the derivative is that of this expression.
  let smooth: TypedExpression?
  let range: SourceRange
  /// What functions that are given to the function around the place stand for.
  var functions: [(variable: VariableID, value: FunctionValue)] = []
  /// Where these functions are given: what is wrong with the slope is wrong there.
  var givenAt: SourceRange?
}

/// The places where derivatives are written in the user's files, each once, in the order of the source.
func ruleSites(of program: CheckedProgram) -> [RuleSite] {
  var collector = RuleSiteCollector(program)
  for (file, rules) in program.fileRules where collector.isUsers(file) {
    for rule in rules { collector.add(rule, owner: .file(file)) }
  }
  for function in program.functions where !function.isLibrary { collector.visit(function.body, owner: .function(function.id)) }
  for (place, model) in program.models.enumerated() {
    collector.visit(model.statements, owner: .model(place))
    for output in model.outputs { collector.visit(output.value, owner: .model(place)) }
    if let loss = model.loss { collector.visit(loss, owner: .model(place)) }
  }
  return collector.sites.sorted { ($0.range.file.index, $0.range.lower) < ($1.range.file.index, $1.range.lower) }
}

private struct RuleSiteCollector {
  let program: CheckedProgram
  private(set) var sites: [RuleSite] = []
  private var seen: Set<SourceRange> = []
  private var seenInstances: Set<InstanceID> = []
  private var given: (functions: [(variable: VariableID, value: FunctionValue)], range: SourceRange)?

  init(_ program: CheckedProgram) { self.program = program }

  func isUsers(_ file: FileID) -> Bool { !program.sources[file].path.hasPrefix("library/") }

  mutating func add(_ rule: RuleDeclaration, owner: RuleSite.Owner) {
    let clauses = zip(rule.parameters, rule.clauses).map { RuleSite.Clause(variable: $0.variable, rule: $1) }
    add(
      RuleSite(
        owner: owner, subject: .call(rule.target, parameters: rule.parameters), ruledValue: rule.ruledValue, clauses: clauses, smooth: nil,
        range: rule.range))
    for clause in rule.clauses { visit(clause.expression, owner: owner) }
  }

  private mutating func add(_ site: RuleSite) {
    guard isUsers(site.range.file) else { return }
    if let given {
      var site = site
      site.functions = given.functions
      site.givenAt = given.range
      sites.append(site)
    } else if seen.insert(site.range).inserted {
      sites.append(site)
    }
  }

  /// The sites of a function of functions, for what it is given here.
  private mutating func visit(_ function: Function, givenBy arguments: [TypedExpression]) {
    let functions = zip(function.parameters, arguments).compactMap { parameter, argument -> (variable: VariableID, value: FunctionValue)? in
      guard case .function(let value) = argument.kind, !value.isParameter else { return nil }
      return (parameter, value)
    }
    let range = arguments.first { if case .function = $0.kind { true } else { false } }?.range
    guard let range, given == nil, functions.count == function.parameters.count(where: { program[$0].role == .function }) else { return }
    given = (functions, range)
    visit(function.body, owner: .function(function.id))
    given = nil
  }

  mutating func visit(_ block: TypedBlock, owner: RuleSite.Owner) {
    visit(block.statements, owner: owner)
    visit(block.value, owner: owner)
  }

  mutating func visit(_ statements: [TypedStatement], owner: RuleSite.Owner) {
    for statement in statements {
      switch statement.kind {
      case .rule(let rule): add(rule, owner: owner)
      case .binding(_, let e), .state(_, let e), .record(_, let e): visit(e, owner: owner)
      case .next(let targets, let value):
        for target in targets { for index in target?.indices ?? [] { visit(index, owner: owner) } }
        visit(value, owner: owner)
      case .loop(let loop):
        if let condition = loop.condition { visit(condition, owner: owner) }
        visit(loop.body, owner: owner)
      case .whileLoop(let loop):
        visit(loop.condition, owner: owner)
        visit(loop.body, owner: owner)
      }
    }
  }

  mutating func visit(_ e: TypedExpression, owner: RuleSite.Owner) {
    switch e.kind {
    case .inject(let inject):
      let clauses = inject.clauses.map { RuleSite.Clause(variable: $0.variable, rule: $0.clause) }
      add(
        RuleSite(
          owner: owner, subject: .expression(inject.value), ruledValue: inject.ruledValue, clauses: clauses, smooth: nil, range: e.range))
    case .bypass(let value, let like):
      add(RuleSite(owner: owner, subject: .expression(value), ruledValue: nil, clauses: [], smooth: like, range: e.range))
    case .advance(let id, _) where seenInstances.insert(id).inserted:
      guard case .model(let model) = owner else { break }
      visit(program[id].statements, owner: .instance(id, model: model))
      for output in program[id].outputs { visit(output.value, owner: .instance(id, model: model)) }
    case .call(.function(let id), let arguments, _, _)
    where !program[id].isLibrary && arguments.contains { if case .function = $0.kind { true } else { false } }:
      visit(program[id], givenBy: arguments)
    // Blocks may hold rules, which are no expressions.
    case .build(_, let block), .block(let block), .reduction(_, _, nil, let block):
      visit(block, owner: owner)
      return
    case .conditional(let condition, let a, let b):
      visit(condition, owner: owner)
      visit(a, owner: owner)
      visit(b, owner: owner)
      return
    default: break
    }
    var children: [TypedExpression] = []
    e.forEachChild { children.append($0) }
    for child in children { visit(child, owner: owner) }
  }
}

extension FunctionValue {
  /// Whether it is only handed on.
  fileprivate var isParameter: Bool {
    if case .named(.variable, _) = self { return true }
    return false
  }
}
