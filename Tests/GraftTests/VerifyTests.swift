import Codegen
import ModelDSL
import XCTest

@testable import graft

final class VerifyTests: XCTestCase {
  func testSamples() throws {
    for name in ["SequentialALIF", "DeepSpiking", "injections", "GaussianMixture", "ode", "pendulum", "BundleAdjustment"] {
      let run = try GraftProcess(["verify", samplePath(name), "--points", "2"])
      XCTAssertEqual(run.status, 0, "\(name): \(run.output)\(run.error)")
    }
  }

  /// The generated code of all samples, in one program, does what the interpreter does.
  func testCompiledSamples() throws {
    let names = ["SequentialALIF", "DeepSpiking", "injections", "GaussianMixture", "ode", "pendulum", "BundleAdjustment"]
    let modules = try names.map { name in
      try XCTUnwrap(compile(path: samplePath(name), options: CheckOptions()) { try? Files.read($0) }.module, name)
    }
    for (name, reports) in zip(names, try CompiledCheck.reports(modules, seed: 1, points: 2)) {
      XCTAssertFalse(reports.isEmpty, name)
      for report in reports {
        XCTAssertEqual(report.outcome, .holds, "\(name): \(report.name)")
        XCTAssertEqual(report.points, 2, "\(name): \(report.name)")
      }
    }
  }

  func testTable() throws {
    let folder = try Folder([
      "m.graft": "func f(x: Float, y: Float) -> Float { return x * exp(y) }\nderive value, gradient, jvp of f wrt x, y\n"
    ])
    let run = try folder.graft("verify", "m.graft", "--seed", "3", "--points", "2")
    XCTAssertEqual(run.status, 0, run.error)
    let lines = run.output.split(separator: "\n")
    XCTAssertEqual(lines.count, 3, run.output)
    XCTAssertTrue(lines[1].hasPrefix("fGradient") && lines[1].hasSuffix("holds"), run.output)
    XCTAssertTrue(lines[2].hasPrefix("fJVP") && lines[2].hasSuffix("holds"), run.output)

    let json = try folder.graft("verify", "m.graft", "--json")
    let document = try JSON(parsing: Array(json.output.utf8))
    XCTAssertEqual(document["holds"], .boolean(true))
  }

  /// A rule that is not linear in the incoming gradient is applied as written, and said to be unchecked.
  func testNonlinearRule() throws {
    let folder = try Folder([
      "m.graft": """
      func held(x: Float, y: Float) -> Float { return y * inject(x, x: g -> clamp(g, -1, 1)) }
      derive vjp of held wrt x, y
      func only(x: Float) -> Float { return inject(x, x: g -> clamp(g, -1, 1)) }
      derive vjp of only wrt x

      """
    ])
    let run = try folder.graft("verify", "m.graft")
    XCTAssertEqual(run.status, 0, run.output + run.error)
    XCTAssertTrue(run.output.contains("holds; not checked for x"), run.output)
    XCTAssertTrue(run.output.contains("not checked: a rule is not linear"), run.output)
  }

  /// Every rule of the table that is not zero, made wrong by a hundredth in both modes, is found.
  func testEveryWrongRuleIsFound() throws {
    var source = "precision Double\n"
    for primitive in Primitive.allCases where primitive.signature.result == .real || primitive.signature.result == .number {
      let expression: String
      switch (primitive, primitive.operatorSymbol, primitive.signature.operands.count) {
      case (.minimum, _, _): expression = "min(x, y)"
      case (.maximum, _, _): expression = "max(x, y)"
      case (_, let symbol?, 2): expression = "x \(symbol) y"
      case (_, let symbol?, _): expression = "\(symbol)x"
      case (_, nil, 2): expression = "\(primitive.rawValue)(x, y)"
      default: expression = "\(primitive.rawValue)(x)"
      }
      if primitive.signature.operands.contains(where: { $0 == .integer || $0 == .boolean }) { continue }
      source += "func \(primitive.rawValue)Of(x: Float, y: Float) -> Float { return \(expression) + 0 * x * y }\n"
      source += "derive gradient of \(primitive.rawValue)Of wrt x, y\n"
    }
    let folder = try Folder(["m.graft": source])
    defer { withExtendedLifetime(folder) {} }
    let path = folder.url.appendingPathComponent("m.graft").path
    let compilation = compile(path: path, options: CheckOptions()) { try? Files.read($0) }
    let module = try XCTUnwrap(compilation.module, "\(compilation.diagnostics)")
    let table = lowerRuleTable(try XCTUnwrap(compilation.program))
    var tried = 0
    for claim in module.claims {
      let primitive = try XCTUnwrap(Primitive(rawValue: String(claim.primal.name.dropLast(2))))
      for place in (table.entries[primitive] ?? []).indices {
        guard let wrong = table.withWrongRule(primitive, place) else { continue }
        tried += 1
        var emitted = claim.emitted
        emitted.procedure = Differentiation.gradient(of: prepared(claim.primal), wrt: claim.wrt, rules: wrong)
        let mutated = Claim(name: claim.name, primal: claim.primal, emitted: emitted, hints: [:])
        for (claim, rules, holds) in [(claim, table, true), (mutated, wrong, false)] {
          // One of `min` and `max` takes either operand: enough points see both.
          let report = ClaimCheck(claim: claim, engine: Engine(rules: rules), seed: 1, points: 8).report()
          XCTAssertEqual(report.holds, holds, "\(primitive), operand \(place): \(report)")
        }
      }
    }
    XCTAssertGreaterThan(tried, 25)
  }
}

extension RuleTable {
  /// The table with one slope 1.01 times what it was; nil where the slope is 0.
  fileprivate func withWrongRule(_ primitive: Primitive, _ place: Int) -> RuleTable? {
    var table = self
    guard var entry = table.entries[primitive]?[place] else { return nil }
    var builder = Builder(values: table.values)
    let block = entry.block
    if case .constant(.real(0))? = block.statements.first(where: { $0.results == block.results })?.operation { return nil }
    if case .constant(.integer(0))? = block.statements.first(where: { $0.results == block.results })?.operation { return nil }
    entry.block = builder.block(parameters: block.parameters) { b in
      for statement in block.statements { b.append(statement) }
      return [b.primitive(.multiply, [block.results[0], b.real(1.01)])]
    }
    table.values = builder.values
    table.entries[primitive]?[place] = entry
    return table
  }
}
