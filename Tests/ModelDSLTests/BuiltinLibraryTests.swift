import Foundation
import ModelDSL
import Testing

/// `BuiltinLibrary.swift` holds the text of the `.graft` files beside it, so that the compiler needs no file of its own.
@Suite struct BuiltinLibraryTests {
  static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Sources/ModelDSL/Library")

  /// Run with `GRAFT_UPDATE=1` after a change to a library file.
  @Test func isFresh() throws {
    let target = Self.folder.appendingPathComponent("BuiltinLibrary.swift")
    let expected = try Self.generated()
    if ProcessInfo.processInfo.environment["GRAFT_UPDATE"] == "1" {
      try expected.write(to: target, atomically: true, encoding: .utf8)
    }
    let found = try String(contentsOf: target, encoding: .utf8)
    #expect(
      found == expected,
      "Sources/ModelDSL/Library/BuiltinLibrary.swift is stale: run `GRAFT_UPDATE=1 swift test --filter BuiltinLibraryTests`")
  }

  @Test func holdsEveryFile() throws {
    let names = try Self.libraryFiles().map { $0.lastPathComponent }
    #expect(!names.isEmpty)
    #expect(BuiltinLibrary.files.map(\.name) == names)
  }

  static func libraryFiles() throws -> [URL] {
    try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .filter { $0.pathExtension == "graft" }
      .sorted { $0.lastPathComponent < $1.lastPathComponent }
  }

  static func generated() throws -> String {
    var text = """
      // Generated from the .graft files of this folder by Tests/ModelDSLTests/BuiltinLibraryTests.swift: GRAFT_UPDATE=1 swift test.
      // swift-format-ignore-file

      /// The library that is always in scope, as text.
      public enum BuiltinLibrary {
        /// The files in the order of their names.
        public static let files: [(name: String, text: String)] = [

      """
    for file in try libraryFiles() {
      let contents = try String(contentsOf: file, encoding: .utf8)
      text += "    (\n      name: \"\(file.lastPathComponent)\",\n      text: #\"\"\"\n\(contents)\n\"\"\"#\n    ),\n"
    }
    return text + "  ]\n}\n"
  }
}
