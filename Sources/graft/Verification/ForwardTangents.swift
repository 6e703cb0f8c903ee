import Codegen
import ModelDSL

/// Forward mode with respect to one variable of a claim.
struct ForwardTangents {
  /// Nil where a rule on the way is not linear in the incoming gradient.
  private let procedure: Procedure?
  private let variable: Int
  private let realResults: [Int]

  var isRefused: Bool { procedure == nil }

  init(_ claim: Claim, variable: Int, _ engine: Engine) {
    self.variable = variable
    realResults = claim.realResults
    procedure = try? Differentiation.jvp(of: prepared(claim.primal), wrt: [variable], rules: engine.rules)
  }

  /// The tangents of the real results, for a tangent of the variable.
  func tangents(at point: Point, along direction: [Double], _ engine: Engine) throws -> [[Double]] {
    guard let procedure else { return [] }
    let tangent = ArrayValue.reals(direction, shape: point.inputs[variable].shape)
    let results = try engine.run(procedure, point.inputs + [tangent], point.sizes)
    return results.suffix(realResults.count).map(\.reals)
  }
}
