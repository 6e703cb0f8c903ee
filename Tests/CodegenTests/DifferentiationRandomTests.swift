import ModelDSL
import XCTest

@testable import Codegen

/// Reverse mode, forward mode and finite differences agree on programs made at random, before and after optimisation, to second order.
final class DifferentiationRandomTests: XCTestCase {
  func testModesAgree() throws {
    let count = Int(ProcessInfo.processInfo.environment["GRAFT_RANDOM_PROGRAMS"] ?? "") ?? 150
    let start = UInt64(ProcessInfo.processInfo.environment["GRAFT_RANDOM_SEED"] ?? "") ?? 1
    let rules = Self.rules
    for seed in start..<start + UInt64(count) {
      let (procedure, inputs) = RandomProgram.make(seed: seed)
      let variables = Array(inputs.indices)
      let prepared = Codegen.prepared(procedure)
      let values = try run(procedure, inputs)
      if values.contains(where: { $0.reals.contains { !$0.isFinite || abs($0) > 1e6 } }) { continue }
      let real = procedure.body.results.indices.filter { procedure.values[procedure.body.results[$0]].element == .real }
      var random = SeededGenerator(seed)
      let tangents = inputs.map { ArrayValue.reals($0.reals.map { _ in random.number() }, shape: $0.shape) }
      let cotangents = real.map { ArrayValue.reals(values[$0].reals.map { _ in random.number() }, shape: values[$0].shape) }

      let forward = try Differentiation.jvp(of: prepared, wrt: variables, rules: rules)
      let reverse = Differentiation.vjp(of: prepared, wrt: variables, rules: rules)
      let pushed = try run(forward, inputs + tangents)
      let pulled = try run(reverse, inputs + cotangents)
      XCTAssertTrue(agree(values, Array(pushed.prefix(values.count)), 1e-12), "forward mode changes the values, seed \(seed)")
      XCTAssertTrue(agree(values, Array(pulled.prefix(values.count)), 1e-12), "reverse mode changes the values, seed \(seed)")
      let left = zip(cotangents, pushed.dropFirst(values.count)).map(dot)
      let right = zip(tangents, pulled.dropFirst(values.count)).map(dot)
      let scale = (left + right).map { abs($0) }.reduce(1, max)
      XCTAssertEqual(left.reduce(0, +), right.reduce(0, +), accuracy: 1e-9 * scale, "reverse and forward mode differ, seed \(seed)")

      XCTAssertTrue(agree(pushed, try run(optimized(forward), inputs + tangents), 1e-10), "optimised forward mode differs, seed \(seed)")
      XCTAssertTrue(agree(pulled, try run(optimized(reverse), inputs + cotangents), 1e-10), "optimised reverse mode differs, seed \(seed)")

      do { try checkDifferences(procedure, inputs, tangents, pushed.dropFirst(values.count).map { $0 }, real, seed) } catch {
        XCTFail("differences: \(error), seed \(seed)")
      }
      if seed % 3 == 0 { try checkSecondOrder(reverse, inputs + cotangents, rules, &random, seed) }
    }
  }

  private func checkDifferences(
    _ procedure: Procedure, _ inputs: [ArrayValue], _ tangents: [ArrayValue], _ pushed: [ArrayValue], _ real: [Int], _ seed: UInt64
  ) throws {
    let interpreter = Interpreter(precision: .double)
    let trace = try interpreter.record(procedure, inputs: inputs, sizes: RandomProgram.sizeValues).trace
    func moved(_ step: Double) throws -> [ArrayValue] {
      let there = zip(inputs, tangents).map { x, d in ArrayValue.reals(zip(x.reals, d.reals).map { $0 + step * $1 }, shape: x.shape) }
      let all = try interpreter.replay(procedure, inputs: there, sizes: RandomProgram.sizeValues, trace: trace)
      return real.map { all[$0] }
    }
    func difference(_ h: Double) throws -> [[Double]] {
      zip(try moved(h), try moved(-h)).map { plus, minus in zip(plus.reals, minus.reals).map { ($0 - $1) / (2 * h) } }
    }
    // Richardson: the error of order h^2 cancels.
    let (coarse, fine) = (try difference(2e-4), try difference(1e-4))
    for (place, tangent) in pushed.enumerated() {
      for (element, exact) in tangent.reals.enumerated() {
        let estimate = (4 * fine[place][element] - coarse[place][element]) / 3
        XCTAssertEqual(exact, estimate, accuracy: 2e-6 * max(1, abs(exact)), "forward mode and differences differ, seed \(seed)")
      }
    }
  }

  /// Both modes through reverse mode's own output: forward over reverse against reverse over reverse.
  private func checkSecondOrder(
    _ reverse: Procedure, _ inputs: [ArrayValue], _ rules: RuleTable, _ random: inout SeededGenerator, _ seed: UInt64
  ) throws {
    let first = Codegen.prepared(reverse)
    let variables = Array(inputs.indices)
    let values = try run(first, inputs)
    let tangents = inputs.map { ArrayValue.reals($0.reals.map { _ in random.number() }, shape: $0.shape) }
    let real = values.indices.filter { first.values[first.body.results[$0]].element == .real }
    let cotangents = real.map { place in ArrayValue.reals(values[place].reals.map { _ in random.number() }, shape: values[place].shape) }
    let pushed = try run(try Differentiation.jvp(of: first, wrt: variables, rules: rules), inputs + tangents).dropFirst(values.count)
    let pulled = try run(Differentiation.vjp(of: first, wrt: variables, rules: rules), inputs + cotangents).dropFirst(values.count)
    let left = zip(cotangents, pushed).map(dot)
    let right = zip(tangents, pulled).map(dot)
    let scale = (left + right).map { abs($0) }.reduce(1, max)
    XCTAssertEqual(left.reduce(0, +), right.reduce(0, +), accuracy: 1e-8 * scale, "second derivatives differ, seed \(seed)")
  }

  private func run(_ procedure: Procedure, _ inputs: [ArrayValue]) throws -> [ArrayValue] {
    XCTAssertEqual(verify(procedure), [])
    return try Interpreter(precision: .double).run(procedure, inputs: inputs, sizes: RandomProgram.sizeValues)
  }

  private func dot(_ a: ArrayValue, _ b: ArrayValue) -> Double { zip(a.reals, b.reals).map(*).reduce(0, +) }

  private func agree(_ a: [ArrayValue], _ b: [ArrayValue], _ tolerance: Double) -> Bool {
    a.count == b.count
      && zip(a, b).allSatisfy { a, b in
        a.shape == b.shape
          && zip(a.reals, b.reals).allSatisfy { x, y in x == y || (x.isNaN && y.isNaN) || abs(x - y) <= tolerance * max(1, abs(x)) }
      }
  }

  /// Rules for the primitives that the generator uses, written by hand: the real table is tested with the library.
  static let rules: RuleTable = {
    var b = Builder()
    var entries: [Primitive: [RuleTable.Entry]] = [:]
    func add(_ primitive: Primitive, _ operand: Int, _ body: (inout Builder, [Value], Value) -> Value) {
      let operands = primitive.signature.operands.map { _ in b.fresh(.real) }
      let result = b.fresh(.real)
      let block = b.block(parameters: operands + [result]) { [body(&$0, operands, result)] }
      entries[primitive, default: []].append(RuleTable.Entry(operand: operand, kind: .slope, block: block))
    }
    add(.add, 0) { b, _, _ in b.real(1) }
    add(.add, 1) { b, _, _ in b.real(1) }
    add(.subtract, 0) { b, _, _ in b.real(1) }
    add(.subtract, 1) { b, _, _ in b.real(-1) }
    add(.multiply, 0) { _, x, _ in x[1] }
    add(.multiply, 1) { _, x, _ in x[0] }
    add(.negate, 0) { b, _, _ in b.real(-1) }
    add(.divide, 0) { b, x, _ in b.primitive(.divide, [b.real(1), x[1]]) }
    add(.divide, 1) { b, x, v in b.primitive(.negate, [b.primitive(.divide, [v, x[1]])]) }
    add(.tanh, 0) { b, _, v in b.primitive(.subtract, [b.real(1), b.primitive(.multiply, [v, v])]) }
    add(.sigmoid, 0) { b, _, v in b.primitive(.multiply, [v, b.primitive(.subtract, [b.real(1), v])]) }
    add(.sin, 0) { b, x, _ in b.primitive(.cos, [x[0]]) }
    add(.cos, 0) { b, x, _ in b.primitive(.negate, [b.primitive(.sin, [x[0]])]) }
    for (place, primitive) in [(0, Primitive.maximum), (1, .maximum), (0, .minimum), (1, .minimum)] {
      add(primitive, place) { b, x, _ in
        let first = b.primitive(primitive == .maximum ? .greaterOrEqual : .lessOrEqual, x)
        return b.branch(first, then: { [$0.real(place == 0 ? 1 : 0)] }, otherwise: { [$0.real(place == 0 ? 0 : 1)] })[0]
      }
    }
    add(.power, 0) { b, x, _ in
      let isConstant = b.primitive(.equal, [x[1], b.real(0)])
      return b.branch(
        isConstant, then: { [$0.real(0)] },
        otherwise: { b in
          [b.primitive(.multiply, [x[1], b.primitive(.power, [x[0], b.primitive(.subtract, [x[1], b.real(1)])])])]
        })[0]
    }
    return RuleTable(entries: entries, values: b.values)
  }()
}

struct SeededGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func number() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Double((z ^ (z >> 31)) >> 11) / Double(1 << 52) - 1
  }
}
