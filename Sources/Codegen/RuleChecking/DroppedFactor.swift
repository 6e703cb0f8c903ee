import ModelDSL

// Slopes that are a constant times the derivative of something in their rule.

extension RuleStudy {
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

extension RuleLine {
  /// Far away from where a rule changes.
  static let far = 1e5
}
