// Types and shapes: what does not fit, with both shapes shown.

extension Diagnostic {
  static func typeMismatch(found: Type, expected: Type, destination: Checker.Destination, at range: SourceRange) -> Diagnostic {
    var help: String?
    switch (found, expected) {
    case (.array(_, let a), .array(_, let b)):
      if a.count == 2, a == b.reversed() { help = "write `transpose(…)`" }
      if b.isEmpty, !a.isEmpty { help = "reduce it, `sum(…)`, or take one element" }
      if a.isEmpty, !b.isEmpty { help = "build the array: `[i in \(b[0]): …]`" }
    case (.tuple, .array): help = "take the tuple apart: `let (a, b) = …`"
    default: break
    }
    return Diagnostic(
      code: "G0130", message: "\(destination.description) is `\(expected)`, found `\(found)`", range: range, label: "`\(found)`",
      notes: destination.declared.map { [Note("declared as `\(expected)` here", at: $0)] } ?? [], help: help)
  }

  static func labelMisplaced(
    label: String, found: Type, expected: Type, destination: Checker.Destination, at range: SourceRange
  ) -> Diagnostic {
    Diagnostic(
      code: "G0131", message: "`\(label)` stands in another place in `\(found)` than in `\(expected)`", range: range,
      label: "tuples are taken by position", notes: destination.declared.map { [Note("\(destination.description)", at: $0)] } ?? [],
      help: "put the items in the same order")
  }

  static func shapesDiffer(symbol: String, a: TypedExpression, b: TypedExpression, at range: SourceRange) -> Diagnostic {
    var help = "arithmetic is between equal shapes, or with a single number"
    if let x = a.type.shape, let y = b.type.shape {
      if x.count == 2, y.count == 1, x[1] == y[0], symbol == "*" {
        help = "for the matrix product write `@`"
      } else if x.count != y.count {
        help = "build what is meant element by element: `[i in \(x[0]), …: …]`"
      }
    }
    return Diagnostic(
      code: "G0132", message: "`\(symbol)` of `\(a.type)` and `\(b.type)`: the shapes differ", range: range,
      label: "`\(a.type)` \(symbol) `\(b.type)`",
      notes: [Note("this is `\(a.type)`", at: a.range), Note("this is `\(b.type)`", at: b.range)], help: help)
  }

  static func mappedShapesDiffer(function: String, a: TypedExpression, b: TypedExpression, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0133", message: "`\(function)` is applied element by element, but its arguments are `\(a.type)` and `\(b.type)`",
      range: range,
      label: "the shapes differ", notes: [Note("this is `\(a.type)`", at: a.range), Note("this is `\(b.type)`", at: b.range)],
      help: "arrays that go into a function of numbers have one shape; numbers are spread")
  }

  static func contractionMismatch(a: TypedExpression, b: TypedExpression, at range: SourceRange) -> Diagnostic {
    var help: String?
    if let x = a.type.shape, let y = b.type.shape {
      if x.count == 2, x[0] == y[0] { help = "write `transpose(…) @ …`: the first axis of the left fits" }
      if y.count == 2, x.last == y[1] { help = "write `… @ transpose(…)`: the last axis of the right fits" }
    }
    return Diagnostic(
      code: "G0134",
      message:
        "`@` contracts the last axis of `\(a.type)` with the first of `\(b.type)`: \(a.type.shape?.last ?? Size(0)) is not \(b.type.shape?.first ?? Size(0))",
      range: range, label: "`\(a.type)` @ `\(b.type)`",
      notes: [Note("this is `\(a.type)`", at: a.range), Note("this is `\(b.type)`", at: b.range)], help: help)
  }

  static func contractionOfNumber(a: TypedExpression, b: TypedExpression, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0135", message: "`@` is between arrays, found `\(a.type)` and `\(b.type)`", range: range,
      label: "a single number has no axis",
      help: "multiply by a number with `*`")
  }

  static func contractionOperands(a: TypedExpression, b: TypedExpression, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0136", message: "`@` is between arrays of numbers, found `\(a.type)` and `\(b.type)`", range: range,
      label: "not arrays of numbers")
  }

  static func contractionNeedsParentheses(symbol: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0137", message: "`\(symbol)` of arrays next to `@` can be read in two ways", range: range, label: "which comes first?",
      help: "put parentheses around the part that is meant to come first: `a \(symbol) (b @ c)` or `(a \(symbol) b) @ c`")
  }

  static func operandType(symbol: String, expected: String, found: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0138", message: "`\(symbol)` takes \(expected == "Bool" ? "conditions" : expected), found `\(found)`", range: range,
      label: "`\(found)`")
  }

  static func operandNotArray(symbol: String, found: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0139", message: "`\(symbol)` takes numbers and arrays, found `\(found)`", range: range, label: "`\(found)`",
      help: "take the items of a tuple apart: `let (a, b) = …`")
  }

  static func booleanAsNumber(type: String, text: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0140", message: "a condition is no number", range: range, label: "`Bool`, where \(type) is wanted",
      help: "write `\(type)(\(text))`: 0 or 1")
  }

  static func numberAsBoolean(text: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0141", message: "a number is no condition", range: range, label: "not a `Bool`", help: "compare it: `\(text) != 0`")
  }

  static func realAsInteger(destination: Checker.Destination, text: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0142", message: "\(destination.description) is an `Int`, found `Float`", range: range, label: "`Float`",
      help: "write `Int(\(text))`, which rounds down")
  }

  static func integerDivision(symbol: String, found: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0143", message: "`\(symbol)` is for `Int`, found `\(found)`", range: range, label: "`\(found)`",
      help: symbol == "%" ? "for Float write `x - y * floor(x / y)`" : "for Float write `/`, and `floor` if the quotient should be whole")
  }

  static func divisionByZero(at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0144", message: "division by zero", range: range, label: "always 0")
  }

  static func elementsDiffer(first: TypedExpression, other: TypedExpression) -> Diagnostic {
    Diagnostic(
      code: "G0145", message: "the elements of an array have one type, found `\(first.type)` and `\(other.type)`", range: other.range,
      label: "`\(other.type)`", notes: [Note("this is `\(first.type)`", at: first.range)])
  }

  static func branchesDiffer(a: TypedExpression, b: TypedExpression) -> Diagnostic {
    Diagnostic(
      code: "G0146", message: "the two sides of an `if` have one type, found `\(a.type)` and `\(b.type)`", range: b.range,
      label: "`\(b.type)`", notes: [Note("this is `\(a.type)`", at: a.range)])
  }

  static func emptyArray(at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0147", message: "an array needs at least one element", range: range, label: "nothing between the brackets")
  }

  static func arrayCondition(what: String, type: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0148", message: "\(what) takes one condition, found `\(type)`", range: range, label: "a condition for each element",
      help: "write a function of one number with the `if` inside, which applies to arrays element by element, or `[i in n: if … ]`")
  }

  static func notACondition(what: String, type: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0149", message: "\(what) takes a condition, found `\(type)`", range: range, label: "not a `Bool`",
      help: "compare it with something: `… > 0`")
  }

  static func patternMismatch(count: Int, type: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0150", message: "\(count) \(count == 1 ? "name" : "names") for a value of type `\(type)`", range: range,
      label: "does not fit", help: "a tuple is taken apart by as many names as it has items; `_` discards one")
  }

  static func patternLabel(label: String, type: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0151", message: "`\(label)` is the label of another item of `\(type)`", range: range, label: "in the wrong place",
      help: "put the names in the order of the labels")
  }

  static func labelTwice(label: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0152", message: "the label `\(label)` stands twice", range: range, label: "the second one")
  }

  static func functionResult(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0153", message: "a function cannot be returned", range: range, label: "a function type",
      help: "return a value, and pass functions as parameters")
  }

  static func functionLiteralAlone(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0154", message: "a function can only be given to a parameter of function type", range: range, label: "not an argument")
  }

  static func indexWithoutBound(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0155", message: "`Index` needs to know what it is an index of", range: range, label: "no bound", help: "write `Index<n>`")
  }

  static func unexpectedBound(type: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0156", message: "`\(type)` takes no bound", range: range, label: "only `Index<n>` does",
      help: "sizes of arrays stand in brackets: `\(type)[n]`")
  }

  static func buildCondition(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0157", message: "an array has an element for every index, so `where` cannot stand here", range: range,
      label: "not for arrays", help: "write `if … { … } else { 0 }` as the element, or `where` in a sum")
  }

  static func nestedTupleBody(at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0158", message: "the items of a tuple body are numbers or arrays", range: range, label: "a tuple in a tuple")
  }

  static func unknownReduction(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0159", message: "`\(name)` does not run over axes", range: range, label: "not a reduction",
      help: "`sum`, `mean`, `product`, `max`, `min`, `argmax` and `argmin` do")
  }

  static func extremeOverAxes(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0160", message: "`\(name)` runs over one axis", range: range, label: "several axes")
  }

  static func extremeOfArrays(name: String, type: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0161", message: "`\(name)` compares numbers, found `\(type)`", range: range, label: "`\(type)`")
  }

  static func extremeOfMatrix(name: String, type: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0162", message: "`\(name)` takes a vector, found `\(type)`", range: range, label: "more than one axis",
      help: "take one row: `\(name)(x[i])`")
  }

  static func reductionOfBooleans(name: String, text: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0163", message: "`\(name)` takes numbers, found conditions", range: range, label: "`Bool`",
      help: "write `Float(\(text))`: 0 or 1")
  }

  static func reductionOfNumber(name: String, text: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0164", message: "`\(name)` of a single number", range: range, label: "nothing to reduce")
  }

  static func reductionOfNothing(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0165", message: "`\(name)` of nothing has no value", range: range, label: "this may be empty")
  }

  static func notIndexable(type: Type, text: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0166", message: "`\(text)` is \(article(type)), which has no elements", range: range, label: "not an array")
  }

  static func tooManyIndices(found: Int, type: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0167", message: "\(found) indices for `\(type)`", range: range,
      label: "its shape has \(count(type.shape?.count ?? 0, "axis", "axes"))")
  }

  static func notAnIndex(type: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0168", message: "an index is an `Int`, found `\(type)`", range: range, label: "`\(type)`")
  }

  static func realAsIndex(text: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0169", message: "an index is an `Int`, found `Float`", range: range, label: "`Float`",
      help: "write `Int(\(text))`, which rounds down, and `clamp` it to the axis")
  }

  static func stateType(type: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0170", message: "a state is a number or an array, found `\(type)`", range: range, label: "`\(type)`",
      help: "declare one state for each item")
  }

  static func recordType(type: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0171", message: "a record keeps numbers or arrays, found `\(type)`", range: range, label: "`\(type)`",
      help: "record each item by itself")
  }

  static func inputType(type: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0172", message: "an input is a number or an array, found `\(type)`", range: range, label: "`\(type)`")
  }

  static func parameterType(type: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0173", message: "a parameter is learned, so it is made of Float, found `\(type)`", range: range, label: "`\(type)`")
  }

  static func outputType(name: String, type: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0174", message: "an output is a number or an array, found `\(type)`", range: range, label: "`\(type)`",
      help: "give out each item by itself")
  }

  static func lossType(type: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0175", message: "a loss is one number, found `\(type)`", range: range, label: "`\(type)`",
      help: "reduce it: `sum(…)` or `mean(…)`")
  }
}
