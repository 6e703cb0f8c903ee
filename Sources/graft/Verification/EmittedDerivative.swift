import Codegen
import ModelDSL

/// Two ways to one derivative, and how far apart they are.
struct Comparison {
  let description: String
  /// Relative to the size of what is compared.
  let relativeDifference: Double

  /// Two sums that must be equal; rounding is in proportion to the sum of their absolute terms.
  init(_ first: String, _ a: Double, _ second: String, _ b: Double, absoluteTerms: Double) {
    let gap = abs(a - b)
    relativeDifference = gap == 0 ? 0 : gap.isFinite ? gap / absoluteTerms : .infinity
    description = "\(first) gives \(a), \(second) \(b)"
  }

  /// `size` is what the difference is measured by, where it is more than the arrays themselves.
  init(_ first: String, _ a: [Double], _ second: String, _ b: [Double], size least: Double = 0) {
    let size = max(norm(a), norm(b), least)
    let gap = a.count == b.count ? norm(difference(a, b)) : .infinity
    relativeDifference = gap == 0 ? 0 : gap.isFinite && size.isFinite ? gap / size : .infinity
    description = "\(first) gives \(short(a)), \(second) \(short(b))"
  }
}

/// What the emitted procedure gives at one point, reduced to numbers along directions.
struct EmittedDerivative {
  private let claim: Claim
  private let engine: Engine
  private let point: Point
  /// For each real result, what weighs it.
  private let cotangents: [[Double]]
  private let real: [ArrayValue]
  /// Of a run without tangents; for `jvp` and `hvp`, nil.
  private let results: [ArrayValue]?

  init(_ claim: Claim, _ engine: Engine, at point: Point, values: [ArrayValue], _ random: inout RandomNumbers) throws {
    self.claim = claim
    self.engine = engine
    self.point = point
    real = claim.realResults.map { values[$0] }
    // The gradient of a number has no cotangent: it is that for 1.
    let isWeighted = claim.kind != .gradient && claim.kind != .hessian && claim.kind != .hvp
    cotangents = real.map { value in value.reals.map { _ in isWeighted ? random.normal() : 1 } }
    switch claim.kind {
    case .jvp, .hvp: results = nil
    case .vjp:
      let extra = zip(cotangents, real).map { ArrayValue.reals($0, shape: $1.shape) }
      results = try engine.run(claim.emitted.procedure, point.inputs + extra, point.sizes)
    case .value, .gradient, .jacobian, .hessian, .sparseJacobian, .stream:
      results = try engine.run(claim.emitted.procedure, point.inputs, point.sizes)
    }
  }

  /// The emitted procedure's own value must be the function's.
  func mismatch(with values: [ArrayValue]) -> String? {
    guard let results else { return nil }
    var place = 0
    for (role, result) in zip(claim.emitted.resultRoles, results) {
      guard case .value = role, place < values.count else { continue }
      defer { place += 1 }
      let gap = norm(difference(result.reals, values[place].reals))
      if result.shape != values[place].shape || !(gap <= 1e-12 * norm(values[place].reals)) {
        return "the value that comes with the derivative is \(short(result.reals)), the function's is \(short(values[place].reals))"
      }
    }
    return nil
  }

  /// What must agree for a direction of one variable, whose forward tangents are given (empty for second derivatives).
  func comparisons(variable: Int, direction: [Double], tangents: [[Double]]) throws -> [Comparison] {
    let name = claim.variables[variable]
    switch claim.kind {
    case .gradient, .vjp:
      guard let results, let place = claim.emitted.resultRoles.firstIndex(of: .gradient(of: name)) else { return [] }
      let gradient = results[place].reals
      let scale = absoluteDot(gradient, direction) + zip(cotangents, tangents).reduce(0) { $0 + absoluteDot($1.0, $1.1) }
      let forward = zip(cotangents, tangents).reduce(0) { $0 + dot($1.0, $1.1) }
      return [Comparison("reverse mode", dot(gradient, direction), "forward mode", forward, absoluteTerms: max(scale, leastScale))]
    case .jvp:
      let emitted = try emittedTangents(variable, direction)
      // Reverse mode, made for the comparison.
      let reverse = Differentiation.vjp(of: prepared(claim.primal), wrt: [claim.wrt[variable]], rules: engine.rules)
      let extra = zip(cotangents, real).map { ArrayValue.reals($0, shape: $1.shape) }
      let gradient = try engine.run(reverse, point.inputs + extra, point.sizes).last!.reals
      let scale = absoluteDot(gradient, direction) + zip(cotangents, emitted).reduce(0) { $0 + absoluteDot($1.0, $1.1) }
      let forward = zip(cotangents, emitted).reduce(0) { $0 + dot($1.0, $1.1) }
      return [Comparison("reverse mode", dot(gradient, direction), "the emitted jvp", forward, absoluteTerms: max(scale, leastScale))]
        + zip(zip(emitted, tangents), real).map { pair, value in
          Comparison("the emitted jvp", pair.0, "forward mode", pair.1, size: 1e-6 * norm(value.reals))
        }
    case .jacobian:
      guard let results else { return [] }
      var rows: [Comparison] = []
      var seen = 0
      for (role, result) in zip(claim.emitted.resultRoles, results) {
        guard case .jacobian(_, name) = role, seen < tangents.count else { continue }
        let product = contracted(result.reals, with: direction)
        rows.append(
          Comparison("the Jacobian times the direction", product, "forward mode", tangents[seen], size: 1e-6 * norm(real[seen].reals)))
        seen += 1
      }
      return rows
    case .sparseJacobian:
      guard let results else { return [] }
      let matrix = SparseMatrix(claim.emitted, results: results, inputs: point.inputs, variables: claim.variables)
      return zip(matrix.product(with: direction, of: name), tangents).map {
        Comparison("the sparse Jacobian times the direction", $0, "forward mode", $1)
      }
    case .value, .hessian, .hvp, .stream: return []
    }
  }

  /// The emitted second derivative along a direction of one variable: for each variable, the change of its gradient.
  func secondDerivative(variable: Int, direction: [Double]) throws -> [[Double]] {
    let name = claim.variables[variable]
    switch claim.kind {
    case .hvp:
      let tangents = claim.emitted.inputRoles.enumerated().compactMap { place, role -> ArrayValue? in
        guard case .tangent(let other) = role, let index = claim.variables.firstIndex(of: other) else { return nil }
        let shape = point.inputs[claim.wrt[index]].shape
        return other == name ? ArrayValue.reals(direction, shape: shape) : .zeros(.real, shape: shape)
      }
      let results = try engine.run(claim.emitted.procedure, point.inputs + tangents, point.sizes)
      return claim.variables.compactMap { other in
        claim.emitted.resultRoles.firstIndex(of: .product(of: other)).map { results[$0].reals }
      }
    case .hessian:
      guard let results else { return [] }
      return claim.variables.compactMap { other in
        claim.emitted.resultRoles.firstIndex(of: .hessian(other, name)).map { contracted(results[$0].reals, with: direction) }
      }
    case .value, .gradient, .vjp, .jvp, .jacobian, .sparseJacobian, .stream: return []
    }
  }

  private func emittedTangents(_ variable: Int, _ direction: [Double]) throws -> [[Double]] {
    let tangents = claim.wrt.enumerated().map { place, input in
      let shape = point.inputs[input].shape
      return place == variable ? ArrayValue.reals(direction, shape: shape) : .zeros(.real, shape: shape)
    }
    let results = try engine.run(claim.emitted.procedure, point.inputs + tangents, point.sizes)
    return zip(claim.emitted.resultRoles, results).compactMap { role, result in
      if case .tangent = role { return result.reals }
      return nil
    }
  }

  /// The rows of a matrix, each times the direction.
  private func contracted(_ matrix: [Double], with direction: [Double]) -> [Double] {
    if direction.isEmpty { return [] }
    return stride(from: 0, to: matrix.count, by: direction.count).map { start in
      dot(Array(matrix[start..<(start + direction.count)]), direction)
    }
  }

  /// A derivative that is 0 but for cancellation is as exact as the values that it is made of.
  private var leastScale: Double { 1e-6 * zip(cotangents, real).reduce(0) { $0 + absoluteDot($1.0, $1.1.reals) } }

  private func absoluteDot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + abs($1.0 * $1.1) } }
}
