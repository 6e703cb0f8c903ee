// Cells: checked once for all sizes, and elaborated again for each instance.

struct CellEntry {
  enum State { case unchecked, inProgress, checked, failed }
  var declaration: ModelDeclaration
  var file: FileID
  var documentation: [String]
  var state = State.unchecked
}

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
  /// Whether a cell is in check for all sizes.
  var isGeneric: Bool { genericCell != nil }

  /// A cell for all sizes, for its messages.
  mutating func checkCell(_ index: Int) {
    guard case .unchecked = cellEntries[index].state else { return }
    cellEntries[index].state = .inProgress
    let entry = cellEntries[index]
    let errors = errorCount
    let outer = (genericCell, isInstance)
    (genericCell, isInstance) = (index, false)
    let kept = instances.count
    _ = within(Context(file: entry.file, owner: .cell(name: entry.declaration.name.text))) { checker in
      checker.inFrame { checker in
        for item in entry.declaration.body.statements.sizeItems {
          if let type = item.functionType {
            _ = checker.declareVariable(item.name, checker.type(type), .function)
          } else {
            checker.declare(item.name.text, .size(Size(checker.newSymbol(item.name.text))), at: item.name.range)
            if let value = item.value { _ = checker.count(value) }
          }
        }
        _ = checker.cellBody(entry.declaration)
        if !entry.declaration.body.statements.contains(where: { if case .output = $0.kind { true } else { false } }) {
          checker.report(.cellWithoutOutput(name: entry.declaration.name.text, at: entry.declaration.name.range))
        }
      }
    }
    instances.removeLast(instances.count - kept)
    (genericCell, isInstance) = outer
    cellEntries[index].state = errorCount == errors ? .checked : .failed
  }

  /// The statements of a cell, which are one step: in the order of the data.
  private mutating func cellBody(_ declaration: ModelDeclaration) -> [TypedStatement] {
    context.loops.append(LoopFrame(kind: .cell, blockLevel: context.blockLevel))
    var typed: [TypedStatement] = []
    checkBody(declaration.body, into: &typed)
    let frame = context.loops.removeLast()
    resolveNextReads(frame)
    return inDataOrder(typed)
  }

  /// What a state starts at must be known before the first step.
  mutating func checkCellState(_ id: VariableID, _ initial: TypedExpression) {
    context.parts.states.append(id)
    for other in Reads(initial).order {
      switch variables[other.index].role {
      case .learned, .setting, .constant, .axis: continue
      case .binding where givenSettingVariables.contains(other): continue
      default:
        report(.cellStateReads(name: variables[id.index].name, other: variables[other.index].name, at: initial.range))
        return
      }
    }
  }

  /// `let first = Recurrent(…)`, `let stack = [layer in 4: Recurrent(…)]`; false where it is an ordinary `let`.
  mutating func checkInstantiation(_ declaration: LetDeclaration, _ statement: Statement, into typed: inout [TypedStatement]) -> Bool {
    guard case .name(let name) = declaration.pattern else { return false }
    func cell(_ tree: Expression) -> (index: Int, arguments: [Argument])? {
      guard case .call(let callee, let arguments) = tree.kind, case .name(let text) = callee.kind, case .cell(let index)? = lookUp(text) else { return nil }
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
  mutating func instantiate(_ index: Int, _ arguments: [Argument], path: String, isOptimizer: Bool = false, at range: SourceRange) -> InstanceID? {
    let entry = cellEntries[index]
    let name = entry.declaration.name.text
    switch entry.state {
    case .inProgress:
      report(.cellInsideItself(name: name, at: range))
      return nil
    case .unchecked: checkCell(index)
    case .checked, .failed: break
    }
    guard case .checked = cellEntries[index].state else {
      for argument in arguments { _ = silently { $0.check(argument.value) } }
      return nil
    }
    let items = entry.declaration.body.statements.sizeItems
    let settings = entry.declaration.body.statements.settingItems
    let parameters =
      items.map { ParameterShape(name: $0.name.text, type: .integer, hasDefault: $0.value != nil) }
      + settings.map { ParameterShape(name: $0.name.text, type: .real, hasDefault: $0.hasValue || !isOptimizer) }
    guard let matched = match(arguments, to: parameters, of: name, at: range) else { return nil }
    var given: [String: Argument] = [:]
    for (parameter, argument) in zip(parameters, matched) { given[parameter.name] = argument }

    // Sizes in the terms of the place of use, then all else in the cell's own scope.
    var sizes: [String: Size] = [:]
    for item in items where item.functionType == nil {
      guard let argument = given[item.name.text] else { continue }
      guard let size = count(argument.value) else { return nil }
      sizes[item.name.text] = size
    }
    let before = diagnostics.count
    let outer = context
    var inner = Context(file: entry.file, owner: .cell(name: name))
    inner.path = path + "."
    inner.frames.append(Frame())
    context = inner
    var functions: [(variable: VariableID, value: FunctionValue)] = []
    var failed = false
    for item in items {
      if let type = item.functionType {
        let type = self.type(type)
        let id = declareVariable(item.name, type, .function)
        guard let argument = given[item.name.text] else { continue }
        let cellContext = context
        context = outer
        var solver = SizeSolver(unknowns: [])
        let value = functionArgument(argument.value, as: type, 0, &solver, of: name, item.name.text)
        context = cellContext
        if case .function(let function)? = value?.kind { functions.append((id, function)) } else { failed = true }
      } else if let size = sizes[item.name.text] {
        declare(item.name.text, .size(size), at: item.name.range)
      } else if let tree = item.value {
        declare(item.name.text, count(tree).map { .size($0) } ?? .failed, at: item.name.range)
      }
    }
    // Given settings are read where the instance stands.
    var bound: [String: (Argument, Context)] = [:]
    for setting in settings { if let argument = given[setting.name.text] { bound[setting.name.text] = (argument, outer) } }
    let outerGiven = (givenSettings, givenSettingVariables, bindsAllSettings, isInstance)
    givenSettings = bound
    givenSettingVariables = []
    (bindsAllSettings, isInstance) = (isOptimizer, true)
    let statements = cellBody(entry.declaration)
    (givenSettings, givenSettingVariables, bindsAllSettings, isInstance) = outerGiven
    let frame = context.frames[context.frames.count - 1]
    let parts = context.parts
    let requirements = context.requirements
    let rules = context.rules
    let fileSizes = context.fileSizes
    context = outer

    // Its cell was right for all sizes: what is wrong now comes from the sizes of this instance.
    let new = diagnostics[before...]
    if let first = new.first(where: { $0.severity == .error }) {
      diagnostics.removeLast(new.count)
      report(.instanceFails(cell: name, first: first, at: range))
      return nil
    }
    diagnostics.removeLast(new.count)
    if failed { return nil }

    let id = InstanceID(instances.count)
    var subinstances: [String: Entity] = [:]
    for (key, entity) in frame.names {
      switch entity {
      case .instance, .instances: subinstances[key] = entity
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
        id: id, cell: name, path: path, inputs: parts.inputs, statements: statements, states: parts.states,
        outputs: parts.outputs.map { ($0.name, $0.value) }, functions: functions))
    instanceRecords[id] = InstanceRecord(
      members: members, subinstances: subinstances, outputs: parts.outputs.map { Type.Field(label: $0.name, type: $0.value.type) },
      states: parts.states + nested, range: range)
    // They are declared where the instance is, outside of all loops.
    for state in parts.states { stateInfo[state] = StateInfo(loopDepth: 0, blockLevel: 0) }
    context.ownedInstances.append(id)
    context.requirements += requirements.filter { new in !context.requirements.contains { $0.size == new.size } }
    context.rules += rules
    context.fileSizes.formUnion(fileSizes)
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

  /// One step of an instance.
  mutating func advance(_ id: InstanceID, _ arguments: [Argument], at range: SourceRange) -> TypedExpression {
    let instance = instances[id.index]
    guard let record = instanceRecords[id] else { return ignoring(arguments, at: range) }
    let parameters = instance.inputs.map { ParameterShape(name: variables[$0.index].name, type: variables[$0.index].type, hasDefault: false) }
    guard let matched = match(arguments, to: parameters, of: instance.path, at: range) else { return ignoring(arguments, at: range) }
    let values = zip(matched, instance.inputs).map { argument, input -> TypedExpression in
      guard let argument else { return errorExpression(range) }
      return check(
        argument.value, as: variables[input.index].type,
        Destination(description: "`\(variables[input.index].name)` of `\(instance.path)`", declared: variables[input.index].range))
    }
    if !record.states.isEmpty, !noteAdvance(id, record, instance.path, at: range) { return errorExpression(range) }
    if values.contains(where: { $0.type.containsError }) { return errorExpression(range) }
    let type = record.outputs.count == 1 ? record.outputs[0].type : .tuple(record.outputs)
    return TypedExpression(kind: .advance(id, values), type: type, range: range)
  }

  /// An instance with state is advanced once in each step of one loop.
  private mutating func noteAdvance(_ id: InstanceID, _ record: InstanceRecord, _ path: String, at range: SourceRange) -> Bool {
    guard let loop = context.loops.last else {
      report(.advanceOutsideLoop(name: path, at: range))
      return false
    }
    guard context.blockLevel == loop.blockLevel, context.blockLevel == 0 else {
      report(.advanceInsideValue(name: path, at: range))
      return false
    }
    for frame in context.loops {
      if let first = frame.advanced[id] {
        report(.advancedTwice(name: path, first: first, at: range))
        return false
      }
    }
    for place in context.loops.indices {
      context.loops[place].advanced[id] = range
      for state in record.states where !context.loops[place].states.contains(state) { context.loops[place].states.append(state) }
    }
    return true
  }

  /// `first`, `stack[2]`, `outer.inner` where they stand for an instance.
  mutating func subinstance(_ tree: Expression) -> InstanceID? {
    switch tree.kind {
    case .name(let name):
      if case .instance(let id)? = lookUp(name) { return id }
      return nil
    case .subscripted(let base, let subscripts):
      guard case .name(let name) = base.kind, case .instances(let ids)? = lookUp(name) else { return nil }
      return instance(of: ids, named: name, subscripts, at: tree.range)
    case .member(let base, let name):
      guard let id = subinstance(base), case .instance(let inner)? = instanceRecords[id]?.subinstances[name.text] else { return nil }
      return inner
    default: return nil
    }
  }

  /// `stack[i]`, where `i` is a number.
  mutating func instance(of ids: [InstanceID], named name: String, _ subscripts: [Subscript], at range: SourceRange) -> InstanceID? {
    guard subscripts.count == 1, case .index(let tree) = subscripts[0] else {
      report(.instanceIndex(name: name, at: range))
      return nil
    }
    let value = check(tree)
    if value.type.containsError { return nil }
    guard let place = knownSize(value)?.constant else {
      report(.instanceIndex(name: name, at: tree.range))
      return nil
    }
    guard ids.indices.contains(place) else {
      // In a cell that is checked for all sizes one instance stands for all.
      if isGeneric, let first = ids.first { return first }
      report(.indexOutOfRange(index: place, size: ids.count, what: "`\(text(range))`", at: tree.range))
      return nil
    }
    return ids[place]
  }

  /// `first.w`
  mutating func instanceMember(_ id: InstanceID, _ name: Name, at range: SourceRange) -> TypedExpression {
    guard let record = instanceRecords[id] else { return errorExpression(range) }
    guard let variable = record.members[name.text] else {
      report(
        .unknownMember(
          name: name.text, instance: instances[id.index].path,
          nearest: ModelDSL.nearestName(to: name.text, among: record.members.keys.filter { !$0.contains(".") }.sorted()), at: name.range))
      return errorExpression(range)
    }
    used.insert(variable)
    return read(variable, at: range)
  }
}

extension [Statement] {
  /// What a cell's `size` lines declare, in order.
  var sizeItems: [SizeDeclaration] {
    flatMap { statement -> [SizeDeclaration] in
      if case .size(let items) = statement.kind { return items }
      return []
    }
  }

  var settingItems: [(name: Name, hasValue: Bool)] {
    flatMap { statement -> [(name: Name, hasValue: Bool)] in
      if case .setting(let names, _, let value) = statement.kind { return names.map { ($0, value != nil) } }
      return []
    }
  }
}
