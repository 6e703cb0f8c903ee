// Functions are checked once, when they are first called or at the end; what calls them may be sure of their sizes.

/// A declared function on its way to a `Function`.
struct FunctionEntry {
  enum State {
    case unchecked, inProgress
    case checked(FunctionID)
    /// Part of a cycle that was reported.
    case failed
  }
  var declaration: FunctionDeclaration
  var file: FileID
  var documentation: [String]
  var range: SourceRange
  var state = State.unchecked
}

/// A `let` of a file.
struct ConstantEntry {
  enum State { case unchecked, inProgress, checked([String: VariableID]), failed }
  var declaration: LetDeclaration
  var file: FileID
  var documentation: [String]
  var state = State.unchecked
}

extension Checker {
  /// The function, checked; nil where it calls itself.
  mutating func checkedFunction(_ index: Int, calledAt range: SourceRange?) -> FunctionID? {
    switch functionEntries[index].state {
    case .checked(let id): return id
    case .failed: return nil
    case .inProgress:
      let cycle = callStack.drop { $0 != index }.map { functionEntries[$0].declaration.name }
      report(.recursion(names: cycle, at: range ?? functionEntries[index].declaration.name.range))
      return nil
    case .unchecked: break
    }
    functionEntries[index].state = .inProgress
    callStack.append(index)
    // An `Int` parameter that turns out to serve as a size makes the check start again, with that known.
    var promoted: Set<Int> = []
    while true {
      let before = self
      let (function, promotions) = elaborate(index, promoted: promoted)
      if promotions.isSubset(of: promoted) {
        functions.append(function)
        functionEntries[index].state = .checked(function.id)
        callStack.removeLast()
        return function.id
      }
      promoted.formUnion(promotions)
      self = before
    }
  }

  private mutating func elaborate(_ index: Int, promoted: Set<Int>) -> (Function, promotions: Set<Int>) {
    let entry = functionEntries[index]
    let declaration = entry.declaration
    let outerSymbols = boundSymbols
    boundSymbols = []
    defer { boundSymbols = outerSymbols }
    var inner = Context(file: entry.file, owner: .function(name: declaration.name.text))
    inner.facts = []
    let (function, context) = within(inner) { checker -> Function in
      let parameters = checker.declareParameters(declaration.parameters, promoted: promoted)
      let result = checker.type(declaration.result)
      if case .function = result { checker.report(.functionResult(at: declaration.result.range)) }
      let destination = Destination(
        description: "the result of `\(declaration.name.text)`", declared: declaration.result.range, spread: .literals)
      let body = checker.inFrame {
        $0.blockWithValue(declaration.body, expecting: result.containsError ? nil : result, into: destination, allowsReturn: true)
      }
      return Function(
        id: FunctionID(0), name: declaration.name.text, documentation: entry.documentation, range: entry.range,
        isLibrary: checker.isLibrary, file: entry.file,
        sizes: checker.boundSymbols + parameters.compactMap { checker.context.sizeParameters[$0] },
        sizeParameters: checker.context.sizeParameters, parameters: parameters,
        defaults: checker.defaults(of: declaration, parameters, in: entry.file), result: result, body: body,
        requirements: checker.context.requirements)
    }
    let id = FunctionID(functions.count)
    rulesInFunctions[id] = context.rules
    let final = Function(
      id: id, name: function.name, documentation: function.documentation, range: function.range, isLibrary: function.isLibrary,
      file: function.file, sizes: function.sizes, sizeParameters: function.sizeParameters, parameters: function.parameters,
      defaults: function.defaults, result: function.result, body: function.body, requirements: function.requirements)
    return (final, context.promotions)
  }

  /// `Int` parameters first, so that types may name them as sizes; then the types in order, which bind the names that mean nothing yet.
  private mutating func declareParameters(_ declarations: [ParameterDeclaration], promoted: Set<Int>) -> [VariableID] {
    var ids: [Int: VariableID] = [:]
    for (place, parameter) in declarations.enumerated() {
      guard case .array(let element, nil, let shape) = parameter.type.kind, element.text == "Int", shape.isEmpty else { continue }
      let id = declareVariable(parameter.name, .integer, .parameter)
      ids[place] = id
      context.integerParameters[id] = place
      if promoted.contains(place) { context.sizeParameters[id] = newSymbol(parameter.name.text) }
    }
    // Names of values must not be taken for sizes by the types before them.
    let typed = declarations.enumerated().map { place, parameter in ids[place] == nil ? type(parameter.type, binding: true) : Type.integer }
    for (place, parameter) in declarations.enumerated() where ids[place] == nil {
      var role = Variable.Role.parameter
      if case .function = typed[place] { role = .function }
      ids[place] = declareVariable(parameter.name, typed[place], role)
      if case .array(.index(let bound), let shape) = typed[place], shape.isEmpty { context.facts.append(bound - Size(1)) }
    }
    return declarations.indices.compactMap { ids[$0] }
  }

  /// The defaults of parameters that are numbers whatever the sizes.
  private mutating func defaults(
    of declaration: FunctionDeclaration, _ parameters: [VariableID], in file: FileID
  ) -> [VariableID: TypedExpression] {
    var defaults: [VariableID: TypedExpression] = [:]
    for (tree, parameter) in zip(declaration.parameters, parameters) {
      let type = variables[parameter.index].type
      guard let value = tree.defaultValue, case .array(let element, let shape) = type, shape.isEmpty else { continue }
      if case .index(let bound) = element, bound.constant == nil { continue }
      defaults[parameter] =
        within(Context(file: file, owner: .function(name: declaration.name.text))) { checker in
          checker.check(value, as: type, Destination(description: "the default of `\(tree.name.text)`", spread: .always))
        }.result
    }
    return defaults
  }

  /// The variable that a name of a file-level `let` stands for; nil after an error.
  mutating func constant(_ index: Int, named name: String) -> VariableID? {
    switch constantEntries[index].state {
    case .checked(let names): return names[name]
    case .failed: return nil
    case .inProgress:
      report(.constantCycle(name: name, at: constantEntries[index].declaration.value.range))
      constantEntries[index].state = .failed
      return nil
    case .unchecked: break
    }
    constantEntries[index].state = .inProgress
    let entry = constantEntries[index]
    let names = within(Context(file: entry.file, owner: .file)) { checker -> [String: VariableID]? in
      guard let (value, literal) = checker.letValue(entry.declaration) else { return nil }
      var names: [String: VariableID] = [:]
      checker.bindConstant(entry.declaration.pattern, value, literal, entry.documentation, &names)
      return names
    }.result
    if case .failed = constantEntries[index].state { return nil }
    constantEntries[index].state = names.map { .checked($0) } ?? .failed
    return names?[name]
  }

  private mutating func bindConstant(
    _ pattern: Pattern, _ value: TypedExpression, _ literal: Size?, _ documentation: [String], _ names: inout [String: VariableID]
  ) {
    switch pattern {
    case .name(let name):
      if name.text == "_" { return }
      let id = newVariable(name.text, value.type, .constant, name.range, documentation: documentation)
      names[name.text] = id
      constants[id] = value
      if let literal { integerValues[id] = literal }
    case .tuple(let items, let range):
      guard case .tuple(let fields) = value.type, fields.count == items.count else {
        report(.patternMismatch(count: items.count, type: value.type, at: range))
        return
      }
      for (place, item) in items.enumerated() {
        let part: TypedExpression
        if case .tuple(let parts) = value.kind {
          part = parts[place]
        } else {
          part = TypedExpression(kind: .element(value, place), type: fields[place].type, range: value.range)
        }
        bindConstant(item.pattern, part, nil, [], &names)
      }
    }
  }
}
