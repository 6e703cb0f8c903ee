import Foundation
import XCTest

@testable import graft

/// Programs as users write them, against values that NumPy gives (`Tests/Cases/values/values.py`), and their derivatives at a point each.
final class IndependentValuesTests: XCTestCase {
  private let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Cases/values")

  private var programs: [URL] {
    get throws {
      try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).filter { $0.pathExtension == "graft" }
        .sorted { $0.path < $1.path }
    }
  }

  func testValues() throws {
    XCTAssertGreaterThan(try programs.count, 9)
    for program in try programs {
      let name = program.lastPathComponent
      let text = try String(contentsOf: program.deletingPathExtension().appendingPathExtension("json"), encoding: .utf8)
      let expected = try JSON(parsing: Array(text.utf8))
      guard case .string(let subject)? = expected["of"], let inputs = expected["inputs"], let value = expected["value"] else {
        XCTFail(name)
        continue
      }
      let run = try Folder([name: try String(contentsOf: program, encoding: .utf8)])
        .graft("evaluate", name, "--of", subject, "--inputs", "-", input: inputs.text)
      XCTAssertEqual(run.status, 0, "\(name): \(run.error)")
      let found = try JSON(parsing: Array(run.output.utf8))["value"].map(numbers) ?? []
      XCTAssertEqual(found.count, numbers(value).count, name)
      for (a, b) in zip(found, numbers(value)) { XCTAssertEqual(a, b, accuracy: 1e-10 * max(1, abs(b)), name) }
    }
  }

  func testDerivatives() throws {
    for program in try programs {
      let run = try GraftProcess(["verify", program.path, "--points", "1"])
      XCTAssertEqual(run.status, 0, "\(program.lastPathComponent): \(run.output)\(run.error)")
    }
  }

  /// A function that may fail and ends with a copy: what it throws must be what it meant to throw.
  func testBoundedLoopBeforeACopy() throws {
    let folder = try Folder([
      "m.graft": """
      precision Double
      func f(a: Float[n], b: Float[n], c: Float[n]) -> Float[n] {
        state s: Float = 1 + a[0] * a[0]
        while s > 0.3, atMost: 30 { next s = 0.5 * s - 0.1 }
        return s * (a * a + b * b + c * c)
      }
      derive vjp of f wrt a, b, c

      """
    ])
    let run = try folder.graft("verify", "m.graft", "--compiled", "--points", "2")
    XCTAssertEqual(run.status, 0, run.output + run.error)
  }

  private func numbers(_ json: JSON) -> [Double] {
    switch json {
    case .array(let items): items.flatMap(numbers)
    case .number(let digits): [Double(digits) ?? .nan]
    default: []
    }
  }
}
