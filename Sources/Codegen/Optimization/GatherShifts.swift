import ModelDSL

/// Makes an array of what a loop adds to an accumulator at places near its own: element `j` takes what the iterations `j - 1` or `j + 1` would add to
/// it. The adjoint of a difference along an axis then runs as the difference does, and nothing is zeroed first or read back.
///
/// That is so where all additions to the accumulator are numbers of cheap arithmetic, in one map over the axes of the accumulator, at its indices
/// and distances from them that are constant.
func gatherShifts(_ procedure: Procedure) -> Procedure {
  var gathering = ShiftGathering(builder: Builder(values: procedure.values))
  var result = procedure
  result.body = gathering.gathered(procedure.body)
  result.values = gathering.builder.values
  return result
}

private struct ShiftGathering {
  /// Arithmetic that may be done again for each of the additions.
  static let mostStatements = 24

  /// One addition: where it stands, how far from the indices of the map it adds, and what.
  private struct Addition {
    /// The conditions on the way to it and which side it stands in, with the statements before each; outermost first.
    var path: [(statements: [Statement], condition: Value, side: Bool)]
    /// Those before it in its own block.
    var statements: [Statement]
    var distances: [Int]
    var value: Value
  }

  var builder: Builder

  mutating func gathered(_ block: Block) -> Block {
    builder.openBlock()
    for statement in block.statements {
      let inner = statement.mapBlocks { gathered($0) }
      if case .accumulating(let scope) = inner.operation {
        builder.append(inner.gathering(scope) { gather($0, &$1) })
      } else {
        builder.append(inner)
      }
    }
    return builder.closeBlock(parameters: block.parameters, results: block.results)
  }

  private mutating func gather(_ accumulator: Accumulating.Accumulator, _ block: inout Block) -> Value? {
    let token = accumulator.token
    let users = block.statements.indices.filter { block.statements[$0].outerTokens.contains(token) }
    guard users.count == 1, case .map(var map) = block.statements[users[0]].operation, let additions = additions(to: token, in: map),
      additions.contains(where: { $0.distances.contains { $0 != 0 } })
    else { return nil }
    let old = block.statements[users[0]]
    map.body = map.body.withoutAdditions(to: token)
    block.statements[users[0]] = old.with(.map(map))
    let shape = builder.values[token].shape
    builder.notes = old.notes
    defer { builder.notes = [] }
    builder.openBlock()
    let sum = builder.map(shape, names: [builder.values.name(of: token)]) { builder, indices in
      var total = accumulator.initial.map { builder.read($0, indices) }
      for addition in additions {
        let part = Self.value(of: addition, map, at: indices, shape, &builder)
        total = total.map { builder.primitive(.add, [$0, part]) } ?? part
      }
      return [total!]
    }[0]
    let made = builder.closeBlock(results: []).statements
    block.statements.insert(contentsOf: made, at: users[0] + 1)
    return sum
  }

  // MARK: Finding additions

  private func additions(to token: Value, in map: Map) -> [Addition]? {
    guard builder.values[token].shape.count == map.axes.count else { return nil }
    var found: [Addition] = []
    var distances: [Value: (axis: Int, distance: Int)] = [:]
    var constants: [Value: Int] = [:]
    for (place, axis) in map.axes.enumerated() { distances[axis.index] = (place, 0) }

    func visit(_ block: Block, _ path: [(statements: [Statement], condition: Value, side: Bool)]) -> Bool {
      for (place, statement) in block.statements.enumerated() {
        switch statement.operation {
        case .constant(.integer(let number)): constants[statement.results[0]] = number
        case .primitive(.add, let operands), .primitive(.subtract, let operands):
          let isSum = if case .primitive(.add, _) = statement.operation { true } else { false }
          if let start = distances[operands[0]], let number = constants[operands[1]] {
            distances[statement.results[0]] = (start.axis, start.distance + (isSum ? number : -number))
          } else if isSum, let start = distances[operands[1]], let number = constants[operands[0]] {
            distances[statement.results[0]] = (start.axis, start.distance + number)
          }
        case .accumulate(token, let indices, let value):
          let shifts = indices.compactMap { distances[$0] }
          guard builder.values[value].isScalar, shifts.map(\.axis) == Array(map.axes.indices) else { return false }
          found.append(
            Addition(path: path, statements: Array(block.statements[..<place]), distances: shifts.map(\.distance), value: value))
        case .branch(let condition, let then, let otherwise):
          let before = Array(block.statements[..<place])
          for (side, isThen) in [(then, true), (otherwise, false)] where side.outerTokens.contains(token) {
            guard visit(side, path + [(before, condition, isThen)]) else { return false }
          }
        default: if statement.outerTokens.contains(token) { return false }
        }
      }
      return true
    }
    guard visit(map.body, []), !found.isEmpty else { return nil }
    let isCheap = found.allSatisfy { addition in
      guard let parts = Self.parts(of: addition) else { return false }
      return parts.reduce(0) { $0 + $1.count } <= Self.mostStatements
    }
    return isCheap ? found : nil
  }

  /// Of each block on the way to the addition, the statements that lead to the condition or the value; nil where there is more than cheap
  /// arithmetic among them.
  private static func parts(of addition: Addition) -> [[Statement]]? {
    var needed: Set<Value> = [addition.value]
    var parts: [[Statement]] = []
    var blocks: [(statements: [Statement], condition: Value?)] = addition.path.map { ($0.statements, $0.condition) }
    blocks.append((addition.statements, nil))
    for (statements, condition) in blocks.reversed() {
      if let condition { needed.insert(condition) }
      var part: [Statement] = []
      for statement in statements.reversed() where statement.results.contains(where: needed.contains) {
        switch statement.operation {
        case .constant, .size, .read: break
        case .primitive(let primitive, _): if !primitive.isCheap { return nil }
        default: return nil
        }
        needed.formUnion(statement.operation.operands)
        part.append(statement)
      }
      parts.append(part.reversed())
    }
    return parts.reversed()
  }

  // MARK: Emitting

  /// What the addition adds to the element: that of the iteration at a distance, if there is such an iteration and it adds.
  private static func value(of addition: Addition, _ map: Map, at indices: [Value], _ shape: [Size], _ builder: inout Builder) -> Value {
    var names: [Value: Value] = [:]
    var conditions: [Value] = []
    for (place, axis) in map.axes.enumerated() {
      let distance = addition.distances[place]
      names[axis.index] =
        distance == 0
        ? indices[place] : builder.primitive(distance > 0 ? .subtract : .add, [indices[place], builder.integer(abs(distance))])
      if distance > 0 { conditions.append(builder.primitive(.greaterOrEqual, [indices[place], builder.integer(distance)])) }
      let end = axis.size + Size(distance)
      if let spare = (end - shape[place]).constant, spare >= 0 { continue }
      conditions.append(builder.primitive(.less, [indices[place], builder.size(end)]))
    }
    let parts = Self.parts(of: addition)!
    func emit(_ level: Int, _ builder: inout Builder) -> Value {
      for statement in parts[level] { builder.copy(statement, replacing: &names) }
      if level == addition.path.count { return names[addition.value] ?? addition.value }
      let step = addition.path[level]
      let condition = names[step.condition] ?? step.condition
      let chosen = builder.block { [emit(level + 1, &$0)] }
      let zero = builder.block { [$0.real(0)] }
      return builder.emit(.branch(condition: condition, then: step.side ? chosen : zero, otherwise: step.side ? zero : chosen))[0]
    }
    guard let first = conditions.first else { return emit(0, &builder) }
    let holds = conditions.dropFirst().reduce(first) { builder.primitive(.and, [$0, $1]) }
    return builder.branch(holds, then: { [emit(0, &$0)] }, otherwise: { [$0.real(0)] })[0]
  }
}

extension Block {
  fileprivate func withoutAdditions(to token: Value) -> Block {
    Block(
      parameters: parameters,
      statements: statements.compactMap { statement in
        if case .accumulate(token, _, _) = statement.operation { return nil }
        return statement.mapBlocks { $0.withoutAdditions(to: token) }
      }, results: results)
  }
}
