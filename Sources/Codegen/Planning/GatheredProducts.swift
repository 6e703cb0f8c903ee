import ModelDSL

/// Inside loops, the product with a transposed matrix is written as sums along the rows of a transposed copy, made once a call, instead of adding row
/// by row to the whole result. The same results up to the order of summation.
func gatherProducts(_ procedure: Procedure) -> Procedure {
  var pass = GatheredProducts(procedure)
  return pass.run()
}

private struct GatheredProducts {
  private var procedure: Procedure
  private var builder: Builder
  private var copies: TransposedCopies

  init(_ procedure: Procedure) {
    self.procedure = procedure
    builder = Builder(values: procedure.values)
    copies = TransposedCopies(procedure)
  }

  mutating func run() -> Procedure {
    let body = rewritten(procedure.body, inLoop: false)
    let prologue = copies.prologue(in: &builder)
    procedure.body = Block(parameters: body.parameters, statements: prologue + body.statements, results: body.results)
    procedure.values = builder.values
    return procedure
  }

  private mutating func rewritten(_ block: Block, inLoop: Bool) -> Block {
    builder.openBlock()
    for statement in block.statements { rewrite(statement, inLoop: inLoop) }
    return builder.closeBlock(parameters: block.parameters, results: block.results)
  }

  private mutating func rewrite(_ statement: Statement, inLoop: Bool) {
    if inLoop, case .accumulating(let scope) = statement.operation, let product = transposedProduct(scope),
      let columns = copies.copy(of: product.matrix, in: &builder)
    {
      // What else the scope does has nothing to do with its sum.
      for (place, other) in scope.body.statements.enumerated() where place != product.place { rewrite(other, inLoop: true) }
      emit(product, columns, for: statement)
      return
    }
    var isLoop = inLoop
    switch statement.operation {
    case .scan, .whileLoop: isLoop = true
    default: break
    }
    var blocks = statement.operation.blocks.map { rewritten($0, inLoop: isLoop) }[...]
    builder.append(
      Statement(
        results: statement.results, operation: statement.operation.mapBlocks { _ in blocks.removeFirst() }, notes: statement.notes))
  }

  private struct TransposedProduct {
    /// Which statement of the scope it is.
    var place: Int
    var matrix: Value
    var factor: Value
    var rows: Axis
    var columns: Axis
    var initial: Value?
  }

  /// `map [i] { map [k] { accumulate token[k] += factor[i] * matrix[i, k] } }`, and nothing else that adds to the token.
  private func transposedProduct(_ scope: Accumulating) -> TransposedProduct? {
    guard scope.accumulators.count == 1, scope.body.results.isEmpty else { return nil }
    let adding = scope.body.statements.indices.filter { scope.body.statements[$0].outerTokens.contains(scope.accumulators[0].token) }
    guard adding.count == 1, case .map(let outer) = scope.body.statements[adding[0]].operation, outer.axes.count == 1,
      outer.body.results.isEmpty,
      let last = outer.body.statements.last, case .map(let inner) = last.operation, inner.axes.count == 1, inner.body.results.isEmpty,
      outer.body.statements.count <= 2, inner.body.statements.count == 3
    else { return nil }
    let (i, k) = (outer.axes[0].index, inner.axes[0].index)
    var definitions: [Value: Operation] = [:]
    for line in outer.body.statements + inner.body.statements { for result in line.results { definitions[result] = line.operation } }
    guard case .accumulate(let token, let place, let value)? = inner.body.statements.last?.operation, token == scope.accumulators[0].token,
      place == [k], case .primitive(.multiply, let operands)? = definitions[value]
    else { return nil }
    for (a, b) in [(operands[0], operands[1]), (operands[1], operands[0])] {
      if case .read(let factor, let rows)? = definitions[a], rows == [i], case .read(let matrix, let indices)? = definitions[b],
        indices == [i, k]
      {
        return TransposedProduct(
          place: adding[0], matrix: matrix, factor: factor, rows: outer.axes[0], columns: inner.axes[0],
          initial: scope.accumulators[0].initial)
      }
    }
    return nil
  }

  private mutating func emit(_ product: TransposedProduct, _ columns: Value, for statement: Statement) {
    builder.notes = statement.notes
    defer { builder.notes = [] }
    let k = builder.fresh(.integer)
    let body = builder.block { builder in
      let sum = builder.reduce(.sum, [product.rows.size]) { builder, i in
        [builder.primitive(.multiply, [builder.read(columns, [k] + i), builder.read(product.factor, i)])]
      }[0]
      guard let initial = product.initial else { return [sum] }
      return [builder.primitive(.add, [builder.read(initial, [k]), sum])]
    }
    builder.append(
      Statement(
        results: statement.results, operation: .map(Map(axes: [Axis(index: k, size: product.columns.size)], body: body)),
        notes: statement.notes))
  }
}
