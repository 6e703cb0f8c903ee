import Codegen
import ModelDSL
import Testing

/// THE rule table: every line against central differences of its primitive, and the conventions where differences say nothing.
@Suite struct RuleTableTests {
  /// Those with a real result and an operand that may carry a derivative.
  static let primitives = Primitive.allCases.filter { primitive in
    let signature = primitive.signature
    return signature.result != .boolean && signature.result != .integer
      && signature.operands.contains { $0 == .real || $0 == .number }
  }

  /// How a primitive is written, of `x` and `y`.
  static func text(_ primitive: Primitive) -> String {
    let count = primitive.signature.operands.filter { $0 == .real || $0 == .number }.count
    if let symbol = primitive.operatorSymbol { return count == 2 ? "x \(symbol) y" : "\(symbol)x" }
    let name = [Primitive.minimum: "min", .maximum: "max"][primitive] ?? primitive.rawValue
    return count == 2 ? "\(name)(x, y)" : "\(name)(x)"
  }

  static let evaluation = Result {
    try LibraryEvaluation(
      bodies: primitives.flatMap { primitive in
        let text = text(primitive)
        let body = text.contains("y") ? text : text + " + 0 * y"
        return [
          (name: "value_\(primitive.rawValue)", parameters: ["x", "y"], results: "Float", body: "return \(body)"),
          (
            name: "slopes_\(primitive.rawValue)", parameters: ["x", "y"], results: "Float[2]",
            body: "let value = \(body)\nreturn [gradient(value, x), gradient(value, y)]"
          ),
        ]
      })
  }

  @Test(arguments: primitives) func agreesWithDifferences(primitive: Primitive) throws {
    let evaluation = try Self.evaluation.get()
    func value(_ x: Double, _ y: Double) throws -> Double { try evaluation("value_\(primitive.rawValue)", [x, y])[0] }
    let h = 1e-6
    var points = 0
    for x in [-2.317, -0.713, 0.219, 0.871, 3.139] {
      for y in [-1.571, 0.337, 2.093] where try !value(x, y).isNaN {
        points += 1
        let slopes = try evaluation("slopes_\(primitive.rawValue)", [x, y])
        let expected = try [(value(x + h, y) - value(x - h, y)) / (2 * h), (value(x, y + h) - value(x, y - h)) / (2 * h)]
        for (found, difference) in zip(slopes, expected) {
          #expect(
            abs(found - difference) <= 1e-7 * max(1, abs(difference)),
            "\(Self.text(primitive)) at \(x), \(y): \(found), differences give \(difference)")
        }
      }
    }
    #expect(points >= 6)
  }

  /// Where there is a choice, or the formula alone would give no number.
  @Test(arguments: [
    (Primitive.minimum, [1.5, 1.5], [1.0, 0]), (.maximum, [1.5, 1.5], [1, 0]), (.abs, [0, 0], [0, 0]),
    (.power, [0, 1], [1, 0]), (.power, [0, 2], [0, 0]), (.power, [0, 0], [0, 0]), (.power, [-2, 3], [12, 0]), (.power, [-2, 0], [0, 0]),
    (.step, [0, 0], [0, 0]), (.sign, [0, 0], [0, 0]), (.sigmoid, [-800, 0], [0, 0]), (.softplus, [800, 0], [1, 0]),
    (.tanh, [800, 0], [0, 0]),
  ]) func holdsItsConvention(primitive: Primitive, at point: [Double], expected: [Double]) throws {
    #expect(try Self.evaluation.get()("slopes_\(primitive.rawValue)", point) == expected)
  }
}
