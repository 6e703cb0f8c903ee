// Rules that nothing in their reach uses: a declaration without effect is most often one in the wrong place.

extension Checker {
  mutating func checkRulesAreUsed() {
    for function in functions where !function.isLibrary {
      for rule in rulesInFunctions[function.id] ?? [] where !isUsed(rule.target, in: [function.body], ruleOf: function.file) {
        report(.unusedRule(name: rule.name, at: rule.range))
      }
    }
    for (model, rules) in zip(models, modelRules) {
      for rule in rules where !isUsedInItsCell(rule) { checkUse(of: rule, from: [model]) }
    }
    for (file, rules) in rulesInFiles.sorted(by: { $0.key.index < $1.key.index }) {
      for rule in rules { checkUse(of: rule, from: file == rootFile ? models : [], functionsOf: file) }
    }
  }

  /// Whether a rule stands in a cell that uses it: the rules of a model are those of its instances too.
  func isUsedInItsCell(_ rule: DeclaredRule) -> Bool {
    instances.contains { instance in
      guard instance.statements.contains(where: { $0.rule?.range == rule.range }) else { return false }
      let outputs = TypedExpression(kind: .tuple(instance.outputs.map(\.value)), type: .tuple([]), range: rule.range)
      return isUsed(rule.target, in: [TypedBlock(statements: instance.statements, value: outputs)], ruleOf: rootFile)
    }
  }

  /// Reports a rule without effect: a warning in a file, an error where it was given on the command line.
  private mutating func checkUse(of rule: DeclaredRule, from models: [Model], functionsOf file: FileID? = nil) {
    let blocks = models.map(block) + functions.filter { $0.file == file }.map(\.body)
    let owners = functions.filter { $0.file == file && hasOwnRule($0, for: rule.target, ruleOf: file) }
    let open = models.map(block) + functions.filter { $0.file == file && !hasOwnRule($0, for: rule.target, ruleOf: file) }.map(\.body)
    if isUsed(rule.target, in: open, ruleOf: file ?? rootFile) { return }
    guard sources[rule.range.file].path == "--inject" else {
      report(.unusedRule(name: rule.name, at: rule.range))
      return
    }
    if isUsed(rule.target, in: blocks, ruleOf: nil) {
      let hiding = owners.isEmpty ? functions.filter { hasOwnRule($0, for: rule.target, ruleOf: rootFile) } : owners
      let places = hiding.flatMap { rulesInFunctions[$0.id] ?? [] }.filter { $0.target == rule.target }.map(\.range)
      report(.injectHidden(name: rule.name, places: places, at: rule.range))
    } else {
      report(.injectUnused(name: rule.name, at: rule.range))
    }
  }

  func block(_ model: Model) -> TypedBlock {
    let values = model.outputs.map(\.value) + (model.loss.map { [$0] } ?? [])
    let range = model.range
    return TypedBlock(statements: model.statements, value: TypedExpression(kind: .tuple(values), type: .tuple([]), range: range))
  }

  /// A function's own rule wins over those of its callers, and so does one of its file, unless that is the file of the rule in question.
  func hasOwnRule(_ function: Function, for target: Callee, ruleOf file: FileID?) -> Bool {
    if (rulesInFunctions[function.id] ?? []).contains(where: { $0.target == target }) { return true }
    return function.file != rootFile && function.file != file && (rulesInFiles[function.file] ?? []).contains { $0.target == target }
  }

  /// Whether blocks use a function, themselves or by what they call. Rules that hide that from the rule of a file end the search; without
  /// a file nothing does.
  func isUsed(_ target: Callee, in blocks: [TypedBlock], ruleOf file: FileID?) -> Bool {
    var seenFunctions: Set<FunctionID> = []
    var seenInstances: Set<InstanceID> = []
    var open = blocks
    var found = false
    func meet(_ callee: Callee) {
      if callee == target { found = true }
      guard case .function(let id) = callee, seenFunctions.insert(id).inserted else { return }
      let function = functions[id.index]
      if file == nil || !hasOwnRule(function, for: target, ruleOf: file) { open.append(function.body) }
    }
    func look(_ e: TypedExpression) {
      e.walk { inner in
        switch inner.kind {
        case .primitive(let primitive, _): meet(.primitive(primitive))
        case .call(let callee, _, _, _), .prime(let callee, _, _), .function(.named(let callee, _)): meet(callee)
        case .advance(let id, _) where seenInstances.insert(id).inserted:
          let instance = instances[id.index]
          for (_, function) in instance.functions {
            switch function {
            case .named(let callee, _): meet(callee)
            case .literal(_, let body): look(body)
            }
          }
          let outputs = TypedExpression(kind: .tuple(instance.outputs.map(\.value)), type: .tuple([]), range: inner.range)
          let hides = instance.statements.contains { if case .rule(let rule) = $0.kind { rule.target == target } else { false } }
          if !hides || file == nil { open.append(TypedBlock(statements: instance.statements, value: outputs)) }
        default: break
        }
        return !found
      }
    }
    while let next = open.popLast(), !found {
      for statement in next.statements where !statement.isRule { statement.forEachExpression(look) }
      look(next.value)
    }
    return found
  }
}

extension TypedStatement {
  fileprivate var isRule: Bool { rule != nil }
  fileprivate var rule: RuleDeclaration? { if case .rule(let rule) = kind { rule } else { nil } }
}
