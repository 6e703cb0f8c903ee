import Codegen
import ModelDSL
import XCTest

/// What the interpreter makes of inputs before it runs: sizes that follow from shapes, and all that an entry check refuses.
final class EntryTests: XCTestCase {
  func sizes(_ f: Procedure, _ inputs: ArrayValue..., given: [SizeSymbol: Int] = [:]) throws -> [SizeSymbol: Int] {
    try Interpreter(precision: .double).solvedSizes(of: f, inputs: inputs, sizes: given)
  }

  func fails(_ f: Procedure, _ inputs: ArrayValue..., given: [SizeSymbol: Int] = [:], with text: String, line: UInt = #line) {
    XCTAssertThrowsError(try Interpreter(precision: .double).run(f, inputs: inputs, sizes: given), line: line) {
      XCTAssertEqual("\($0)", text, line: line)
    }
  }

  func testSizesFollowFromShapes() throws {
    let f = procedure(sizes: [n, m], [("x", .reals(Size(n), Size(m)))]) { _, x in x }
    XCTAssertEqual(try sizes(f, .zeros(.real, shape: [2, 0])), [n: 2, m: 0])
  }

  func testSizesFollowFromPolynomials() throws {
    let triangle = (Size(n) * Size(n) - Size(n)).divided(by: 2)
    let f = procedure(sizes: [n, m], [("x", .reals(triangle)), ("y", .reals(Size(n) * Size(m) + 1))]) { _, x in x }
    XCTAssertEqual(try sizes(f, .zeros(.real, shape: [10]), .zeros(.real, shape: [16])), [n: 5, m: 3])
    fails(f, .zeros(.real, shape: [11]), .zeros(.real, shape: [16]), with: "the size n is not given and does not follow from the inputs")
    let half = procedure(sizes: [n], [("x", .reals(Size(n).divided(by: 3)))]) { _, x in x }
    XCTAssertEqual(try sizes(half, .zeros(.real, shape: [100])), [n: 300])
    fails(half, .zeros(.real, shape: [1]), given: [n: 4], with: "the size n / 3 is not whole: 4 / 3")
    fails(half, .zeros(.real, shape: [2]), given: [n: 3], with: "x must have the shape [n / 3] = [1], not [2]")
  }

  func testSizesFollowFromNumbers() throws {
    var f = procedure(sizes: [n], [("steps", .integer), ("x", .reals(Size(n)))]) { _, x in x }
    f.inputs[0].sizeSymbol = n
    XCTAssertEqual(try sizes(f, .integer(2), .zeros(.real, shape: [2])), [n: 2])
    fails(f, .integer(3), .zeros(.real, shape: [2]), with: "x must have the shape [n] = [3], not [2]")
    fails(f, .integer(-3), .zeros(.real, shape: [2]), with: "the size n is negative: -3")
    fails(f, .integer(3), .zeros(.real, shape: [3]), given: [n: 4], with: "the size n is both 4 and 3")
  }

  func testShapesAndElements() {
    let f = procedure(sizes: [n], [("x", .reals(Size(n), Size(n))), ("k", .integer)]) { _, x in x }
    fails(f, .zeros(.real, shape: [2, 2]), with: "f takes 2 inputs, not 1")
    fails(f, .zeros(.real, shape: [2, 2]), .real(1), with: "k must be integer, not real")
    fails(f, .zeros(.real, shape: [2]), .integer(1), with: "x must have the shape [n, n], not [2]")
    fails(f, .zeros(.real, shape: [2, 3]), .integer(1), with: "x must have the shape [n, n] = [2, 2], not [2, 3]")
  }

  func testBoundsAndRequirements() throws {
    let range = SourceRange(file: FileID(0), lower: 0, upper: 0)
    var f = procedure(
      sizes: [n], [("label", .integers(Size(n)))],
      requirements: [SizeRequirement(size: Size(n) - 2, reason: "x[n - 2] needs n >= 2", range: range)]
    ) { _, x in x }
    f.inputs[0].indexBound = Size(n) + 1
    XCTAssertEqual(try sizes(f, .integers([0, 2])), [n: 2])
    fails(f, .integers([3, 4, 0]), with: "label must lie in 0 ..< 4, but is 4")
    fails(f, .integers([-1, 0, 0]), with: "label must lie in 0 ..< 4, but is -1")
    fails(f, .integers([0]), with: "a requirement on the sizes does not hold: x[n - 2] needs n >= 2")
  }

  func testSizesBeyondTheMachineAreErrors() {
    let f = procedure(sizes: [n], []) { b, _ in [b.zeros(.reals(Size(n), Size(n)))] }
    fails(f, given: [n: 1 << 20], with: "an array of shape [1048576, 1048576] is too large")
    let cube = procedure(sizes: [n], []) { b, _ in [b.zeros(.reals(Size(n) * Size(n) * Size(n) * Size(n)))] }
    fails(cube, given: [n: 1 << 20], with: "the size n * n * n * n is too large")
  }
}
