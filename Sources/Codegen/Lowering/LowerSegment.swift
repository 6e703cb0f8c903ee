import ModelDSL

/// Loss and gradient over a part of a sequence, with the loop's states given and returned; nil for a model without a loss.
func lowerSegment(_ program: CheckedProgram, _ model: Model, _ batch: SizeSymbol, _ table: RuleTable) throws -> Procedure? {
  let loops = model.statements.compactMap { statement -> TypedLoop? in
    if case .loop(let loop) = statement.kind { return loop }
    return nil
  }
  guard let loss = model.loss, loops.count == 1, let loop = loops.first else { return nil }
  let states = loop.states
  let procedure = try modelProcedure(program, model, batch, table, name: "segment", states: states) { lowerer, batched in
    try lowerer.segment(
      model, loss, loop, batch, states: Array(batched.prefix(states.count)), inputs: Array(batched.dropFirst(states.count)))
  }
  let gradient = Differentiation.gradient(of: prepared(procedure), wrt: Array(model.parameters.indices), rules: table)
  var result = gradient
  // The loss, the gradients, then the states.
  let first = 1 + states.count
  result.body.results = [gradient.body.results[0]] + gradient.body.results[first...] + gradient.body.results[1..<first]
  result.resultNames = [gradient.resultNames[0]] + gradient.resultNames[first...] + gradient.resultNames[1..<first]
  result = optimized(result)
  result.name = "lossAndGradient"
  return result
}

extension Lowerer {
  fileprivate mutating func segment(
    _ model: Model, _ loss: TypedExpression, _ loop: TypedLoop, _ batch: SizeSymbol, states: [Value], inputs: [Value]
  ) throws -> [(name: String, value: Value)] {
    let index = builder.fresh(.integer, name: "b")
    let body = try block { lowerer in
      for (state, value) in zip(loop.states, states) {
        lowerer.givenStates[state] = lowerer.builder.read(value, [index], name: lowerer.program[state].name)
      }
      defer { lowerer.givenStates = [:] }
      return try lowerer.sample(model, inputs, index) { lowerer in
        let saved = lowerer.builder.notes
        lowerer.builder.notes = [Note(.primal, "loss = \(lowerer.equation(loss.range))")]
        defer { lowerer.builder.notes = saved }
        return [try lowerer.value(loss)] + loop.states.map { lowerer.scope.lookup($0)!.value }
      }
    }
    let all = builder.emit(
      .map(Map(axes: [Axis(index: index, size: Size(batch))], body: body)), names: ["losses"] + loop.states.map { program[$0].name })
    let total = builder.reduce(.sum, [Size(batch)]) { [$0.read(all[0], $1)] }[0]
    let count = builder.primitive(.realFromInteger, [builder.size(Size(batch))])
    let mean = builder.primitive(.divide, [total, count], name: "loss")
    return [("loss", mean)] + zip(loop.states, all.dropFirst()).map { (program.statePath($0), $1) }
  }
}

extension CheckedProgram {
  /// A state's name, after the instance of the cell that it belongs to: `first.z`.
  func statePath(_ state: VariableID) -> String {
    let owner = instances.first { $0.states.contains(state) }
    return (owner.map { $0.path + "." } ?? "") + self[state].name
  }
}
