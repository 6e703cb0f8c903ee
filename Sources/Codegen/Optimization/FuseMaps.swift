import ModelDSL

/// Makes one elementwise loop of many: maps over equal axes, without loops inside, that need nothing of each other but the element of their
/// own iteration.
///
/// Each statement of a block gets a level, one more than that of a map whose whole result it needs; maps of one level and equal axes
/// become one.
func fuseMaps(_ procedure: Procedure) -> Procedure {
  var result = procedure
  result.body = fused(procedure.body)
  return result
}

private func fused(_ block: Block) -> Block {
  var statements = block.statements.map { $0.mapBlocks(fused) }
  let plan = MapFusion(statements)
  if plan.fusesAnything { statements = plan.fused() }
  return Block(parameters: block.parameters, statements: statements, results: block.results)
}

private struct MapFusion {
  private let statements: [Statement]
  /// For elementwise maps.
  private let elementwise: [Elementwise?]
  private var levels: [Int]

  struct Elementwise {
    var map: Map
    var sizes: [Size]
    /// Values that it uses otherwise than by the element of its own iteration.
    var wholes: Set<Value>
  }

  struct Group: Hashable {
    var level: Int
    var sizes: [Size]
  }

  init(_ statements: [Statement]) {
    self.statements = statements
    elementwise = statements.map(\.elementwise)
    levels = Array(repeating: 0, count: statements.count)
    var origin: [Value: Int] = [:]
    var users: [[Int]] = Array(repeating: [], count: statements.count)
    for (place, statement) in statements.enumerated() {
      for value in statement.freeValues {
        guard let source = origin[value] else { continue }
        levels[place] = max(levels[place], levels[source] + distance(source, place))
        users[source].append(place)
      }
      for result in statement.results { origin[result] = place }
    }
    // As late as its users allow, where that is beside one of them.
    for place in statements.indices.reversed() where elementwise[place] != nil && !users[place].isEmpty {
      let latest = users[place].map { levels[$0] - distance(place, $0) }.min()!
      let isBeside = users[place].contains { distance(place, $0) == 0 && levels[$0] == latest }
      if latest > levels[place] && isBeside { levels[place] = latest }
    }
  }

  /// How many levels the second, which uses results of the first, must be below it.
  private func distance(_ source: Int, _ user: Int) -> Int {
    guard let first = elementwise[source] else { return 0 }
    guard let second = elementwise[user], first.sizes == second.sizes else { return 1 }
    return statements[source].results.allSatisfy { !second.wholes.contains($0) } ? 0 : 1
  }

  private func group(_ place: Int) -> Group? { elementwise[place].map { Group(level: levels[place], sizes: $0.sizes) } }

  var fusesAnything: Bool {
    var seen: Set<Group> = []
    return statements.indices.contains { place in group(place).map { !seen.insert($0).inserted } ?? false }
  }

  func fused() -> [Statement] {
    var members: [Group: [Int]] = [:]
    for place in statements.indices {
      if let group = group(place) { members[group, default: []].append(place) }
    }
    // By level; in a level the maps come last, as the others do not need them.
    let order = statements.indices.sorted { a, b in
      (levels[a], elementwise[a] == nil ? 0 : 1, a) < (levels[b], elementwise[b] == nil ? 0 : 1, b)
    }
    return order.compactMap { place in
      guard let group = group(place) else { return statements[place] }
      let all = members[group]!
      return all[0] == place ? one(of: all) : nil
    }
  }

  private func one(of places: [Int]) -> Statement {
    if places.count == 1 { return statements[places[0]] }
    let axes = elementwise[places[0]]!.map.axes
    let indices = axes.map(\.index)
    var inlining = ElementInlining(indices: indices)
    var body = Block()
    var results: [Value] = []
    var notes: [Note] = []
    for place in places {
      let map = elementwise[place]!.map
      let own = map.body.substituting(Dictionary(uniqueKeysWithValues: zip(map.axes.map(\.index), indices)))
      let rewritten = inlining.rewritten(own)
      body.statements += rewritten.statements
      body.results += rewritten.results
      results += statements[place].results
      for (result, value) in zip(statements[place].results, rewritten.results) { inlining.elements[result] = value }
      notes += statements[place].notes.filter { !notes.contains($0) }
    }
    return Statement(results: results, operation: .map(Map(axes: axes, body: body)), notes: notes)
  }
}

/// Replaces reads, at the indices of the iteration, of arrays whose element of the iteration is at hand.
private struct ElementInlining {
  let indices: [Value]
  var elements: [Value: Value] = [:]
  private var renaming = Renaming()

  init(indices: [Value]) { self.indices = indices }

  mutating func rewritten(_ block: Block) -> Block {
    var statements: [Statement] = []
    for statement in block.statements {
      if case .read(let array, let places) = statement.operation, let element = elements[array] {
        let rest = places.dropFirst(indices.count).map(renaming.resolve)
        if rest.isEmpty {
          renaming.replace(statement.results[0], by: element)
        } else {
          statements.append(Statement(results: statement.results, operation: .read(element, rest), notes: statement.notes))
        }
      } else {
        let operation = statement.operation.rewritten(value: { renaming.resolve($0) }, block: { rewritten($0) })
        statements.append(statement.with(operation))
      }
    }
    return Block(parameters: block.parameters, statements: statements, results: block.results.map(renaming.resolve))
  }
}

extension Statement {
  /// Seen as an elementwise map: no loops inside, and more than one number spread.
  fileprivate var elementwise: MapFusion.Elementwise? {
    guard case .map(let map) = operation, !map.body.statements.isEmpty, !map.body.statements.contains(where: \.operation.loops) else {
      return nil
    }
    let own = map.axes.map(\.index)
    var wholes = Set(map.body.results)
    func collect(_ block: Block) {
      for statement in block.statements {
        if case .read(let array, let places) = statement.operation, Array(places.prefix(own.count)) == own {
          wholes.formUnion(places.dropFirst(own.count))
          if own.contains(array) { wholes.insert(array) }
        } else {
          wholes.formUnion(statement.operation.operands)
        }
        for block in statement.operation.blocks {
          wholes.formUnion(block.results)
          collect(block)
        }
      }
    }
    collect(map.body)
    return MapFusion.Elementwise(map: map, sizes: map.axes.map(\.size), wholes: wholes)
  }
}

extension Operation {
  /// Whether there is a loop in it, or a scope of accumulators.
  var loops: Bool {
    switch self {
    case .map, .reduce, .scan, .whileLoop, .accumulating: true
    case .branch: blocks.contains { $0.statements.contains(where: \.operation.loops) }
    case .constant, .size, .primitive, .read, .pack, .update, .accumulate, .ruled: false
    }
  }
}
