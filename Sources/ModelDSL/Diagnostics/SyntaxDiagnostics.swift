// G0020 to G0039: how a file, its brackets and its blocks hang together.

extension Diagnostic {
  /// What stands in a place where something else had to stand.
  static func expected(_ expected: String, found: String, _ range: SourceRange, help: String?) -> Diagnostic {
    Diagnostic(code: "G0020", message: "expected \(expected), found \(found)", range: range, label: "expected \(expected)", help: help)
  }

  static func tooManyErrors(more range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0021", message: "too many errors: those from here on are not shown", range: range, label: "the next one is here",
      help: "mend the ones above first; is this a model file?")
  }

  static func tooDeep(limit: Int, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0022", message: "too deeply nested: more than \(limit) levels", range: range, label: "one level too many",
      help: "split it with `let`; a long chain such as `a + b + c + …` counts one level for each operator, a `sum(i in n: …)` only one")
  }

  static func unterminatedBlock(_ range: SourceRange, at place: SourceRange, isAtEnd: Bool) -> Diagnostic {
    Diagnostic(
      code: "G0023", message: "the block that starts here has no end", range: range, label: "no `}` closes it",
      notes: [Note(isAtEnd ? "the file ends here, inside the block" : "the block should have ended before this", at: place)],
      help: "add the missing `}`")
  }

  static func unclosedBracket(_ symbol: Symbol, _ range: SourceRange, found: String, at place: SourceRange) -> Diagnostic {
    let closing = symbol.closing?.rawValue ?? ")"
    return Diagnostic(
      code: "G0024", message: "no `\(closing)` closes this `\(symbol.rawValue)`", range: range, label: "opened here",
      notes: [Note("`\(closing)` was expected before \(found)", at: place)], help: "add the missing `\(closing)`")
  }

  static func unmatchedClosing(_ symbol: Symbol, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0025", message: "this `\(symbol.rawValue)` closes nothing", range: range, label: "nothing is open that it could close",
      help: "remove it, or add what it should close")
  }

  // MARK: Declarations

  static func notADeclaration(found: String, nearest: String?, _ range: SourceRange, stray: SourceRange?) -> Diagnostic {
    Diagnostic(
      code: "G0026", message: "expected a declaration, found \(found)", range: range, label: "no declaration starts like this",
      notes: strayNote(stray),
      help: nearest.map { "did you mean `\($0)`?" }
        ?? "a file holds `func`, `model`, `cell`, `size`, `let`, `inject`, `derive`, `import`, `precision`")
  }

  static func statementInFile(_ word: StatementWord, _ range: SourceRange, stray: SourceRange?) -> Diagnostic {
    let home = BlockKind.allCases.filter { $0.allowed.contains(word) }.map(\.description).joined(separator: " or ")
    return Diagnostic(
      code: "G0027", message: "`\(word.rawValue)` stands outside of any block", range: range, label: "belongs in \(home)",
      notes: strayNote(stray),
      help: stray == nil ? "move it into \(home)" : "if it belongs to the block above, remove the `}` that ends it too soon")
  }

  private static func strayNote(_ stray: SourceRange?) -> [Note] {
    stray.map { [Note("this `}` closes nothing: one before it may be too many", at: $0)] } ?? []
  }

  static func nestedDeclaration(_ word: String, in kind: BlockKind, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0028", message: "`\(word)` cannot stand inside \(kind.description)", range: range, label: "belongs at the level of the file",
      help: word == "func" ? "move it out; what it uses from here becomes a parameter" : "move it out of the braces")
  }

  static func foreignFunction(_ word: String, name: String, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0029", message: "a function starts with `func`, not with `\(word)`", range: range, label: "not a word of the language",
      help: "write `func \(name)(x: Float) -> Float { … }`", fixes: [Fix(title: "Replace it by `func`", edits: [(range, "func")])])
  }

  static func genericFunction(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0030", message: "a function has no list of sizes or types in `< >`", range: range, label: "not needed",
      help: "a size is bound where a parameter names it: `func f(x: Float[n]) -> Float`")
  }

  static func resultWithColon(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0030", message: "the type of a function's result follows `->`, not `:`", range: range, label: "expected `->`",
      help: "write `func f(x: Float) -> Float { … }`", fixes: [Fix(title: "Replace it by `->`", edits: [(range, " ->")])])
  }

  static func untypedParameter(_ name: String, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0031", message: "the parameter \(quoted(name)) has no type", range: range, label: "expected `: Float` or another type",
      help: "each parameter has a type of its own: `(a: Float, b: Float)`")
  }

  static func twoParameterNames(_ first: String, _ second: String, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0031", message: "a parameter has one name, found \(quoted(first)) and \(quoted(second))", range: range,
      label: "two names", help: "a call may give every argument by that name; write `\(second): Float`")
  }

  static func modelWithParameters(_ name: String, _ kind: BlockKind, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0032", message: "\(kind.description) has no list of parameters", range: range, label: "expected `{`",
      help: "state in its body what it depends on: `size width`, `setting rate: Float = 1`, `input x: Float[width]`")
  }

  static func typedSize(_ name: String, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0033", message: "a size is always a whole number and has no type", range: range, label: "not needed",
      help: "write `size \(name)`; only a function that a cell is given has a type here: `size f: (Float) -> Float`")
  }

  // MARK: derive

  static func unknownDeriveKind(_ kind: String, nearest: String?, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0034", message: "\(quoted(kind)) is nothing that can be derived", range: range, label: "expected `gradient` or another kind",
      help: nearest.map { "did you mean `\($0)`?" } ?? "the kinds are " + deriveKinds.map { "`\($0)`" }.joined(separator: ", "))
  }

  static func deriveOnTwoLines(_ word: String, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0026", message: "expected a declaration, found `\(word)`", range: range, label: "no declaration starts like this",
      help: "put it on the line of its `derive`, which goes on in the next line only after a comma")
  }

  static func aliasOfSeveral(_ alias: String, count: Int, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0035", message: "`as` names what one kind emits, here there are \(count)", range: range, label: "a name for which of them?",
      help: "write a `derive` line for each kind: `derive gradient of f wrt x as \(alias)`")
  }
}
