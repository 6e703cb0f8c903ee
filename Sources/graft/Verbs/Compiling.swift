import Codegen
import ModelDSL

/// Takes one file through the compiler, with what the command line says of sizes, precision and rules.
func compile(_ path: String, _ invocation: Invocation) throws -> Compilation {
  try compile(path, invocation, name: invocation.value(.name), injections: invocation.values(.inject))
}

/// The same under a name, with other rules.
func compile(_ path: String, _ invocation: Invocation, name: String?, injections: [String]) throws -> Compilation {
  // An unreadable file is a matter of the file system, not of the language.
  let root = try Files.read(path)
  return compile(path: path, name: name, options: try checkOptions(invocation, injections)) { other in
    other == path ? root : try? Files.read(other)
  }
}

private func checkOptions(_ invocation: Invocation, _ injections: [String]) throws -> CheckOptions {
  var sizes: [String: Int] = [:]
  for setting in invocation.values(.size) {
    let parts = setting.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !parts[0].isEmpty, let count = Int(parts[1]), count >= 0 else {
      throw UsageError("--size needs NAME=COUNT, as in --size hidden=256, found '\(setting)'")
    }
    if sizes.updateValue(count, forKey: parts[0]) != nil { throw UsageError("--size gives '\(parts[0])' twice") }
  }
  return CheckOptions(
    sizes: sizes, precision: invocation.value(.precision).flatMap(Precision.init(rawValue:)), injections: injections)
}

/// What `--memory` gives, in bytes: a whole number, with KB, MB or GB behind it for 1,024 of it and of each other.
func memoryBudget(_ invocation: Invocation) throws -> Int? {
  guard let text = invocation.value(.memory) else { return nil }
  let units = [("KB", 1 << 10), ("MB", 1 << 20), ("GB", 1 << 30), ("", 1)]
  for (suffix, factor) in units where text.uppercased().hasSuffix(suffix) {
    guard let number = Int(text.dropLast(suffix.count)), number > 0 else { break }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: factor)
    if !overflow { return bytes }
  }
  throw UsageError("--memory needs a number of bytes above 0, as in 2MB, 512KB or 65536, found '\(text)'")
}

extension Module {
  /// The module as `--memory` asks for it; nil, and a message, where that cannot be.
  func fitting(_ budget: Int?, console: Console) -> Module? {
    guard let budget else { return self }
    do throws(MemoryShortage) { return try fitting(memory: budget) } catch {
      console.error("\(error)")
      return nil
    }
  }
}

extension Compilation {
  func report(to console: Console) {
    if !diagnostics.isEmpty { console.report(render(diagnostics, sources: sources, color: console.colors)) }
  }

  /// The diagnostics as JSON, each a document of its own.
  var diagnosticDocuments: [JSON] {
    guard let document = try? JSON(parsing: Array(renderJSON(diagnostics, sources: sources).utf8)),
      case .array(let documents)? = document["diagnostics"]
    else { return [] }
    return documents
  }
}
