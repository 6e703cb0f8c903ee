/// Moves what only one side of a `branch` uses into that side; what the branch's condition needs besides is copied into the side.
///
/// This is meaning, not speed: a `let` that only one side uses belongs to that side, so its derivative, which may be infinite where the side
/// is not taken, never meets the zero that comes back from there. Differentiation must therefore see the sunk form, and no later pass before
/// it may merge the copy in the side with the original again.
public func sinkIntoBranches(_ procedure: Procedure) -> Procedure {
  var sinking = Sinking(values: procedure.values)
  var result = procedure
  result.body = sinking.sink(procedure.body)
  result.values = sinking.values
  return result
}

/// The same for a block that is not yet part of a procedure.
func sinkIntoBranches(_ block: Block, in builder: inout Builder) -> Block {
  var sinking = Sinking(values: builder.values)
  let result = sinking.sink(block)
  builder.values = sinking.values
  return result
}

private struct Sinking {
  var values: ValueTable

  /// One side of one branch: the statement's place in its block, and 0 or 1.
  struct Side: Hashable {
    var branch: Int
    var side: Int
  }

  /// Where a value's derivative is wanted, from its uses.
  struct Demand {
    enum Place { case nowhere, inside(Side), here }
    var place = Place.nowhere
    /// Used also where no derivative passes: by a condition, say.
    var inert = false

    mutating func add(_ other: Demand) {
      inert = inert || other.inert
      switch (place, other.place) {
      case (_, .nowhere): break
      case (.nowhere, let new): place = new
      case (.inside(let a), .inside(let b)) where a == b: break
      default: place = .here
      }
    }
    static let here = Demand(place: .here)
    static let inert = Demand(inert: true)
  }

  enum Fate { case stays, moves(Side), isCopied(Side) }

  mutating func sink(_ block: Block) -> Block {
    let block = moveIntoLoops(block)
    let sunk = block.statements.contains(where: \.isBranch) ? moveIntoSides(block) : block
    return Block(
      parameters: sunk.parameters,
      statements: sunk.statements.map { statement in statement.mapBlocks { sink($0) } },
      results: sunk.results)
  }

  /// Numbers that one side of a branch inside a loop alone uses move into that loop, from where they sink into the side. What is finite
  /// everywhere moves out again after differentiation.
  private func moveIntoLoops(_ block: Block) -> Block {
    var statements = block.statements
    var moved: Set<Value> = []
    for place in statements.indices.reversed() {
      guard case .primitive = statements[place].operation, let result = statements[place].results.first,
        values[result].element == .real, !block.results.contains(result)
      else { continue }
      let users = statements.indices.filter { $0 > place && statements[$0].freeValues.contains(result) }
      guard users.count == 1, let body = statements[users[0]].loopBody, statements[users[0]].isUsedInBodyAlone(result) else { continue }
      let inside = body.statements.filter { $0.freeValues.contains(result) }
      let branches = inside.filter(\.isBranch)
      let others = inside.filter { !$0.isBranch }
      guard !body.results.contains(result), branches.count <= 1, branches.allSatisfy({ $0.usesInOneSide(result) }),
        others.allSatisfy({ $0.results.allSatisfy(moved.contains) }), !inside.isEmpty
      else { continue }
      moved.insert(result)
      statements[users[0]] = statements[users[0]].prependingToBody(statements[place])
      statements.remove(at: place)
    }
    return moved.isEmpty ? block : Block(parameters: block.parameters, statements: statements, results: block.results)
  }

  private mutating func moveIntoSides(_ block: Block) -> Block {
    let fates = fates(in: block)
    var incoming: [Side: [Int]] = [:]
    for (place, fate) in fates.enumerated() {
      switch fate {
      case .stays: break
      case .moves(let side), .isCopied(let side): incoming[side, default: []].append(place)
      }
    }
    if incoming.isEmpty { return block }
    var statements: [Statement] = []
    for (place, statement) in block.statements.enumerated() {
      if case .moves = fates[place] { continue }
      guard case .branch(let condition, let then, let otherwise) = statement.operation else {
        statements.append(statement)
        continue
      }
      let sides = [then, otherwise].enumerated().map { number, side in
        extended(side, by: incoming[Side(branch: place, side: number)] ?? [], of: block, fates)
      }
      let operation = Operation.branch(condition: condition, then: sides[0], otherwise: sides[1])
      statements.append(statement.with(operation))
    }
    return Block(parameters: block.parameters, statements: statements, results: block.results)
  }

  private func fates(in block: Block) -> [Fate] {
    var demands: [Value: Demand] = [:]
    func demand(_ values: some Sequence<Value>, _ demand: Demand) {
      for value in values { demands[value, default: Demand()].add(demand) }
    }
    demand(block.results, .here)
    var fates: [Fate] = []
    for (place, statement) in block.statements.enumerated().reversed() {
      var own = Demand()
      for result in statement.results { own.add(demands[result] ?? Demand()) }
      let hasEffect = statement.accumulatesOutside
      let carriesDerivative = statement.results.contains { values[$0].element == .real }
      var fate = Fate.stays
      if !hasEffect, case .inside(let side) = own.place {
        if !own.inert {
          fate = .moves(side)
        } else if carriesDerivative, statement.isWorthCopying {
          fate = .isCopied(side)
        }
      }
      fates.append(fate)
      switch fate {
      case .moves(let side): demand(statement.freeValues, Demand(place: .inside(side)))
      case .isCopied(let side): demand(statement.freeValues, Demand(place: .inside(side), inert: true))
      case .stays:
        if case .branch(let condition, let then, let otherwise) = statement.operation {
          demand([condition], .inert)
          for (number, side) in [then, otherwise].enumerated() {
            demand(side.freeValues, Demand(place: .inside(Side(branch: place, side: number))))
          }
        } else {
          var isInert = !hasEffect && !carriesDerivative
          if !hasEffect, case .nowhere = own.place { isInert = true }
          demand(statement.freeValues, isInert ? .inert : .here)
        }
      }
    }
    return fates.reversed()
  }

  private mutating func extended(_ side: Block, by places: [Int], of block: Block, _ fates: [Fate]) -> Block {
    if places.isEmpty { return side }
    var builder = Builder(values: values)
    var replacement: [Value: Value] = [:]
    for place in places {
      let statement = block.statements[place]
      if case .isCopied = fates[place] {
        builder.copy(statement, replacing: &replacement)
      } else {
        let moved = Block(statements: [statement]).substituting(replacement)
        builder.append(moved.statements[0])
      }
    }
    values = builder.values
    let rest = side.substituting(replacement)
    return Block(parameters: rest.parameters, statements: builder.takeStatements() + rest.statements, results: rest.results)
  }
}

extension Statement {
  fileprivate var isBranch: Bool {
    if case .branch = operation { true } else { false }
  }

  /// The body of a loop over independent or sequential iterations.
  fileprivate var loopBody: Block? {
    switch operation {
    case .map(let map): map.body
    case .reduce(let reduce): reduce.body
    case .scan(let scan): scan.body
    default: nil
    }
  }

  /// Not by the loop's start, its count or its condition.
  fileprivate func isUsedInBodyAlone(_ value: Value) -> Bool {
    if operation.operands.contains(value) { return false }
    if case .reduce(let reduce) = operation, reduce.condition?.freeValues.contains(value) == true { return false }
    return true
  }

  fileprivate func usesInOneSide(_ value: Value) -> Bool {
    guard case .branch(let condition, let then, let otherwise) = operation, condition != value else { return false }
    return then.freeValues.contains(value) != otherwise.freeValues.contains(value)
  }

  fileprivate func prependingToBody(_ statement: Statement) -> Statement {
    func extended(_ block: Block) -> Block {
      Block(parameters: block.parameters, statements: [statement] + block.statements, results: block.results)
    }
    switch operation {
    case .map(let map): return with(.map(Map(axes: map.axes, body: extended(map.body))))
    case .reduce(let reduce):
      return with(.reduce(Reduce(op: reduce.op, axes: reduce.axes, condition: reduce.condition, body: extended(reduce.body))))
    case .scan(var scan):
      scan.body = extended(scan.body)
      return with(.scan(scan))
    default: return self
    }
  }

  /// Whether a second copy has a point: constants have no derivative.
  fileprivate var isWorthCopying: Bool {
    switch operation {
    case .constant, .size: false
    default: true
    }
  }
}
