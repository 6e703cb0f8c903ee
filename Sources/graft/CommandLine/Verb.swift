/// A word that `graft` understands. The table below is all that parsing, help and the entry point know of verbs.
struct Verb: Sendable {
  enum Operands: Sendable { case oneFile, files }
  let name: String
  let summary: String
  let operands: Operands
  let options: [Option]
  let run: @Sendable (Invocation, Console) throws -> ExitStatus

  var operandUsage: String {
    switch operands {
    case .oneFile: "FILE"
    case .files: "FILE…"
    }
  }
}

enum ExitStatus: Int32, Sendable {
  case done = 0
  /// The input has errors, or a check does not hold.
  case failed = 1
  /// The command's words are off.
  case misused = 2

  static func worst(_ statuses: [ExitStatus]) -> ExitStatus { statuses.max { $0.rawValue < $1.rawValue } ?? .done }
}

extension Verb {
  private static let compilation: [Option] = [.size, .precision, .inject]

  static let all: [Verb] = [
    Verb(
      name: "generate", summary: "write one NAME.swift for each model file", operands: .files,
      options: [.output, .checkFresh, .access, .cpu, .memory, .name] + compilation, run: generate),
    Verb(name: "check", summary: "say what is wrong with model files", operands: .files, options: compilation + [.json], run: check),
    Verb(
      name: "verify", summary: "check every derivative in the reference interpreter: reverse, forward, finite differences",
      operands: .files,
      options: [.seed, .points, .compiled] + compilation + [.json], run: verify),
    Verb(
      name: "evaluate", summary: "the value and the derivatives of one function or model, as JSON", operands: .oneFile,
      options: [.of, .inputs, .throughCompiler] + compilation + [.json], run: evaluate),
    Verb(
      name: "explain", summary: "show a model, its derivative, what they cost and which rules are in force", operands: .oneFile,
      options: [.stage, .memory] + compilation + [.json], run: explain),
    Verb(
      name: "plot", summary: "draw the rules of a model file as SVG: the value, its slope, the slope's integral", operands: .oneFile,
      options: compilation, run: plot),
    Verb(name: "format", summary: "lay model files out canonically, comments kept", operands: .files, options: [.checkFormat], run: format),
  ]
}
