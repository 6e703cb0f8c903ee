import ModelDSL

/// Runs procedures, number by number: what this does is what the IR means. Generated code, both modes of differentiation and every
/// optimisation are tested against it.
///
/// With `Precision.single` every real number is rounded to `Float`: inputs, constants, and the result of each operation. For `+ - * /` and
/// `sqrt` that is `Float` arithmetic itself (double has more than twice its digits); other functions are computed in double first.
/// Sums and accumulators add one by one, in the order of the iteration. See `meaning(of:)` for each primitive.
///
/// Reductions over nothing give 0, 1, -inf, +inf (for integers, the least and the greatest), and place 0. The first of equal extremes
/// counts; a NaN counts as more extreme than any number. `trips` outside of the axis stands for the nearest end of it.
public struct Interpreter: Sendable {
  public var precision: Precision
  public init(precision: Precision) { self.precision = precision }

  /// The results. `sizes` may omit what follows from the inputs.
  public func run(
    _ procedure: Procedure, inputs: [ArrayValue], sizes: [SizeSymbol: Int] = [:]
  ) throws(InterpreterError) -> [ArrayValue] {
    try interpret(procedure, inputs, sizes, .run, Trace(), [:]).results
  }

  /// The results, and what was decided on the way.
  public func record(
    _ procedure: Procedure, inputs: [ArrayValue], sizes: [SizeSymbol: Int] = [:], tangentBlocks: TangentBlocks = [:]
  ) throws(InterpreterError) -> (results: [ArrayValue], trace: Trace) {
    try interpret(procedure, inputs, sizes, .record, Trace(), tangentBlocks)
  }

  /// The results near a recorded point, of the function that is smooth there: decisions are those of the trace (comparisons, hence
  /// branches and counts of loops; places of maxima; sides of `minimum`, `maximum`, `abs`; values of `floor`, `ceil`, `round`, `sign`,
  /// `step` and `Int(x)`), and each ruled value is its tangent line there. Integer and boolean inputs must be those of the recording, and
  /// so must `tangentBlocks`.
  public func replay(
    _ procedure: Procedure, inputs: [ArrayValue], sizes: [SizeSymbol: Int] = [:], trace: Trace, tangentBlocks: TangentBlocks = [:]
  ) throws(InterpreterError) -> [ArrayValue] {
    try interpret(procedure, inputs, sizes, .replay, trace, tangentBlocks).results
  }

  /// The sizes of a call, all of them: those given, and those that follow from the inputs.
  public func solvedSizes(
    of procedure: Procedure, inputs: [ArrayValue], sizes: [SizeSymbol: Int] = [:]
  ) throws(InterpreterError) -> [SizeSymbol: Int] {
    try ConcreteSizes.solved(procedure, inputs: inputs, given: sizes).values
  }

  private func interpret(
    _ procedure: Procedure, _ inputs: [ArrayValue], _ given: [SizeSymbol: Int], _ mode: Assembler.Mode, _ trace: Trace,
    _ tangentBlocks: TangentBlocks
  ) throws(InterpreterError) -> (results: [ArrayValue], trace: Trace) {
    var sizes = try ConcreteSizes.solved(procedure, inputs: inputs, given: given)
    let (program, uncheckedRules) = try Assembler.assemble(procedure, sizes: sizes, mode: mode, tangentBlocks: tangentBlocks)
    let values = procedure.values
    let machine = Machine(program, precision: precision, trace: trace) { slot in
      let name = slot < values.entries.count ? values.name(of: Value(slot)) : nil
      return name.map { "\($0) (%\(slot))" } ?? "%\(slot)"
    }
    for (input, value) in zip(procedure.inputs, inputs) { machine.set(input.value.id, to: value) }
    try machine.run()
    if mode == .replay && !machine.traceIsUsedUp { throw .traceMismatch }
    var results: [ArrayValue] = []
    for value in procedure.body.results {
      var shape: [Int] = []
      for size in values[value].shape { shape.append(try sizes.number(size)) }
      results.append(machine.value(value.id, element: values[value].element, shape: shape))
    }
    var recorded = machine.trace
    recorded.uncheckedRules.formUnion(uncheckedRules)
    return (results, recorded)
  }
}
