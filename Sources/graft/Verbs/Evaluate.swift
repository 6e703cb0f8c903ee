import Codegen
import ModelDSL

/// `graft evaluate FILE --of NAME --inputs VALUES.json`
@Sendable func evaluate(_ invocation: Invocation, console: Console) throws -> ExitStatus {
  let compilation = try compile(invocation.files[0], invocation)
  if compilation.hasErrors, invocation.has(.json) {
    console.print(JSON.object([JSON.Member("diagnostics", .array(compilation.diagnosticDocuments))]).text)
  } else {
    compilation.report(to: console)
  }
  guard let module = compilation.module else { return .failed }
  let target = try subject(named: invocation.value(.of), in: module)
  let json = try values(invocation.value(.inputs))
  let evaluation =
    switch target {
    case .function(let function): try Evaluation(of: function, at: json, precision: module.precision)
    case .model(let model):
      try Evaluation(of: model, at: json, precision: module.precision) { try initialParameters(of: model, in: module, seed: $0) }
    }
  for note in evaluation.notes { console.note(note) }
  let results =
    if invocation.has(.throughCompiler) {
      try runCompiled(evaluation.calls, in: module)
    } else {
      try evaluation.calls.map { try interpret($0.procedure, $0.binding, precision: module.precision) }
    }
  console.print(evaluation.document(results, precision: module.precision).text)
  return .done
}

private enum Subject {
  case function(FunctionEntry)
  case model(ModelEntry)
}

private func subject(named name: String?, in module: Module) throws -> Subject {
  let subjects = module.functions.map { ($0.name, Subject.function($0)) } + module.models.map { ($0.name, Subject.model($0)) }
  let names = subjects.map(\.0)
  guard let name else {
    if subjects.count == 1 { return subjects[0].1 }
    if subjects.isEmpty { throw UsageError("the file derives nothing and has no model: there is nothing to evaluate") }
    throw UsageError("--of is needed: the file has \(listed(names, by: "and"))")
  }
  if let found = subjects.first(where: { $0.0 == name }) { return found.1 }
  // The name of an emitted function stands for the function that it belongs to.
  if let function = module.functions.first(where: { $0.emitted.contains { $0.name == name } }) { return .function(function) }
  let remedy = proposal(for: name, among: names)
  let there = names.isEmpty ? "the file derives nothing and has no model" : "there is \(listed(names, by: "and"))"
  throw UsageError("nothing that is derived is called '\(name)'" + (remedy.isEmpty ? "; \(there)" : remedy))
}

/// The document of inputs; without one, a function or model without inputs can still be evaluated.
private func values(_ path: String?) throws -> JSON {
  guard let path else { return .object([]) }
  do {
    return try JSON(parsing: path == "-" ? Files.readStandardInput() : Files.read(path))
  } catch let error as JSONError {
    throw InputError("\(path == "-" ? "standard input" : path):\(error.line):\(error.column)", error.message)
  }
}
