/// What `--help` prints, made from the same tables as parsing.
func helpText(_ verb: Verb?) -> String {
  if let verb { return helpText(of: verb) }
  return """
    graft: model files to Swift, with their derivatives

    usage: graft VERB FILE… [options]

    \(table(Verb.all.map { ($0.name, $0.summary) }))

    graft VERB --help says more; graft --version prints the version.
    Exit status: 0 done; 1 the input has errors, or a check does not hold; 2 the command's words are off.

    """
}

private func helpText(of verb: Verb) -> String {
  """
  graft \(verb.name): \(verb.summary)

  usage: graft \(verb.name) \(verb.operandUsage) [options]

  \(table((verb.options + [.help]).map { ($0.usage + ($0.repeats ? " …" : ""), $0.help) }))

  """
}

private func table(_ rows: [(String, String)]) -> String {
  let longest = rows.map(\.0.count).filter { $0 <= 30 }.max() ?? 0
  return rows.map { row in
    let gap =
      row.0.count <= longest ? String(repeating: " ", count: longest - row.0.count + 2) : "\n" + String(repeating: " ", count: longest + 4)
    return "  \(row.0)\(gap)\(row.1)"
  }.joined(separator: "\n")
}
