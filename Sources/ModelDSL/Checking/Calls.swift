// Calls: of functions with their sizes solved, of functions of numbers over arrays, of function parameters.

extension Checker {
  mutating func checkCall(_ callee: Expression, _ arguments: [Argument], at range: SourceRange, expecting: Type?) -> TypedExpression {
    switch callee.kind {
    case .name(let name):
      guard let entity = lookUp(name) else { return checkBuiltinCall(name, callee.range, arguments, at: range) }
      switch entity {
      case .function(let index):
        if let integers = integerClamp(index, arguments, at: range) { return integers }
        return callFunction(index, arguments, at: range)
      case .primitive(let primitive): return callPrimitive(primitive, name: name, arguments, at: range)
      case .variable(let id):
        if case .function(let parameters, let result) = variables[id.index].type {
          used.insert(id)
          return callVariable(id, parameters, result, arguments, at: range)
        }
        if variables[id.index].type == .error { return ignoring(arguments, at: range) }
        report(.notAFunction(name: name, type: variables[id.index].type, at: callee.range))
        return ignoring(arguments, at: range)
      case .instance(let id): return advance(id, arguments, at: range)
      case .failed: return ignoring(arguments, at: range)
      case .cell:
        report(.cellWithoutLet(name: name, at: range))
        return ignoring(arguments, at: range)
      case .size, .constant, .model, .instances:
        report(.notCallable(name: name, kind: entity.kindName, at: callee.range))
        return ignoring(arguments, at: range)
      }
    case .prime(let name): return checkPrime(name, arguments, at: range)
    case .subscripted(let base, let subscripts):
      if case .name(let name) = base.kind, case .instances(let ids)? = lookUp(name) {
        guard let id = instance(of: ids, named: name, subscripts, at: callee.range) else { return ignoring(arguments, at: range) }
        return advance(id, arguments, at: range)
      }
      if case .name(let name) = base.kind, case .failed? = lookUp(name) { return ignoring(arguments, at: range) }
      report(.callOfExpression(at: callee.range))
      return ignoring(arguments, at: range)
    case .member:
      if let id = subinstance(callee) { return advance(id, arguments, at: range) }
      report(.callOfExpression(at: callee.range))
      return ignoring(arguments, at: range)
    case .error: return ignoring(arguments, at: range)
    case .call(let inner, _):
      if case .name(let name) = inner.kind, case .cell? = lookUp(name) {
        report(.cellWithoutLet(name: name, at: callee.range))
        return ignoring(arguments, at: range)
      }
      report(.callOfExpression(at: callee.range))
      return ignoring(arguments, at: range)
    default:
      report(.callOfExpression(at: callee.range))
      return ignoring(arguments, at: range)
    }
  }

  /// Looks at the arguments of a call that is wrong already: their own mistakes are told, and what they read is used.
  mutating func ignoring(_ arguments: [Argument], at range: SourceRange) -> TypedExpression {
    for argument in arguments {
      if case .function = argument.value.kind { continue }
      if case .name(let name) = argument.value.kind {
        if case .variable(let id)? = lookUp(name) { used.insert(id) }
        continue
      }
      _ = check(argument.value)
    }
    return errorExpression(range)
  }

  mutating func callFunction(_ index: Int, _ arguments: [Argument], at range: SourceRange) -> TypedExpression {
    let declaration = functionEntries[index].declaration
    guard let id = checkedFunction(index, calledAt: range) else { return ignoring(arguments, at: range) }
    let function = functions[id.index]
    let parameters = zip(function.parameters, declaration.parameters).map { variable, tree in
      ParameterShape(
        name: tree.name.text, type: variables[variable.index].type, hasDefault: tree.defaultValue != nil,
        sizeSymbol: function.sizeParameters[variable])
    }
    if parameters.contains(where: { $0.type.containsError }) || function.result.containsError { return ignoring(arguments, at: range) }
    guard let matched = match(arguments, to: parameters, of: function.name, at: range) else { return ignoring(arguments, at: range) }

    // Values first; functions wait until the sizes in their types are known.
    var values: [TypedExpression?] = parameters.map { _ in nil }
    var failed = false
    for (place, argument) in matched.enumerated() {
      guard let argument else { continue }
      if case .function = parameters[place].type { continue }
      let value = check(argument.value)
      if value.type.containsError { failed = true }
      values[place] = value
    }
    if failed {
      for (place, argument) in matched.enumerated() where values[place] == nil {
        if let argument { _ = ignoring([argument], at: range) }
      }
      return errorExpression(range)
    }

    guard let mapped = mappedShape(parameters, values, result: function.result, name: function.name, at: range) else {
      return errorExpression(range)
    }
    var solver = SizeSolver(unknowns: function.sizes)
    for (place, parameter) in parameters.enumerated() {
      guard let value = values[place] else {
        if let symbol = parameter.sizeSymbol, let tree = declaration.parameters[place].defaultValue,
          let size = constantSize(tree, in: functionEntries[index].file)
        {
          solver.add(Size(symbol), size, argument: place)
        }
        continue
      }
      if let symbol = parameter.sizeSymbol {
        guard let size = knownSize(value) else {
          report(
            .sizeArgument(
              name: parameter.name, function: function.name, text: text(value.range), type: value.type, at: value.range))
          return errorExpression(range)
        }
        solver.add(Size(symbol), size, argument: place)
      } else if mapped.isEmpty, !equateShapes(parameter, value, place, &solver, function.name) {
        return errorExpression(range)
      }
    }
    if let failure = solver.solve() { return reportSizes(failure, parameters, values, function, index, solver, at: range) }
    // What only the bound of an `Index` says.
    for (place, parameter) in parameters.enumerated() {
      if case .array(.index(let formal), _) = parameter.type, !solver.isKnown(formal),
        case .array(.index(let actual), _)? = values[place]?.type
      {
        solver.add(formal, actual, argument: place)
      }
    }
    if let failure = solver.solve() { return reportSizes(failure, parameters, values, function, index, solver, at: range) }

    for (place, parameter) in parameters.enumerated() {
      guard case .function = parameter.type, let argument = matched[place] else { continue }
      guard let value = functionArgument(argument.value, as: parameter.type, place, &solver, of: function.name, parameter.name) else {
        return errorExpression(range)
      }
      values[place] = value
      if let failure = solver.solve() { return reportSizes(failure, parameters, values, function, index, solver, at: range) }
    }
    if let failure = solver.finish() { return reportSizes(failure, parameters, values, function, index, solver, at: range) }

    var typed: [TypedExpression] = []
    for (place, parameter) in parameters.enumerated() {
      let type = parameter.type.substituting(solver.bindings)
      guard let value = values[place] else {
        typed.append(
          function.defaults[function.parameters[place]] ?? defaultValue(index, place, type, solver.bindings, at: range))
        continue
      }
      if case .function = type {
        typed.append(value)
        continue
      }
      let destination = Destination(
        description: "`\(parameter.name)` of `\(function.name)`", declared: declaration.parameters[place].name.range)
      typed.append(convert(value, to: mapped.isEmpty ? type : type.withShape(value.type.shape ?? []), destination))
    }
    if typed.contains(where: { $0.type.containsError }) { return errorExpression(range) }
    satisfy(function.requirements, solver.bindings, of: function.name, at: range)
    let result = function.result.substituting(solver.bindings).stacked(mapped)
    return TypedExpression(
      kind: .call(.function(id), arguments: typed, sizes: solver.bindings, mapped: mapped), type: result, range: range)
  }

  /// The shape over which a function of numbers is applied element by element, empty where the call is an ordinary one; nil after an error.
  mutating func mappedShape(
    _ parameters: [ParameterShape], _ values: [TypedExpression?], result: Type, name: String, at range: SourceRange
  ) -> [Size]? {
    let isOfNumbers =
      parameters.allSatisfy { parameter in
        if case .function = parameter.type { return true }
        return parameter.type.isNumber
      } && result.isNumberOrNumbers
    guard isOfNumbers else { return [] }
    var shaped: TypedExpression?
    for (parameter, value) in zip(parameters, values) {
      guard let value, parameter.sizeSymbol == nil, let shape = value.type.shape, !shape.isEmpty else { continue }
      if let first = shaped, first.type.shape != shape {
        report(.mappedShapesDiffer(function: name, a: first, b: value, at: range))
        return nil
      }
      shaped = value
    }
    return shaped?.type.shape ?? []
  }

  private mutating func equateShapes(
    _ parameter: ParameterShape, _ value: TypedExpression, _ place: Int, _ solver: inout SizeSolver, _ function: String
  ) -> Bool {
    switch (parameter.type, value.type) {
    case (.array(_, let formal), .array(_, let actual)):
      if solver.equate(formal, actual, argument: place) { return true }
    case (.tuple, .tuple):
      if solver.equate(parameter.type, value.type, argument: place) { return true }
    default: break
    }
    report(
      .typeMismatch(
        found: value.type, expected: parameter.type, destination: Destination(description: "`\(parameter.name)` of `\(function)`"),
        at: value.range))
    return false
  }

  private mutating func reportSizes(
    _ failure: SizeSolver.Failure, _ parameters: [ParameterShape], _ values: [TypedExpression?], _ function: Function, _ index: Int,
    _ solver: SizeSolver, at range: SourceRange
  ) -> TypedExpression {
    switch failure {
    case .mismatch(let equation):
      let parameter = parameters[equation.argument]
      let place = values[equation.argument]?.range ?? range
      // Symbols of this function that other arguments fix explain why the shape does not fit.
      let known = equation.formal.symbols.compactMap { symbol in solver.bindings[symbol].map { "`\(symbol.name)` is \($0) here" } }
      report(
        .argumentShape(
          name: parameter.name, function: function.name, found: values[equation.argument]?.type ?? .error, expected: parameter.type,
          substituted: parameter.type.substituting(solver.bindings), known: known,
          declared: functionEntries[index].declaration.parameters[equation.argument].name.range, at: place))
    case .unsolved(let equation, let symbols):
      report(
        .sizeUnsolved(
          names: symbols.map(\.name), formal: equation.formal.substituting(solver.bindings), actual: equation.actual,
          function: function.name,
          parameter: parameters[equation.argument].name, at: values[equation.argument]?.range ?? range))
    case .unbound(let symbols):
      report(.sizeUnbound(names: symbols.map(\.name), function: function.name, at: range))
    }
    return errorExpression(range)
  }

  /// What a called function asks of sizes, asked of the sizes of this call.
  mutating func satisfy(_ requirements: [SizeRequirement], _ bindings: [SizeSymbol: Size], of name: String, at range: SourceRange) {
    for requirement in requirements {
      let size = requirement.size.substituting(bindings)
      if let constant = size.constant, constant >= 0 { continue }
      // A requirement on part of a size that comes out broken is looked at where the sizes become known.
      if !establish(size, reason: requirement.reason.removingCondition + " in `\(name)`", at: range) {
        report(.requirementBroken(function: name, reason: requirement.reason, place: requirement.range, at: range))
      }
    }
  }

  /// The value of a parameter that the call leaves out, checked in the function's own file.
  private mutating func defaultValue(
    _ index: Int, _ place: Int, _ type: Type, _ bindings: [SizeSymbol: Size], at range: SourceRange
  ) -> TypedExpression {
    let entry = functionEntries[index]
    guard let tree = entry.declaration.parameters[place].defaultValue else { return errorExpression(range) }
    var inner = Context(file: entry.file, owner: .function(name: entry.declaration.name.text))
    for (symbol, size) in bindings { inner.frames[0].names[symbol.name] = .size(size) }
    let name = entry.declaration.parameters[place].name.text
    return within(inner) { checker in
      if case .function = type {
        var solver = SizeSolver(unknowns: [])
        return checker.functionArgument(tree, as: type, place, &solver, of: entry.declaration.name.text, name)
          ?? checker.errorExpression(range)
      }
      return checker.check(tree, as: type, Destination(description: "the default of `\(name)`", spread: .always))
    }.result
  }

  private mutating func constantSize(_ tree: Expression, in file: FileID) -> Size? {
    within(Context(file: file, owner: .file)) { $0.size(tree) }.result
  }

  private mutating func callVariable(
    _ id: VariableID, _ types: [Type], _ result: Type, _ arguments: [Argument], at range: SourceRange
  ) -> TypedExpression {
    let name = variables[id.index].name
    if let label = arguments.lazy.compactMap(\.label).first {
      report(.labelOfFunctionParameter(label: label.text, function: name, at: label.range))
      return ignoring(arguments, at: range)
    }
    guard arguments.count == types.count else {
      report(.argumentCount(function: name, expected: types.count, found: arguments.count, at: range))
      return ignoring(arguments, at: range)
    }
    let values = arguments.map { check($0.value) }
    if values.contains(where: { $0.type.containsError }) { return errorExpression(range) }
    let parameters = types.map { ParameterShape(name: "", type: $0, hasDefault: false) }
    guard let mapped = mappedShape(parameters, values, result: result, name: name, at: range) else { return errorExpression(range) }
    let typed = zip(values, types).map { value, type in
      convert(
        value, to: mapped.isEmpty ? type : type.withShape(value.type.shape ?? []), Destination(description: "an argument of `\(name)`"))
    }
    if typed.contains(where: { $0.type.containsError }) { return errorExpression(range) }
    return TypedExpression(
      kind: .call(.variable(id), arguments: typed, sizes: [:], mapped: mapped), type: result.stacked(mapped), range: range)
  }
}

extension Type {
  /// A number, or a tuple of numbers.
  var isNumberOrNumbers: Bool {
    if case .tuple(let fields) = self { return !fields.isEmpty && fields.allSatisfy { $0.type.isNumberOrNumbers } }
    return isNumber
  }
}

extension String {
  /// A requirement's reason without the condition that it ends with.
  var removingCondition: String {
    let parts = split(separator: " ", omittingEmptySubsequences: false)
    guard let place = parts.lastIndex(of: "needs") else { return self }
    return parts[..<place].joined(separator: " ")
  }
}
