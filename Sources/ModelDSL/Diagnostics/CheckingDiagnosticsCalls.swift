// Calls: arguments, labels, functions as arguments, and the sizes that a call binds.

extension Diagnostic {
  static func unknownLabel(label: String, function: String, names: [String], nearest: String?, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0180", message: "`\(function)` has no parameter `\(label)`", range: range, label: "not one of its labels",
      help: didYouMean(nearest) ?? (names.isEmpty ? "leave the label out" : parameterList(names)))
  }

  static func tooManyArguments(function: String, expected: [String], found: Int, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0181", message: "`\(function)` takes \(count(expected.count, "argument")), found \(found)", range: range,
      label: "one too many", help: expected.isEmpty ? nil : parameterList(expected))
  }

  static func missingArguments(names: [String], function: String, expected: [String], at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0182", message: "`\(function)` needs \(list(names))", range: range,
      label: "\(names.count == 1 ? "an argument is" : "arguments are") missing", help: parameterList(expected))
  }

  static func argumentTwice(name: String, function: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0183", message: "`\(name)` of `\(function)` is given twice", range: range, label: "the second time")
  }

  static func argumentCount(function: String, expected: Int, found: Int, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0184", message: "`\(function)` takes \(count(expected, "argument")), found \(found)", range: range, label: "wrong number")
  }

  static func labelOfFunctionParameter(label: String, function: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0185", message: "arguments of the parameter `\(function)` have no labels", range: range, label: "`\(label):`",
      help: "leave the label out")
  }

  static func argumentShape(
    name: String, function: String, found: Type, expected: Type, substituted: Type, known: [String], declared: SourceRange,
    at range: SourceRange
  ) -> Diagnostic {
    let fixed = known.isEmpty ? "" : ", and \(known.joined(separator: ", "))"
    return Diagnostic(
      code: "G0186", message: "`\(name)` of `\(function)` is `\(substituted)`, found `\(found)`", range: range, label: "`\(found)`",
      notes: [Note("declared as `\(expected)`\(fixed)", at: declared)])
  }

  static func sizeUnsolved(
    names: [String], formal: Size, actual: Size, function: String, parameter: String, at range: SourceRange
  ) -> Diagnostic {
    Diagnostic(
      code: "G0187", message: "\(list(names)) of `\(function)` cannot be found from \(formal) = \(actual)", range: range,
      label: "`\(parameter)`: an axis of \(actual)",
      help: names.count > 1
        ? "one unknown can be solved for: give `\(function)` another argument that fixes the others"
        : actual.constant == nil
          ? "that cannot be seen from the sizes' names: add a parameter that has \(names.first ?? "it") as an axis"
          : "no whole `\(names.first ?? "size")` gives \(actual)")
  }

  static func sizeUnbound(names: [String], function: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0188", message: "no argument of `\(function)` says what \(list(names)) \(names.count == 1 ? "is" : "are")", range: range,
      label: "cannot be found out", help: "a size must stand in the type of a parameter that is given an array")
  }

  static func sizeArgument(name: String, function: String, text: String, type: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0189", message: "`\(name)` serves as a size in `\(function)`, so it must be known when the computation begins", range: range,
      label: "\(type.isInteger ? "known only while it runs" : "`\(type)`")",
      help: "give a size, an `Int` parameter of this function, or a number")
  }

  static func requirementBroken(function: String, reason: String, place: SourceRange, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0190", message: "the sizes of this call are not enough for `\(function)`", range: range, label: "called here",
      notes: [Note(reason, at: place)])
  }

  static func functionSizesUnknown(parameter: String, function: String, type: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0191",
      message: "the sizes in `\(type)`, which `\(parameter)` of `\(function)` takes, are not known from its other arguments", range: range,
      label: "takes `\(type)`", help: "give `\(function)` an array of that shape, or name the function with `func`")
  }

  static func literalParameters(found: Int, expected: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0192", message: "this function has \(count(found, "parameter")), but `\(expected)` is wanted", range: range,
      label: "\(count(found, "parameter"))")
  }

  static func notAFunctionArgument(name: String, expected: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0193", message: "a function `\(expected)` is wanted here", range: range, label: "`\(name)` is none",
      help: "give the name of a function, or write `x -> …`")
  }

  static func functionArgumentCount(name: String, takes: Int, parameter: String, function: String, expected: Type, at range: SourceRange)
    -> Diagnostic
  {
    Diagnostic(
      code: "G0194",
      message: "`\(parameter)` of `\(function)` is a function `\(expected)`, but `\(name)` takes \(count(takes, "argument"))",
      range: range, label: "wrong number of arguments", help: "write a function that calls it: `x -> \(name)(…)`")
  }
}
