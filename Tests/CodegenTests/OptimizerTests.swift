import Codegen
import Foundation
import ModelDSL
import Testing

/// A hundred updates of one number by each optimiser, against what PyTorch 2.13 makes of the same gradients in float64. PyTorch has no
/// Lion: its numbers come from the formulas of the paper (Chen et al. 2023).
@Suite struct OptimizerTests {
  static let rows: [(call: String, expected: Double)] = [
    ("sgd()", 0.6985233777427998),
    ("sgd(rate: 0.01, momentum: 0.9, dampening: 0.1, decay: 0.1)", 0.25919974870951384),
    ("sgd(rate: 0.01, momentum: 0.9, nesterov: true)", 0.6464218935817212),
    ("adam()", 0.6971628370527427),
    ("adam(rate: 0.01, beta1: 0.8, beta2: 0.95, epsilon: 0.001, decay: 0.1)", 0.5918102384386297),
    ("adam(rate: 0.01, amsgrad: true)", 0.6716303110228271),
    ("adamW()", 0.696465801845578),
    ("adamW(rate: 0.01, beta1: 0.8, beta2: 0.95, epsilon: 0.001, decay: 0.1, amsgrad: true)", 0.6095291182691266),
    ("rmsProp()", 0.6173602764312631),
    ("rmsProp(rate: 0.02, smoothing: 0.9, epsilon: 0.001, momentum: 0.8, decay: 0.1, centered: true)", 0.03955633161355433),
    ("adaGrad()", 0.6920566394219524),
    ("adaGrad(rate: 0.1, rateDecay: 0.05, epsilon: 0.001, decay: 0.1)", 0.5622363384448092),
    ("lion()", 0.6996),
    ("lion(rate: 0.01, beta1: 0.8, beta2: 0.95, decay: 0.1)", 0.6133175672748571),
  ]

  @Test(arguments: rows.indices) func agreesWithPyTorch(index: Int) throws {
    let (call, expected) = Self.rows[index]
    let module = try compile(
      """
      precision Double
      model Line {
        param weight: Float ~ constant(0.7)
        input x: Float
        loss = weight * x
        optimizer = \(call)
      }
      """)
    let optimizer = try #require(module.models.first?.optimizer)
    var weight = ArrayValue.real(0.7)
    var states = optimizer.initial.map { ArrayValue.real($0) }
    for count in 1...100 {
      let t = Double(count)
      let gradient = ArrayValue.real(sin(1.7 * t) + 0.3 * cos(0.2 * t))
      let results = try Interpreter(precision: .double).run(optimizer.update, inputs: [weight, gradient] + states + [.integer(count)])
      weight = results[0]
      states = Array(results.dropFirst())
    }
    #expect(abs(weight.reals[0] - expected) < 1e-12, "\(call): \(weight.reals[0]), expected \(expected)")
  }
}
