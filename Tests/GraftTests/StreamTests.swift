import Foundation
import XCTest

/// A stream of a model without parameters, whose loop may fail: a step that fails leaves it as it was, and one that does not says so. With optimisation,
/// Swift 6.3 loses whether an error was thrown where a function that may throw ends in a copy.
final class StreamTests: XCTestCase {
  func testFailedStepsDoNotCount() throws {
    let folder = try Folder([
      "Halving.graft": """
      model Halving {
        size width = 200
        size time
        input x: Float[time, width]
        state total: Float[width] = 0
        state last: Float[width] = 0
        for t in time {
          state s: Float[width] = x[t]
          while s[0] > 1, atMost: 5 { next s = 0.5 * s }
          next total = total + s
          next last = s
        }
        output sums = total
        output latest = last
      }
      derive stream of Halving

      """
    ])
    let run = try folder.graft("generate", "Halving.graft", "-o", ".")
    XCTAssertEqual(run.status, 0, run.error)
    try folder.write(
      "main.swift",
      """
      var stream = Halving.Stream()
      stream.reset()
      var sums = [Float](repeating: 0, count: 200)
      var latest = [Float](repeating: 0, count: 200)
      for (x, fails) in [(4, false), (100, true), (2, false), (1000, true)] as [(Float, Bool)] {
        let input = [Float](repeating: x, count: 200)
        var failed = false
        var first = sums.mutableSpan
        var second = latest.mutableSpan
        do { try stream.step(x: input.span, sums: &first, latest: &second) } catch { failed = true }
        print(failed == fails, stream.count)
      }
      print(sums[199], latest[199])
      """)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "swiftc -O -wmo main.swift Halving.swift -o run 2> errors.txt && ./run > lines.txt"]
    process.currentDirectoryURL = folder.url
    try process.run()
    process.waitUntilExit()
    let errors = try folder.read("errors.txt")
    XCTAssertEqual(process.terminationStatus, 0, errors)
    XCTAssertEqual(try folder.read("lines.txt"), "true 1\ntrue 1\ntrue 2\ntrue 2\n2.0 1.0\n")
  }
}
