// Instances of cells: what `let first = Recurrent(…)` makes.

/// What is known of an instance besides what code generation needs.
struct InstanceRecord {
  var members: [String: VariableID]
  var subinstances: [String: Entity]
  var outputs: [Type.Field]
  /// The states that a step advances, those of instances inside it included.
  var states: [VariableID]
  var range: SourceRange
}

extension Checker {
  /// `let first = Recurrent(…)`, `let stack = [layer in 4: Recurrent(…)]`; false where it is an ordinary `let`.
  mutating func checkInstantiation(_ declaration: LetDeclaration, _ statement: Statement, into typed: inout [TypedStatement]) -> Bool {
    guard case .name(let name) = declaration.pattern else { return false }
    func cell(_ tree: Expression) -> (index: Int, arguments: [Argument])? {
      guard case .call(let callee, let arguments) = tree.kind, case .name(let text) = callee.kind, case .cell(let index)? = lookUp(text)
      else { return nil }
      return (index, arguments)
    }
    if let (index, arguments) = cell(declaration.value) {
      guard mayInstantiate(name, at: declaration.value.range) else { return true }
      let id = instantiate(index, arguments, path: context.path + name.text, at: declaration.value.range)
      declare(name.text, id.map { .instance($0) } ?? .failed, at: name.range)
      return true
    }
    guard case .build(let comprehension) = declaration.value.kind, let (index, arguments) = cell(comprehension.body) else { return false }
    guard mayInstantiate(name, at: declaration.value.range) else { return true }
    guard comprehension.axes.count == 1, comprehension.condition == nil else {
      report(.instancesAxes(at: declaration.value.range))
      declare(name.text, .failed, at: name.range)
      return true
    }
    let axis = comprehension.axes[0]
    guard let size = count(axis.size) else {
      declare(name.text, .failed, at: name.range)
      return true
    }
    guard let number = size.constant ?? (isGeneric ? 1 : nil), number <= 256 else {
      report(.instancesCount(size: size, at: axis.size.range))
      declare(name.text, .failed, at: name.range)
      return true
    }
    var ids: [InstanceID] = []
    for place in 0..<number {
      let id = inFrame { checker in
        checker.declare(axis.name.text, .size(Size(place)), at: axis.name.range)
        return checker.instantiate(index, arguments, path: "\(checker.context.path)\(name.text)[\(place)]", at: comprehension.body.range)
      }
      guard let id else {
        declare(name.text, .failed, at: name.range)
        return true
      }
      ids.append(id)
    }
    declare(name.text, .instances(ids), at: name.range)
    return true
  }

  private mutating func mayInstantiate(_ name: Name, at range: SourceRange) -> Bool {
    switch context.owner {
    case .model where context.loops.isEmpty && context.blockLevel == 0: return true
    case .cell where context.loops.count == 1 && context.blockLevel == 0: return true
    default:
      report(.instancePlace(at: range))
      declare(name.text, .failed, at: name.range)
      return false
    }
  }

  /// An instance of a cell with the sizes, functions and settings that it is given; nil after an error.
  mutating func instantiate(_ index: Int, _ arguments: [Argument], path: String, isOptimizer: Bool = false, at range: SourceRange)
    -> InstanceID?
  {
    let entry = cellEntries[index]
    let name = entry.declaration.name.text
    if case .inProgress = entry.state {
      report(.cellInsideItself(name: name, at: range))
      return nil
    }
    checkCell(index)
    guard case .checked = cellEntries[index].state else {
      for argument in arguments { _ = silently { $0.check(argument.value) } }
      return nil
    }
    let items = entry.declaration.body.statements.sizeItems
    guard let given = givenArguments(arguments, entry, isOptimizer, at: range), let sizes = givenSizes(given, items) else { return nil }

    let before = diagnostics.count
    let outer = context
    context = Context(file: entry.file, owner: .cell(name: name))
    context.path = path + "."
    context.frames.append(Frame())
    let functions = declareItems(items, sizes, given, outer, name)
    let settings = entry.declaration.body.statements.settingItems.map(\.name.text)
    let outerGiven = (givenSettings, givenSettingVariables, bindsAllSettings, isInstance)
    givenSettings = given.filter { settings.contains($0.key) }.mapValues { ($0, outer) }
    (givenSettingVariables, bindsAllSettings, isInstance) = ([], isOptimizer, true)
    let statements = cellBody(entry.declaration)
    (givenSettings, givenSettingVariables, bindsAllSettings, isInstance) = outerGiven
    let inner = context
    context = outer

    // Its cell was right for all sizes: what is wrong now comes from the sizes of this instance.
    let new = diagnostics[before...]
    diagnostics.removeLast(new.count)
    if let first = new.first(where: { $0.severity == .error }) {
      report(.instanceFails(cell: name, first: first, at: range))
      return nil
    }
    guard let functions else { return nil }
    return register(name, path, statements, functions, inner, isOptimizer, at: range)
  }

  /// The arguments by the names of what they are for.
  private mutating func givenArguments(
    _ arguments: [Argument], _ entry: CellEntry, _ isOptimizer: Bool, at range: SourceRange
  ) -> [String: Argument]? {
    let statements = entry.declaration.body.statements
    let parameters =
      statements.sizeItems.map { ParameterShape(name: $0.name.text, type: .integer, hasDefault: $0.value != nil) }
      + statements.settingItems.map { ParameterShape(name: $0.name.text, type: .real, hasDefault: $0.hasValue || !isOptimizer) }
    guard let matched = match(arguments, to: parameters, of: entry.declaration.name.text, at: range) else { return nil }
    var given: [String: Argument] = [:]
    for (parameter, argument) in zip(parameters, matched) { given[parameter.name] = argument }
    return given
  }

  /// The sizes that an instance is given, in the terms of the place of use.
  private mutating func givenSizes(_ given: [String: Argument], _ items: [SizeDeclaration]) -> [String: Size]? {
    var sizes: [String: Size] = [:]
    for item in items where item.functionType == nil {
      guard let argument = given[item.name.text] else { continue }
      guard let size = count(argument.value) else { return nil }
      sizes[item.name.text] = size
    }
    return sizes
  }

  /// Makes a cell's sizes and functions known inside it; functions are looked at where the instance stands, with types of the cell's
  /// own. Nil after an error.
  private mutating func declareItems(
    _ items: [SizeDeclaration], _ sizes: [String: Size], _ given: [String: Argument], _ outer: Context, _ cell: String
  ) -> [(variable: VariableID, value: FunctionValue)]? {
    var functions: [(variable: VariableID, value: FunctionValue)] = []
    var failed = false
    for item in items {
      if let tree = item.functionType {
        let type = type(tree)
        let id = declareVariable(item.name, type, .function)
        guard let argument = given[item.name.text] else { continue }
        var solver = SizeSolver(unknowns: [])
        let value = within(outer) { $0.functionArgument(argument.value, as: type, 0, &solver, of: cell, item.name.text) }.result
        if case .function(let function)? = value?.kind { functions.append((id, function)) } else { failed = true }
      } else if let size = sizes[item.name.text] {
        declare(item.name.text, .size(size), at: item.name.range)
      } else if let tree = item.value {
        declare(item.name.text, count(tree).map { .size($0) } ?? .failed, at: item.name.range)
      }
    }
    return failed ? nil : functions
  }

  /// Adds an instance, and what its cell declared to the model around.
  private mutating func register(
    _ cell: String, _ path: String, _ statements: [TypedStatement], _ functions: [(variable: VariableID, value: FunctionValue)],
    _ inner: Context, _ isOptimizer: Bool, at range: SourceRange
  ) -> InstanceID {
    let id = InstanceID(instances.count)
    let parts = inner.parts
    var subinstances: [String: Entity] = [:]
    for (name, entity) in inner.frames[inner.frames.count - 1].names {
      switch entity {
      case .instance, .instances: subinstances[name] = entity
      default: break
      }
    }
    var members: [String: VariableID] = [:]
    for parameter in parts.parameters { members[String(parameter.path.dropFirst(path.count + 1))] = parameter.variable }
    for setting in parts.settings { members[String(setting.path.dropFirst(path.count + 1))] = setting.variable }
    let nested = parts.instanceStates.compactMap { statement -> VariableID? in
      if case .state(let id, _) = statement.kind { return id }
      return nil
    }
    instances.append(
      Instance(
        id: id, cell: cell, path: path, inputs: parts.inputs, statements: statements, states: parts.states,
        outputs: parts.outputs.map { ($0.name, $0.value) }, functions: functions))
    instanceRecords[id] = InstanceRecord(
      members: members, subinstances: subinstances, outputs: parts.outputs.map { Type.Field(label: $0.name, type: $0.value.type) },
      states: parts.states + nested, range: range)
    // Its states are declared where the instance is, outside of all loops.
    for state in parts.states { stateInfo[state] = StateInfo(loopDepth: 0, blockLevel: 0) }
    context.requirements += inner.requirements.filter { new in !context.requirements.contains { $0.size == new.size } }
    context.rules += inner.rules
    context.fileSizes.formUnion(inner.fileSizes)
    if !isOptimizer {
      context.parts.parameters += parts.parameters
      context.parts.settings += parts.settings
      context.parts.instanceStates += statements.filter { if case .state = $0.kind { true } else { false } } + parts.instanceStates
    }
    return id
  }

  /// The settings of an instance: given ones are bound to what was given, the rest are settings of the model (of an optimiser: bound to
  /// their own values).
  mutating func bindGivenSettings(
    _ names: [Name], _ typeTree: TypeTree, _ value: Expression?, _ statement: Statement, into typed: inout [TypedStatement]
  ) {
    let type = type(typeTree)
    for name in names {
      var start: TypedExpression?
      var isGiven = false
      if let (argument, outer) = givenSettings[name.text] {
        isGiven = true
        start = within(outer) { $0.settingValue(argument.value, type, name.text, typeTree.range) }.result
      } else if let value {
        start = settingValue(value, type, name.text, typeTree.range)
      }
      guard let start, !start.type.containsError else {
        if value == nil, givenSettings[name.text] == nil { report(.settingWithoutValue(name: name.text, at: name.range)) }
        declare(name.text, .failed, at: name.range)
        continue
      }
      if isGiven || bindsAllSettings {
        let id = declareVariable(name, type, .binding, documentation: statement.documentation)
        used.insert(id)
        note(Reads(start), of: id)
        givenSettingVariables.insert(id)
        typed.append(TypedStatement(kind: .binding(.variable(id), start), range: statement.range))
      } else {
        let id = declareVariable(name, type, .setting, documentation: statement.documentation)
        context.parts.settings.append(Setting(variable: id, path: context.path + name.text, value: start))
      }
    }
  }
}
