import ModelDSL

/// A function with the derivatives that its `derive` lines ask for.
func lowerFunction(_ program: CheckedProgram, _ id: FunctionID, _ table: RuleTable) throws -> FunctionEntry {
  let function = program[id]
  let primal = try functionPrimal(program, function, table)
  var emitted: [EntryPoint] = []
  for derivation in program.derivations where derivation.subject == .function(id) {
    for kind in derivation.kinds {
      emitted.append(
        try derive(
          kind, primal, variables: derivation.variables.map { program[$0].name },
          alias: derivation.kinds.count == 1 ? derivation.alias : nil,
          derivation.range, table))
    }
  }
  return FunctionEntry(name: function.name, documentation: function.documentation, primal: primal, emitted: emitted)
}

private func functionPrimal(_ program: CheckedProgram, _ function: Function, _ table: RuleTable) throws -> EntryPoint {
  var lowerer = Lowerer(program, primitiveRules: table)
  var inputs: [Procedure.Input] = []
  var arguments: [Lowered] = []
  for parameter in function.parameters {
    let variable = program[parameter]
    guard case .array(let scalar, _) = variable.type else {
      throw lowerer.notYet("a derived function with a parameter of type \(variable.type)", variable.range)
    }
    let value = lowerer.builder.fresh(lowerer.valueType(variable.type), name: variable.name)
    var input = Procedure.Input(value: value, name: variable.name)
    if case .index(let bound) = scalar { input.indexBound = bound }
    input.sizeSymbol = function.sizeParameters[parameter]
    input.standard = try function.defaults[parameter].map { try constant(program, $0, name: variable.name, table).value.constant }
    inputs.append(input)
    arguments.append(.value(value))
  }
  let identity = Dictionary(uniqueKeysWithValues: function.sizes.map { ($0, Size($0)) })
  let result = try lowerer.inline(function, arguments, sizes: identity)
  let labels = resultLabels(function.result)
  let procedure = Procedure(
    name: function.name, sizes: function.sizes, inputs: inputs, resultNames: labels.map { $0 ?? "value" },
    body: Block(parameters: inputs.map(\.value), statements: lowerer.builder.takeStatements(), results: result.values),
    values: lowerer.builder.values, requirements: lowerer.requirements)
  return EntryPoint(
    kind: .value, name: function.name, procedure: procedure, inputRoles: inputs.map { _ in .argument },
    resultRoles: labels.map { .value(label: $0) })
}

/// The labels of a flattened result: nil for a value that is no tuple; an unlabelled element is known by its place.
func resultLabels(_ type: Type) -> [String?] {
  guard case .tuple(let fields) = type else { return [nil] }
  return fields.enumerated().flatMap { place, field -> [String?] in
    let own = field.label ?? String(place)
    return resultLabels(field.type).map { inner in inner.map { own + "_" + $0 } ?? own }
  }
}

/// One derivative of an entry's value, as a procedure before optimisation.
func derive(
  _ kind: DerivativeKind, _ primal: EntryPoint, variables: [String], alias: String?, _ range: SourceRange, _ table: RuleTable
) throws -> EntryPoint {
  let procedure = prepared(primal.procedure)
  let places = variables.map { name in procedure.inputs.firstIndex { $0.name == name }! }
  let name = alias ?? primal.name + kind.suffix
  let labels = primal.resultRoles.map { role -> String? in
    if case .value(let label) = role { return label }
    return nil
  }
  let values = primal.resultRoles
  let realLabels = zip(labels, procedure.body.results).filter { procedure.values[$0.1].element == .real }.map(\.0)
  func forward<R>(_ body: () throws(NonlinearRule) -> R) throws -> R {
    do {
      return try body()
    } catch {
      throw LoweringError(.nonlinearRule(procedure.values.name(of: error.value) ?? primal.name, at: range))
    }
  }
  func entry(_ procedure: Procedure, _ inputs: [EntryPoint.InputRole], _ results: [EntryPoint.ResultRole]) -> EntryPoint {
    var procedure = optimized(procedure)
    procedure.name = name
    return EntryPoint(kind: kind, name: name, procedure: procedure, inputRoles: primal.inputRoles + inputs, resultRoles: results)
  }
  switch kind {
  case .value: return entry(procedure, [], values)
  case .gradient:
    return entry(
      Differentiation.gradient(of: procedure, wrt: places, rules: table), [], values + variables.map { .gradient(of: $0) })
  case .vjp:
    return entry(
      Differentiation.vjp(of: procedure, wrt: places, rules: table), realLabels.map { .cotangent(label: $0) },
      values + variables.map { .gradient(of: $0) })
  case .jvp:
    let result = try forward { () throws(NonlinearRule) in try Differentiation.jvp(of: procedure, wrt: places, rules: table) }
    return entry(result, variables.map { .tangent(of: $0) }, values + realLabels.map { .tangent(label: $0) })
  case .jacobian:
    let result = try forward { () throws(NonlinearRule) in try Differentiation.jacobian(of: procedure, wrt: places, rules: table) }
    return entry(result, [], values + variables.flatMap { variable in realLabels.map { .jacobian(label: $0, wrt: variable) } })
  case .hvp:
    let result = try forward { () throws(NonlinearRule) in
      try Differentiation.hessianProduct(of: procedure, wrt: places, rules: table)
    }
    return entry(result, variables.map { .tangent(of: $0) }, values + variables.map { .product(of: $0) })
  case .hessian:
    let result = try forward { () throws(NonlinearRule) in try Differentiation.hessian(of: procedure, wrt: places, rules: table) }
    return entry(result, [], values + variables.flatMap { first in variables.map { .hessian(first, $0) } })
  case .sparseJacobian:
    let result = Differentiation.sparseJacobian(of: procedure, wrt: places, labels: labels, rules: table)
    var sparse = entry(
      result.procedure, [], values + result.blocks.indices.flatMap { [EntryPoint.ResultRole.blockValues($0), .blockColumns($0)] })
    sparse.blocks = result.blocks
    return sparse
  case .stream:
    throw LoweringError(.notYet("'derive \(kind.rawValue)'", at: range))
  }
}

extension DerivativeKind {
  /// What follows the function's name.
  var suffix: String {
    switch self {
    case .value: ""
    case .gradient: "Gradient"
    case .vjp: "VJP"
    case .jvp: "JVP"
    case .jacobian: "Jacobian"
    case .hessian: "Hessian"
    case .hvp: "HVP"
    case .sparseJacobian: "SparseJacobian"
    case .stream: "Stream"
    }
  }
}
