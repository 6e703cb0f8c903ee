import Foundation
import ModelDSL
import XCTest

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
    for seed in first ..< first + count {
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

  func testProgramPrint() {
    guard let seed = setting("PRINT") else { return }
    print(format(SourceFile(path: "random.graft", text: Array(Generator.program(seed: UInt64(seed)).text.utf8))).text)
  }
}

/// The compiler recurs over trees, and expects the room that its command line gives it.
private func onLargeStack<R>(_ body: @escaping () -> R) -> R {
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
