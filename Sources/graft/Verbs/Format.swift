import ModelDSL

/// `graft format FILE…`: files with errors are left as they are.
@Sendable func format(_ invocation: Invocation, console: Console) throws -> ExitStatus {
  var statuses: [ExitStatus] = []
  for path in invocation.files {
    let file = SourceFile(path: path, text: try Files.read(path))
    let (text, diagnostics) = format(file)
    var sources = SourceMap()
    _ = sources.add(file)
    if !diagnostics.isEmpty { console.report(render(diagnostics, sources: sources, color: console.colors)) }
    if diagnostics.contains(where: { $0.severity == .error }) {
      statuses.append(.failed)
    } else if invocation.has(.checkFormat) {
      let difference = unifiedDiff(
        from: String(decoding: file.text, as: UTF8.self), to: text, oldName: path, newName: "\(path) (formatted)")
      console.print(difference)
      if !difference.isEmpty { console.error("'\(path)' is not formatted: run graft format") }
      statuses.append(difference.isEmpty ? .done : .failed)
    } else {
      try Files.replace(path, with: text)
      statuses.append(.done)
    }
  }
  return .worst(statuses)
}
