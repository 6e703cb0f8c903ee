// G0070 to G0099: statements.

extension Diagnostic {
  // MARK: Where a statement may stand

  static func misplacedStatement(_ word: StatementWord, in kind: BlockKind, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0070", message: "`\(word.rawValue)` cannot stand directly in \(kind.description)", range: range, label: "not here",
      help: remedy(word, in: kind))
  }

  private static func remedy(_ word: StatementWord, in kind: BlockKind) -> String {
    switch (word, kind) {
    case (.next, .value): "what is computed for each element has no next step: put the `next` into the body of a loop"
    case (.next, _): "`next` says what a step of a loop does: put it into `for t in time { … }`"
    case (.record, .value): "compute the value with `if` and record it outside: `record trace = if c { … } else { … }`"
    case (.record, _): "`record` keeps a value of every step: put it into a loop; a value that is computed once is an `output`"
    case (.output, .loop): "keep what each step gives by `record name = …`, and write `output name` after the loop"
    case (.returned, .value): "the last expression is the value of the block: leave out `return`"
    case (.returned, .loop): "a function returns once, at its end: keep the result in a `state`"
    case (.returned, _): "\(kind.description) gives out values by `output name = …`"
    case (.forLoop, .cell), (.whileLoop, .cell):
      "a cell is one step: the loop stands in the model that uses it, or in a function that the cell calls"
    case (.loss, .cell), (.optimizer, .cell): "a cell is a part of a model: the model that uses it has the \(word.rawValue)"
    case (.size, .function): "the sizes of a function are named by the types of its parameters: `x: Float[n]`"
    case (.parameter, .function): "make it a parameter of the function, which `derive … wrt` can name"
    case (.parameter, _), (.setting, _), (.input, _), (.size, _): "declare it directly in the model or cell"
    case (.output, _): "a function gives its value by `return`; in a model, write `output` directly in its braces"
    case (.loss, _), (.optimizer, _): "write it once, directly in the model"
    case (.constant, _), (.state, _), (.forLoop, _), (.whileLoop, _), (.inject, _), (.silence, _): "move it out of these braces"
    }
  }

  // MARK: Values that nobody uses, and blocks without one

  /// `continuesLine`: it looks as if it went on from the line before; `goesOn`: as if the next line went on from it.
  static func noEffect(_ value: Expression, continuesLine: Bool, goesOn: Bool) -> Diagnostic {
    var help = "use it: give it a name with `let`, or remove it"
    var label = "has no effect"
    if continuesLine {
      help = "if it goes on from the line before, put the operator at the end of that line"
    } else if goesOn {
      help = "if the next line goes on from it, put the operator at the end of this line"
    } else if case .call = value.kind {
      help = "give the result a name with `let`; if only the step of a cell matters, write `let _ = …`"
      label = "the result is dropped"
    }
    return Diagnostic(
      code: "G0071", message: "the value of this expression is not used", range: value.range, label: label, help: help)
  }

  static func lineStartsWithOperator(_ symbol: String, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0072", message: "a line cannot start with `\(symbol)`", range: range, label: "the statement before has ended",
      help: "put `\(symbol)` at the end of the line before, which then goes on here")
  }

  static func returnMissing(_ range: SourceRange) -> Diagnostic {
    let place = SourceRange(file: range.file, lower: range.lower, upper: range.lower)
    return Diagnostic(
      code: "G0073", message: "the value of a function is given by `return`", range: range, label: "`return` is missing before it",
      help: "write `return` before it; only a function of a single expression does without",
      fixes: [Fix(title: "Insert `return`", edits: [(place, "return ")])])
  }

  static func returnBeforeEnd(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0074", message: "`return` stands before the end of the function", range: range, label: "what follows would never count",
      help: "return once, as the last statement; to choose between values write `return if c { a } else { b }`")
  }

  static func blockWithoutValue(_ range: SourceRange, isFunction: Bool) -> Diagnostic {
    Diagnostic(
      code: "G0075", message: isFunction ? "the function ends without a value" : "the block ends without a value", range: range,
      label: isFunction ? "expected `return` before the end" : "expected an expression before the end",
      help: isFunction ? "end it with `return` and the value" : "let its last line be an expression")
  }

  static func blockAsStatement(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0076", message: "a block cannot stand alone", range: range, label: "what is it the body of?",
      help: "a block follows `for`, `while`, `if` or `else`")
  }

  // MARK: Assignments

  static func assignmentToExpression(_ name: String, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0077", message: "a value is never assigned to again", range: range, label: "not an assignment",
      help: "for a new name write `let \(name) = …`, for a state's value after a step `next \(name) = …`; to compare, write `==`")
  }

  static func compoundAssignment(_ symbol: String, state: String, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0078", message: "there is no `\(symbol)`", range: range, label: "values are not changed in place",
      help: "declare `state \(state) = 0` before the loop, and write `next \(state) = \(state) \(symbol.dropLast()) …` in it")
  }

  static func compoundNext(_ symbol: String, state: String, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0078", message: "there is no `\(symbol)`", range: range, label: "expected `=`",
      help: "write `next \(state) = \(state) \(symbol.dropLast()) …`")
  }

  static func define(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0079", message: "there is no `:=`", range: range, label: "expected `=`",
      help: "write `=`; in a call, a label is followed by `:`",
      fixes: [Fix(title: "Replace it by `=`", edits: [(range, "=")])])
  }

  static func foreignVariable(_ word: String, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0080", message: "there is no `\(word)`: values do not change", range: range, label: "not a word of the language",
      help: word == "var" ? "write `let x = …`, or for what a loop changes `state x = …` and `next x = …`" : "write `let`",
      fixes: [Fix(title: "Replace it by `let`", edits: [(range, "let")])])
  }

  static func unknownStatement(_ word: String, nearest: String?, name: String, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0081", message: "no statement starts with \(quoted(word))", range: range, label: "not a word of the language here",
      help: nearest.map { "did you mean `\($0)`?" }
        ?? "a value is written `let \(name) = …`; a type follows the name: `let \(name): Float = …`")
  }

  static func nextWithoutParentheses(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0082", message: "several states after one `next` stand in parentheses", range: range, label: "expected `=`",
      help: "write `next (u, v) = …`")
  }

  static func labelInNext(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0082", message: "the states after `next` have no labels", range: range, label: "not expected here",
      help: "they take the parts of the value in their order: `next (z, u) = …`")
  }

  // MARK: Loops

  static func whileWithoutBound(_ range: SourceRange, insertAt place: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0083", message: "this `while` does not say how many steps it may take", range: range, label: "`atMost:` is missing",
      help: "write `while c, atMost: 10000 { … }`: the generated function throws when the bound is met",
      fixes: [Fix(title: "Add `atMost: 10000`", edits: [(place, ", atMost: 10000")])])
  }

  static func parenthesisedFor(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0084", message: "a loop is written without parentheses and runs over a size", range: range, label: "expected a name",
      help: "write `for i in n { … }`, which runs from 0 to `n - 1`")
  }

  // MARK: What models declare

  static func parameterWithEqualSign(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0085", message: "a parameter is drawn from an initialiser after `~`, not assigned", range: range, label: "expected `~`",
      help: "write `~ constant(0.5)` for a fixed first value; what is never trained is a `setting`")
  }

  static func drawOutsideParameter(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0086", message: "`~` stands only after a `param`", range: range, label: "nothing is drawn here",
      help: "write `=` and a value; what is trained is a `param`")
  }

  static func inputWithValue(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0087", message: "an input has no value of its own", range: range, label: "expected the end of the statement",
      help: "what has a default value is a `setting`; what is computed is a `let`")
  }

  static func typedOutput(_ name: String, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0088", message: "an output takes the type of its value", range: range, label: "expected `=`",
      help: "write `output \(name) = …`")
  }

  static func typedInjectParameter(_ name: String, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0089", message: "the arguments of a rule have no types", range: range, label: "not needed",
      help: "write the name alone: `\(name)`; the types are those of the function")
  }

  static func reservedDraw(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0090", message: "`draw` is reserved for a later version", range: range, label: "not available yet",
      help: "make it an `input` and draw the numbers in the program that calls the generated code")
  }
}
