// Rules that no derivative meets, and rules that ask for the derivative that they are.

extension Checker {
  /// A rule that is used, but by nothing that the file differentiates. A file without a model and without a `derive` line is there to be
  /// imported: nothing can be said of it.
  mutating func checkRulesAreDifferentiated() {
    guard !models.isEmpty || !derivations.isEmpty else { return }
    let roots = differentiatedBlocks()
    for function in functions where !function.isLibrary && function.file == rootFile {
      let rules = rulesInFunctions[function.id] ?? []
      if rules.isEmpty || isDifferentiated(function.id, from: roots) { continue }
      for rule in rules where isUsed(rule.target, in: [function.body], ruleOf: function.file) {
        report(.ruleWithoutDerivative(name: rule.name, at: rule.range))
      }
    }
    for (place, rules) in modelRules.enumerated() where place < models.count {
      let path = differentiatedBlocks(ofModel: place)
      for rule in rules where !isUsedInItsCell(rule) && isUsed(rule.target, in: [block(models[place])], ruleOf: rootFile) {
        if !isUsed(rule.target, in: path, ruleOf: rootFile) { report(.ruleWithoutDerivative(name: rule.name, at: rule.range)) }
      }
    }
    let everything = models.map(block) + functions.filter { $0.file == rootFile }.map(\.body)
    for rule in rulesInFiles[rootFile] ?? [] where sources[rule.range.file].path != "--inject" {
      if isUsed(rule.target, in: everything, ruleOf: rootFile), !isUsed(rule.target, in: roots, ruleOf: rootFile) {
        report(.ruleWithoutDerivative(name: rule.name, at: rule.range))
      }
    }
  }

  /// The bodies that derivatives are taken of: by `derive`, by a model's loss, or by a `gradient(…)` in them.
  private func differentiatedBlocks() -> [TypedBlock] {
    var blocks = models.indices.flatMap { differentiatedBlocks(ofModel: $0) }
    for derivation in derivations {
      guard case .function(let id) = derivation.subject else { continue }
      let body = functions[id.index].body
      if takesDerivatives {
        blocks.append(body)
      } else if derivation.kinds != [.value] {
        blocks.append(onPath(body.statements, to: [body.value], file: functions[id.index].file))
      }
    }
    return blocks
  }

  /// What gradients go through in a model: on the way to its loss, and to the outputs that `derive` lines name.
  private func differentiatedBlocks(ofModel place: Int) -> [TypedBlock] {
    let model = models[place]
    if takesDerivatives { return [block(model)] }
    guard isDifferentiated(model: place) else { return [] }
    let outputs = model.outputs.filter { output in
      derivations.contains { $0.subject == .modelValue(place, name: output.name) || $0.subject == .model(place) }
    }
    return [onPath(model.statements, to: (model.loss.map { [$0] } ?? []) + outputs.map(\.value), file: rootFile)]
  }

  /// The statements that a gradient of some values goes through, and the values.
  private func onPath(_ statements: [TypedStatement], to values: [TypedExpression], file: FileID) -> TypedBlock {
    var rules: RulesInForce = [:]
    rules.add(fileRules[file] ?? [])
    var flow = GradientFlow(self)
    flow.visit(statements, rules)
    rules.add(statements)
    var sources: Set<VariableID> = []
    for value in values { sources.formUnion(flow.flow(value, rules)) }
    let reached = flow.closure(sources)
    func kept(_ statements: [TypedStatement]) -> [TypedStatement] {
      statements.compactMap { statement in
        var statement = statement
        switch statement.kind {
        case .binding(let pattern, _): return reached.isDisjoint(with: pattern.variables) ? nil : statement
        case .state(let id, _), .record(let id, _): return reached.contains(id) ? statement : nil
        case .next(let targets, _): return reached.isDisjoint(with: targets.compactMap { $0?.state }) ? nil : statement
        case .loop(var loop):
          loop.body = kept(loop.body)
          statement.kind = .loop(loop)
        case .whileLoop(var loop):
          loop.body = kept(loop.body)
          statement.kind = .whileLoop(loop)
        case .rule: break
        }
        return statement
      }
    }
    let value =
      values.count == 1 ? values[0] : TypedExpression(kind: .tuple(values), type: .tuple([]), range: values.first?.range ?? nowhere)
    return TypedBlock(statements: kept(statements), value: value)
  }

  private var nowhere: SourceRange { SourceRange(file: rootFile, lower: 0, upper: 0) }

  private func isDifferentiated(_ function: FunctionID, from roots: [TypedBlock]) -> Bool {
    let isDerived = derivations.contains { $0.subject == .function(function) && ($0.kinds != [.value] || takesDerivatives) }
    return isDerived || isUsed(.function(function), in: roots, ruleOf: nil)
  }

  private func isDifferentiated(model place: Int) -> Bool {
    if models[place].loss != nil || takesDerivatives { return true }
    return derivations.contains { derivation in
      switch derivation.subject {
      case .model(place), .modelValue(place, _): derivation.kinds != [.value] && derivation.kinds != [.stream]
      case .model, .modelValue, .function: false
      }
    }
  }

  /// Whether any expression of the file is a derivative.
  private var takesDerivatives: Bool {
    let blocks = models.map(block) + functions.filter { !$0.isLibrary }.map(\.body)
    var found = false
    for block in blocks {
      block.forEachExpression { e in
        e.walk { inner in
          switch inner.kind {
          case .gradient, .jacobian, .jvp, .prime: found = true
          default: break
          }
          return !found
        }
      }
    }
    return found
  }

  /// Where an expression differentiates a function, or what calls it: in a rule of that function there would be no end to it.
  func derivative(of target: Callee, in expression: TypedExpression) -> SourceRange? {
    var found: SourceRange?
    func uses(_ e: TypedExpression) -> Bool {
      isUsed(target, in: [TypedBlock(statements: [], value: e)], ruleOf: context.file)
    }
    expression.walk { e in
      switch e.kind {
      case .prime(let callee, _, _):
        if callee == target { found = e.range }
        if case .function(let id) = callee, !hasOwnRule(functions[id.index], for: target, ruleOf: context.file),
          isUsed(target, in: [functions[id.index].body], ruleOf: context.file)
        {
          found = e.range
        }
      case .gradient(let inner, _), .jacobian(let inner, _), .jvp(let inner, _): if uses(inner) { found = e.range }
      default: break
      }
      return found == nil
    }
    return found
  }
}
