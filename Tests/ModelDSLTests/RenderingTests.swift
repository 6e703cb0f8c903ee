import XCTest

@testable import ModelDSL

final class RenderingTests: XCTestCase {
  private func diagnostic(_ lower: Int, _ upper: Int, file: Int = 0, label: String = "here", notes: [Diagnostic.Note] = []) -> Diagnostic {
    Diagnostic(code: "G0999", message: "something is off", range: place(lower, upper, file: file), label: label, notes: notes)
  }

  private func place(_ lower: Int, _ upper: Int, file: Int = 0) -> SourceRange {
    SourceRange(file: FileID(file), lower: lower, upper: upper)
  }

  private func sources(_ texts: String...) -> SourceMap {
    var sources = SourceMap()
    for (index, text) in texts.enumerated() { _ = sources.add(SourceFile(path: "\(index).graft", text: text)) }
    return sources
  }

  func testTabsStayAligned() {
    let text = render([diagnostic(3, 4)], sources: sources("\ta\tb\n"), color: false)
    XCTAssertTrue(text.contains("1 | \ta\tb\n  | \t \t^ here\n"), text)
  }

  func testColumnsCountScalars() {
    let text = render([diagnostic(4, 5)], sources: sources("θé x\n"), color: false)
    XCTAssertTrue(text.contains("0.graft:1:3\n"), text)
    XCTAssertTrue(text.contains("1 | θé x\n  |   ^ here\n"), text)
  }

  func testARangeOfSeveralLinesIsMarkedOnItsFirst() {
    let text = render([diagnostic(2, 9)], sources: sources("a bcd\nef\ngh\n"), color: false)
    XCTAssertTrue(text.contains("1 | a bcd\n  |   ^^^ here\n"), text)
  }

  func testEndOfFileAndEmptyRange() {
    let text = render([diagnostic(2, 2, label: "")], sources: sources("a\n"), color: false)
    XCTAssertTrue(text.contains("0.graft:2:1\n  |\n2 |\n  | ^\n"), text)
  }

  func testSortedByFileAndPlaceWithNotes() {
    let all = [
      diagnostic(2, 3, file: 1), diagnostic(6, 7),
      diagnostic(0, 1, notes: [.init("see also", at: place(0, 1, file: 1)), .init("by the way")]),
    ]
    let text = render(all, sources: sources("a\nb\nc\nd\n", "e\nf\n"), color: false)
    let places = text.split(separator: "\n").filter { $0.contains("-->") }.map { $0.drop { $0 != "0" && $0 != "1" } }
    XCTAssertEqual(places, ["0.graft:1:1", "1.graft:1:1", "0.graft:4:1", "1.graft:2:1"])
    XCTAssertTrue(text.contains("  = note: by the way\nnote: see also\n --> 1.graft:1:1\n"), text)
  }

  func testControlCharactersAreNotPrinted() {
    let text = render([diagnostic(0, 1)], sources: sources("a\u{1B}[31m\u{202E}\n"), color: false)
    XCTAssertFalse(text.unicodeScalars.contains("\u{1B}") || text.unicodeScalars.contains("\u{202E}"))
  }

  func testColours() {
    let text = render([diagnostic(0, 1)], sources: sources("a\n"), color: true)
    XCTAssertTrue(text.contains("\u{1B}[1;31merror[G0999]\u{1B}[0m"), text)
    XCTAssertEqual(
      text.replacing(try! Regex("\u{1B}\\[[0-9;]*m"), with: ""), render([diagnostic(0, 1)], sources: sources("a\n"), color: false))
  }

  func testJSON() {
    var problem = diagnostic(3, 4, notes: [.init("a \"note\"", at: place(0, 1)), .init("no place")])
    problem.help = "do\tthis"
    problem.fixes = [.init(title: "Fix", edits: [(place(3, 4), "x\\y")])]
    let expected = #"""
      {"diagnostics": [
        {"code": "G0999", "severity": "error", "message": "something is off", "file": "0.graft", "line": 2, "column": 2, "endLine": 2, "endColumn": 3, "notes": [{"message": "a \"note\"", "file": "0.graft", "line": 1, "column": 1}, {"message": "no place", "file": null, "line": null, "column": null}, {"message": "help: do\tthis", "file": null, "line": null, "column": null}], "fixes": [{"title": "Fix", "edits": [{"file": "0.graft", "line": 2, "column": 2, "endLine": 2, "endColumn": 3, "text": "x\\y"}]}]}
      ]}

      """#
    XCTAssertEqual(renderJSON([problem], sources: sources("a\nbc\n")), expected)
    XCTAssertEqual(renderJSON([], sources: sources("")), "{\"diagnostics\": []}\n")
    XCTAssertEqual(jsonEscaped("\u{1}\u{7F}\r\n"), #"\u0001\u007f\r\n"#)
  }

  func testPositions() {
    let map = sources("\u{FEFF}a\r\nbé\rc")
    XCTAssertTrue(map.position(of: place(3, 4)) == (1, 1))
    XCTAssertTrue(map.position(of: place(6, 7)) == (2, 1))
    XCTAssertTrue(map.position(of: place(10, 11)) == (3, 1))
    XCTAssertTrue(map.endPosition(of: place(6, 9)) == (2, 3))
  }

  func testNearestName() {
    let names = ["sigmoid", "sign", "softplus", "sum", "step"]
    XCTAssertEqual(nearestName(to: "sigmiod", among: names), "sigmoid")
    XCTAssertEqual(nearestName(to: "Sum", among: names), "sum")
    XCTAssertEqual(nearestName(to: "setp", among: names), "step")
    XCTAssertNil(nearestName(to: "weights", among: names))
    XCTAssertNil(nearestName(to: "x", among: ["y"]))
    XCTAssertNil(nearestName(to: "", among: names))
  }
}
