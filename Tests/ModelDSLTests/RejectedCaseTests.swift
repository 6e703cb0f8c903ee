import XCTest

@testable import ModelDSL

/// Tests/Cases/rejected: each `NAME.graft` with the text of its diagnostics in `NAME.expected`. A case without an error of syntax
/// belongs to a later stage. After a change of wording run once with GRAFT_UPDATE=1, and read the difference.
final class RejectedCaseTests: XCTestCase {
  func testSyntaxErrors() throws {
    let records = ProcessInfo.processInfo.environment["GRAFT_UPDATE"] == "1"
    var count = 0
    for url in try files(in: "Tests/Cases/rejected", ending: "graft") {
      let text = Array(try Data(contentsOf: url))
      let found = rendered(text, path: url.lastPathComponent)
      if found.isEmpty { continue }
      count += 1
      let expected = url.deletingPathExtension().appendingPathExtension("expected")
      if records { try found.write(to: expected, atomically: true, encoding: .utf8) }
      XCTAssertEqual(found, try String(contentsOf: expected, encoding: .utf8), url.lastPathComponent)
    }
    XCTAssertGreaterThan(count, 40)
  }
}
