import ModelDSL

/// Lowers a checked program to procedures and differentiates what its models and `derive` lines ask for.
/// `module` is nil where there is any error.
public func lower(_ program: CheckedProgram) -> (module: Module?, diagnostics: [Diagnostic]) {
  var diagnostics: [Diagnostic] = []
  let table = lowerRuleTable(program)
  func collect<R>(_ body: () throws -> R) -> R? {
    do {
      return try body()
    } catch let error as LoweringError {
      diagnostics.append(error.diagnostic)
    } catch {
      preconditionFailure("an error that no stage declares: \(error)")
    }
    return nil
  }
  var functions: [FunctionEntry] = []
  for id in derivedFunctions(program) {
    if let entry = collect({ try lowerFunction(program, id, table) }) { functions.append(entry) }
  }
  var models: [ModelEntry] = []
  for place in program.models.indices {
    if let entry = collect({ try lowerModel(program, place, table) }) { models.append(entry) }
  }
  guard diagnostics.isEmpty else { return (nil, diagnostics) }
  return (Module(namespace: program.namespace, precision: program.precision, functions: functions, models: models), [])
}

/// The functions that `derive` lines name, in the order in which they do.
private func derivedFunctions(_ program: CheckedProgram) -> [FunctionID] {
  var seen: Set<FunctionID> = []
  return program.derivations.compactMap { derivation in
    guard case .function(let id) = derivation.subject, seen.insert(id).inserted else { return nil }
    return id
  }
}

/// The templates of the rule table: each slope as a block over the primitive's operands and result.
public func lowerRuleTable(_ program: CheckedProgram) -> RuleTable {
  var lowerer = Lowerer(program, primitiveRules: RuleTable(entries: [:], values: ValueTable()))
  lowerer.rules = RulesInForce()
  var entries: [Primitive: [RuleTable.Entry]] = [:]
  for declaration in program.primitiveRules {
    guard case .primitive(let primitive) = declaration.target else { continue }
    for (parameter, clause) in zip(declaration.parameters, declaration.clauses) {
      entries[primitive, default: []].append(lowerer.template(primitive, declaration, parameter.position, clause))
    }
  }
  return RuleTable(entries: entries, values: lowerer.builder.values)
}

extension Lowerer {
  fileprivate mutating func template(
    _ primitive: Primitive, _ declaration: RuleDeclaration, _ position: Int, _ clause: RuleClause
  ) -> RuleTable.Entry {
    let signature = primitive.signature
    func type(_ operand: Primitive.Operand) -> ValueType {
      switch operand {
      case .real, .number: .real
      case .integer: .integer
      case .boolean: .boolean
      }
    }
    var parameters = signature.operands.map { builder.fresh(type($0)) }
    let inner = newScope()
    for (place, variable) in declaration.parameters { inner.bind(variable, .value(parameters[place])) }
    let result = builder.fresh(type(signature.result))
    inner.bind(declaration.ruledValue, .value(result))
    let expression: TypedExpression
    let kind: Rule.Kind
    switch clause {
    case .slope(let slope): (expression, kind) = (slope, .slope)
    case .cotangent(let g, let cotangent):
      let incoming = builder.fresh(type(signature.result))
      inner.bind(g, .value(incoming))
      parameters.append(incoming)
      (expression, kind) = (cotangent, .cotangent)
    }
    // The table is checked with the library: nothing in it can fail to lower.
    let block = try! block(parameters: parameters + [result]) { lowerer in
      try lowerer.within(inner, RulesInForce()) { [try $0.value(expression)] }
    }
    return RuleTable.Entry(operand: position, kind: kind, block: block)
  }
}
