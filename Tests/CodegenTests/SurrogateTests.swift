import Codegen
import Foundation
import ModelDSL
import Testing

/// The library's surrogate slopes against the formulas of Tests/Reference/surrogates.md, written here as they stand there.
@Suite struct SurrogateTests {
  struct Row: Sendable {
    /// An expression of `v`.
    let call: String
    let formula: @Sendable (Double) -> Double
    var name: String { String(call.prefix { $0 != "(" }) }
  }

  static let rows: [Row] = [
    Row(call: "straightThrough(v)") { _ in 1 },
    Row(call: "boxcar(v)") { abs($0) < 0.5 ? 1 : 0 },
    Row(call: "boxcar(v, a: 0.25)") { abs($0) < 2 ? 0.25 : 0 },
    Row(call: "boxcarScaled(v)") { abs($0) <= 1 ? 0.5 : 0 },
    Row(call: "boxcarScaled(v, width: 3, height: 2)") { abs($0) <= 1.5 ? 2 : 0 },
    Row(call: "triangle(v)") { max(0, 1 - abs($0)) },
    Row(call: "triangle(v, a: 0.5)") { max(0, 0.5 - 0.25 * abs($0)) },
    Row(call: "triangleScaled(v)") { max(0, 1 - abs($0)) },
    Row(call: "triangleScaled(v, 0.3, 2)") { 0.3 * max(0, 1 - abs(2 * $0)) },
    Row(call: "sigmoidSlope(v)") { 25 * logistic(25 * $0) * (1 - logistic(25 * $0)) },
    Row(call: "sigmoidSlope(v, 4)") { 4 * logistic(4 * $0) * (1 - logistic(4 * $0)) },
    Row(call: "tanhSlope(v)") { 1 - pow(tanh($0), 2) },
    Row(call: "tanhSlope(v, k: 0.7)") { 1 - pow(tanh(0.7 * $0), 2) },
    Row(call: "fastSigmoid(v)") { 1 / pow(1 + 25 * abs($0), 2) },
    Row(call: "fastSigmoid(v, 100)") { 1 / pow(1 + 100 * abs($0), 2) },
    Row(call: "sparseFastSigmoid(v)") { $0 > 1 ? 1 / pow(1 + 25 * abs($0), 2) : 0 },
    Row(call: "sparseFastSigmoid(v, k: 10, b: -0.5)") { $0 > -0.5 ? 1 / pow(1 + 10 * abs($0), 2) : 0 },
    Row(call: "softsignSlope(v)") { 2 / (2 * pow(1 + 2 * abs($0), 2)) },
    Row(call: "softsignSlope(v, 3)") { 3 / (2 * pow(1 + 3 * abs($0), 2)) },
    Row(call: "arctan(v)") { 1 / (1 + pow(Double.pi * $0, 2)) },
    Row(call: "arctan(v, 1)") { 0.5 / (1 + pow(Double.pi * $0 / 2, 2)) },
    Row(call: "arctanNormalised(v)") { 1 / (Double.pi * (1 + pow(2 * Double.pi * $0, 2))) },
    Row(call: "arctanNormalised(v, 0.5)") { 1 / (Double.pi * (1 + pow(0.5 * Double.pi * $0, 2))) },
    Row(call: "erfSlope(v)") { 2 / Double.pi.squareRoot() * exp(-4 * $0 * $0) },
    Row(call: "erfSlope(v, 1)") { 1 / Double.pi.squareRoot() * exp(-$0 * $0) },
    Row(call: "circular(v)") { 1 / pow($0 * $0 + 1, 1.5) },
    Row(call: "circular(v, 0.3)") { pow(0.3, 3) / pow($0 * $0 + 0.09, 1.5) },
    Row(call: "gaussian(v)") { bell($0, 1) },
    Row(call: "gaussian(v, 0.5)") { bell($0, 0.5) },
    Row(call: "gaussianDensity(v)") { density($0, 0, 0.5) },
    Row(call: "gaussianDensity(v, mean: 0.3, deviation: 2, scale: 3)") { 3 * density($0, 0.3, 2) },
    Row(call: "doubleGaussian(v)") { 1.3 * bell($0, 0.5) - 0.6 * bell($0, 1) },
    Row(call: "doubleGaussian(v, 0.15, 0.5, 3, 0.5)") { 0.5 * (1.15 * bell($0, 0.5) - 0.3 * bell($0, 3)) },
    Row(call: "multiGaussian(v)") { 1.15 * density($0, 0, 0.5) - 0.15 * density($0, 0.5, 3) - 0.15 * density($0, -0.5, 3) },
    Row(call: "multiGaussian(v, h: 0.2, k: 2, s: 1, c: 0.5)") {
      0.5 * (1.2 * density($0, 0, 1) - 0.2 * density($0, 1, 2) - 0.2 * density($0, -1, 2))
    },
    Row(call: "slayer(v)") { 0.5 * exp(-abs($0)) },
    Row(call: "slayer(v, 3)") { 1.5 * exp(-3 * abs($0)) },
    Row(call: "exponential(v)") { exp(-abs($0)) },
    Row(call: "exponential(v, 3)") { exp(-3 * abs($0)) },
    Row(call: "escapeRate(v)") { 25 * exp(-abs($0 - 1)) },
    Row(call: "escapeRate(v, b: 2, k: 3)") { 3 * exp(-2 * abs($0 - 1)) },
    Row(call: "leakyReluSlope(v)") { $0 >= 0 ? 1 : 0 },
    Row(call: "leakyReluSlope(v, k: 2, leak: 0.1)") { $0 >= 0 ? 2 : 0.1 },
    Row(call: "piecewiseLeaky(v)") { abs($0) <= 1 ? 0.5 : 0.01 },
    Row(call: "piecewiseLeaky(v, w: 2, c: 0.1)") { abs($0) <= 2 ? 0.25 : 0.1 },
    Row(call: "logTailedRelu(v)") { $0 <= 0 ? 0 : $0 <= 1 ? 1 : 1 / $0 },
    Row(call: "logTailedRelu(v, 0.2)") { $0 <= 0 ? 0.2 : $0 <= 1 ? 1 : 1 / $0 },
    Row(call: "nonzeroSignLog(v)") { 1 / (1 + abs($0)) },
    Row(call: "nonzeroSignLog(v, 4)") { 1 / (0.25 + abs($0)) },
    Row(call: "s2nn(v)") { $0 < 0 ? 4 * logistic(4 * $0) * (1 - logistic(4 * $0)) : 1 / ($0 + 1) },
    Row(call: "s2nn(v, a: 2, b: 3)") { $0 < 0 ? 2 * logistic(2 * $0) * (1 - logistic(2 * $0)) : 3 / ($0 + 1) },
    Row(call: "qPseudoSpike(v)") { pow(1 + 2 * abs($0), -2) },
    Row(call: "qPseudoSpike(v, 3)") { pow(1 + abs($0), -3) },
    Row(call: "squareWaveFourier(v)") { 0.5 * (cos(2 * Double.pi * $0 / 8) + cos(6 * Double.pi * $0 / 8)) },
    Row(call: "squareWaveFourier(v, n: 3, period: 4)") {
      cos(2 * Double.pi * $0 / 4) + cos(6 * Double.pi * $0 / 4) + cos(10 * Double.pi * $0 / 4)
    },
    Row(call: "piecewiseLinear(v, 2)") { $0 >= 1 ? 0.5 : 0 },
    Row(call: "piecewiseLinear(v, threshold: 2, w: 0.5)") { $0 >= 1.5 ? 0.5 : 0 },
    Row(call: "piecewiseLinearThreshold(v, 2)") { $0 >= 1 ? -$0 / 4 : 0 },
    Row(call: "piecewiseLinearThreshold(v, threshold: 2, w: 0.5)") { $0 >= 1.5 ? -$0 / 4 : 0 },
    Row(call: "periodicExponential(v)") { exp(-distanceToSpike($0, 1) / 0.5) },
    Row(call: "periodicExponential(v, threshold: 1.5, w: 0.8)") { exp(-distanceToSpike($0, 1.5) / 0.8) / 1.5 },
  ]

  static let evaluation = Result {
    try LibraryEvaluation(
      bodies: rows.enumerated().map { index, row in (name: "f\(index)", parameters: ["v"], results: "Float", body: "return \(row.call)") })
  }

  /// Away from every bend.
  static let points = (0..<60).map { -3.713 + 0.1273 * Double($0) }

  @Test(arguments: rows.indices) func agreesWithItsFormula(index: Int) throws {
    let evaluation = try Self.evaluation.get()
    for v in Self.points {
      let found = try evaluation("f\(index)", [v])[0], expected = Self.rows[index].formula(v)
      #expect(isNear(found, expected), "\(Self.rows[index].call) at \(v): \(found), expected \(expected)")
    }
  }

  @Test(arguments: rows.indices) func isFiniteForAllFiniteInputs(index: Int) throws {
    let evaluation = try Self.evaluation.get()
    let sizes: [Float] = [0, .leastNonzeroMagnitude, 1e-30, 1e-3, 1, 4, 89, 1e4, 1e10, 1e19, 1e30, .greatestFiniteMagnitude]
    for size in sizes {
      for v in [size, -size] {
        let found = try evaluation("f\(index)", [Double(v)], precision: .single)[0]
        #expect(found.isFinite, "\(Self.rows[index].call) at \(v): \(found)")
      }
    }
  }

  @Test func everySurrogateHasARow() throws {
    #expect(try declaredFunctions(in: "Surrogates.graft") == Set(Self.rows.map(\.name)))
  }
}

private func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

private func bell(_ x: Double, _ deviation: Double) -> Double { exp(-x * x / (2 * deviation * deviation)) }

private func density(_ x: Double, _ mean: Double, _ deviation: Double) -> Double {
  exp(-(x - mean) * (x - mean) / (2 * deviation * deviation)) / (deviation * (2 * Double.pi).squareRoot())
}

private func distanceToSpike(_ v: Double, _ threshold: Double) -> Double {
  (1...9).map { abs(v - Double($0) * threshold) }.min() ?? 0
}
