// Functions given as arguments: a name, or `y -> e`.

extension Checker {
  /// `tree` as a function of type `formal`, whose sizes the solver may not know yet; nil after an error.
  mutating func functionArgument(
    _ tree: Expression, as formal: Type, _ place: Int, _ solver: inout SizeSolver, of function: String, _ parameter: String
  ) -> TypedExpression? {
    guard case .function(let parameterTypes, let resultType) = formal else { return nil }
    let types = parameterTypes.map { $0.substituting(solver.bindings) }
    for type in types where !isKnown(type, solver) {
      report(.functionSizesUnknown(parameter: parameter, function: function, type: type, at: tree.range))
      return nil
    }
    switch tree.kind {
    case .error: return nil
    case .function(let names, let body):
      guard names.count == types.count else {
        report(.literalParameters(found: names.count, expected: formal.substituting(solver.bindings), at: tree.range))
        return nil
      }
      return functionLiteral(names, body, types, resultType, place, &solver, parameter, at: tree.range)
    case .name(let name):
      if let value = namedFunction(name, types, resultType, place, &solver, at: tree.range) { return value }
      guard isCallable(name) else {
        if lookUp(name) == nil, Builtin(rawValue: name) == nil {
          report(.unknownFunction(name: name, nearest: nearestName(to: name), at: tree.range))
        } else if case .failed? = lookUp(name) {
          return nil
        } else {
          report(.notAFunctionArgument(name: name, expected: formal.substituting(solver.bindings), at: tree.range))
        }
        return nil
      }
      if let counts = parameterCounts(name), !counts.contains(types.count) {
        report(
          .functionArgumentCount(
            name: name, takes: counts.upperBound, parameter: parameter, function: function, expected: formal.substituting(solver.bindings),
            at: tree.range))
        return nil
      }
      // The function does not have this very type: a literal calls it, with defaults and element by element as any call.
      let names = types.indices.map { Name("argument \($0 + 1) of \(name)", tree.range) }
      let call = Expression.Kind.call(tree, names.map { Argument(label: nil, value: Expression(kind: .name($0.text), range: tree.range)) })
      return functionLiteral(names, Expression(kind: call, range: tree.range), types, resultType, place, &solver, parameter, at: tree.range)
    default:
      report(.notAFunctionArgument(name: text(tree.range), expected: formal.substituting(solver.bindings), at: tree.range))
      return nil
    }
  }

  private func isKnown(_ type: Type, _ solver: SizeSolver) -> Bool {
    switch type {
    case .array(let scalar, let shape):
      if case .index(let bound) = scalar, !solver.isKnown(bound) { return false }
      return shape.allSatisfy { solver.isKnown($0) }
    case .tuple(let fields): return fields.allSatisfy { isKnown($0.type, solver) }
    case .function(let parameters, let result): return (parameters + [result]).allSatisfy { isKnown($0, solver) }
    case .error: return true
    }
  }

  private mutating func isCallable(_ name: String) -> Bool {
    switch lookUp(name) {
    case .function?, .primitive?: true
    case .variable(let id)?: if case .function = variables[id.index].type { true } else { false }
    case nil: Builtin(rawValue: name) != nil
    default: false
    }
  }

  /// How many arguments a named function takes; nil where that is open.
  private mutating func parameterCounts(_ name: String) -> ClosedRange<Int>? {
    switch lookUp(name) {
    case .function(let index)?:
      let parameters = functionEntries[index].declaration.parameters
      return parameters.filter { $0.defaultValue == nil }.count...parameters.count
    case .primitive(let primitive)?:
      let count = primitive.signature.operands.count
      return (primitive == .step ? 1 : count)...count
    case .variable(let id)?:
      if case .function(let parameters, _) = variables[id.index].type { return parameters.count...parameters.count }
      return nil
    default: return nil
    }
  }

  private mutating func functionLiteral(
    _ names: [Name], _ body: Expression, _ types: [Type], _ resultType: Type, _ place: Int, _ solver: inout SizeSolver, _ parameter: String,
    at range: SourceRange
  ) -> TypedExpression? {
    var solving = solver
    let value: TypedExpression? = inFrame { checker in
      let ids = zip(names, types).map { checker.declareVariable($0, $1, .parameter) }
      let known = resultType.substituting(solving.bindings)
      let isResultKnown = checker.isKnown(known, solving)
      let block = checker.bodyBlock(body, expecting: isResultKnown ? known : nil)
      var result = block.value
      if result.type.containsError { return nil }
      if !isResultKnown {
        guard solving.equate(known, result.type, argument: place) else {
          checker.report(
            .typeMismatch(
              found: result.type, expected: known, destination: Destination(description: "the result of `\(parameter)`"), at: result.range))
          return nil
        }
        if case .mismatch? = solving.solve() {
          checker.report(
            .typeMismatch(
              found: result.type, expected: known, destination: Destination(description: "the result of `\(parameter)`"), at: result.range))
          return nil
        }
      }
      let type = resultType.substituting(solving.bindings)
      result = checker.convert(result, to: type, Destination(description: "the result of `\(parameter)`"))
      if result.type.containsError { return nil }
      if !block.statements.isEmpty {
        result = TypedExpression(
          kind: .block(TypedBlock(statements: block.statements, value: result)), type: result.type, range: result.range)
      }
      return TypedExpression(
        kind: .function(.literal(parameters: ids, body: result)), type: .function(parameters: types, result: type), range: range)
    }
    solver = solving
    return value
  }

  /// A function that has exactly the type that is wanted; nil where it has not.
  private mutating func namedFunction(
    _ name: String, _ types: [Type], _ resultType: Type, _ place: Int, _ solver: inout SizeSolver, at range: SourceRange
  ) -> TypedExpression? {
    func made(_ value: FunctionValue, _ result: Type) -> TypedExpression {
      TypedExpression(kind: .function(value), type: .function(parameters: types, result: result), range: range)
    }
    switch lookUp(name) {
    case .function(let index)?:
      guard let id = checkedFunction(index, calledAt: range) else { return nil }
      let function = functions[id.index]
      guard function.parameters.count == types.count, function.sizeParameters.isEmpty else { return nil }
      var own = SizeSolver(unknowns: function.sizes)
      let formals = function.parameters.map { variables[$0.index].type }
      for (formal, type) in zip(formals, types) where !own.equate(formal, type, argument: 0) { return nil }
      if own.solve() != nil || own.finish() != nil { return nil }
      for (formal, type) in zip(formals, types) where formal.substituting(own.bindings) != type { return nil }
      let result = function.result.substituting(own.bindings)
      var outer = solver
      let wanted = resultType.substituting(solver.bindings)
      guard outer.equate(wanted, result, argument: place), outer.solve() == nil, resultType.substituting(outer.bindings) == result else {
        return nil
      }
      solver = outer
      satisfy(function.requirements, own.bindings, of: function.name, at: range)
      return made(.named(.function(id), sizes: own.bindings), result)
    case .primitive(let primitive)?:
      let signature = primitive.signature
      guard signature.operands.count == types.count, types.allSatisfy({ $0 == .real }), resultType == .real,
        signature.operands.allSatisfy({ $0 != .boolean && $0 != .integer }), signature.result != .boolean
      else { return nil }
      return made(.named(.primitive(primitive), sizes: [:]), .real)
    case .variable(let id)?:
      guard case .function(let parameters, let result) = variables[id.index].type, parameters == types else { return nil }
      used.insert(id)
      var outer = solver
      guard outer.equate(resultType.substituting(solver.bindings), result, argument: place), outer.solve() == nil,
        resultType.substituting(outer.bindings) == result
      else { return nil }
      solver = outer
      return made(.named(.variable(id), sizes: [:]), result)
    default: return nil
    }
  }
}
