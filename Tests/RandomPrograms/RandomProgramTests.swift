import Foundation
import ModelDSL
import XCTest

@testable import Codegen
@testable import graft

/// Programs over the whole language, made at random: each must compile, and everything that compiles it must agree.
///
/// `GRAFT_RANDOM_PROGRAMS` says how many, `GRAFT_RANDOM_SEED` the first seed, `GRAFT_RANDOM_SECONDS` when to stop.
final class RandomProgramTests: XCTestCase {
  private func setting(_ name: String) -> Int? { ProcessInfo.processInfo.environment["GRAFT_RANDOM_" + name].flatMap(Int.init) }

  func testProgramsHold() throws {
    let count = setting("PROGRAMS") ?? 120
    let first = setting("SEED") ?? 1
    let end = Date(timeIntervalSinceNow: TimeInterval(setting("SECONDS") ?? 50))
    let isVerbose = setting("VERBOSE") != nil
    let check = ProgramCheck()
    var done = 0
    for seed in first..<first + count {
      if Date() > end { break }
      let program = Generator.program(seed: UInt64(seed))
      if isVerbose { FileHandle.standardError.write(Data("seed \(seed)\n".utf8)) }
      done += 1
      guard let failure = onLargeStack({ check.failure(of: program.text) }) else { continue }
      var shrinker = Shrinker { text in onLargeStack { check.failure(of: text) }?.kind == failure.kind }
      if setting("NO_SHRINKING") != nil { shrinker.attempts = 0 }
      let smallest = shrinker.shrunk(program).text
      let detail = onLargeStack { check.failure(of: smallest) } ?? failure
      let text = format(SourceFile(path: "random.graft", text: Array(smallest.utf8))).text
      XCTFail("seed \(seed): \(detail.description.prefix(2000))\n\n\(text)")
    }
    print("\(done) random programs from seed \(first)")
  }

  /// The interpreter and compiled Swift agree, in both precisions and for vectors of two widths; many programs share a call of the compiler.
  func testCompiledProgramsHold() throws {
    let count = setting("PROGRAMS") ?? 8
    let first = setting("SEED") ?? 1
    let end = Date(timeIntervalSinceNow: TimeInterval(setting("SECONDS") ?? 50))
    var done = 0
    for start in stride(from: first, to: first + count, by: 40) {
      for target in CompiledTarget.all where Date() < end {
        let seeds = Array(start..<min(start + 40, first + count))
        for (seed, failure) in compiledFailures(seeds, target) {
          var shrinker = Shrinker { text in Self.compiledFailure([(seed, text)], target)?.kind == failure.kind }
          shrinker.attempts = setting("NO_SHRINKING") != nil ? 0 : 60
          let smallest = shrinker.shrunk(Generator.program(seed: UInt64(seed))).text
          let text = format(SourceFile(path: "random.graft", text: Array(smallest.utf8))).text
          XCTFail("seed \(seed), \(target): \(failure.description.prefix(2000))\n\n\(text)")
        }
        done += seeds.count
      }
    }
    print("\(done) compiled random programs from seed \(first)")
  }

  /// What a program is compiled for.
  private struct CompiledTarget {
    var precision: Precision
    var cpu: TargetCPU
    static let all = [
      CompiledTarget(precision: .double, cpu: .baseline), CompiledTarget(precision: .single, cpu: .x86_64_v3),
    ]
  }

  /// Halves the programs until each failure stands alone.
  private func compiledFailures(_ seeds: [Int], _ target: CompiledTarget) -> [(Int, Failure)] {
    guard let failure = Self.compiledFailure(seeds.map { ($0, Generator.program(seed: UInt64($0)).text) }, target) else { return [] }
    if seeds.count == 1 { return [(seeds[0], failure)] }
    let half = seeds.count / 2
    return compiledFailures(Array(seeds.prefix(half)), target) + compiledFailures(Array(seeds.dropFirst(half)), target)
  }

  private static func compiledFailure(_ programs: [(seed: Int, text: String)], _ target: CompiledTarget) -> Failure? {
    onLargeStack {
      // What does not compile at all is for the other test to say.
      let modules = programs.compactMap { ProgramCheck(name: "random\($0.seed)", precision: target.precision).compiled($0.text).module }
      do {
        for report in try CompiledCheck.reports(modules, seed: 1, points: 2, cpu: target.cpu).flatMap({ $0 }) {
          if case .differs(let details) = report.outcome, !details[0].hasPrefix("no point") {
            return Failure(
              kind: details[0].contains("throws") ? "compiled code throws" : "compiled code differs", detail: "\(report.name): \(details)")
          }
        }
        return nil
      } catch let error as RunError {
        return Failure(
          kind: error.message.contains("does not compile") ? "Swift does not compile" : "compiled code stops", detail: error.message)
      } catch {
        return Failure(kind: "compiled code", detail: "\(error)")
      }
    }
  }

  func testProgramPrint() {
    guard let seed = setting("PRINT") else { return }
    print(format(SourceFile(path: "random.graft", text: Array(Generator.program(seed: UInt64(seed)).text.utf8))).text)
  }
}

/// The compiler recurs over trees, and expects the room that its command line gives it.
func onLargeStack<R>(_ body: @escaping () -> R) -> R {
  nonisolated(unsafe) var result: R?
  nonisolated(unsafe) let work = body
  let done = DispatchSemaphore(value: 0)
  let thread = Thread {
    result = work()
    done.signal()
  }
  thread.stackSize = 512 << 20
  thread.start()
  done.wait()
  return result!
}
