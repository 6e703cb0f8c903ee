import ModelDSL

/// How the statements of one block use values.
struct BlockUses {
  /// The last statement that uses a value, nested blocks included; `Int.max` for the block's results.
  private(set) var last: [Value: Int] = [:]
  /// Uses by the statements and results of the block itself.
  private(set) var direct: [Value: Int] = [:]
  /// The statement that defines a value.
  private(set) var definition: [Value: Int] = [:]

  init(_ block: Block) {
    for (place, statement) in block.statements.enumerated() {
      for value in statement.usedValues { last[value] = place }
      for value in statement.operation.emittedOperands { direct[value, default: 0] += 1 }
      for result in statement.results { definition[result] = place }
    }
    for result in block.results {
      last[result] = .max
      direct[result, default: 0] += 1
    }
  }
}

extension Operation {
  /// The operands that emitted code reads: rules are for differentiation.
  var emittedOperands: [Value] {
    if case .ruled(let value, _) = self { return [value] }
    return operands
  }

  var emittedBlocks: [Block] {
    if case .ruled = self { return [] }
    return blocks
  }

  var hasLoop: Bool {
    switch self {
    case .map, .reduce, .scan, .whileLoop: true
    case .branch, .accumulating: emittedBlocks.contains { $0.statements.contains { $0.operation.hasLoop } }
    case .constant, .size, .primitive, .read, .pack, .update, .accumulate, .ruled: false
    }
  }
}

extension Statement {
  /// Every value of the outside that emitted code uses.
  var usedValues: Set<Value> {
    if case .ruled(let value, _) = operation { return [value] }
    return freeValues
  }
}

extension Block {
  /// Adds up, over the block and those nested in it, how often each value is used.
  func countUses(_ uses: inout [Value: Int]) {
    for statement in statements {
      for value in statement.operation.emittedOperands { uses[value, default: 0] += 1 }
      for block in statement.operation.emittedBlocks { block.countUses(&uses) }
    }
    for result in results { uses[result, default: 0] += 1 }
  }
}

extension Array where Element == Size {
  var elementCount: Size { reduce(Size(1), *) }
}

extension Block {
  /// What a value of this block is the result of; nil for one of the outside.
  func definition(of value: Value) -> Operation? { statements.first { $0.results.contains(value) }?.operation }
}
