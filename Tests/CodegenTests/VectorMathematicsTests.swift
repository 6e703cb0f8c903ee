import ModelDSL
import XCTest

@testable import Codegen

/// The mathematics of generated code on vectors, every lane of it against the C library in more digits than the result has.
final class VectorMathematicsTests: XCTestCase {
  /// The truth about each function, of x, or of x and y in the order of its operands.
  private static let references: [MathematicalFunction: (operands: Int, reference: String)] = [
    .minimum: (2, "x.isNaN || x <= y ? x : y"), .maximum: (2, "x.isNaN || x >= y ? x : y"), .abs: (1, "x.magnitude"), .exp: (1, "expl(x)"),
    .expm1: (1, "expm1l(x)"), .log: (1, "logl(x)"), .log1p: (1, "log1pl(x)"), .sin: (1, "sinl(x)"), .cos: (1, "cosl(x)"),
    .tan: (1, "tanl(x)"), .asin: (1, "asinl(x)"), .acos: (1, "acosl(x)"), .atan: (1, "atanl(x)"), .atan2: (2, "atan2l(x, y)"),
    .sinh: (1, "sinhl(x)"), .cosh: (1, "coshl(x)"), .tanh: (1, "tanhl(x)"), .sigmoid: (1, "1 / (1 + expl(-x))"),
    .softplus: (1, "(x > 0 ? x : 0) + log1pl(expl(-x.magnitude))"), .erf: (1, "erfl(x)"), .pow: (2, "powl(x, y)"),
    .squareRoot: (1, "x.squareRoot()"), .floor: (1, "floorl(x)"), .ceil: (1, "ceill(x)"), .round: (1, "rintl(x)"),
    .sign: (1, "x > 0 ? 1 : x < 0 ? -1 : x"), .step: (1, "x > 0 ? 1 : x == 0 ? 1 : 0"),
  ]
  private static let types: [(precision: Precision, lanes: Int)] = [(.single, 4), (.single, 8), (.double, 2), (.double, 4)]

  func testWithinTwoUnitsInTheLastPlace() throws {
    try check(Self.types, options: ["-O", "-wmo"])
  }

  /// As on machines that multiply and add in one rounding.
  func testWithinTwoUnitsInTheLastPlaceFused() throws {
    try check([(.single, 8), (.double, 4)], options: ["-O", "-wmo", "-DGRAFT_FMA"])
  }

  private func check(_ types: [(precision: Precision, lanes: Int)], options: [String]) throws {
    #if !arch(x86_64) || !canImport(Glibc)
      throw XCTSkip("needs a C library with 80-bit functions")
    #else
      var files: [String: String] = [:]
      var main = EmissionMathematicsTests.harness + Self.harness
      for (precision, lanes) in types {
        let name = precision.rawValue + String(lanes)
        let functions = MathematicalFunction.allCases.filter { Self.references[$0] != nil }
          .compactMap { EmittedVectorFunction($0, precision, lanes: lanes) }
        XCTAssertEqual(functions.count, Self.references.count)
        files[name + ".swift"] = Self.program(name, functions)
        for function in functions {
          let (operands, reference) = Self.references[function.function]!
          main += "check\(operands)(\"\(function.function) in \(lanes) lanes\", \(precision.rawValue).self, "
          main += "\(name).\(function.function)Each, { \(operands == 2 ? "x, y" : "x") in \(reference) })\n"
        }
      }
      files["main.swift"] = main
      XCTAssertEqual(try runSwift(files, options: options), "")
    #endif
  }

  func testDependenciesHaveTexts() {
    for function in MathematicalFunction.allCases {
      for (precision, lanes) in Self.types {
        guard let function = EmittedVectorFunction(function, precision, lanes: lanes) else { continue }
        XCTAssertFalse(function.text.contains("#V"), "\(function)")
        for dependency in function.dependencies { XCTAssert(EmittedVectorFunction.closure([function]).contains(dependency)) }
      }
    }
  }

  /// An enum of the functions with what they call, and an entry that runs each over an array.
  private static func program(_ name: String, _ functions: [EmittedVectorFunction]) -> String {
    let all = EmittedVectorFunction.closure(Set(functions))
    let types = Set(all.map(\.precision))
    let numbers = EmittedFunction.closure(Set(all.flatMap(\.numberFunctions)))
    let lanes = functions[0].lanes
    let scalar = functions[0].precision.rawValue
    var text = "enum \(name) {\n"
    for precision in [Precision.single, .double] where types.contains(precision) {
      text += EmittedVectorFunction.helpers(precision, lanes: lanes) + "\n"
    }
    for function in all { text += function.text + "\n" }
    for function in numbers { text += function.text + "\n" }
    for function in functions {
      let isPair = references[function.function]!.operands == 2
      let arguments = function.function == .step ? "a, 1" : isPair ? "a, b" : "a"
      text += """
          static func \(function.function)Each(_ x: [\(scalar)]\(isPair ? ", _ y: [\(scalar)]" : "")) -> [\(scalar)] {
            var result: [\(scalar)] = []
            for start in Swift.stride(from: 0, to: x.count, by: \(lanes)) {
              var a: SIMD\(lanes)<\(scalar)> = .zero
              \(isPair ? "var b: SIMD\(lanes)<\(scalar)> = .zero" : "")
              let count = Swift.min(\(lanes), x.count - start)
              for lane in 0..<count {
                a[lane] = x[start + lane]
                \(isPair ? "b[lane] = y[start + lane]" : "")
              }
              let z = \(function.function)(\(arguments))
              for lane in 0..<count { result.append(z[lane]) }
            }
            return result
          }

        """
    }
    return text + "}\n"
  }

  private static let harness = """
    func report<T: BinaryFloatingPoint>(_ name: String, _ errors: [Double], _ x: [T], _ y: [T]) {
      guard let worst = errors.indices.max(by: { errors[$0] < errors[$1] }), errors[worst] > 2 else { return }
      print(name, T.self, "is off by", errors[worst], "at", x[worst], y[worst])
    }

    func check1<T: BinaryFloatingPoint>(_ name: String, _ type: T.Type, _ f: ([T]) -> [T], _ reference: (Float80) -> Float80) {
      let x = points(type)
      let z = f(x)
      report(name, x.indices.map { distance(z[$0], reference(Float80(x[$0]))) }, x, x)
    }

    func check2<T: BinaryFloatingPoint>(_ name: String, _ type: T.Type, _ f: ([T], [T]) -> [T], _ reference: (Float80, Float80) -> Float80) {
      let corners = specials(type)
      let all = points(type)
      var x: [T] = corners.flatMap { corner in corners.map { _ in corner } }
      var y: [T] = corners.flatMap { _ in corners }
      for number in all {
        x += [number, number.magnitude.isFinite ? number.magnitude : 1]
        y += [all[Int(next() % UInt64(all.count))], T(Double(next() >> 11) * 0x1p-50) - 4]
      }
      let z = f(x, y)
      report(name, x.indices.map { distance(z[$0], reference(Float80(x[$0]), Float80(y[$0]))) }, x, y)
    }

    """
}
