import ModelDSL

/// A model: prediction, loss with the gradient of every parameter, and the optimiser's update.
func lowerModel(_ program: CheckedProgram, _ place: Int, _ table: RuleTable) throws -> ModelEntry {
  let model = program.models[place]
  let batch = SizeSymbol(id: -1, name: "batch")
  let predict = try modelProcedure(program, model, batch, table, name: "predict") { lowerer, inputs in
    try lowerer.predictions(model, batch, inputs)
  }
  let loss = try model.loss.map { loss in
    try modelProcedure(program, model, batch, table, name: "loss") { lowerer, inputs in
      [("loss", try lowerer.meanLoss(model, loss, batch, inputs))]
    }
  }
  let lossAndGradient = loss.map { loss in
    var gradient = optimized(Differentiation.gradient(of: prepared(loss), wrt: Array(model.parameters.indices), rules: table))
    gradient.name = "lossAndGradient"
    return gradient
  }
  var derived: [EntryPoint] = []
  for derivation in program.derivations {
    guard case .modelValue(place, let name) = derivation.subject else {
      if derivation.subject == .model(place) {
        for kind in derivation.kinds where kind != .stream {
          throw LoweringError(.notYet("'derive \(kind.rawValue)' of a whole model", at: derivation.range))
        }
      }
      continue
    }
    let primal = try modelValue(program, model, batch, table, name: name)
    for kind in derivation.kinds {
      let variables = derivation.variables.map { variable in
        model.parameters.first { $0.variable == variable }?.path ?? program[variable].name
      }
      var entry = try derive(
        kind, primal, variables: variables, alias: derivation.kinds.count == 1 ? derivation.alias : nil, derivation.range, table)
      entry.primal = primal.procedure
      derived.append(entry)
    }
  }
  let streamRange = program.derivations.first { $0.subject == .model(place) && $0.kinds.contains(.stream) }?.range
  return ModelEntry(
    name: model.name, documentation: model.documentation, fixedSizes: model.fixedSizes, batch: batch, sizes: model.sizes,
    parameters: model.parameters.map { parameter in
      let variable = program[parameter.variable]
      return ModelEntry.Parameter(
        path: parameter.path, shape: (variable.type.shape ?? []).map { $0.constant! }, initializer: parameter.initializer,
        documentation: variable.documentation)
    },
    settings: try model.settings.map { try setting(program, $0, table) },
    predict: optimized(prepared(predict)), loss: loss, lossAndGradient: lossAndGradient,
    optimizer: try model.optimizer.map { try optimizer(program, model, program[$0], table) }, derived: derived,
    stream: try streamRange.map { try lowerStream(program, model, $0, table) },
    segment: try streamRange.flatMap { _ in try lowerSegment(program, model, batch, table) })
}

/// A procedure over the parameters, settings and batched inputs of a model.
func modelProcedure(
  _ program: CheckedProgram, _ model: Model, _ batch: SizeSymbol, _ table: RuleTable, name: String, states: [VariableID] = [],
  _ body: (inout Lowerer, _ inputs: [Value]) throws -> [(name: String, value: Value)]
) throws -> Procedure {
  var lowerer = Lowerer(program, primitiveRules: table)
  var inputs = lowerer.bindParametersAndSettings(model)
  var batched: [Value] = []
  for input in states + model.inputs {
    let variable = program[input]
    let type = lowerer.valueType(variable.type)
    let name = program.statePath(input)
    let value = lowerer.builder.fresh(ValueType(type.element, [Size(batch)] + type.shape), name: name)
    var description = Procedure.Input(value: value, name: name)
    if case .array(.index(let bound), _) = variable.type { description.indexBound = bound }
    inputs.append(description)
    batched.append(value)
  }
  for requirement in model.requirements { try lowerer.require(requirement) }
  let results = try body(&lowerer, batched)
  return Procedure(
    name: name, sizes: [batch] + model.sizes, inputs: inputs, resultNames: results.map(\.name),
    body: Block(parameters: inputs.map(\.value), statements: lowerer.builder.takeStatements(), results: results.map(\.value)),
    values: lowerer.builder.values, requirements: lowerer.requirements)
}

/// `M.loss` or an output as the value of an entry.
private func modelValue(
  _ program: CheckedProgram, _ model: Model, _ batch: SizeSymbol, _ table: RuleTable, name: String
) throws -> EntryPoint {
  let procedure = try modelProcedure(program, model, batch, table, name: name) { lowerer, inputs in
    if name == "loss", let loss = model.loss { return [("value", try lowerer.meanLoss(model, loss, batch, inputs))] }
    let all = try lowerer.predictions(model, batch, inputs)
    return all.filter { $0.name == name }.map { ("value", $0.value) }
  }
  return EntryPoint(
    kind: .value, name: name, procedure: procedure, inputRoles: procedure.inputs.map { _ in .argument }, resultRoles: [.value(label: nil)])
}

extension Lowerer {
  mutating func bindParametersAndSettings(_ model: Model) -> [Procedure.Input] {
    var inputs: [Procedure.Input] = []
    let named = model.parameters.map { ($0.variable, $0.path) } + model.settings.map { ($0.variable, $0.path) }
    for (variable, path) in named {
      let value = builder.fresh(valueType(program[variable].type), name: path)
      scope.bind(variable, .value(value))
      inputs.append(Procedure.Input(value: value, name: path))
    }
    return inputs
  }

  /// Runs the model's statements for one sample, then `body`, under the model's rules.
  mutating func sample<R>(_ model: Model, _ inputs: [Value], _ b: Value?, _ body: (inout Lowerer) throws -> R) throws -> R {
    let inner = newScope()
    for (input, value) in zip(model.inputs, inputs) {
      inner.bind(input, .value(b.map { builder.read(value, [$0], name: program[input].name) } ?? value))
    }
    return try within(inner, rules(declaredIn: model.statements, scope: inner)) { lowerer in
      for statement in model.statements { try lowerer.lower(statement) }
      return try body(&lowerer)
    }
  }

  fileprivate mutating func predictions(_ model: Model, _ batch: SizeSymbol, _ inputs: [Value]) throws -> [(name: String, value: Value)] {
    let index = builder.fresh(.integer, name: "b")
    let body = try block { lowerer in
      try lowerer.sample(model, inputs, index) { lowerer in try model.outputs.map { try lowerer.output($0) } }
    }
    let outputs = builder.emit(.map(Map(axes: [Axis(index: index, size: Size(batch))], body: body)), names: model.outputs.map(\.name))
    return zip(model.outputs, outputs).map { ($0.name, $1) }
  }

  mutating func output(_ output: (name: String, value: TypedExpression, documentation: [String])) throws -> Value {
    let saved = builder.notes
    builder.notes = [Note(.primal, "output \(output.name) = \(equation(output.value.range))")]
    defer { builder.notes = saved }
    return try value(output.value)
  }

  fileprivate mutating func meanLoss(_ model: Model, _ loss: TypedExpression, _ batch: SizeSymbol, _ inputs: [Value]) throws -> Value {
    let index = builder.fresh(.integer, name: "b")
    let body = try block { lowerer in
      try lowerer.sample(model, inputs, index) { lowerer in
        let saved = lowerer.builder.notes
        lowerer.builder.notes = [Note(.primal, "loss = \(lowerer.equation(loss.range))")]
        defer { lowerer.builder.notes = saved }
        return [try lowerer.value(loss)]
      }
    }
    let total = builder.emit(.reduce(Reduce(op: .sum, axes: [Axis(index: index, size: Size(batch))], body: body)), names: ["total"])[0]
    let count = builder.primitive(.realFromInteger, [builder.size(Size(batch))])
    return builder.primitive(.divide, [total, count], name: "loss")
  }
}

/// A setting's default as a constant.
private func setting(_ program: CheckedProgram, _ setting: Setting, _ table: RuleTable) throws -> ModelEntry.Setting {
  let variable = program[setting.variable]
  let (value, element) = try constant(program, setting.value, name: setting.path, table)
  return ModelEntry.Setting(path: setting.path, element: element, value: value.constant, documentation: variable.documentation)
}

/// The number that an expression without variables stands for.
func constant(
  _ program: CheckedProgram, _ expression: TypedExpression, name: String, _ table: RuleTable
) throws -> (value: ArrayValue, element: Element) {
  var lowerer = Lowerer(program, primitiveRules: table)
  let value = try lowerer.value(expression)
  let block = Block(statements: lowerer.builder.takeStatements(), results: [value])
  let procedure = optimized(
    Procedure(name: name, sizes: [], inputs: [], resultNames: ["value"], body: block, values: lowerer.builder.values, requirements: []))
  let result = try Interpreter(precision: program.precision).run(procedure, inputs: [], sizes: [:])[0]
  return (result, procedure.values[procedure.body.results[0]].element)
}

/// The optimiser's cell as an update of one number.
private func optimizer(
  _ program: CheckedProgram, _ model: Model, _ instance: Instance, _ table: RuleTable
) throws -> ModelEntry.Optimizer {
  var lowerer = Lowerer(program, primitiveRules: table)
  var inputs: [Procedure.Input] = []
  func add(_ variable: VariableID, _ name: String) {
    let value = lowerer.builder.fresh(lowerer.valueType(program[variable].type), name: name)
    lowerer.scope.bind(variable, .value(value))
    inputs.append(Procedure.Input(value: value, name: name))
  }
  for name in ["parameter", "gradient"] { add(instance.inputs.first { program[$0].name == name }!, name) }
  for state in instance.states { add(state, program[state].name) }
  if let count = instance.inputs.first(where: { program[$0].name == "count" }) {
    add(count, "count")
  } else {
    inputs.append(Procedure.Input(value: lowerer.builder.fresh(.integer, name: "count"), name: "count"))
  }
  for setting in model.settings { add(setting.variable, setting.path) }

  var initial: [Double] = []
  for statement in instance.statements {
    if case .state(_, let expression) = statement.kind {
      initial.append(try constant(program, expression, name: instance.cell, table).value.reals[0])
    }
  }
  let scope = lowerer.scope
  let results = try lowerer.within(scope, lowerer.rules(declaredIn: instance.statements, scope: scope)) { lowerer -> [Value] in
    for statement in instance.statements {
      if case .state = statement.kind { continue }
      try lowerer.lower(statement)
    }
    let updated = try lowerer.value(instance.outputs[0].value)
    return [updated] + instance.states.map { scope.successor(of: $0) ?? scope.lookup($0)!.value }
  }
  let procedure = Procedure(
    name: "update", sizes: [], inputs: inputs, resultNames: ["parameter"] + instance.states.map { program[$0].name },
    body: Block(parameters: inputs.map(\.value), statements: lowerer.builder.takeStatements(), results: results),
    values: lowerer.builder.values, requirements: [])
  return ModelEntry.Optimizer(
    name: instance.cell, states: instance.states.map { program[$0].name }, initial: initial, update: optimized(prepared(procedure)))
}

extension ArrayValue {
  /// The first element as a constant of the IR.
  var constant: Constant {
    switch elements {
    case .real(let numbers): .real(numbers[0])
    case .integer(let numbers): .integer(numbers[0])
    case .boolean(let truths): .boolean(truths[0])
    }
  }
}
