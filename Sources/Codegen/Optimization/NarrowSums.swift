import ModelDSL

/// Sums only over what is not zero by its place: a product with a diagonal matrix runs along the diagonal, one with a triangle ends there.
///
/// What a branch yields is zero where its side is a literal zero. Where comparisons of indices decide that, the axes of a sum are narrowed
/// to it: an index that must equal another becomes that other; one that must be less (or more) comes under a condition, which planning turns
/// into the ends of a loop.
func narrowSums(_ procedure: Procedure) -> Procedure {
  var narrowing = SumNarrowing(values: procedure.values)
  var result = procedure
  result.body = narrowing.narrowed(procedure.body)
  result.values = narrowing.values
  return result
}

/// How two integers may stand to each other.
private struct Order: OptionSet, Hashable {
  let rawValue: Int
  static let less = Order(rawValue: 1)
  static let equal = Order(rawValue: 2)
  static let greater = Order(rawValue: 4)
  static let any: Order = [.less, .equal, .greater]

  /// That of the second to the first.
  var mirrored: Order {
    var result: Order = contains(.equal) ? .equal : []
    if contains(.less) { result.insert(.greater) }
    if contains(.greater) { result.insert(.less) }
    return result
  }
}

private struct Pair: Hashable {
  let first: Value, second: Value
}

/// Where a number may differ from zero: nowhere, or where all these relations hold.
private enum Support: Equatable {
  case nowhere
  case inside([Pair: Order])
  static let everywhere = Support.inside([:])

  func and(_ other: Support) -> Support {
    guard case .inside(let a) = self, case .inside(let b) = other else { return .nowhere }
    let all = a.merging(b) { $0.intersection($1) }
    return all.values.contains([]) ? .nowhere : .inside(all)
  }

  func or(_ other: Support) -> Support {
    guard case .inside(let a) = self else { return other }
    guard case .inside(let b) = other else { return self }
    // Only what both say, each in its own way, is sure.
    let both = a.compactMap { pair, order in b[pair].map { (pair, order.union($0)) } }.filter { $0.1 != .any }
    return .inside(Dictionary(uniqueKeysWithValues: both))
  }
}

private struct SumNarrowing {
  var values: ValueTable
  private var definitions: [Value: (operation: Operation, place: Int)] = [:]
  /// The sizes of indices.
  private var ranges: [Value: Size] = [:]
  private var visible: Set<Value> = []

  /// Below so many terms, a loop whose ends vary costs more than the zeros.
  private static let fewTerms = 16

  init(values: ValueTable) { self.values = values }

  mutating func narrowed(_ block: Block) -> Block {
    var added = block.parameters.filter { visible.insert($0).inserted }
    var statements: [Statement] = []
    for statement in block.statements {
      let introduced = statement.operation.introduced.filter { visible.insert($0).inserted }
      for axis in statement.operation.axes { ranges[axis.index] = axis.size }
      var result = Statement(results: statement.results, operation: statement.operation.mapBlocks { narrowed($0) }, notes: statement.notes)
      visible.subtract(introduced)
      if case .reduce(let reduce) = result.operation, let narrow = narrowed(reduce) { result.operation = .reduce(narrow) }
      for (place, value) in result.results.enumerated() { definitions[value] = (result.operation, place) }
      added += result.results.filter { visible.insert($0).inserted }
      statements.append(result)
    }
    visible.subtract(added)
    return Block(parameters: block.parameters, statements: statements, results: block.results)
  }

  // MARK: Sums

  private mutating func narrowed(_ reduce: Reduce) -> Reduce? {
    guard reduce.op == .sum, reduce.condition == nil, reduce.body.results.count == 1, values[reduce.body.results[0]] == .real,
      case .inside(let relations) = support(of: reduce.body.results[0]), !relations.isEmpty
    else { return nil }
    var result = reduce
    var known: [Pair: Order] = [:]
    var same: [Value: Value] = [:]
    var limits: [(index: Value, other: Value, order: Order)] = []
    for axis in reduce.axes {
      for (pair, order) in relations.sorted(by: { ($0.key.first, $0.key.second) < ($1.key.first, $1.key.second) }) {
        guard pair.first == axis.index || pair.second == axis.index, same[axis.index] == nil, known[pair] == nil else { continue }
        let other = pair.first == axis.index ? pair.second : pair.first
        guard visible.contains(other) || result.axes.contains(where: { $0.index == other }) && same[other] == nil else { continue }
        if order == .equal && ranges[other] == axis.size && !same.values.contains(axis.index) {
          same[axis.index] = other
          known[pair] = order
        } else if order != .equal && order != [.less, .greater] && (axis.size.constant ?? .max) >= Self.fewTerms && visible.contains(other)
        {
          limits.append((axis.index, other, pair.first == axis.index ? order : order.mirrored))
          known[pair] = order
        }
      }
    }
    limits.removeAll { same[$0.index] != nil }
    if same.isEmpty && limits.isEmpty { return nil }
    result.axes.removeAll { same[$0.index] != nil }
    if result.axes.isEmpty { result.axes = [Axis(index: values.add(.integer), size: Size(1))] }
    result.body = rewritten(reduce.body, same, known)
    result.condition = condition(limits)
    return result
  }

  private mutating func condition(_ limits: [(index: Value, other: Value, order: Order)]) -> Block? {
    if limits.isEmpty { return nil }
    var builder = Builder(values: values)
    let block = builder.block { builder in
      let tests = limits.map { limit -> Value in
        let comparison: Primitive =
          switch limit.order {
          case .less: .less
          case [.less, .equal]: .lessOrEqual
          case .greater: .greater
          default: .greaterOrEqual
          }
        return builder.primitive(comparison, [limit.index, limit.other])
      }
      return [tests.dropFirst().reduce(tests[0]) { builder.primitive(.and, [$0, $1]) }]
    }
    values = builder.values
    return block
  }

  /// The body with indices replaced, what is known of them used, and elements of matrices computed where that was all that stored them.
  private mutating func rewritten(_ body: Block, _ same: [Value: Value], _ known: [Pair: Order]) -> Block {
    var builder = Builder(values: values)
    let block = builder.block { builder in
      var names = same
      emit(body.statements, &names, known, &builder, depth: 0)
      return body.results.map { names[$0] ?? $0 }
    }
    values = builder.values
    return block
  }

  private func emit(_ statements: [Statement], _ names: inout [Value: Value], _ known: [Pair: Order], _ builder: inout Builder, depth: Int)
  {
    for statement in statements {
      switch statement.operation {
      case .branch(let condition, let then, let otherwise):
        if let side = decided(condition, known, names) {
          let block = side ? then : otherwise
          emit(block.statements, &names, known, &builder, depth: depth)
          for (result, value) in zip(statement.results, block.results) { names[result] = names[value] ?? value }
        } else {
          builder.copy(statement, replacing: &names)
        }
      case .read(let array, let indices):
        guard depth < 4, let (map, place) = producer(names[array] ?? array), map.axes.count == indices.count,
          support(of: map.body.results[place]) != .everywhere
        else {
          builder.copy(statement, replacing: &names)
          continue
        }
        var inner = Dictionary(uniqueKeysWithValues: zip(map.axes.map(\.index), indices.map { names[$0] ?? $0 }))
        // What is known of the outer indices is known of the matrix' own.
        var own = known
        for (pair, order) in known {
          for a in map.axes where inner[a.index] == (names[pair.first] ?? pair.first) {
            for b in map.axes where inner[b.index] == (names[pair.second] ?? pair.second) && a.index != b.index {
              let sorted = a.index < b.index
              own[sorted ? Pair(first: a.index, second: b.index) : Pair(first: b.index, second: a.index)] = sorted ? order : order.mirrored
            }
          }
        }
        emit(map.body.statements, &inner, own, &builder, depth: depth + 1)
        let result = map.body.results[place]
        names[statement.results[0]] = inner[result] ?? result
      default: builder.copy(statement, replacing: &names)
      }
    }
  }

  /// The map that the array is the result of, where its elements can be computed anywhere: they are cheap and without loops.
  private func producer(_ array: Value) -> (map: Map, place: Int)? {
    guard let (operation, place) = definitions[array], case .map(let map) = operation, map.body.hasNoEffect, map.body.isCheapElement else {
      return nil
    }
    return (map, place)
  }

  /// What a condition comes to under what is known.
  private func decided(_ condition: Value, _ known: [Pair: Order], _ names: [Value: Value]) -> Bool? {
    guard let relations = relations(condition, [:]) else { return nil }
    if relations.allSatisfy({ pair, order in known[pair].map { order.isSuperset(of: $0) } ?? false }) { return true }
    if relations.contains(where: { pair, order in known[pair].map { order.isDisjoint(with: $0) } ?? false }) { return false }
    return nil
  }

  // MARK: Where a number may differ from zero

  private func support(of value: Value, _ names: [Value: Value] = [:], depth: Int = 0) -> Support {
    guard depth < 16, let (operation, place) = definitions[value] else { return .everywhere }
    func inner(_ value: Value) -> Support { support(of: value, names, depth: depth + 1) }
    switch operation {
    case .constant(.real(0)): return .nowhere
    case .primitive(.multiply, let factors): return inner(factors[0]).and(inner(factors[1]))
    case .primitive(.add, let terms), .primitive(.subtract, let terms): return inner(terms[0]).or(inner(terms[1]))
    case .primitive(.negate, let operand): return inner(operand[0])
    case .branch(let condition, let then, let otherwise):
      let (a, b) = (inner(then.results[place]), inner(otherwise.results[place]))
      guard let relations = relations(condition, names) else { return a.or(b) }
      // The opposite of several relations is none of them.
      let opposite = relations.count == 1 ? relations.mapValues { Order.any.subtracting($0) } : [:]
      return a.and(.inside(relations)).or(b.and(.inside(opposite)))
    case .read(let array, let indices): return support(ofElement: array, indices.map { names[$0] ?? $0 }, names, depth: depth + 1)
    default: return .everywhere
    }
  }

  private func support(ofElement array: Value, _ indices: [Value], _ names: [Value: Value], depth: Int) -> Support {
    guard depth < 16, let (operation, place) = definitions[array] else { return .everywhere }
    switch operation {
    case .read(let whole, let leading): return support(ofElement: whole, leading.map { names[$0] ?? $0 } + indices, names, depth: depth + 1)
    case .map(let map):
      if indices.count < map.axes.count { return .everywhere }
      let inner = names.merging(zip(map.axes.map(\.index), indices)) { $1 }
      let rest = Array(indices.dropFirst(map.axes.count))
      let result = map.body.results[place]
      return rest.isEmpty ? support(of: result, inner, depth: depth + 1) : support(ofElement: result, rest, inner, depth: depth + 1)
    default: return .everywhere
    }
  }

  /// The relations of integers that a condition is, all of which must hold; nil where it is something else.
  private func relations(_ condition: Value, _ names: [Value: Value]) -> [Pair: Order]? {
    guard case .primitive(let primitive, let operands)? = definitions[condition]?.operation else { return nil }
    if primitive == .and {
      guard let a = relations(operands[0], names), let b = relations(operands[1], names) else { return nil }
      return a.merging(b) { $0.intersection($1) }
    }
    let order: Order
    switch primitive {
    case .less: order = .less
    case .lessOrEqual: order = [.less, .equal]
    case .greater: order = .greater
    case .greaterOrEqual: order = [.greater, .equal]
    case .equal: order = .equal
    case .notEqual: order = [.less, .greater]
    default: return nil
    }
    let (a, b) = (names[operands[0]] ?? operands[0], names[operands[1]] ?? operands[1])
    guard values[a] == .integer, values[b] == .integer else { return nil }
    if a == b { return order.contains(.equal) ? [:] : nil }
    return a < b ? [Pair(first: a, second: b): order] : [Pair(first: b, second: a): order.mirrored]
  }
}

extension Operation {
  /// The axes that the operation itself runs over.
  fileprivate var axes: [Axis] {
    switch self {
    case .map(let map): map.axes
    case .reduce(let reduce): reduce.axes
    case .scan(let scan): [scan.axis]
    default: []
    }
  }
}

extension Block {
  /// A few operations of arithmetic, and branches of such.
  fileprivate var isCheapElement: Bool {
    statements.count <= 8
      && statements.allSatisfy { statement in
        if case .branch(_, let then, let otherwise) = statement.operation { return then.isCheapElement && otherwise.isCheapElement }
        return !statement.operation.isCostly && statement.operation.blocks.isEmpty
      }
  }
}
