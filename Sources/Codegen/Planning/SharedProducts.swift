import ModelDSL

/// A product that a later loop over the same axis computes again is kept by the first: reading it back is cheaper. Derivatives replay what they
/// need of a loop, its products included.
func shareProducts(_ procedure: Procedure) -> Procedure {
  var pass = SharedProducts(values: procedure.values, equivalence: Equivalence(of: procedure))
  var result = procedure
  result.body = pass.rewritten(procedure.body)
  result.values = pass.values
  return result
}

private struct SharedProducts {
  var values: ValueTable
  let equivalence: Equivalence

  mutating func rewritten(_ block: Block) -> Block {
    var statements = block.statements
    for later in statements.indices {
      guard case .map(var second) = statements[later].operation, second.axes.count == 1 else { continue }
      var isChanged = false
      for (line, statement) in second.body.statements.enumerated() where statement.isProduct {
        let product = statement.results[0]
        for earlier in statements.indices.prefix(upTo: later) {
          guard case .map(var first) = statements[earlier].operation, first.axes.map(\.size) == second.axes.map(\.size),
            let same = first.body.statements.first(where: {
              $0.isProduct && equivalence.matches($0.results[0], of: first, product, of: second)
            })?.results[0]
          else { continue }
          let array: Value
          if let place = first.body.results.firstIndex(of: same) {
            array = statements[earlier].results[place]
          } else {
            array = values.add(
              ValueType(.real, first.axes.map(\.size) + values[same].shape), name: values.name(of: same))
            first.body.results.append(same)
            statements[earlier] = Statement(
              results: statements[earlier].results + [array], operation: .map(first), notes: statements[earlier].notes)
          }
          second.body.statements[line] = Statement(
            results: [product], operation: .read(array, [second.axes[0].index]), notes: statement.notes)
          isChanged = true
          break
        }
      }
      if isChanged {
        statements[later] = Statement(results: statements[later].results, operation: .map(second), notes: statements[later].notes)
      }
    }
    var result = block
    result.statements = statements.map { statement in
      Statement(results: statement.results, operation: statement.operation.mapBlocks { rewritten($0) }, notes: statement.notes)
    }
    return result
  }
}

extension Statement {
  /// One array of sums of products.
  fileprivate var isProduct: Bool {
    guard results.count == 1, case .map(let map) = operation, let contraction = Contraction(map) else { return false }
    return contraction.target == nil
  }
}
