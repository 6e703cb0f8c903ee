/// Replaces every `ruled` value by the value itself: for when nothing is differentiated any more.
public func eraseRules(_ procedure: Procedure) -> Procedure {
  var erasure = RuleErasure(values: procedure.values)
  var result = procedure
  result.body = erasure.erase(procedure.body)
  result.values = erasure.values
  return result
}

private struct RuleErasure {
  var values: ValueTable
  var renaming = Renaming()

  mutating func erase(_ block: Block) -> Block {
    var statements: [Statement] = []
    statements.reserveCapacity(block.statements.count)
    for statement in block.statements {
      if case .ruled(let value, _) = statement.operation {
        let source = renaming.resolve(value)
        values.inheritName(of: statement.results[0], by: source)
        renaming.replace(statement.results[0], by: source)
      } else {
        let operation = statement.operation.rewritten(value: { renaming.resolve($0) }, block: { erase($0) })
        statements.append(statement.with(operation))
      }
    }
    return Block(parameters: block.parameters, statements: statements, results: block.results.map(renaming.resolve))
  }
}
