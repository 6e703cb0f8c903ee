import ModelDSL

/// `graft check FILE…`
@Sendable func check(_ invocation: Invocation, console: Console) throws -> ExitStatus {
  var statuses: [ExitStatus] = []
  var documents: [JSON] = []
  for file in invocation.files {
    let compilation = try compile(file, invocation).withCheckedRules
    statuses.append(compilation.hasErrors ? .failed : .done)
    if invocation.has(.json) {
      documents += compilation.diagnosticDocuments
    } else {
      compilation.report(to: console)
    }
  }
  if invocation.has(.json) { console.print(JSON.object([JSON.Member("diagnostics", .array(documents))]).text) }
  return .worst(statuses)
}
