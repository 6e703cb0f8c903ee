import XCTest

@testable import ModelDSL

/// Inputs that nobody writes by hand: deep, long, or not even text.
final class AwkwardInputTests: XCTestCase {
  func testDeepNestingIsOneError() {
    let many = 10_000
    let deep: [String: String] = [
      "parentheses": "let x = " + String(repeating: "(", count: many) + "1" + String(repeating: ")", count: many),
      "open parentheses": "let x = " + String(repeating: "(", count: many),
      "brackets": "let x = " + String(repeating: "[", count: many) + "1" + String(repeating: "]", count: many),
      "sum": "let x = a" + String(repeating: " + a", count: many),
      "powers": "let x = a" + String(repeating: " ^ a", count: many),
      "signs": "let x = " + String(repeating: "-", count: many) + "a",
      "calls": "let x = f" + String(repeating: "(1)", count: many),
      "subscripts": "let x = f" + String(repeating: "[1]", count: many),
      "functions": "let x = " + String(repeating: "y -> ", count: many) + "y",
      "comprehensions": "let x = " + String(repeating: "[i in n: ", count: many) + "1" + String(repeating: "]", count: many),
      "types": "func f(x: " + String(repeating: "(", count: many) + "Float" + String(repeating: ")", count: many) + ") -> Float { 1 }",
      "function types": "func f(x: " + String(repeating: "(Float) -> ", count: many) + "Float) -> Float { 1 }",
      "blocks": "func f() -> Float { "
        + String(repeating: "if a { ", count: many) + "1" + String(repeating: " } else { 2 }", count: many) + " }",
      "else if": "func f() -> Float { " + String(repeating: "if a { 1 } else ", count: many) + "{ 2 } }",
      "loops": "func f() -> Float { " + String(repeating: "for i in n { ", count: many) + String(repeating: " }", count: many)
        + "; return 1 }",
      "patterns": "let " + String(repeating: "(a, ", count: many) + "b" + String(repeating: ")", count: many) + " = 1",
    ]
    withLargeStack {
      for (name, line) in deep {
        XCTAssertEqual(codes(line), ["G0022", "G0020"], name)
      }
    }
  }

  func testAllowedNesting() {
    withLargeStack {
      let n = 250
      let lines = [
        "let x = " + String(repeating: "(", count: n) + "1" + String(repeating: ")", count: n),
        "let x = a" + String(repeating: " + a", count: n),
        "func f() -> Float { " + String(repeating: "if a { ", count: n) + "1" + String(repeating: " } else { 2 }", count: n) + " }",
      ]
      for line in lines { XCTAssertEqual(codes(line), ["G0020"]) }
    }
  }

  func testLongLines() {
    let numbers = (0..<160_000).map(String.init).joined(separator: ", ")
    XCTAssertEqual(parse("let x = [\(numbers)]\n").diagnostics.count, 0)
    let text = rendered("let x = [\(numbers) oops]\n")
    XCTAssertTrue(text.contains("test.graft:1:1168899"), text)
    XCTAssertTrue(text.contains("…") && text.contains("oops"))
    XCTAssertTrue(text.split(separator: "\n").allSatisfy { $0.count < 200 })

    let long = 300_000
    for line in [
      "let " + String(repeating: "x", count: long) + " = 1", "let x = " + String(repeating: "9", count: long),
      String(repeating: ")", count: long), String(repeating: "{", count: long), String(repeating: "\"", count: long),
      "let x = 1 // " + String(repeating: "é", count: long / 2) + "\nlet = 3",
      "model M {" + String(repeating: ";a b ", count: long / 5),
      String(repeating: "[", count: long / 2) + String(repeating: ")", count: long / 2),
    ] {
      let text = rendered(line)
      XCTAssertTrue(text.contains("error["), String(line.prefix(20)))
      XCTAssertLessThan(text.utf8.count, 40_000, String(line.prefix(20)))
    }
  }

  func testLargeFilesAndManyErrors() {
    XCTAssertEqual(parse(String(repeating: "let x = 1\n", count: 500_000)).diagnostics.map(\.code), ["G0001"])
    let many = parse(String(repeating: "let = 1\n", count: 10_000)).diagnostics
    XCTAssertEqual(many.count, 51)
    XCTAssertEqual(many.last?.code, "G0021")
  }

  func testBytesThatAreNotText() {
    func codes(_ bytes: [UInt8]) -> [String] { parse(SourceFile(path: "test.graft", text: bytes), id: FileID(0)).diagnostics.map(\.code) }
    XCTAssertEqual(codes(Array("// caf".utf8) + [0xE9, 0x0A]), ["G0002"])
    XCTAssertEqual(codes(Array("let x = 1 ".utf8) + [0xFF, 0x0A, 0xFE, 0x0A]), ["G0002"])
    XCTAssertEqual(codes(Array("import \"".utf8) + [0xE9] + Array("\"\n".utf8)), ["G0002"])
    XCTAssertEqual(codes(Array("let x = ".utf8) + [0xE2, 0x88]), ["G0002"])
    XCTAssertEqual(codes([0xC0, 0x80]), ["G0002"])
    XCTAssertEqual(codes([0xED, 0xA0, 0x80]), ["G0002"])
    XCTAssertEqual(codes([0xFF, 0xFE, 0x6C, 0x00]), ["G0002"])
    XCTAssertEqual(codes(Array("let x = 1".utf8) + [0, 0, 0, 0x0A]), ["G0003"])
    XCTAssertEqual(codes(Array("let x = a".utf8) + [0] + Array("- b\n".utf8)), ["G0003"])
    XCTAssertEqual(codes(Array("let x\u{00A0}= 1\n".utf8)), ["G0003"])
  }
}

/// The codes of the errors of a text, whose second line has an error of its own to be found.
private func codes(_ line: String) -> [String] {
  parse(line + "\nlet last = \n").diagnostics.map(\.code)
}
