import ModelDSL

extension Lowerer {
  /// `f'(e)`: forward mode through the function at `e`, with the rules in force here.
  mutating func prime(_ callee: Callee, _ argument: Value, mapped: [Size], range: SourceRange) throws -> Value {
    let indices = mapped.map { _ in builder.fresh(.integer) }
    let body = try block { lowerer in
      let number = lowerer.builder.read(argument, indices)
      let parameter = lowerer.builder.fresh(.real)
      let function = try lowerer.block(parameters: [parameter]) {
        try $0.callOnce(named: callee, .value(parameter), range: range).values
      }
      let one = lowerer.builder.real(1)
      do {
        let (_, tangents) = try Differentiation.pushforward(
          of: function, arguments: [number], tangents: [one], rules: lowerer.primitiveRules, in: &lowerer.builder)
        return [tangents[0] ?? lowerer.builder.real(0)]
      } catch {
        throw LoweringError(.nonlinearRule(lowerer.program.sources.text(of: range), at: range))
      }
    }
    if mapped.isEmpty {
      for statement in body.statements { builder.append(statement) }
      return body.results[0]
    }
    return builder.emit(.map(Map(axes: zip(indices, mapped).map { Axis(index: $0, size: $1) }, body: body)))[0]
  }

  private mutating func callOnce(named callee: Callee, _ argument: Lowered, range: SourceRange) throws -> Lowered {
    var arguments = [argument]
    if case .primitive(.step) = callee { arguments.append(.value(builder.integer(0))) }
    return try call(callee, arguments, sizes: [:], mapped: [], resultType: .real, range: range)
  }

  /// The statements that lead from the variable to the result, as a block with the variable as parameter.
  private mutating func path(
    from variables: [DerivativeVariable], to result: TypedExpression
  ) throws -> (block: Block, arguments: [Value]) {
    let arguments = try variables.map { variable -> Value in
      switch variable {
      case .variable(let id): return try value(TypedExpression(kind: .variable(id), type: program[id].type, range: result.range))
      case .next(let id): return try value(TypedExpression(kind: .next(id), type: program[id].type, range: result.range))
      }
    }
    let end = try value(result)
    var reached = Set(arguments)
    var forward: [Statement] = []
    for statement in builder.openStatements.joined() where !statement.freeValues.isDisjoint(with: reached) && !statement.results.isEmpty {
      if !statement.results.allSatisfy({ !reached.contains($0) }) { continue }
      reached.formUnion(statement.results)
      forward.append(statement)
    }
    // What only one side of a branch needs must not be differentiated where the other is taken.
    let block = sinkIntoBranches(Block(parameters: arguments, statements: forward, results: [end]).withoutDeadStatements(), in: &builder)
    return (block, arguments)
  }

  mutating func gradient(of result: TypedExpression, wrt variable: DerivativeVariable, range: SourceRange) throws -> Value {
    let (block, arguments) = try path(from: [variable], to: result)
    let seed = builder.real(1)
    let (_, gradients) = Differentiation.pullback(
      of: block, arguments: arguments, wrt: [0], cotangents: [seed], rules: primitiveRules, in: &builder)
    return gradients[0]
  }

  mutating func jvp(
    of result: TypedExpression, tangents: [(DerivativeVariable, TypedExpression)], range: SourceRange
  ) throws -> Value {
    let directions = try tangents.map { try value($0.1) }
    let (block, arguments) = try path(from: tangents.map(\.0), to: result)
    do {
      let (results, resultTangents) = try Differentiation.pushforward(
        of: block, arguments: arguments, tangents: directions, rules: primitiveRules, in: &builder)
      return resultTangents[0] ?? builder.zeros(builder.values[results[0]])
    } catch {
      throw LoweringError(.nonlinearRule(program.sources.text(of: range), at: range))
    }
  }

  /// Column by column in forward mode, or row by row in reverse mode where the value has fewer elements.
  mutating func jacobian(of result: TypedExpression, wrt variable: DerivativeVariable, range: SourceRange) throws -> Value {
    let (block, arguments) = try path(from: [variable], to: result)
    do {
      return try Differentiation.jacobian(of: block, arguments: arguments, wrt: 0, result: 0, rules: primitiveRules, in: &builder)
    } catch {
      throw LoweringError(.nonlinearRule(program.sources.text(of: range), at: range))
    }
  }
}
