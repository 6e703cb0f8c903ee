import Foundation
import Testing

/// `Documentation/Diagnostics.md` lists the codes that the sources use, and no others.
@Suite struct DiagnosticsPageTests {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  @Test func listsEveryCode() throws {
    let used = try Self.codesOfSources(), listed = try Self.rows()
    let missing = Set(used.keys).subtracting(listed.keys).sorted(), unknown = Set(listed.keys).subtracting(used.keys).sorted()
    #expect(!used.isEmpty)
    #expect(missing.isEmpty, "add these to Documentation/Diagnostics.md: \(missing)")
    #expect(unknown.isEmpty, "no source uses these any more: \(unknown)")
    for (code, severities) in used {
      if let severity = listed[code] { #expect(severities == [severity], "\(code)") }
    }
  }

  /// Each code that a source makes a diagnostic with, and its severities.
  static func codesOfSources() throws -> [String: Set<String>] {
    var result: [String: Set<String>] = [:]
    let sources = root.appendingPathComponent("Sources")
    let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
    while let file = files?.nextObject() as? URL {
      guard file.pathExtension == "swift" else { continue }
      let text = try String(contentsOf: file, encoding: .utf8)
      for match in text.matches(of: /code: "(?<code>G0\d\d\d)"(?:, severity: \.(?<severity>\w+))?/) {
        result[String(match.code), default: []].insert(match.severity.map(String.init) ?? "error")
      }
    }
    return result
  }

  /// The code and the severity of each row of the page's tables.
  static func rows() throws -> [String: String] {
    let page = try String(contentsOf: root.appendingPathComponent("Documentation/Diagnostics.md"), encoding: .utf8)
    var result: [String: String] = [:]
    for line in page.split(separator: "\n") {
      guard let match = line.firstMatch(of: /^\| (?<code>G0\d\d\d) \| (?<severity>\w+) \|/) else { continue }
      #expect(result.updateValue(String(match.severity), forKey: String(match.code)) == nil, "\(match.code) stands twice")
    }
    return result
  }
}
