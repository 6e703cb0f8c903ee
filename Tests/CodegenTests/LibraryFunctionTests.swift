import Codegen
import Foundation
import ModelDSL
import Testing

/// The library's functions, activations and losses, and their slopes where those are a convention.
@Suite struct LibraryFunctionTests {
  struct Row: Sendable {
    /// An expression of the numbers `x` and `y`, and its type.
    let call: String, type: String
    let formula: @Sendable (_ x: Double, _ y: Double) -> [Double]
    init(_ call: String, _ type: String = "Float", _ formula: @escaping @Sendable (_ x: Double, _ y: Double) -> [Double]) {
      self.call = call
      self.type = type
      self.formula = formula
    }
    /// Every name that is written.
    var names: Set<String> { Set(call.split { !($0.isLetter || $0.isNumber) }.map(String.init)) }
  }

  static let rows: [Row] = [
    Row("square(x)") { x, _ in [x * x] },
    Row("clamp(x, -0.5, y)") { x, y in [min(max(x, -0.5), y)] },
    Row("lerp(x, y, 0.3)") { x, y in [0.7 * x + 0.3 * y] },
    Row("fires(x, y)") { x, y in [x > y ? 1 : 0] },
    Row("fires(x, x, atZero: 1)") { _, _ in [1] },
    Row("fires(x, x)") { _, _ in [0] },
    Row("firesTimes(x, 0.4)") { x, _ in [max(0, (x / 0.4).rounded(.down))] },
    Row("stop(x)") { x, _ in [x] },
    Row("scaleGradient(x, by: y)") { x, _ in [x] },
    Row("clipGradient(x, -1, 1)") { x, _ in [x] },

    Row("relu(x)") { x, _ in [max(0, x)] },
    Row("leakyRelu(x)") { x, _ in [x > 0 ? x : 0.01 * x] },
    Row("elu(x, alpha: 2)") { x, _ in [x > 0 ? x : 2 * (exp(x) - 1)] },
    Row("selu(x)") { x, _ in [1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * (exp(x) - 1))] },
    Row("gelu(x)") { x, _ in [0.5 * x * (1 + erf(x / 2.0.squareRoot()))] },
    Row("silu(x)") { x, _ in [x / (1 + exp(-x))] },
    Row("mish(x)") { x, _ in [x * tanh(log(1 + exp(x)))] },
    Row("softsign(x)") { x, _ in [x / (1 + abs(x))] },
    Row("hardtanh(x)") { x, _ in [min(max(x, -1), 1)] },
    Row("hardtanh(x, low: -0.2, high: 0.4)") { x, _ in [min(max(x, -0.2), 0.4)] },

    Row("logSumExp([x, y, 1])") { x, y in [log(exp(x) + exp(y) + exp(1))] },
    Row("logSumExp([10000 + x, 10000 + y])") { x, y in [10000 + log(exp(x) + exp(y))] },
    Row("softmax([x, y - 10000, x])", "Float[3]") { _, _ in [0.5, 0, 0.5] },
    Row("softmax([x, y])", "Float[2]") { x, y in [exp(x) / (exp(x) + exp(y)), exp(y) / (exp(x) + exp(y))] },
    Row("logSoftmax([x, y])", "Float[2]") { x, y in [x - log(exp(x) + exp(y)), y - log(exp(x) + exp(y))] },

    Row("length([x, y, x])") { _, _ in [3] },
    Row("dot([x, y], [2, 3])") { x, y in [2 * x + 3 * y] },
    Row("norm([x, y, 2])") { x, y in [(x * x + y * y + 4).squareRoot()] },
    Row("norm([0, 0])") { _, _ in [0] },
    Row("unruledNorm([x, y])") { x, y in [(x * x + y * y).squareRoot()] },
    Row("cross([x, y, 1], [2, 3, 4])", "Float[3]") { x, y in [4 * y - 3, 2 - 4 * x, 3 * x - 2 * y] },
    Row("outer([x, y], [2, 3, 4])", "Float[2, 3]") { x, y in [2 * x, 3 * x, 4 * x, 2 * y, 3 * y, 4 * y] },
    Row("transpose([[x, y, 1], [2, 3, 4]])", "Float[3, 2]") { x, y in [x, 2, y, 3, 1, 4] },
    Row("diagonal([x, y])", "Float[2, 2]") { x, y in [x, 0, 0, y] },
    Row("strictlyLower([x, y, 3, 4, 5, 6])", "Float[4, 4]") { x, y in [0, 0, 0, 0, x, 0, 0, 0, y, 4, 0, 0, 3, 5, 6, 0] },
    Row("nearestElement([x, y], 7)") { _, y in [y] },
    Row("identity(2)", "Float[2, 2]") { _, _ in [1, 0, 0, 1] },
    Row("oneHot(1, 3)", "Float[3]") { _, _ in [0, 1, 0] },

    Row("crossEntropy([x, y], 1)") { x, y in [log(exp(x) + exp(y)) - y] },
    Row("negativeLogLikelihood([x, y], 0)") { x, _ in [-x] },
    Row("binaryCrossEntropy(x, 0.3)") { x, _ in [-0.3 * log(1 / (1 + exp(-x))) - 0.7 * log(1 - 1 / (1 + exp(-x)))] },
    Row("binaryCrossEntropy(1e4 * x, if x > 0 { 1 } else { 0 })") { _, _ in [0] },
    Row("meanSquaredError([x, y], [1, 3])") { x, y in [((x - 1) * (x - 1) + (y - 3) * (y - 3)) / 2] },
    Row("meanAbsoluteError([x, y], [1, 3])") { x, y in [(abs(x - 1) + abs(y - 3)) / 2] },
    Row("huber(x, y)") { x, y in [abs(x - y) <= 1 ? (x - y) * (x - y) / 2 : abs(x - y) - 0.5] },
    Row("huber(x, y, delta: 0.5)") { x, y in [abs(x - y) <= 0.5 ? (x - y) * (x - y) / 2 : 0.5 * (abs(x - y) - 0.25)] },
    Row("hinge(x, -1)") { x, _ in [max(0, 1 + x)] },
    Row("spikeRatePenalty(x, y)") { x, y in [(x - y) * (x - y)] },

    // Slopes.
    Row("gradient(stop(x) * x, x)") { x, _ in [x] },
    Row("gradient(scaleGradient(x, by: 3), x)") { _, _ in [3] },
    Row("gradient(clipGradient(5 * x, -1, 1) * y, x)") { _, y in [5 * min(max(y, -1), 1)] },
    Row("relu'(0 * x)") { _, _ in [0] },
    Row("gradient(hardtanh(x - stop(x) + 1), x)") { _, _ in [0] },
    Row("gradient(clamp(x - stop(x) + 1, -1, 1), x)") { _, _ in [1] },
    Row("gradient(norm([0 * x, 0]), x)") { _, _ in [0] },
    Row("gradient(binaryCrossEntropy(0 * y + x, 0.3), x)") { x, _ in [1 / (1 + exp(-x)) - 0.3] },
    Row("gradient(logSumExp([10000 * x, y]), y)") { x, y in [1 / (1 + exp(10000 * x - y))] },
  ]

  static let evaluation = Result {
    try LibraryEvaluation(
      bodies: rows.enumerated().map { index, row in
        (name: "f\(index)", parameters: ["x", "y"], results: row.type, body: "return \(row.call)")
      })
  }

  @Test(arguments: rows.indices) func agreesWithItsFormula(index: Int) throws {
    let evaluation = try Self.evaluation.get()
    let row = Self.rows[index]
    for x in [-2.317, -0.613, 0.219, 0.871, 1.733] {
      for y in [-1.571, 0.337, 2.093] {
        let found = try evaluation("f\(index)", [x, y]), expected = row.formula(x, y)
        #expect(
          found.count == expected.count && zip(found, expected).allSatisfy(isNear),
          "\(row.call) at \(x), \(y): \(found), expected \(expected)")
      }
    }
  }

  @Test func everyFunctionHasARow() throws {
    let written = Self.rows.reduce(into: Set<String>()) { $0.formUnion($1.names) }
    let declared = try declaredFunctions(in: "Functions.graft").union(declaredFunctions(in: "Losses.graft"))
    #expect(declared.subtracting(written).isEmpty)
  }
}
