import ModelDSL
import XCTest

@testable import Codegen

/// Loops cut into segments give the same bits, and keep less.
final class CheckpointTests: XCTestCase {
  /// Functions with a derivative each, by what their loops are.
  static let functions: [(name: String, text: String)] = [
    ("upwards", loop("i in n", "tanh(s + x[i] * s)")),
    ("downwards", loop("i in n down", "sin(s + x[i]) * s")),
    (
      "of arrays",
      """
      func f(x: Float[n]) -> Float {
        let w = [i in 3, j in 3: 0.25 * i - 0.125 * j]
        state h: Float[3] = 0.5
        for t in n { next h = tanh(w @ h + x[t]) }
        return sum(h * h)
      }
      """
    ),
    (
      "with rows that are read as a whole, -0 among them",
      """
      func f(x: Float[n]) -> Float {
        state s = 0.5
        for i in n {
          next s = tanh(s + x[i])
          record all = min(next s, -0.0)
          record again = [k in 2: s * x[i]]
        }
        return sum(i in n: (if 1 / all[i] < 0 { 1 } else { 2 }) * x[i]) + sum(again)
      }
      """
    ),
    (
      "with whole numbers and truth in what is carried",
      """
      func f(x: Float[n]) -> Float {
        state s = 0.5
        state count: Int = 0
        state isLarge: Bool = false
        for i in n {
          next s = if isLarge { s * x[i] } else { tanh(s + x[i]) * (if count % 2 == 0 { 2 } else { s }) }
          next count = count + 1
          next isLarge = next s > 0.5
        }
        return s
      }
      """
    ),
    (
      "in loops",
      """
      func f(x: Float[n]) -> Float {
        state s = 0.5
        for i in n {
          state q = s
          for j in n { next q = tanh(q * x[j] + s) }
          next s = s * 0.5 + q
        }
        return s
      }
      """
    ),
    (
      "one after the other",
      """
      func f(x: Float[n]) -> Float {
        state s = 0.5
        for i in n {
          next s = tanh(s + x[i] * s)
          record first = next s
        }
        state u = s
        for i in n { next u = sin(u * first[i]) + x[i] }
        return u
      }
      """
    ),
    ("with a condition", loop("i in n where i < m", "tanh(s + x[i] * s)", parameters: "x: Float[n], m: Int")),
    (
      "that end by what they compute",
      """
      func f(x: Float[n]) -> Float {
        state s = 0.5
        for i in n {
          state q = s
          while q > 0.5, atMost: 20 { next q = q - 0.3 * x[i] * x[i] - 0.1 }
          next s = tanh(s + q * x[i])
        }
        return s
      }
      """
    ),
    (
      "of a fixed length",
      """
      func f(x: Float[n]) -> Float {
        state s: Float[2] = 0.5
        for i in 23 { next s = tanh(s * 0.5 + sum(x) * i) * s }
        return sum(s)
      }
      """
    ),
  ]

  private static func loop(_ head: String, _ next: String, parameters: String = "x: Float[n]") -> String {
    "func f(\(parameters)) -> Float {\n  state s = 0.5\n  for \(head) { next s = \(next) }\n  return s\n}"
  }

  func testFunctionsKeepTheirBits() throws {
    for function in Self.functions {
      let module = try compile("precision Double\n" + function.text + "\nderive gradient of f wrt x\n")
      let procedure = module.functions[0].emitted[0].procedure
      for levels in 1...2 {
        let cut = checkpointed(procedure, levels: levels)
        XCTAssertEqual(verify(cut), [], function.name)
        XCTAssertNotEqual(cut.description, procedure.description, "\(function.name): nothing is cut")
        for count in [0, 1, 2, 3, 4, 5, 9, 10, 27, 30] {
          let inputs = procedure.inputs.map { input -> ArrayValue in
            if input.name == "m" { return .integer(count / 2) }
            return .reals((0..<count).map { Double($0 * 7 % 11) / 8 - 0.5 }, shape: [count])
          }
          XCTAssertEqual(
            try bits(cut, inputs), try bits(procedure, inputs), "\(function.name), \(count) steps, \(levels) levels")
        }
      }
    }
  }

  private func bits(_ procedure: Procedure, _ inputs: [ArrayValue]) throws -> [[UInt64]] {
    try Interpreter(precision: .double).run(procedure, inputs: inputs).map { $0.reals.map(\.bitPattern) }
  }

  func testRandomProceduresKeepTheirBits() throws {
    var cuts = 0
    for seed in 1...150 {
      let (procedure, inputs) = RandomProgram.make(seed: UInt64(seed))
      let reverse = optimized(
        Differentiation.vjp(of: prepared(procedure), wrt: Array(inputs.indices), rules: DifferentiationRandomTests.rules))
      let interpreter = Interpreter(precision: .double)
      guard let values = try? interpreter.run(procedure, inputs: inputs, sizes: RandomProgram.sizeValues) else { continue }
      let cotangents = values.filter { $0.element == .real }.map { value in
        ArrayValue.reals(value.reals.indices.map { Double($0 % 3) - 0.75 }, shape: value.shape)
      }
      for levels in 1...2 {
        let cut = checkpointed(reverse, levels: levels)
        if !cut.roots.isEmpty { cuts += 1 }
        XCTAssertEqual(verify(cut), [], "seed \(seed)")
        let found = try interpreter.run(cut, inputs: inputs + cotangents, sizes: RandomProgram.sizeValues)
        let expected = try interpreter.run(reverse, inputs: inputs + cotangents, sizes: RandomProgram.sizeValues)
        XCTAssertEqual(found.map { $0.numbers.map(\.bitPattern) }, expected.map { $0.numbers.map(\.bitPattern) }, "seed \(seed)")
      }
    }
    XCTAssertGreaterThan(cuts, 20, "hardly a loop is cut")
  }

  /// The budget decides how often, and what is beyond it is said.
  func testBudgets() throws {
    let text = """
      func f(x: Float[n]) -> Float {
        state s: Float[64] = 0.5
        for i in n { next s = tanh(s + x[i] * s) }
        return sum(s)
      }
      derive gradient of f wrt x
      func g(x: Float[4]) -> Float {
        state s: Float[64] = 0.5
        for i in 10000 { next s = tanh(s + sum(x) * s) }
        return sum(s)
      }
      derive gradient of g wrt x

      """
    let module = try compile(text)
    func bytes(_ budget: Int, _ place: Int) throws -> Int {
      try module.fitting(memory: budget).memoryPlans[place].byteCount(sizesOf: Module.assumedSize)
    }
    // What is known in advance is left alone where it fits; what is not, is cut.
    XCTAssertGreaterThan(try bytes(10_000_000, 1), 64 * 10_000 * 4)
    XCTAssertLessThan(try bytes(10_000_000, 0), 64 * 64 * 4 + 4_000)
    for budget in [200_000, 50_000] {
      for place in 0...1 { XCTAssertLessThanOrEqual(try bytes(budget, place), budget) }
    }
    XCTAssertThrowsError(try module.fitting(memory: 1_000)) { error in
      XCTAssertTrue("\(error)".hasPrefix("'fGradient' takes at least "), "\(error)")
    }
  }
}
