import Codegen
import ModelDSL
import XCTest

@testable import graft

final class VerifyTests: XCTestCase {
  func testSamples() throws {
    for name in ["SequentialALIF", "DeepSpiking", "injections", "GaussianMixture", "ode", "pendulum"] {
      let run = try GraftProcess(["verify", samplePath(name), "--points", "2"])
      XCTAssertEqual(run.status, 0, "\(name): \(run.output)\(run.error)")
    }
  }

  func testTable() throws {
    let folder = try Folder(["m.graft": "func f(x: Float, y: Float) -> Float { return x * exp(y) }\nderive value, gradient, jvp of f wrt x, y\n"])
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
}
