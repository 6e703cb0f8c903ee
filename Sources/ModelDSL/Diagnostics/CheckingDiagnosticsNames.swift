// Names: what is known, where, and what may be done with it.

extension Diagnostic {
  static func unknownName(name: String, nearest: String?, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0100", message: "there is nothing called `\(name)` here", range: range, label: "not known",
      help: didYouMean(nearest) ?? "declare it with `let`, or as a parameter")
  }

  static func unknownFunction(name: String, nearest: String?, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0101", message: "there is no function called `\(name)`", range: range, label: "not known",
      help: didYouMean(nearest) ?? "declare it with `func`, or import its file")
  }

  static func unknownSize(name: String, nearest: String?, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0102", message: "there is no size called `\(name)`", range: range, label: "not known",
      help: didYouMean(nearest) ?? "sizes come from the types of parameters, from `Int` parameters, or from `size \(name) = …`")
  }

  static func unknownType(name: String, nearest: String?, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0103", message: "there is no type called `\(name)`", range: range, label: "not known",
      help: didYouMean(nearest) ?? "types are `Float`, `Int`, `Bool`, `Index<n>`, with sizes in brackets for arrays")
  }

  static func unknownState(name: String, nearest: String?, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0104", message: "there is no state called `\(name)`", range: range, label: "not declared",
      help: didYouMean(nearest) ?? "declare it before the loop: `state \(name): … = 0`")
  }

  static func notAState(name: String, kind: String, declared: SourceRange?, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0105", message: "`\(name)` is \(kind), not a state, so it has no next value", range: range, label: "only a state has one",
      notes: declared.map { [Note("declared here", at: $0)] } ?? [], help: "declare `state \(name) = …` before the loop")
  }

  static func declaredTwice(name: String, first: SourceRange?, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0106", message: "`\(name)` is declared twice in one block", range: range, label: "the second one",
      notes: first.map { [Note("first declared here", at: $0)] } ?? [], help: "give one of them another name")
  }

  static func notAValue(name: String, kind: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0107", message: "`\(name)` is \(kind), not a value", range: range, label: "no value")
  }

  static func functionAsValue(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0108", message: "`\(name)` is a function; here a value is wanted", range: range, label: "not called",
      help: "call it, `\(name)(…)`, or give it to a parameter of function type")
  }

  static func notAFunction(name: String, type: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0109", message: "`\(name)` is \(article(type)), not a function", range: range, label: "cannot be called")
  }

  static func notCallable(name: String, kind: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0110", message: "`\(name)` is \(kind), not a function", range: range, label: "cannot be called")
  }

  static func callOfExpression(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0111", message: "only a name can be called", range: range, label: "not a name",
      help: "bind a function's argument by its name")
  }

  static func usedBeforeDeclared(name: String, declared: SourceRange, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0112", message: "`\(name)` is used before it is declared", range: range, label: "not known yet",
      notes: [Note("declared here", at: declared)], help: "move the declaration up")
  }

  static func cellWithoutLet(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0113", message: "the cell `\(name)` is put to use by a `let`", range: range, label: "no instance",
      help: "write `let layer = \(name)(…)` in the model, and `layer(…)` in its loop")
  }

  static func noMember(name: String, type: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0114", message: "\(article(type)) has no item `\(name)`", range: range,
      label: "only tuples and instances of cells have items")
  }

  static func unknownItem(name: String, type: Type, nearest: String?, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0115", message: "`\(type)` has no item `\(name)`", range: range, label: "not one of its labels", help: didYouMean(nearest))
  }

  static func unknownMember(name: String, instance: String, nearest: String?, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0116", message: "`\(instance)` has no parameter or setting `\(name)`", range: range, label: "not declared in its cell",
      help: didYouMean(nearest) ?? "states and outputs of an instance are not seen from outside: give them out as outputs of the cell")
  }

  static func unusedLet(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0117", severity: .warning, message: "`\(name)` is never used", range: range, label: "nothing reads it",
      help: "remove it, or call it `_\(name)` if that is meant")
  }

  static func recursion(names: [Name], at range: SourceRange) -> Diagnostic {
    let cycle = (names + names.prefix(1)).map(\.text).joined(separator: " → ")
    return Diagnostic(
      code: "G0118", message: "functions cannot call themselves: \(cycle)", range: range, label: "closes the circle",
      notes: names.map { Note("`\($0.text)` is declared here", at: $0.range) },
      help: "calls are always inlined; repeat by a loop: `state x = …`, `for i in n { next x = … }`")
  }

  static func constantCycle(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0119", message: "the constant `\(name)` is defined by itself", range: range, label: "needs its own value")
  }

  static func unreadableFile(path: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0120", message: "cannot read `\(path)`", range: range, help: "check the path")
  }

  static func unreadableImport(path: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0121", message: "cannot read the imported file `\(path)`", range: range, label: "no such file",
      help: "the path is relative to this file")
  }

  static func importCycle(path: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0122", message: "`\(path)` imports this file in turn", range: range, label: "a circle of imports",
      help: "move what both need into a third file")
  }

  static func importedTwice(name: String, first: String, second: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0123", message: "`\(name)` is imported from both `\(first)` and `\(second)`", range: range, label: "ambiguous",
      help: "rename one of them")
  }

  static func unknownPrecision(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0124", message: "there is no precision `\(name)`", range: range, label: "`Float` or `Double`",
      help: "write `precision Double` or leave the line out")
  }

  static func precisionTwice(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0125", message: "the precision is set twice", range: range, label: "the second time", help: "keep one of the two lines")
  }

  static func reserved(what: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0126", message: "\(what) is reserved for a later version of the language", range: range, label: "not available today")
  }

  static func statementOfModels(word: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0127", message: "`\(word)` belongs in a model or a cell", range: range, label: "not in a function")
  }
}
