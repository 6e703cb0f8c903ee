import Foundation

/// Where results and diagnostics go.
struct Console: Sendable {
  /// Colours in what goes to standard error: on a terminal, and never with `NO_COLOR`.
  let colors: Bool

  static func standard(environment: [String: String] = ProcessInfo.processInfo.environment) -> Console {
    let refused = !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb"
    return Console(colors: !refused && isatty(STDERR_FILENO) == 1)
  }

  /// A result.
  func print(_ text: String) { write(text, to: STDOUT_FILENO) }

  /// A diagnostic that is already laid out.
  func report(_ text: String) { write(text, to: STDERR_FILENO) }

  func error(_ message: String) { report("\(styled("graft: error:", "1;31")) \(message)\n") }
  func note(_ message: String) { report("\(styled("graft: note:", "1;36")) \(message)\n") }

  private func styled(_ text: String, _ style: String) -> String { colors ? "\u{1B}[\(style)m\(text)\u{1B}[0m" : text }

  private func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress!, $0.count) }
      if written < 0 && errno == EINTR { continue }
      if written <= 0 { return }
      bytes = bytes.dropFirst(written)
    }
  }
}
