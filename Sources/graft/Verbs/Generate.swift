import Codegen
import ModelDSL

/// `graft generate FILE… -o DIR`: files with errors leave their output as it was, the others are written.
@Sendable func generate(_ invocation: Invocation, console: Console) throws -> ExitStatus {
  guard let folder = invocation.value(.output) else {
    throw UsageError("-o DIR is needed: the folder to write into (-o . is this one)")
  }
  let names = try outputNames(invocation)
  var statuses: [ExitStatus] = []
  for (file, name) in zip(invocation.files, names) {
    let compilation = try compile(file, invocation)
    compilation.report(to: console)
    guard let module = compilation.module else {
      statuses.append(.failed)
      continue
    }
    let text = emit(module, options: emissionOptions(file, invocation))
    let path = Files.join(folder, name)
    if invocation.has(.checkFresh) {
      statuses.append(try isFresh(path, text, console) ? .done : .failed)
    } else {
      try Files.createFolder(folder)
      try Files.replace(path, with: text)
      statuses.append(.done)
    }
  }
  return .worst(statuses)
}

private func outputNames(_ invocation: Invocation) throws -> [String] {
  if let name = invocation.value(.name) {
    if invocation.files.count > 1 { throw UsageError("--name is for one file, found \(invocation.files.count)") }
    if !isIdentifier(name) { throw UsageError("--name needs a name as Swift has them, found '\(name)'") }
    return [name + ".swift"]
  }
  let names = invocation.files.map { Files.stem(of: $0) + ".swift" }
  for (place, name) in names.enumerated() {
    if let other = names[..<place].firstIndex(where: { $0.lowercased() == name.lowercased() }) {
      throw UsageError("'\(invocation.files[other])' and '\(invocation.files[place])' would both become \(name)")
    }
  }
  return names
}

/// What the header says depends on the file's name and the options alone, not on where the file stands.
private func emissionOptions(_ file: String, _ invocation: Invocation) -> EmissionOptions {
  let words = [Option.size, .precision, .inject, .cpu, .name].flatMap { option in
    invocation.values(option).map { "\(option.name) \($0.contains(" ") ? "\"\($0)\"" : $0)" }
  }
  return EmissionOptions(
    access: invocation.value(.access).flatMap(EmissionOptions.Access.init(rawValue:)) ?? .public, generatorVersion: version,
    modelFile: Files.name(of: file), optionsText: words.joined(separator: " "),
    cpu: invocation.value(.cpu).flatMap(TargetCPU.init(rawValue:)) ?? .baseline)
}

private func isIdentifier(_ name: String) -> Bool {
  guard let first = name.first, first == "_" || first.isLetter else { return false }
  return name.allSatisfy { $0 == "_" || $0.isLetter || $0.isNumber }
}

private func isFresh(_ path: String, _ text: String, _ console: Console) throws -> Bool {
  let old = Files.exists(path) ? String(decoding: try Files.read(path), as: UTF8.self) : ""
  let difference = unifiedDiff(from: old, to: text, oldName: path, newName: "\(path) (generated)")
  if difference.isEmpty && Files.exists(path) { return true }
  console.print(difference)
  console.error("'\(path)' is \(Files.exists(path) ? "stale" : "missing"): run graft generate without --check")
  return false
}
