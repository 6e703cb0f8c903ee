import ModelDSL

/// Computes once what is computed twice, nested blocks included, wherever the first time always comes before the second.
///
/// `ruled` values are one only where their rules are slopes and the same: a rule for a cotangent need not be linear, so the sum of two
/// cotangents may not go through it once.
public func eliminateCommonSubexpressions(_ procedure: Procedure) -> Procedure { eliminated(procedure, acrossBranches: true) }

/// The same for before differentiation: real values inside a branch are not replaced by equal ones outside of it, since the derivative
/// of the one outside may be infinite where the branch is not taken.
public func eliminateCommonSubexpressionsWithinBranches(_ procedure: Procedure) -> Procedure {
  eliminated(procedure, acrossBranches: false)
}

private func eliminated(_ procedure: Procedure, acrossBranches: Bool) -> Procedure {
  var elimination = CommonSubexpressions(values: procedure.values, acrossBranches: acrossBranches)
  var result = procedure
  result.body = elimination.rewritten(procedure.body)
  result.values = elimination.values
  return result
}

private struct CommonSubexpressions {
  var values: ValueTable
  let acrossBranches: Bool
  var renaming = Renaming()
  var equivalence: Equivalence
  /// Values in scope by their structural hash, with the side of a branch in which they are.
  var available: [Int: [(value: Value, side: Int)]] = [:]
  /// Keys of `available` in the order of entry, to leave a scope by.
  var entered: [Int] = []
  var side = 0
  var sideCount = 0

  init(values: ValueTable, acrossBranches: Bool) {
    self.values = values
    self.acrossBranches = acrossBranches
    equivalence = Equivalence(valueCount: values.entries.count)
  }

  mutating func rewritten(_ block: Block) -> Block {
    let mark = entered.count
    var statements: [Statement] = []
    statements.reserveCapacity(block.statements.count)
    for statement in block.statements {
      if let kept = rewritten(statement) { statements.append(kept) }
    }
    while entered.count > mark { available[entered.removeLast()]!.removeLast() }
    return Block(parameters: block.parameters, statements: statements, results: block.results.map(renaming.resolve))
  }

  private mutating func rewritten(_ statement: Statement) -> Statement? {
    let operands = statement.operation.rewritten(value: renaming.resolve) { $0 }
    equivalence.enter(operands, values)
    var isBranch = false
    if case .branch = operands { isBranch = true }
    var operation = operands.mapBlocks { block in
      let outer = side
      if isBranch {
        sideCount += 1
        side = sideCount
      }
      defer { side = outer }
      return rewritten(block)
    }
    equivalence.leave()
    equivalence.define(statement.results, operation)
    let merged = mergingCarries(&operation)
    if !merged.isEmpty { equivalence.define(statement.results, operation) }

    var remaining = 0
    var matching = Equivalence.Matching()
    for (place, result) in statement.results.enumerated() {
      if let first = merged[place] {
        renaming.replace(result, by: statement.results[first])
      } else if let same = equal(to: result, &matching) {
        values.inheritName(of: result, by: same)
        renaming.replace(result, by: same)
      } else {
        remaining += 1
        let key = equivalence.hash(of: result)
        available[key, default: []].append((result, side))
        entered.append(key)
      }
    }
    let new = statement.with(operation)
    if remaining == 0 && !statement.results.isEmpty && !new.accumulatesOutside { return nil }
    return new
  }

  private func equal(to result: Value, _ matching: inout Equivalence.Matching) -> Value? {
    guard let candidates = available[equivalence.hash(of: result)] else { return nil }
    for candidate in candidates {
      if !acrossBranches && candidate.side != side && values[result].element == .real && !equivalence.isRead(result) { continue }
      // What was found for the statement's other results is a start.
      if equivalence.matches(candidate.value, result, extending: &matching) { return candidate.value }
      if matching.isEmpty { continue }
      var another = Equivalence.Matching()
      if equivalence.matches(candidate.value, result, extending: &another) {
        matching = another
        return candidate.value
      }
    }
    return nil
  }

  /// Carried values that start equal and stay equal become one: the later is replaced by the earlier in the body. Says which by which.
  private mutating func mergingCarries(_ operation: inout Operation) -> [Int: Int] {
    guard case .scan(let scan) = operation, scan.initial.count > 1 else { return [:] }
    var groups: [[Int]: [Int]] = [:]
    var merged: [Int: Int] = [:]
    var replacement: [Value: Value] = [:]
    for place in scan.initial.indices {
      let key = [scan.initial[place].id, equivalence.hash(of: scan.body.results[place])]
      let same = (groups[key] ?? []).first { first in
        var matching = Equivalence.Matching()
        return equivalence.matches(scan.body.parameters[first], scan.body.parameters[place], extending: &matching)
      }
      if let same {
        merged[place] = same
        replacement[scan.body.parameters[place]] = scan.body.parameters[same]
      } else {
        groups[key, default: []].append(place)
      }
    }
    if merged.isEmpty { return [:] }
    var changed = scan
    changed.body = scan.body.substituting(replacement)
    operation = .scan(changed)
    return merged
  }
}
