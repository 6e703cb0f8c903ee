import ModelDSL

/// Replaces sequential loops of a few steps over numbers and small arrays by their steps, one after the other: conditions on the step are decided,
/// zeros fold, and what does not depend on a loop around leaves it. A chain of seven joints is seven links, as one would write it by hand.
func unrollScans(_ procedure: Procedure) -> Procedure {
  var unrolling = ScanUnrolling(builder: Builder(values: procedure.values))
  var result = procedure
  result.body = unrolling.unrolled(procedure.body)
  result.values = unrolling.builder.values
  return result
}

private struct ScanUnrolling {
  /// Statements that a loop may become, before anything folds.
  static let largestLoop = 4000
  static let mostSteps = 16

  var builder: Builder

  mutating func unrolled(_ block: Block) -> Block {
    var renaming: [Value: Value] = [:]
    builder.openBlock()
    for statement in block.statements {
      var blocks = statement.operation.blocks.map { unrolled($0) }[...]
      let operation = statement.operation.rewritten(value: { renaming[$0] ?? $0 }) { _ in blocks.removeFirst().substituting(renaming) }
      if case .scan(let scan) = operation, let steps = scan.fewSteps {
        for (result, value) in zip(statement.results, unrolled(scan, steps, notes: statement.notes)) {
          builder.values.inheritName(of: result, by: value)
          renaming[result] = value
        }
      } else {
        builder.append(statement.with(operation))
      }
    }
    return builder.closeBlock(parameters: block.parameters, results: block.results.map { renaming[$0] ?? $0 })
  }

  /// The results of the loop, step after step.
  private mutating func unrolled(_ scan: Scan, _ steps: Int, notes: [Note]) -> [Value] {
    var carried = scan.initial
    var rows: [[Value]] = Array(repeating: [], count: scan.body.results.count - carried.count)
    for step in scan.down ? Array((0..<steps).reversed()) : Array(0..<steps) {
      builder.notes = notes
      var names = [scan.axis.index: builder.integer(step)]
      let results = builder.inline(scan.body, carried, replacing: &names)
      carried = Array(results.prefix(carried.count))
      for (place, row) in results.dropFirst(carried.count).enumerated() { rows[place].append(row) }
    }
    defer { builder.notes = [] }
    return carried + rows.map { builder.emit(.pack(scan.down ? $0.reversed() : $0))[0] }
  }
}

extension Scan {
  /// How many steps there are, where they are few and short.
  fileprivate var fewSteps: Int? {
    guard trips == nil, let steps = axis.size.constant, (1...ScanUnrolling.mostSteps).contains(steps), let count = body.unrolledCount,
      steps * count <= ScanUnrolling.largestLoop
    else { return nil }
    return steps
  }
}

extension Block {
  /// How many statements the block becomes without loops; nil where there are loops that stay.
  fileprivate var unrolledCount: Int? {
    var total = 0
    for statement in statements {
      switch statement.operation {
      case .constant, .size, .ruled: continue
      case .read, .pack, .update, .accumulate, .primitive: total += 1
      case .scan, .whileLoop: return nil
      case .map(let map):
        guard let times = map.axes.fewTimes, let count = map.body.unrolledCount else { return nil }
        total += times * count
      case .reduce(let reduce):
        guard let times = reduce.axes.fewTimes else { return nil }
        for block in statement.operation.blocks {
          guard let count = block.unrolledCount else { return nil }
          total += times * (count + 1)
        }
      case .branch, .accumulating:
        for block in statement.operation.blocks {
          guard let count = block.unrolledCount else { return nil }
          total += count + 1
        }
      }
    }
    return total
  }
}

extension [Axis] {
  /// How many points there are, where each axis is so short that loops over it become straight lines.
  fileprivate var fewTimes: Int? {
    var times = 1
    for axis in self {
      guard let count = axis.size.constant, count <= Unrolling.longestAxis else { return nil }
      times *= count
    }
    return times
  }
}
