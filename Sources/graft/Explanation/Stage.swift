import Codegen
import ModelDSL

/// What one stage of the compiler made of the file, as text.
enum Stage: String {
  case tree, checked, ir, derivative, optimized, plan
}

extension Compilation {
  /// Nil where the file did not come so far.
  func text(of stage: Stage) -> String? {
    switch stage {
    case .tree:
      guard let file = sources.files.first else { return nil }
      return dumpTree(parse(file, id: FileID(0)).tree)
    case .checked: return program.map { $0.summary }
    case .ir: return module.map { joined($0.primals) }
    case .derivative:
      guard let module, let program else { return nil }
      let rules = lowerRuleTable(program)
      return joined(module.claims.compactMap { $0.derivative(rules: rules) })
    case .optimized: return module.map { joined($0.emitted) }
    case .plan: return module.map { module in module.memoryPlans.map(\.text).joined(separator: "\n") }
    }
  }

  private func joined(_ procedures: [Procedure]) -> String { procedures.map(\.description).joined(separator: "\n") }
}

extension Module {
  /// As lowered, before anything is done to them.
  var primals: [Procedure] {
    functions.map(\.primal.procedure) + models.flatMap { model in [model.predict] + (model.loss.map { [$0] } ?? []) }
  }

  /// What derivatives are taken of, with its rules.
  var differentiated: [Procedure] {
    functions.map(\.primal.procedure) + models.flatMap { model in (model.loss.map { [$0] } ?? []) + model.derived.compactMap(\.primal) }
  }

  /// As emitted.
  var emitted: [Procedure] {
    functions.flatMap { $0.emitted.map(\.procedure) } + models.flatMap(\.emitted)
  }
}

extension ModelEntry {
  fileprivate var emitted: [Procedure] {
    var procedures = [predict]
    if let lossAndGradient { procedures.append(lossAndGradient) }
    procedures += derived.map(\.procedure)
    if let optimizer { procedures.append(optimizer.update) }
    if let stream { procedures += [stream.start, stream.step] }
    return procedures
  }
}

extension MemoryPlan {
  fileprivate var text: String {
    let rows = buffers.map {
      ["  " + $0.names.joined(separator: ", "), "\($0.count) \($0.element)", "for each \($0.sharing.rawValue)", "\($0.byteCount) bytes"]
    }
    return "\(function): \(byteCount) bytes\n" + columns(rows)
  }
}

extension Claim {
  /// The derivative as differentiation makes it, before it is simplified. Nil where a rule refuses forward mode.
  func derivative(rules: RuleTable) -> Procedure? {
    let procedure = prepared(primal)
    switch kind {
    case .gradient: return Differentiation.gradient(of: procedure, wrt: wrt, rules: rules)
    case .vjp: return Differentiation.vjp(of: procedure, wrt: wrt, rules: rules)
    case .jvp: return try? Differentiation.jvp(of: procedure, wrt: wrt, rules: rules)
    case .jacobian: return try? Differentiation.jacobian(of: procedure, wrt: wrt, rules: rules)
    case .hvp: return try? Differentiation.hessianProduct(of: procedure, wrt: wrt, rules: rules)
    case .hessian: return try? Differentiation.hessian(of: procedure, wrt: wrt, rules: rules)
    case .value, .sparseJacobian, .stream: return nil
    }
  }
}

extension CheckedProgram {
  /// The names that the file declares with their types, and what is derived.
  fileprivate var summary: String {
    var lines = ["precision \(precision.rawValue)"]
    for function in functions where !function.isLibrary {
      let parameters = function.parameters.map { "\(self[$0].name): \(self[$0].type)" }.joined(separator: ", ")
      lines.append("func \(function.name)(\(parameters)) -> \(function.result)")
      lines += function.requirements.map { "  requires \($0.reason)" }
      lines += summary(of: function.body.statements, indent: "  ")
    }
    for model in models {
      lines.append("model \(model.name)")
      lines += model.fixedSizes.map { "  size \($0.name) = \($0.value)" } + model.sizes.map { "  size \($0.name)" }
      lines += model.parameters.map { "  param \($0.path): \(self[$0.variable].type) ~ \($0.initializer)" }
      lines += model.settings.map { "  setting \($0.path): \(self[$0.variable].type)" }
      lines += model.inputs.map { "  input \(self[$0].name): \(self[$0].type)" }
      lines += summary(of: model.statements, indent: "  ")
      lines += model.outputs.map { "  output \($0.name): \($0.value.type)" }
      if model.loss != nil { lines.append("  loss") }
    }
    lines += derivations.map { derivation in
      let variables = derivation.variables.map { self[$0].name }
      return "derive \(derivation.kinds.map(\.rawValue).joined(separator: ", ")) of \(name(of: derivation.subject))"
        + (variables.isEmpty ? "" : " wrt \(variables.joined(separator: ", "))") + (derivation.alias.map { " as \($0)" } ?? "")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func name(of subject: Derivation.Subject) -> String {
    switch subject {
    case .function(let id): self[id].name
    case .model(let place): models[place].name
    case .modelValue(let place, let name): "\(models[place].name).\(name)"
    }
  }

  private func summary(of statements: [TypedStatement], indent: String) -> [String] {
    statements.flatMap { statement -> [String] in
      switch statement.kind {
      case .binding(let pattern, let value): [indent + "let \(text(pattern)): \(value.type)"]
      case .state(let state, _): [indent + "state \(self[state].name): \(self[state].type)"]
      case .next(let targets, _): [indent + "next " + targets.map { $0.map { self[$0.state].name } ?? "_" }.joined(separator: ", ")]
      case .record(let record, _): [indent + "record \(self[record].name): \(self[record].type)"]
      case .loop(let loop):
        [indent + "for \(self[loop.axis].name) in \(loop.count)\(loop.down ? " down" : "")"] + summary(of: loop.body, indent: indent + "  ")
      case .whileLoop(let loop): [indent + "while, atMost: \(loop.bound)"] + summary(of: loop.body, indent: indent + "  ")
      case .rule(let rule): [indent + sources.text(of: rule.range).oneLine]
      }
    }
  }

  private func text(_ pattern: TypedPattern) -> String {
    switch pattern {
    case .variable(let id): self[id].name
    case .discard: "_"
    case .tuple(let items): "(" + items.map(text).joined(separator: ", ") + ")"
    }
  }
}
