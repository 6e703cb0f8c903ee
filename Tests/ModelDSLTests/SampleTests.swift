import XCTest

@testable import ModelDSL

/// The sample models and the library: they parse, and keep their meaning through the formatter.
final class SampleTests: XCTestCase {
  private func samples() throws -> [SourceFile] {
    let urls = try files(in: "Examples/Models", ending: "graft") + files(in: "Sources/ModelDSL/Library", ending: "graft")
    XCTAssertGreaterThan(urls.count, 10)
    return try urls.map { SourceFile(path: $0.lastPathComponent, text: Array(try Data(contentsOf: $0))) }
  }

  func testSamplesParse() throws {
    for file in try samples() {
      XCTAssertEqual(rendered(file.text, path: file.path), "")
    }
  }

  func testFormattingKeepsTheTreeAndIsIdempotent() throws {
    for file in try samples() {
      let (text, diagnostics) = format(file)
      XCTAssertEqual(diagnostics.count, 0)
      let formatted = SourceFile(path: file.path, text: text)
      XCTAssertEqual(dumpTree(parse(formatted, id: FileID(0)).tree), dumpTree(parse(file, id: FileID(0)).tree), file.path)
      XCTAssertEqual(format(formatted).text, text, file.path)
    }
  }

  /// Whatever is cut out of a sample, something comes back, and every place that is named lies in the file.
  func testDamagedSamples() throws {
    for file in try samples() {
      let tokens = lex(file, id: FileID(0)).tokens
      for step in stride(from: 0, to: tokens.count - 1, by: 7) {
        let token = tokens[step]
        let cut = Array(file.text[..<token.lower] + file.text[token.upper...])
        let text = step % 2 == 0 ? cut : Array(file.text[..<token.upper])
        let (tree, diagnostics) = parse(SourceFile(path: file.path, text: text), id: FileID(0))
        XCTAssertFalse(dumpTree(tree).isEmpty && diagnostics.isEmpty && step > 3, "\(file.path) \(step)")
        XCTAssertLessThan(diagnostics.count, 6, "\(file.path), token \(step): \(rendered(text))")
        for place in diagnostics.flatMap({ [$0.range] + $0.notes.compactMap(\.range) }) {
          XCTAssertTrue(0 <= place.lower && place.lower <= place.upper && place.upper <= text.count, "\(file.path) \(step)")
        }
      }
    }
  }
}
