#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif
import ModelDSL

/// What is to be said of a rule as the derivative with respect to one variable.
struct LineJudgement {
  let study: RuleStudy
  let line: RuleLine
  /// One for each set of values of the other inputs.
  let sets: [Samples]
  /// Where the value is piecewise constant along the line, so that its own derivative is 0: what surrogates are for.
  let isHard: Bool
  private let derivative: Procedure?
  /// Of the value itself, as if no rule were written.
  private let valueDerivative: Procedure?

  init?(_ study: RuleStudy, _ line: RuleLine) {
    var line = line
    self.study = study
    // Cut on purpose.
    if let clause = line.clause, study.site.clauses[clause].rule.isLiteralZero { return nil }
    derivative = study.smooth.flatMap { study.probe.derivative(of: $0, line: line.place) }
    if line.clause == nil, derivative == nil { return nil }
    if let derivative, line.clause == nil, study.couplesElements(derivative, along: line) { line.isElementwise = false }
    self.line = line
    let others = study.probe.unknown.filter { $0 != line.place }
    var sets: [Samples] = []
    for assignment in others.isEmpty ? [1] : RuleProbe.assignments {
      let centres = study.centres + study.suspects(line, assignment: assignment)
      guard let set = study.samples(line, assignment: assignment, derivative: derivative, around: centres) else { return nil }
      sets.append(set)
    }
    self.sets = sets
    valueDerivative = study.valueDerivative(along: line)
    isHard = valueDerivative.map { study.isZero($0, along: line) } ?? false
  }

  var name: String { line.name }

  /// The range that the rule can be seen in: inputs larger than this are met by accident only.
  static let moderate = 1e6

  // MARK: All

  var diagnostics: [Diagnostic] {
    if let overflow { return [overflow] }
    if failsForNoGradient { return [.noGradientFails(name, at: line.range)] }
    if isZero { return [.slopeIsZero(name, isLike: line.clause == nil, at: line.range)] }
    guard line.isElementwise else { return farOverflow }
    var found: [Diagnostic] = farOverflow
    if let (factor, others) = droppedFactor { found.append(.chainFactorDropped(name, factor: factor, others, at: line.range)) }
    if multipliesByVariable {
      found.append(.gradientMultiplied(by: name, at: line.range))
      return found
    }
    if let place = negativePlace { found.append(.slopeIsNegative(name, at: place, line.range)) }
    if let place = jump { found.append(.slopeJumps(name, at: place.at, from: place.from, to: place.to, line.range)) }
    if !line.isScaled, let area = areaDiagnostic, found.allSatisfy({ $0.severity != .warning }) { found.append(area) }
    return found
  }

  // MARK: Overflow

  /// The point nearest to 0 where the value is finite and the slope is not, up to a bound; nil unless that is so in every set.
  private func firstFailure(from least: Double, to most: Double) -> (set: Int, point: Double, slope: Double)? {
    var first: (set: Int, point: Double, slope: Double)?
    for (place, set) in sets.enumerated() {
      var own: (point: Double, slope: Double)?
      for at in 0..<set.count where set.valueIsFinite[at] && !set.slopeIsFinite[at] {
        let point = set.points[at]
        guard abs(point) >= least, abs(point) <= most else { continue }
        if own.map({ abs(point) < abs($0.point) }) ?? true { own = (point, set.slopes[at]) }
      }
      guard let own else { return nil }
      if first == nil { first = (place, own.point, own.slope) }
    }
    return first
  }

  private var overflow: Diagnostic? {
    guard let failure = firstFailure(from: 0, to: Self.moderate), !isOfTheValue(failure) else { return nil }
    let assignment = sets.count == 1 ? 1 : RuleProbe.assignments[failure.set]
    let (point, slope) = onset(failure.point, failure.slope, assignment)
    let cause = study.cause(line, at: point, assignment: assignment, derivative: derivative)
    let others = study.describeOthers(line, assignment: assignment)
    if isOfAParameter(point) { return .slopeOverflowsFar(name, slope: slope, at: point, line.range) }
    let precision = study.context.program.precision
    if case .maskedOut? = cause { return .maskedOverflow(name, at: point, others, line.range) }
    return .slopeOverflows(name, slope: slope, at: point, others, cause: cause, precision: precision, line.range)
  }

  /// Whether the value's own derivative is no better: `sqrt` has none at 0.
  private func isOfTheValue(_ failure: (set: Int, point: Double, slope: Double)) -> Bool {
    guard let valueDerivative,
      let columns = study.probe.run(
        valueDerivative, line: line.place, at: [failure.point], assignment: RuleProbe.assignments[failure.set], tangent: .allElements)
    else { return false }
    return !columns[1].isFinite[0]
  }

  /// Whether one single input is wrong, and is no input of the value either: a width, or a threshold, of 0. It is so where the value is made of
  /// something that is not finite there, and in a rule of several variables where the value does not change.
  private func isOfAParameter(_ point: Double) -> Bool {
    var isSteady = study.lines.count > 1
    for set in sets {
      guard let place = set.points.firstIndex(of: point), place > 0, place + 1 < set.count, set.isUsable(place - 1), set.isUsable(place + 1)
      else { return false }
      let (before, after) = (set.values[place - 1], set.values[place + 1])
      if abs(after - before) > 1e-3 * (1 + abs(before)) { isSteady = false }
    }
    return isSteady || study.valueBreaks(line, at: point)
  }

  /// Whether a rule `g -> e` gives what is no number where the incoming gradient is 0, as that of many elements is.
  private var failsForNoGradient: Bool {
    guard let clause = line.clause, case .cotangent(let g, _) = study.site.clauses[clause].rule, let place = study.probe.place(of: g),
      let columns = study.probe.run(study.values, line: place, at: [0], assignment: RuleProbe.assignments[0])
    else { return false }
    return columns[0].isFinite[0] && !columns[1 + clause].isFinite[0]
  }

  private var farOverflow: [Diagnostic] {
    guard let failure = firstFailure(from: Self.moderate, to: .infinity) else { return [] }
    return [.slopeOverflowsFar(name, slope: failure.slope, at: failure.point, line.range)]
  }

  /// Between the failure and the next point towards 0 that is well: where it begins.
  private func onset(_ point: Double, _ slope: Double, _ assignment: Double) -> (point: Double, slope: Double) {
    guard let set = sets.first(where: { $0.points.contains(point) }), let place = set.points.firstIndex(of: point) else {
      return (point, slope)
    }
    let towards = point > 0 ? place - 1 : place + 1
    guard point != 0, set.points.indices.contains(towards), set.isUsable(towards) else { return (point, slope) }
    var (good, bad) = (set.points[towards], (point: point, slope: slope))
    for _ in 0..<60 {
      let middle = study.rounded((good + bad.point) / 2)
      guard middle != good, middle != bad.point,
        let one = study.samples(line, at: [middle], assignment: assignment, derivative: derivative)
      else { break }
      if one.isUsable(0) { good = middle } else { bad = (middle, one.slopes[0]) }
    }
    return bad
  }

  // MARK: Shape

  private var isZero: Bool {
    sets.allSatisfy { set in
      set.points.indices.allSatisfy { !set.isUsable($0) || set.slopeIsZero[$0] } && set.points.indices.contains(where: set.isUsable)
    }
  }

  /// Whether the value never falls (1) or never rises (-1) along the line, and is not constant.
  private func direction(_ set: Samples) -> Double? {
    var (rises, falls) = (false, false)
    var last: Double?
    for place in set.points.indices where set.valueIsFinite[place] {
      if let last {
        // Rounding is no direction.
        let difference = set.values[place] - last
        let noise = 1e-5 * max(abs(last), abs(set.values[place]))
        if difference > noise { rises = true }
        if difference < -noise { falls = true }
      }
      last = set.values[place]
    }
    return rises == falls ? nil : rises ? 1 : -1
  }

  private func inEverySet<R>(_ body: (Samples) -> R?) -> [R]? {
    let found = sets.map(body)
    let all = found.compactMap { $0 }
    return all.count == found.count ? all : nil
  }

  /// Where the slope is against the value's direction.
  private var negativePlace: Double? {
    inEverySet { set -> Double? in
      guard let direction = direction(set) else { return nil }
      let bound = -1e-6 * set.largestSlope
      let places = set.points.indices.filter { set.isUsable($0) && set.slopes[$0] * direction < bound }
      return places.min { abs(set.points[$0]) < abs(set.points[$1]) }.map { set.points[$0] }
    }?.first
  }

  /// Whether the slope has the sign of the variable although the value goes one way: it was multiplied by it. Or, where the value has a
  /// slope of its own, whether it is that slope times the variable.
  private var multipliesByVariable: Bool {
    inEverySet { set -> Bool? in
      guard let direction = direction(set) else { return nil }
      let bound = 1e-6 * set.largestSlope
      let signed = set.points.indices.filter { set.isUsable($0) && abs(set.slopes[$0]) > bound }
      let negative = signed.filter { set.slopes[$0] * direction < 0 }, positive = signed.filter { set.slopes[$0] * direction > 0 }
      guard let last = negative.last, let first = positive.first, last < first else { return nil }
      // The sign changes at 0, or where the value jumps.
      let (a, b) = (set.points[last], set.points[first])
      if a <= 0, b >= 0 { return true }
      let changes = (1..<set.count).filter { set.values[$0] != set.values[$0 - 1] }
      return isHard && changes.contains { set.points[$0 - 1] <= b && set.points[$0] >= a } ? true : nil
    } != nil
  }

  /// A jump of a slope that is not constant between its jumps.
  private var jump: (at: Double, from: Double, to: Double)? {
    inEverySet { set -> (at: Double, from: Double, to: Double)? in
      let largest = set.largestSlope
      var first: (at: Double, from: Double, to: Double)?
      var isCurved = false
      for place in 1..<max(1, set.count) where set.isUsable(place - 1) && set.isUsable(place) {
        let (a, b) = (set.points[place - 1], set.points[place])
        let difference = abs(set.slopes[place] - set.slopes[place - 1])
        // Far out, rounding makes steps of its own.
        if abs(a) < 1e4, difference > 0.03 * largest, b - a <= 4e-7 * max(abs(a), abs(b), 1e-5) {
          if first.map({ abs(a) < abs($0.at) }) ?? true {
            first = (a <= 1e-9 && b >= -1e-9 ? 0 : b, set.slopes[place - 1], set.slopes[place])
          }
        } else if difference > 1e-5 * largest {
          isCurved = true
        }
      }
      return isCurved ? first : nil
    }?.first
  }

  // MARK: Area

  /// The slope's integral for a rise of the value by 1.
  private enum Area {
    case settled(Double)
    /// The slope does not fall off, and the value's rise is bounded.
    case unbounded
  }

  private var areaDiagnostic: Diagnostic? {
    guard let found = inEverySet(ratio), let first = found.first else { return nil }
    let ratios = found.compactMap { if case .settled(let ratio) = $0 { ratio } else { nil } }
    guard case .settled(let ratio) = first else { return ratios.isEmpty ? .areaUnbounded(name, at: line.range) : nil }
    // Where it depends on what is not known, nothing can be said of it.
    guard ratios.count == found.count, ratios.allSatisfy({ abs($0 - ratio) <= 0.03 * max(abs(ratio), 1e-3) }) else { return nil }
    return abs(ratio - 1) <= 0.03 ? nil : .areaIsNotOne(name, area: ratio, at: line.range)
  }

  /// The area with what is not known at its first values; nil where there is none.
  var settledArea: Double? {
    guard let set = sets.first, case .settled(let ratio)? = ratio(set) else { return nil }
    return ratio
  }

  /// Nil where the value does not rise or fall, or is smooth.
  private func ratio(_ set: Samples) -> Area? {
    guard isHard, let whole = area(set, within: Self.moderate), let part = area(set, within: 1e3), whole.rise != 0 else { return nil }
    if part.rise == whole.rise {
      // The value ends at two levels.
      let (ratio, before) = (whole.area / whole.rise, part.area / whole.rise)
      return abs(ratio - before) <= 0.05 * abs(ratio) ? .settled(ratio) : .unbounded
    }
    // It rises for ever, as `round` does: the slope is its mean rise.
    return area(set, within: 10).flatMap { $0.rise == 0 ? nil : .settled($0.area / $0.rise) }
  }

  /// The integral of the slope, and how much the value rises, from `-bound` to `bound`.
  private func area(_ set: Samples, within bound: Double) -> (area: Double, rise: Double)? {
    let places = set.points.indices.filter { set.isUsable($0) && abs(set.points[$0]) <= bound * 1.000001 }
    guard let first = places.first, let last = places.last else { return nil }
    var sum = 0.0
    for (a, b) in zip(places, places.dropFirst()) {
      sum += (set.points[b] - set.points[a]) * (set.slopes[a] + set.slopes[b]) / 2
    }
    return (sum, set.values[last] - set.values[first])
  }

  /// The rule at few points.
  func few(at points: [Double]) -> Samples? {
    study.samples(line, at: points, assignment: 1, derivative: derivative)
  }

  // MARK: Factors

  /// The inner slope that was forgotten, with the values of other inputs that it depends on: the slope is that of something in the rule, but for
  /// the factor of what stands inside.
  private var droppedFactor: (factor: Double, others: String)? {
    guard let clause = line.clause, !line.isScaled else { return nil }
    // The slope of a smooth step from 0 to 1, however it is put together.
    if let area = settledArea, abs(area - 1) <= 0.01 { return nil }
    var factors: [Double] = []
    for (place, set) in sets.enumerated() {
      let assignment = RuleProbe.assignments[place]
      guard let factor = study.droppedFactor(line, clause: clause, isHard: isHard, assignment: assignment, at: telling(set)) else {
        return nil
      }
      factors.append(factor)
    }
    guard let first = factors.first else { return nil }
    let isFixed = factors.allSatisfy { abs($0 - first) < 1e-3 * first }
    return (first, isFixed ? "" : study.describeOthers(line, assignment: RuleProbe.assignments[0]))
  }

  /// Some points at which the slope is neither 0 nor out of range, over all of its heights.
  func telling(_ set: Samples) -> [Double] {
    let near = set.points.indices.filter { set.isUsable($0) && abs(set.points[$0]) <= 100 }
    let largest = near.reduce(0) { max($0, abs(set.slopes[$1])) }
    // What has no bound is looked at nearby.
    let isBounded = largest < 100 * near.filter { abs(set.points[$0]) <= 3 }.reduce(0) { max($0, abs(set.slopes[$1])) }
    let places = near.filter { abs(set.slopes[$0]) > 2e-3 * largest || !isBounded && abs(set.points[$0]) <= 3 }
    let step = max(1, places.count / 60)
    return places.enumerated().filter { $0.offset % step == 0 }.map { set.points[$0.element] }
  }
}

extension RuleClause {
  /// Written as 0.
  var isLiteralZero: Bool {
    switch expression.kind {
    case .real(let number): number == 0
    case .integer(let number): number == 0
    case .spread(let inner, _): if case .real(0) = inner.kind { true } else { false }
    default: false
    }
  }
}
