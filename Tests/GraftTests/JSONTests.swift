import XCTest

@testable import graft

final class JSONTests: XCTestCase {
  private func read(_ text: String) throws -> JSON { try JSON(parsing: Array(text.utf8)) }

  func testReads() throws {
    let document = try read(#" {"a": [1, -2.5e+3, true, null], "b\n\u0041\ud83d\ude00": {"c": "x\\\"/"}} "#)
    XCTAssertEqual(document["a"], .array([.number("1"), .number("-2.5e+3"), .boolean(true), .null]))
    XCTAssertEqual(document["b\nA😀"]?["c"], .string(#"x\"/"#))
    XCTAssertEqual(try read("\u{FEFF}[]"), .array([]))
  }

  func testRefuses() {
    let cases: [(text: String, message: String, line: Int, column: Int)] = [
      ("", "the text ends where a value is expected", 1, 1),
      ("[1, 2", "',' or ']' is expected", 1, 6),
      ("[1,\n 02]", "a number does not start with 0", 2, 3),
      ("[1.]", "a digit is expected", 1, 4),
      ("[NaN]", "a value is expected here", 1, 2),
      ("{\"a\": 1, \"a\": 2}", "\"a\" stands twice in one object", 1, 10),
      ("{a: 1}", "a name in quotes is expected", 1, 2),
      ("[1] 2", "one document is expected", 1, 5),
      ("\"a", "the string does not end", 1, 3),
      ("\"\\q\"", "no such escape", 1, 3),
      ("\"\\ud800\"", "half of a surrogate pair", 1, 8),
      (String(repeating: "[", count: 100_000), "nested deeper than 512", 1, 514),
    ]
    for (text, message, line, column) in cases {
      do {
        _ = try read(text)
        XCTFail("\(text.prefix(40)) was read")
      } catch let error as JSONError {
        XCTAssertTrue(error.message.hasPrefix(message), "\(text.prefix(40)): \(error.message)")
        XCTAssertEqual(error.line, line, "\(text.prefix(40))")
        XCTAssertEqual(error.column, column, "\(text.prefix(40))")
      } catch {
        XCTFail("\(error)")
      }
    }
    XCTAssertThrowsError(try JSON(parsing: [0x22, 0xFF, 0x22])) { XCTAssertEqual(($0 as? JSONError)?.message, "the text is not UTF-8") }
  }

  func testNumbersRoundTrip() throws {
    for number in [0, -0.0, 0.1, 1e300, .leastNonzeroMagnitude, .pi, 1 / 3, 123_456_789_012_345_680, .greatestFiniteMagnitude] {
      guard case .number(let digits) = try read(JSON.real(number).text) else { return XCTFail("\(number)") }
      XCTAssertEqual(Double(digits)?.bitPattern, number.bitPattern)
    }
    for number: Float in [0.1, .leastNonzeroMagnitude, .pi, 16_777_216, .greatestFiniteMagnitude] {
      guard case .number(let digits) = try read(JSON.single(number).text) else { return XCTFail("\(number)") }
      XCTAssertEqual(Float(digits)?.bitPattern, number.bitPattern)
    }
    XCTAssertEqual(JSON.real(.infinity), .string("inf"))
    XCTAssertEqual(JSON.real(-.infinity), .string("-inf"))
    XCTAssertEqual(JSON.real(.nan), .string("nan"))
  }

  func testWritesWhatItReads() throws {
    let rows = (0..<20).map { JSON.array([.integer($0), .real(Double($0) / 7)]) }
    let document = JSON.object([
      JSON.Member("value", .real(2.5)), JSON.Member("rows", .array(rows)), JSON.Member("empty", .object([])),
      JSON.Member("quotes \" \u{1}", .string("tab\t")),
    ])
    XCTAssertEqual(try read(document.text), document)
    XCTAssertEqual(JSON.object([JSON.Member("x", .array([.integer(1), .integer(2)]))]).text, "{\"x\": [1, 2]}\n")
  }
}
