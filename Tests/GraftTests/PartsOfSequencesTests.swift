import Foundation
import XCTest

/// Truncated backpropagation through time: a sequence in two parts ends where the whole does, and the gradient of the second part is that of its own
/// steps, the states given being constants.
final class PartsOfSequencesTests: XCTestCase {
  private let model = """
    precision Double
    model Decay {
      size width = 3
      size time
      param w: Float[width, width] ~ normal(mean: 0, deviation: 0.5)
      input x: Float[time, width]
      state u: Float[width] = 0
      for t in time { next u = tanh(w @ u + x[t]) }
      output y = u
      loss = sum(u * u)
    }
    derive stream of Decay
    """

  func testTwoPartsAreTheWhole() throws {
    let folder = try Folder(["Decay.graft": model])
    let run = try folder.graft("generate", "Decay.graft", "-o", ".")
    XCTAssertEqual(run.status, 0, run.error)
    try folder.write(
      "main.swift",
      """
      let batch = 5
      var p = Decay.Parameters(seed: 4)
      let x: [Double] = (0..<batch * 6 * 3).map { Double(($0 &* 37) % 19) / 10 - 0.9 }
      func part(_ first: Int, _ count: Int) -> [Double] {
        (0..<batch).flatMap { b in x[(b * 6 + first) * 3..<(b * 6 + first + count) * 3] }
      }
      var gradient = Decay.Parameters()
      var whole = Decay.Workspace(batch: batch, time: 6, for: .training)
      var half = Decay.Workspace(batch: batch, time: 3, for: .training)
      let loss = Decay.lossAndGradient(p, x: x, gradient: &gradient, workspace: &whole)
      let zeros = [Double](repeating: 0, count: batch * 3)
      let first = Decay.lossAndGradient(p, u: zeros, x: part(0, 3), gradient: &gradient, workspace: &half)
      let second = Decay.lossAndGradient(p, u: first.nextU, x: part(3, 3), gradient: &gradient, workspace: &half)
      print(loss == second.loss)
      let kept = gradient.flat
      var worst = 0.0
      for place in kept.indices {
        var moved: [Double] = []
        for step in [1e-5, -1e-5] {
          var q = p
          q.flat[place] += step
          moved.append(Decay.lossAndGradient(q, u: first.nextU, x: part(3, 3), gradient: &gradient, workspace: &half).loss)
        }
        worst = max(worst, abs((moved[0] - moved[1]) / 2e-5 - kept[place]))
      }
      print(worst < 1e-8)
      print(kept.contains { abs($0) > 0.01 })
      """)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "swiftc -Onone main.swift Decay.swift -o run 2> errors.txt && ./run > lines.txt"]
    process.currentDirectoryURL = folder.url
    try process.run()
    process.waitUntilExit()
    XCTAssertEqual(process.terminationStatus, 0, (try? folder.read("errors.txt")) ?? "")
    XCTAssertEqual(try folder.read("lines.txt"), "true\ntrue\ntrue\n")
  }
}
