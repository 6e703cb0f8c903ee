import Codegen
import ModelDSL
import XCTest

/// Integers that may overflow are computed with the check; indices, sizes and sums and products of a few elements without.
final class IntegerOverflowTests: XCTestCase {
  func testChecksStandWhereTheyAreNeeded() throws {
    let rows: [(expression: String, emitted: String)] = [
      ("i + 1", "i + 1"), ("i * n", "i * n"), ("sum(q in m: k[q] * k[q] * i)", "* i"), ("k[0] * k[1] - n", "Int(k[0]) &* Int(k[1]) - n"),
      ("k[0] * 3 + n", "Int(k[0]) &* 3 &+ n"), ("k[0] * k[1]", "Int(k[0]) &* Int(k[1])"),
    ]
    for row in rows {
      let text =
        "func f(x: Float[n], i: Int, k: Int[m]) -> Int {\n  return if m > 1 { \(row.expression) } else { 0 }\n}\nderive value of f\n"
      let compilation = compile(path: "f.graft", options: CheckOptions()) { _ in Array(text.utf8) }
      let module = try XCTUnwrap(compilation.module, render(compilation.diagnostics, sources: compilation.sources, color: false))
      let emitted = emit(module, options: EmissionOptions(modelFile: "f.graft"))
      XCTAssertTrue(emitted.contains(row.emitted), "\(row.expression):\n\(emitted)")
    }
  }
}
