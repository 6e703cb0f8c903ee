import Codegen
import Foundation
import ModelDSL
import Testing

/// The Swift that `Documentation/GeneratedCode.md` shows is what is generated.
@Suite struct GeneratedCodePageTests {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static func text(_ path: String) throws -> String { try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8) }

  /// The blocks that start with a fence.
  static func blocks(_ fence: String) throws -> [String] {
    try text("Documentation/GeneratedCode.md").components(separatedBy: "\n```" + fence + "\n").dropFirst()
      .map { String($0.components(separatedBy: "\n```").first ?? "") }
  }

  /// Each line of an excerpt stands in the generated text, in the same order.
  static func missing(_ excerpt: String, in generated: String) -> [String] {
    var rest = generated.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }[...]
    return excerpt.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { line in
      if line == "…" || line.isEmpty { return false }
      guard let place = rest.firstIndex(of: line) else { return true }
      rest = rest[(place + 1)...]
      return false
    }
  }

  @Test func excerptsAreGenerated() throws {
    let excerpts = try Self.blocks("swift generated"), models = try Self.blocks("graft")
    try #require(excerpts.count == 3 && models.count == 1)
    let checkedIn = try Self.text("Generated/SequentialALIF.swift")
    let emitted = emit(try compile(models[0] + "\n"), options: EmissionOptions(modelFile: "energy.graft"))
    for (excerpt, generated) in zip(excerpts, [checkedIn, emitted, checkedIn]) {
      let stale = Self.missing(excerpt, in: generated)
      #expect(stale.isEmpty, "copy these lines of Documentation/GeneratedCode.md anew from the generated code: \(stale)")
    }
  }
}
