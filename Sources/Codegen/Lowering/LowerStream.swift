import ModelDSL

/// `derive stream`: one step of the model's loop for live data. The loop's size is the number of steps so far; an input that runs along the loop
/// is given row by row, the others at each step.
func lowerStream(_ program: CheckedProgram, _ model: Model, _ range: SourceRange, _ table: RuleTable) throws -> ModelEntry.Stream {
  let loops = model.statements.compactMap { statement -> TypedLoop? in
    if case .loop(let loop) = statement.kind { return loop }
    return nil
  }
  guard loops.count == 1, let loop = loops.first, !loop.down, let time = loop.count.symbol else {
    throw LoweringError(.streamWithoutLoop(model.name, at: range))
  }
  return ModelEntry.Stream(
    states: loop.states.map { state in
      let lowerer = Lowerer(program, primitiveRules: table)
      return ModelEntry.Stream.State(name: program[state].name, type: lowerer.valueType(program[state].type))
    },
    start: try streamStart(program, model, loop, range, table),
    step: try streamStep(program, model, loop, time, range, table))
}

private func streamStart(
  _ program: CheckedProgram, _ model: Model, _ loop: TypedLoop, _ range: SourceRange, _ table: RuleTable
) throws -> Procedure {
  var lowerer = Lowerer(program, primitiveRules: table)
  let inputs = lowerer.bindParametersAndSettings(model)
  // Inputs stand in the scope so that lets before the loop lower; a state that starts from one is refused below.
  var given: Set<Value> = []
  for input in model.inputs {
    let value = lowerer.builder.fresh(lowerer.valueType(program[input].type), name: program[input].name)
    lowerer.scope.bind(input, .value(value))
    given.insert(value)
  }
  var starts: [Value] = []
  let scope = lowerer.scope
  try lowerer.within(scope, lowerer.rules(declaredIn: model.statements, scope: scope)) { lowerer in
    for statement in model.statements {
      if case .loop = statement.kind { break }
      try lowerer.lower(statement)
    }
    starts = loop.states.map { scope.lookup($0)!.value }
  }
  let block = Block(parameters: inputs.map(\.value), statements: lowerer.builder.takeStatements(), results: starts).withoutDeadStatements()
  if !block.freeValues.isDisjoint(with: given) { throw LoweringError(.streamStateFromInput(model.name, at: range)) }
  return optimized(
    Procedure(
      name: "start", sizes: [], inputs: inputs, resultNames: loop.states.map { program[$0].name }, body: block,
      values: lowerer.builder.values,
      requirements: []))
}

private func streamStep(
  _ program: CheckedProgram, _ model: Model, _ loop: TypedLoop, _ time: SizeSymbol, _ range: SourceRange, _ table: RuleTable
) throws -> Procedure {
  var lowerer = Lowerer(program, primitiveRules: table)
  var inputs = lowerer.bindParametersAndSettings(model)
  let scope = lowerer.scope
  let states = loop.states.map { state in
    lowerer.builder.fresh(lowerer.valueType(program[state].type), name: program[state].name)
  }
  inputs += zip(states, loop.states).map { Procedure.Input(value: $0, name: program[$1].name) }
  let count = lowerer.builder.fresh(.integer, name: "count")
  inputs.append(Procedure.Input(value: count, name: "count", sizeSymbol: time))
  let one = lowerer.builder.integer(1)
  let index = lowerer.builder.primitive(.subtract, [count, one], name: program[loop.axis].name)

  var rows: Set<Value> = []
  var given: [Procedure.Input] = []
  for input in model.inputs {
    let variable = program[input]
    var type = lowerer.valueType(variable.type)
    let runsAlong = type.shape.first == Size(time)
    if runsAlong { type.shape.removeFirst() }
    let value = lowerer.builder.fresh(type, name: variable.name)
    var description = Procedure.Input(value: value, name: variable.name)
    if case .array(.index(let bound), _) = variable.type { description.indexBound = bound }
    given.append(description)
    let whole = runsAlong ? lowerer.builder.map([Size(time)]) { _, _ in [value] }[0] : value
    if runsAlong { rows.insert(whole) }
    scope.bind(input, .value(whole))
  }

  var successors: [Value] = []
  var outputs: [(name: String, value: Value)] = []
  try lowerer.within(scope, lowerer.rules(declaredIn: model.statements, scope: scope)) { lowerer in
    for statement in model.statements {
      guard case .loop(let loop) = statement.kind else {
        try lowerer.lower(statement)
        continue
      }
      let all = try lowerer.iteration(loop, index: index, carried: states)
      successors = Array(all.prefix(states.count))
      for (state, value) in zip(loop.states, successors) { scope.bind(state, .value(value)) }
      for (record, row) in zip(loop.records, all.dropFirst(states.count)) {
        let whole = lowerer.builder.map([Size(time)]) { _, _ in [row] }[0]
        rows.insert(whole)
        scope.bind(record, .value(whole))
      }
    }
    for output in model.outputs {
      var value = try lowerer.output(output)
      // A recorded output gives this step's row.
      if rows.contains(value) { value = lowerer.builder.read(value, [index]) }
      outputs.append((output.name, value))
    }
  }
  let statements = lowerer.builder.takeStatements()
  if !statements.allSatisfy({ $0.readsOnly(rows, at: index) }) { throw LoweringError(.streamReadsOtherSteps(model.name, at: range)) }
  let body = optimized(
    Procedure(
      name: "step", sizes: [time] + model.sizes.filter { $0 != time }, inputs: inputs + given,
      resultNames: loop.states.map { program[$0].name } + outputs.map(\.name),
      body: Block(
        parameters: (inputs + given).map(\.value), statements: statements, results: successors + outputs.map(\.value)),
      values: lowerer.builder.values, requirements: lowerer.requirements))
  return body.droppingUnusedInputs(keeping: inputs.count)
}

extension Statement {
  /// Whether arrays that stand for all steps are read in the row of this step only.
  fileprivate func readsOnly(_ arrays: Set<Value>, at index: Value) -> Bool {
    if case .read(let array, let indices) = operation, arrays.contains(array) { return indices.first == index }
    if operation.operands.contains(where: arrays.contains) { return false }
    return operation.blocks.allSatisfy { block in
      block.statements.allSatisfy { $0.readsOnly(arrays, at: index) } && !block.results.contains(where: arrays.contains)
    }
  }
}

extension Procedure {
  /// Without the inputs, from the given place on, that nothing reads.
  fileprivate func droppingUnusedInputs(keeping count: Int) -> Procedure {
    let used = Block(statements: body.statements, results: body.results).freeValues
    var result = self
    result.inputs = inputs.enumerated().filter { $0.offset < count || used.contains($0.element.value) }.map(\.element)
    result.body.parameters = result.inputs.map(\.value)
    return result
  }
}

extension Diagnostic {
  static func streamWithoutLoop(_ model: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0903", message: "'\(model)' cannot be streamed: that needs exactly one loop, forward over a size known at run time",
      range: range,
      label: "one step of which loop?", help: "write the model with one 'for t in time { … }' where 'size time' has no value")
  }
  static func streamStateFromInput(_ model: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0904", message: "'\(model)' cannot be streamed: a state starts from an input, which is not known before the first step",
      range: range)
  }
  static func streamReadsOtherSteps(_ model: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0905", message: "'\(model)' cannot be streamed: it reads an input or a record at another step than the present one",
      range: range,
      help: "carry what is needed of earlier steps in a state")
  }
}
