/// Uses an array itself where a map copies it element by element. `simplify` does this too; here nothing else changes, for where other forms
/// have been chosen on purpose.
func removeCopies(_ procedure: Procedure) -> Procedure {
  var removal = CopyRemoval(values: procedure.values)
  var result = procedure
  result.body = removal.rewritten(procedure.body)
  result.values = removal.values
  return result
}

private struct CopyRemoval {
  var values: ValueTable
  var renaming = Renaming()

  mutating func rewritten(_ block: Block) -> Block {
    var statements: [Statement] = []
    statements.reserveCapacity(block.statements.count)
    for statement in block.statements {
      if let source = copied(statement) {
        let array = renaming.resolve(source)
        values.inheritName(of: statement.results[0], by: array)
        renaming.replace(statement.results[0], by: array)
      } else {
        statements.append(statement.with(statement.operation.rewritten(value: { renaming.resolve($0) }, block: { rewritten($0) })))
      }
    }
    return Block(parameters: block.parameters, statements: statements, results: block.results.map(renaming.resolve))
  }

  /// The array of which the statement's only result is a copy.
  private func copied(_ statement: Statement) -> Value? {
    guard case .map(let map) = statement.operation, map.body.statements.count == 1, map.body.results == map.body.statements[0].results,
      case .read(let array, map.axes.map(\.index)) = map.body.statements[0].operation,
      Array(values[array].shape.prefix(map.axes.count)) == map.axes.map(\.size)
    else { return nil }
    return array
  }
}
