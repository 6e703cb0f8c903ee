import Codegen
import Foundation
import ModelDSL
import XCTest

/// Every primitive against values worked out elsewhere.
final class PrimitiveTests: XCTestCase {
  enum Number {
    case real(Double), integer(Int), boolean(Bool)

    var value: ArrayValue {
      switch self {
      case .real(let number): .real(number)
      case .integer(let number): .integer(number)
      case .boolean(let truth): .boolean(truth)
      }
    }
  }

  typealias Row = (operands: [Number], result: Number)

  /// Digits from tables and from exact arithmetic, not from the functions that the interpreter calls.
  func rows(_ primitive: Primitive) -> [Row] {
    func real(_ pairs: (Double, Double)...) -> [Row] { pairs.map { ([.real($0.0)], .real($0.1)) } }
    func real2(_ triples: (Double, Double, Double)...) -> [Row] { triples.map { ([.real($0.0), .real($0.1)], .real($0.2)) } }
    func integer2(_ triples: (Int, Int, Int)...) -> [Row] { triples.map { ([.integer($0.0), .integer($0.1)], .integer($0.2)) } }
    /// Results for (1, 2), (2, 2), (3, 2), of reals and of integers, and for (NaN, 2).
    func comparison(_ less: Bool, _ equal: Bool, _ greater: Bool, nan: Bool = false) -> [Row] {
      zip([1, 2, 3], [less, equal, greater]).flatMap { number, result -> [Row] in
        [([.integer(number), .integer(2)], .boolean(result)), ([.real(Double(number)), .real(2)], .boolean(result))]
      } + [([.real(.nan), .real(2)], .boolean(nan))]
    }
    func boolean2(_ results: Bool...) -> [Row] {
      zip([(false, false), (false, true), (true, false), (true, true)], results).map { ([.boolean($0.0), .boolean($0.1)], .boolean($1)) }
    }
    switch primitive {
    case .add: return real2((0.5, 0.25, 0.75)) + integer2((3, -5, -2))
    case .subtract: return real2((0.5, 0.75, -0.25)) + integer2((3, 5, -2))
    case .multiply: return real2((0.5, -0.25, -0.125)) + integer2((3, -5, -15))
    case .negate: return real((0.5, -0.5)) + [([.integer(3)], .integer(-3))]
    case .minimum: return real2((1, 2, 1), (2, 1, 1), (.nan, 1, .nan), (1, .nan, .nan)) + integer2((3, -5, -5), (-5, 3, -5))
    case .maximum: return real2((1, 2, 2), (2, 1, 2), (.nan, 1, .nan), (1, .nan, .nan)) + integer2((3, -5, 3), (-5, 3, 3))
    case .abs: return real((-0.5, 0.5), (0.5, 0.5)) + [([.integer(-3)], .integer(3))]
    case .divide: return real2((1, 4, 0.25), (-1, 0, -.infinity))
    case .power: return real2((2, 10, 1024), (2, -1, 0.5), (9, 0.5, 3), (0, 0, 1), (-2, 3, -8), (-2, 0.5, .nan))
    case .exp: return real((0, 1), (1, 2.718281828459045), (-1000, 0))
    case .expm1: return real((1e-10, 1.00000000005e-10), (1, 1.718281828459045))
    case .log: return real((1, 0), (10, 2.302585092994046), (0, -.infinity), (-1, .nan))
    case .log1p: return real((1e-10, 9.9999999995e-11), (1, 0.6931471805599453))
    case .sqrt: return real((2.25, 1.5), (-1, .nan))
    case .sin: return real((0.5235987755982989, 0.5), (0, 0))
    case .cos: return real((1.0471975511965979, 0.5), (0, 1))
    case .tan: return real((0.7853981633974483, 1))
    case .asin: return real((0.5, 0.5235987755982989))
    case .acos: return real((0.5, 1.0471975511965979))
    case .atan: return real((1, 0.7853981633974483))
    case .atan2: return real2((1, 1, 0.7853981633974483), (-1, -1, -2.356194490192345), (0, -1, 3.141592653589793))
    case .sinh: return real((1, 1.1752011936438014))
    case .cosh: return real((1, 1.5430806348152437))
    case .tanh: return real((1, 0.7615941559557649), (1000, 1))
    case .sigmoid:
      return real((0, 0.5), (1, 0.7310585786300049), (-1, 0.2689414213699951), (-1000, 0), (1000, 1), (-100, 3.720075976020836e-44))
    case .softplus: return real((0, 0.6931471805599453), (1, 1.3132616875182228), (1000, 1000), (-1000, 0), (-40, 4.248354255291589e-18))
    case .erf: return real((0.5, 0.5204998778130465), (-1, -0.8427007929497149), (10, 1))
    case .floor: return real((1.5, 1), (-1.5, -2), (2, 2))
    case .ceil: return real((1.5, 2), (-1.5, -1), (2, 2))
    case .round: return real((0.5, 0), (1.5, 2), (2.5, 2), (-0.5, 0), (-1.5, -2), (1.4, 1))
    case .sign: return real((3, 1), (-3, -1), (0, 0), (.nan, .nan))
    case .step:
      return [
        ([.real(0.1), .integer(0)], .real(1)), ([.real(-0.1), .integer(1)], .real(0)), ([.real(0), .integer(0)], .real(0)),
        ([.real(0), .integer(1)], .real(1)), ([.real(.nan), .integer(1)], .real(0)),
      ]
    case .less: return comparison(true, false, false)
    case .lessOrEqual: return comparison(true, true, false)
    case .greater: return comparison(false, false, true)
    case .greaterOrEqual: return comparison(false, true, true)
    case .equal: return comparison(false, true, false)
    case .notEqual: return comparison(true, false, true, nan: true)
    case .not: return [([.boolean(true)], .boolean(false)), ([.boolean(false)], .boolean(true))]
    case .and: return boolean2(false, false, false, true)
    case .or: return boolean2(false, true, true, true)
    case .quotient: return integer2((7, 2, 3), (-7, 2, -4), (7, -2, -4), (-7, -2, 3), (-6, 2, -3))
    case .modulo: return integer2((7, 2, 1), (-7, 2, 1), (7, -2, -1), (-7, -2, -1), (-6, 2, 0), (.min, -1, 0))
    case .realFromInteger: return [([.integer(-3)], .real(-3))]
    case .realFromBoolean: return [([.boolean(true)], .real(1)), ([.boolean(false)], .real(0))]
    case .integerFromBoolean: return [([.boolean(true)], .integer(1)), ([.boolean(false)], .integer(0))]
    case .integerFromReal: return [([.real(2.7)], .integer(2)), ([.real(-2.1)], .integer(-3)), ([.real(5)], .integer(5))]
    }
  }

  func call(_ primitive: Primitive, _ operands: [ArrayValue]) throws -> ArrayValue {
    let f = procedure(operands.enumerated().map { ("x\($0)", ValueType($1.element)) }) { b, x in [b.primitive(primitive, x)] }
    XCTAssertEqual(verify(f), [])
    return try Interpreter(precision: .double).run(f, inputs: operands)[0]
  }

  func testEveryPrimitive() throws {
    for primitive in Primitive.allCases {
      let rows = rows(primitive)
      XCTAssertFalse(rows.isEmpty)
      for row in rows {
        let result = try call(primitive, row.operands.map(\.value))
        let expected = row.result.value
        let message = "\(primitive)\(row.operands) = \(result), not \(expected)"
        XCTAssertEqual(result.element, expected.element, message)
        let (a, b) = (result.reals[0], expected.reals[0])
        if b.isNaN { XCTAssertTrue(a.isNaN, message) } else if a != b { XCTAssertEqual(a, b, accuracy: 4e-15 * abs(b), message) }
      }
    }
  }

  /// A primitive on `Float or Int` has rows for both.
  func testRowsCoverBothElements() {
    for primitive in Primitive.allCases where primitive.signature.operands.contains(.number) {
      let first = rows(primitive).map { $0.operands[0].value.element }
      XCTAssertTrue(first.contains(.real) && first.contains(.integer), "\(primitive)")
    }
  }

  func testIntegersWithoutResultAreErrors() {
    func fails(_ primitive: Primitive, _ operands: ArrayValue...) {
      XCTAssertThrowsError(try call(primitive, operands)) { XCTAssertEqual($0 as? InterpreterError, .arithmetic(primitive)) }
    }
    fails(.add, .integer(.max), .integer(1))
    fails(.subtract, .integer(.min), .integer(1))
    fails(.multiply, .integer(.max), .integer(2))
    fails(.negate, .integer(.min))
    fails(.abs, .integer(.min))
    fails(.quotient, .integer(1), .integer(0))
    fails(.quotient, .integer(.min), .integer(-1))
    fails(.modulo, .integer(1), .integer(0))
    fails(.integerFromReal, .real(.nan))
    fails(.integerFromReal, .real(1e300))
  }
}
