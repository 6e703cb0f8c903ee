import ModelDSL

/// Rows of spikes that a loop keeps are kept as conditions, a byte each, where they are only asked for whether there is a spike.
func keepSpikesAsConditions(_ procedure: Procedure) -> Procedure {
  var pass = SpikeRows(procedure)
  return pass.run()
}

private struct SpikeRows {
  private var procedure: Procedure
  private var builder: Builder
  private let facts: SpikeFacts
  private var zeros: Set<Value> = []
  /// Values that some operation takes as numbers.
  private var taken: Set<Value> = []
  /// What is read of each value: elements and rows.
  private var parts: [Value: [Value]] = [:]
  /// Stacked arrays, and rows of them, that hold conditions.
  private var conditions: Set<Value> = []
  private var renaming = Renaming()

  init(_ procedure: Procedure) {
    self.procedure = procedure
    builder = Builder(values: procedure.values)
    facts = SpikeFacts(procedure)
  }

  mutating func run() -> Procedure {
    if facts.spikes.isEmpty { return procedure }
    survey(procedure.body)
    let body = rewritten(procedure.body)
    procedure.body = body
    procedure.values = builder.values
    return procedure
  }

  private mutating func survey(_ block: Block) {
    taken.formUnion(block.results)
    for statement in block.statements {
      switch statement.operation {
      case .constant(.real(0)): zeros.insert(statement.results[0])
      case .read(let array, let indices):
        parts[array, default: []].append(statement.results[0])
        taken.formUnion(indices)
      case .primitive(.greater, let sides) where zeros.contains(sides[1]): break
      default: taken.formUnion(statement.operation.operands)
      }
      for inner in statement.operation.blocks { survey(inner) }
    }
  }

  /// Whether nothing is asked of the value but whether it, or an element of it, is above 0.
  private func isOnlyAsked(_ value: Value) -> Bool {
    !taken.contains(value) && parts[value, default: []].allSatisfy { isOnlyAsked($0) }
  }

  private mutating func rewritten(_ block: Block) -> Block {
    builder.openBlock()
    for statement in block.statements { rewrite(statement) }
    return builder.closeBlock(parameters: block.parameters, results: block.results.map { renaming.resolve($0) })
  }

  private mutating func rewrite(_ statement: Statement) {
    builder.notes = statement.notes
    defer { builder.notes = [] }
    switch statement.operation {
    case .scan(var scan):
      scan.initial = scan.initial.map { renaming.resolve($0) }
      scan.body = rewritten(scan.body)
      for place in scan.initial.count..<statement.results.count {
        let stack = statement.results[place]
        let row = scan.body.results[place]
        let shape = builder.values[row].shape
        guard facts.contains(stack), facts.contains(row), !shape.isEmpty, isOnlyAsked(stack) else { continue }
        turn(stack)
        builder.openBlock()
        scan.body.results[place] =
          builder.map(shape) { builder, places in
            let none = builder.real(0)
            return [builder.primitive(.greater, [builder.read(row, places), none])]
          }[0]
        scan.body.statements += builder.closeBlock(results: []).statements
      }
      builder.append(Statement(results: statement.results, operation: .scan(scan), notes: statement.notes))
    case .read(let array, _) where conditions.contains(array):
      turn(statement.results[0])
      builder.append(Statement(results: statement.results, operation: renamed(statement.operation), notes: statement.notes))
    case .primitive(.greater, let sides) where conditions.contains(sides[0]):
      renaming.replace(statement.results[0], by: renaming.resolve(sides[0]))
    default:
      builder.append(Statement(results: statement.results, operation: renamed(statement.operation), notes: statement.notes))
    }
  }

  private mutating func turn(_ value: Value) {
    conditions.insert(value)
    builder.values.setType(ValueType(.boolean, builder.values[value].shape), of: value)
  }

  private mutating func renamed(_ operation: Operation) -> Operation {
    var blocks = operation.blocks.map { rewritten($0) }[...]
    return operation.rewritten(value: { renaming.resolve($0) }) { _ in blocks.removeFirst() }
  }
}
