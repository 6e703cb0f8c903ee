import Foundation

/// The outcomes so far, in a file with a line for each run. A line is written at once and whole, when its run is done: a sweep that was killed
/// goes on behind the last of them.
struct Journal {
  private let file: FileHandle
  private(set) var outcomes: [Outcome]

  init(path: String) throws {
    if !FileManager.default.fileExists(atPath: path) { FileManager.default.createFile(atPath: path, contents: nil) }
    file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    let text = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    // A line without an end was being written when the sweep was killed.
    let whole = text.lastIndex(of: "\n").map { text[...$0] } ?? ""
    outcomes = whole.split(separator: "\n").compactMap(Outcome.init(line:))
    try file.truncate(atOffset: UInt64(whole.utf8.count))
  }

  mutating func add(_ outcome: Outcome) throws {
    outcomes.append(outcome)
    try file.write(contentsOf: Data((outcome.line + "\n").utf8))
    try file.synchronize()
  }
}

extension Outcome {
  /// `arctan(v); 1; 40; 0.0123; 0.93`
  fileprivate var line: String { "\(run.slope); \(run.seed); \(run.epochs); \(loss); \(accuracy)" }

  fileprivate init?(line: Substring) {
    let fields = line.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
    guard fields.count == 5, let seed = UInt64(fields[1]), let epochs = Int(fields[2]), let loss = Double(fields[3]),
      let accuracy = Double(fields[4])
    else { return nil }
    self.init(run: Run(slope: fields[0], seed: seed, epochs: epochs), loss: loss, accuracy: accuracy)
  }
}
