import ModelDSL

/// Makes a map's result of an accumulator to which the map adds once for each element: nothing is zeroed first, nothing read back.
///
/// That is so where the token's only addition stands in maps nested directly in its scope, at exactly their indices, outer ones first.
func gatherAccumulations(_ procedure: Procedure) -> Procedure {
  var gathering = Gathering(values: procedure.values)
  var result = procedure
  result.body = gathering.gathered(procedure.body)
  result.values = gathering.values
  return result
}

private struct Gathering {
  var values: ValueTable
  var renaming = Renaming()

  mutating func gathered(_ block: Block) -> Block {
    var statements: [Statement] = []
    for statement in block.statements {
      let operation = statement.operation.rewritten(value: { renaming.resolve($0) }, block: { gathered($0) })
      guard case .accumulating(let scope) = operation else {
        statements.append(statement.with(operation))
        continue
      }
      statements.append(gathered(statement, scope))
    }
    return Block(parameters: block.parameters, statements: statements, results: block.results.map(renaming.resolve))
  }

  private mutating func gathered(_ statement: Statement, _ scope: Accumulating) -> Statement {
    var additions: [Value: Int] = [:]
    count(scope.body, &additions)
    return statement.gathering(scope) { accumulator, body in
      additions[accumulator.token] == 1 ? gather(accumulator, &body, along: []) : nil
    }
  }

  private func count(_ block: Block, _ additions: inout [Value: Int]) {
    for statement in block.statements {
      if case .accumulate(let token, _, _) = statement.operation { additions[token, default: 0] += 1 }
      for block in statement.operation.blocks { count(block, &additions) }
    }
  }

  /// Takes the addition out of the block, if it is there in the right form, and gives what takes its place: an element, or rows stacked so
  /// far.
  private mutating func gather(_ accumulator: Accumulating.Accumulator, _ block: inout Block, along indices: [Axis]) -> Value? {
    for place in block.statements.indices {
      switch block.statements[place].operation {
      case .accumulate(accumulator.token, indices.map(\.index), let value):
        // An accumulator that starts from elsewhere adds to that. Then the value must be a number.
        guard !indices.isEmpty, indices.map(\.size) == Array(values[accumulator.token].shape.prefix(indices.count)) else { return nil }
        block.statements.remove(at: place)
        guard let initial = accumulator.initial else { return value }
        if !values[value].isScalar { return nil }
        let start = values.add(values[value])
        let sum = values.add(values[value])
        block.statements.append(Statement(results: [start], operation: .read(initial, indices.map(\.index))))
        block.statements.append(Statement(results: [sum], operation: .primitive(.add, [start, value])))
        return sum
      case .map(var map):
        guard let row = gather(accumulator, &map.body, along: indices + map.axes) else { continue }
        map.body.results.append(row)
        let type = ValueType(values[row].element, map.axes.map(\.size) + values[row].shape)
        let stacked = values.add(type, name: values.name(of: accumulator.token))
        let old = block.statements[place]
        block.statements[place] = Statement(results: old.results + [stacked], operation: .map(map), notes: old.notes)
        return stacked
      default: continue
      }
    }
    return nil
  }
}

extension Statement {
  /// The statement with those accumulators of its scope replaced for which `gather` takes all additions out of the body, and gives what takes the
  /// place of their sum.
  func gathering(
    _ scope: Accumulating, _ gather: (Accumulating.Accumulator, inout Block) -> Value?
  ) -> Statement {
    var scope = scope
    let count = scope.body.results.count
    var gathered = Array(results.prefix(count))
    var sums: [Value] = []
    var kept: [Accumulating.Accumulator] = []
    for (accumulator, sum) in zip(scope.accumulators, results.dropFirst(count)) {
      if let stacked = gather(accumulator, &scope.body) {
        scope.body.results.append(stacked)
        gathered.append(sum)
      } else {
        kept.append(accumulator)
        sums.append(sum)
      }
    }
    scope.accumulators = kept
    return Statement(results: gathered + sums, operation: .accumulating(scope), notes: notes)
  }
}
