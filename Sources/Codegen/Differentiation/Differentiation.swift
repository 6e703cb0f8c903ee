import ModelDSL

/// Derivatives of procedures and of blocks: IR in, IR out. What it knows of primitives is the rule table that it is given.
public enum Differentiation {
  /// Reverse mode. Inputs: those of `procedure`, then a cotangent for each real result. Results: those of `procedure`, then the cotangents of
  /// the inputs `variables` (by place), in that order.
  public static func vjp(of procedure: Procedure, wrt variables: [Int], rules: RuleTable) -> Procedure {
    var builder = Builder(values: procedure.values)
    var result = procedure
    var cotangents: [Value?] = []
    for (value, name) in zip(procedure.body.results, procedure.resultNames) {
      guard builder.values[value].element == .real else {
        cotangents.append(nil)
        continue
      }
      let cotangent = builder.fresh(builder.values[value], name: name == "value" ? "cotangent" : name + "Cotangent")
      cotangents.append(cotangent)
      result.inputs.append(Procedure.Input(value: cotangent, name: builder.values.name(of: cotangent)!))
    }
    let (results, gradients) = pullback(
      of: procedure.body, arguments: procedure.body.parameters, wrt: variables, cotangents: cotangents, rules: rules, in: &builder)
    result.body = Block(parameters: result.inputs.map(\.value), statements: builder.takeStatements(), results: results + gradients)
    result.resultNames += variables.map { procedure.inputs[$0].name + "Gradient" }
    result.values = builder.values
    return result
  }

  /// The value and the gradient of a procedure whose first result is a real number. Results: those of `procedure`, then the gradients.
  public static func gradient(of procedure: Procedure, wrt variables: [Int], rules: RuleTable) -> Procedure {
    var builder = Builder(values: procedure.values)
    let seed = builder.real(1)
    let cotangents: [Value?] = procedure.body.results.indices.map { $0 == 0 ? seed : nil }
    let (results, gradients) = pullback(
      of: procedure.body, arguments: procedure.body.parameters, wrt: variables, cotangents: cotangents, rules: rules, in: &builder)
    var result = procedure
    result.body = Block(parameters: procedure.body.parameters, statements: builder.takeStatements(), results: results + gradients)
    result.resultNames += variables.map { procedure.inputs[$0].name + "Gradient" }
    result.values = builder.values
    return result
  }

  /// Forward mode. Inputs: those of `procedure`, then the tangents of `variables`. Results: those of `procedure`, then the tangents of the real ones.
  /// Throws where a rule `g -> e` is not linear in `g`: such a rule serves reverse mode only.
  public static func jvp(of procedure: Procedure, wrt variables: [Int], rules: RuleTable) throws(NonlinearRule) -> Procedure {
    var builder = Builder(values: procedure.values)
    var result = procedure
    var tangents: [Value?] = procedure.inputs.map { _ in nil }
    for place in variables {
      let input = procedure.inputs[place]
      let tangent = builder.fresh(builder.values[input.value], name: input.name + "Tangent")
      tangents[place] = tangent
      result.inputs.append(Procedure.Input(value: tangent, name: input.name + "Tangent"))
    }
    let (results, resultTangents) = try pushforward(
      of: procedure.body, arguments: procedure.body.parameters, tangents: tangents, rules: rules, in: &builder)
    let real = results.indices.filter { builder.values[results[$0]].element == .real }
    let outTangents = real.map { resultTangents[$0] ?? builder.zeros(builder.values[results[$0]]) }
    result.body = Block(parameters: result.inputs.map(\.value), statements: builder.takeStatements(), results: results + outTangents)
    result.resultNames += real.map { procedure.resultNames[$0] + "Tangent" }
    result.values = builder.values
    return result
  }

  /// Emits `block` applied to `arguments`, and its reverse. Returns the results, and the cotangents of the arguments `variables`.
  public static func pullback(
    of block: Block, arguments: [Value], wrt variables: [Int], cotangents: [Value?], rules: RuleTable, in builder: inout Builder
  ) -> (results: [Value], gradients: [Value]) {
    let imported = ImportedRules(rules, into: &builder)
    return pullback(of: block, arguments: arguments, wrt: variables, cotangents: cotangents, rules: imported, in: &builder)
  }

  static func pullback(
    of block: Block, arguments: [Value], wrt variables: [Int], cotangents: [Value?], rules: ImportedRules, in builder: inout Builder
  ) -> (results: [Value], gradients: [Value]) {
    let seeds = Set(variables.map { block.parameters[$0] })
    var varied = Activity.varied(in: block, from: seeds, values: builder.values, rules: rules)
    var replacement = Dictionary(uniqueKeysWithValues: zip(block.parameters, arguments))
    for place in variables { varied.insert(arguments[place]) }

    var mode = ReverseMode(builder: builder, rules: rules, varied: varied, guarded: ConditionalDemand.guarded(in: block))
    mode.frames = [ReverseMode.Frame(locals: Set(variables.map { arguments[$0] }))]
    let body = mode.augmented(block)
    mode.reverseAgain(body, &replacement, seeds: cotangents)
    let gradients = variables.map { place in
      mode.cotangent(of: arguments[place]) ?? mode.builder.zeros(mode.builder.values[arguments[place]])
    }
    let results = block.results.map { replacement[$0] ?? $0 }
    builder = mode.builder
    return (results, gradients)
  }
}

/// A rule `g -> e` that is not linear in `g`: it cannot be transposed, so forward mode cannot use it.
public struct NonlinearRule: Error {
  /// The ruled value.
  public var value: Value
}
