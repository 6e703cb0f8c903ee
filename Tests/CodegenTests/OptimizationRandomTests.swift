import ModelDSL
import XCTest

@testable import Codegen

/// Every pass keeps the meaning of programs made at random.
final class OptimizationRandomTests: XCTestCase {
  static let exact: [(String, Pass)] = [
    ("eraseRules", eraseRules), ("eliminateDeadCode", eliminateDeadCode), ("sinkIntoBranches", sinkIntoBranches),
    ("eliminateCommonSubexpressions", eliminateCommonSubexpressions),
    ("eliminateCommonSubexpressionsWithinBranches", eliminateCommonSubexpressionsWithinBranches),
    ("hoistLoopInvariants", hoistLoopInvariants), ("narrowAccumulations", narrowAccumulations), ("inlineMaps", inlineMaps),
    ("inlineMapsIntoBranches", inlineMapsIntoBranches),
    ("gatherAccumulations", gatherAccumulations), ("removeCopies", removeCopies), ("unrollScans", unrollScans),
    ("keepSpikesAsConditions", keepSpikesAsConditions),
  ]
  static let close: [(String, Pass)] = [
    ("simplify", simplify), ("propagateZeros", propagateZeros), ("fuseLoops", fuseLoops), ("fuseMaps", fuseMaps), ("prepared", prepared),
    ("gatherShifts", gatherShifts), ("eventDriven", eventDriven), ("joinSpikeSums", { joinSpikeSums(eventDriven($0)) }),
    ("optimized", optimized),
  ]

  func testEveryPassKeepsTheMeaning() throws {
    let count = Int(ProcessInfo.processInfo.environment["GRAFT_RANDOM_PROGRAMS"] ?? "") ?? 150
    let start = UInt64(ProcessInfo.processInfo.environment["GRAFT_RANDOM_SEED"] ?? "") ?? 1
    for seed in start..<start + UInt64(count) {
      let (procedure, inputs) = RandomProgram.make(seed: seed)
      XCTAssertEqual(verify(procedure), [], "program of seed \(seed)")
      let expected = try run(procedure, inputs)
      for (passes, tolerance) in [(Self.exact, 0), (Self.close, 1e-12)] {
        for (name, pass) in passes {
          let after = pass(procedure)
          XCTAssertEqual(verify(after), [], "\(name), program of seed \(seed)")
          do {
            // Twice, so that a pass meets what it makes.
            for result in [try run(after, inputs), try run(pass(after), inputs)] {
              XCTAssertTrue(agree(expected, result, tolerance), "\(name) changes the results of the program of seed \(seed)")
            }
          } catch {
            XCTFail("\(name) breaks the program of seed \(seed): \(error)")
          }
        }
      }
    }
  }

  private func run(_ procedure: Procedure, _ inputs: [ArrayValue]) throws -> [ArrayValue] {
    XCTAssertEqual(verify(procedure), [])
    return try Interpreter(precision: .double).run(procedure, inputs: inputs, sizes: RandomProgram.sizeValues)
  }

  private func agree(_ a: [ArrayValue], _ b: [ArrayValue], _ tolerance: Double) -> Bool {
    zip(a, b).allSatisfy { a, b in
      a.shape == b.shape
        && zip(a.reals, b.reals).allSatisfy { x, y in x == y || (x.isNaN && y.isNaN) || abs(x - y) <= tolerance * max(1, abs(x)) }
    }
  }
}
