import Codegen
import ModelDSL
import XCTest

/// Runs near a recorded point: decisions frozen, ruled values as tangent lines.
final class ReplayTests: XCTestCase {
  let interpreter = Interpreter(precision: .double)

  /// The results at `moved` of what is smooth at `point`.
  func near(
    _ f: Procedure, point: [ArrayValue], moved: [ArrayValue], tangentBlocks: TangentBlocks = [:], line: UInt = #line
  ) throws -> [ArrayValue] {
    XCTAssertEqual(verify(f), [], line: line)
    let (results, trace) = try interpreter.record(f, inputs: point, tangentBlocks: tangentBlocks)
    XCTAssertEqual(results, try interpreter.run(f, inputs: point), line: line)
    XCTAssertEqual(results, try interpreter.replay(f, inputs: point, trace: trace, tangentBlocks: tangentBlocks), line: line)
    return try interpreter.replay(f, inputs: moved, trace: trace, tangentBlocks: tangentBlocks)
  }

  func testPrimitivesKeepTheirSide() throws {
    let f = procedure([("x", .real), ("y", .real)]) { b, x in
      let one: [Primitive] = [.abs, .floor, .ceil, .round, .sign, .integerFromReal]
      let two: [Primitive] = [.minimum, .maximum, .less, .greaterOrEqual, .equal]
      let step = b.primitive(.step, [x[0], b.integer(0)])
      return one.map { p in b.primitive(p, [x[0]]) } + two.map { p in b.primitive(p, x) } + [step]
    }
    let results = try near(f, point: [.real(1.2), .real(2)], moved: [.real(-3), .real(-4)])
    XCTAssertEqual(
      results,
      [
        .real(-3), .real(1), .real(2), .real(1), .real(1), .integer(1), .real(-3), .real(-4), .boolean(true), .boolean(false),
        .boolean(false),
        .real(1),
      ])
  }

  func testBranchesAndLoopsKeepTheirCourse() throws {
    let f = procedure([("x", .real)]) { b, x in
      let c = b.fresh(.real)
      let condition = b.block(parameters: [c]) { b in [b.primitive(.less, [c, b.real(10)])] }
      let carried = b.fresh(.real)
      let body = b.block(parameters: [carried]) { b in [b.primitive(.multiply, [carried, b.real(2)])] }
      let loop = b.emit(.whileLoop(While(name: "loop", bound: 9, initial: [x[0]], condition: condition, body: body)))
      let positive = b.primitive(.greater, [x[0], b.real(0)])
      return loop + b.branch(positive, then: { _ in [x[0]] }, otherwise: { b in [b.real(0)] })
    }
    XCTAssertEqual(try near(f, point: [.real(3)], moved: [.real(-7)]), [.real(-28), .integer(2), .real(-7)])
  }

  func testExtremesKeepTheirPlace() throws {
    let f = procedure(sizes: [n], [("x", .reals(Size(n)))]) { b, x in
      [.max, .min, .argmax, .argmin].flatMap { (op: ReduceOperator) in
        b.reduce(op, [Size(n)], condition: { b, i in b.primitive(.notEqual, [b.read(x[0], i), b.real(5)]) }) { b, i in [b.read(x[0], i)] }
      }
    }
    let results = try near(f, point: [.reals([1, 5, 3, 2])], moved: [.reals([10, 11, 12, 13])])
    XCTAssertEqual(results, [.real(12), .real(10), .integer(2), .integer(0)])
    XCTAssertEqual(try near(f, point: [.reals([5])], moved: [.reals([1])])[0], .real(-.infinity))
  }

  func ruled(_ b: inout Builder, _ value: Value, _ rules: [(target: Value, slope: (inout Builder, Value) -> Value)]) -> Value {
    let rules = rules.map { rule in
      let parameter = b.fresh(b.values[value])
      return Rule(target: rule.target, kind: .slope, block: b.block(parameters: [parameter]) { b in [rule.slope(&b, parameter)] })
    }
    return b.emit(.ruled(value, rules))[0]
  }

  func testRuledNumbersAreTangentLines() throws {
    let f = procedure([("x", .real), ("y", .real)]) { b, x in
      let product = b.primitive(.multiply, x)
      return [
        ruled(
          &b, product,
          [(x[0], { b, value in b.primitive(.add, [value, b.real(1)]) }), (x[1], { b, value in b.primitive(.multiply, [x[0], value]) })])
      ]
    }
    // 6 + 7 * 0.5 + 12 * 2
    XCTAssertEqual(try near(f, point: [.real(2), .real(3)], moved: [.real(2.5), .real(5)]), [.real(33.5)])
  }

  func testRuledArrays() throws {
    let f = procedure(sizes: [n], [("x", .reals(Size(n))), ("k", .real)]) { b, x in
      let sum = b.reduce(.sum, [Size(n)]) { b, i in [b.read(x[0], i)] }[0]
      let scaled = b.map([Size(n)]) { b, i in [b.primitive(.multiply, [b.read(x[0], i), x[1]])] }[0]
      return [
        ruled(&b, scaled, [(x[0], { _, value in value })]),  // element by element
        ruled(&b, scaled, [(x[0], { b, _ in b.real(3) })]),  // a number for all
        ruled(&b, scaled, [(x[1], { _, _ in x[0] })]),  // a number's target
        ruled(&b, sum, [(x[0], { _, _ in x[0] })]),  // a number's value: summed
        ruled(&b, sum, [(x[0], { b, _ in b.real(2) })]),
      ]
    }
    let results = try near(f, point: [.reals([1, 2]), .real(10)], moved: [.reals([1.5, 3]), .real(12)])
    XCTAssertEqual(results, [.reals([15, 40]), .reals([11.5, 23]), .reals([12, 24]), .real(3 + 0.5 + 2), .real(3 + 1 + 2)])
  }

  /// A slope's own decisions are of the point: they neither end up in the trace nor are asked for again.
  func testSlopesMayDecide() throws {
    let f = procedure([("x", .real)]) { b, x in
      let step = b.primitive(.step, [x[0], b.integer(0)])
      let value = ruled(&b, step, [(x[0], { b, _ in b.primitive(.maximum, [b.real(0), b.primitive(.subtract, [b.real(1), x[0]])]) })])
      return [value, b.primitive(.abs, [value])]
    }
    XCTAssertEqual(try near(f, point: [.real(0.5)], moved: [.real(-9.5)]), [.real(-4), .real(-4)])
  }

  func testCotangentRulesNeedATangentBlock() throws {
    var tangentBlocks: TangentBlocks = [:]
    let f = procedure(sizes: [n], [("x", .reals(Size(n))), ("w", .real)]) { b, x in
      let sum = b.reduce(.sum, [Size(n)]) { b, i in [b.read(x[0], i)] }[0]
      let g = b.fresh(.real)
      let value = b.fresh(.real)
      let rule = b.block(parameters: [g, value]) { b in b.map([Size(n)]) { b, _ in [b.primitive(.multiply, [g, x[1]])] } }
      let result = b.emit(.ruled(sum, [Rule(target: x[0], kind: .cotangent, block: rule)]))[0]
      let (tangent, ruledValue) = (b.fresh(.reals(Size(n))), b.fresh(.real))
      tangentBlocks[result] = [
        b.block(parameters: [tangent, ruledValue]) { b in
          b.reduce(.sum, [Size(n)]) { b, i in [b.primitive(.multiply, [b.read(tangent, i), x[1]])] }
        }
      ]
      return [result]
    }
    let (point, moved): ([ArrayValue], [ArrayValue]) = ([.reals([1, 2]), .real(10)], [.reals([2, 4]), .real(10)])
    XCTAssertEqual(try near(f, point: point, moved: moved, tangentBlocks: tangentBlocks), [.real(33)])
    let (_, trace) = try interpreter.record(f, inputs: point)
    XCTAssertEqual(trace.uncheckedRules, [f.body.results[0]])
    XCTAssertEqual(try interpreter.replay(f, inputs: moved, trace: trace), [.real(3)])
  }

  func testATraceOfAnotherRunIsRefused() throws {
    let f = procedure(sizes: [n], [("x", .reals(Size(n)))]) { b, x in b.map([Size(n)]) { b, i in [b.primitive(.floor, [b.read(x[0], i)])] }
    }
    let (_, trace) = try interpreter.record(f, inputs: [.reals([1, 2])])
    for other in [[1.0], [1, 2, 3]] {
      XCTAssertThrowsError(try interpreter.replay(f, inputs: [.reals(other)], trace: trace)) {
        XCTAssertEqual($0 as? InterpreterError, .traceMismatch)
      }
    }
  }

  /// In a loop, each step has its own tangent line.
  func testRuledValuesInLoops() throws {
    let f = procedure(sizes: [n], [("x", .reals(Size(n)))]) { b, x in
      let zero = b.real(0)
      return b.scan(Size(n), initial: [zero]) { b, t, carried in
        let input = b.read(x[0], [t])
        let step = b.primitive(.step, [b.primitive(.add, [carried[0], input]), b.integer(0)])
        return [ruled(&b, step, [(input, { b, _ in b.primitive(.add, [b.real(1), input]) })])]
      }
    }
    // step(0 + 1) = 1, then step(1 - 3) = 0 with slope -2.
    XCTAssertEqual(try near(f, point: [.reals([1, -3])], moved: [.reals([1.5, -2])]), [.real(-2)])
  }
}
