import ModelDSL

// Conditions of reductions that say where an index runs: such loops begin and end there, and ask no more.

extension Planner {
  /// An index compared with an integer that is known before its loop.
  struct Limit {
    enum Bound {
      case value(Value)
      case constant(Int)
    }
    var index: Value
    var comparison: Primitive
    var bound: Bound
  }

  /// What the condition says of where indices run, and the condition itself where that is not all it says.
  func limits(of reduce: Reduce) -> (limits: [Limit], condition: Block?) {
    guard let condition = reduce.condition, let comparisons = condition.comparisons else { return ([], reduce.condition) }
    let order = Dictionary(uniqueKeysWithValues: reduce.axes.enumerated().map { ($1.index, $0) })
    var limits: [Limit] = []
    for (comparison, left, right) in comparisons {
      guard let mirrored = comparison.mirrored else { continue }
      switch (left, right) {
      case (.value(let a), .value(let b)):
        // The loop further inside is the one to be bounded.
        if let place = order[a], place > (order[b] ?? -1) {
          limits.append(Limit(index: a, comparison: comparison, bound: right))
        } else if order[b] != nil {
          limits.append(Limit(index: b, comparison: mirrored, bound: left))
        }
      case (.value(let a), .constant) where order[a] != nil: limits.append(Limit(index: a, comparison: comparison, bound: right))
      case (.constant, .value(let b)) where order[b] != nil: limits.append(Limit(index: b, comparison: mirrored, bound: left))
      default: break
      }
    }
    return (limits, limits.count == comparisons.count ? nil : condition)
  }

  /// Where the axis' loop begins, if not at 0, and ends.
  mutating func range(of axis: Axis, within limits: [Limit]) -> (start: Plan.Expression?, end: Plan.Expression) {
    let size = count(axis.size)
    var starts: [Plan.Expression] = []
    var ends: [Plan.Expression] = []
    func plus(_ e: Plan.Expression, _ number: Int) -> Plan.Expression { Plan.Expression.sum(e, .integer(number)) ?? e }
    for limit in limits where limit.index == axis.index {
      let bound: Plan.Expression
      var isInside = false
      switch limit.bound {
      case .constant(let number): bound = .integer(number)
      case .value(let value):
        bound = shared(value)
        isInside = indexRanges[value] == axis.size
      }
      // An integer may be any: 1 is added only to what is known to be less than the size.
      switch limit.comparison {
      case .less: ends.append(isInside ? bound : .primitive(.minimum, [size, bound]))
      case .lessOrEqual, .equal: ends.append(plus(isInside ? bound : .primitive(.minimum, [plus(size, -1), bound]), 1))
      default: break
      }
      switch limit.comparison {
      case .greater: starts.append(plus(isInside ? bound : .primitive(.maximum, [.integer(-1), .primitive(.minimum, [size, bound])]), 1))
      case .greaterOrEqual, .equal: starts.append(isInside ? bound : .primitive(.maximum, [.integer(0), bound]))
      default: break
      }
    }
    var start = starts.first.map { first in starts.dropFirst().reduce(first) { .primitive(.maximum, [$0, $1]) } }
    var end = ends.first.map { first in ends.dropFirst().reduce(first) { .primitive(.minimum, [$0, $1]) } } ?? size
    start = start.map { defined($0, "first") }
    if !ends.isEmpty { end = defined(end, "end") }
    return (start, end)
  }

  private mutating func defined(_ expression: Plan.Expression, _ name: String) -> Plan.Expression {
    if expression.isAtom { return expression }
    let local = local(.number(.integer), name)
    steps.append(.define(local, expression))
    return .local(local)
  }
}

extension Primitive {
  /// The comparison that holds for (b, a) where this one holds for (a, b); nil for what bounds nothing.
  fileprivate var mirrored: Primitive? {
    switch self {
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    case .equal: .equal
    default: nil
    }
  }
}

extension Block {
  /// Where the block is nothing but comparisons of integers that must all hold: these, in order.
  fileprivate var comparisons: [(Primitive, Planner.Limit.Bound, Planner.Limit.Bound)]? {
    var constants: [Value: Int] = [:]
    var found: [Value: [(Primitive, Planner.Limit.Bound, Planner.Limit.Bound)]] = [:]
    for statement in statements {
      switch statement.operation {
      case .constant(.integer(let number)): constants[statement.results[0]] = number
      case .primitive(.and, let sides):
        guard let left = found[sides[0]], let right = found[sides[1]] else { return nil }
        found[statement.results[0]] = left + right
      case .primitive(let comparison, let sides)
      where [.less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual].contains(comparison):
        let bounds = sides.map { side in constants[side].map { Planner.Limit.Bound.constant($0) } ?? .value(side) }
        found[statement.results[0]] = [(comparison, bounds[0], bounds[1])]
      default: return nil
      }
    }
    return found[results[0]]
  }
}
