// `inject`, and derivatives inside expressions.

extension Diagnostic {
  static func injectWithoutValue(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0245", message: "`inject` begins with the value whose derivative is rewritten", range: range, label: "no value",
      help: "write `inject(value, x: slope)`")
  }

  static func injectType(type: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0246", message: "`inject` takes a number or an array, found `\(type)`", range: range, label: "`\(type)`",
      help: "inject into each item by itself")
  }

  static func injectLike(value: TypedExpression, like: TypedExpression) -> Diagnostic {
    Diagnostic(
      code: "G0247", message: "`like:` has the shape of the value, `\(value.type)`, found `\(like.type)`", range: like.range,
      label: "`\(like.type)`", notes: [Note("the value is `\(value.type)`", at: value.range)])
  }

  static func injectUnlabelled(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0248", message: "each slope needs the name of the variable that it is for", range: range, label: "no label",
      help: "write `inject(value, x: slope)`")
  }

  static func injectLabelMissing(names: [String], value: String, insertAt: Int, at range: SourceRange) -> Diagnostic {
    let labels = names.map { "\($0): 0" }.joined(separator: ", ")
    let place = SourceRange(file: range.file, lower: insertAt, upper: insertAt)
    return Diagnostic(
      code: "G0249", message: "`\(value)` depends on \(list(names)), but no rule says how", range: range,
      label: names.count == 1 ? "needs a label" : "needs labels",
      help: "add `\(labels)` to cut \(names.count == 1 ? "it" : "them") off, or give \(names.count == 1 ? "its slope" : "their slopes")",
      fixes: [Fix(title: "add `\(labels)`", edits: [(range: place, text: ", \(labels)")])])
  }

  static func injectLabelNotWritten(label: String, value: String, names: [String], nearest: String?, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0250", message: "`\(label)` is not written in `\(value)`", range: range, label: "no variable of it",
      help: didYouMean(nearest)
        ?? (names.isEmpty ? "the value reads no variable that has a derivative" : "its variables are \(list(names))"))
  }

  static func injectLabelNotDifferentiable(label: String, type: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0251", message: "`\(label)` has no derivative", range: range, label: "`\(type)`, fixed, or a setting",
      help: "leave this label out")
  }

  static func injectNext(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0252", message: "`inject` cannot name `next \(name)`", range: range, label: "no label can stand for it",
      help: "bind it first: `let x = next \(name)`")
  }

  static func cotangentParameters(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0253", message: "a rule `g -> …` has one parameter, the gradient that comes in", range: range, label: "not one parameter")
  }

  static func slopeOfTuple(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0254", message: "a slope stands for one value, but the function gives several", range: range, label: "slope for `\(name)`",
      help: "inject into each item, inside the function")
  }

  static func slopeType(name: String, type: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0255", message: "the slope for `\(name)` is a number or an array of Float, found `\(type)`", range: range,
      label: "`\(type)`")
  }

  static func slopeNeedsFunction(name: String, variable: Type, value: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0256", message: "`\(name)` is `\(variable)` and the value `\(value)`: a slope cannot say how one depends on the other",
      range: range, label: "element by element needs one shape",
      help: "write the whole rule: `\(name): g -> …`, which takes `\(value)` to `\(variable)`")
  }

  static func slopeShape(name: String, slope: Type, variable: Type, value: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0257", message: "the slope for `\(name)` is `\(slope)`, but the value is `\(value)` and `\(name)` is `\(variable)`",
      range: range, label: "`\(slope)`", help: "a slope is one number, or has the shape of the value or of the variable")
  }

  static func ruleOfWholeNumbers(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0258", message: "`\(name)` does not give Float, so it has no derivative to rewrite", range: range, label: "no derivative")
  }

  static func ruleParameters(name: String, expected: [String], found: Int, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0259", message: "a rule for `\(name)` names its parameters \(list(expected)), found \(count(found, "name"))", range: range,
      label: "write `\(name)'(\(expected.joined(separator: ", ")))`")
  }

  static func ruleNeedsTuple(name: String, names: [String], at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0260", message: "a rule for several arguments has a slope for each", range: range, label: "one slope for \(list(names))",
      help: "write `(\(names.map { $0 + ": …" }.joined(separator: ", ")))`; `0` cuts one off")
  }

  static func ruleLabel(label: String?, names: [String], at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0261", message: "\(label.map { "`\($0)` is not a parameter of this rule" } ?? "each slope needs its parameter's name")",
      range: range, label: "not one of \(list(names))")
  }

  static func notAFunctionOfRule(name: String, kind: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0262", message: "`\(name)` is \(kind); a rule is for a function", range: range, label: "not a function")
  }

  static func injectOption(text: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0263", message: "`--inject` takes one rule, found `\(text)`", range: range, label: "not a rule",
      help: "write `--inject \"step'(v) = triangle(v)\"`")
  }

  static func injectOptionTwice(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0264", message: "`--inject` is given twice for `\(name)`", range: range, label: "the second one")
  }

  static func injectHidden(name: String, places: [SourceRange], at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0265", message: "`--inject` for `\(name)` has no effect: functions with a rule of their own hide it everywhere",
      range: range, label: "hidden", notes: places.map { Note("this rule wins", at: $0) }, help: "change the rule in the file")
  }

  static func injectUnused(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0266", message: "`--inject` for `\(name)` has no effect: nothing uses `\(name)`", range: range, label: "never used")
  }

  static func unusedRule(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0267", severity: .warning, message: "this rule has no effect: nothing in its reach uses `\(name)`", range: range,
      label: "never used", help: "remove it, or move it to where `\(name)` is called")
  }

  static func derivativeArguments(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0268",
      message: "`\(name)` takes \(name == "jvp" ? "an expression and a tangent for each variable" : "an expression and a variable")",
      range: range, label: "wrong arguments", help: name == "jvp" ? "write `jvp(e, x: v)`" : "write `\(name)(e, x)`")
  }

  static func derivativeOfType(name: String, type: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0269", message: "`\(name)` is of a number or an array of Float, found `\(type)`", range: range, label: "`\(type)`")
  }

  static func gradientOfArray(type: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0270", message: "`gradient` is of one number, found `\(type)`", range: range, label: "`\(type)`",
      help: "reduce it, `sum(…)`, or write `jacobian`")
  }

  static func tangentWithoutLabel(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0271", message: "each tangent needs the name of its variable", range: range, label: "no label", help: "write `jvp(e, x: v)`")
  }

  static func derivativeVariableType(name: String, type: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0272", message: "`\(name)` is \(article(type)): there is no derivative with respect to it", range: range, label: "not Float")
  }

  static func notADerivativeVariable(text: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0273", message: "`\(text)` is no variable to differentiate by", range: range,
      label: "not a `let`, parameter, state or `next`", help: "bind it first: `let x = …`, and write the expression in terms of `x`")
  }

  static func derivativeOfSetting(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0274", message: "`\(name)` is a setting, which has no gradient", range: range, label: "a setting",
      help: "make it a `param` or an `input`")
  }

  static func derivativeAlsoThrough(name: String, other: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0275", severity: .warning, message: "the derivative with respect to `\(name)` also goes through `\(other)`", range: range,
      label: "both paths count", help: "write `stop(\(other))` to hold it fixed")
  }

  static func derivativeIsZero(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0276", severity: .warning, message: "the expression does not depend on `\(name)`: this is always 0", range: range,
      label: "always 0")
  }

  static func primeAlone(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0277", message: "`\(name)'` is the derivative at a place", range: range, label: "no place", help: "write `\(name)'(x)`")
  }

  static func primeArguments(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0278", message: "`\(name)'` takes one argument, the place", range: range, label: "wrong arguments")
  }

  static func primeOfFunction(name: String, parameters: [Type], at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0279", message: "`\(name)'` needs a function of one Float", range: range, label: "not such a function",
      help: "write `gradient(\(name)(…), x)`")
  }

  static func injectWholeArray(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0280", severity: .warning, message: "this is the slope for every element of `\(name)`, but the value reads one of them",
      range: range, label: "for each element", help: "give the element a name, `let x = \(name)[…]`, and the slope to that")
  }
}
