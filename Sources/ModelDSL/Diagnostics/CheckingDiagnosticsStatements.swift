// Statements, states and loops.

extension Diagnostic {
  static func blockWithoutValue(isFunction: Bool, hasStatements: Bool, at range: SourceRange) -> Diagnostic {
    let end = SourceRange(file: range.file, lower: max(range.lower, range.upper - 1), upper: range.upper)
    return Diagnostic(
      code: "G0220", message: isFunction ? "this function returns nothing" : "this block gives no value", range: end,
      label: hasStatements ? "a value is expected before this" : "empty",
      help: isFunction ? "end it with `return …`" : "end it with an expression")
  }

  static func expressionWithoutEffect(text: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0222", message: "the value of `\(text)` is not used", range: range, label: "has no effect",
      help: "bind it, `let x = …`; a line that begins with an operator does not go on with the line before it")
  }

  static func nextOutsideLoop(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0223", message: "`next \(name)` stands in no loop", range: range, label: "no step to end")
  }

  static func nextInsideValue(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0224", message: "`next \(name)` reaches out of the block that it stands in", range: range,
      label: "not a statement of the loop itself", help: "write `next \(name) = if … { … } else { … }` in the loop's body")
  }

  static func nextTwice(name: String, first: SourceRange, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0225", message: "`next \(name)` is assigned twice in one step", range: range, label: "the second time",
      notes: [Note("the first time", at: first)],
      help: "a step gives each state one value; read the first as `next \(name)` under another name")
  }

  static func nextCycle(names: [String], ranges: [SourceRange], at range: SourceRange) -> Diagnostic {
    let cycle = names.map { "`next \($0)`" }
    return Diagnostic(
      code: "G0226",
      message: names.count == 1
        ? "\(cycle[0]) needs its own value" : "\(cycle.joined(separator: " needs ")) needs \(cycle.first ?? "itself")",
      range: range, label: "a circle", notes: ranges.filter { $0 != range }.map { Note("part of the circle", at: $0) },
      help: "read the value before the step somewhere: `\(names.first ?? "u")` in place of `next \(names.first ?? "u")`")
  }

  static func nextNeverAssigned(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0227", message: "`next \(name)` is read, but nothing assigns it in this loop", range: range, label: "never assigned",
      help: "write `next \(name) = …` in the loop, or read `\(name)`")
  }

  static func nextOfInnerLoop(name: String, inner: SourceRange, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0228", message: "`next \(name)` belongs to the inner loop", range: range, label: "outside of that loop",
      notes: [Note("assigned here", at: inner)], help: "after the inner loop `\(name)` itself is the last value")
  }

  static func nextAfterLoop(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0229", message: "after the loop there is no `next \(name)`", range: range, label: "no step here",
      help: "`\(name)` itself is the last value")
  }

  static func nextOfSlice(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0230", message: "`next \(name)[…]` replaces one row or element, not a slice", range: range, label: "a slice",
      help: "use an index, or build the whole array: `next \(name) = [i in n: …]`")
  }

  static func recordOutsideLoop(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0231", message: "`record \(name)` stands in no loop", range: range, label: "no steps to record")
  }

  static func recordInWhile(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0232", message: "a `while` loop cannot record: how often it runs is not known before", range: range, label: "in a `while`",
      help: "write the values into a state: `next \(name)[i] = …`")
  }

  static func recordInCell(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0233", message: "a cell cannot record", range: range, label: "one step only",
      help: "give the value out, and record it in the model's loop")
  }

  static func whileNeverChanges(text: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0235", severity: .warning, message: "nothing that `\(text)` reads changes in the loop", range: range,
      label: "always the same")
  }

  static func unrolledCondition(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0236", message: "which instances a loop runs over is decided when code is generated", range: range,
      label: "this depends on more than the round and fixed sizes", help: "choose by `if` where the instance is put to use")
  }

  static func nextBeforeAssignment(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0237", message: "`next \(name)` is read before it is assigned", range: range,
      label: "a loop over instances runs in the order in which it is written", help: "move the assignment up")
  }

  static func nextAfterUnrolled(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0238", message: "`next \(name)` after a loop over instances has given `\(name)` a value", range: range,
      label: "assigned twice in one step")
  }

  static func unrolledRecord(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0239", message: "the values that `\(name)` records differ in shape", range: range, label: "one shape for each instance")
  }

  static func unrolledExtreme(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0241", message: "`\(name)` over instances is of one number for each of them", range: range, label: "not here",
      help: "build the array first: `let values = [i in n: …]`, then `\(name)(values)`")
  }

  static func unrolledCount(size: Size, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0242", message: "a loop over instances is written out, so its count must be fixed", range: range, label: "\(size)",
      help: "write `size n = …`")
  }
}
