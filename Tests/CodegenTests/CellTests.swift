import Codegen
import Foundation
import ModelDSL
import Testing

/// The library's gated cells over four steps, against what PyTorch 2.13 computes in float64 from the same weights in the same order.
@Suite struct CellTests {
  static let rows: [(call: String, expected: [Double])] = [
    ("LSTM(inputs: 2, width: 3)", [-0.06839230611399921, 0.05340194327580964, 0.4969986883211171]),
    ("GRU(inputs: 2, width: 3)", [0.02448768939090109, 0.14891158550464564, -0.1406964044518173]),
  ]

  @Test(arguments: rows.indices) func agreesWithPyTorch(index: Int) throws {
    let (call, expected) = Self.rows[index]
    let module = try compile(
      """
      precision Double
      model Reader {
        size time
        let layer = \(call)
        input x: Float[time, 2]
        state last: Float[3] = 0
        for t in time { next last = layer(x[t]) }
        output y = last
        loss = sum(last)
      }
      """)
    let model = try #require(module.models.first)
    let parameters = model.parameters.enumerated().map { place, parameter in
      ArrayValue.reals((0..<parameter.count).map { sin(Double(1 + $0 + 10 * place)) }, shape: parameter.shape)
    }
    let x = ArrayValue.reals((0..<4).flatMap { [cos(Double($0) + 0.5), sin(2 * Double($0))] }, shape: [1, 4, 2])
    let outputs = try Interpreter(precision: .double).run(model.predict, inputs: parameters + [x])
    #expect(zip(outputs[0].reals, expected).allSatisfy(isNear), "\(call): \(outputs[0].reals), expected \(expected)")
  }
}
