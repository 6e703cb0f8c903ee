// The statements of a loop's body in the order of the data: a `next u` before whatever reads `next u`. Otherwise they stay as written.

extension Checker {
  mutating func inDataOrder(_ statements: [TypedStatement]) -> [TypedStatement] {
    let facts = statements.map(StatementFacts.init)
    // Which statements must come before each.
    let needs: [[Int]] = statements.indices.map { place in
      statements.indices.filter { other in
        guard other != place else { return false }
        let (this, that) = (facts[place], facts[other])
        if !that.binds.isDisjoint(with: this.reads) || !that.assigns.isDisjoint(with: this.readsNext) { return true }
        // A loop changes what the statements after it see of the states that it carries.
        let touches = !that.carries.isDisjoint(with: this.reads.union(this.carries)) || !this.carries.isDisjoint(with: that.reads)
        return touches && other < place
      }
    }
    var order: [Int] = []
    var state = statements.map { _ in 0 }
    var path: [Int] = []
    var cycle: [Int]?
    func visit(_ place: Int) {
      if state[place] == 2 || cycle != nil { return }
      if state[place] == 1 {
        cycle = Array(path.drop { $0 != place })
        return
      }
      state[place] = 1
      path.append(place)
      for other in needs[place] { visit(other) }
      path.removeLast()
      state[place] = 2
      order.append(place)
    }
    for place in statements.indices { visit(place) }
    if let cycle {
      let states = cycle.flatMap { place in facts[place].assigns.sorted { $0.index < $1.index } }
      report(
        .nextCycle(
          names: states.map { variables[$0.index].name }, ranges: cycle.map { statements[$0].range },
          at: statements[cycle.first { !facts[$0].assigns.isEmpty } ?? cycle[0]].range))
      return statements
    }
    return order.map { statements[$0] }
  }
}

/// What a statement gives to the statements beside it, and takes from them.
private struct StatementFacts {
  var binds: Set<VariableID> = []
  var assigns: Set<VariableID> = []
  /// States that a loop here carries, or starts at.
  var carries: Set<VariableID> = []
  var reads: Set<VariableID>
  var readsNext: Set<VariableID>

  init(_ statement: TypedStatement) {
    let read = Reads(statement)
    reads = read.variables
    readsNext = read.nexts
    switch statement.kind {
    case .binding(let pattern, _): binds = Set(pattern.variables)
    case .state(let id, _): binds = [id]
    case .next(let targets, _):
      assigns = Set(targets.compactMap { $0?.state })
      // Of a state that is declared in this body, and of the rows that a `next a[i]` keeps, the value before is needed.
      reads.formUnion(assigns)
    case .record: break
    case .loop(let loop):
      binds = Set(loop.records)
      carries = Set(loop.states)
      reads.formUnion(loop.states)
      readsNext.subtract(statement.assignedInside)
    case .whileLoop(let loop):
      carries = Set(loop.states)
      reads.formUnion(loop.states)
      readsNext.subtract(statement.assignedInside)
    case .rule: break
    }
  }
}

extension TypedStatement {
  /// States whose `next` a loop assigns, at any depth.
  fileprivate var assignedInside: Set<VariableID> {
    switch kind {
    case .loop(let loop): loop.body.reduce(into: []) { $0.formUnion($1.assignedInside) }
    case .whileLoop(let loop): loop.body.reduce(into: []) { $0.formUnion($1.assignedInside) }
    case .next(let targets, _): Set(targets.compactMap { $0?.state })
    case .binding, .state, .record, .rule: []
    }
  }
}
