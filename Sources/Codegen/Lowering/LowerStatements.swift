import ModelDSL

extension Lowerer {
  /// A block in its own scope, under the rules that it declares.
  mutating func lower(_ inner: Scope, _ block: TypedBlock) throws -> Lowered {
    try within(inner, rules(declaredIn: block.statements, scope: inner)) { lowerer in
      let notes = lowerer.builder.notes
      for statement in block.statements { try lowerer.lower(statement) }
      lowerer.builder.notes = notes
      return try lowerer.lower(block.value)
    }
  }

  func rules(declaredIn statements: [TypedStatement], scope: Scope) -> RulesInForce {
    let declared = statements.compactMap { statement -> RuleDeclaration? in
      if case .rule(let declaration) = statement.kind { return declaration }
      return nil
    }
    return declared.isEmpty ? rules : rules.adding(declared, scope: scope)
  }

  mutating func lower(_ statement: TypedStatement) throws {
    switch statement.kind {
    case .binding(let pattern, let expression):
      builder.notes = [Note(.primal, equation(statement.range))]
      bind(pattern, try lower(expression))
    case .state(let state, _) where givenStates[state] != nil:
      scope.bind(state, .value(givenStates[state]!))
    case .state(let state, let initial):
      builder.notes = [Note(.primal, equation(statement.range))]
      let value = try value(initial)
      named(value, program[state].name)
      scope.bind(state, .value(value))
    case .next(let targets, let expression):
      builder.notes = [Note(.primal, equation(statement.range))]
      let lowered = try lower(expression)
      let parts = targets.count == 1 ? [lowered] : lowered.parts
      for (target, part) in zip(targets, parts) {
        guard let target else { continue }
        try assign(target, part.value)
      }
    case .record(let record, let expression):
      builder.notes = [Note(.primal, equation(statement.range))]
      let value = try value(expression)
      named(value, program[record].name)
      scope.setSuccessor(of: record, value)
    case .loop(let loop): try lower(loop)
    case .whileLoop(let loop): try lower(loop)
    case .rule: break
    }
  }

  private mutating func named(_ value: Value, _ name: String) {
    if builder.values.name(of: value) == nil { builder.values.setName(name, of: value) }
  }

  private mutating func bind(_ pattern: TypedPattern, _ value: Lowered) {
    switch pattern {
    case .discard: break
    case .variable(let variable):
      if case .value(let single) = value { named(single, program[variable].name) }
      scope.bind(variable, value)
    case .tuple(let patterns):
      for (pattern, part) in zip(patterns, value.parts) { bind(pattern, part) }
    }
  }

  private mutating func assign(_ target: TypedNextTarget, _ value: Value) throws {
    var value = value
    if !target.indices.isEmpty {
      let indices = try target.indices.map { try self.value($0) }
      let base = try scope.successor(of: target.state) ?? self.value(stateExpression(target.state))
      value = builder.emit(.update(base, indices, value), names: [program[target.state].name])[0]
    }
    named(value, program[target.state].name)
    scope.setSuccessor(of: target.state, value)
  }

  private func stateExpression(_ state: VariableID) -> TypedExpression {
    TypedExpression(kind: .variable(state), type: program[state].type, range: program[state].range)
  }

  // MARK: Loops

  private mutating func lower(_ loop: TypedLoop) throws {
    let notes = builder.notes
    builder.notes = []
    let initial = try loop.states.map { try value(stateExpression($0)) }
    let index = builder.fresh(.integer, name: program[loop.axis].name)
    let carried = carriedValues(loop.states, initial)
    let body = try block(parameters: carried) { try $0.iteration(loop, index: index, carried: carried) }
    let scan = Scan(axis: Axis(index: index, size: size(loop.count)), down: loop.down, initial: initial, body: body)
    let names = (loop.states + loop.records).map { program[$0].name }
    let results = builder.emit(.scan(scan), names: names)
    for (variable, result) in zip(loop.states + loop.records, results) { scope.bind(variable, .value(result)) }
    builder.notes = notes
  }

  /// One iteration: the successors of the states, then the rows to record.
  mutating func iteration(_ loop: TypedLoop, index: Value, carried: [Value]) throws -> [Value] {
    let inner = enter(loop.states, carried)
    inner.bind(loop.axis, .value(index))
    return try within(inner, rules(declaredIn: loop.body, scope: inner)) { lowerer in
      guard let condition = loop.condition else { return try lowerer.step(loop, carried) }
      let holds = try lowerer.value(condition)
      let then = try lowerer.block { try $0.step(loop, carried) }
      let otherwise = lowerer.block { lowerer in
        carried + loop.records.indices.map { lowerer.builder.zeros(lowerer.builder.values[then.results[carried.count + $0]]) }
      }
      return lowerer.builder.emit(
        .branch(condition: holds, then: then, otherwise: otherwise), names: loop.states.map { lowerer.program[$0].name })
    }
  }

  private mutating func lower(_ loop: TypedWhile) throws {
    let notes = builder.notes
    builder.notes = []
    let initial = try loop.states.map { try value(stateExpression($0)) }
    let tested = carriedValues(loop.states, initial)
    let condition = try block(parameters: tested) { lowerer in
      let inner = lowerer.enter(loop.states, tested)
      return try lowerer.within(inner, lowerer.rules) { [try $0.value(loop.condition)] }
    }
    let carried = carriedValues(loop.states, initial)
    let body = try block(parameters: carried) { lowerer in
      let inner = lowerer.enter(loop.states, carried)
      return try lowerer.within(inner, lowerer.rules(declaredIn: loop.body, scope: inner)) { lowerer in
        for statement in loop.body { try lowerer.lower(statement) }
        return lowerer.successors(loop.states, carried)
      }
    }
    let name = "while \(equation(loop.condition.range))"
    let results = builder.emit(
      .whileLoop(While(name: name, bound: size(loop.bound), initial: initial, condition: condition, body: body)),
      names: loop.states.map { program[$0].name })
    for (state, result) in zip(loop.states, results) { scope.bind(state, .value(result)) }
    builder.notes = notes
  }

  private mutating func carriedValues(_ states: [VariableID], _ initial: [Value]) -> [Value] {
    zip(states, initial).map { builder.fresh(builder.values[$1], name: program[$0].name) }
  }

  /// A scope in which the states are those at the start of the step, and nothing is assigned yet.
  private mutating func enter(_ states: [VariableID], _ carried: [Value]) -> Scope {
    let inner = newScope()
    for (state, value) in zip(states, carried) { inner.bind(state, .value(value)) }
    return inner
  }

  private mutating func step(_ loop: TypedLoop, _ carried: [Value]) throws -> [Value] {
    for statement in loop.body { try lower(statement) }
    let rows = loop.records.map { record -> Value in
      guard let row = scope.successor(of: record) else { preconditionFailure("a record without a value") }
      return row
    }
    return successors(loop.states, carried) + rows
  }

  private func successors(_ states: [VariableID], _ carried: [Value]) -> [Value] {
    zip(states, carried).map { scope.successor(of: $0) ?? $1 }
  }

  // MARK: Cells

  /// One step of a cell's instance in the loop around: its states are carried by that loop.
  mutating func advance(_ id: InstanceID, _ arguments: [TypedExpression]) throws -> Lowered {
    let instance = program[id]
    for (input, argument) in zip(instance.inputs, arguments) {
      let value = try lower(argument)
      scope.bind(input, value)
    }
    for (variable, function) in instance.functions { scope.bind(variable, .function(closure(function))) }
    let notes = builder.notes
    let result = try within(scope, rules(declaredIn: instance.statements, scope: scope)) { lowerer -> Lowered in
      for statement in instance.statements {
        if case .state = statement.kind { continue }
        try lowerer.lower(statement)
      }
      let outputs = try instance.outputs.map { try lowerer.lower($0.value) }
      return outputs.count == 1 ? outputs[0] : .tuple(outputs)
    }
    builder.notes = notes
    return result
  }
}

extension Lowered {
  /// The parts of a tuple; anything else is its only part.
  var parts: [Lowered] {
    if case .tuple(let parts) = self { return parts }
    return [self]
  }
}
