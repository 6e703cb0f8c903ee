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
    let sunk = block.statements.contains(where: \.isBranch) ? moveIntoSides(block) : block
    return Block(
      parameters: sunk.parameters,
      statements: sunk.statements.map { statement in statement.mapBlocks { sink($0) } },
      results: sunk.results)
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

  /// Whether a second copy has a point: constants have no derivative.
  fileprivate var isWorthCopying: Bool {
    switch operation {
    case .constant, .size: false
    default: true
    }
  }
}
