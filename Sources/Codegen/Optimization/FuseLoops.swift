import ModelDSL

/// Makes one iteration of two over the same axes that compute something costly in common, where neither needs the other's result.
///
/// The sum of the loss over a batch and the loop that runs it again for the gradient become one loop, in which common subexpressions are merged;
/// a scan and the scan that runs again to store its rows become one.
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
    var statements = block.statements
    var keys = statements.map { $0.loopKey }
    var place = 0
    while place < statements.count {
      if let key = keys[place], let earlier = partner(of: place, key, statements, keys) {
        (statements, place) = merged(statements, earlier, place)
        keys = statements.map { $0.loopKey }
        hasFused = true
      } else {
        place += 1
      }
    }
    return Block(
      parameters: block.parameters,
      statements: statements.map { statement in
        Statement(results: statement.results, operation: statement.operation.mapBlocks { fused($0) }, notes: statement.notes)
      },
      results: block.results)
  }

  // MARK: Which

  private func partner(of place: Int, _ key: Key, _ statements: [Statement], _ keys: [Key?]) -> Int? {
    for earlier in (0 ..< place).reversed() where keys[earlier] == key {
      if haveWorkInCommon(statements[earlier], statements[place]) && areIndependent(statements, earlier, place) { return earlier }
    }
    return nil
  }

  private func haveWorkInCommon(_ a: Statement, _ b: Statement) -> Bool {
    if case .scan(let first) = a.operation, case .scan(let second) = b.operation {
      // Rows of one loop in which the carried values are partly the same.
      return first.initial.indices.contains { one in
        second.initial.indices.contains { other in
          var matching = Equivalence.Matching()
          return equivalence.matches(a.results[one], b.results[other], &matching)
        }
      }
    }
    return !costs(a).isDisjoint(with: costs(b))
  }

  /// Hashes of what is costly in the nested blocks.
  private func costs(_ statement: Statement) -> Set<Int> {
    var hashes: Set<Int> = []
    func collect(_ block: Block) {
      for statement in block.statements {
        if statement.operation.isCostly { for result in statement.results { hashes.insert(equivalence.hash(of: result)) } }
        for block in statement.operation.blocks { collect(block) }
      }
    }
    for block in statement.operation.blocks { collect(block) }
    return hashes
  }

  private func areIndependent(_ statements: [Statement], _ first: Int, _ second: Int) -> Bool {
    statements[second].freeValues.isDisjoint(with: dependents(statements, first, second).values)
  }

  /// The statements between two places that need the first, and all that they and the first define.
  private func dependents(_ statements: [Statement], _ first: Int, _ second: Int) -> (places: Set<Int>, values: Set<Value>) {
    var values = Set(statements[first].results)
    var places: Set<Int> = []
    for place in first + 1 ..< second where !statements[place].freeValues.isDisjoint(with: values) {
      places.insert(place)
      values.formUnion(statements[place].results)
    }
    return (places, values)
  }

  // MARK: Fusing

  private mutating func merged(_ statements: [Statement], _ first: Int, _ second: Int) -> ([Statement], Int) {
    let later = dependents(statements, first, second).places
    let between = first + 1 ..< second
    let before = statements[..<first] + between.filter { !later.contains($0) }.map { statements[$0] }
    let one = merged(statements[first], statements[second])
    let after = between.filter(later.contains).map { statements[$0] } + statements[(second + 1)...]
    return (before + [one] + after, before.count)
  }

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

extension Statement {
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
