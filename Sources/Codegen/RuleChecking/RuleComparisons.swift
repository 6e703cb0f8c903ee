import ModelDSL

// What is seen only when a rule is held against something else: another rule, a comment, its own terms.

extension RuleStudy {
  /// What the rule's form says.
  var structuralDiagnostics: [Diagnostic] {
    var found: [Diagnostic] = []
    for clause in nonlinearClauses {
      found.append(.forwardModeRefuses(context.program[clause.variable].name, at: clause.rule.expression.range))
    }
    if let like = site.smooth, case .expression(let value) = site.subject {
      let reached = reads(like)
      for id in Reads(value).order where context.isVaried(id) && probe.place(of: id) != nil && !reached.contains(id) {
        // What only the smooth value's `let`s read is reached too.
        found.append(.likeLeavesOut(context.program[id].name, at: like.range))
      }
    }
    return found
  }

  /// The variables that an expression reads, those behind its `let`s included.
  private func reads(_ expression: TypedExpression) -> Set<VariableID> {
    var found: Set<VariableID> = []
    var open = [expression]
    while let next = open.popLast() {
      for id in Reads(next).variables where found.insert(id).inserted {
        if let definition = context.definitions[id] { open.append(definition) }
      }
    }
    return found
  }

  private var nonlinearClauses: [RuleSite.Clause] {
    let gradients = site.clauses.filter { if case .cotangent = $0.rule { true } else { false } }
    if gradients.isEmpty { return [] }
    let procedure = probe.procedure(under: []) { lowerer, arguments in
      let value = try lowerer.value(of: site.subject, arguments)
      var rules: [Rule] = []
      for clause in gradients {
        guard case .cotangent(let g, let e) = clause.rule, let target = lowerer.scope.lookup(clause.variable)?.value else { continue }
        let incoming = lowerer.builder.fresh(lowerer.builder.values[value])
        let result = lowerer.builder.fresh(lowerer.builder.values[value])
        let block = try lowerer.block(parameters: [incoming, result]) { lowerer in
          lowerer.scope.bind(g, .value(incoming))
          if let ruledValue = site.ruledValue { lowerer.scope.bind(ruledValue, .value(result)) }
          return [try lowerer.value(e)]
        }
        rules.append(Rule(target: target, kind: .cotangent, block: block))
      }
      return lowerer.builder.emit(.ruled(value, rules))
    }
    guard let procedure else { return [] }
    let (_, blocks) = Differentiation.tangentBlocks(of: procedure, rules: context.table)
    guard let found = blocks.values.first, found.count == gradients.count else { return [] }
    return zip(gradients, found).filter { $1 == nil }.map(\.0)
  }
}

/// Variables that a value depends on through a function that it was given, and that no label can name: their gradient is cut without a word.
func undeclaredDependences(_ sites: [RuleSite], _ context: ProbeContext) -> [Diagnostic] {
  sites.flatMap { site -> [Diagnostic] in
    guard case .expression(let value) = site.subject, site.smooth == nil, let range = site.givenAt else { return [] }
    let called = Reads(value).variables
    return site.functions.flatMap { variable, function -> [Diagnostic] in
      guard called.contains(variable), case .literal(let parameters, let body) = function else { return [] }
      let captured = Reads(body).order.filter { context.isVaried($0) && !parameters.contains($0) && context.isDeclared($0, outside: body) }
      return captured.map { .dependenceWithoutLabel(context.program[$0].name, at: range) }
    }
  }
}

extension ProbeContext {
  /// Whether a variable that an expression reads is declared around it.
  fileprivate func isDeclared(_ id: VariableID, outside body: TypedExpression) -> Bool {
    let place = program[id].range
    return place.file != body.range.file || place.lower < body.range.lower || place.upper > body.range.upper
  }
}

/// Rules for the same value, one by a slope and one by `like:`, that differ by a constant factor.
func contradictions(_ judgements: [LineJudgement]) -> [Diagnostic] {
  var found: [Diagnostic] = []
  let written = judgements.filter { $0.line.clause != nil && $0.isHard && $0.line.isElementwise && !$0.line.isScaled }
  for smooth in judgements where smooth.line.clause == nil && smooth.isHard && smooth.line.isElementwise {
    for rule in written {
      guard let factor = rule.factor(over: smooth), abs(factor - 1) > 0.01 else { continue }
      found.append(.contradictsLike(rule.name, factor: factor, like: smooth.line.range, at: rule.line.range))
    }
  }
  return found
}

extension LineJudgement {
  /// How many times the other's slope this one is, for the same value; nil where that is not one number.
  fileprivate func factor(over other: LineJudgement) -> Double? {
    let points = (sets.first.map(telling) ?? []) + RuleStudy.few
    guard let own = few(at: points), let others = other.few(at: points), own.values == others.values else { return nil }
    let places = points.indices.filter { own.isUsable($0) && others.isUsable($0) }
    let (largest, otherLargest) = (own.largestSlope, others.largestSlope)
    guard largest > 0, otherLargest > 0 else { return nil }
    var ratio: Double?
    for place in places where abs(own.slopes[place]) > 2e-3 * largest || abs(others.slopes[place]) > 2e-3 * otherLargest {
      guard others.slopes[place] != 0 else { return nil }
      let here = own.slopes[place] / others.slopes[place]
      if let ratio, abs(here - ratio) > 5e-3 * abs(ratio) { return nil }
      ratio = ratio ?? here
    }
    // Constant slopes are all multiples of each other.
    guard places.contains(where: { abs(own.slopes[$0]) < 0.5 * largest }) else { return nil }
    return ratio
  }
}

// MARK: Comments

/// Formulas in comments that say something else than the function.
func commentMismatches(_ context: ProbeContext) -> [Diagnostic] {
  context.program.documentedFormulas.compactMap { CommentCheck($0, context)?.diagnostic }
}

private struct CommentCheck {
  let formula: DocumentedFormula
  let context: ProbeContext
  private let probe: RuleProbe
  private let procedure: Procedure
  private let places: [Int]

  init?(_ formula: DocumentedFormula, _ context: ProbeContext) {
    var expressions: [TypedExpression] = []
    if case .slope(let slope) = formula.subject { expressions.append(slope) }
    guard let probe = RuleProbe(expressions, arguments: [], kept: Set(formula.parameters), bound: [], context) else { return nil }
    let procedure = probe.procedure(under: []) { lowerer, _ in
      let computed: Value
      switch formula.subject {
      case .slope(let slope): computed = try lowerer.value(slope)
      case .function(let id):
        let function = context.program[id]
        let identity = Dictionary(uniqueKeysWithValues: function.sizes.map { ($0, Size($0)) })
        computed = try lowerer.call(
          .function(id), function.parameters.map { lowerer.scope.lookup($0)! }, sizes: identity, mapped: [], resultType: .real,
          range: function.range
        ).value
      }
      return [computed, try lowerer.value(formula.expression)]
    }
    guard let procedure else { return nil }
    self.formula = formula
    self.context = context
    self.probe = probe
    self.procedure = procedure
    places = formula.parameters.compactMap { probe.place(of: $0) }
  }

  /// The first point at which the two differ, where they do at many.
  var diagnostic: Diagnostic? {
    guard let line = places.first(where: { probe.inputs[$0].type.element == .real }) else { return nil }
    let points = RuleStudy.few
    var compared = 0
    var differing: [(point: Double, code: Double, comment: Double)] = []
    for assignment in RuleProbe.assignments {
      var (code, comment): ([Double], [Double]) = ([], [])
      switch formula.meaning {
      case .value:
        guard let columns = probe.run(procedure, line: line, at: points, assignment: assignment) else { return nil }
        (code, comment) = (columns[0].first, columns[1].first)
      case .antiderivative:
        guard let derivative = probe.derivative(of: procedure, line: line),
          let columns = probe.run(derivative, line: line, at: points, assignment: assignment, tangent: .allElements)
        else { return nil }
        (code, comment) = (columns[0].first, columns[3].first)
      }
      let largest = code.reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
      for place in points.indices where code[place].isFinite && comment[place].isFinite {
        compared += 1
        // Where both are small beside the largest, rounding may differ.
        let tolerance = 2e-3 * max(abs(code[place]), abs(comment[place])) + 1e-5 * largest + 1e-12
        if abs(code[place] - comment[place]) > tolerance { differing.append((points[place], code[place], comment[place])) }
      }
    }
    // A boundary, or a case that the sentence leaves out, is not worth a word.
    guard compared > 0, differing.count * 20 > compared,
      let first = differing.max(by: { abs($0.code - $0.comment) < abs($1.code - $1.comment) })
    else { return nil }
    return .commentDiffers(
      formula, variable: probe.inputs[line].name, point: first.point, code: first.code, comment: first.comment)
  }
}

// MARK: Terms of sums

/// Sums whose first two terms are one and the same: most often the index starts at 0 where the formula has 1.
func repeatedTerms(_ context: ProbeContext) -> [Diagnostic] {
  var found: [Diagnostic] = []
  var seen: Set<SourceRange> = []
  func look(_ e: TypedExpression) {
    e.walk { inner in
      if case .reduction(.sum, let axes, nil, let body) = inner.kind, axes.count == 1, seen.insert(inner.range).inserted,
        hasRepeatedTerms(axes[0].variable, body, inner, context)
      {
        found.append(.termsRepeat(context.program[axes[0].variable].name, at: inner.range))
      }
      return true
    }
  }
  for function in context.program.functions where !function.isLibrary { function.body.forEachExpression(look) }
  for site in ruleSites(of: context.program) { for clause in site.clauses { look(clause.rule.expression) } }
  return found
}

private func hasRepeatedTerms(_ axis: VariableID, _ body: TypedBlock, _ sum: TypedExpression, _ context: ProbeContext) -> Bool {
  guard let probe = RuleProbe([sum], arguments: [], kept: [], bound: [axis], context), probe.elementCount < 200,
    let line = probe.inputs.firstIndex(where: { $0.type == .real }),
    let procedure = probe.procedure(
      under: [],
      { lowerer, _ in
        try [0, 1, 2].map { place in
          lowerer.scope.bind(axis, .value(lowerer.builder.integer(place)))
          return try lowerer.lower(lowerer.newScope(), body).value
        }
      }), procedure.values.entries.allSatisfy({ $0.type.element != .real || $0.type.shape.count <= 1 })
  else { return false }
  guard let columns = probe.run(procedure, line: line, at: RuleStudy.few, assignment: 1) else { return false }
  let terms = columns.map(\.first)
  let largest = terms[0].reduce(0) { max($0, abs($1)) }
  guard largest > 0, largest.isFinite else { return false }
  func agree(_ a: [Double], _ b: [Double]) -> Bool { zip(a, b).allSatisfy { abs($0 - $1) <= 1e-5 * largest } }
  let varies = terms[0].contains { abs($0 - terms[0][0]) > 1e-3 * largest }
  return varies && agree(terms[0], terms[1]) && !agree(terms[1], terms[2])
}
