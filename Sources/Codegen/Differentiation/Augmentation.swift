import ModelDSL

/// A statement on the way to being reversed, with what its forward form keeps for the backward pass.
struct Step {
  enum Detail {
    case plain
    /// A scan or while whose iterations store the carried values at their start and what is costly to compute again.
    case loop(AugmentedBlock, carries: [Int?], saved: [Value: Int])
    /// A branch that hands out what is costly in the side taken; the numbers are places among its results.
    case branch(then: AugmentedBlock, savedThen: [Value: Int], otherwise: AugmentedBlock, savedOtherwise: [Value: Int])
  }
  var statement: Statement
  var detail: Detail
}

struct AugmentedBlock {
  var parameters: [Value]
  var steps: [Step]
  var results: [Value]
  /// Values of this block worth storing where the block is run again later.
  var saved: [Value]

  var block: Block { Block(parameters: parameters, statements: steps.map(\.statement), results: results) }
}

extension ReverseMode {
  /// The block with its loops and branches made to keep what their reverse needs. What nobody reads in the end is removed later as dead.
  mutating func augmented(_ block: Block) -> AugmentedBlock {
    var result = AugmentedBlock(parameters: block.parameters, steps: [], results: block.results, saved: [])
    for statement in block.statements {
      let isActive = isVaried(statement)
      switch statement.operation {
      case .scan(var scan) where isActive:
        let inner = augmented(scan.body)
        let (extra, carries, saved) = stored(inner, existing: statement.results.count, rows: [scan.axis.size])
        scan.body = inner.block
        scan.body.results += extra.map(\.inner)
        let operation = Operation.scan(scan)
        result.steps.append(
          Step(
            statement: Statement(results: statement.results + extra.map(\.outer), operation: operation, notes: statement.notes),
            detail: .loop(inner, carries: carries, saved: saved)))
      case .whileLoop(var loop) where isActive:
        let inner = augmented(loop.body)
        // The number of iterations is the last result: stored rows come before it.
        let (extra, carries, saved) = stored(inner, existing: statement.results.count - 1, rows: [loop.bound])
        loop.body = inner.block
        loop.body.results += extra.map(\.inner)
        result.steps.append(
          Step(
            statement: Statement(
              results: Array(statement.results.dropLast()) + extra.map(\.outer) + [statement.results.last!], operation: .whileLoop(loop),
              notes: statement.notes),
            detail: .loop(inner, carries: carries, saved: saved)))
      case .branch(let condition, let then, let otherwise) where isActive:
        let (step, handsOut) = augmentedBranch(statement, condition, then, otherwise)
        result.steps.append(step)
        if handsOut || isCostly(statement) { result.saved += step.statement.results }
      default:
        result.steps.append(Step(statement: statement, detail: .plain))
        if isCostly(statement) { result.saved += statement.results }
      }
    }
    result.saved = combined(result.saved, in: block)
    return result
  }

  /// What is stored of `saved`: where values are only added up by one statement, their sum in their place, for its reverse needs no part of it.
  private func combined(_ saved: [Value], in block: Block) -> [Value] {
    if saved.isEmpty { return saved }
    var users: [Value: [Int]] = [:]
    for (place, statement) in block.statements.enumerated() {
      for value in statement.freeValues { users[value, default: []].append(place) }
    }
    let results = Set(block.results)
    var stored = saved
    for (place, statement) in block.statements.enumerated() where addsOnly(statement) {
      let parts = stored.filter { users[$0] == [place] && !results.contains($0) && varied.contains($0) }
      if parts.isEmpty { continue }
      stored.removeAll(where: parts.contains)
      stored += statement.results
    }
    return stored
  }

  /// Whether a map only reads, and combines with slopes that are constants: its reverse needs none of the numbers that it read.
  private func addsOnly(_ statement: Statement) -> Bool {
    guard case .map(let map) = statement.operation else { return false }
    return map.body.statements.allSatisfy { inner in
      switch inner.operation {
      case .read, .constant: true
      case .primitive(let primitive, let operands):
        operands.indices.allSatisfy { place in
          rules.entries[primitive, default: []].contains { $0.operand == place && $0.constantSlope != nil }
        }
      default: false
      }
    }
  }

  private mutating func stored(
    _ inner: AugmentedBlock, existing: Int, rows: [Size]
  ) -> (extra: [(inner: Value, outer: Value)], carries: [Int?], saved: [Value: Int]) {
    var extra: [(inner: Value, outer: Value)] = []
    func place(_ value: Value, _ mode: inout ReverseMode) -> Int {
      let type = mode.builder.values[value]
      let outer = mode.builder.fresh(
        ValueType(type.element, rows + type.shape), name: mode.builder.values.name(of: value).map { $0 + "History" })
      extra.append((value, outer))
      return existing + extra.count - 1
    }
    let carries: [Int?] = inner.parameters.map { place($0, &self) }
    var saved: [Value: Int] = [:]
    for value in inner.saved where saved[value] == nil { saved[value] = place(value, &self) }
    return (extra, carries, saved)
  }

  private mutating func augmentedBranch(
    _ statement: Statement, _ condition: Value, _ then: Block, _ otherwise: Block
  ) -> (step: Step, handsOut: Bool) {
    let sides = [augmented(then), augmented(otherwise)]
    var blocks = sides.map(\.block)
    var results = statement.results
    var saved: [[Value: Int]] = [[:], [:]]
    for side in 0...1 {
      for value in sides[side].saved where saved[side][value] == nil {
        let type = builder.values[value]
        saved[side][value] = results.count
        results.append(builder.fresh(type, name: builder.values.name(of: value)))
        blocks[side].results.append(value)
        builder.openBlock()
        let zero = builder.zeros(type)
        let filler = builder.closeBlock(results: [zero])
        blocks[1 - side].statements += filler.statements
        blocks[1 - side].results.append(zero)
      }
    }
    let step = Step(
      statement: Statement(
        results: results, operation: .branch(condition: condition, then: blocks[0], otherwise: blocks[1]), notes: statement.notes),
      detail: .branch(then: sides[0], savedThen: saved[0], otherwise: sides[1], savedOtherwise: saved[1]))
    return (step, results.count > statement.results.count)
  }

  /// Whether derivatives pass through the statement, by its results or by an accumulator of the outside.
  func isVaried(_ statement: Statement) -> Bool {
    statement.results.contains(where: varied.contains) || !tokenCotangents.isEmpty && statement.accumulatesOutside
  }

  /// Whether running the statement again costs more than reading its results back: it iterates to make each number.
  private func isCostly(_ statement: Statement) -> Bool {
    if statement.accumulatesOutside { return false }
    func iterates(_ operation: Operation) -> Bool {
      switch operation {
      case .reduce, .scan, .whileLoop: return true
      case .constant, .size, .primitive, .read, .pack, .update, .accumulate: return false
      case .map, .branch, .accumulating: return operation.blocks.contains { $0.statements.contains { iterates($0.operation) } }
      case .ruled: return false
      }
    }
    return iterates(statement.operation)
  }
}
