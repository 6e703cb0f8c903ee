import Foundation
import XCTest

/// The emitted row and coordinate orders of a sparse Jacobian say the same as `graft evaluate` does.
final class SparseFormatsTests: XCTestCase {
  private let model = """
    precision Double
    func residuals(a: Float[n, 2], b: Float, c: Float[n], at: Index<n>[m]) -> (first: Float[m, 3], second: Float[n]) {
      return ([i in m: [a[at[i], 0] * b, sin(a[at[i], 1]), c[at[i]] * a[at[i], 0]]], [j in n: c[j] ^ 2 * b])
    }
    derive sparse jacobian of residuals wrt a, b, c
    """
  private let values = #"{"a": [[1, 2], [3, 4], [0.5, -1]], "b": 1.5, "c": [2, -3, 0.25], "at": [2, 0, 2, 1]}"#

  func testBothOrdersAgreeWithEvaluate() throws {
    let folder = try Folder(["Residuals.graft": model, "values.json": values])
    let evaluated = try folder.graft("evaluate", "Residuals.graft", "--inputs", "values.json")
    XCTAssertEqual(evaluated.status, 0, evaluated.error)
    let document = try XCTUnwrap(JSONSerialization.jsonObject(with: Data(evaluated.output.utf8)) as? [String: Any])
    let jacobian = try XCTUnwrap(document["jacobian"] as? [String: [Double]])
    var expected: [[Int]: Double] = [:]
    for ((row, column), value) in zip(zip(jacobian["rows"]!, jacobian["columns"]!), jacobian["values"]!) {
      expected[[Int(row), Int(column)], default: 0] += value
    }

    let generated = try folder.graft("generate", "Residuals.graft", "-o", ".")
    XCTAssertEqual(generated.status, 0, generated.error)
    let text = try folder.read("Residuals.swift")
    XCTAssertTrue(text.contains("func residualsSparseJacobianRows("), text)
    try folder.write(
      "main.swift",
      """
      let j = try Residuals.residualsSparseJacobian(
        a: [1, 2, 3, 4, 0.5, -1], b: 1.5, c: [2, -3, 0.25], at: [2, 0, 2, 1])
      let rows = Residuals.residualsSparseJacobianRows(
        n: 3, m: 4, firstABlocks: j.firstABlocks, firstAColumns: j.firstAColumns, firstBBlocks: j.firstBBlocks, firstBColumns: j.firstBColumns,
        firstCBlocks: j.firstCBlocks, firstCColumns: j.firstCColumns, secondBBlocks: j.secondBBlocks, secondBColumns: j.secondBColumns,
        secondCBlocks: j.secondCBlocks, secondCColumns: j.secondCColumns)
      let all = Residuals.residualsSparseJacobianCoordinates(
        n: 3, m: 4, firstABlocks: j.firstABlocks, firstAColumns: j.firstAColumns, firstBBlocks: j.firstBBlocks, firstBColumns: j.firstBColumns,
        firstCBlocks: j.firstCBlocks, firstCColumns: j.firstCColumns, secondBBlocks: j.secondBBlocks, secondBColumns: j.secondBColumns,
        secondCBlocks: j.secondCBlocks, secondCColumns: j.secondCColumns)
      for place in all.rows.indices { print("coordinate", all.rows[place], all.columns[place], all.values[place]) }
      for row in 0..<rows.rowStarts.count - 1 {
        for place in rows.rowStarts[row]..<rows.rowStarts[row + 1] { print("row", row, rows.columns[Int(place)], rows.values[Int(place)]) }
      }
      """)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "swiftc -Onone main.swift Residuals.swift -o run 2> errors.txt && ./run > lines.txt"]
    process.currentDirectoryURL = folder.url
    try process.run()
    process.waitUntilExit()
    XCTAssertEqual(process.terminationStatus, 0, (try? folder.read("errors.txt")) ?? "")
    for order in ["coordinate", "row"] {
      var found: [[Int]: Double] = [:]
      for line in try folder.read("lines.txt").split(separator: "\n") where line.hasPrefix(order) {
        let words = line.split(separator: " ")
        found[[Int(words[1])!, Int(words[2])!], default: 0] += Double(words[3])!
      }
      let places = Set(expected.keys).union(found.keys)
      XCTAssertGreaterThan(places.count, 12)
      for place in places { XCTAssertEqual(found[place] ?? 0, expected[place] ?? 0, accuracy: 1e-14, "\(order) \(place)") }
    }
  }
}
