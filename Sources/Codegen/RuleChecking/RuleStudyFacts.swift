import ModelDSL

// What other questions begin with.

extension RuleStudy {
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
}
