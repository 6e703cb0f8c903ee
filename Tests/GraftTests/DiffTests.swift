import XCTest

@testable import graft

final class DiffTests: XCTestCase {
  func testUnified() {
    let old = (1...20).map { "line \($0)\n" }.joined()
    let new = old.replacingOccurrences(of: "line 3\n", with: "").replacingOccurrences(of: "line 17\n", with: "line seventeen\nand a half\n")
    XCTAssertEqual(
      unifiedDiff(from: old, to: new, oldName: "a", newName: "b"),
      """
      --- a
      +++ b
      @@ -1,6 +1,5 @@
       line 1
       line 2
      -line 3
       line 4
       line 5
       line 6
      @@ -14,7 +13,8 @@
       line 14
       line 15
       line 16
      -line 17
      +line seventeen
      +and a half
       line 18
       line 19
       line 20

      """)
    XCTAssertEqual(unifiedDiff(from: old, to: old, oldName: "a", newName: "b"), "")
  }

  /// Each script leads from the old text to the new one, also where it is too long to be shortest.
  func testScriptsAreRight() {
    var random = RandomNumbers(seed: 7, key: "diff")
    for length in [0, 1, 5, 40, 3000] {
      let old = (0..<length).map { _ in "\(random.integer(in: 0...3))" }
      let new = (0..<length).map { _ in "\(random.integer(in: 0...3))" }
      let diff = unifiedDiff(
        from: old.joined(separator: "\n"), to: new.joined(separator: "\n"), oldName: "a", newName: "b", context: 100_000)
      let lines = diff.split(separator: "\n").dropFirst(3)
      if old == new { continue }
      XCTAssertEqual(lines.filter { !$0.hasPrefix("+") }.map { String($0.dropFirst()) }, old)
      XCTAssertEqual(lines.filter { !$0.hasPrefix("-") }.map { String($0.dropFirst()) }, new)
    }
  }
}
