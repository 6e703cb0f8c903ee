import ModelDSL

/// The rule table with its templates' values renamed into a builder's own table, so that they can be inlined there.
struct ImportedRules {
  struct Entry {
    var operand: Int
    var kind: Rule.Kind
    var block: Block
    /// The slope, where it is one number whatever the operands.
    var constantSlope: Double?
  }
  let entries: [Primitive: [Entry]]

  init(_ table: RuleTable, into builder: inout Builder) {
    let offset = builder.values.entries.count
    for entry in table.values.entries { _ = builder.values.add(entry.type, name: entry.name) }
    func moved(_ value: Value) -> Value { Value(value.id + offset) }
    func moved(_ block: Block) -> Block {
      Block(
        parameters: block.parameters.map(moved),
        statements: block.statements.map {
          Statement(
            results: $0.results.map(moved), operation: $0.operation.rewritten(value: moved, define: moved, block: moved), notes: $0.notes)
        },
        results: block.results.map(moved))
    }
    entries = table.entries.mapValues { list in
      list.compactMap { entry in
        let constant = entry.kind == .slope ? entry.block.constantResult : nil
        if constant == 0 { return nil }
        return Entry(operand: entry.operand, kind: entry.kind, block: moved(entry.block), constantSlope: constant)
      }
    }
  }
}

extension Block {
  /// The number that the block yields, where that is written in it as a constant.
  var constantResult: Double? {
    guard results.count == 1 else { return nil }
    for statement in statements where statement.results == [results[0]] {
      switch statement.operation {
      case .constant(.real(let number)): return number
      case .constant(.integer(let number)): return Double(number)
      case .primitive(.negate, let operands):
        return Block(statements: statements, results: operands).constantResult.map { -$0 }
      case .primitive(.realFromInteger, let operands):
        return Block(statements: statements, results: operands).constantResult
      default: return nil
      }
    }
    return nil
  }
}
