import Codegen
import Foundation
import ModelDSL
import Testing

/// Every block of code in the documentation is a file that compiles, or one that must not.
@Suite struct DocumentationTests {
  struct Block: Sendable, CustomTestStringConvertible {
    let file: String, line: Int, fence: String, text: String
    var isModel: Bool { fence.hasPrefix("```graft") }
    var isRejected: Bool { fence.hasSuffix(" error") }
    var testDescription: String { "\(file):\(line)" }
  }

  static let files = ["README.md", "Documentation/Language.md", "Documentation/GeneratedCode.md", "Documentation/Diagnostics.md"]

  static let blocks: [Block] = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return files.flatMap { file -> [Block] in
      guard let text = try? String(contentsOf: root.appendingPathComponent(file), encoding: .utf8) else { return [] }
      var blocks: [Block] = []
      var open: (line: Int, fence: Substring, lines: [Substring])?
      for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
        if let (start, fence, lines) = open {
          if line == "```" {
            blocks.append(Block(file: file, line: start, fence: String(fence), text: lines.joined(separator: "\n") + "\n"))
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

  @Test(arguments: blocks.filter(\.isModel)) func isAsItClaims(block: Block) throws {
    if block.isRejected {
      #expect(throws: LibraryEvaluation.Refused.self) { try compile(block.text) }
    } else {
      _ = try compile(block.text)
    }
  }

  /// The README shows what its model becomes.
  @Test func generatedCodeIsWhatIsShown() throws {
    let blocks = Self.blocks.filter { $0.file == "README.md" }
    let model = try #require(blocks.first { $0.isModel }), shown = try #require(blocks.first { $0.fence == "```swift" })
    let emitted = emit(try compile(model.text), options: EmissionOptions(modelFile: "spike.graft"))
    let indented = shown.text.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n")
    #expect(emitted.contains(indented))
  }
}
