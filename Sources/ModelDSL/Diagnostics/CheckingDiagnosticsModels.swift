// Cells, models and `derive`.

extension Diagnostic {
  static func modelWithoutResult(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0300", message: "the model `\(name)` gives nothing out", range: range, label: "no `output` and no `loss`",
      help: "add `output y = …` or `loss = …`")
  }

  static func optimizerWithoutLoss(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0301", message: "the model `\(name)` has an optimiser, but no loss to make smaller", range: range, label: "no `loss`",
      help: "add `loss = …`")
  }

  static func lossTwice(first: SourceRange, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0302", message: "a model has one loss", range: range, label: "the second one", notes: [Note("the first one", at: first)],
      help: "add the two up")
  }

  static func outputTwice(name: String, first: SourceRange, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0303", message: "two outputs are called `\(name)`", range: range, label: "the second one",
      notes: [Note("the first one", at: first)], help: "give it another name")
  }

  static func parameterSize(name: String, size: Size, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0304", message: "a parameter's shape is fixed, but `\(size)` is known only when the generated code is called", range: range,
      label: "not fixed", help: "write `size \(size) = …`")
  }

  static func initializerMissing(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0305", message: "`\(name)` does not say how it starts", range: range, label: "no initialiser",
      help: "add `~ normal(mean: 0, deviation: 0.1)`, `~ xavierUniform` or `~ constant(0)`")
  }

  static func unknownInitializer(name: String, nearest: String?, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0306", message: "there is no initialiser `\(name)`", range: range, label: "not known",
      help: didYouMean(nearest) ?? "there are \(list(Initializer.names))")
  }

  static func initializerLabel(label: String, initializer: String, names: [String], at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0307", message: "`\(initializer)` has no argument `\(label)`", range: range, label: "not one of its arguments",
      help: names.isEmpty ? "it takes none" : "it takes \(list(names))")
  }

  static func initializerArguments(initializer: String, names: [String], at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0308", message: "`\(initializer)` needs \(list(names))", range: range, label: "wrong arguments",
      help: names.isEmpty ? nil : "write `\(initializer)(\(names.map { $0 + ": …" }.joined(separator: ", ")))`")
  }

  static func initializerNotConstant(text: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0309", message: "`\(text)` is not known when code is generated", range: range, label: "not a constant",
      help: "use numbers, fixed sizes and constants of the file")
  }

  static func initializerOrthogonal(name: String, rank: Int, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0310", message: "`orthogonal` is for matrices, but `\(name)` has \(count(rank, "axis", "axes"))", range: range,
      label: "not a matrix")
  }

  static func initializerRange(text: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0311", message: "\(text)", range: range, label: "out of range")
  }

  static func settingWithoutValue(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0312", message: "the setting `\(name)` has no value", range: range, label: "no value",
      help: "write `setting \(name): Float = …`, or give it where the cell is put to use")
  }

  static func settingReads(name: String, other: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0313", message: "the setting `\(name)` reads `\(other)`, which is not known before the computation", range: range,
      label: "not a constant", help: "settings may read numbers, sizes, constants and other settings")
  }

  static func cellWithoutOutput(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0314", message: "the cell `\(name)` gives nothing out", range: range, label: "no `output`", help: "add `output y = …`")
  }

  static func cellStateReads(name: String, other: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0315", message: "the state `\(name)` of a cell starts at a value that reads `\(other)`, which is known only in a step",
      range: range, label: "not known before the first step", help: "start from parameters, settings and numbers")
  }

  static func cellInsideItself(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0316", message: "the cell `\(name)` holds an instance of itself", range: range, label: "a circle")
  }

  static func loopInCell(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0317", message: "a loop stands in the cell `\(name)`: a cell is one step", range: range, label: "not in a cell",
      help: "write a function with the loop, or put the loop into the model")
  }

  static func statementInCell(word: String, name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0318", message: "`\(word)` stands in the cell `\(name)`", range: range, label: "belongs in a model")
  }

  static func returnInModel(at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0319", message: "a model or cell has no `return`", range: range, label: "not here", help: "write `output y = …`")
  }

  static func instancePlace(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0320", message: "an instance of a cell is made in a model, outside of loops", range: range, label: "not here",
      help: "move this `let` up")
  }

  static func instancesAxes(at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0321", message: "a list of instances has one axis", range: range, label: "not one axis")
  }

  static func instancesCount(size: Size, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0322", message: "how many instances there are must be fixed, but this is `\(size)`", range: range, label: "not fixed",
      help: "write `size n = …` with a number up to 256")
  }

  static func instanceIndex(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0323", message: "an instance of `\(name)` is chosen by a number that is known when code is generated", range: range,
      label: "not fixed", help: "use a number, or the variable of a `for` loop over the list")
  }

  static func instanceFails(cell: String, first: Diagnostic, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0324", message: "`\(cell)` cannot have these sizes: \(first.message)", range: range, label: "put to use here",
      notes: [Note(first.label.isEmpty ? "here" : first.label, at: first.range)], help: first.help)
  }

  static func advanceOutsideLoop(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0325", message: "`\(name)` has a state, so it is called in a loop", range: range, label: "no loop here")
  }

  static func advanceInsideValue(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0326", message: "`\(name)` has a state, so its step is a statement of the loop itself", range: range,
      label: "inside a block that gives a value", help: "bind its output in the loop's body: `let z = \(name)(…)`")
  }

  static func advancedTwice(name: String, first: SourceRange, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0327", message: "`\(name)` is called twice in one step", range: range, label: "the second time",
      notes: [Note("the first time", at: first)], help: "make a second instance, or use the output of the first call")
  }

  static func notAnOptimizer(text: String, nearest: String?, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0328", message: "`\(text)` is no optimiser", range: range, label: "not known",
      help: didYouMean(nearest) ?? "an optimiser is a cell with the inputs `parameter` and `gradient`, such as `adam(rate: 0.001)`")
  }

  static func parameterWithoutGradient(path: String, isRead: Bool, cuts: [SourceRange], at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0329", message: "the parameter `\(path)` has no gradient: \(isRead ? "its way to the loss is cut" : "nothing reads it")",
      range: range, label: isRead ? "the loss does not change with it" : "never used",
      notes: cuts.map { Note("the gradient ends here", at: $0) },
      help: isRead
        ? "give the operation that cuts it a slope, such as `inject step'(v) = triangle(v)`, or make it a `setting` or an `input` if it is not learned"
        : "use it, or remove it")
  }

  static func derivativeWithoutPath(name: String, function: String, cuts: [SourceRange], at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0330", severity: .warning, message: "the derivative of `\(function)` with respect to `\(name)` is always 0", range: range,
      label: "`\(name)` does not reach the result", notes: cuts.map { Note("the gradient ends here", at: $0) },
      help: "give the operation that cuts it a slope with `inject`, or leave `\(name)` out")
  }

  static func unknownSubject(name: String, nearest: String?, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0331", message: "there is no function or model called `\(name)`", range: range, label: "not known",
      help: didYouMean(nearest))
  }

  static func notASubject(name: String, kind: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0332", message: "`\(name)` is \(kind); derivatives are of functions and models", range: range, label: "cannot be derived")
  }

  static func subjectMember(name: String, member: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0333", message: "`\(name)` is a function, and has no `\(member)`", range: range, label: "only models have values by name")
  }

  static func deriveOfFunctional(name: String, parameter: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0334", message: "`\(name)` takes a function, `\(parameter)`, so it cannot be called from outside", range: range,
      label: "not by itself", help: "write a function that calls it with the function that is meant, and derive that one")
  }

  static func importedModel(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0335", message: "the model `\(name)` stands in another file", range: range, label: "imported",
      help: "write the `derive` line into its file")
  }

  static func unknownDerivative(name: String, nearest: String?, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0336", message: "there is no derivative called `\(name)`", range: range, label: "not known",
      help: didYouMean(nearest) ?? "there are \(list(DerivativeKind.allCases.map(\.rawValue)))")
  }

  static func derivativeKindTwice(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0337", message: "`\(name)` stands twice", range: range, label: "the second one")
  }

  static func derivedTwice(name: String, first: SourceRange, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0338", message: "`\(name)` is emitted twice", range: range, label: "the second time",
      notes: [Note("the first time", at: first)], help: "give one of them a name of its own: `as …`")
  }

  static func aliasOfSeveral(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0339", message: "`as` names what one kind emits", range: range, label: "several kinds",
      help: "write one `derive` line for each name")
  }

  static func unknownDeriveVariable(name: String, subject: String, nearest: String?, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0340", message: "`\(subject)` has no variable `\(name)`", range: range, label: "not known", help: didYouMean(nearest))
  }

  static func deriveVariableType(name: String, type: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0341", message: "`\(name)` is `\(type)`: there is no derivative with respect to it", range: range, label: "not Float",
      help: "leave it out: it is an input all the same")
  }

  static func deriveVariableTwice(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0342", message: "`\(name)` stands twice", range: range, label: "the second one")
  }

  static func deriveWithoutVariables(kind: String, name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0343", message: "`\(kind) of \(name)` does not say with respect to what", range: range, label: "no variables",
      help: "add `wrt` and the names of the variables")
  }

  static func deriveNeedsNumber(kind: String, name: String, type: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0344", message: "`\(kind)` is of one number, but `\(name)` is `\(type)`", range: range, label: "`\(type)`",
      help: "write `vjp`, `jvp` or `jacobian`")
  }

  static func deriveOfWholeNumbers(kind: String, name: String, type: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0345", message: "`\(name)` is `\(type)`, which has no derivative", range: range, label: "no Float")
  }

  static func streamOfFunction(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0346", message: "`\(name)` is a function; a stream is of a model", range: range, label: "no loop to follow")
  }

  static func streamForm(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0347", message: "a stream is of a whole model", range: range, label: "nothing else on this line",
      help: "write `derive stream of M`")
  }

  static func streamLoops(name: String, loops: Int, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0348", message: "a stream follows the one loop of a model, but `\(name)` has \(count(loops, "loop"))", range: range,
      label: "no single loop")
  }

  static func modelWithoutMember(name: String, members: [String], at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0349", message: "`\(name)` is a model: say which of its values", range: range, label: "no value named",
      help: "write \(list(members.map { "\(name).\($0)" }))")
  }

  static func unknownModelValue(name: String, model: String, nearest: String?, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0350", message: "`\(model)` has no output or loss called `\(name)`", range: range, label: "not known",
      help: didYouMean(nearest))
  }
}
