// G0040 to G0069: expressions and types.

extension Diagnostic {
  // MARK: Operators

  static func operandMissing(before symbol: String, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0040", message: "expected an expression before `\(symbol)`", range: range, label: "what stands on its left is missing",
      help: "an operator stands between two expressions")
  }

  static func chainedComparison(_ range: SourceRange, first: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0041", message: "comparisons do not chain", range: range, label: "a second comparison",
      notes: [Note("the first one", at: first)],
      help: "join two comparisons: `a < b && b < c`")
  }

  static func foreignOperator(written: String, meant: String, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0042", message: "`\(written)` is no operator here", range: range, label: "unknown operator", help: "write `\(meant)`",
      fixes: [Fix(title: "Replace it by `\(meant)`", edits: [(range, meant)])])
  }

  static func ternary(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0043", message: "there is no operator `? :`", range: range, label: "not an operator",
      help: "write `if c { a } else { b }`, which gives a value")
  }

  static func assignmentInCondition(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0044", message: "`=` in a condition: two values are compared by `==`", range: range, label: "not a comparison",
      help: "write `==`", fixes: [Fix(title: "Replace it by `==`", edits: [(range, "==")])])
  }

  static func assignmentInside(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0044", message: "`=` cannot stand inside an expression", range: range, label: "neither a comparison nor a label",
      help: "to compare, write `==`; to label an argument or a part of a tuple, write `name: value`")
  }

  static func labelWithEqualSign(_ name: String, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0045", message: "the label of an argument is followed by `:`, not by `=`", range: range, label: "expected `:`",
      help: "write `\(name): …`; to compare, write `==`", fixes: [Fix(title: "Replace it by `:`", edits: [(range, ":")])])
  }

  // MARK: Operands

  static func stringAsOperand(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0046", message: "a string is not a value", range: range, label: "expected an expression",
      help: "strings stand only after `import` and `silence`")
  }

  static func primeAsQuote(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0046", message: "`'` follows the name of a function and means its derivative", range: range, label: "expected an expression",
      help: "for the derivative of `f` at `x` write `f'(x)`; a string is written in double quotes")
  }

  static func underscoreAsOperand(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0047", message: "`_` is not a value", range: range, label: "expected an expression",
      help: "`_` only discards a part of a tuple: `let (a, _) = …`")
  }

  static func reservedWord(_ word: String, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0048", message: "`\(word)` is a word of the language and cannot be a name", range: range, label: "expected a name",
      help: "choose another name, such as `\(word)Value`")
  }

  static func reservedWordAsOperand(_ word: String, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0048", message: "expected an expression, found the word `\(word)`", range: range, label: "`\(word)` gives no value",
      help: word == "let" || word == "return" ? "if a statement is meant, start a new line before it" : nil)
  }

  static func blockAsOperand(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0049", message: "a block cannot stand here", range: range, label: "expected an expression",
      help: "a block gives a value as a side of `if`, as the body of a comprehension `[i in n: { … }]` and after `->`")
  }

  static func lambda(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0050", message: "there is no `lambda`", range: range, label: "not a word of the language",
      help: "a function is written `x -> e`, or `(x, y) -> e`")
  }

  static func emptyTuple(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0051", message: "the parentheses are empty", range: range, label: "expected something inside",
      help: "there is no empty tuple")
  }

  static func singleElementTuple(label: Name, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0051", message: "a tuple has two parts or more, this one has only \(quoted(label.text))", range: range, label: "one part",
      help: "leave out the label")
  }

  static func tupleIndex(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0052", message: "the parts of a tuple have no numbers", range: range, label: "expected a name",
      help: "take it apart, `let (a, b) = …`, or label its parts, `(z: Float, u: Float)`, and write `t.z`")
  }

  static func emptyArray(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0053", message: "the array is empty, so its shape is unknown", range: range, label: "expected elements",
      help: "for `n` zeros write `[i in n: 0]`")
  }

  // MARK: Subscripts and ranges

  static func emptySubscript(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0054", message: "the brackets hold no index", range: range, label: "expected an index",
      help: "for the whole axis write `..`: `x[.., 0]`")
  }

  static func closedRange(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0055", message: "there is no range with `...`", range: range, label: "expected `..<`",
      help: "the end of a range is not part of it: `x[a..<b]`", fixes: [Fix(title: "Replace it by `..<`", edits: [(range, "..<")])])
  }

  static func colonInSubscript(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0055", message: "a range of indices is written with `..<`, not with `:`", range: range, label: "expected `..<`",
      help: "write `x[a..<b]`, or `x[..]` for the whole axis", fixes: [Fix(title: "Replace it by `..<`", edits: [(range, "..<")])])
  }

  static func rangeOutsideSubscript(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0056", message: "a range stands only in a subscript", range: range, label: "not a value",
      help: "a part of an array is `x[a..<b]`; an array of numbers is `[i in n: i]`; a loop is `for i in n { … }`")
  }

  static func rangeAsCount(_ range: SourceRange, dots: SourceRange, isFromZero: Bool, isClosed: Bool) -> Diagnostic {
    let help =
      isFromZero && !isClosed
      ? "leave out `0..<`: `i in n` runs from 0 to `n - 1`"
      : "count from 0 and shift: for a to b - 1 write `i in b - a` and use `a + i`"
    let lowerBound = SourceRange(file: range.file, lower: range.lower, upper: dots.upper)
    return Diagnostic(
      code: "G0057", message: "`in` is followed by a size, not by a range", range: range, label: "expected a size", help: help,
      fixes: isFromZero && !isClosed ? [Fix(title: "Leave out the lower bound", edits: [(lowerBound, "")])] : [])
  }

  // MARK: Comprehensions and functions

  static func notAReduction(_ range: SourceRange, name: String?) -> Diagnostic {
    let list = reductionNames.map { "`\($0)`" }.joined(separator: ", ")
    let synonyms = ["prod": "product", "average": "mean", "maximum": "max", "minimum": "min", "total": "sum"]
    let nearest = name.flatMap { synonyms[$0] ?? nearestName(to: $0, among: reductionNames) }
    return Diagnostic(
      code: "G0058", message: name.map { "\(quoted($0)) does not reduce over `i in n`" } ?? "only a named reduction takes `i in n: …`",
      range: range, label: "not a reduction",
      help: nearest.map { "did you mean `\($0)`?" } ?? "what reduces is \(list); an array is built by `[i in n: …]`")
  }

  static func whereInArray(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0059", message: "`where` cannot leave out elements of an array", range: range, label: "the length would depend on it",
      help: "`where` restricts reductions, as in `sum(i in n where c: e)`; in an array write `[i in n: if c { e } else { 0 }]`")
  }

  static func commaAfterComprehension(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0060", message: "a comprehension has one body and is the only argument", range: range, label: "expected the end of the body",
      help: "for several results write a tuple: `sum(i in n: (a, b))`")
  }

  static func ifWithoutElse(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0061", message: "this `if` has no `else`", range: range, label: "gives a value on one side only",
      help: "`if` is an expression and needs a value on both sides: `if c { a } else { b }`")
  }

  static func elseWithoutIf(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0062", message: "this `else` follows no `if`", range: range, label: "expected the end of the statement",
      help: "it follows the block of an `if`: is the `}` before it missing?")
  }

  static func ifAsStatement(_ word: StatementWord, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0061", message: "`if` gives a value: no `\(word.rawValue)` can stand in it", range: range, label: "chooses between values",
      help: word == .next
        ? "write `next u = if c { … } else { u }`, which keeps `u` on the other side"
        : "write `return if c { a } else { b }`, with the values alone in the braces")
  }

  static func elif(_ word: String, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0062", message: "`\(word)` is written `else if`", range: range, label: "not a word of the language",
      help: "write `else if c { … }`",
      fixes: [Fix(title: "Replace it by `else if`", edits: [(range, "else if")])])
  }

  static func typedFunctionLiteral(_ name: String, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0063", message: "the parameter \(quoted(name)) of a function without a name has no type", range: range, label: "not needed",
      help: "write `\(name) -> e`: the type follows from where the function is given")
  }

  static func functionWithoutParameters(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0063", message: "a function has at least one parameter", range: range, label: "expected a name",
      help: "without a parameter it is a value: write the expression alone")
  }

  static func secondPrime(of name: String, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0064", message: "only one `'` can follow a function", range: range, label: "a second derivative",
      help: "write `gradient(\(name)'(x), x)`, where `x` is a `let`, a parameter or a state")
  }

  static func primeOfExpression(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0064", message: "`'` follows the name of a function", range: range, label: "not after a name",
      help: "for the derivative of an expression write `gradient(e, x)`; for a transposed matrix `transpose(a)`")
  }

  static func primeNotCalled(_ name: String, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0064", message: "the derivative `\(name)'` is not called", range: range, label: "expected `(` after it",
      help: "write `\(name)'(x)` for the derivative at `x`; for a transposed matrix `transpose(\(name))`")
  }

  static func reservedBatchMean(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0065", message: "`mean(batch: …)` is reserved for a later version", range: range, label: "not available yet",
      help: "a model is written for one sample; for now normalise within it, as in `mean(x)`")
  }

  // MARK: Types

  static func typeStartsWithBracket(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0066", message: "the sizes of an array follow the type of its elements", range: range, label: "expected a type",
      help: "write `Float[n]`, or `Float[rows, columns]`")
  }

  static func emptyShape(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0066", message: "the type of an array names its sizes", range: range, label: "expected a size",
      help: "give the size a name: `Float[n]`")
  }

  static func labelInFunctionType(_ label: Name) -> Diagnostic {
    Diagnostic(
      code: "G0067", message: "the type of a function does not name its parameters", range: label.range, label: "not needed",
      help: "write the types alone: `(Float, Float) -> Float`")
  }

  static func functionTypeWithoutParameters(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0067", message: "a function has at least one parameter", range: range, label: "expected a type in the parentheses",
      help: "without a parameter it is a value: write the type of the result alone")
  }
}
