import ModelDSL

/// Folds constants and applies identities that hold for finite numbers; a literal zero is a structural zero, so `0 * x` is 0.
///
/// A `ruled` value is opaque: nothing is simplified through it. Folding happens only where it gives the same bits in every precision.
public func simplify(_ procedure: Procedure) -> Procedure {
  var simplifier = Simplifier(values: procedure.values)
  var result = procedure
  result.body = simplifier.simplified(procedure.body)
  result.values = simplifier.values
  return result
}

/// Walks a procedure forward; each statement is rewritten with what is known of the values before it.
struct Simplifier {
  /// What computes a value: an operation, and which of its results it is.
  struct Definition {
    var operation: Operation
    var place: Int
  }

  var values: ValueTable
  private var renaming = Renaming()
  private var definitions = ValueMap<Definition>()
  /// For the indices of axes.
  private var ranges = ValueMap<Size>()
  /// How many blocks are around a value's definition.
  private var levels = ValueMap<Int>()
  private var level = 0
  /// Conditions of the branches around.
  private var knownConditions: [Value: Bool] = [:]
  private var output: [Statement] = []
  private var notes: [Note] = []

  init(values: ValueTable) { self.values = values }

  // MARK: Blocks

  mutating func simplified(_ block: Block) -> Block {
    let outside = output
    output = []
    level += 1
    for parameter in block.parameters { levels[parameter] = level }
    for statement in block.statements { visit(statement) }
    let result = Block(parameters: block.parameters, statements: output, results: block.results.map(renaming.resolve))
    level -= 1
    output = outside
    return result
  }

  /// The block of an iteration over `axes`.
  private mutating func simplified(_ block: Block, over axes: [Axis]) -> Block {
    for axis in axes {
      levels[axis.index] = level + 1
      ranges[axis.index] = axis.size
    }
    return simplified(block)
  }

  private mutating func simplified(_ block: Block, knowing condition: Value, is truth: Bool) -> Block {
    let before = knownConditions[condition]
    knownConditions[condition] = truth
    defer { knownConditions[condition] = before }
    return simplified(block)
  }

  // MARK: What is known

  func definition(of value: Value) -> Definition? { definitions[value] }

  func primitive(of value: Value) -> (primitive: Primitive, operands: [Value])? {
    guard case .primitive(let primitive, let operands)? = definitions[value]?.operation else { return nil }
    return (primitive, operands)
  }

  func constant(of value: Value) -> Constant? {
    guard case .constant(let constant)? = definitions[value]?.operation else { return nil }
    return constant
  }

  /// The value as a size, where it is a constant or made of sizes.
  func size(of value: Value) -> Size? {
    switch definitions[value]?.operation {
    case .constant(.integer(let number)): Size(number)
    case .size(let size): size
    default: nil
    }
  }

  /// The end of the range `0 ..< size` in which an index lies.
  func range(of value: Value) -> Size? { ranges[value] }

  /// Whether the value is a literal zero, or an array of nothing else.
  func isZero(_ value: Value) -> Bool {
    guard let definition = definitions[value] else { return false }
    switch definition.operation {
    case .constant(.real(let number)): return number == 0
    case .constant(.integer(let number)): return number == 0
    case .map(let map): return isZero(map.body.results[definition.place])
    default: return false
    }
  }

  func isOutside(_ value: Value, of axes: [Axis]) -> Bool {
    guard let inner = axes.first.flatMap({ levels[$0.index] }) else { return false }
    return (levels[value] ?? 0) < inner
  }

  // MARK: Making statements

  private mutating func append(_ results: [Value], _ operation: Operation) {
    for (place, result) in results.enumerated() {
      definitions[result] = Definition(operation: operation, place: place)
      levels[result] = level
    }
    output.append(Statement(results: results, operation: operation, notes: notes))
  }

  mutating func emit(_ operation: Operation) -> Value {
    let result = values.add(operation.resultTypes(values)[0])
    append([result], operation)
    return result
  }

  mutating func constant(_ constant: Constant) -> Value { emit(.constant(constant)) }

  /// A simplified primitive, as a value.
  mutating func make(_ primitive: Primitive, _ operands: [Value]) -> Value {
    asValue(rewritten(primitive, operands))
  }

  mutating func asValue(_ result: Rewritten) -> Value {
    switch result {
    case .value(let value): value
    case .operation(let operation): emit(operation)
    }
  }

  private mutating func rename(_ result: Value, _ value: Value) {
    values.inheritName(of: result, by: renaming.resolve(value))
    renaming.replace(result, by: value)
  }

  private mutating func zeros(_ type: ValueType) -> Value {
    let zero: Constant =
      switch type.element {
      case .real: .real(0)
      case .integer: .integer(0)
      case .boolean: .boolean(false)
      }
    return fill(constant(zero), type.shape)
  }

  private mutating func fill(_ number: Value, _ sizes: [Size]) -> Value {
    if sizes.isEmpty { return number }
    let axes = sizes.map { Axis(index: values.add(.integer), size: $0) }
    for axis in axes { levels[axis.index] = level + 1 }
    return emit(.map(Map(axes: axes, body: Block(results: [number]))))
  }

  // MARK: Statements

  private mutating func visit(_ statement: Statement) {
    notes = statement.notes
    let results = statement.results
    let use = renaming.resolve
    switch statement.operation {
    case .constant, .size: append(results, statement.operation)
    case .primitive(let primitive, let operands):
      switch rewritten(primitive, operands.map(use)) {
      case .value(let value): rename(results[0], value)
      case .operation(let operation): append(results, operation)
      }
    case .read(let array, let indices):
      if let value = element(of: use(array), indices.map(use)) {
        rename(results[0], value)
      } else if case .read(let whole, let leading)? = definitions[use(array)]?.operation {
        append(results, .read(whole, leading + indices.map(use)))
      } else {
        append(results, .read(use(array), indices.map(use)))
      }
    case .pack: append(results, statement.operation.rewritten(value: use) { $0 })
    case .update(let array, let indices, let row): visitUpdate(results, use(array), indices.map(use), use(row))
    case .map(let map): visitMap(results, map)
    case .reduce(let reduce): visitReduce(results, reduce)
    case .scan(let scan): visitScan(results, scan)
    case .whileLoop(let loop):
      let condition = simplified(loop.condition)
      let body = simplified(loop.body)
      append(
        results,
        .whileLoop(While(name: loop.name, bound: loop.bound, initial: loop.initial.map(use), condition: condition, body: body)))
    case .branch(let condition, let then, let otherwise): visitBranch(results, use(condition), then, otherwise)
    case .accumulating(let scope): visitAccumulating(results, scope)
    case .accumulate(let token, let indices, let value):
      if !isZero(use(value)) { append([], .accumulate(into: token, indices.map(use), use(value))) }
    case .ruled(let value, let rules):
      let rules = rules.map { rule in
        Rule(target: use(rule.target), kind: rule.kind, block: simplified(rule.block))
      }
      append(results, .ruled(use(value), rules))
    }
  }

  private mutating func visitUpdate(_ results: [Value], _ array: Value, _ indices: [Value], _ row: Value) {
    if case .read(array, indices)? = definitions[row]?.operation { return rename(results[0], array) }
    // What the same place held before does not matter.
    if case .update(let before, indices, _)? = definitions[array]?.operation {
      return append(results, .update(before, indices, row))
    }
    append(results, .update(array, indices, row))
  }

  /// The axes but for those of one point, whose index is 0; what uses those indices will use the constant.
  private mutating func withoutSingle(_ axes: [Axis]) -> [Axis] {
    axes.filter { axis in
      guard axis.size.constant == 1 else { return true }
      renaming.replace(axis.index, by: constant(.integer(0)))
      return false
    }
  }

  private mutating func visitMap(_ results: [Value], _ map: Map) {
    var map = map
    if results.isEmpty {
      map.axes = withoutSingle(map.axes)
      if map.axes.isEmpty { return map.body.statements.forEach { visit($0) } }
    }
    let body = simplified(map.body, over: map.axes)
    let sizes = map.axes.map(\.size)
    var kept: [Int] = []
    for (place, value) in body.results.enumerated() {
      // A copy of an array as it is.
      if case .read(let array, map.axes.map(\.index))? = definitions[value]?.operation, isOutside(array, of: map.axes),
        Array(values[array].shape.prefix(sizes.count)) == sizes
      {
        rename(results[place], array)
      } else {
        kept.append(place)
      }
    }
    if kept.isEmpty && body.hasNoEffect { return }
    let remaining = Block(statements: body.statements, results: kept.map { body.results[$0] })
    append(kept.map { results[$0] }, .map(Map(axes: map.axes, body: remaining)))
  }

  private mutating func visitReduce(_ results: [Value], _ reduce: Reduce) {
    var reduce = reduce
    if reduce.op != .argmax && reduce.op != .argmin && reduce.axes.contains(where: { $0.size.constant == 1 }) {
      if reduce.axes.allSatisfy({ $0.size.constant == 1 }) && reduce.condition == nil {
        reduce.axes = withoutSingle(reduce.axes)
        for statement in reduce.body.statements { visit(statement) }
        for (result, value) in zip(results, reduce.body.results) { rename(result, renaming.resolve(value)) }
        return
      }
      if reduce.axes.contains(where: { $0.size.constant != 1 }) { reduce.axes = withoutSingle(reduce.axes) }
    }
    var condition = reduce.condition.map { simplified($0, over: reduce.axes) }
    if let test = condition?.results[0], case .boolean(true)? = constant(of: test) { condition = nil }
    let body = simplified(reduce.body, over: reduce.axes)
    var kept = Array(results.indices)
    if reduce.op == .sum {
      kept = kept.filter { !isZero(body.results[$0]) }
      for place in results.indices where isZero(body.results[place]) { rename(results[place], zeros(values[results[place]])) }
      if kept.isEmpty && body.hasNoEffect && condition?.hasNoEffect != false { return }
    }
    let remaining = reduce.op == .sum ? Block(statements: body.statements, results: kept.map { body.results[$0] }) : body
    append(
      kept.map { results[$0] }, .reduce(Reduce(op: reduce.op, axes: reduce.axes, condition: condition, body: remaining)))
  }

  private mutating func visitScan(_ results: [Value], _ scan: Scan) {
    let initial = scan.initial.map(renaming.resolve)
    let carried = initial.count
    // A value that no step changes is not carried.
    let isFixed = initial.indices.map { place in
      let next = renaming.resolve(scan.body.results[place])
      return next == scan.body.parameters[place] || next == initial[place]
    }
    for place in initial.indices where isFixed[place] {
      renaming.replace(scan.body.parameters[place], by: initial[place])
      rename(results[place], initial[place])
    }
    let moving = initial.indices.filter { !isFixed[$0] }
    levels[scan.axis.index] = level + 1
    ranges[scan.axis.index] = scan.axis.size
    let parameters = moving.map { scan.body.parameters[$0] }
    let body = simplified(Block(parameters: parameters, statements: scan.body.statements, results: scan.body.results))
    var kept = moving
    for place in carried..<results.count {
      let row = body.results[place]
      // Equal rows are one row, spread; but rows that are not run are 0.
      if scan.trips == nil, isOutside(row, of: [scan.axis]) {
        rename(results[place], fill(row, [scan.axis.size]))
      } else {
        kept.append(place)
      }
    }
    let remaining = Block(parameters: parameters, statements: body.statements, results: kept.map { body.results[$0] })
    if kept.isEmpty && remaining.hasNoEffect { return }
    append(
      kept.map { results[$0] },
      .scan(
        Scan(
          axis: scan.axis, down: scan.down, trips: scan.trips.map(renaming.resolve), initial: moving.map { initial[$0] }, body: remaining)))
  }

  private mutating func visitBranch(_ results: [Value], _ condition: Value, _ then: Block, _ otherwise: Block) {
    if let truth = truth(of: condition) {
      let side = truth ? then : otherwise
      for statement in side.statements { visit(statement) }
      for (result, value) in zip(results, side.results) { rename(result, renaming.resolve(value)) }
      return
    }
    if let (primitive, operands) = primitive(of: condition), primitive == .not {
      return visitBranch(results, operands[0], otherwise, then)
    }
    var first = simplified(then, knowing: condition, is: true)
    var second = simplified(otherwise, knowing: condition, is: false)
    var kept: [Int] = []
    for place in results.indices {
      let (a, b) = (first.results[place], second.results[place])
      if a == b {
        rename(results[place], a)
      } else if let one = constant(of: a), one == constant(of: b) {
        rename(results[place], constant(one))
      } else {
        kept.append(place)
      }
    }
    first.results = kept.map { first.results[$0] }
    second.results = kept.map { second.results[$0] }
    if kept.isEmpty && first.hasNoEffect && second.hasNoEffect { return }
    append(kept.map { results[$0] }, .branch(condition: condition, then: first, otherwise: second))
  }

  private mutating func visitAccumulating(_ results: [Value], _ scope: Accumulating) {
    if scope.accumulators.isEmpty {
      for statement in scope.body.statements { visit(statement) }
      for (result, value) in zip(results, scope.body.results) { rename(result, renaming.resolve(value)) }
      return
    }
    for accumulator in scope.accumulators { levels[accumulator.token] = level + 1 }
    let body = simplified(scope.body)
    let added = body.outerTokens
    let count = body.results.count
    var kept: [Int] = []
    for (place, accumulator) in scope.accumulators.enumerated() {
      if added.contains(accumulator.token) {
        kept.append(place)
      } else {
        let sum = results[count + place]
        rename(sum, accumulator.initial.map(renaming.resolve) ?? zeros(values[sum]))
      }
    }
    let accumulators = kept.map { place in
      Accumulating.Accumulator(token: scope.accumulators[place].token, initial: scope.accumulators[place].initial.map(renaming.resolve))
    }
    append(
      Array(results.prefix(count)) + kept.map { results[count + $0] }, .accumulating(Accumulating(accumulators: accumulators, body: body)))
  }

  func truth(of condition: Value) -> Bool? {
    if case .boolean(let truth)? = constant(of: condition) { return truth }
    return knownConditions[condition]
  }
}

extension Block {
  /// The accumulators of the outside that it adds to.
  var outerTokens: Set<Value> { statements.reduce(into: []) { $0.formUnion($1.outerTokens) } }

  /// Whether it could be left out if nothing read its results.
  var hasNoEffect: Bool { statements.allSatisfy { !$0.mayFail && !$0.accumulatesOutside } }
}
