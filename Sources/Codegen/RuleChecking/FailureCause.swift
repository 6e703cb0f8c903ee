import ModelDSL

// Why a slope is no finite number.

extension RuleStudy {
  /// Why a slope is not finite.
  enum Cause: Hashable {
    /// The first operation whose result is not finite.
    case operation(Primitive)
    /// A condition as a number, 0, was multiplied by it.
    case maskedOut
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
}
