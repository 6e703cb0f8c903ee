import ModelDSL
import XCTest

@testable import Codegen

/// The passes on what they are for: a recurrent layer over time, for a batch, its loss and gradients, as lowering and reverse mode make it.
final class OptimizationModelTests: XCTestCase {
  static let batch = SizeSymbol(id: 10, name: "batch")
  static let time = SizeSymbol(id: 11, name: "time")
  static let h = SizeSymbol(id: 12, name: "hidden")
  static let sizes: [SizeSymbol: Int] = [batch: 3, time: 4, h: 2]

  /// `next u = decay * u + w @ z + x[t] * v; next z = tanh(u)`, with `decay = sigmoid(membrane)`; the loss is the mean of
  /// `sum(total * target)`.
  static let model: Procedure = {
    let symbols = [OptimizationModelTests.batch, OptimizationModelTests.time, OptimizationModelTests.h]
    let (batch, time, h) = (Size(symbols[0]), Size(symbols[1]), Size(symbols[2]))
    return procedure(
      sizes: symbols,
      [
        ("w", .reals(h, h)), ("v", .reals(h)), ("membrane", .reals(h)), ("x", .reals(batch, time)), ("target", .reals(batch, h)),
      ]
    ) { b, inputs in
      let (w, v, membrane, x, target) = (inputs[0], inputs[1], inputs[2], inputs[3], inputs[4])
      func each(_ b: inout Builder, _ primitive: Primitive, _ arrays: [Value]) -> Value {
        b.elementwise(over: [h]) { b, i in [b.primitive(primitive, arrays.map { b.values[$0].isScalar ? $0 : b.read($0, i) })] }[0]
      }
      let total = b.reduce(.sum, [batch], indexNames: ["b"]) { b, sample in
        let series = b.read(x, sample)
        let zeros = (0..<3).map { _ in b.zeros(.reals(h)) }
        let last = b.scan(time, indexName: "t", initial: zeros, carryNames: ["u", "z", "total"]) { b, t, carried in
          let (u, z, total) = (carried[0], carried[1], carried[2])
          let decay = each(&b, .sigmoid, [membrane])
          let product = b.map([h], indexNames: ["i"]) { b, i in
            b.reduce(.sum, [h], indexNames: ["k"]) { b, k in [b.primitive(.multiply, [b.read(w, i + k), b.read(z, k)])] }
          }[0]
          let input = each(&b, .multiply, [b.read(series, [t]), v])
          let kept = each(&b, .multiply, [decay, u])
          let current = each(&b, .add, [product, input])
          let next = each(&b, .add, [kept, current])
          let spikes = each(&b, .tanh, [next])
          return [next, spikes, each(&b, .add, [total, spikes])]
        }
        let weighted = each(&b, .multiply, [last[2], b.read(target, sample)])
        return b.reduce(.sum, [h]) { b, i in [b.read(weighted, i)] }
      }[0]
      return [b.primitive(.divide, [total, b.primitive(.realFromInteger, [b.size(batch)])])]
    }
  }()

  static let inputs: [ArrayValue] = {
    var random = SeededGenerator(7)
    return model.inputs.map { input in
      let shape = model.values[input.value].shape.map { $0.evaluated(sizes)! }
      return ArrayValue.reals((0..<shape.reduce(1, *)).map { _ in random.number() }, shape: shape)
    }
  }()

  func testGradientOfARecurrentLayer() throws {
    let gradient = Differentiation.gradient(of: prepared(Self.model), wrt: [0, 1, 2], rules: DifferentiationRandomTests.rules)
    let fast = optimized(gradient)
    XCTAssertEqual(verify(fast), [])
    let interpreter = Interpreter(precision: .double)
    let expected = try interpreter.run(gradient, inputs: Self.inputs)
    let actual = try interpreter.run(fast, inputs: Self.inputs)
    for (a, b) in zip(expected, actual) {
      for (x, y) in zip(a.reals, b.reals) { XCTAssertEqual(x, y, accuracy: 1e-12) }
    }
  }
}
