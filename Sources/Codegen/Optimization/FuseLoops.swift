import ModelDSL

/// Makes one iteration of two over the same axes that compute something costly in common, where neither needs the other's result.
///
/// The sum of the loss over a batch and the loop that runs it again for the gradient become one loop, in which common subexpressions are
/// merged; a scan and the scan that runs again to store its rows become one.
func fuseLoops(_ procedure: Procedure) -> Procedure { fusingLoops(procedure) ?? procedure }

/// Nil where nothing is to be fused.
func fusingLoops(_ procedure: Procedure) -> Procedure? {
  var fusion = LoopFusion(procedure)
  var result = procedure
  result.body = fusion.fused(procedure.body)
  result.values = fusion.values
  return fusion.hasFused ? result : nil
}

private struct LoopFusion {
  var values: ValueTable
  let equivalence: Equivalence
  var hasFused = false

  init(_ procedure: Procedure) {
    values = procedure.values
    equivalence = Equivalence(of: procedure)
  }

  /// What two loops must have in common to be fused.
  struct Key: Hashable {
    var sizes: [Size]
    var isScan: Bool
    var down = false
    var trips: Value?
  }

  mutating func fused(_ block: Block) -> Block {
    if block.statements.count(where: \.isWorthFusing) < 2 {
      return Block(
        parameters: block.parameters, statements: block.statements.map { statement in statement.mapBlocks { fused($0) } },
        results: block.results)
    }
    var units = block.statements.map(unit)
    if units.count(where: { $0.key != nil }) > 1 {
      var start = 0
      while let (order, first, second) = fusiblePair(units, from: start) {
        let one = unit(merged(units[first].statement, units[second].statement))
        units = order.map { $0 == second ? one : units[$0] }
        start = order.firstIndex(of: second)!
        hasFused = true
      }
    }
    return Block(
      parameters: block.parameters,
      statements: units.map { unit in unit.statement.mapBlocks { fused($0) } },
      results: block.results)
  }

  // MARK: Which

  /// A statement with what is asked of it often.
  private struct Unit {
    var statement: Statement
    var free: Set<Value>
    var key: Key?
    /// Hashes of what is costly in the nested blocks.
    var costs: Set<Int>
  }

  private func unit(_ statement: Statement) -> Unit {
    let key = statement.isWorthFusing ? statement.loopKey : nil
    var costs: Set<Int> = []
    func collect(_ block: Block) {
      for statement in block.statements {
        if statement.operation.isCostly { for result in statement.results { costs.insert(equivalence.hash(of: result)) } }
        for block in statement.operation.blocks { collect(block) }
      }
    }
    if let key, !key.isScan { for block in statement.operation.blocks { collect(block) } }
    return Unit(statement: statement, free: statement.freeValues, key: key, costs: costs)
  }

  /// Two that may become one in the place of the second, and the order of the others that makes it so; the first is not in it.
  /// Those before `start` have been compared.
  private func fusiblePair(_ units: [Unit], from start: Int) -> (order: [Int], first: Int, second: Int)? {
    let needs = Dependences(units.map { (free: $0.free, results: $0.statement.results) })
    /// Earlier loops by what they have to offer.
    var offers: [Key: [Int: [Int]]] = [:]
    for (second, unit) in units.enumerated() {
      guard let key = unit.key else { continue }
      let works = key.isScan ? [0] : unit.costs
      let candidates = second < start ? [] : Set(works.flatMap { offers[key]?[$0] ?? [] }).sorted(by: >)
      for first in candidates where !needs.does(second, need: first) && haveWorkInCommon(units[first].statement, unit.statement) {
        let later = (first + 1..<second).filter { needs.does($0, need: first) }
        let before = (0..<second).filter { $0 != first && !later.contains($0) }
        return (before + [second] + later + Array(second + 1..<units.count), first, second)
      }
      for work in works { offers[key, default: [:]][work, default: []].append(second) }
    }
    return nil
  }

  /// For loops of one key that offer the same work: scans must carry something in common.
  private func haveWorkInCommon(_ a: Statement, _ b: Statement) -> Bool {
    if case .scan(let first) = a.operation, case .scan(let second) = b.operation {
      return first.initial.indices.contains { one in
        second.initial.indices.contains { other in
          var matching = Equivalence.Matching()
          return equivalence.matches(a.results[one], b.results[other], extending: &matching)
        }
      }
    }
    if case .reduce = a.operation, case .reduce = b.operation { return true }
    return a.hasLoopsInside && b.hasLoopsInside
  }

  // MARK: Fusing

  private mutating func merged(_ a: Statement, _ b: Statement) -> Statement {
    let notes = a.notes + b.notes.filter { !a.notes.contains($0) }
    if case .scan(let first) = a.operation, case .scan(let second) = b.operation {
      let body = second.body.substituting([second.axis.index: first.axis.index])
      let (one, other) = (first.initial.count, second.initial.count)
      // Carried values of both, then rows of both.
      func interleaved(_ a: [Value], _ b: [Value]) -> [Value] { Array(a[..<one] + b[..<other] + a[one...] + b[other...]) }
      let block = Block(
        parameters: first.body.parameters + body.parameters, statements: first.body.statements + body.statements,
        results: interleaved(first.body.results, body.results))
      let scan = Scan(axis: first.axis, down: first.down, trips: first.trips, initial: first.initial + second.initial, body: block)
      return Statement(results: interleaved(a.results, b.results), operation: .scan(scan), notes: notes)
    }
    if case .reduce(let first) = a.operation, case .reduce(let second) = b.operation {
      let body = joined(first.body, second.body, first.axes, second.axes)
      return Statement(
        results: a.results + b.results, operation: .reduce(Reduce(op: .sum, axes: first.axes, body: body)), notes: notes)
    }
    let (first, second) = (iteration(a), iteration(b))
    let body = joined(first.body, second.body, first.axes, second.axes)
    let map = Operation.map(Map(axes: first.axes, body: body))
    let accumulators = first.accumulators + second.accumulators
    let stacked = first.stacked + second.stacked
    if accumulators.isEmpty { return Statement(results: stacked, operation: map, notes: notes) }
    let inner = stacked.map { values.add(values[$0], name: values.name(of: $0)) }
    let scope = Accumulating(
      accumulators: accumulators, body: Block(statements: [Statement(results: inner, operation: map, notes: notes)], results: inner))
    return Statement(results: stacked + first.sums + second.sums, operation: .accumulating(scope), notes: notes)
  }

  private func joined(_ a: Block, _ b: Block, _ axes: [Axis], _ otherAxes: [Axis]) -> Block {
    let other = b.substituting(Dictionary(uniqueKeysWithValues: zip(otherAxes.map(\.index), axes.map(\.index))))
    return Block(statements: a.statements + other.statements, results: a.results + other.results)
  }

  /// Independent iterations with the accumulators around them. A sum is one of these.
  private struct Iteration {
    var axes: [Axis]
    var accumulators: [Accumulating.Accumulator] = []
    var body: Block
    var stacked: [Value] = []
    var sums: [Value] = []
  }

  private mutating func iteration(_ statement: Statement) -> Iteration {
    switch statement.operation {
    case .map(let map): return Iteration(axes: map.axes, body: map.body, stacked: statement.results)
    case .reduce(let reduce):
      let tokens = statement.results.map { values.add(values[$0], name: values.name(of: $0)) }
      let additions = zip(tokens, reduce.body.results).map { Statement(results: [], operation: .accumulate(into: $0, [], $1)) }
      return Iteration(
        axes: reduce.axes, accumulators: tokens.map { Accumulating.Accumulator(token: $0) },
        body: Block(statements: reduce.body.statements + additions), sums: statement.results)
    case .accumulating(let scope):
      guard let inner = scope.body.statements.first, case .map(let map) = inner.operation else { preconditionFailure("not an iteration") }
      let count = scope.body.results.count
      let rows = scope.body.results.map { map.body.results[inner.results.firstIndex(of: $0)!] }
      return Iteration(
        axes: map.axes, accumulators: scope.accumulators, body: Block(statements: map.body.statements, results: rows),
        stacked: Array(statement.results.prefix(count)), sums: Array(statement.results.dropFirst(count)))
    default: preconditionFailure("not an iteration")
    }
  }
}

/// Which statements of a block need which, directly or not.
private struct Dependences {
  /// For each statement, a bit for each that it needs.
  private var bits: [[UInt64]]

  init(_ statements: [(free: Set<Value>, results: [Value])]) {
    let words = (statements.count + 63) / 64
    bits = []
    var origin: [Value: Int] = [:]
    for (place, statement) in statements.enumerated() {
      var row = Array(repeating: UInt64(0), count: words)
      for value in statement.free {
        guard let source = origin[value] else { continue }
        row[source / 64] |= 1 << UInt64(source % 64)
        for word in 0..<words { row[word] |= bits[source][word] }
      }
      for result in statement.results { origin[result] = place }
      bits.append(row)
    }
  }

  func does(_ user: Int, need source: Int) -> Bool { bits[user][source / 64] & (1 << UInt64(source % 64)) != 0 }
}

extension Statement {
  /// Elementwise maps are left to `fuseMaps`.
  fileprivate var isWorthFusing: Bool {
    switch operation {
    case .scan, .reduce: true
    default: hasLoopsInside
    }
  }

  /// Whether the block that it runs many times has loops of its own.
  fileprivate var hasLoopsInside: Bool {
    switch operation {
    case .map(let map): map.body.statements.contains(where: \.operation.loops)
    case .reduce(let reduce): reduce.body.statements.contains(where: \.operation.loops)
    case .accumulating(let scope): scope.body.statements.contains(where: \.hasLoopsInside)
    default: false
    }
  }

  /// For a loop that may be fused with another of the same key.
  fileprivate var loopKey: LoopFusion.Key? {
    switch operation {
    case .map(let map): return LoopFusion.Key(sizes: map.axes.map(\.size), isScan: false)
    case .reduce(let reduce):
      return reduce.op == .sum && reduce.condition == nil ? LoopFusion.Key(sizes: reduce.axes.map(\.size), isScan: false) : nil
    case .scan(let scan): return LoopFusion.Key(sizes: [scan.axis.size], isScan: true, down: scan.down, trips: scan.trips)
    case .accumulating(let scope):
      // Just one map in the scope, and nothing that comes out but its results.
      guard scope.body.statements.count == 1, case .map(let map) = scope.body.statements[0].operation,
        scope.body.results.allSatisfy(scope.body.statements[0].results.contains)
      else { return nil }
      return LoopFusion.Key(sizes: map.axes.map(\.size), isScan: false)
    default: return nil
    }
  }
}
