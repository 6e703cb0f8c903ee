// `derive` lines: the root file's.

extension Checker {
  mutating func checkDerivations() {
    var emitted: [String: SourceRange] = [:]
    for declaration in files[rootFile]?.declarations.declarations ?? [] {
      guard case .derive(let derive) = declaration.kind else { continue }
      guard let derivation = derivation(derive, at: declaration.range) else { continue }
      for name in emittedNames(derivation, derive) {
        if let first = emitted[name] { report(.derivedTwice(name: name, first: first, at: declaration.range)) }
        emitted[name] = declaration.range
      }
      derivations.append(derivation)
    }
  }

  private mutating func derivation(_ derive: DeriveDeclaration, at range: SourceRange) -> Derivation? {
    var kinds: [DerivativeKind] = []
    for kind in derive.kinds {
      guard let known = DerivativeKind(rawValue: kind.text) else {
        report(
          .unknownDerivative(
            name: kind.text, nearest: ModelDSL.nearestName(to: kind.text, among: DerivativeKind.allCases.map(\.rawValue)),
            at: kind.range))
        return nil
      }
      if kinds.contains(known) { report(.derivativeKindTwice(name: kind.text, at: kind.range)) }
      kinds.append(known)
    }
    if let alias = derive.alias, kinds.count > 1 {
      report(.aliasOfSeveral(at: alias.range))
      return nil
    }
    context = Context(file: rootFile, owner: .file)
    guard let name = derive.subject.first else { return nil }
    switch lookUp(name.text) {
    case .function(let index)?: return functionDerivation(index, kinds, derive, at: range)
    case .model(let index)?: return modelDerivation(index, kinds, derive, at: range)
    case .failed?: return nil
    case nil:
      let nearest = nearestName(to: name.text) { entity in
        switch entity {
        case .function, .model: true
        default: false
        }
      }
      report(.unknownSubject(name: name.text, nearest: nearest, at: name.range))
      return nil
    case let entity?:
      report(.notASubject(name: name.text, kind: entity.kindName, at: name.range))
      return nil
    }
  }

  private mutating func functionDerivation(
    _ index: Int, _ kinds: [DerivativeKind], _ derive: DeriveDeclaration, at range: SourceRange
  ) -> Derivation? {
    guard let id = checkedFunction(index, calledAt: derive.subject[0].range) else { return nil }
    let function = functions[id.index]
    let types = function.parameters.map { variables[$0.index].type }
    if types.contains(where: \.containsError) || function.result.containsError { return nil }
    if derive.subject.count > 1 {
      report(.subjectMember(name: function.name, member: derive.subject[1].text, at: derive.subject[1].range))
      return nil
    }
    for (parameter, type) in zip(function.parameters, types) {
      if case .function = type {
        report(.deriveOfFunctional(name: function.name, parameter: variables[parameter.index].name, at: derive.subject[0].range))
        return nil
      }
    }
    if kinds.contains(.stream) {
      report(.streamOfFunction(name: function.name, at: range))
      return nil
    }
    var chosen: [VariableID] = []
    for variable in derive.variables {
      guard let id = function.parameters.first(where: { variables[$0.index].name == variable.text }) else {
        report(
          .unknownDeriveVariable(
            name: variable.text, subject: function.name,
            nearest: ModelDSL.nearestName(to: variable.text, among: function.parameters.map { variables[$0.index].name }),
            at: variable.range))
        return nil
      }
      guard checkDeriveVariable(id, variable, &chosen) else { return nil }
    }
    guard checkKinds(kinds, of: function.result, named: function.name, declared: function.range, chosen, at: range) else { return nil }
    return Derivation(kinds: kinds, subject: .function(id), variables: chosen, alias: derive.alias?.text, range: range)
  }

  private mutating func modelDerivation(
    _ index: Int, _ kinds: [DerivativeKind], _ derive: DeriveDeclaration, at range: SourceRange
  ) -> Derivation? {
    guard modelEntries[index].file == rootFile else {
      report(.importedModel(name: derive.subject[0].text, at: derive.subject[0].range))
      return nil
    }
    guard let place = modelEntries[index].index, !modelEntries[index].isBroken else { return nil }
    let model = models[place]
    var candidates: [(path: String, id: VariableID)] = model.parameters.map { ($0.path, $0.variable) }
    candidates += model.inputs.map { (variables[$0.index].name, $0) }
    var chosen: [VariableID] = []
    for variable in derive.variables {
      if model.settings.contains(where: { $0.path == variable.text }) {
        report(.derivativeOfSetting(name: variable.text, at: variable.range))
        return nil
      }
      guard let found = candidates.first(where: { $0.path == variable.text }) else {
        report(
          .unknownDeriveVariable(
            name: variable.text, subject: model.name,
            nearest: ModelDSL.nearestName(to: variable.text, among: candidates.map(\.path)), at: variable.range))
        return nil
      }
      guard checkDeriveVariable(found.id, variable, &chosen) else { return nil }
    }
    if kinds.contains(.stream) {
      guard derive.variables.isEmpty, derive.subject.count == 1, kinds.count == 1 else {
        report(.streamForm(at: range))
        return nil
      }
      let loops = model.statements.filter { if case .loop = $0.kind { true } else { false } }
      guard loops.count == 1 else {
        report(.streamLoops(name: model.name, loops: loops.count, at: range))
        return nil
      }
      return Derivation(kinds: kinds, subject: .model(place), variables: [], alias: derive.alias?.text, range: range)
    }
    guard derive.subject.count > 1 else {
      report(
        .modelWithoutMember(
          name: model.name, members: (model.loss == nil ? [] : ["loss"]) + model.outputs.map(\.name),
          at: derive.subject[0].range))
      return nil
    }
    let member = derive.subject[1]
    let value = member.text == "loss" ? model.loss : model.outputs.first { $0.name == member.text }?.value
    guard let value else {
      let names = model.outputs.map(\.name) + ["loss"]
      report(
        .unknownModelValue(
          name: member.text, model: model.name, nearest: ModelDSL.nearestName(to: member.text, among: names), at: member.range))
      return nil
    }
    guard checkKinds(kinds, of: value.type, named: "\(model.name).\(member.text)", declared: value.range, chosen, at: range) else {
      return nil
    }
    return Derivation(
      kinds: kinds, subject: .modelValue(place, name: member.text), variables: chosen, alias: derive.alias?.text, range: range)
  }

  private mutating func checkDeriveVariable(_ id: VariableID, _ name: Name, _ chosen: inout [VariableID]) -> Bool {
    guard variables[id.index].type.isReal else {
      report(.deriveVariableType(name: name.text, type: variables[id.index].type, at: name.range))
      return false
    }
    if chosen.contains(id) {
      report(.deriveVariableTwice(name: name.text, at: name.range))
      return false
    }
    chosen.append(id)
    return true
  }

  private mutating func checkKinds(
    _ kinds: [DerivativeKind], of type: Type, named name: String, declared: SourceRange, _ chosen: [VariableID], at range: SourceRange
  ) -> Bool {
    for kind in kinds where kind != .value {
      if chosen.isEmpty {
        report(.deriveWithoutVariables(kind: kind.rawValue, name: name, at: range))
        return false
      }
      switch kind {
      case .gradient, .hessian, .hvp:
        guard type == .real else {
          report(.deriveNeedsNumber(kind: kind.rawValue, name: name, type: type, at: range))
          return false
        }
      case .vjp, .jvp, .jacobian, .sparseJacobian:
        guard type.hasReal else {
          report(.deriveOfWholeNumbers(kind: kind.rawValue, name: name, type: type, at: range))
          return false
        }
      case .value, .stream: break
      }
    }
    return true
  }

  /// The names that a line adds to the generated code.
  private func emittedNames(_ derivation: Derivation, _ derive: DeriveDeclaration) -> [String] {
    if let alias = derivation.alias { return [alias] }
    let subject = derive.subject.map(\.text).joined(separator: ".")
    return derivation.kinds.map { subject + $0.suffix }
  }
}

extension DerivativeKind {
  /// What is added to a function's name.
  fileprivate var suffix: String {
    switch self {
    case .value: ""
    case .gradient: "Gradient"
    case .vjp: "VJP"
    case .jvp: "JVP"
    case .jacobian: "Jacobian"
    case .hessian: "Hessian"
    case .hvp: "HVP"
    case .sparseJacobian: "SparseJacobian"
    case .stream: ".Stream"
    }
  }
}
