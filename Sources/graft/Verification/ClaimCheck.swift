import Codegen
import ModelDSL

/// What came of checking one claim.
struct ClaimReport {
  enum Outcome: Equatable {
    case holds
    /// What differs, and where.
    case differs([String])
    /// Why there is nothing to compare with.
    case notChecked(String)
  }
  let name: String
  let kind: DerivativeKind
  let variables: [String]
  var points = 0
  /// Points that were drawn and were of no use, by the reason.
  var leftOut: [UnusablePoint: Int] = [:]
  /// The largest relative difference; nil where nothing was compared.
  var reverseAgainstForward: Double?
  var forwardAgainstDifferences: Double?
  var compiledAgainstInterpreter: Double?
  /// Variables whose derivative goes through a rule that is not linear in the incoming gradient.
  var unchecked: [String] = []
  /// Variables whose derivative was 0 at every point.
  var zero: [String] = []
  var outcome = Outcome.holds
}

/// Why a derivative cannot be checked at a point.
enum UnusablePoint: String, CaseIterable {
  case notFinite = "the values were not finite"
  case unsettled = "finite differences did not settle"
  /// A loop's bound met, or an integer overflow.
  case stopped = "the computation stopped"
}

/// How far two ways to the same derivative may be apart, relative to their size.
enum Tolerance {
  /// Both are exact but for rounding.
  static let reverse = 1e-8
  static let differences = 1e-6
}

/// Checks one claim at several points.
struct ClaimCheck {
  let claim: Claim
  let engine: Engine
  let seed: Int
  let points: Int

  private static let mostAttempts = 60

  func report() -> ClaimReport {
    var report = ClaimReport(name: claim.name, kind: claim.kind, variables: claim.variables)
    let forward = claim.wrt.map { ForwardTangents(claim, variable: $0, engine) }
    report.unchecked = zip(claim.variables, forward).filter(\.1.isRefused).map(\.0)
    if report.unchecked.count == claim.variables.count {
      report.outcome = .notChecked("a rule is not linear in the incoming gradient: it is applied as written")
      return report
    }
    do {
      try check(forward, &report)
    } catch {
      report.outcome = .differs(["\(error)"])
    }
    return report
  }

  private func check(_ forward: [ForwardTangents], _ report: inout ClaimReport) throws {
    var random = RandomNumbers(seed: seed, key: claim.name)
    let source = PointSource(procedure: claim.primal, hints: claim.hints)
    var moved: Set<String> = []
    var failures: [String] = []
    var reason: String?
    var attempt = 0
    while report.points < points, attempt < Self.mostAttempts {
      attempt += 1
      guard let point = source.draw(attempt: attempt, &random) else {
        report.outcome = .differs(["no sizes up to 64 satisfy what \(claim.primal.name) requires"])
        return
      }
      do {
        let found: Findings
        switch try compare(at: point, forward, &random) {
        case .found(let findings): found = findings
        case .unusable(let cause):
          report.leftOut[cause, default: 0] += 1
          continue
        }
        report.points += 1
        report.reverseAgainstForward = larger(report.reverseAgainstForward, found.reverse)
        report.forwardAgainstDifferences = larger(report.forwardAgainstDifferences, found.differences)
        moved.formUnion(found.moved)
        if failures.isEmpty, !found.failures.isEmpty {
          failures = found.failures + ["at \(describe(point)) (point \(report.points) of seed \(seed))"]
        }
      } catch let error as InterpreterError {
        // It belongs to the point; another is tried.
        report.leftOut[.stopped, default: 0] += 1
        reason = "\(error)"
      }
    }
    if report.points > 0 { report.zero = claim.variables.filter { !moved.contains($0) && !report.unchecked.contains($0) } }
    if !failures.isEmpty {
      report.outcome = .differs(failures)
    } else if report.points == 0 {
      let causes = UnusablePoint.allCases.filter { report.leftOut[$0] != nil }.map(\.rawValue)
      report.outcome = .differs([
        "no point was found at which it can be checked: \(listed(causes, by: "or"))" + (reason.map { " (\($0))" } ?? "")
      ])
    }
  }

  private enum Comparability {
    case found(Findings)
    case unusable(UnusablePoint)
  }

  private struct Findings {
    var reverse: Double?
    var differences: Double?
    var moved: Set<String> = []
    var failures: [String] = []
  }

  /// One variable's direction, with the derivative along it that is to be checked.
  private struct Line {
    let variable: Int
    var direction: [Double]
    var derivative: [[Double]]

    func scaled(by factor: Double) -> Line {
      Line(variable: variable, direction: direction.map { $0 * factor }, derivative: derivative.map { $0.map { $0 * factor } })
    }
  }

  private func compare(at point: Point, _ forward: [ForwardTangents], _ random: inout RandomNumbers) throws -> Comparability {
    let recording = try engine.record(claim.primal, point.inputs, point.sizes)
    let values = claim.realResults.map { recording.results[$0].reals }
    guard values.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { return .unusable(.notFinite) }
    let emitted = try EmittedDerivative(claim, engine, at: point, values: recording.results, &random)
    var findings = Findings()
    if let mismatch = emitted.mismatch(with: recording.results) { findings.failures.append(mismatch) }

    var lines: [Line] = []
    for place in claim.variables.indices where !forward[place].isRefused {
      let direction = point.inputs[claim.wrt[place]].reals.map { _ in random.normal() }
      let derivative: [[Double]]
      if claim.kind.isSecond {
        derivative = try emitted.secondDerivative(variable: place, direction: direction)
      } else {
        derivative = try forward[place].tangents(at: point, along: direction, engine)
        for comparison in try emitted.comparisons(variable: place, direction: direction, tangents: derivative) {
          findings.reverse = larger(findings.reverse, comparison.relativeDifference)
          if comparison.relativeDifference > Tolerance.reverse {
            findings.failures.append("\(claim.variables[place]): \(comparison.description)")
          }
        }
      }
      if derivative.contains(where: { norm($0) != 0 }) { findings.moved.insert(claim.variables[place]) }
      lines.append(Line(variable: place, direction: direction, derivative: derivative))
    }
    if claim.kind.isSecond {
      let gradient = try gradient(at: point)
      let results = Array(gradient.results.indices.suffix(claim.variables.count))
      guard results.allSatisfy({ gradient.results[$0].reals.allSatisfy(\.isFinite) }) else { return .unusable(.notFinite) }
      return try compare(lines, with: gradient, results: results, &findings)
    }
    return try compare(lines, with: recording, results: claim.realResults, &findings)
  }

  /// Compares with finite differences: few variables one by one, many together, each scaled so that none hides in the others' size.
  private func compare(_ lines: [Line], with recording: Engine.Recording, results: [Int], _ findings: inout Findings) throws
    -> Comparability
  {
    let sizes = lines.map { line in line.derivative.reduce(0) { max($0, norm($1)) } }
    let largest = sizes.reduce(0, max)
    var together: [Line] = []
    var alone: [Line] = []
    for (line, size) in zip(lines, sizes) {
      let factor = size == 0 ? 1 : largest / size
      // Not all to one size: a number's derivatives would cancel.
      let weight = factor * (1 + Double(together.count % 7) / 7)
      if lines.count > 3, factor <= 100 { together.append(line.scaled(by: weight)) } else { alone.append(line) }
    }
    if !together.isEmpty {
      guard let comparisons = try comparisons(together, with: recording, results) else { return .unusable(.unsettled) }
      if comparisons.contains(where: { $0.relativeDifference > Tolerance.differences }) {
        // One by one again, to name what differs.
        alone = lines
      } else {
        for comparison in comparisons { findings.differences = larger(findings.differences, comparison.relativeDifference) }
      }
    }
    for line in alone {
      guard let comparisons = try comparisons([line], with: recording, results) else { return .unusable(.unsettled) }
      for comparison in comparisons {
        findings.differences = larger(findings.differences, comparison.relativeDifference)
        if comparison.relativeDifference > Tolerance.differences {
          findings.failures.append("\(claim.variables[line.variable]): \(comparison.description)")
        }
      }
    }
    return .found(findings)
  }

  /// Nil where differences say too little. What differs is judged again, carefully, and then close to the point: where numbers turn as fast as a
  /// sine of a large multiple, steps that are too long miss whole turns, and agree on another slope.
  private func comparisons(_ lines: [Line], with recording: Engine.Recording, _ results: [Int]) throws -> [Comparison]? {
    func agree(_ comparisons: [Comparison]?) -> Bool {
      comparisons?.allSatisfy { $0.relativeDifference <= Tolerance.differences } ?? false
    }
    let quick = try comparisons(lines, with: recording, results, carefully: false)
    if agree(quick) { return quick }
    let careful = try comparisons(lines, with: recording, results, carefully: true)
    if careful == nil || agree(careful) { return careful }
    for distance in [0x1p-12, 0x1p-24] {
      let near = try comparisons(lines, with: recording, results, carefully: true, within: distance)
      if agree(near) { return near }
    }
    return careful
  }

  /// `distance` is how far from the point, in parts of the longest step.
  private func comparisons(
    _ lines: [Line], with recording: Engine.Recording, _ results: [Int], carefully: Bool, within distance: Double = 1
  ) throws -> [Comparison]? {
    let lines = lines.map { $0.scaled(by: distance) }
    let direction = Dictionary(uniqueKeysWithValues: lines.map { (claim.wrt[$0.variable], $0.direction) })
    guard let estimates = try engine.differences(recording, results: results, along: direction, carefully: carefully) else {
      return nil
    }
    let overall = recording.results.reduce(0) { max($0, norm($1.reals)) }
    var comparisons: [Comparison] = []
    for (place, estimate) in estimates.enumerated() {
      var exact = lines[0].derivative[place]
      for line in lines.dropFirst() { exact = zip(exact, line.derivative[place]).map { $0 + $1 } }
      let noise = 10 * estimate.error
      let size = (lines.map { norm($0.derivative[place]) } + [norm(estimate.derivative)]).reduce(0, max)
      // Of a derivative that is small beside the values no more is asked than that it be small.
      if noise > 1e-3 * max(size, 1e-6 * distance * overall) { return nil }
      let words = claim.kind.isSecond ? "the second derivative" : "forward mode"
      // What is as small as the noise is held against the noise.
      let least = max(size, noise / Tolerance.differences)
      comparisons.append(Comparison(words, exact, "finite differences", estimate.derivative, size: least))
    }
    return comparisons
  }

  /// The gradient as a function of its own, for second derivatives.
  private func gradient(at point: Point) throws -> Engine.Recording {
    let procedure = Differentiation.gradient(of: prepared(claim.primal), wrt: claim.wrt, rules: engine.rules)
    return try engine.record(procedure, point.inputs, point.sizes)
  }

  private func describe(_ point: Point) -> String {
    let sizes = claim.primal.sizes.compactMap { symbol in point.sizes[symbol].map { "\(symbol.name) = \($0)" } }
    let numbers = zip(claim.primal.inputs, point.inputs).filter { $1.shape.isEmpty && $0.sizeSymbol == nil }.map { "\($0.name) = \($1)" }
    let all = sizes + numbers
    return all.isEmpty ? "a random point" : all.joined(separator: ", ")
  }
}

extension DerivativeKind {
  fileprivate var isSecond: Bool { self == .hessian || self == .hvp }
}

func larger(_ a: Double?, _ b: Double?) -> Double? {
  guard let a, let b else { return a ?? b }
  return max(a, b)
}

/// The first numbers of an array, for a message.
func short(_ numbers: [Double]) -> String {
  if numbers.count == 1 { return "\(numbers[0])" }
  return "[" + numbers.prefix(4).map { "\($0)" }.joined(separator: ", ") + (numbers.count > 4 ? ", …]" : "]")
}
