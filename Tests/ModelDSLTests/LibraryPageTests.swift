import Foundation
import ModelDSL
import Testing

/// `Documentation/Library.md` says what the library's files say.
@Suite struct LibraryPageTests {
  static let page = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Documentation/Library.md")

  /// Run with `GRAFT_UPDATE=1` after a change to a library file.
  @Test func isFresh() throws {
    let expected = LibraryPage.text(of: BuiltinLibrary.files)
    if ProcessInfo.processInfo.environment["GRAFT_UPDATE"] == "1" {
      try expected.write(to: Self.page, atomically: true, encoding: .utf8)
    }
    let found = try String(contentsOf: Self.page, encoding: .utf8)
    #expect(found == expected, "Documentation/Library.md is stale: run `GRAFT_UPDATE=1 swift test --filter LibraryPageTests`")
  }

  @Test func holdsEveryFile() {
    #expect(Set(LibraryPage.titles.map { $0.file + ".graft" }) == Set(BuiltinLibrary.files.map(\.name)))
  }
}
