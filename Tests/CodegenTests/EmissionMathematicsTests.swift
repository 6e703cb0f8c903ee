import Codegen
import Foundation
import ModelDSL
import XCTest

/// The mathematics that generated code brings along, against the C library in more digits than the result has.
final class EmissionMathematicsTests: XCTestCase {
  /// Functions of one real number, with the C library's name of each where it has one.
  private static let unary: [(primitive: Primitive, reference: String)] = [
    (.exp, "expl(x)"), (.expm1, "expm1l(x)"), (.log, "logl(x)"), (.log1p, "log1pl(x)"), (.sqrt, "sqrtl(x)"), (.sin, "sinl(x)"),
    (.cos, "cosl(x)"),
    (.tan, "tanl(x)"), (.asin, "asinl(x)"), (.acos, "acosl(x)"), (.atan, "atanl(x)"), (.sinh, "sinhl(x)"), (.cosh, "coshl(x)"),
    (.tanh, "tanhl(x)"), (.sigmoid, "1 / (1 + expl(-x))"), (.softplus, "(x > 0 ? x : 0) + log1pl(expl(-x.magnitude))"), (.erf, "erfl(x)"),
    (.floor, "floorl(x)"), (.ceil, "ceill(x)"), (.round, "rintl(x)"), (.sign, "x > 0 ? 1 : x < 0 ? -1 : x"), (.abs, "x.magnitude"),
    (.negate, "-x"),
  ]
  private static let binary: [(primitive: Primitive, reference: String)] = [
    (.atan2, "atan2l(x, y)"), (.power, "powl(x, y)"), (.minimum, "x.isNaN || x <= y ? x : y"), (.maximum, "x.isNaN || x >= y ? x : y"),
    (.add, "x + y"), (.subtract, "x - y"), (.multiply, "x * y"), (.divide, "x / y"),
  ]

  func testEveryRealFunctionIsCovered() {
    let covered = Set(Self.unary.map(\.primitive) + Self.binary.map(\.primitive))
    for primitive in Primitive.allCases where primitive != .step {
      let signature = primitive.signature
      let isReal =
        signature.operands.allSatisfy { $0 == .real || $0 == .number } && signature.result != .boolean && signature.result != .integer
      if isReal { XCTAssert(covered.contains(primitive), "\(primitive)") }
    }
  }

  func testWithinTwoUnitsInTheLastPlace() throws {
    #if !arch(x86_64) || !canImport(Glibc)
      throw XCTSkip("needs a C library with 80-bit functions")
    #else
      var files: [String: String] = [:]
      var main = Self.harness
      for precision in [Precision.single, .double] {
        let name = precision == .single ? "SingleMathematics" : "DoubleMathematics"
        files[name + ".swift"] = emit(
          Self.module(name, precision), options: EmissionOptions(access: .internal, modelFile: "Mathematics.graft"))
        for (primitive, reference) in Self.unary {
          main += "check1(\"\(primitive)\", \(precision.rawValue).self, { \(name).\(primitive)OfX(x: $0).x }, { x in \(reference) })\n"
        }
        for (primitive, reference) in Self.binary {
          main +=
            "check2(\"\(primitive)\", \(precision.rawValue).self, { \(name).\(primitive)OfXY(x: $0, y: $1).x }, { x, y in \(reference) })\n"
        }
      }
      files["main.swift"] = main
      XCTAssertEqual(try runSwift(files), "")
    #endif
  }

  /// A function for each primitive. It gives its argument's double too, so that it is not one expression.
  private static func module(_ namespace: String, _ precision: Precision) -> Module {
    func entry(_ primitive: Primitive, _ names: [String]) -> FunctionEntry {
      var procedure = procedure(name: primitive.rawValue + "Of" + names.joined().uppercased(), names.map { ($0, .real) }) {
        builder, inputs in
        [builder.primitive(primitive, inputs), builder.primitive(.add, [inputs[0], inputs[0]])]
      }
      procedure.resultNames = ["x", "twice"]
      let point = EntryPoint(
        kind: DerivativeKind.value, name: procedure.name, procedure: procedure, inputRoles: names.map { _ in .argument },
        resultRoles: [.value(label: "x"), .value(label: "twice")])
      return FunctionEntry(name: procedure.name, documentation: [], primal: point, emitted: [point])
    }
    return Module(
      namespace: namespace, precision: precision,
      functions: unary.map { entry($0.primitive, ["x"]) } + binary.map { entry($0.primitive, ["x", "y"]) },
      models: [])
  }

  /// What the programs share: points, and distances from the truth.
  static let harness = """
    import Glibc

    var state: UInt64 = 1
    func next() -> UInt64 {
      state &+= 0x9E3779B97F4A7C15
      var z: UInt64 = state
      z = (z ^ (z >> 30)) &* 0xBF58476D1CE4E5B9
      z = (z ^ (z >> 27)) &* 0x94D049BB133111EB
      return z ^ (z >> 31)
    }

    func specials<T: BinaryFloatingPoint>(_: T.Type) -> [T] {
      let positive: [T] = [
        0, T.leastNonzeroMagnitude, 2 * T.leastNonzeroMagnitude, 3 * T.leastNonzeroMagnitude, T.leastNormalMagnitude, T.ulpOfOne, 1e-8, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 3.5, 4, 10, 100, 1e5, 1e10, 1e30,
        1e38, T.greatestFiniteMagnitude, T.infinity, 0.7853981633974483, 1.5707963267948966, 3.141592653589793, 88.5, 89, 103.9, 104.5, 709.5, 710,
        745, 746, 8388607.5, 8388608, 4503599627370495.5, 4503599627370496,
      ].filter { $0.isFinite || $0.isInfinite }
      return positive + positive.map { -$0 } + [T.nan]
    }

    /// Numbers of every magnitude, numbers of common magnitudes, and the corners.
    func points<T: BinaryFloatingPoint>(_ type: T.Type) -> [T] {
      var result: [T] = specials(type)
      for _ in 0..<20000 {
        let unit = T(Double(next() >> 11) * 0x1p-53)
        let sign: T = next() & 1 == 0 ? 1 : -1
        switch next() & 3 {
        case 0: result.append(sign * unit * 2)
        case 1: result.append(sign * unit * 20)
        case 2: result.append(sign * unit * 800)
        default:
          let range = T.self == Float.self ? 149 + 127 : 1074 + 1023
          let exponent = Int(next() % UInt64(range)) - (T.self == Float.self ? 149 : 1074)
          result.append(sign * T(sign: .plus, exponent: T.Exponent(exponent), significand: 1 + unit))
        }
      }
      return result
    }

    /// How far a result is from the truth, in units of its last place.
    func distance<T: BinaryFloatingPoint>(_ actual: T, _ exact: Float80) -> Double {
      if exact.isNaN || actual.isNaN { return exact.isNaN && actual.isNaN ? 0 : .infinity }
      let rounded = T(exact)
      if rounded.isInfinite || actual.isInfinite { return rounded == actual ? 0 : rounded.isInfinite && actual.nextUp.isInfinite ? 1 : .infinity }
      if rounded == 0 && actual == 0 { return rounded.sign == actual.sign ? 0 : .infinity }
      return Double((Float80(actual) - exact).magnitude / Float80(rounded.ulp))
    }

    func check1<T: BinaryFloatingPoint>(_ name: String, _ type: T.Type, _ f: (T) -> T, _ reference: (Float80) -> Float80) {
      var worst = (error: 0.0, at: T(0))
      for x in points(type) {
        let error = distance(f(x), reference(Float80(x)))
        if error > worst.error { worst = (error, x) }
      }
      if CommandLine.arguments.count > 1 || worst.error > 2 { print(name, type, "is off by", worst.error, "at", worst.at) }
    }

    func check2<T: BinaryFloatingPoint>(_ name: String, _ type: T.Type, _ f: (T, T) -> T, _ reference: (Float80, Float80) -> Float80) {
      var worst = (error: 0.0, x: T(0), y: T(0))
      func check(_ x: T, _ y: T) {
        let error = distance(f(x, y), reference(Float80(x), Float80(y)))
        if error > worst.error { worst = (error, x, y) }
      }
      let corners = specials(type)
      for x in corners { for y in corners { check(x, y) } }
      let all = points(type)
      for x in all { check(x, all[Int(next() % UInt64(all.count))]) }
      for x in all { check(x.magnitude.isFinite ? x.magnitude : 1, T(Double(next() >> 11) * 0x1p-50) - 4) }
      if CommandLine.arguments.count > 1 || worst.error > 2 { print(name, type, "is off by", worst.error, "at", worst.x, worst.y) }
    }

    """
}
