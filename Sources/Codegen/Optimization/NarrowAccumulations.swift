/// Leaves inside of an `accumulating` scope only what adds to its accumulators and what stands between such statements; the rest goes
/// before or after it, where other passes see it beside its equals.
func narrowAccumulations(_ procedure: Procedure) -> Procedure {
  var narrowing = Narrowing(values: procedure.values)
  var result = procedure
  result.body = narrowing.narrowed(procedure.body)
  result.values = narrowing.values
  return result
}

private struct Narrowing {
  var values: ValueTable
  var renaming = Renaming()

  mutating func narrowed(_ block: Block) -> Block {
    var statements: [Statement] = []
    for statement in block.statements { narrow(statement, to: &statements) }
    return Block(parameters: block.parameters, statements: statements, results: block.results.map(renaming.resolve))
  }

  private mutating func narrow(_ statement: Statement, to output: inout [Statement]) {
    let operation = statement.operation.rewritten(value: { renaming.resolve($0) }, block: { narrowed($0) })
    guard case .accumulating(let scope) = operation else {
      output.append(statement.with(operation))
      return
    }
    let parts = split(scope)
    output += parts.before
    // What stands inside and is used outside comes out as a result.
    let count = scope.body.results.count
    var results: [Value] = []
    var inner: [Value] = []
    for (result, value) in zip(statement.results, scope.body.results) {
      if !parts.inside.contains(value) {
        renaming.replace(result, by: value)
      } else if let place = inner.firstIndex(of: value) {
        renaming.replace(result, by: results[place])
      } else {
        results.append(result)
        inner.append(value)
      }
    }
    var names: [Value: Value] = Dictionary(uniqueKeysWithValues: zip(inner, results))
    for value in parts.after.flatMap({ $0.freeValues.sorted() }) where parts.inside.contains(value) && names[value] == nil {
      let result = values.add(values[value], name: values.name(of: value))
      names[value] = result
      results.append(result)
      inner.append(value)
    }
    let body = Block(statements: parts.kept, results: inner)
    let narrower = Operation.accumulating(Accumulating(accumulators: scope.accumulators, body: body))
    output.append(Statement(results: results + statement.results.dropFirst(count), operation: narrower, notes: statement.notes))
    output += Block(statements: parts.after).substituting(names).statements
  }

  private func split(_ scope: Accumulating) -> (before: [Statement], kept: [Statement], after: [Statement], inside: Set<Value>) {
    let tokens = Set(scope.accumulators.map(\.token))
    let statements = scope.body.statements
    let free = statements.map(\.freeValues)
    let adds = statements.map { !$0.outerTokens.isDisjoint(with: tokens) }
    var later: Set<Value> = []
    let follows = statements.indices.map { place in
      let follows = adds[place] || !free[place].isDisjoint(with: later)
      if follows { later.formUnion(statements[place].results) }
      return follows
    }
    var needed: Set<Value> = []
    var leads = adds
    for place in statements.indices.reversed() {
      if !adds[place] { leads[place] = !needed.isDisjoint(with: statements[place].results) }
      if leads[place] { needed.formUnion(free[place]) }
    }
    func part(_ isIn: (Int) -> Bool) -> [Statement] { statements.indices.filter(isIn).map { statements[$0] } }
    let kept = part { follows[$0] && leads[$0] }
    return (part { !follows[$0] }, kept, part { follows[$0] && !leads[$0] }, Set(kept.flatMap(\.results)))
  }
}
