import Codegen
import ModelDSL
import XCTest

/// The IR as text, and as equations.
final class PrinterTests: XCTestCase {
  func testNumbersAndArrays() {
    var f = procedure(name: "f", sizes: [n], [("x", .reals(Size(n))), ("k", .integer)]) { b, x in
      let a = b.real(2.5)
      let size = b.size(Size(n) * 2)
      let element = b.read(x[0], [x[1]], name: "element")
      let sum = b.primitive(.add, [a, element])
      b.notes = [Note(.primal, "y = exp(a + x[k])")]
      let y = b.primitive(.exp, [sum], name: "y")
      b.notes = []
      let less = b.primitive(.less, [x[1], size])
      let negative = b.primitive(.negate, [y])
      return [b.emit(.pack([y, negative]))[0], b.emit(.update(x[0], [x[1]], y), names: ["x"])[0], less]
    }
    f.inputs[1].indexBound = Size(n)
    XCTAssertEqual(
      f.description,
      """
      procedure f(x.0: real[n], k: integer in 0 ..< n) -> (result0, result1, result2) where n
        %2: real = 2.5
        %3: integer = size 2 * n
        element: real = x.0[k]
        %5: real = %2 + element
        // primal: y = exp(a + x[k])
        y: real = exp(%5)
        %7: boolean = k < %3
        %8: real = -y
        %9: real[2] = [y, %8]
        x.10: real[n] = update x.0[k] = y
        return result0: %9, result1: x.10, result2: %7

      """)
  }

  func testBlocks() {
    let f = procedure(name: "f", sizes: [n], [("x", .reals(Size(n))), ("c", .boolean)]) { b, x in
      let s = b.reduce(.sum, [Size(n)], indexNames: ["k"], condition: { b, _ in x[1] }, names: ["s"]) { b, k in [b.read(x[0], k)] }[0]
      let u = b.scan(3, indexName: "t", down: true, initial: [s], carryNames: ["u"], names: ["last", "trace"]) { _, _, u in u + u }
      let w = b.branch(x[1], names: ["w"], then: { _ in [s] }, otherwise: { _ in [u[0]] })[0]
      let g = b.accumulating([.real], names: ["g"]) { b, tokens in
        _ = b.map([Size(n)], indexNames: ["i"]) { b, i in
          b.accumulate(into: tokens[0], [], w)
          return []
        }
        return []
      }.sums[0]
      let parameter = b.fresh(.real, name: "value")
      return b.emit(.ruled(g, [Rule(target: s, kind: .slope, block: Block(parameters: [parameter], results: [parameter]))]), names: ["r"])
    }
    XCTAssertEqual(verify(f), [])
    XCTAssertEqual(
      f.description,
      """
      procedure f(x: real[n], c: boolean) -> (result0) where n
        s: real = reduce sum [k in n] where {
          yield c
        } {
          %3: real = x[k]
          yield %3
        }
        last: real, trace: real[3] = scan [t in 3 down] carry (u: real = s) {
          yield u, u
        }
        w: real = if c {
          yield s
        } else {
          yield last
        }
        g.12: real = accumulating (g.10: real) {
          map [i in n] {
            accumulate g.10 += w
            yield
          }
          yield
        }
        r: real = ruled g.12 by s: slope (value: real) {
          yield value
        }
        return result0: r

      """)
  }

  func testWhile() {
    let f = procedure(name: "f", [("x", .real)]) { b, x in
      let c = b.fresh(.real, name: "c")
      let condition = b.block(parameters: [c]) { b in [b.primitive(.less, [c, x[0]], name: "go")] }
      let v = b.fresh(.real, name: "v")
      return b.emit(
        .whileLoop(While(name: "loop", bound: 9, initial: x, condition: condition, body: Block(parameters: [v], results: [v]))),
        names: ["last", "count"])
    }
    XCTAssertEqual(
      f.description,
      """
      procedure f(x: real) -> (result0, result1)
        last: real, count: integer = while "loop" at most 9 carry (v: real = x) condition (c: real) {
          go: boolean = c < x
          yield go
        } {
          yield v
        }
        return result0: last, result1: count

      """)
  }

  // MARK: Equations

  func lines(_ f: Procedure) -> [String] { Equations(f).lines(of: f.body) }

  func testProductOfMatrixAndVector() {
    let f = procedure(sizes: [n], [("weight", .reals(128, 128)), ("z", .reals(128))]) { b, x in
      b.map([128], indexNames: ["i"], names: ["current"]) { b, i in
        b.reduce(.sum, [128], indexNames: ["k"]) { b, k in [b.primitive(.multiply, [b.read(x[0], i + k), b.read(x[1], k)])] }
      }
    }
    XCTAssertEqual(lines(f), ["current[i] = sum(k in 128: weight[i, k] * z[k])"])
  }

  /// An array without a name stands where it is read, with the index in place of the axis.
  func testArraysStandWhereTheyAreRead() {
    let f = procedure(sizes: [n], [("x", .reals(Size(n)))]) { b, x in
      let shifted = b.map([Size(n)]) { b, i in [b.primitive(.subtract, [b.read(x[0], i), b.real(1)])] }[0]
      return b.reduce(.sum, [Size(n)], names: ["s"]) { b, i in [b.primitive(.exp, [b.read(shifted, i)])] }
    }
    XCTAssertEqual(lines(f), ["s = sum(i in n: exp(x[i] - 1))"])
  }

  func testOperatorsKeepTheirOrder() {
    func text(_ build: (inout Builder, [Value]) -> Value) -> String {
      let f = procedure([("a", .real), ("b", .real), ("c", .real), ("k", .integer)]) { b, x in [build(&b, x)] }
      return Equations(f).text(of: f.body.results[0])
    }
    XCTAssertEqual(text { b, x in b.primitive(.multiply, [b.primitive(.add, [x[0], x[1]]), x[2]]) }, "(a + b) * c")
    XCTAssertEqual(text { b, x in b.primitive(.subtract, [x[0], b.primitive(.subtract, [x[1], x[2]])]) }, "a - (b - c)")
    XCTAssertEqual(text { b, x in b.primitive(.negate, [b.primitive(.power, [x[0], b.real(2)])]) }, "-a ^ 2")
    XCTAssertEqual(text { b, x in b.primitive(.power, [b.primitive(.negate, [x[0]]), b.real(-2)]) }, "(-a) ^ (-2)")
    XCTAssertEqual(text { b, x in b.primitive(.divide, [x[0], b.primitive(.realFromInteger, [x[3]])]) }, "a / k")
    XCTAssertEqual(text { b, x in b.primitive(.step, [b.primitive(.minimum, [x[0], x[1]]), b.integer(0)]) }, "step(min(a, b))")
    XCTAssertEqual(
      text { b, x in
        let less = b.primitive(.less, [x[0], b.primitive(.add, [x[1], x[2]])])
        return b.primitive(.realFromBoolean, [b.primitive(.and, [less, b.primitive(.not, [b.boolean(true)])])])
      }, "Float(a < b + c && !true)")
    XCTAssertEqual(
      text { b, x in b.branch(b.primitive(.greater, [x[0], b.real(0)]), then: { _ in [x[0]] }, otherwise: { b in [b.real(0)] })[0] },
      "if a > 0 { a } else { 0 }")
  }

  func testLoopsAndSharedValues() {
    let f = procedure(name: "g", sizes: [n], [("x", .reals(Size(n)))]) { b, x in
      let zero = b.real(0)
      return b.scan(Size(n), indexName: "t", initial: [zero], carryNames: ["u"], names: ["u", "trace"]) { b, t, u in
        let leak = b.primitive(.tanh, [b.primitive(.add, [u[0], b.read(x[0], [t])])], name: "leak")
        return [b.primitive(.multiply, [leak, leak]), leak]
      }
    }
    XCTAssertEqual(
      Equations.text(of: f),
      """
      func g(x: real[n]) {
        state u = 0
        for t in n {
          leak = tanh(u + x[t])
          next u = leak * leak
          trace[t] = leak
        }
        return (result0: u, result1: trace)
      }

      """)
  }

  func testAccumulatorsAndRules() {
    let f = procedure(sizes: [n], [("x", .reals(Size(n))), ("g", .real), ("at", .integers(Size(n)))]) { b, x in
      let sums = b.accumulating([.reals(Size(n))], names: ["gradient"]) { b, tokens in
        _ = b.map([Size(n)], indexNames: ["i"]) { b, i in
          b.accumulate(into: tokens[0], [b.read(x[2], i)], b.primitive(.multiply, [x[1], b.read(x[0], i)]))
          return []
        }
        return []
      }.sums
      let parameter = b.fresh(.real)
      let block = b.block(parameters: [parameter]) { b in [b.primitive(.subtract, [b.real(1), parameter])] }
      let step = b.primitive(.step, [x[1], b.integer(0)])
      return sums + b.emit(.ruled(step, [Rule(target: x[1], kind: .slope, block: block)]), names: ["spike"])
    }
    XCTAssertEqual(verify(f), [])
    XCTAssertEqual(
      lines(f),
      [
        "gradient = 0", "for i in n {", "  gradient[at[i]] += g * x[i]", "}", "spike = inject(step(g), g: 1 - value)",
      ])
  }

  func testAnUpdatedStateIsAnAssignment() {
    let f = procedure(sizes: [n], [("x", .reals(Size(n)))]) { b, x in
      let zero = b.zeros(.reals(Size(n)))
      return b.scan(Size(n), indexName: "t", initial: [zero], carryNames: ["y"], names: ["y"]) { b, t, y in
        b.emit(.update(y[0], [t], b.primitive(.exp, [b.read(x[0], [t])])))
      }
    }
    XCTAssertEqual(lines(f), ["state y = [i in n: 0]", "for t in n {", "  next y[t] = exp(x[t])", "}"])
  }

  /// Whatever the random programs bring up has a text, and the same each time.
  func testTextsOfRandomPrograms() {
    for seed in 1...60 as ClosedRange<UInt64> {
      let f = RandomProgram.make(seed: seed).0
      XCTAssertEqual(f.description, RandomProgram.make(seed: seed).0.description)
      let longest = Equations.text(of: f).split(separator: "\n").map(\.count).max() ?? 0
      XCTAssertLessThan(longest, 600, "seed \(seed)")
    }
  }
}
