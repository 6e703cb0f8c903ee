import ModelDSL

/// Computes the elements of a map where they are used, instead of storing them: where one loop uses them, or they are cheap to compute
/// again.
///
/// A use is one read in an elementwise map or a reduction that visits each element once. Loops with loops inside are left as they
/// are: what a product with a matrix is, later stages recognise.
func inlineMaps(_ procedure: Procedure) -> Procedure {
  inlined(procedure, onlyIntoBranches: false)
}

/// Computes the elements of a map in the one loop that uses them under a condition, where their slope may be infinite: like `sinkIntoBranches`,
/// which then moves them into the side, this is meaning. For before differentiation.
func inlineMapsIntoBranches(_ procedure: Procedure) -> Procedure {
  inlined(procedure, onlyIntoBranches: true)
}

private func inlined(_ procedure: Procedure, onlyIntoBranches: Bool) -> Procedure {
  var inlining = MapInlining(values: procedure.values, onlyIntoBranches: onlyIntoBranches)
  var result = procedure
  result.body = inlining.inlined(procedure.body)
  result.values = inlining.values
  return result
}

private struct MapInlining {
  var values: ValueTable
  let onlyIntoBranches: Bool

  /// How a map's result is used in the statements after it.
  private struct Uses {
    var count = 0
    /// The statements, by place.
    var users: Set<Int> = []
    /// Whether every use may be replaced.
    var areElements = true
  }

  fileprivate struct Producer {
    var map: Map
    var place: Int
    /// All results of the map.
    var results: [Value]
  }

  mutating func inlined(_ block: Block) -> Block {
    var producers: [Value: Producer] = [:]
    for statement in block.statements {
      guard case .map(let map) = statement.operation, map.isInlinable else { continue }
      for (place, result) in statement.results.enumerated() {
        producers[result] = Producer(map: map, place: place, results: statement.results)
      }
    }
    var result = block
    if !producers.isEmpty {
      var uses: [Value: Uses] = [:]
      for value in block.results { uses[value, default: Uses()].areElements = false }
      for (place, statement) in block.statements.enumerated() { count(statement, place, producers, &uses) }
      let all = producers
      let chosen = onlyIntoBranches ? usedUnderConditions(block.statements, producers, uses) : nil
      producers = producers.filter { value, producer in
        if let chosen { return chosen.contains(value) }
        guard let use = uses[value], use.areElements else { return false }
        if user(of: producer.results, uses) != nil { return true }
        // Copies of copies would grow without bound.
        return use.count <= 3 && producer.map.isCheap && !producer.map.reads(of: all)
      }
      if !producers.isEmpty {
        let needed = block.statements.filter { $0.results.isEmpty || !$0.results.allSatisfy { producers[$0] != nil } }
        result.statements = needed.map { replaced($0, producers) }
      }
    }
    result.statements = result.statements.map { statement in statement.mapBlocks { inlined($0) } }
    return result
  }

  /// The place of the one statement that uses the results, element by element.
  private func user(of results: [Value], _ uses: [Value: Uses]) -> Int? {
    let together = results.compactMap { uses[$0] }
    let users = Set(together.flatMap(\.users))
    return together.allSatisfy(\.areElements) && users.count == 1 ? users.first : nil
  }

  /// The results of maps, perhaps infinite in value or slope, that one loop uses which decides for each element; and of maps that lead to these.
  private func usedUnderConditions(_ statements: [Statement], _ producers: [Value: Producer], _ uses: [Value: Uses]) -> Set<Value> {
    var infinite: Set<Value> = []
    for statement in statements {
      guard let first = statement.results.first, let producer = producers[first],
        producer.map.body.statements.allSatisfy(\.operation.mayMove)
      else { continue }
      if producer.map.body.mayBeInfinite || !statement.freeValues.isDisjoint(with: infinite) { infinite.formUnion(statement.results) }
    }
    var chosen: Set<Value> = []
    for statement in statements.reversed() where statement.results.contains(where: infinite.contains) {
      guard let place = user(of: statement.results, uses) else { continue }
      let decides = statements[place].operation.decides
      if decides || statements[place].results.contains(where: chosen.contains) { chosen.formUnion(statement.results) }
    }
    return chosen
  }

  /// The blocks in which elements of a producer may be computed, with the axes that run them.
  private func target(_ statement: Statement) -> (axes: [Value], blocks: [Block])? {
    switch statement.operation {
    case .map(let map) where !map.body.loops: return (map.axes.map(\.index), [map.body])
    case .reduce(let reduce) where statement.operation.blocks.allSatisfy({ !$0.loops }):
      if reduce.condition != nil && !onlyIntoBranches { return nil }
      return (reduce.axes.map(\.index), statement.operation.blocks)
    default: return nil
    }
  }

  private func count(_ statement: Statement, _ place: Int, _ producers: [Value: Producer], _ uses: inout [Value: Uses]) {
    guard let (axes, blocks) = target(statement) else {
      for value in statement.freeValues where producers[value] != nil { uses[value, default: Uses()].areElements = false }
      return
    }
    func count(_ block: Block) {
      for inner in block.statements {
        var operands = inner.operation.operands[...]
        if case .read(let array, let places) = inner.operation, let producer = producers[array] {
          operands = operands.dropFirst()
          uses[array, default: Uses()].count += 1
          uses[array, default: Uses()].users.insert(place)
          let visitsOnce = axes.allSatisfy(places.contains) && Set(places).count == places.count
          if places.count < producer.map.axes.count || !visitsOnce { uses[array, default: Uses()].areElements = false }
        }
        for value in operands where producers[value] != nil { uses[value, default: Uses()].areElements = false }
        for block in inner.operation.blocks { count(block) }
      }
      for value in block.results where producers[value] != nil { uses[value, default: Uses()].areElements = false }
    }
    for block in blocks { count(block) }
  }

  private mutating func replaced(_ statement: Statement, _ producers: [Value: Producer]) -> Statement {
    guard target(statement) != nil else { return statement }
    return statement.mapBlocks { replaced($0, producers) }
  }

  private mutating func replaced(_ block: Block, _ producers: [Value: Producer]) -> Block {
    var builder = Builder(values: values)
    var renaming = Renaming()
    let result = replaced(block, producers, &renaming, &builder)
    values = builder.values
    return result
  }

  private func replaced(_ block: Block, _ producers: [Value: Producer], _ renaming: inout Renaming, _ builder: inout Builder) -> Block {
    builder.block(parameters: block.parameters) { builder in
      for statement in block.statements {
        if case .read(let array, let places) = statement.operation, let producer = producers[array] {
          let indices = places.map(renaming.resolve)
          let element = element(of: producer, at: indices, producers, &renaming, &builder)
          let value = builder.read(element, Array(indices.dropFirst(producer.map.axes.count)))
          builder.values.inheritName(of: statement.results[0], by: value)
          renaming.replace(statement.results[0], by: value)
        } else {
          let names = renaming
          let operation = statement.operation.rewritten(
            value: { names.resolve($0) }, block: { replaced($0, producers, &renaming, &builder) })
          builder.append(statement.with(operation))
        }
      }
      return block.results.map(renaming.resolve)
    }
  }

  /// Emits the producer's body at the given indices; producers that it reads itself, at any depth, are computed in turn.
  private func element(
    of producer: Producer, at indices: [Value], _ producers: [Value: Producer], _ renaming: inout Renaming, _ builder: inout Builder
  ) -> Value {
    var names = Dictionary(zip(producer.map.axes.map(\.index), indices)) { first, _ in first }
    builder.openBlock()
    let result = builder.inline(producer.map.body, [], replacing: &names)[producer.place]
    let copy = replaced(builder.closeBlock(results: [result]), producers, &renaming, &builder)
    for statement in copy.statements { builder.append(statement) }
    return copy.results[0]
  }
}

extension Map {
  /// Pure, without loops inside.
  fileprivate var isInlinable: Bool { !body.statements.isEmpty && body.hasNoEffect && !body.loops }

  fileprivate func reads(of producers: [Value: MapInlining.Producer]) -> Bool {
    body.statements.contains { if case .read(let array, _) = $0.operation { producers[array] != nil } else { false } }
  }

  /// A few operations of arithmetic.
  fileprivate var isCheap: Bool {
    body.statements.count <= 8 && body.statements.allSatisfy { !$0.operation.isCostly && $0.operation.blocks.isEmpty }
  }
}

extension Operation {
  /// Whether it runs something under a condition.
  fileprivate var decides: Bool {
    switch self {
    case .branch: true
    case .reduce(let reduce): reduce.condition != nil || reduce.body.statements.contains(where: \.operation.decides)
    default: blocks.contains { $0.statements.contains(where: \.operation.decides) }
    }
  }
}

extension Block {
  fileprivate var mayBeInfinite: Bool {
    statements.contains { statement in
      if case .primitive(let primitive, _) = statement.operation { return primitive.mayBeInfinite }
      return statement.operation.blocks.contains(where: \.mayBeInfinite)
    }
  }

  fileprivate var loops: Bool { statements.contains(where: \.operation.loops) }
}
