import Codegen
import Foundation
import ModelDSL
import Testing

/// Every block of code in the documentation is a file that compiles, or one that must not.
@Suite struct DocumentationTests {
  struct Block: Sendable, CustomTestStringConvertible {
    let file: String, line: Int, isRejected: Bool, text: String
    var testDescription: String { "\(file):\(line)" }
  }

  static let blocks: [Block] = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return ["README.md", "Documentation/Language.md"].flatMap { file -> [Block] in
      guard let text = try? String(contentsOf: root.appendingPathComponent(file), encoding: .utf8) else { return [] }
      var blocks: [Block] = []
      var open: (line: Int, fence: Substring, lines: [Substring])?
      for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
        if let (start, fence, lines) = open {
          if line == "```" {
            if fence.hasPrefix("```graft") {
              blocks.append(Block(file: file, line: start, isRejected: fence.hasSuffix(" error"), text: lines.joined(separator: "\n") + "\n"))
            }
            open = nil
          } else {
            open?.lines.append(line)
          }
        } else if line.hasPrefix("```") {
          open = (index + 1, line, [])
        }
      }
      return blocks
    }
  }()

  @Test func thereAreBlocks() { #expect(Self.blocks.count > 25 && Self.blocks.contains { $0.isRejected }) }

  @Test(arguments: blocks) func isAsItClaims(block: Block) throws {
    if block.isRejected {
      #expect(throws: LibraryEvaluation.Refused.self) { try compile(block.text) }
    } else {
      _ = try compile(block.text)
    }
  }
}
