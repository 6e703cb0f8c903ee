import Codegen

/// One option: a row of the table from which both parsing and help are made.
struct Option: Sendable {
  let name: String
  var short: String? = nil
  /// What stands for the value in the help; nil for a flag.
  var value: String? = nil
  /// The only values allowed, where there are few.
  var choices: [String] = []
  var repeats = false
  let help: String

  var isFlag: Bool { value == nil && choices.isEmpty }
  /// `--access public|package|internal`
  var usage: String {
    let words = choices.isEmpty ? value : choices.joined(separator: "|")
    return (short.map { "\($0), " } ?? "") + name + (words.map { " \($0)" } ?? "")
  }
}

extension Option {
  static let help = Option(name: "--help", short: "-h", help: "say what the verb does and which options it takes")
  static let version = Option(name: "--version", help: "print the version")

  static let size = Option(name: "--size", value: "NAME=COUNT", repeats: true, help: "give a fixed size of the file another value")
  static let precision = Option(name: "--precision", choices: ["Float", "Double"], help: "override the file's precision")
  static let inject = Option(
    name: "--inject", value: "RULE", repeats: true,
    help: "put a rule in the place of the file's, as in --inject \"step'(v) = triangle(v)\"")

  static let output = Option(name: "--output", short: "-o", value: "DIR", help: "the folder to write into; made if it is missing")
  static let checkFresh = Option(name: "--check", help: "write nothing; fail with a diff where the folder is stale")
  static let access = Option(
    name: "--access", choices: ["public", "package", "internal"], help: "the access level of what is generated (public)")
  static let cpu = Option(
    name: "--cpu", choices: TargetCPU.allCases.map(\.rawValue), help: "which vectors the code is shaped for; it runs everywhere (baseline)")
  static let memory = Option(
    name: "--memory", value: "BYTES",
    help: "the most that a workspace may take, as in 2MB or 512KB: loops are kept in part, and run again in the backward pass")
  static let name = Option(
    name: "--name", value: "NAME", repeats: true,
    help: "the name of the file and of its namespace (that of the model file); several make a file each, with the --inject that follow")

  static let json = Option(name: "--json", help: "print one JSON document")

  static let seed = Option(name: "--seed", value: "NUMBER", help: "where random numbers start (1)")
  static let points = Option(name: "--points", value: "COUNT", help: "how many points each derivative is tried at (3)")
  static let compiled = Option(name: "--compiled", help: "compile the generated Swift too, and compare it with the interpreter")

  static let of = Option(name: "--of", value: "NAME", help: "which function or model; needed where the file has several")
  static let inputs = Option(name: "--inputs", value: "VALUES.json", help: "the inputs as JSON; - reads standard input")
  static let throughCompiler = Option(name: "--compiled", help: "through the generated Swift, compiled with swiftc -O")

  static let stage = Option(
    name: "--stage", choices: ["tree", "checked", "ir", "derivative", "optimized", "plan"], help: "show what one stage of the compiler made"
  )

  static let checkFormat = Option(name: "--check", help: "write nothing; fail where the layout is not the canonical one")
}
