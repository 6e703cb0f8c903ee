import ModelDSL

/// A rule with the procedures that compute what is to be known of it.
struct RuleStudy {
  let site: RuleSite
  let context: ProbeContext
  let probe: RuleProbe
  /// The value whose derivative is written, then what each clause gives.
  let values: Procedure
  /// The value and what `like:` names; its derivative is the rule.
  let smooth: Procedure?
  let lines: [RuleLine]

  /// Nil where the rule cannot be evaluated on its own.
  init?(_ site: RuleSite, _ context: ProbeContext) {
    var context = context
    if case .instance(let id, _) = site.owner { context.functions = context.program[id].functions }
    context.functions += site.functions
    self.site = site
    self.context = context
    let program = context.program

    var expressions = site.clauses.map(\.rule.expression) + (site.smooth.map { [$0] } ?? [])
    var arguments: [(place: Int, type: Type, known: Double?)] = []
    var kept = Set(site.clauses.map(\.variable))
    switch site.subject {
    case .expression(let value): expressions.append(value)
    case .call(let callee, let parameters):
      kept.formUnion(parameters.map(\.variable))
      arguments = context.unnamedArguments(of: callee, named: Set(parameters.map(\.position)))
    }
    if let smooth = site.smooth {
      kept = Set(Reads(smooth).order.filter { context.isVaried($0) })
      if case .expression(let value) = site.subject { kept.formUnion(Reads(value).order.filter { context.isVaried($0) }) }
    }
    let rules = expressions.contains(where: \.takesDerivatives) || site.smooth != nil ? context.rulesInForce(at: site.owner) : []
    expressions += rules.joined().flatMap { $0.clauses.map(\.expression) }
    let bound = Set((site.ruledValue.map { [$0] } ?? []) + rules.joined().flatMap(\.boundVariables))
    guard let probe = RuleProbe(expressions, arguments: arguments, kept: kept, bound: bound, context) else { return nil }
    self.probe = probe

    let values = probe.procedure(under: rules) { lowerer, arguments in
      let value = try lowerer.value(of: site.subject, arguments)
      if let ruledValue = site.ruledValue { lowerer.scope.bind(ruledValue, .value(value)) }
      return [value] + (try site.clauses.map { try lowerer.value($0.rule.expression) })
    }
    guard let values else { return nil }
    self.values = values
    if let like = site.smooth {
      smooth = probe.procedure(under: rules) { lowerer, arguments in
        [try lowerer.value(of: site.subject, arguments), try lowerer.value(like)]
      }
    } else {
      smooth = nil
    }

    let valueShape = values.values[values.body.results[0]].shape.dropFirst()
    var lines: [RuleLine] = []
    func addLine(_ variable: VariableID, _ clause: Int?, _ range: SourceRange) {
      guard let place = probe.place(of: variable), probe.inputs[place].type.element == .real else { return }
      let shape = probe.inputs[place].type.shape
      let isVector = if let clause, case .cotangent = site.clauses[clause].rule { !valueShape.isEmpty } else { false }
      lines.append(
        RuleLine(
          name: program[variable].name, place: place, clause: clause, range: site.givenAt ?? range,
          isElementwise: shape.isEmpty || shape == Array(valueShape), isScaled: isVector))
    }
    for (place, clause) in site.clauses.enumerated() { addLine(clause.variable, place, clause.rule.expression.range) }
    if let like = site.smooth {
      for variable in Reads(like).order where kept.contains(variable) { addLine(variable, nil, like.range) }
    }
    self.lines = lines
  }
}

/// A rule seen as the derivative with respect to one variable.
struct RuleLine {
  let name: String
  /// The variable's place among the inputs of the probe.
  let place: Int
  /// Nil for `like:`.
  let clause: Int?
  /// Of what gives the derivative.
  let range: SourceRange
  /// Whether each element of the value depends on the variable's element at its place alone, or the variable is a number.
  var isElementwise: Bool
  /// Whether what is seen is a multiple of the slope: the rule has an incoming gradient of many numbers.
  let isScaled: Bool
}

extension Lowerer {
  /// What keeps its value, under no rules of the user's.
  mutating func value(of subject: RuleSite.Subject, _ arguments: [Int: Value]) throws -> Value {
    try within(scope, RulesInForce()) { lowerer in
      switch subject {
      case .expression(let value): return try lowerer.value(value)
      case .call(let callee, let parameters):
        var byPlace = arguments
        for (position, variable) in parameters { byPlace[position] = lowerer.scope.lookup(variable)?.value }
        var sizes: [SizeSymbol: Size] = [:]
        var result = Type.real
        var range = SourceRange(file: lowerer.program.rootFile, lower: 0, upper: 0)
        if case .function(let id) = callee {
          sizes = Dictionary(uniqueKeysWithValues: lowerer.program[id].sizes.map { ($0, Size($0)) })
          (result, range) = (lowerer.program[id].result, lowerer.program[id].range)
        }
        let values = byPlace.sorted { $0.key < $1.key }.map { Lowered.value($0.value) }
        return try lowerer.call(callee, values, sizes: sizes, mapped: [], resultType: result, range: range).value
      }
    }
  }
}

extension ProbeContext {
  init(_ program: CheckedProgram) {
    self.program = program
    table = lowerRuleTable(program)
    var definitions: [VariableID: TypedExpression] = [:]
    func read(_ statements: [TypedStatement]) {
      for statement in statements {
        switch statement.kind {
        case .binding(.variable(let id), let e): definitions[id] = e
        case .loop(let loop): read(loop.body)
        case .whileLoop(let loop): read(loop.body)
        case .binding, .state, .next, .record, .rule: break
        }
        statement.forEachExpression { e in
          e.walk { inner in
            switch inner.kind {
            case .block(let block), .build(_, let block), .reduction(_, _, _, let block): read(block.statements)
            case .conditional(_, let a, let b):
              read(a.statements)
              read(b.statements)
            default: break
            }
            return true
          }
        }
      }
    }
    for function in program.functions where !function.isLibrary {
      read([
        TypedStatement(
          kind: .binding(.discard, TypedExpression(kind: .block(function.body), type: .real, range: function.range)), range: function.range)
      ])
    }
    for model in program.models { read(model.statements) }
    for instance in program.instances { read(instance.statements) }
    self.definitions = definitions

    var known: [VariableID: Double] = [:]
    func note(_ id: VariableID, _ value: TypedExpression) { if let number = value.literal { known[id] = number } }
    for (parameter, value) in program.parameterDefaults { note(parameter, value) }
    for model in program.models {
      for setting in model.settings { note(setting.variable, setting.value) }
      for parameter in model.parameters { known[parameter.variable] = parameter.initializer.middle }
    }
    knownValues = known
  }

  /// The rules around a place, those of the outermost scope first.
  func rulesInForce(at owner: RuleSite.Owner) -> [[RuleDeclaration]] {
    let root = program.fileRules[program.rootFile] ?? []
    switch owner {
    case .file(let file): return [program.fileRules[file] ?? []]
    case .function(let id):
      let function = program[id]
      return [root, function.file == program.rootFile ? [] : program.fileRules[function.file] ?? [], function.body.statements.rules]
    case .model(let place): return [root, program.models[place].statements.rules]
    case .instance(let id, let place): return [root, program.models[place].statements.rules, program[id].statements.rules]
    }
  }

  /// Of type Float, and neither fixed nor shared without a gradient.
  func isVaried(_ id: VariableID) -> Bool {
    let variable = program[id]
    guard case .array(.real, _) = variable.type else { return false }
    switch variable.role {
    case .parameter, .binding, .state, .record, .learned, .input: return true
    case .axis, .setting, .constant, .cotangent, .ruledValue, .function: return false
    }
  }

  /// The arguments of a rule's function that have no derivative and that the rule does not name.
  func unnamedArguments(of callee: Callee, named: Set<Int>) -> [(place: Int, type: Type, known: Double?)] {
    switch callee {
    case .primitive(let primitive):
      let operands = primitive.signature.operands
      return operands.indices.filter { !named.contains($0) }.map { ($0, operands[$0] == .boolean ? .boolean : .integer, 0) }
    case .function(let id):
      let parameters = program[id].parameters
      return parameters.indices.filter { !named.contains($0) }.map { ($0, program[parameters[$0]].type, knownValues[parameters[$0]]) }
    case .variable: return []
    }
  }
}

extension [TypedStatement] {
  fileprivate var rules: [RuleDeclaration] {
    compactMap { if case .rule(let rule) = $0.kind { rule } else { nil } }
  }
}

extension RuleDeclaration {
  /// What its slopes read that it declares itself.
  fileprivate var boundVariables: [VariableID] {
    [ruledValue] + parameters.map(\.variable)
      + clauses.compactMap { if case .cotangent(let g, _) = $0 { g } else { nil } }
  }
}

extension TypedExpression {
  /// Whether a derivative is taken in it.
  fileprivate var takesDerivatives: Bool {
    var found = false
    walk { e in
      switch e.kind {
      case .prime, .gradient, .jacobian, .jvp: found = true
      default: break
      }
      return !found
    }
    return found
  }

  /// The number that a literal is.
  fileprivate var literal: Double? {
    switch kind {
    case .real(let number): number
    case .integer(let number): Double(number)
    case .primitive(.negate, let operands): operands[0].literal.map { -$0 }
    case .primitive(.realFromInteger, let operands): operands[0].literal
    default: nil
    }
  }
}

extension Initializer {
  /// Where parameters start, on average; nil for weights, which start on both sides of 0.
  fileprivate var middle: Double? {
    switch self {
    case .constant(let value): value
    case .normal(let mean, _): mean == 0 ? nil : mean
    case .uniform(let low, let high): low + high == 0 ? nil : (low + high) / 2
    case .xavierUniform, .xavierNormal, .heUniform, .heNormal, .orthogonal: nil
    }
  }
}
