import Codegen
import ModelDSL

/// `graft generate FILE… -o DIR`: files with errors leave their output as it was, the others are written.
@Sendable func generate(_ invocation: Invocation, console: Console) throws -> ExitStatus {
  guard let folder = invocation.value(.output) else {
    throw UsageError("-o DIR is needed: the folder to write into (-o . is this one)")
  }
  var statuses: [ExitStatus] = []
  for output in try outputs(invocation) {
    let compilation = try compile(output.model, invocation, name: output.name, injections: output.injections)
    compilation.report(to: console)
    guard let module = compilation.module?.fitting(try memoryBudget(invocation), console: console) else {
      statuses.append(.failed)
      continue
    }
    let text = emit(module, options: try emissionOptions(output, invocation))
    let path = Files.join(folder, output.file)
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

/// One file that is written.
private struct Output {
  let model: String
  /// Given by `--name`.
  let name: String?
  let injections: [String]

  var file: String { (name ?? Files.stem(of: model)) + ".swift" }
}

/// A file for each model; or, with `--name`, for each name. Rules before the first of several names are for all, the others for the name before.
private func outputs(_ invocation: Invocation) throws -> [Output] {
  let names = invocation.values(.name)
  let outputs: [Output]
  if names.isEmpty {
    outputs = invocation.files.map { Output(model: $0, name: nil, injections: invocation.values(.inject)) }
  } else {
    if invocation.files.count > 1 { throw UsageError("--name is for one file, found \(invocation.files.count)") }
    for name in names where !isIdentifier(name) { throw UsageError("--name needs a name as Swift has them, found '\(name)'") }
    outputs = variants(invocation, model: invocation.files[0])
  }
  for (place, output) in outputs.enumerated() {
    guard let other = outputs[..<place].first(where: { $0.file.lowercased() == output.file.lowercased() }) else { continue }
    if let name = output.name { throw UsageError("--name \(name) was given twice") }
    throw UsageError("'\(other.model)' and '\(output.model)' would both become \(output.file)")
  }
  return outputs
}

private func variants(_ invocation: Invocation, model: String) -> [Output] {
  let names = invocation.values(.name)
  if names.count == 1 { return [Output(model: model, name: names[0], injections: invocation.values(.inject))] }
  var shared: [String] = []
  var own: [(name: String, injections: [String])] = []
  for (option, value) in invocation.given {
    switch option {
    case Option.name.name: own.append((value, []))
    case Option.inject.name where own.isEmpty: shared.append(value)
    case Option.inject.name: own[own.count - 1].injections.append(value)
    default: break
    }
  }
  return own.map { Output(model: model, name: $0.name, injections: shared + $0.injections) }
}

/// What the header says depends on the file's name and the options alone, not on where the file stands.
private func emissionOptions(_ output: Output, _ invocation: Invocation) throws -> EmissionOptions {
  let settings = [Option.size, .precision, .memory].flatMap { option in invocation.values(option).map { (option, $0) } }
  let given = settings + output.injections.map { (Option.inject, $0) } + (output.name.map { [(Option.name, $0)] } ?? [])
  let words = given.map { option, value in "\(option.name) \(value.contains(" ") ? "\"\(value)\"" : value)" }
  return EmissionOptions(
    access: invocation.value(.access).flatMap(EmissionOptions.Access.init(rawValue:)) ?? .public, generatorVersion: version,
    modelFile: Files.name(of: output.model), optionsText: words.joined(separator: " "),
    cpu: invocation.value(.cpu).flatMap(TargetCPU.init(rawValue:)) ?? .baseline,
    memory: try memoryBudget(invocation))
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
