import Codegen
import ModelDSL

/// One derivative that the generated code has, and the function that it is said to be the derivative of.
struct Claim {
  let name: String
  let primal: Procedure
  /// What is emitted; its arguments are the inputs of `primal`, in order, before anything else.
  let emitted: EntryPoint
  /// What is known of the inputs of `primal`.
  let hints: [Int: PointSource.Hint]

  var kind: DerivativeKind { emitted.kind }

  var variables: [String] { emitted.variables }

  /// Places of the variables among the inputs of `primal`.
  var wrt: [Int] { variables.compactMap { name in primal.inputs.firstIndex { $0.name == name } } }

  /// Places of the results that have a derivative.
  var realResults: [Int] { primal.body.results.indices.filter { primal.values[primal.body.results[$0]].element == .real } }
}

extension Module {
  /// Every derivative that the file emits.
  var claims: [Claim] {
    functions.flatMap { function in
      function.emitted.filter(\.kind.isDerivative).map {
        Claim(name: $0.name, primal: function.primal.procedure, emitted: $0, hints: [:])
      }
    } + models.flatMap(\.claims)
  }
}

extension ModelEntry {
  /// What is known of the inputs of its procedures.
  var hints: [Int: PointSource.Hint] {
    var hints: [Int: PointSource.Hint] = [:]
    for (place, parameter) in parameters.enumerated() { hints[place] = .initializer(parameter.initializer) }
    for (place, setting) in settings.enumerated() { hints[parameters.count + place] = .near(setting.value) }
    return hints
  }

  fileprivate var claims: [Claim] {
    var claims: [Claim] = []
    if let loss, let lossAndGradient {
      let roles = loss.inputs.prefix(parameters.count).map { EntryPoint.ResultRole.gradient(of: $0.name) }
      let entry = EntryPoint(
        kind: .gradient, name: "lossAndGradient", procedure: lossAndGradient, inputRoles: loss.inputs.map { _ in .argument },
        resultRoles: [.value(label: nil)] + roles)
      claims.append(Claim(name: "\(name).lossAndGradient", primal: loss, emitted: entry, hints: hints))
    }
    for entry in derived where entry.kind.isDerivative {
      guard let primal = entry.primal else { continue }
      claims.append(Claim(name: "\(name).\(entry.name)", primal: primal, emitted: entry, hints: hints))
    }
    return claims
  }
}

extension EntryPoint {
  /// What is differentiated with respect to, in the order of inputs or results.
  var variables: [String] {
    var names: [String] = []
    func add(_ name: String) { if !names.contains(name) { names.append(name) } }
    for role in resultRoles {
      switch role {
      case .gradient(let name), .jacobian(_, let name), .product(let name): add(name)
      case .hessian(let first, _): add(first)
      case .value, .tangent, .blockValues, .blockColumns: break
      }
    }
    for case .tangent(let name) in inputRoles { add(name) }
    for block in blocks { add(block.variable) }
    return names
  }
}

extension DerivativeKind {
  var isDerivative: Bool { self != .value && self != .stream }
}
