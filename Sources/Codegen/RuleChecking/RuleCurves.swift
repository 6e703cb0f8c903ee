#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif
import ModelDSL

/// A rule along one variable: what is computed, the slope that is written for it, and the slope's integral.
public struct RuleCurve: Sendable {
  public struct Point: Sendable {
    public var x: Double
    public var value: Double
    public var slope: Double
    /// Of the slope up to here, beginning at the value far on the left where that is bounded, else at the value of the first point.
    public var integral: Double
  }
  /// Of the `inject`.
  public let range: SourceRange
  public let variable: String
  /// In rising order; two close together where something jumps.
  public let points: [Point]
  /// The slope's integral over the line for a rise of the value by 1; nil where the value is smooth or the integral does not settle.
  public let area: Double?
}

/// The curves of the rules that are written in the user's files, in the order of the source. Rules that cannot be drawn over a line, such as
/// those for whole vectors, are left out.
public func ruleCurves(_ program: CheckedProgram) -> [RuleCurve] {
  let context = ProbeContext(program)
  return ruleSites(of: program).compactMap { RuleStudy($0, context) }.flatMap { study in
    study.lines.compactMap { LineJudgement(study, $0)?.curve }
  }
}

extension LineJudgement {
  fileprivate var curve: RuleCurve? {
    guard line.isElementwise, !line.isScaled, let wide = sets.first, wide.largestSlope > 0 else { return nil }
    let reach = reach(of: wide)
    let count = 160
    var points: [Double] = []
    for step in 0...count {
      points.append(study.rounded(reach.lowerBound + (reach.upperBound - reach.lowerBound) * Double(step) / Double(count)))
    }
    guard var samples = few(at: points) else { return nil }
    // Jumps become steep.
    for _ in 0..<30 {
      let largest = samples.largestSlope
      let values = samples.values.filter(\.isFinite)
      let rise = (values.max() ?? 0) - (values.min() ?? 0)
      var middles: [Double] = []
      for place in 1..<samples.count where samples.isUsable(place) && samples.isUsable(place - 1) {
        let (a, b) = (samples.points[place - 1], samples.points[place])
        let middle = study.rounded((a + b) / 2)
        let jumps =
          abs(samples.slopes[place] - samples.slopes[place - 1]) > 0.1 * largest
          || abs(samples.values[place] - samples.values[place - 1]) > 0.1 * rise
        if jumps, middle > a, middle < b, b - a > 1e-5 * (reach.upperBound - reach.lowerBound) { middles.append(middle) }
      }
      if middles.isEmpty { break }
      guard let more = few(at: middles) else { return nil }
      samples = samples.merged(with: more)
    }
    var integral = start(wide, reach.lowerBound, samples.values[0])
    var result: [RuleCurve.Point] = []
    for place in 0..<samples.count where samples.isUsable(place) {
      if let last = result.last { integral += (samples.points[place] - last.x) * (samples.slopes[place] + last.slope) / 2 }
      result.append(
        RuleCurve.Point(x: samples.points[place], value: samples.values[place], slope: samples.slopes[place], integral: integral))
    }
    return RuleCurve(range: study.site.range, variable: name, points: result, area: settledArea)
  }

  /// From where to where the slope is worth seeing: its height, twice as far as it reaches.
  private func reach(of set: Samples) -> ClosedRange<Double> {
    let near = set.points.indices.filter { set.isUsable($0) && abs(set.points[$0]) <= 100 }
    let largest = near.reduce(0) { max($0, abs(set.slopes[$1])) }
    func isTail(_ distance: Double) -> Bool {
      near.allSatisfy { abs(set.points[$0]) < distance || abs(set.slopes[$0]) < 0.05 * largest }
    }
    let widths: [Double] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10]
    let width = widths.first(where: isTail).map { min(2 * $0, 10) } ?? 3
    return -width...width
  }

  /// What the integral is at the left end of what is seen.
  private func start(_ set: Samples, _ left: Double, _ value: Double) -> Double {
    guard isHard, settledArea != nil else { return value }
    let places = set.points.indices.filter { set.isUsable($0) && set.points[$0] <= left && set.points[$0] >= -Self.moderate }
    var sum = places.first.map { set.values[$0] } ?? value
    for (a, b) in zip(places, places.dropFirst()) { sum += (set.points[b] - set.points[a]) * (set.slopes[a] + set.slopes[b]) / 2 }
    return sum
  }
}
