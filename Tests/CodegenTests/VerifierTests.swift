import Codegen
import ModelDSL
import XCTest

/// Each check of the verifier, seen to fail once.
final class VerifierTests: XCTestCase {
  func expect(_ f: Procedure, _ problem: String, line: UInt = #line) {
    let problems = verify(f)
    XCTAssertTrue(problems.contains("f: \(problem)"), "\(problems)", line: line)
  }

  /// A procedure of x: real[n], k: integer, c: boolean, r: real with the statements that `body` appends.
  func broken(_ body: (inout Builder, [Value]) -> [Value]) -> Procedure {
    procedure(sizes: [n], [("x", .reals(Size(n))), ("k", .integer), ("c", .boolean), ("r", .real)], body)
  }

  /// One operation, its results of the types given.
  func broken(_ types: [ValueType] = [.real], _ operation: (inout Builder, [Value]) -> Codegen.Operation) -> Procedure {
    broken { b, x in
      let operation = operation(&b, x)
      let results = types.map { b.fresh($0, name: "y") }
      b.append(Statement(results: results, operation: operation))
      return []
    }
  }

  // MARK: The procedure

  func testInputsAndResults() {
    var f = procedure(sizes: [n], [("x", .reals(Size(n)))]) { _, x in x }
    XCTAssertEqual(verify(f), [])
    f.resultNames = []
    expect(f, "1 results have 0 names")
    f.inputs[0].indexBound = Size(m)
    expect(f, "the input x has a bound, but is real[n]")
    expect(f, "the size m in m is not one of the procedure's")
    f.inputs[0].sizeSymbol = m
    expect(f, "the input x serves as a size, but is real[n]")
    expect(f, "the size m of the input x is not one of the procedure's")
    f.requirements = [SizeRequirement(size: Size(m) - 1, reason: "", range: SourceRange(file: FileID(0), lower: 0, upper: 0))]
    expect(f, "the size m in m - 1 is not one of the procedure's")
    f.inputs = []
    expect(f, "the body's parameters are not the inputs")
    f.sizes = [n, n]
    expect(f, "a size is listed twice")
    f.sizes = []
    expect(f, "the size n in n is not one of the procedure's")
  }

  // MARK: Scope

  func testSingleAssignment() {
    expect(
      broken { b, x in
        b.append(Statement(results: [x[3]], operation: .constant(.real(1))))
        return []
      }, "r: r is defined twice")
  }

  func testScope() {
    var inner = Value(0)
    var f = broken { b, _ in
      _ = b.map([Size(n)]) { b, i in
        inner = b.real(1)
        return [inner]
      }
      return [inner]
    }
    expect(f, "%5 is out of scope")
    f.body.results = [Value(99)]
    expect(f, "%99 is not in the table of values")
    f.body.results = []
    f.body.statements.insert(Statement(results: [], operation: .map(Map(axes: [], body: Block(results: [Value(6)])))), at: 0)
    expect(f, "map: %6 is used before it is defined")
  }

  func testTokens() {
    func accumulating(_ body: (inout Builder, Value) -> [Value]) -> Procedure {
      broken { b, _ in b.accumulating([.real], names: ["t"]) { b, tokens in body(&b, tokens[0]) }.results }
    }
    expect(accumulating { _, t in [t] }, "%5, t.6: the token t.4 is read")
    expect(
      broken { b, x in
        b.accumulate(into: x[3], [], x[3])
        return []
      }, "accumulate: r is no token of an accumulator that can be added to here")
    let inCondition = accumulating { b, t in
      let one = b.real(1)
      return b.reduce(
        .sum, [2],
        condition: { b, _ in
          b.accumulate(into: t, [], one)
          return b.boolean(true)
        }
      ) { _, _ in [one] }
    }
    XCTAssertTrue(verify(inCondition).contains { $0.hasSuffix("t.4 is no token of an accumulator that can be added to here") })
    expect(
      broken([.boolean]) { b, _ in
        .accumulating(Accumulating(accumulators: [.init(token: b.fresh(.boolean, name: "t"))], body: Block()))
      }, "y: the token t is boolean")
    expect(
      broken([.real]) { b, x in
        .accumulating(Accumulating(accumulators: [.init(token: b.fresh(.real, name: "t"), initial: x[0])], body: Block()))
      }, "y: t is real, but starts from real[n]")
  }

  // MARK: Types

  func testNumbers() {
    expect(broken { _, x in .primitive(.exp, [x[3], x[3]]) }, "y: exp takes 1 operands, not 2")
    expect(broken { _, x in .primitive(.exp, [x[0]]) }, "y: exp does not take x: real[n]")
    expect(broken { _, x in .primitive(.add, [x[3], x[1]]) }, "y: add does not take k: integer")
    expect(broken { _, x in .primitive(.add, [x[2], x[2]]) }, "y: add does not take c: boolean")
    expect(broken { _, x in .primitive(.not, [x[3]]) }, "y: not does not take r: real")
    expect(broken([.integer]) { _, x in .primitive(.exp, [x[3]]) }, "y: y is integer in the table, but real by its operation")
    expect(broken([.real, .real]) { _, x in .primitive(.exp, [x[3]]) }, "y.4, y.5: 1 results, but 2 names for them")
    expect(broken([.integer]) { _, _ in .size(Size(m)) }, "y: the size m in m is not one of the procedure's")
  }

  func testArrays() {
    expect(broken { _, x in .read(x[0], []) }, "y: a read of x without indices")
    expect(broken { _, x in .read(x[0], [x[1], x[1]]) }, "y: 2 indices into x, which is real[n]")
    expect(broken { _, x in .read(x[0], [x[3]]) }, "y: the index r is real, not integer")
    expect(broken { _, _ in .pack([]) }, "y: a pack of nothing")
    expect(broken { _, x in .pack([x[3], x[1]]) }, "y: k is integer, packed with real")
    expect(broken { _, x in .update(x[0], [], x[0]) }, "y: an update of x without indices")
    expect(broken { _, x in .update(x[0], [x[1]], x[0]) }, "y: x is real[n], but x has place for real")
  }

  func testLoops() {
    expect(
      broken { b, x in .map(Map(axes: [Axis(index: b.fresh(.real, name: "i"), size: -1)], body: Block())) }, "y: a size is negative: -1")
    expect(
      broken { b, x in .map(Map(axes: [Axis(index: b.fresh(.real, name: "i"), size: 2)], body: Block())) },
      "y: the index i is real, not integer")
    expect(
      broken { b, x in .map(Map(axes: [], body: Block(parameters: [b.fresh(.real)]))) }, "y: the body has parameters (real), not ()")
    expect(broken { _, x in .reduce(Reduce(op: .sum, axes: [], body: Block(results: [x[2]]))) }, "y: a sum of (boolean)")
    expect(broken { _, x in .reduce(Reduce(op: .max, axes: [], body: Block(results: [x[0]]))) }, "y: max of (real[n]), not of one number")
    expect(
      broken { _, x in .reduce(Reduce(op: .sum, axes: [], condition: Block(results: [x[3]]), body: Block(results: [x[3]]))) },
      "y: the condition yields (real), not one boolean")
    func scan(_ trips: Value?, _ initial: [Value], _ body: Block, _ b: inout Builder) -> Codegen.Operation {
      .scan(Scan(axis: Axis(index: b.fresh(.integer), size: 2), trips: trips, initial: initial, body: body))
    }
    expect(broken([]) { b, x in scan(x[3], [], Block(), &b) }, "scan: the number of trips is real, not integer")
    expect(broken { b, x in scan(nil, [x[3]], Block(), &b) }, "y: the body has parameters (), not (real)")
    expect(
      broken { b, x in
        let carried = b.fresh(.real)
        return scan(nil, [x[3]], Block(parameters: [carried], results: [x[1]]), &b)
      }, "y: the body yields successors (integer) of (real)")
    func loop(_ x: [Value], _ b: inout Builder, bound: Size = 2, condition: Value, successor: Value) -> Codegen.Operation {
      let parameters = [b.fresh(.real), b.fresh(.real)]
      return .whileLoop(
        While(
          name: "loop", bound: bound, initial: [x[3]], condition: Block(parameters: [parameters[0]], results: [condition]),
          body: Block(parameters: [parameters[1]], results: [successor])))
    }
    expect(broken { b, x in loop(x, &b, condition: x[1], successor: x[3]) }, "y: the condition yields (integer), not one boolean")
    expect(broken { b, x in loop(x, &b, condition: x[2], successor: x[1]) }, "y: the body yields successors (integer) of (real)")
    expect(
      broken { b, x in loop(x, &b, bound: Size(m), condition: x[2], successor: x[3]) },
      "y: the size m in m is not one of the procedure's")
  }

  func testBranches() {
    expect(
      broken { _, x in .branch(condition: x[1], then: Block(results: [x[3]]), otherwise: Block(results: [x[3]])) },
      "y: the condition is integer, not boolean")
    expect(
      broken { _, x in .branch(condition: x[2], then: Block(results: [x[3]]), otherwise: Block(results: [x[1]])) },
      "y: the sides yield (real) and (integer)")
  }

  func testRules() {
    func ruled(_ value: Int, _ target: Int, _ kind: Rule.Kind, _ parameters: [ValueType], _ result: Int) -> Procedure {
      broken { b, x in
        let block = Block(parameters: parameters.map { b.fresh($0) }, results: [x[result]])
        return .ruled(x[value], [Rule(target: x[target], kind: kind, block: block)])
      }
    }
    expect(ruled(1, 3, .slope, [.integer], 3), "y: k has rules, but is integer")
    expect(ruled(3, 1, .slope, [.real], 3), "y: a rule for k, which is integer")
    expect(ruled(3, 3, .slope, [], 3), "y: the slope for r has parameters (), not (real)")
    expect(ruled(3, 3, .slope, [.real], 0), "y: the slope for r is (real[n]): neither real nor real nor real")
    expect(ruled(3, 3, .cotangent, [.real], 3), "y: the cotangent for r has parameters (real), not (real, real)")
    expect(ruled(3, 3, .cotangent, [.real, .real], 0), "y: the cotangent for r is (real[n]), not real")
    expect(
      broken([.reals(2)]) { b, x in
        let (value, parameter) = (b.zeros(.reals(2)), b.fresh(.reals(2)))
        return .ruled(value, [Rule(target: x[0], kind: .slope, block: Block(parameters: [parameter], results: [x[3]]))])
      }, "y: a slope of real[2] for x, which is real[n]: their shapes do not go together")
  }
}
