#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif
import ModelDSL

/// The value and the slope of a rule along a line, at points in rising order.
struct Samples {
  var points: [Double] = []
  var values: [Double] = []
  var slopes: [Double] = []
  /// Whether all elements of the value, and all of the slope, are finite.
  var valueIsFinite: [Bool] = []
  var slopeIsFinite: [Bool] = []
  /// Whether all elements of the slope are 0.
  var slopeIsZero: [Bool] = []

  var count: Int { points.count }

  /// Both finite.
  func isUsable(_ place: Int) -> Bool { valueIsFinite[place] && slopeIsFinite[place] }

  /// The largest magnitude of the slope, among those that are finite.
  var largestSlope: Double {
    var largest = 0.0
    for place in points.indices where isUsable(place) { largest = max(largest, abs(slopes[place])) }
    return largest
  }

  /// With the points of another, which are new.
  func merged(with other: Samples) -> Samples {
    let all = Samples(
      points: points + other.points, values: values + other.values, slopes: slopes + other.slopes,
      valueIsFinite: valueIsFinite + other.valueIsFinite, slopeIsFinite: slopeIsFinite + other.slopeIsFinite,
      slopeIsZero: slopeIsZero + other.slopeIsZero)
    let order = all.points.indices.sorted { all.points[$0] < all.points[$1] }
    return Samples(
      points: order.map { all.points[$0] }, values: order.map { all.values[$0] }, slopes: order.map { all.slopes[$0] },
      valueIsFinite: order.map { all.valueIsFinite[$0] }, slopeIsFinite: order.map { all.slopeIsFinite[$0] },
      slopeIsZero: order.map { all.slopeIsZero[$0] })
  }
}

extension RuleStudy {
  /// The rule at points of a line; nil where it cannot be run.
  func samples(_ line: RuleLine, at points: [Double], assignment: Double, derivative: Procedure?) -> Samples? {
    if points.isEmpty { return Samples() }
    if let clause = line.clause {
      guard let columns = probe.run(values, line: line.place, at: points, assignment: assignment, spreads: !line.isElementwise) else {
        return nil
      }
      let (value, slope) = (columns[0], columns[1 + clause])
      return Samples(
        points: points, values: value.first, slopes: slope.first, valueIsFinite: value.isFinite, slopeIsFinite: slope.isFinite,
        slopeIsZero: slope.isZero)
    }
    guard let derivative,
      let columns = probe.run(
        derivative, line: line.place, at: points, assignment: assignment, tangent: .allElements, spreads: !line.isElementwise)
    else { return nil }
    // The value, `like:`, then the tangents of both.
    let (value, slope) = (columns[0], columns[3])
    return Samples(
      points: points, values: value.first, slopes: slope.first, valueIsFinite: value.isFinite, slopeIsFinite: slope.isFinite,
      slopeIsZero: slope.isZero)
  }

  /// The rule along a line, dense where it or its value changes.
  func samples(_ line: RuleLine, assignment: Double, derivative: Procedure?, around centres: [Double]) -> Samples? {
    let budget = max(100, 120_000 / probe.elementCount)
    let start = grid(around: [0] + centres, perDecade: budget > 8000 ? 40 : 3)
    guard var all = samples(line, at: start, assignment: assignment, derivative: derivative) else { return nil }
    // Halve what changes until it is smooth, or a jump.
    for _ in 0..<48 {
      let largest = all.largestSlope
      var (bySlope, byValue): ([Double], [Double]) = ([], [])
      for place in 1..<max(1, all.count) where all.isUsable(place - 1) && all.isUsable(place) {
        let (a, b) = (all.points[place - 1], all.points[place])
        let middle = rounded(a + (b - a) / 2)
        guard middle > a, middle < b, b - a > 1e-7 * max(abs(a), abs(b), 1e-5) else { continue }
        if abs(all.slopes[place] - all.slopes[place - 1]) > 0.03 * largest {
          bySlope.append(middle)
        } else if all.values[place] != all.values[place - 1], b - a < 1 {
          byValue.append(middle)
        }
      }
      // A value that changes everywhere is smooth.
      if byValue.count > all.count / 8 { byValue = [] }
      let middles = bySlope + byValue
      if middles.isEmpty || all.count + middles.count > budget { break }
      guard let more = samples(line, at: middles, assignment: assignment, derivative: derivative) else { return nil }
      all = all.merged(with: more)
    }
    return all
  }

  /// Powers of ten in steps, away from each centre on both sides, and the centres.
  private func grid(around centres: [Double], perDecade: Int) -> [Double] {
    var points: Set<Double> = []
    for (place, centre) in centres.enumerated() {
      points.insert(rounded(centre))
      for step in (-6 * perDecade)...(6 * perDecade) {
        let distance = pow(10, Double(step) / Double(perDecade))
        if place > 0, distance > 10 || step % 2 != 0 { continue }
        points.insert(rounded(centre + distance))
        points.insert(rounded(centre - distance))
      }
    }
    // Far out it is only seen whether the slope is a number.
    let largest = context.program.precision == .single ? 37 : 300
    for exponent in stride(from: 8, through: largest, by: context.program.precision == .single ? 1 : 10) {
      points.formUnion([rounded(pow(10, Double(exponent))), rounded(-pow(10, Double(exponent)))])
    }
    return points.sorted()
  }

  /// As the file's precision has it.
  func rounded(_ point: Double) -> Double {
    context.program.precision == .single ? Double(Float(point)) : point
  }
}
