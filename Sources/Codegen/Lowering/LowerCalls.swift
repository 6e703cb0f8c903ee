import ModelDSL

extension Lowerer {
  /// A primitive on numbers, under the rule in force.
  mutating func apply(_ primitive: Primitive, _ operands: [Value]) throws -> Value {
    let result = builder.primitive(primitive, operands)
    guard let rule = rules[.primitive(primitive)] else { return result }
    return try ruled(result, rule, arguments: operands.map { .value($0) })
  }

  mutating func call(
    _ callee: Callee, _ arguments: [Lowered], sizes: [SizeSymbol: Size], mapped: [Size], resultType: Type, range: SourceRange
  ) throws -> Lowered {
    let resolved = sizes.mapValues { size($0) }
    if mapped.isEmpty { return try callOnce(callee, arguments, sizes: resolved, range: range) }
    let indices = mapped.map { _ in builder.fresh(.integer) }
    let body = try block { lowerer in
      let elements = arguments.map { argument -> Lowered in
        guard case .value(let value) = argument, lowerer.builder.values[value].shape == mapped else { return argument }
        return .value(lowerer.builder.read(value, indices))
      }
      return try lowerer.callOnce(callee, elements, sizes: resolved, range: range).values
    }
    return Lowered(resultType, builder.emit(.map(Map(axes: zip(indices, mapped).map { Axis(index: $0, size: $1) }, body: body))))
  }

  private mutating func callOnce(
    _ callee: Callee, _ arguments: [Lowered], sizes: [SizeSymbol: Size], range: SourceRange
  ) throws -> Lowered {
    switch callee {
    case .primitive(let primitive): return .value(try apply(primitive, arguments.map(\.value)))
    case .function(let id): return try inline(program[id], arguments, sizes: sizes)
    case .variable(let variable):
      guard case .function(let closure)? = scope.lookup(variable) else { preconditionFailure("a call of what is no function") }
      return try call(closure, arguments, range: range)
    }
  }

  mutating func call(_ closure: Closure, _ arguments: [Lowered], range: SourceRange) throws -> Lowered {
    switch closure.kind {
    case .named(let callee, let sizes):
      return try within(scope, closure.rules) { try $0.callOnce(callee, arguments, sizes: sizes, range: range) }
    case .literal(let parameters, let body, let defining):
      let inner = Scope(parent: defining, sizes: defining.sizes)
      for (parameter, argument) in zip(parameters, arguments) { inner.bind(parameter, argument) }
      return try within(inner, closure.rules) { try $0.lower(body) }
    }
  }

  func closure(_ function: FunctionValue) -> Closure {
    switch function {
    case .named(.variable(let variable), _):
      guard case .function(let closure)? = scope.lookup(variable) else { preconditionFailure("a function without a value") }
      return closure
    case .named(let callee, let sizes): return Closure(kind: .named(callee, sizes: sizes.mapValues { size($0) }), rules: rules)
    case .literal(let parameters, let body):
      return Closure(kind: .literal(parameters: parameters, body: body, scope: scope), rules: rules)
    }
  }

  /// The body of a function with its arguments bound, under the caller's rules and, over them, its own.
  mutating func inline(_ function: Function, _ arguments: [Lowered], sizes: [SizeSymbol: Size]) throws -> Lowered {
    let inner = Scope(parent: nil, sizes: sizes)
    for (parameter, argument) in zip(function.parameters, arguments) {
      if let symbol = function.sizeParameters[parameter], let size = sizes[symbol] {
        inner.bind(parameter, .value(builder.size(size)))
      } else {
        inner.bind(parameter, argument)
      }
    }
    var own = rules
    if function.file != program.rootFile { own = own.adding(program.fileRules[function.file] ?? [], scope: inner) }
    let notes = builder.notes
    let first = builder.values.entries.count
    let result = try within(inner, own) { lowerer in
      for requirement in function.requirements { try lowerer.require(requirement) }
      return try lowerer.lower(inner, function.body)
    }
    builder.notes = notes
    if function.isLibrary { libraryValues.append(first..<builder.values.entries.count) }
    guard let rule = rules[.function(function.id)] else { return result }
    return .value(try ruled(result.value, rule, arguments: arguments, sizes: sizes))
  }

  // MARK: Rules

  /// `value` under a declared rule, whose parameters are the call's arguments.
  mutating func ruled(
    _ value: Value, _ rule: RulesInForce.Rule, arguments: [Lowered], sizes: [SizeSymbol: Size] = [:]
  ) throws -> Value {
    let declaration = rule.declaration
    let depth = ruleDepth[declaration.target, default: 0]
    // A rule may use what it is the rule of, and so be needed again for the next derivative, without an end.
    guard depth < Self.highestDerivative else { return underivable(value, declaration, arguments) }
    ruleDepth[declaration.target] = depth + 1
    defer { ruleDepth[declaration.target] = depth }
    // The parameters' types speak of the callee's sizes.
    let inner = Scope(parent: rule.scope, sizes: rule.scope.sizes.merging(sizes) { $1 })
    for (position, variable) in declaration.parameters { inner.bind(variable, arguments[position]) }
    var clauses: [Rule] = []
    for (parameter, clause) in zip(declaration.parameters, declaration.clauses) {
      let target = arguments[parameter.position].value
      clauses.append(
        try within(inner, rule.rules) { try $0.lower(clause, target: target, value: value, ruledValue: declaration.ruledValue) })
    }
    return builder.emit(.ruled(value, clauses))[0]
  }

  /// `value`, whose derivatives are NaN.
  private mutating func underivable(_ value: Value, _ declaration: RuleDeclaration, _ arguments: [Lowered]) -> Value {
    let clauses = zip(declaration.parameters, declaration.clauses).map { parameter, _ -> Rule in
      let result = builder.fresh(builder.values[value])
      let block = builder.block(parameters: [result]) { [$0.real(.nan)] }
      return Rule(target: arguments[parameter.position].value, kind: .slope, block: block)
    }
    return builder.emit(.ruled(value, clauses))[0]
  }

  mutating func lower(_ inject: InjectExpression) throws -> Value {
    let value = try self.value(inject.value)
    var clauses: [Rule] = []
    for (variable, clause) in inject.clauses {
      let target = try self.value(TypedExpression(kind: .variable(variable), type: program[variable].type, range: inject.value.range))
      clauses.append(try lower(clause, target: target, value: value, ruledValue: inject.ruledValue))
    }
    return builder.emit(.ruled(value, clauses))[0]
  }

  private mutating func lower(_ clause: RuleClause, target: Value, value: Value, ruledValue: VariableID) throws -> Rule {
    let result = builder.fresh(builder.values[value], name: builder.values.name(of: value))
    let inner = newScope()
    inner.bind(ruledValue, .value(result))
    switch clause {
    case .slope(let slope):
      let block = try block(parameters: [result]) { lowerer in try lowerer.within(inner, lowerer.rules) { [try $0.value(slope)] } }
      return Rule(target: target, kind: .slope, block: block)
    case .cotangent(let g, let cotangent):
      let incoming = builder.fresh(builder.values[value], name: program[g].name)
      inner.bind(g, .value(incoming))
      let block = try block(parameters: [incoming, result]) { lowerer in
        try lowerer.within(inner, lowerer.rules) { [try $0.value(cotangent)] }
      }
      return Rule(target: target, kind: .cotangent, block: block)
    }
  }
}
