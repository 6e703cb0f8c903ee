import ModelDSL
import XCTest

@testable import Codegen

/// Each pass on a procedure made by hand: what it makes of it, and that the results stay.
final class OptimizationTests: XCTestCase {
  let vector = ValueType.reals(Size(n))

  /// The operations in order, nested blocks in braces; constants left out.
  func outline(_ block: Block) -> String {
    block.statements.compactMap { statement -> String? in
      func nested(_ name: String) -> String { name + statement.operation.blocks.map { " {" + outline($0) + "}" }.joined() }
      func sizes(_ axes: [Axis]) -> String { "[" + axes.map(\.size.description).joined(separator: ", ") + "]" }
      switch statement.operation {
      case .constant, .size: return nil
      case .primitive(let primitive, _): return primitive.rawValue
      case .read: return "read"
      case .pack: return "pack"
      case .map(let map): return nested("map" + sizes(map.axes))
      case .reduce(let reduce): return nested(reduce.op.rawValue + sizes(reduce.axes))
      case .scan(let scan): return nested("scan" + sizes([scan.axis]))
      case .whileLoop: return nested("while")
      case .branch: return nested("if")
      case .update: return "update"
      case .accumulating(let scope): return nested("accumulating(\(scope.accumulators.count))")
      case .accumulate: return "accumulate"
      case .ruled: return nested("ruled")
      }
    }.joined(separator: " ")
  }

  /// Applies a pass; its result is well-formed, has the given outline, and gives the same numbers.
  func check(
    _ procedure: Procedure, _ pass: Pass, _ expected: String, inputs: [ArrayValue], file: StaticString = #filePath, line: UInt = #line
  ) throws {
    XCTAssertEqual(verify(procedure), [], file: file, line: line)
    let result = pass(procedure)
    XCTAssertEqual(verify(result), [], file: file, line: line)
    XCTAssertEqual(outline(result.body), expected, file: file, line: line)
    let interpreter = Interpreter(precision: .double)
    XCTAssertEqual(
      try interpreter.run(procedure, inputs: inputs), try interpreter.run(result, inputs: inputs), file: file, line: line)
  }

  // MARK: Sinking

  func testWhatOneSideUsesMovesIntoIt() throws {
    let f = procedure([("x", .real), ("c", .boolean)]) { b, x in
      let root = b.primitive(.sqrt, [x[0]])
      let twice = b.primitive(.add, [root, root])
      return b.branch(x[1], then: { b in [b.primitive(.negate, [twice])] }, otherwise: { _ in [x[0]] })
    }
    try check(f, sinkIntoBranches, "if {sqrt add negate} {}", inputs: [.real(4.0), .boolean(true)])
  }

  func testWhatTheConditionNeedsTooIsCopied() throws {
    let f = procedure([("x", .real)]) { b, x in
      let root = b.primitive(.sqrt, [x[0]])
      let test = b.primitive(.greater, [root, b.real(1)])
      return b.branch(test, then: { _ in [root] }, otherwise: { b in [b.real(3)] })
    }
    try check(f, sinkIntoBranches, "sqrt greater if {sqrt} {}", inputs: [.real(4.0)])
    // No infinite slope comes from the side that is not taken.
    let gradient = optimized(Differentiation.gradient(of: prepared(f), wrt: [0], rules: Self.squareRoot))
    XCTAssertEqual(try Interpreter(precision: .double).run(gradient, inputs: [.real(0.0)]), [.real(3.0), .real(0.0)])
    XCTAssertEqual(try Interpreter(precision: .double).run(gradient, inputs: [.real(4.0)]), [.real(2.0), .real(0.25)])
  }

  func testWhatBothSidesUseStays() throws {
    let f = procedure([("x", .real), ("c", .boolean)]) { b, x in
      let root = b.primitive(.sqrt, [x[0]])
      return b.branch(x[1], then: { b in [b.primitive(.negate, [root])] }, otherwise: { _ in [root] })
    }
    try check(f, sinkIntoBranches, "sqrt if {negate} {}", inputs: [.real(4.0), .boolean(false)])
  }

  func testAnElementThatOneSideUsesIsComputedThere() throws {
    for condition in [false, true] {
      let f = procedure(sizes: [n], [("x", vector)]) { b, x in
        let roots = b.map([Size(n)]) { b, i in [b.primitive(.sqrt, [b.read(x[0], i)])] }[0]
        func isPositive(_ b: inout Builder, _ i: [Value]) -> Value { b.primitive(.greater, [b.read(x[0], i), b.real(0)]) }
        if condition { return b.reduce(.sum, [Size(n)], condition: { isPositive(&$0, $1) }) { b, i in [b.read(roots, i)] } }
        return b.reduce(.sum, [Size(n)]) { b, i in
          b.branch(isPositive(&b, i), then: { b in [b.read(roots, i)] }, otherwise: { b in [b.real(0)] })
        }
      }
      let gradient = optimized(Differentiation.gradient(of: prepared(f), wrt: [0], rules: Self.squareRoot))
      let results = try Interpreter(precision: .double).run(gradient, inputs: [.reals([0.0, 4])])
      XCTAssertEqual(results, [.real(2.0), .reals([0.0, 0.25])])
    }
  }

  static let squareRoot: RuleTable = {
    var b = Builder()
    let (x, root) = (b.fresh(.real), b.fresh(.real))
    let slope = b.block(parameters: [x, root]) { b in [b.primitive(.divide, [b.real(0.5), root])] }
    return RuleTable(entries: [.sqrt: [RuleTable.Entry(operand: 0, kind: .slope, block: slope)]], values: b.values)
  }()

  // MARK: Dead code

  func testCarriedValuesThatOnlyComputeThemselvesGo() throws {
    let f = procedure(sizes: [n], [("x", vector)]) { b, x in
      let results = b.scan(Size(n), initial: [b.real(0), b.real(1), b.real(2)]) { b, t, carried in
        let element = b.read(x[0], [t])
        let row = b.primitive(.sin, [element])
        // The second feeds the third, and nothing needs either.
        let third = b.primitive(.multiply, [carried[1], carried[2]])
        return [b.primitive(.add, [carried[0], element]), b.primitive(.exp, [carried[1]]), third, row]
      }
      return [results[0]]
    }
    try check(f, eliminateDeadCode, "scan[n] {read add}", inputs: [.reals([1.0, 2, 3])])
  }

  func testUnusedSumsAndResultsGo() throws {
    let f = procedure(sizes: [n], [("x", vector)]) { b, x in
      let (results, sums) = b.accumulating([.real, .real]) { b, tokens in
        b.map([Size(n)]) { b, i in
          let element = b.read(x[0], i)
          b.accumulate(into: tokens[0], [], b.primitive(.sin, [element]))
          b.accumulate(into: tokens[1], [], b.primitive(.cos, [element]))
          return [b.primitive(.exp, [element])]
        }
      }
      _ = results
      return [sums[1]]
    }
    try check(f, eliminateDeadCode, "accumulating(1) {map[n] {read cos accumulate}}", inputs: [.reals([1.0, 2])])
  }

  func testAReductionRunForItsAdditionsAloneIsALoop() throws {
    let f = procedure(sizes: [n], [("x", vector)]) { b, x in
      let (_, sums) = b.accumulating([.real]) { b, tokens in
        b.reduce(.max, [Size(n)], condition: { b, i in b.primitive(.greater, [i[0], b.integer(0)]) }) { b, i in
          let element = b.read(x[0], i)
          b.accumulate(into: tokens[0], [], element)
          return [b.primitive(.sin, [element])]
        }
      }
      return sums
    }
    try check(f, eliminateDeadCode, "accumulating(1) {map[n] {greater if {read accumulate} {}}}", inputs: [.reals([1.0, 2, 5])])
  }

  // MARK: Simplification

  func testIdentities() throws {
    let identities: [(String, (inout Builder, Value) -> Value)] = [
      ("", { b, x in b.primitive(.multiply, [x, b.real(1)]) }),
      ("", { b, x in b.primitive(.add, [b.real(0), x]) }),
      ("", { b, x in b.primitive(.multiply, [b.real(0), x]) }),
      ("negate", { b, x in b.primitive(.multiply, [x, b.real(-1)]) }),
      ("", { b, x in b.primitive(.negate, [b.primitive(.negate, [x])]) }),
      ("subtract", { b, x in b.primitive(.add, [b.real(3), b.primitive(.negate, [x])]) }),
      ("multiply", { b, x in b.primitive(.power, [x, b.real(2)]) }),
      ("multiply multiply", { b, x in b.primitive(.power, [x, b.real(3)]) }),
      ("divide", { b, x in b.primitive(.power, [x, b.real(-1)]) }),
      ("sqrt", { b, x in b.primitive(.power, [x, b.real(0.5)]) }),
      ("power", { b, x in b.primitive(.power, [x, b.real(2.5)]) }),
      ("", { b, x in b.branch(b.primitive(.less, [b.real(1), b.real(2)]), then: { _ in [x] }, otherwise: { b in [b.real(5)] })[0] }),
      ("", { b, x in b.branch(b.primitive(.less, [x, x]), then: { _ in [x] }, otherwise: { _ in [x] })[0] }),
      ("", { b, x in b.read(b.emit(.pack([x, x]))[0], [b.integer(1)]) }),
      ("", { b, x in b.read(b.fill(x, [Size(3)]), [b.integer(1)]) }),
    ]
    for (place, (expected, body)) in identities.enumerated() {
      let f = procedure([("x", .real)]) { b, x in [body(&b, x[0])] }
      let result = eliminateDeadCode(simplify(f))
      XCTAssertEqual(outline(result.body), expected, "identity \(place)")
      let interpreter = Interpreter(precision: .double)
      let values = (try interpreter.run(f, inputs: [.real(2.0)]), try interpreter.run(result, inputs: [.real(2.0)]))
      XCTAssertEqual(values.0, values.1, "identity \(place)")
    }
  }

  func testFoldingKeepsThePrecision() {
    // 0.1 is another number in single precision: what follows from it is left to the run.
    let f = procedure([]) { b, _ in [b.primitive(.add, [b.real(0.1), b.real(0.2)]), b.primitive(.multiply, [b.real(0.5), b.real(3)])] }
    XCTAssertEqual(outline(simplify(f).body), "add")
  }

  func testARuledValueIsOpaque() throws {
    let f = procedure([("x", .real)]) { b, x in
      let one = b.real(1)
      let parameter = b.fresh(.real)
      let slope = b.block(parameters: [parameter]) { b in [b.real(5)] }
      let ruled = b.emit(.ruled(one, [Rule(target: x[0], kind: .slope, block: slope)]))[0]
      return [b.primitive(.multiply, [ruled, x[0]])]
    }
    try check(f, simplify, "ruled {} multiply", inputs: [.real(2.0)])
    try check(f, { eliminateDeadCode(simplify(eraseRules($0))) }, "", inputs: [.real(2.0)])
  }

  func testIndexArithmetic() throws {
    let f = procedure(sizes: [n], [("x", vector)]) { b, x in
      b.map([Size(n)]) { b, i in
        let after = b.primitive(.add, [i[0], b.integer(1)])
        let same = b.primitive(.subtract, [after, b.integer(1)])
        let isInside = b.primitive(.less, [same, b.size(Size(n))])
        return b.branch(isInside, then: { b in [b.read(x[0], [same])] }, otherwise: { b in [b.real(0)] })
      }
    }
    try check(f, { eliminateDeadCode(simplify(simplify($0))) }, "", inputs: [.reals([1.0, 2])])
  }

  // MARK: Common subexpressions

  func testALoopThatComputesLessIsTakenFromOneThatComputesMore() throws {
    let f = procedure(sizes: [n], [("x", vector)]) { b, x in
      func sum(_ b: inout Builder, rows: Bool) -> [Value] {
        b.scan(Size(n), initial: [b.real(0)]) { b, t, carried in
          let next = b.primitive(.tanh, [b.primitive(.add, [carried[0], b.read(x[0], [t])])])
          return rows ? [next, carried[0]] : [next]
        }
      }
      let full = sum(&b, rows: true)
      return full + sum(&b, rows: false)
    }
    try check(f, eliminateCommonSubexpressions, "scan[n] {read add tanh}", inputs: [.reals([1.0, 2])])
  }

  func testScansThatCarryTheSameBecomeOne() throws {
    let f = procedure(sizes: [n], [("x", vector)]) { b, x in
      func sum(_ b: inout Builder, rows: Bool) -> [Value] {
        b.scan(Size(n), initial: [b.real(0)]) { b, t, carried in
          let next = b.primitive(.tanh, [b.primitive(.add, [b.read(x[0], [t]), carried[0]])])
          return rows ? [next, carried[0]] : [next]
        }
      }
      let short = sum(&b, rows: false)
      return short + sum(&b, rows: true)
    }
    let passes: Pass = { procedure in
      procedure.applying([
        simplify, eliminateCommonSubexpressions, fuseLoops, eliminateCommonSubexpressions, eliminateCommonSubexpressions, eliminateDeadCode,
      ])
    }
    try check(f, passes, "scan[n] {read add tanh}", inputs: [.reals([1.0, 2])])
  }

  func testCotangentRulesAreNeverMerged() throws {
    let f = procedure([("x", .real)]) { b, x in
      let all = (0..<2).map { _ in
        let (g, value) = (b.fresh(.real), b.fresh(.real))
        let clip = b.block(parameters: [g, value]) { b in [b.primitive(.minimum, [g, b.real(1)])] }
        return b.emit(.ruled(x[0], [Rule(target: x[0], kind: .cotangent, block: clip)]))[0]
      }
      return [b.primitive(.add, all)]
    }
    try check(f, eliminateCommonSubexpressions, "ruled {minimum} ruled {minimum} add", inputs: [.real(2.0)])
  }

  func testNothingInABranchIsTakenFromOutsideBeforeDifferentiation() throws {
    let f = procedure([("x", .real), ("c", .boolean)]) { b, x in
      let root = b.primitive(.sqrt, [x[0]])
      let chosen = b.branch(x[1], then: { b in [b.primitive(.sqrt, [x[0]])] }, otherwise: { b in [b.real(0)] })
      return [root, chosen[0]]
    }
    try check(f, eliminateCommonSubexpressionsWithinBranches, "sqrt if {sqrt} {}", inputs: [.real(4.0), .boolean(true)])
    try check(f, eliminateCommonSubexpressions, "sqrt if {} {}", inputs: [.real(4.0), .boolean(true)])
  }

  // MARK: Loop invariants

  func testPartlyInvariantCodeIsSplitOff() throws {
    let f = procedure(sizes: [n, m], [("membrane", vector), ("x", .reals(Size(m)))]) { b, x in
      b.scan(Size(m), initial: [b.zeros(self.vector)]) { b, t, carried in
        b.map([Size(n)]) { b, i in
          let decay = b.primitive(.sigmoid, [b.read(x[0], i)])
          let rest = b.primitive(.subtract, [b.real(1), decay])
          let kept = b.primitive(.multiply, [decay, b.read(carried[0], i)])
          return [b.primitive(.add, [kept, b.primitive(.multiply, [rest, b.read(x[1], [t])])])]
        }
      }
    }
    try check(
      f, hoistLoopInvariants, "map[n] {} map[n] {read sigmoid} scan[m] {map[n] {read subtract read multiply read multiply add}}",
      inputs: [.reals([1.0, 2]), .reals([0.5, 0.25, 1])])
  }

  func testNothingPartialLeavesABranchAndNoReadALoopThatMayNotRun() throws {
    let f = procedure(sizes: [n], [("x", vector), ("c", .boolean)]) { b, x in
      b.map([Size(n)]) { b, i in
        let first = b.read(x[0], [b.integer(0)])
        let value = b.primitive(.exp, [first])
        let chosen = b.branch(x[1], then: { b in [b.primitive(.sqrt, [value])] }, otherwise: { b in [b.real(0)] })
        return [b.primitive(.add, [chosen[0], b.primitive(.realFromInteger, [i[0]])])]
      }
    }
    try check(f, hoistLoopInvariants, "map[n] {read exp if {sqrt} {} realFromInteger add}", inputs: [.reals([]), .boolean(true)])
    try check(f, hoistLoopInvariants, "map[n] {read exp if {sqrt} {} realFromInteger add}", inputs: [.reals([4.0]), .boolean(true)])
  }

  // MARK: Fusion

  func testElementwiseMapsBecomeOneAroundWhatStandsBetween() throws {
    let f = procedure(sizes: [n], [("x", vector), ("w", .reals(Size(n), Size(n)))]) { b, x in
      let a = b.map([Size(n)]) { b, i in [b.primitive(.sin, [b.read(x[0], i)])] }[0]
      let product = b.map([Size(n)]) { b, i in
        b.reduce(.sum, [Size(n)]) { b, k in [b.primitive(.multiply, [b.read(x[1], i + k), b.read(x[0], k)])] }
      }[0]
      let c = b.map([Size(n)]) { b, i in [b.primitive(.add, [b.read(a, i), b.read(product, i)])] }[0]
      return b.map([Size(n)]) { b, i in [b.primitive(.cos, [b.read(c, i)])] }
    }
    try check(
      f, { eliminateDeadCode(fuseMaps($0)) }, "map[n] {sum[n] {read read multiply}} map[n] {read sin read add cos}",
      inputs: [.reals([1.0, 2]), .reals([1, 2, 3, 4], shape: [2, 2])])
  }

  func testAMapReadOutOfPlaceIsNotFused() throws {
    let f = procedure(sizes: [n], [("x", vector)]) { b, x in
      let a = b.map([Size(n)]) { b, i in [b.primitive(.sin, [b.read(x[0], i)])] }[0]
      return b.map([Size(n)]) { b, i in
        let mirrored = b.primitive(.subtract, [b.size(Size(n) - Size(1)), i[0]])
        return [b.primitive(.add, [b.read(a, i), b.read(a, [mirrored])])]
      }
    }
    try check(f, fuseMaps, "map[n] {read sin} map[n] {subtract read read add}", inputs: [.reals([1.0, 2])])
  }

  func testAMapIsComputedInTheReductionThatReadsIt() throws {
    let f = procedure(sizes: [n], [("x", vector)]) { b, x in
      let a = b.map([Size(n)]) { b, i in [b.primitive(.sin, [b.read(x[0], i)])] }[0]
      return b.reduce(.sum, [Size(n)]) { b, i in [b.read(a, i)] }
    }
    try check(f, inlineMaps, "sum[n] {read sin}", inputs: [.reals([1.0, 2])])
  }

  func testTheSumAndTheGradientOverABatchBecomeOneLoop() throws {
    let f = procedure(sizes: [n, m], [("x", .reals(Size(m))), ("w", vector)]) { b, x in
      func forward(_ b: inout Builder, _ s: [Value]) -> Value {
        b.reduce(.sum, [Size(n)]) { b, i in [b.primitive(.tanh, [b.primitive(.multiply, [b.read(x[0], s), b.read(x[1], i)])])] }[0]
      }
      let loss = b.reduce(.sum, [Size(m)]) { b, s in [forward(&b, s)] }
      let mean = b.primitive(.divide, [loss[0], b.real(2)])
      let (_, sums) = b.accumulating([self.vector]) { b, tokens in
        b.map([Size(m)]) { b, s in
          let value = forward(&b, s)
          _ = b.map([Size(n)]) { b, i in
            b.accumulate(into: tokens[0], i, b.primitive(.multiply, [value, b.read(x[1], i)]))
            return []
          }
          return []
        }
      }
      return [mean] + sums
    }
    try check(
      f, { eliminateCommonSubexpressions(fuseLoops($0)) },
      "accumulating(2) {map[m] {sum[n] {read read multiply tanh} accumulate map[n] {read multiply accumulate}}} divide",
      inputs: [.reals([1.0, 2]), .reals([1.0, 2, 3])])
  }

  func testWhatIsAddedOnceForEachElementIsTheResultOfTheMap() throws {
    let f = procedure(sizes: [n], [("x", vector), ("y", vector)]) { b, x in
      b.accumulating([self.vector, self.vector, .real], initial: [nil, x[1], nil]) { b, tokens in
        b.map([Size(n)]) { b, i in
          let value = b.primitive(.sin, [b.read(x[0], i)])
          b.accumulate(into: tokens[0], i, value)
          b.accumulate(into: tokens[1], i, value)
          b.accumulate(into: tokens[2], [], value)
          return []
        }
      }.sums
    }
    try check(
      f, gatherAccumulations, "accumulating(1) {map[n] {read sin accumulate read add}}", inputs: [.reals([1.0, 2]), .reals([1.0, 2])])
  }

  func testAdditionsUnderAConditionStay() throws {
    let f = procedure(sizes: [n], [("x", vector), ("c", .boolean)]) { b, x in
      b.accumulating([self.vector]) { b, tokens in
        b.map([Size(n)]) { b, i in
          let value = b.read(x[0], i)
          _ = b.branch(
            x[1],
            then: { b in
              b.accumulate(into: tokens[0], i, value); return []
            }, otherwise: { _ in [] })
          return []
        }
      }.sums
    }
    try check(f, gatherAccumulations, "accumulating(1) {map[n] {read if {accumulate} {}}}", inputs: [.reals([1.0, 2]), .boolean(false)])
  }

  func testZerosAreFollowedAroundLoops() throws {
    let f = procedure(sizes: [n], [("x", vector)]) { b, x in
      let results = b.scan(Size(n), initial: [b.real(0), b.real(0)]) { b, t, carried in
        // The first stays zero, as it only ever multiplies itself.
        let zero = b.primitive(.multiply, [carried[0], b.read(x[0], [t])])
        return [zero, b.primitive(.add, [b.primitive(.add, [carried[1], zero]), b.read(x[0], [t])])]
      }
      return [results[1], b.primitive(.sin, [results[0]])]
    }
    let passes: Pass = { procedure in procedure.applying([propagateZeros, simplify, eliminateDeadCode]) }
    try check(f, passes, "scan[n] {read add}", inputs: [.reals([1.0, 2])])
  }
}
