import ModelDSL

extension RuleStudy {
  /// Why a slope is not finite.
  enum Cause: Hashable {
    /// The first operation whose result is not finite.
    case operation(Primitive)
    /// A condition as a number, 0, was multiplied by it.
    case maskedOut
  }

  /// Numbers that are written in the slopes: features stand near them.
  var centres: [Double] {
    var found: [Double] = []
    func visit(_ block: Block) {
      for statement in block.statements {
        if case .constant(.real(let number)) = statement.operation, abs(number) <= 1e4, abs(number) >= 1e-4 {
          for centre in [number, -number] where !found.contains(centre) { found.append(centre) }
        }
        for inner in statement.operation.blocks { visit(inner) }
      }
    }
    visit(values.body)
    if let smooth { visit(smooth.body) }
    return Array(found.prefix(8))
  }

  /// Places along a line that grids may miss: bounds of the slope over intervals say where it may be no finite number, or something else than
  /// 0 where it is 0 around. Halving goes on there until the places are told apart; where bounds prove that there is nothing, it ends at once.
  func suspects(_ line: RuleLine, assignment: Double) -> [Double] {
    guard let clause = line.clause, probe.inputs[line.place].type.isScalar, let body = values.body.statements.compactMap(\.mapBody).first
    else { return [] }
    let evaluation = IntervalEvaluation(values: values.values, precision: context.program.precision)
    let others = probe.scalarInputs(assignment: assignment)
    func slope(_ interval: Interval) -> Interval {
      var known: [Value: Interval] = [:]
      for (place, input) in values.inputs.enumerated() where probe.inputs[place].type.isScalar {
        known[input.value] = place == line.place ? interval : Interval(others[place])
      }
      return evaluation.results(body, known)[1 + clause]
    }
    enum Question { case finite, nonzero }
    func search(_ question: Question) -> Double? {
      func isOpen(_ bounds: Interval) -> Bool {
        switch question {
        case .finite: !bounds.isFinite
        case .nonzero: !bounds.isZero
        }
      }
      // The whole line first: most rules are proved at once. A zero slope is asked for only where nothing else was seen.
      let whole = Interval(-LineJudgement.moderate, LineJudgement.moderate)
      if !isOpen(slope(whole)) { return nil }
      var open = [whole]
      for _ in 0..<Self.mostHalvings {
        // Depth first, nearest to 0: what is found is one place, not all of them.
        guard let interval = open.popLast() else { return nil }
        let middle = rounded(interval.low < 0 && interval.high > 0 ? 0 : (interval.low + interval.high) / 2)
        guard middle > interval.low, middle < interval.high else { return middle }
        for half in [Interval(interval.low, middle), Interval(middle, interval.high)] where isOpen(slope(half)) { open.append(half) }
        open.sort { min(abs($0.low), abs($0.high)) > min(abs($1.low), abs($1.high)) }
      }
      return nil
    }
    return [search(.finite), search(.nonzero)].compactMap { $0 }
  }

  private static let mostHalvings = 300

  /// The value and its own derivative, as if no rule were written.
  func valueDerivative(along line: RuleLine) -> Procedure? {
    let value = probe.procedure(under: []) { lowerer, arguments in [try lowerer.value(of: site.subject, arguments)] }
    return value.flatMap { probe.derivative(of: $0, line: line.place) }
  }

  /// Whether a derivative is 0 wherever it is looked at.
  func isZero(_ derivative: Procedure, along line: RuleLine) -> Bool {
    let points = Self.few
    guard let columns = probe.run(derivative, line: line.place, at: points, assignment: 1, tangent: .allElements) else { return false }
    return points.indices.allSatisfy { !columns[1].isFinite[$0] || columns[1].first[$0] == 0 }
  }

  /// Whether an element of `like:` depends on other elements of the variable than its own.
  func couplesElements(_ derivative: Procedure, along line: RuleLine) -> Bool {
    if probe.inputs[line.place].type.isScalar { return false }
    let points = Self.few
    guard let columns = probe.run(derivative, line: line.place, at: points, assignment: 1, tangent: .firstElement) else { return true }
    return !points.indices.allSatisfy { columns[3].restIsZero[$0] }
  }

  /// Few points, for what is compared at a glance.
  static let few: [Double] =
    [-40, -8, -3.1, -1.7, -1.1, -0.83, -0.6, -0.42, -0.31, -0.2, -0.13, -0.07, -0.043, -0.02, -0.011, -0.004, -0.0013]
    + [0.0007, 0.003, 0.009, 0.017, 0.03, 0.052, 0.09, 0.15, 0.24, 0.37, 0.49, 0.71, 0.93, 1.3, 1.9, 3.7, 9, 50]

  /// The values that the other inputs of a line had, where the source does not say.
  func describeOthers(_ line: RuleLine, assignment: Double) -> String {
    let others = probe.unknown.filter { $0 != line.place && probe.inputs[$0].type.isScalar && probe.inputs[$0].type.element == .real }
    return others.prefix(3).map { place in
      "`\(probe.inputs[place].name)` \(shortNumber(probe.scalarInputs(assignment: assignment)[place]))"
    }.joined(separator: ", ")
  }

  /// Whether something that the value is made of is not finite at a point, although the value is.
  func valueBreaks(_ line: RuleLine, at point: Double) -> Bool {
    let value = probe.procedure(under: []) { lowerer, arguments in [try lowerer.value(of: site.subject, arguments)] }
    return value.flatMap { trace(of: $0, line, at: point, assignment: 1, tangent: .none) }?
      .contains { !$0.number.isFinite } ?? false
  }

  /// The numbers that a procedure computes on its way at a point.
  private func trace(
    of whole: Procedure, _ line: RuleLine, at point: Double, assignment: Double, tangent: RuleProbe.Tangent
  ) -> [(value: Value, statement: Statement, number: Double)]? {
    // The map over the points gives what its body computes, all of it.
    var traced = whole
    var seen: [(value: Value, statement: Statement)] = []
    traced.body.results = []
    for (place, statement) in traced.body.statements.enumerated() {
      guard case .map(var map) = statement.operation else { continue }
      let own = map.body.statements.flatMap { inner in inner.results.map { (value: $0, statement: inner) } }
        .filter { whole.values[$0.value] == .real }
      seen += own
      map.body.results += own.map(\.value)
      let added = own.map { traced.values.add(ValueType(whole.values[$0.value].element, [Size(ProbeContext.points)])) }
      traced.body.statements[place].operation = .map(map)
      traced.body.statements[place].results += added
      traced.body.results += added
    }
    traced.resultNames = traced.body.results.indices.map { "result\($0)" }
    guard let columns = probe.run(traced, line: line.place, at: [point], assignment: assignment, tangent: tangent) else { return nil }
    return zip(seen, columns).map { ($0.value, $0.statement, $1.first[0]) }
  }

  /// The first operation that went wrong at a point.
  func cause(_ line: RuleLine, at point: Double, assignment: Double, derivative: Procedure?) -> Cause? {
    guard let whole = line.clause == nil ? derivative : values,
      let seen = trace(of: whole, line, at: point, assignment: assignment, tangent: line.clause == nil ? .allElements : .none)
    else { return nil }
    let numbers = Dictionary(seen.map { ($0.value, $0.number) }, uniquingKeysWith: { a, _ in a })
    let definitions = Dictionary(seen.map { ($0.value, $0.statement) }, uniquingKeysWith: { a, _ in a })
    /// A condition as a number, that is false here.
    func isMask(_ value: Value) -> Bool {
      guard numbers[value] == 0, case .primitive(let primitive, _)? = definitions[value]?.operation else { return false }
      return primitive == .realFromBoolean || primitive == .step
    }
    for (value, statement, _) in seen {
      guard numbers[value]?.isNaN ?? false, case .primitive(let primitive, let operands) = statement.operation else { continue }
      if primitive == .multiply && operands.contains(where: isMask) || primitive == .divide && isMask(operands[0]) { return .maskedOut }
    }
    for (_, statement, number) in seen where !number.isFinite {
      if case .primitive(let primitive, _) = statement.operation { return .operation(primitive) }
    }
    return nil
  }

  /// The constant slope `k` of an inner part such as `k * v`, where the clause's slope is 1 / k times the derivative of something in the
  /// rule: of a part that saturates, as `sigmoid(k * v)` does, or of the value itself where that has a derivative.
  func droppedFactor(_ line: RuleLine, clause: Int, isHard: Bool, assignment: Double, at telling: [Double]) -> Double? {
    if telling.count < 8 { return nil }
    var parts: [Value] = []
    let traced = probe.procedure(under: []) { lowerer, arguments in
      let value = try lowerer.value(of: site.subject, arguments)
      if let ruledValue = site.ruledValue { lowerer.scope.bind(ruledValue, .value(value)) }
      let slope = try lowerer.value(site.clauses[clause].rule.expression)
      let shape = lowerer.builder.values[slope].shape
      let hidden = lowerer.libraryValues
      lowerer.builder.openElementwiseMaps(over: shape)
      parts = lowerer.builder.statements.flatMap(\.results).filter { part in
        let type = lowerer.builder.values[part]
        if type.element != .real || !(type.shape.isEmpty || type.shape == shape) { return false }
        // What stands inside of a function of the library is its own business; what it gives is not.
        return !hidden.contains { $0.contains(part.id) && part.id != $0.upperBound - 1 }
      }
      return [value, slope] + parts
    }
    guard let traced, let derivative = probe.derivative(of: traced, line: line.place) else { return nil }
    let points = telling + [-RuleLine.far, RuleLine.far]
    guard let columns = probe.run(derivative, line: line.place, at: points, assignment: assignment, tangent: .allElements) else {
      return nil
    }
    let half = columns.count / 2
    guard half == traced.body.results.count else { return nil }
    let few = telling.indices
    let slope = columns[1].first
    let largest = few.reduce(0.0) { slope[$1].isFinite ? max($0, abs(slope[$1])) : $0 }
    guard largest > 0, few.contains(where: { abs(slope[$0]) < 0.5 * largest }) else { return nil }

    var factors: [Double] = []
    for part in 2..<half {
      let tangent = columns[half + part].first
      let k = tangent[0]
      guard k.isFinite, k != 0, abs(abs(k) - 1) > 1e-3, few.allSatisfy({ abs(tangent[$0] - k) <= 1e-5 * abs(k) }) else { continue }
      if !factors.contains(abs(k)) { factors.append(abs(k)) }
    }
    if factors.isEmpty { return nil }
    var dropped: Double?
    var met: [[Double]] = []
    for part in isHard ? Array(2..<half) : [0] + Array(2..<half) {
      let (value, tangent) = (columns[part].first, columns[half + part].first)
      if part > 0 {
        // It has two levels far away, and no slope there.
        let (low, high) = (points.count - 2, points.count - 1)
        let steepest = few.reduce(0.0) { tangent[$1].isFinite ? max($0, abs(tangent[$1])) : $0 }
        let isSteep = [low, high].contains { abs(tangent[$0]) >= 1e-3 * steepest }
        guard value[low].isFinite, value[high].isFinite, value[low] != value[high], !isSteep else { continue }
      }
      // A multiple of an earlier part is how the slope is put together.
      if met.contains(where: { constantRatio(tangent, $0, few) != nil }) { continue }
      met.append(tangent)
      guard let ratio = constantRatio(slope, tangent, few) else { continue }
      // The very derivative of a part, so nothing is missing.
      if abs(abs(ratio) - 1) < 5e-3 { return nil }
      dropped = dropped ?? factors.first { abs(abs(ratio) * $0 - 1) < 5e-3 }
    }
    return dropped
  }

  /// The one factor between two functions, where there is one.
  private func constantRatio(_ a: [Double], _ b: [Double], _ places: Range<Int>) -> Double? {
    var ratio: Double?
    var count = 0
    for place in places where a[place].isFinite && b[place].isFinite && (a[place] != 0 || b[place] != 0) {
      guard b[place] != 0 else { return nil }
      let own = a[place] / b[place]
      if let ratio, abs(own - ratio) > 4e-3 * abs(ratio) { return nil }
      ratio = ratio ?? own
      count += 1
    }
    return count >= 4 ? ratio : nil
  }
}

extension Builder {
  /// Lets the maps over a shape among the statements so far give all the numbers that they compute on the way.
  fileprivate mutating func openElementwiseMaps(over shape: [Size]) {
    if shape.isEmpty { return }
    for place in statements.indices {
      guard case .map(var map) = statements[place].operation, map.axes.map(\.size) == shape else { continue }
      let inner = map.body.statements.flatMap(\.results).filter { values[$0] == .real && !map.body.results.contains($0) }
      map.body.results += inner
      let results = inner.map { _ in fresh(ValueType(.real, shape)) }
      statements[place].operation = .map(map)
      statements[place].results += results
    }
  }
}

extension Statement {
  /// What runs at each point.
  fileprivate var mapBody: Block? {
    if case .map(let map) = operation { return map.body }
    return nil
  }
}

extension RuleLine {
  /// Far away from where a rule changes.
  static let far = 1e5
}
