import Foundation

/// Another program, run to its end.
enum Subprocess {
  /// What it printed, to either stream, and how it ended. `name` is a path, or a program of `PATH`.
  static func run(_ name: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: name.contains("/") ? name : "/usr/bin/env")
    process.arguments = name.contains("/") ? arguments : [name] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    do {
      try process.run()
    } catch {
      throw RunError("\(name) could not be started: \(error)")
    }
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    if process.terminationStatus == 127 { throw RunError("\(name) was not found; it comes with Swift") }
    return (
      process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus,
      String(decoding: output, as: UTF8.self)
    )
  }
}
