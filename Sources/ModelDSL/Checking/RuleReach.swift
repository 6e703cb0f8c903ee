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
    for (place, rules) in modelRules.enumerated() where place < models.count && !isDifferentiated(model: place) {
      for rule in rules where isUsed(rule.target, in: [block(models[place])], ruleOf: rootFile) {
        report(.ruleWithoutDerivative(name: rule.name, at: rule.range))
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
    var blocks: [TypedBlock] = []
    for (place, model) in models.enumerated() where isDifferentiated(model: place) { blocks.append(block(model)) }
    for derivation in derivations {
      guard case .function(let id) = derivation.subject else { continue }
      let body = functions[id.index].body
      if derivation.kinds != [.value] || takesDerivatives { blocks.append(body) }
    }
    return blocks
  }

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
