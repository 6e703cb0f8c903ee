// What the messages of the checker share.

extension Diagnostic {
  /// G0001 to G0099 are about the text, not about what it means.
  var isOfSyntax: Bool { code < "G0100" }

  /// Says that a name, or a part of a model, is not there.
  var missesName: Bool {
    let range = SourceRange(file: FileID(0), lower: 0, upper: 0)
    let kinds: [Diagnostic] = [
      .unknownName(name: "", nearest: nil, at: range), .unknownFunction(name: "", nearest: nil, at: range),
      .unknownSize(name: "", nearest: nil, at: range), .unknownState(name: "", nearest: nil, at: range),
      .unknownSubject(name: "", nearest: nil, at: range), .notAnOptimizer(text: "", nearest: nil, at: range),
      .deriveWithoutVariables(kind: "", name: "", at: range), .modelWithoutResult(name: "", at: range),
      .optimizerWithoutLoss(name: "", at: range), .cellWithoutOutput(name: "", at: range),
    ]
    return kinds.contains { $0.code == code }
  }
}

/// `did you mean …?`
func didYouMean(_ name: String?) -> String? { name.map { "did you mean `\($0)`?" } }

/// `a`, `b` and `c`, each in backticks.
func list(_ names: [String]) -> String {
  let quoted = names.map { "`\($0)`" }
  guard let last = quoted.last else { return "nothing" }
  if quoted.count == 1 { return last }
  return quoted.dropLast().joined(separator: ", ") + " and " + last
}

/// `one argument`, `3 arguments`.
func count(_ number: Int, _ noun: String, _ plural: String? = nil) -> String {
  switch number {
  case 0: "no \(plural ?? noun + "s")"
  case 1: "one \(noun)"
  default: "\(number) \(plural ?? noun + "s")"
  }
}

/// For the help of a call.
func parameterList(_ names: [String]) -> String { (names.count == 1 ? "its parameter is " : "its parameters are ") + list(names) }

/// A type with its article: ``an `Int` ``.
func article(_ type: Type) -> String {
  let text = "\(type)"
  return (text.hasPrefix("I") ? "an " : "a ") + "`\(text)`"
}
