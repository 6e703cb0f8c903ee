import Foundation
import XCTest

/// Programs that were once compiled wrongly, most of them found at random and made small. One file a fault.
final class DerivativeCaseTests: XCTestCase {
  func testCases() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Cases/derivatives")
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).filter {
      $0.pathExtension == "graft"
    }
    XCTAssertFalse(files.isEmpty)
    for file in files.sorted(by: { $0.path < $1.path }) {
      let text = try String(contentsOf: file, encoding: .utf8)
      var check = ProgramCheck()
      check.points = 6
      check.isUnusablePointAFailure = true
      let failure = onLargeStack { [check] in check.failure(of: text) }
      XCTAssertNil(failure, "\(file.lastPathComponent): \(failure?.description ?? "")")
    }
  }
}
