import ModelDSL

/// Drops statements, results, carried values and accumulators that have no part in the procedure's results; what may fail stays.
public func eliminateDeadCode(_ procedure: Procedure) -> Procedure {
  let elimination = DeadCodeElimination(liveness: Liveness(procedure))
  var result = procedure
  result.body = elimination.pruned(procedure.body, elimination.liveness.roots) { _ in true }
  return result
}

private struct DeadCodeElimination {
  let liveness: Liveness

  /// The block with the statements that are needed and those of its results that `keeping` says.
  func pruned(_ block: Block, _ nodes: [Int], parameters: ((Int) -> Bool)? = nil, keeping: (Int) -> Bool) -> Block {
    Block(
      parameters: parameters.map { kept(block.parameters, $0) } ?? block.parameters,
      statements: zip(block.statements, nodes).compactMap { pruned($0, $1) },
      results: kept(block.results, keeping))
  }

  private func kept<T>(_ list: [T], _ keeping: (Int) -> Bool) -> [T] { list.indices.filter(keeping).map { list[$0] } }

  private func pruned(_ statement: Statement, _ node: Int) -> Statement? {
    guard liveness.isNeeded(node) else { return nil }
    let children = liveness.nodes[node].children
    let results = statement.results
    let isLive = { (place: Int) in liveness.isLive(results[place]) }
    func with(_ operation: Operation, keeping: (Int) -> Bool) -> Statement {
      Statement(results: kept(results, keeping), operation: operation, notes: statement.notes)
    }
    switch statement.operation {
    case .constant, .size, .primitive, .read, .pack, .update, .accumulate: return statement
    case .map(let map): return with(.map(Map(axes: map.axes, body: pruned(map.body, children[0], keeping: isLive))), keeping: isLive)
    case .reduce(let reduce):
      let body = children[children.count - 1]
      let condition = reduce.condition.map { pruned($0, children[0]) { _ in true } }
      if !results.indices.contains(where: isLive) {
        // Run for what it accumulates alone.
        let effects = pruned(reduce.body, body) { _ in false }
        return with(.map(Map(axes: reduce.axes, body: condition.map { guarded(effects, by: $0) } ?? effects))) { _ in false }
      }
      let keeping = { (place: Int) in reduce.op != .sum || isLive(place) }
      let kept = reduce.op == .sum ? pruned(reduce.body, body, keeping: isLive) : pruned(reduce.body, body) { _ in true }
      return with(.reduce(Reduce(op: reduce.op, axes: reduce.axes, condition: condition, body: kept)), keeping: keeping)
    case .scan(let scan):
      let carries = { (place: Int) in liveness.isCarryLive(node, place) }
      let keeping = { (place: Int) in place < scan.initial.count ? carries(place) : isLive(place) }
      let body = pruned(scan.body, children[0], parameters: carries, keeping: keeping)
      let initial = kept(scan.initial, carries)
      return with(.scan(Scan(axis: scan.axis, down: scan.down, trips: scan.trips, initial: initial, body: body)), keeping: keeping)
    case .whileLoop(let loop):
      let carries = { (place: Int) in liveness.isCarryLive(node, place) }
      let keeping = { (place: Int) in
        place < loop.initial.count ? carries(place) : place == loop.body.results.count || isLive(place)
      }
      let condition = pruned(loop.condition, children[0], parameters: carries) { _ in true }
      let body = pruned(loop.body, children[1], parameters: carries, keeping: keeping)
      return with(
        .whileLoop(While(name: loop.name, bound: loop.bound, initial: kept(loop.initial, carries), condition: condition, body: body)),
        keeping: keeping)
    case .branch(let condition, let then, let otherwise):
      let sides = (pruned(then, children[0], keeping: isLive), pruned(otherwise, children[1], keeping: isLive))
      return with(.branch(condition: condition, then: sides.0, otherwise: sides.1), keeping: isLive)
    case .accumulating(let scope):
      let count = scope.body.results.count
      let body = pruned(scope.body, children[0], keeping: isLive)
      let accumulators = kept(scope.accumulators) { liveness.isLive(scope.accumulators[$0].token) }
      return with(.accumulating(Accumulating(accumulators: accumulators, body: body))) { place in
        place < count ? isLive(place) : liveness.isLive(scope.accumulators[place - count].token)
      }
    case .ruled(let value, let rules):
      let kept = zip(rules, children).map { rule, nodes in
        Rule(target: rule.target, kind: rule.kind, block: pruned(rule.block, nodes) { _ in true })
      }
      return with(.ruled(value, kept)) { _ in true }
    }
  }

  private func guarded(_ effects: Block, by condition: Block) -> Block {
    let branch = Operation.branch(condition: condition.results[0], then: effects, otherwise: Block())
    return Block(statements: condition.statements + [Statement(results: [], operation: branch)])
  }
}
