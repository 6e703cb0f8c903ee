// Models: what they declare, and their statements in order.

struct ModelEntry {
  var declaration: ModelDeclaration
  var file: FileID
  var documentation: [String]
  var range: SourceRange
  /// Index into `models`, once checked.
  var index: Int?
  /// Whether an error was reported in it.
  var isBroken = false
}

/// What a model, or a cell, declares besides its statements.
struct ModelParts {
  var parameters: [LearnedParameter] = []
  var settings: [Setting] = []
  var inputs: [VariableID] = []
  var fixedSizes: [(name: String, value: Int, documentation: [String])] = []
  var sizes: [SizeSymbol] = []
  /// `state` statements of instances.
  var instanceStates: [TypedStatement] = []
  var outputs: [(name: String, value: TypedExpression, documentation: [String], range: SourceRange)] = []
  var loss: TypedExpression?
  var optimizer: InstanceID?
  /// In a cell: its states in order.
  var states: [VariableID] = []
}

extension Checker {
  mutating func checkModel(_ index: Int) {
    let entry = modelEntries[index]
    let name = entry.declaration.name.text
    let errors = errorCount
    let (statements, final) = within(Context(file: entry.file, owner: .model(name: name))) { checker -> [TypedStatement] in
      var typed: [TypedStatement] = []
      checker.inFrame { $0.checkBody(entry.declaration.body, into: &typed) }
      return typed
    }
    let parts = final.parts
    let givesOut = entry.declaration.body.statements.contains { statement in
      switch statement.kind {
      case .output, .loss: true
      default: false
      }
    }
    if !givesOut { report(.modelWithoutResult(name: name, at: entry.declaration.name.range)) }
    if parts.optimizer != nil, !entry.declaration.body.statements.contains(where: { if case .loss = $0.kind { true } else { false } }) {
      report(.optimizerWithoutLoss(name: name, at: entry.declaration.name.range))
    }
    modelRules.append(final.rules)
    modelEntries[index].index = models.count
    modelEntries[index].isBroken = errorCount > errors
    models.append(
      Model(
        name: name, documentation: entry.documentation, range: entry.range, fixedSizes: parts.fixedSizes,
        sizes: parts.sizes + final.fileSizes.sorted(), parameters: parts.parameters, settings: parts.settings, inputs: parts.inputs,
        statements: parts.instanceStates + statements, outputs: parts.outputs.map { ($0.name, $0.value, $0.documentation) },
        loss: parts.loss, optimizer: parts.optimizer, requirements: final.requirements))
  }

  /// The statements of a model or cell. What has no place in the order of the data is declared first: sizes, parameters, settings and
  /// inputs, with the `let`s that stand among them.
  mutating func checkBody(_ body: BlockTree, into typed: inout [TypedStatement]) {
    announce(body.statements)
    let statements = body.statements
    let lastDeclaration = statements.lastIndex { $0.kind.isDeclaration } ?? -1
    let firstStep = statements.firstIndex { $0.kind.isStep } ?? statements.count
    var early: Set<Int> = []
    for (place, statement) in statements.enumerated() {
      var isEarly = statement.kind.isDeclaration
      if case .constant = statement.kind { isEarly = place < min(lastDeclaration, firstStep) }
      guard isEarly else { continue }
      early.insert(place)
      checkMember(statement, into: &typed)
    }
    for (place, statement) in statements.enumerated() where !early.contains(place) { checkMember(statement, into: &typed) }
  }

  private mutating func checkMember(_ statement: Statement, into typed: inout [TypedStatement]) {
    switch statement.kind {
    case .size(let items): for item in items { checkSize(item, statement) }
    case .parameter(let names, let type, let initializer): checkParameter(names, type, initializer, statement)
    case .setting(let names, let type, let value): checkSetting(names, type, value, statement, into: &typed)
    case .input(let names, let typeTree):
      let type = type(typeTree)
      for name in names {
        if case .tuple = type { report(.inputType(type: type, at: typeTree.range)) }
        if case .function = type { report(.inputType(type: type, at: typeTree.range)) }
        context.parts.inputs.append(declareVariable(name, type, .input, documentation: statement.documentation))
      }
    case .output(let name, let value): checkOutput(name, value, statement, into: &typed)
    case .loss(let tree): checkLoss(tree, statement)
    case .optimizer(let tree): checkOptimizer(tree, statement)
    case .state:
      let first = typed.count
      check(statement, into: &typed)
      if case .cell = context.owner {
        for item in typed[first...] { if case .state(let id, let initial) = item.kind { checkCellState(id, initial) } }
      }
    case .returned(let value):
      report(.returnInModel(at: statement.range))
      _ = check(value)
    case .forLoop, .whileLoop:
      if case .cell(let name) = context.owner {
        report(.loopInCell(name: name, at: statement.range))
      } else {
        check(statement, into: &typed)
      }
    default: check(statement, into: &typed)
    }
  }

  /// `size n = 3`: fixed; `size time`: known at the call. In a cell sizes come from the instance, which declared them already.
  private mutating func checkSize(_ item: SizeDeclaration, _ statement: Statement) {
    if case .cell = context.owner { return }
    if let type = item.functionType {
      report(.functionSizeInModel(name: item.name.text, at: type.range))
      return
    }
    guard let tree = item.value else {
      let symbol = newSymbol(item.name.text)
      if context.file == rootFile, options.sizes[item.name.text] != nil { report(.sizeNotFixed(name: item.name.text, at: item.name.range)) }
      appliedSizes.insert(item.name.text)
      context.parts.sizes.append(symbol)
      declare(item.name.text, .size(Size(symbol)), at: item.name.range)
      return
    }
    let value = fixedSize(item.name.text, tree)
    declare(item.name.text, value.map { .size($0) } ?? .failed, at: item.name.range)
    if let constant = value?.constant { context.parts.fixedSizes.append((item.name.text, constant, statement.documentation)) }
  }

  /// The value of a size with a value, or what `--size` puts in its place.
  mutating func fixedSize(_ name: String, _ tree: Expression) -> Size? {
    let value = count(tree)
    guard context.file == rootFile, let override = options.sizes[name] else { return value }
    appliedSizes.insert(name)
    guard override >= 0, Size.isSafe(override) else {
      report(.sizeOverrideNegative(name: name, value: override, at: tree.range))
      return nil
    }
    return Size(override)
  }

  private mutating func checkParameter(_ names: [Name], _ typeTree: TypeTree, _ initializer: Expression?, _ statement: Statement) {
    let type = type(typeTree)
    guard case .array(.real, let shape) = type else {
      if !type.containsError { report(.parameterType(type: type, at: typeTree.range)) }
      for name in names { declare(name.text, .failed, at: name.range) }
      return
    }
    var isFixed = true
    if !isGeneric, let size = shape.first(where: { $0.constant == nil }) {
      report(.parameterSize(name: names[0].text, size: size, at: typeTree.range))
      isFixed = false
    }
    let start = checkInitializer(initializer, shape, names[0], statement, evaluates: !isGeneric && isFixed)
    for name in names {
      let id = declareVariable(name, type, .learned, documentation: statement.documentation)
      context.parts.parameters.append(LearnedParameter(variable: id, path: context.path + name.text, initializer: start ?? .constant(0)))
    }
  }

  private mutating func checkSetting(
    _ names: [Name], _ typeTree: TypeTree, _ value: Expression?, _ statement: Statement, into typed: inout [TypedStatement]
  ) {
    // An instance declared its settings with the values that it was given.
    if case .cell = context.owner, isInstance {
      bindGivenSettings(names, typeTree, value, statement, into: &typed)
      return
    }
    let type = type(typeTree)
    guard let tree = value else {
      if case .cell = context.owner {
        for name in names { _ = declareVariable(name, type, .setting, documentation: statement.documentation) }
      } else {
        report(.settingWithoutValue(name: names[0].text, at: names[0].range))
        for name in names { declare(name.text, .failed, at: name.range) }
      }
      return
    }
    let start = settingValue(tree, type, names[0].text, typeTree.range)
    for name in names {
      let id = declareVariable(name, type, .setting, documentation: statement.documentation)
      if !start.type.containsError { context.parts.settings.append(Setting(variable: id, path: context.path + name.text, value: start)) }
    }
  }

  /// The value of a setting, which may read other settings, constants and sizes only.
  mutating func settingValue(_ tree: Expression, _ type: Type, _ name: String, _ declared: SourceRange) -> TypedExpression {
    let value = check(tree, as: type, Destination(description: "the setting `\(name)`", declared: declared, spread: .always))
    for id in Reads(value).order {
      switch variables[id.index].role {
      case .setting, .constant, .axis: continue
      case .binding
      where reads[id].map({ $0.allSatisfy { variables[$0.index].role == .setting || variables[$0.index].role == .constant } }) ?? false:
        continue
      default:
        report(.settingReads(name: name, other: variables[id.index].name, at: value.range))
        return errorExpression(tree.range)
      }
    }
    return value
  }

  private mutating func checkOutput(_ name: Name, _ tree: Expression?, _ statement: Statement, into typed: inout [TypedStatement]) {
    if let first = context.parts.outputs.first(where: { $0.name == name.text }) {
      report(.outputTwice(name: name.text, first: first.range, at: name.range))
      return
    }
    let value: TypedExpression
    if let tree {
      let e = concrete(check(tree))
      guard !e.type.containsError else {
        failOutput(name)
        return
      }
      guard e.type.shape != nil else {
        report(.outputType(name: name.text, type: e.type, at: tree.range))
        failOutput(name)
        return
      }
      // What is given out may be read by its name from here on, unless that is taken: `output y = next y`.
      let id = newVariable(name.text, e.type, .binding, name.range, documentation: statement.documentation)
      let last = context.frames.count - 1
      if context.frames[last].names[name.text] == nil { context.frames[last].names[name.text] = .variable(id) }
      if e.type.isIntegerNumber { integerValues[id] = polynomial(of: e) }
      note(Reads(e), of: id)
      used.insert(id)
      typed.append(TypedStatement(kind: .binding(.variable(id), e), range: statement.range))
      value = read(id, at: name.range)
    } else {
      value = checkName(name.text, at: name.range)
      guard !value.type.containsError else { return }
      guard value.type.shape != nil else {
        report(.outputType(name: name.text, type: value.type, at: name.range))
        return
      }
    }
    context.parts.outputs.append((name.text, value, statement.documentation, name.range))
  }

  private mutating func failOutput(_ name: Name) {
    let last = context.frames.count - 1
    if context.frames[last].names[name.text] == nil { context.frames[last].names[name.text] = .failed }
  }

  private mutating func checkLoss(_ tree: Expression, _ statement: Statement) {
    if case .cell(let name) = context.owner {
      report(.statementInCell(word: "loss", name: name, at: statement.range))
      return
    }
    if let first = context.parts.loss {
      report(.lossTwice(first: first.range, at: statement.range))
      return
    }
    let value = widened(concrete(check(tree)))
    guard !value.type.containsError else { return }
    guard value.type == .real else {
      report(.lossType(type: value.type, at: tree.range))
      return
    }
    context.parts.loss = value
  }

  private mutating func checkOptimizer(_ tree: Expression, _ statement: Statement) {
    if case .cell(let name) = context.owner {
      report(.statementInCell(word: "optimizer", name: name, at: statement.range))
      return
    }
    let (name, arguments): (String, [Argument])
    switch tree.kind {
    case .error: return
    case .name(let text): (name, arguments) = (text, [])
    case .call(let callee, let list):
      guard case .name(let text) = callee.kind else {
        report(.notAnOptimizer(text: text(tree.range), nearest: nil, at: tree.range))
        return
      }
      (name, arguments) = (text, list)
    default:
      report(.notAnOptimizer(text: text(tree.range), nearest: nil, at: tree.range))
      return
    }
    guard case .cell(let index)? = lookUp(name) else {
      if case .failed? = lookUp(name) { return }
      let cells = libraryNames.filter { if case .cell(let index) = $0.value { isOptimizer(index) } else { false } }.keys.sorted()
      report(.notAnOptimizer(text: name, nearest: ModelDSL.nearestName(to: name, among: cells), at: tree.range))
      return
    }
    guard isOptimizer(index) else {
      report(.notAnOptimizer(text: name, nearest: nil, at: tree.range))
      return
    }
    context.parts.optimizer = instantiate(index, arguments, path: "optimizer", isOptimizer: true, at: tree.range)
  }

  /// Takes a parameter and its gradient, and gives out one value.
  private func isOptimizer(_ index: Int) -> Bool {
    var inputs: Set<String> = []
    var outputs = 0
    for statement in cellEntries[index].declaration.body.statements {
      switch statement.kind {
      case .input(let names, _): inputs.formUnion(names.map(\.text))
      case .output: outputs += 1
      default: break
      }
    }
    return inputs.isSuperset(of: ["parameter", "gradient"]) && inputs.isSubset(of: ["parameter", "gradient", "count"]) && outputs == 1
  }
}

extension Statement.Kind {
  /// Declares something that has no place in the order of the data.
  fileprivate var isDeclaration: Bool {
    switch self {
    case .size, .parameter, .setting, .input: true
    default: false
    }
  }
  /// Begins what is computed step by step.
  fileprivate var isStep: Bool {
    switch self {
    case .state, .forLoop, .whileLoop, .next: true
    default: false
    }
  }
}
