import ModelDSL

/// Products of a matrix with an array of spikes become sums of the columns at which there is one; gradients of such matrices are added to only there.
/// The matrices involved are transposed once a call, so that both run along rows. The same results up to the order of summation.
func eventDriven(_ procedure: Procedure) -> Procedure {
  var pass = EventDrivenProducts(procedure)
  return pass.run()
}

private struct EventDrivenProducts {
  private var procedure: Procedure
  private var builder: Builder
  private let facts: SpikeFacts
  private var copies: TransposedCopies
  /// Accumulators of matrices that are added to spike by spike: their axes are exchanged.
  private var exchanged: Set<Value> = []

  init(_ procedure: Procedure) {
    self.procedure = procedure
    builder = Builder(values: procedure.values)
    facts = SpikeFacts(procedure)
    copies = TransposedCopies(procedure)
  }

  mutating func run() -> Procedure {
    if facts.spikes.isEmpty { return procedure }
    exchanged = exchangeableTokens()
    for token in exchanged {
      let type = builder.values[token]
      builder.values.setType(ValueType(type.element, type.shape.reversed()), of: token)
    }
    let body = rewritten(procedure.body)
    let prologue = copies.prologue(in: &builder)
    procedure.body = Block(parameters: body.parameters, statements: prologue + body.statements, results: body.results)
    procedure.values = builder.values
    return procedure
  }

  // MARK: Accumulators

  /// Tokens of matrices that some statement adds to spike by spike, where every statement that adds to them gives both indices.
  private func exchangeableTokens() -> Set<Value> {
    var found: Set<Value> = []
    var fixed: Set<Value> = []
    func visit(_ block: Block) {
      for statement in block.statements {
        switch statement.operation {
        case .accumulate(let token, let indices, _): if indices.count != 2 { fixed.insert(token) }
        case .accumulating(let scope):
          for accumulator in scope.accumulators where accumulator.initial != nil { fixed.insert(accumulator.token) }
        case .map(let map):
          for inner in map.body.statements { found.formUnion(outerProducts(map, inner).map(\.token)) }
        default: break
        }
        for inner in statement.operation.blocks { visit(inner) }
      }
    }
    visit(procedure.body)
    return found.subtracting(fixed)
  }

  // MARK: Rewriting

  private mutating func rewritten(_ block: Block) -> Block {
    builder.openBlock()
    for statement in block.statements { rewrite(statement) }
    return builder.closeBlock(parameters: block.parameters, results: block.results)
  }

  private mutating func rewrite(_ statement: Statement) {
    builder.notes = statement.notes
    defer { builder.notes = [] }
    switch statement.operation {
    case .map(var map) where map.axes.count == 1:
      let products = map.body.statements.compactMap { product($0, map) }
      for found in products {
        guard let columns = columns(found) else { continue }
        let sums = emitSpikeSum(found, columns, over: map.axes[0])
        map.body.statements = map.body.statements.map { inner in
          inner.results == [found.result]
            ? Statement(results: inner.results, operation: .read(sums, [map.axes[0].index]), notes: inner.notes) : inner
        }
      }
      for inner in map.body.statements {
        for outer in outerProducts(map, inner) where exchanged.contains(outer.token) {
          emitSpikewiseAdding(outer, over: map.axes[0])
          map.body.statements = map.body.statements.map { $0.removingAddition(to: outer.token) }
        }
      }
      builder.append(
        Statement(results: statement.results, operation: .map(Map(axes: map.axes, body: rewritten(map.body))), notes: statement.notes))
    case .accumulate(let token, let indices, let value) where exchanged.contains(token):
      builder.accumulate(into: token, indices.reversed(), value)
    case .accumulating(let scope) where scope.accumulators.contains { exchanged.contains($0.token) }:
      rewriteScope(statement, scope)
    default:
      let operation = statement.operation
      var blocks = operation.blocks.map { rewritten($0) }[...]
      builder.append(
        Statement(results: statement.results, operation: operation.mapBlocks { _ in blocks.removeFirst() }, notes: statement.notes))
    }
  }

  private mutating func rewriteScope(_ statement: Statement, _ scope: Accumulating) {
    var results = statement.results
    var restored: [(sum: Value, result: Value)] = []
    let first = scope.body.results.count
    for (place, accumulator) in scope.accumulators.enumerated() where exchanged.contains(accumulator.token) {
      let sum = builder.fresh(
        builder.values[accumulator.token], name: builder.values.name(of: results[first + place]).map { $0 + "Transposed" })
      restored.append((sum, results[first + place]))
      results[first + place] = sum
    }
    let body = rewritten(scope.body)
    builder.append(
      Statement(
        results: results, operation: .accumulating(Accumulating(accumulators: scope.accumulators, body: body)), notes: statement.notes))
    for (sum, result) in restored { builder.transpose(sum, as: result) }
  }

  // MARK: Sums of columns

  private struct SpikeProduct {
    var result: Value
    var axis: Axis
    var spikes: Value
    var spikeIndices: [Value]
    var matrix: Value
    var matrixIndices: [Value]
    var row: Value
  }

  /// `sum [k] matrix[i, k] * spikes[k]` in a map over `i`.
  private func product(_ statement: Statement, _ map: Map) -> SpikeProduct? {
    guard case .reduce(let reduce) = statement.operation, reduce.op == .sum, reduce.axes.count == 1, reduce.condition == nil,
      reduce.body.results.count == 1, let (first, second) = reduce.body.productOfReads(reduce.body.results[0])
    else { return nil }
    let inside = Set(map.body.statements.flatMap(\.results))
    let i = map.axes[0].index
    let k = reduce.axes[0].index
    for (spikes, matrix) in [(first, second), (second, first)] {
      guard facts.contains(spikes.array), spikes.indices.last == k, !spikes.indices.contains(i), !inside.contains(spikes.array),
        spikes.indices.allSatisfy({ !inside.contains($0) }), !inside.contains(matrix.array), !facts.contains(matrix.array),
        matrix.indices.count == 2, Set(matrix.indices) == [i, k]
      else { continue }
      return SpikeProduct(
        result: statement.results[0], axis: reduce.axes[0], spikes: spikes.array, spikeIndices: spikes.indices, matrix: matrix.array,
        matrixIndices: matrix.indices, row: i)
    }
    return nil
  }

  /// The matrix with the spikes' axis first.
  private mutating func columns(_ product: SpikeProduct) -> Value? {
    product.matrixIndices[0] == product.axis.index ? product.matrix : copies.copy(of: product.matrix, in: &builder)
  }

  private mutating func emitSpikeSum(_ product: SpikeProduct, _ columns: Value, over axis: Axis) -> Value {
    let k = builder.fresh(.integer, name: builder.values.name(of: product.axis.index))
    let names = [product.axis.index: k]
    let (_, sums) = builder.accumulating([ValueType(.real, [axis.size])]) { builder, tokens in
      let body = builder.block { builder in
        builder.whereSpike(product.spikes, product.spikeIndices.map { names[$0] ?? $0 }) { builder in
          _ = builder.map([axis.size]) { builder, i in
            builder.accumulate(into: tokens[0], i, builder.read(columns, [k] + i))
            return []
          }
        }
        return []
      }
      builder.emit(.map(Map(axes: [Axis(index: k, size: product.axis.size)], body: body)))
      return []
    }
    return sums[0]
  }

  // MARK: Outer products

  private struct OuterProduct {
    var token: Value
    var axis: Axis
    var spikes: Value
    var spikeIndices: [Value]
    var factor: (array: Value, indices: [Value])
  }

  /// `map [k] { accumulate token[i, k] += factor[i] * spikes[k] }` in a map over `i`, where both arrays come from outside.
  private func outerProducts(_ map: Map, _ statement: Statement) -> [OuterProduct] {
    guard map.axes.count == 1, case .map(let inner) = statement.operation, inner.axes.count == 1, inner.body.results.isEmpty else {
      return []
    }
    let i = map.axes[0].index
    let k = inner.axes[0].index
    let inside = Set(map.body.statements.flatMap(\.results) + inner.body.statements.flatMap(\.results))
    var found: [OuterProduct] = []
    for line in inner.body.statements {
      guard case .accumulate(let token, let indices, let value) = line.operation, indices == [i, k],
        case .primitive(.multiply, let operands)? = inner.body.definition(of: value)
      else { continue }
      for (number, factor) in [(operands[0], operands[1]), (operands[1], operands[0])] {
        guard case .read(let spikes, let places)? = inner.body.definition(of: number), facts.contains(spikes), places.last == k,
          places.dropLast().allSatisfy({ !inside.contains($0) && $0 != i && $0 != k }), !inside.contains(spikes),
          case .read(let array, let rows)? = map.body.definition(of: factor) ?? inner.body.definition(of: factor), rows == [i],
          !inside.contains(array)
        else { continue }
        found.append(OuterProduct(token: token, axis: inner.axes[0], spikes: spikes, spikeIndices: places, factor: (array, rows)))
        break
      }
    }
    return found
  }

  private mutating func emitSpikewiseAdding(_ product: OuterProduct, over axis: Axis) {
    let k = builder.fresh(.integer, name: builder.values.name(of: product.axis.index))
    let names = [product.axis.index: k]
    let body = builder.block { builder in
      builder.whereSpike(product.spikes, product.spikeIndices.map { names[$0] ?? $0 }) { builder in
        _ = builder.map([axis.size]) { builder, i in
          builder.accumulate(into: product.token, [k] + i, builder.read(product.factor.array, i))
          return []
        }
      }
      return []
    }
    builder.emit(.map(Map(axes: [Axis(index: k, size: product.axis.size)], body: body)))
  }
}

extension Builder {
  /// `if spikes[indices] > 0 { … }`
  mutating func whereSpike(_ spikes: Value, _ indices: [Value], _ body: (inout Builder) -> Void) {
    let spike = read(spikes, indices)
    let none = real(0)
    let fires = primitive(.greater, [spike, none])
    let then = block { builder in
      body(&builder)
      return []
    }
    emit(.branch(condition: fires, then: then, otherwise: Block()))
  }
}

extension Block {
  /// The two reads whose product a value of this block is.
  fileprivate func productOfReads(_ value: Value) -> (first: (array: Value, indices: [Value]), second: (array: Value, indices: [Value]))? {
    guard case .primitive(.multiply, let operands)? = definition(of: value), case .read(let a, let i)? = definition(of: operands[0]),
      case .read(let b, let j)? = definition(of: operands[1])
    else { return nil }
    return ((a, i), (b, j))
  }
}

extension Statement {
  /// A map without its additions to one accumulator.
  fileprivate func removingAddition(to token: Value) -> Statement {
    guard case .map(let map) = operation else { return self }
    var body = map.body
    body.statements.removeAll {
      if case .accumulate(token, _, _) = $0.operation { return true }
      return false
    }
    return Statement(results: results, operation: .map(Map(axes: map.axes, body: body)), notes: notes)
  }
}
