/// The diagnostics as one JSON document, as `--json` gives it. A remedy is the last of the notes.
public func renderJSON(_ diagnostics: [Diagnostic], sources: SourceMap) -> String {
  let renderer = JSONRenderer(sources: sources)
  let items = sorted(diagnostics).map { "\n  " + renderer.json($0) }
  return #"{"diagnostics": ["# + items.joined(separator: ",") + (items.isEmpty ? "" : "\n") + "]}\n"
}

private struct JSONRenderer {
  let sources: SourceMap
  let lines: [LineTable]

  init(sources: SourceMap) {
    self.sources = sources
    lines = sources.files.map { LineTable($0.text) }
  }

  func json(_ diagnostic: Diagnostic) -> String {
    let help = diagnostic.help.map { [Diagnostic.Note("help: \($0)")] } ?? []
    return object(
      [
        ("code", string(diagnostic.code)),
        ("severity", string(diagnostic.severity.rawValue)),
        ("message", string(diagnostic.message)),
      ] + start(diagnostic.range) + end(diagnostic.range) + [
        ("notes", array((diagnostic.notes + help).map { json($0) })),
        ("fixes", array(diagnostic.fixes.map { json($0) })),
      ])
  }

  private func json(_ note: Diagnostic.Note) -> String {
    let place = note.range.map(start) ?? ["file", "line", "column"].map { ($0, "null") }
    return object([("message", string(note.message))] + place)
  }

  private func json(_ fix: Diagnostic.Fix) -> String {
    let edits = fix.edits.map { object(start($0.range) + end($0.range) + [("text", string($0.text))]) }
    return object([("title", string(fix.title)), ("edits", array(edits))])
  }

  private func start(_ range: SourceRange) -> [(String, String)] {
    let (line, column) = lines[range.file.index].position(of: range.lower)
    return [("file", string(sources[range.file].path)), ("line", String(line)), ("column", String(column))]
  }

  private func end(_ range: SourceRange) -> [(String, String)] {
    let (line, column) = lines[range.file.index].position(of: range.upper)
    return [("endLine", String(line)), ("endColumn", String(column))]
  }

  private func object(_ members: [(String, String)]) -> String {
    "{" + members.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ") + "}"
  }

  private func array(_ items: [String]) -> String { "[" + items.joined(separator: ", ") + "]" }

  private func string(_ text: String) -> String { "\"" + jsonEscaped(text) + "\"" }
}

/// The contents of a JSON string: quotes, backslashes and control characters escaped.
public func jsonEscaped(_ text: String) -> String {
  var out = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": out += "\\\""
    case "\\": out += "\\\\"
    case "\n": out += "\\n"
    case "\r": out += "\\r"
    case "\t": out += "\\t"
    case _ where scalar.value < 0x20 || scalar.value == 0x7F:
      let digits = String(scalar.value, radix: 16)
      out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: out.unicodeScalars.append(scalar)
    }
  }
  return out
}
