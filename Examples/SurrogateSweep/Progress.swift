import Foundation

/// What the sweep is doing: on a terminal a line that is written over again, elsewhere a line for each run that is done.
actor Progress {
  private let total: Int
  private var done: Int
  private var epochs: [Run: Int] = [:]
  private let start = ContinuousClock.now
  private let isTerminal = isatty(STDERR_FILENO) != 0

  init(total: Int, done: Int) {
    (self.total, self.done) = (total, done)
  }

  func reached(_ epoch: Int, of run: Run) {
    epochs[run] = epoch
    show()
  }

  func finished(_ outcome: Outcome) {
    epochs[outcome.run] = nil
    done += 1
    let words = "\(outcome.run.slope), seed \(outcome.run.seed): accuracy \(fixed(outcome.accuracy))"
    write((isTerminal ? "\r\u{1B}[K" : "") + "\(done)/\(total)  \(words)\n")
    show()
  }

  private func show() {
    guard isTerminal, done < total else { return }
    let filled = 30 * done / total
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 30 - filled)
    let running = epochs.sorted { ($0.key.slope, $0.key.seed) < ($1.key.slope, $1.key.seed) }.map {
      "\($0.key.slope) \($0.key.seed): \($0.value)/\($0.key.epochs)"
    }
    let seconds = Int((ContinuousClock.now - start) / .seconds(1))
    write("\r\u{1B}[K[\(bar)] \(done)/\(total)  \(seconds) s  \(running.joined(separator: "  "))")
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}

func fixed(_ value: Double) -> String { String(format: "%.3f", value) }
