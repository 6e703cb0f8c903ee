import Codegen
import Foundation
import ModelDSL
import Testing

@testable import graft

/// `Documentation/Surrogates.md` and its plots are what the library's surrogates are.
@Suite struct SurrogatePageTests {
  static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Documentation")

  /// Run with `GRAFT_UPDATE=1` after a change to the surrogates or to what draws them.
  @Test func isFresh() throws {
    let files = try SurrogatePage.files()
    #expect(files.count > 30)
    if ProcessInfo.processInfo.environment["GRAFT_UPDATE"] == "1" {
      try FileManager.default.createDirectory(at: Self.folder.appendingPathComponent("Surrogates"), withIntermediateDirectories: true)
      for (name, text) in files { try text.write(to: Self.folder.appendingPathComponent(name), atomically: true, encoding: .utf8) }
    }
    for (name, text) in files {
      let found = try? String(contentsOf: Self.folder.appendingPathComponent(name), encoding: .utf8)
      #expect(found == text, "Documentation/\(name) is stale: run `GRAFT_UPDATE=1 swift test --filter SurrogatePageTests`")
      #expect(text.utf8.count < 16_000, "\(name)")
    }
  }

  @Test func showsEverySurrogate() throws {
    let text = BuiltinLibrary.files.first { $0.name == "Surrogates.graft" }?.text ?? ""
    let count = text.split(separator: "\n").count { $0.hasPrefix("func ") }
    #expect(SurrogatePage.surrogates.count == count && count >= 27)
  }
}

enum SurrogatePage {
  struct Surrogate {
    /// `triangle`
    let name: String
    /// `triangle(v, a = 1)`
    let signature: String
    /// As in the rule that is drawn.
    let call: String
    /// First the formula, then who uses it.
    let paragraphs: [String]
  }

  /// The functions of the library's file, in its order.
  static let surrogates: [Surrogate] = {
    let text = BuiltinLibrary.files.first { $0.name == "Surrogates.graft" }?.text ?? ""
    var found: [Surrogate] = []
    var documentation: [String] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.hasPrefix("///") {
        documentation.append(line.dropFirst(3).trimmingCharacters(in: .whitespaces))
      } else if let match = line.firstMatch(of: /^func (?<name>\w+)\((?<parameters>[^)]*)\)/) {
        let name = String(match.name)
        let parameters = match.parameters.split(separator: ", ").map { $0.replacing(": Float", with: "").replacing(": Int", with: "") }
        let needed = parameters.dropFirst().filter { !$0.contains("=") }
        found.append(
          Surrogate(
            name: name, signature: "\(name)(\(parameters.joined(separator: ", ")))",
            call: "\(name)(\((["v"] + needed.map { _ in "1" }).joined(separator: ", ")))",
            paragraphs: documentation.split(separator: "").map { paragraph in
              let text = paragraph.joined(separator: " ")
              return text.hasPrefix("- ") ? String(text.dropFirst(2)) : text
            }))
        documentation = []
      } else {
        documentation = []
      }
    }
    return found
  }()

  /// The page and the plots, by their names in the folder of the documentation.
  static func files() throws -> [(name: String, text: String)] {
    let program = surrogates.map { surrogate in
      "func \(surrogate.name)Spike(x: Float) -> Float {\n  inject step'(v) = \(surrogate.call)\n  return step(x)\n}\n"
    }.joined()
    let checked = ModelDSL.check(path: "surrogates.graft", options: CheckOptions()) { $0 == "surrogates.graft" ? Array(program.utf8) : nil }
    let curves = try #require(checked.program.map(ruleCurves))
    try #require(curves.count == surrogates.count)

    var page = """
      # Surrogate slopes

      What `inject step'(v) = …` may put in place of the slope of a spike. Each plot shows the step (dashed), the slope with the defaults of the
      library, and the slope's integral: the smooth step that a network with this rule is trained as. The area is what the gradient is scaled by.
      Where a function needs a threshold, it is 1 here. [Library.md](Library.md#surrogate-slopes) has the rest of the library.

      This page and its plots are made from `Sources/ModelDSL/Library/Surrogates.graft` by
      `GRAFT_UPDATE=1 swift test --filter SurrogatePageTests`. `graft plot model.graft` draws the rules of a file of yours.

      | function | slope | area | plot |
      |---|---|---|---|

      """
    var files: [(name: String, text: String)] = []
    for (surrogate, curve) in zip(surrogates, curves) {
      let words = surrogate.paragraphs.map { $0.replacing("|", with: "\\|") }
      let area = curve.area.map(rounded) ?? "no bound"
      page +=
        "| `\(surrogate.signature)` | \(words.joined(separator: "<br>")) | \(area) | ![](Surrogates/\(surrogate.name).svg) |\n"
      files.append(("Surrogates/\(surrogate.name).svg", rulePlot([LabelledCurve(title: surrogate.signature, curve: curve)])))
    }
    return [("Surrogates.md", page)] + files
  }
}
