import Codegen
import ModelDSL
import XCTest

@testable import graft

/// `verify` on procedures made by hand: what is right holds, what is wrong is found.
final class ClaimCheckTests: XCTestCase {
  private let n = SizeSymbol(id: 1, name: "n")

  /// Slopes of `multiply` and `sin`; the second one times `factor`.
  private func rules(factor: Double) -> RuleTable {
    var builder = Builder()
    var entries: [Primitive: [RuleTable.Entry]] = [:]
    for operand in 0...1 {
      let parameters = (0..<3).map { _ in builder.fresh(.real) }
      entries[.multiply, default: []].append(
        RuleTable.Entry(operand: operand, kind: .slope, block: Block(parameters: parameters, results: [parameters[1 - operand]])))
    }
    let parameters = (0..<2).map { _ in builder.fresh(.real) }
    let block = builder.block(parameters: parameters) { b in
      [b.primitive(.multiply, [b.primitive(.cos, [parameters[0]]), b.real(factor)])]
    }
    entries[.sin] = [RuleTable.Entry(operand: 0, kind: .slope, block: block)]
    return RuleTable(entries: entries, values: builder.values)
  }

  /// The sum of `x[i] * sin(x[i])`; with `ruled`, the rounded `x[i]` in the place of the first factor, with slope 1.
  private func primal(ruled: Bool = false) -> Procedure {
    var builder = Builder()
    let x = builder.fresh(ValueType(.real, [Size(n)]), name: "x")
    let sum = builder.reduce(.sum, [Size(n)]) { b, indices in
      let number = b.read(x, indices)
      var factor = number
      if ruled {
        let rounded = b.primitive(.round, [number])
        let value = b.fresh(.real)
        let slope = b.block(parameters: [value]) { [$0.real(1)] }
        factor = b.emit(.ruled(rounded, [Rule(target: number, kind: .slope, block: slope)]))[0]
      }
      return [b.primitive(.multiply, [factor, b.primitive(.sin, [number])])]
    }
    return Procedure(
      name: "f", sizes: [n], inputs: [Procedure.Input(value: x, name: "x")], resultNames: ["value"],
      body: Block(parameters: [x], statements: builder.takeStatements(), results: sum), values: builder.values, requirements: [])
  }

  private func report(_ primal: Procedure, emittedWith rules: RuleTable, checkedWith table: RuleTable? = nil) -> ClaimReport {
    let entry = EntryPoint(
      kind: .gradient, name: "fGradient", procedure: Differentiation.gradient(of: primal, wrt: [0], rules: rules), inputRoles: [.argument],
      resultRoles: [.value(label: nil), .gradient(of: "x")])
    let claim = Claim(name: "fGradient", primal: primal, emitted: entry, hints: [:])
    return ClaimCheck(claim: claim, engine: Engine(rules: table ?? rules), seed: 1, points: 3).report()
  }

  func testRightDerivativeHolds() throws {
    for ruled in [false, true] {
      let report = report(primal(ruled: ruled), emittedWith: rules(factor: 1))
      XCTAssertEqual(report.outcome, .holds)
      XCTAssertEqual(report.points, 3)
      XCTAssertLessThan(try XCTUnwrap(report.reverseAgainstForward), 1e-12)
      XCTAssertLessThan(try XCTUnwrap(report.forwardAgainstDifferences), 1e-8)
      XCTAssertEqual(report.zero, [])
    }
  }

  /// A rule that is wrong in both modes is found by finite differences.
  func testWrongRuleDiffers() {
    let report = report(primal(), emittedWith: rules(factor: 1.001))
    guard case .differs(let details) = report.outcome else { return XCTFail("\(report)") }
    XCTAssertTrue(details[0].hasPrefix("x: forward mode gives "), details[0])
    XCTAssertTrue(details.last!.contains("of seed 1"), details.last!)
  }

  /// A reverse mode that is wrong is found by forward mode.
  func testWrongReverseModeDiffers() {
    let report = report(primal(), emittedWith: rules(factor: 1.00001), checkedWith: rules(factor: 1))
    guard case .differs(let details) = report.outcome else { return XCTFail("\(report)") }
    XCTAssertTrue(details[0].hasPrefix("x: reverse mode gives "), details[0])
  }
}
