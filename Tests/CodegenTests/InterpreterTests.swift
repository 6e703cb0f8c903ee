import Codegen
import ModelDSL
import XCTest

/// Each construct of the IR, by hand.
final class InterpreterTests: XCTestCase {
  let interpreter = Interpreter(precision: .double)

  func run(_ procedure: Procedure, _ inputs: [ArrayValue], sizes: [SizeSymbol: Int] = [:]) throws -> [ArrayValue] {
    try interpreter.run(procedure, inputs: inputs, sizes: sizes)
  }

  // MARK: Numbers and arrays

  func testConstantsSizesAndPack() throws {
    let f = procedure(sizes: [n], [("x", .reals(Size(n)))]) { b, _ in
      let size = b.size(Size(n) * Size(n) - Size(1))
      return [b.real(2.5), b.integer(-3), b.boolean(true), size, b.emit(.pack([b.real(1), b.real(2)]))[0]]
    }
    let results = try run(f, [.reals([1, 2, 3])])
    XCTAssertEqual(results, [.real(2.5), .integer(-3), .boolean(true), .integer(8), .reals([1.0, 2.0])])
  }

  func testPackOfRows() throws {
    let f = procedure(sizes: [n], [("x", .reals(Size(n))), ("y", .reals(Size(n)))]) { b, x in [b.emit(.pack([x[0], x[1], x[0]]))[0]] }
    let results = try run(f, [.reals([1.0, 2]), .reals([3.0, 4])])
    XCTAssertEqual(results, [.reals([1, 2, 3, 4, 1, 2], shape: [3, 2])])
  }

  func testReadsOfElementsAndRows() throws {
    let f = procedure(sizes: [n, m], [("x", .reals(Size(n), Size(m))), ("i", .integer), ("j", .integer)]) { b, x in
      let row = b.read(x[0], [x[1]])
      return [row, b.read(row, [x[2]]), b.read(x[0], [x[1], x[2]])]
    }
    let x = ArrayValue.reals([1, 2, 3, 4, 5, 6], shape: [3, 2])
    XCTAssertEqual(try run(f, [x, .integer(2), .integer(0)]), [.reals([5.0, 6]), .real(5.0), .real(5.0)])
    XCTAssertThrowsError(try run(f, [x, .integer(3), .integer(0)])) {
      XCTAssertEqual($0 as? InterpreterError, .indexOutOfBounds(array: "x (%0)", axis: 0, index: 3, extent: 3))
    }
    XCTAssertThrowsError(try run(f, [x, .integer(0), .integer(-1)]))
  }

  func testMapOverTwoAxesStacksRows() throws {
    let f = procedure(sizes: [n, m], [("x", .reals(Size(n))), ("y", .reals(Size(m)))]) { b, x in
      b.map([Size(n), Size(m)]) { b, i in
        let product = b.primitive(.multiply, [b.read(x[0], [i[0]]), b.read(x[1], [i[1]])])
        return [product, b.emit(.pack([product, b.real(1)]))[0], i[1]]
      }
    }
    let results = try run(f, [.reals([1.0, 2]), .reals([3.0, 4, 5])])
    XCTAssertEqual(results[0], .reals([3, 4, 5, 6, 8, 10], shape: [2, 3]))
    XCTAssertEqual(results[1], .reals([3, 1, 4, 1, 5, 1, 6, 1, 8, 1, 10, 1], shape: [2, 3, 2]))
    XCTAssertEqual(results[2], .integers([0, 1, 2, 0, 1, 2], shape: [2, 3]))
    XCTAssertEqual(try run(f, [.reals([]), .reals([3.0])])[0], .reals([], shape: [0, 1]))
  }

  // MARK: Reductions

  func reduction(_ op: ReduceOperator, even: Bool = false) -> Procedure {
    procedure(sizes: [n, m], [("x", .reals(Size(n), Size(m)))]) { b, x in
      b.reduce(
        op, [Size(n), Size(m)],
        condition: even
          ? { b, i in
            let sum = b.primitive(.add, i)
            let two = b.integer(2)
            return b.primitive(.equal, [b.primitive(.modulo, [sum, two]), b.integer(0)])
          } : nil
      ) { b, i in [b.read(x[0], i)] }
    }
  }

  func testReductions() throws {
    let x = ArrayValue.reals([1, 7, 3, -4, 7, -4], shape: [2, 3])
    XCTAssertEqual(try run(reduction(.sum), [x]), [.real(10.0)])
    XCTAssertEqual(try run(reduction(.product), [x]), [.real(1.0 * 7 * 3 * -4 * 7 * -4)])
    XCTAssertEqual(try run(reduction(.max), [x]), [.real(7.0)])
    XCTAssertEqual(try run(reduction(.min), [x]), [.real(-4.0)])
    XCTAssertEqual(try run(reduction(.argmax), [x]), [.integer(0), .integer(1)])
    XCTAssertEqual(try run(reduction(.argmin), [x]), [.integer(1), .integer(0)])
    XCTAssertEqual(try run(reduction(.sum, even: true), [x]), [.real(1.0 + 3 + 7)])
    XCTAssertEqual(try run(reduction(.argmax, even: true), [x]), [.integer(1), .integer(1)])
    XCTAssertEqual(try run(reduction(.argmin, even: true), [x]), [.integer(0), .integer(0)])
  }

  func testReductionsOfNothingAndOfNaN() throws {
    let empty = ArrayValue.reals([], shape: [2, 0])
    XCTAssertEqual(try run(reduction(.sum), [empty]), [.real(0.0)])
    XCTAssertEqual(try run(reduction(.product), [empty]), [.real(1.0)])
    XCTAssertEqual(try run(reduction(.max), [empty]), [.real(-Double.infinity)])
    XCTAssertEqual(try run(reduction(.min), [empty]), [.real(Double.infinity)])
    XCTAssertEqual(try run(reduction(.argmax), [empty]), [.integer(0), .integer(0)])
    let nan = ArrayValue.reals([1, .nan, 3], shape: [1, 3])
    XCTAssertTrue(try run(reduction(.max), [nan])[0].reals[0].isNaN)
    XCTAssertEqual(try run(reduction(.argmin), [nan]), [.integer(0), .integer(1)])
    let least = ArrayValue.reals([-Double.infinity, -.infinity], shape: [1, 2])
    XCTAssertEqual(try run(reduction(.argmax, even: true), [least]), [.integer(0), .integer(0)])
  }

  func testSumOfSeveralRows() throws {
    let f = procedure(sizes: [n, m], [("x", .reals(Size(n), Size(m)))]) { b, x in
      b.reduce(.sum, [Size(n)]) { b, i in [b.read(x[0], [i[0]]), i[0]] }
    }
    XCTAssertEqual(try run(f, [.reals([1, 2, 3, 4, 5, 6], shape: [3, 2])]), [.reals([9.0, 12]), .integer(3)])
  }

  // MARK: Loops

  func fibonacci(down: Bool = false, trips: Int? = nil) -> Procedure {
    procedure(sizes: [n], [("x", .reals(Size(n)))]) { b, _ in
      let trips = trips.map { b.integer($0) }
      let zero = b.real(0)
      let one = b.real(1)
      return b.scan(Size(n), down: down, trips: trips, initial: [zero, one]) { b, i, carried in
        [carried[1], b.primitive(.add, carried), carried[0], i]
      }
    }
  }

  func testScan() throws {
    let x = ArrayValue.reals(Array(repeating: 0.0, count: 5))
    XCTAssertEqual(try run(fibonacci(), [x]), [.real(5.0), .real(8.0), .reals([0.0, 1, 1, 2, 3]), .integers([0, 1, 2, 3, 4])])
    XCTAssertEqual(
      try run(fibonacci(down: true), [x]), [.real(5.0), .real(8.0), .reals([3.0, 2, 1, 1, 0]), .integers([0, 1, 2, 3, 4])])
    XCTAssertEqual(
      try run(fibonacci(trips: 3), [x]), [.real(2.0), .real(3.0), .reals([0.0, 1, 1, 0, 0]), .integers([0, 1, 2, 0, 0])])
    XCTAssertEqual(
      try run(fibonacci(down: true, trips: 3), [x]),
      [.real(2.0), .real(3.0), .reals([1.0, 1, 0, 0, 0]), .integers([0, 1, 2, 0, 0])])
    XCTAssertEqual(try run(fibonacci(trips: 0), [x])[0], .real(0.0))
    XCTAssertEqual(try run(fibonacci(down: true, trips: -2), [x])[0], .real(0.0))
    XCTAssertEqual(try run(fibonacci(trips: 9), [x])[0], .real(5.0))
    XCTAssertEqual(try run(fibonacci(), [.reals([])])[1], .real(1.0))
  }

  func testScanSwapsArraysAndUpdatesRows() throws {
    let f = procedure(sizes: [n], [("x", .reals(Size(n))), ("y", .reals(Size(n)))]) { b, x in
      b.scan(Size(n), initial: x) { b, i, carried in
        let new = b.emit(.update(carried[0], [i], b.real(9)))[0]
        return [carried[1], new, new]
      }
    }
    let results = try run(f, [.reals([1.0, 2, 3]), .reals([4.0, 5, 6])])
    XCTAssertEqual(results[0], .reals([4.0, 9, 6]))
    XCTAssertEqual(results[1], .reals([9.0, 2, 9]))
    XCTAssertEqual(results[2], .reals([9, 2, 3, 4, 9, 6, 9, 2, 9], shape: [3, 3]))
  }

  func testWhile() throws {
    let f = procedure([("x", .real)]) { b, x in
      let carriedInCondition = b.fresh(.real)
      let condition = b.block(parameters: [carriedInCondition]) { b in [b.primitive(.less, [carriedInCondition, b.real(100)])] }
      let carried = b.fresh(.real)
      let body = b.block(parameters: [carried]) { b in [b.primitive(.multiply, [carried, b.real(3)]), carried] }
      return b.emit(.whileLoop(While(name: "the loop over x", bound: 4, initial: [x[0]], condition: condition, body: body)))
    }
    XCTAssertEqual(try run(f, [.real(2.0)]), [.real(162.0), .reals([2.0, 6, 18, 54]), .integer(4)])
    XCTAssertEqual(try run(f, [.real(20.0)]), [.real(180.0), .reals([20.0, 60, 0, 0]), .integer(2)])
    XCTAssertEqual(try run(f, [.real(200.0)]), [.real(200.0), .reals([0.0, 0, 0, 0]), .integer(0)])
    XCTAssertThrowsError(try run(f, [.real(1.0)])) {
      XCTAssertEqual($0 as? InterpreterError, .boundReached(loop: "the loop over x", bound: 4))
    }
  }

  // MARK: Branches, updates, accumulators

  func testBranchEvaluatesOneSide() throws {
    let f = procedure(sizes: [n], [("x", .reals(Size(n))), ("i", .integer)]) { b, x in
      let inside = b.primitive(.less, [x[1], b.size(Size(n))])
      return b.branch(inside, then: { b in [b.read(x[0], [x[1]]), x[0]] }, otherwise: { b in [b.real(-1), b.zeros(.reals(Size(n)))] })
    }
    XCTAssertEqual(try run(f, [.reals([5.0, 6]), .integer(1)]), [.real(6.0), .reals([5.0, 6])])
    XCTAssertEqual(try run(f, [.reals([5.0, 6]), .integer(2)]), [.real(-1.0), .reals([0.0, 0])])
  }

  func testUpdateLeavesTheOldArrayAlone() throws {
    let f = procedure(sizes: [n, m], [("x", .reals(Size(n), Size(m))), ("row", .reals(Size(m)))]) { b, x in
      let one = b.integer(1)
      let first = b.emit(.update(x[0], [one], x[1]))[0]
      let second = b.emit(.update(first, [one, one], b.real(0)))[0]
      let third = b.emit(.update(second, [b.integer(0), one], b.real(7)))[0]
      return [x[0], first, third]
    }
    let results = try run(f, [.reals([1, 2, 3, 4], shape: [2, 2]), .reals([8.0, 9])])
    XCTAssertEqual(results[0].reals, [1, 2, 3, 4])
    XCTAssertEqual(results[1].reals, [1, 2, 8, 9])
    XCTAssertEqual(results[2].reals, [1, 7, 8, 0])
  }

  func testUpdateOfAViewsOwner() throws {
    let f = procedure(sizes: [n, m], [("x", .reals(Size(n), Size(m)))]) { b, x in
      let copy = b.map([Size(n), Size(m)]) { b, i in [b.read(x[0], i)] }[0]
      let row = b.read(copy, [b.integer(0)])
      let new = b.emit(.update(copy, [b.integer(0), b.integer(0)], b.real(5)))[0]
      return [row, new]
    }
    let results = try run(f, [.reals([1, 2, 3, 4], shape: [2, 2])])
    XCTAssertEqual(results[0].reals, [1, 2])
    XCTAssertEqual(results[1].reals, [5, 2, 3, 4])
  }

  func testAccumulators() throws {
    let f = procedure(sizes: [n, m], [("x", .reals(Size(n))), ("at", .integers(Size(n))), ("start", .reals(Size(m)))]) { b, x in
      let (results, sums) = b.accumulating([.reals(Size(m)), .real, .integer, .reals(2, Size(m))], initial: [x[2], nil, nil, nil]) {
        b, tokens in
        let squares = b.map([Size(n)]) { b, i in
          let number = b.read(x[0], i)
          b.accumulate(into: tokens[0], [b.read(x[1], i)], number)
          b.accumulate(into: tokens[1], [], number)
          b.accumulate(into: tokens[2], [], i[0])
          b.accumulate(into: tokens[3], [b.integer(1)], x[2])
          return [b.primitive(.multiply, [number, number])]
        }
        return squares + [x[2]]
      }
      return results + sums
    }
    let results = try run(f, [.reals([1.0, 2, 3]), .integers([1, 0, 1]), .reals([10.0, 20])])
    XCTAssertEqual(results[0].reals, [1, 4, 9])
    XCTAssertEqual(results[1].reals, [10, 20])
    XCTAssertEqual(results[2].reals, [12, 24])
    XCTAssertEqual(results[3], .real(6.0))
    XCTAssertEqual(results[4], .integer(3))
    XCTAssertEqual(results[5].reals, [0, 0, 30, 60])
    XCTAssertThrowsError(try run(f, [.reals([1.0]), .integers([2]), .reals([10.0, 20])]))
  }

  // MARK: Precision

  func testSinglePrecisionRoundsEachResult() throws {
    let f = procedure(sizes: [n], [("x", .reals(Size(n)))]) { b, x in
      let sum = b.reduce(.sum, [Size(n)]) { b, i in [b.read(x[0], i)] }[0]
      return [sum, b.primitive(.exp, [sum]), b.primitive(.divide, [sum, b.real(0.1)])]
    }
    let numbers = (0..<100).map { 1 / Double($0 + 1) }
    let results = try Interpreter(precision: .single).run(f, inputs: [.reals(numbers)])
    let expected = numbers.reduce(Float(0)) { $0 + Float($1) }
    XCTAssertEqual(results[0].reals, [Double(expected)])
    XCTAssertEqual(results[1].reals, [Double(Float(exp(Double(expected))))])
    XCTAssertEqual(results[2].reals, [Double(expected / Float(0.1))])
  }

  // MARK: Speed

  /// A recurrent layer of 128 neurons for 20 steps: some 20 ms unoptimised, and far from seconds on any machine.
  func testSpeed() throws {
    let f = procedure(sizes: [n], [("w", .reals(128, 128)), ("x", .reals(Size(n), 128))]) { b, x in
      let zero = b.zeros(.reals(128))
      return b.scan(Size(n), initial: [zero]) { b, t, carried in
        b.map([128]) { b, i in
          let drive = b.reduce(.sum, [128]) { b, k in
            [b.primitive(.multiply, [b.read(x[0], [i[0], k[0]]), b.read(carried[0], [k[0]])])]
          }[0]
          return [b.primitive(.tanh, [b.primitive(.add, [drive, b.read(x[1], [t, i[0]])])])]
        }
      }
    }
    let weight = ArrayValue.reals((0..<128 * 128).map { Double($0 % 7) / 700 }, shape: [128, 128])
    let x = ArrayValue.reals((0..<128 * 20).map { Double($0 % 5) / 10 }, shape: [20, 128])
    let start = ContinuousClock.now
    let result = try run(f, [weight, x])
    XCTAssertLessThan(ContinuousClock.now - start, .seconds(2))
    XCTAssertEqual(result[0].count, 128)
  }
}
