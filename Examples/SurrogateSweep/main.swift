// The digits network under twelve surrogate slopes: `swift run -c release SurrogateSweep`. `--help` lists the options. A sweep that was
// stopped goes on where it was when it is started again.

import ExampleSupport
import Foundation

switch Options.parse(Array(CommandLine.arguments.dropFirst())) {
case .help:
  print(Options.help)
case .failure(let message):
  FileHandle.standardError.write(Data("\(message)\n\(Options.help)\n".utf8))
  exit(2)
case .options(let options):
  do {
    let comparison = try await sweep(options)
    try comparison.drawing().write(to: options.drawing)
    print(comparison.table + "drawn in \(options.drawing)")
  } catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
  }
}

/// Trains what the journal does not hold yet, some runs at a time.
func sweep(_ options: Options) async throws -> Comparison {
  let digits = try Digits.load()
  var journal = try Journal(path: options.journal)
  let runs = (1...UInt64(options.seeds)).flatMap { seed in
    Surrogate.all.map { (surrogate: $0, run: Run(slope: $0.slope, seed: seed, epochs: options.epochs)) }
  }
  let known = Set(journal.outcomes.map(\.run))
  var open = runs.filter { !known.contains($0.run) }[...]
  let progress = Progress(total: runs.count, done: runs.count - open.count)
  try await withThrowingTaskGroup(of: Outcome.self) { group in
    func startNext() {
      guard let next = open.popFirst() else { return }
      group.addTask {
        let outcome = try train(next.surrogate, next.run, on: digits) { epoch in
          Task { await progress.reached(epoch, of: next.run) }
        }
        await progress.finished(outcome)
        return outcome
      }
    }
    for _ in 0..<options.jobs { startNext() }
    while let outcome = try await group.next() {
      try journal.add(outcome)
      startNext()
    }
  }
  let asked = Set(runs.map(\.run))
  return Comparison(journal.outcomes.filter { asked.contains($0.run) })
}
