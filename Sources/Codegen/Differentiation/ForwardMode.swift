import ModelDSL

extension Differentiation {
  /// Emits `block` applied to `arguments` with the given tangents (nil: constant) beside it. Returns the results, and their tangents
  /// (nil: zero by structure).
  public static func pushforward(
    of block: Block, arguments: [Value], tangents: [Value?], rules: RuleTable, in builder: inout Builder
  ) throws(NonlinearRule) -> (results: [Value], tangents: [Value?]) {
    let imported = ImportedRules(rules, into: &builder)
    let seeds = Set(block.parameters.indices.filter { tangents[$0] != nil }.map { block.parameters[$0] })
    let varied = Activity.varied(in: block, from: seeds, values: builder.values, rules: imported)
    var mode = ForwardMode(builder: builder, rules: imported, varied: varied)
    for (place, parameter) in block.parameters.enumerated() {
      mode.names[parameter] = arguments[place]
      mode.tangents[parameter] = tangents[place]
    }
    try mode.push(block.statements)
    builder = mode.builder
    return (block.results.map { mode.names[$0] ?? $0 }, block.results.map { mode.tangents[$0] })
  }
}

/// Forward mode: each construct becomes itself, with the tangents of its varied values beside them.
struct ForwardMode {
  var builder: Builder
  let rules: ImportedRules
  /// By the names of the block that is differentiated.
  let varied: Set<Value>
  /// What the values of that block are called in the emitted code, and their tangents there.
  var names: [Value: Value] = [:]
  var tangents: [Value: Value] = [:]

  init(builder: Builder, rules: ImportedRules, varied: Set<Value>) {
    self.builder = builder
    self.rules = rules
    self.varied = varied
  }

  private func name(_ value: Value) -> Value { names[value] ?? value }
  private func tangentName(_ value: Value) -> String? { builder.values.name(of: value).map { $0 + "Tangent" } }

  private mutating func tangentOrZero(_ value: Value) -> Value { tangents[value] ?? builder.zeros(builder.values[value]) }

  private mutating func define(_ results: [Value], as emitted: [Value]) {
    for (result, value) in zip(results, emitted) { names[result] = value }
  }

  mutating func push(_ statements: [Statement]) throws(NonlinearRule) {
    for statement in statements { try push(statement) }
  }

  /// A nested block with tangents: its results, then the tangents of those of them that `wanted` names by place.
  private mutating func block(
    _ block: Block, parameters: [Value] = [], wanted: [Int], extra: (inout ForwardMode) -> Void = { _ in }
  ) throws(NonlinearRule) -> Block {
    builder.openBlock()
    extra(&self)
    do {
      try push(block.statements)
    } catch {
      _ = builder.closeBlock(results: [])
      throw error
    }
    let tangentResults = wanted.map { tangentOrZero(block.results[$0]) }
    return builder.closeBlock(parameters: parameters, results: block.results.map(name) + tangentResults)
  }

  private func variedPlaces(_ results: [Value]) -> [Int] { results.indices.filter { varied.contains(results[$0]) } }

  private mutating func freshAxes(_ axes: [Axis]) -> [Axis] {
    axes.map { axis in
      let index = builder.fresh(.integer, name: builder.values.name(of: axis.index))
      names[axis.index] = index
      return Axis(index: index, size: axis.size)
    }
  }

  /// Emits an operation whose results are those of `statement`, then tangents of its results at `places`.
  private mutating func emit(_ operation: Operation, for statement: Statement, tangentsOf places: [Int], at first: Int? = nil) {
    let all = builder.emit(operation, names: statement.results.map { builder.values.name(of: $0) })
    let start = first ?? statement.results.count
    define(statement.results, as: all)
    for (offset, place) in places.enumerated() {
      builder.values.setName(tangentName(statement.results[place]), of: all[start + offset])
      tangents[statement.results[place]] = all[start + offset]
    }
  }

  private mutating func push(_ statement: Statement) throws(NonlinearRule) {
    builder.notes = statement.notes
    defer { builder.notes = [] }
    let isVaried = statement.results.contains(where: varied.contains) || accumulatesVaried(statement)
    guard isVaried else {
      builder.copy(statement, replacing: &names)
      return
    }
    let places = variedPlaces(statement.results)
    switch statement.operation {
    case .constant, .size: builder.copy(statement, replacing: &names)
    case .primitive(let primitive, let operands):
      builder.copy(statement, replacing: &names)
      pushPrimitive(primitive, operands, statement.results[0])
    case .read(let array, let indices):
      builder.copy(statement, replacing: &names)
      tangents[statement.results[0]] = builder.read(tangentOrZero(array), indices.map(name), name: tangentName(statement.results[0]))
    case .pack(let elements):
      builder.copy(statement, replacing: &names)
      let parts = elements.map { tangentOrZero($0) }
      tangents[statement.results[0]] = builder.emit(.pack(parts), names: [tangentName(statement.results[0])])[0]
    case .update(let array, let indices, let row):
      builder.copy(statement, replacing: &names)
      let parts = (tangentOrZero(array), tangentOrZero(row))
      tangents[statement.results[0]] =
        builder.emit(.update(parts.0, indices.map(name), parts.1), names: [tangentName(statement.results[0])])[0]
    case .map(let map):
      let axes = freshAxes(map.axes)
      let body = try block(map.body, wanted: places)
      emit(.map(Map(axes: axes, body: body)), for: statement, tangentsOf: places)
    case .reduce(let reduce): try pushReduce(statement, reduce, places)
    case .scan(let scan):
      let (axis, loop) = try pushLoop(axis: scan.axis, initial: scan.initial, body: scan.body)
      let operation = Operation.scan(
        Scan(axis: axis!, down: scan.down, trips: scan.trips.map(name), initial: loop.initial, body: loop.body))
      defineLoop(operation, statement, loop, trailing: 0)
    case .whileLoop(let whileLoop):
      let (_, loop) = try pushLoop(axis: nil, initial: whileLoop.initial, body: whileLoop.body)
      let parameters = loop.body.parameters.map { builder.fresh(builder.values[$0], name: builder.values.name(of: $0)) }
      builder.openBlock()
      for (old, new) in zip(whileLoop.condition.parameters, parameters) { names[old] = new }
      for inner in whileLoop.condition.statements { builder.copy(inner, replacing: &names) }
      let condition = builder.closeBlock(parameters: parameters, results: whileLoop.condition.results.map(name))
      let operation = Operation.whileLoop(
        While(name: whileLoop.name, bound: whileLoop.bound, initial: loop.initial, condition: condition, body: loop.body))
      defineLoop(operation, statement, loop, trailing: 1)
    case .branch(let condition, let then, let otherwise):
      let first = try block(then, wanted: places)
      let second = try block(otherwise, wanted: places)
      emit(.branch(condition: name(condition), then: first, otherwise: second), for: statement, tangentsOf: places)
    case .accumulating(let scope): try pushAccumulating(statement, scope)
    case .accumulate(let token, let indices, let value):
      builder.accumulate(into: name(token), indices.map(name), name(value))
      if let tangentToken = tangents[token], let tangent = tangents[value] {
        builder.accumulate(into: tangentToken, indices.map(name), tangent)
      }
    case .ruled(let value, let rules): try pushRuled(statement, value, rules)
    }
  }

  private func accumulatesVaried(_ statement: Statement) -> Bool {
    !statement.outerTokens.isDisjoint(with: varied)
  }

  private mutating func pushPrimitive(_ primitive: Primitive, _ operands: [Value], _ result: Value) {
    var sum: Value?
    for entry in rules.entries[primitive, default: []] {
      guard let tangent = tangents[operands[entry.operand]] else { continue }
      let product: Value
      switch (entry.kind, entry.constantSlope) {
      case (.slope, 1): product = tangent
      case (.slope, -1): product = builder.primitive(.negate, [tangent])
      case (.slope, _):
        let slope = builder.inline(entry.block, operands.map(name) + [name(result)])[0]
        product = builder.primitive(.multiply, [slope, tangent])
      case (.cotangent, _):
        // A rule of the table between numbers, linear in the cotangent: it is its own transpose.
        product = builder.inline(entry.block, operands.map(name) + [tangent, name(result)])[0]
      }
      sum = sum.map { builder.primitive(.add, [$0, product]) } ?? product
    }
    if let sum {
      if builder.values.name(of: sum) == nil { builder.values.setName(tangentName(result), of: sum) }
      tangents[result] = sum
    }
  }

  private mutating func pushReduce(_ statement: Statement, _ reduce: Reduce, _ places: [Int]) throws(NonlinearRule) {
    switch reduce.op {
    case .argmax, .argmin: builder.copy(statement, replacing: &names)
    case .sum:
      let axes = freshAxes(reduce.axes)
      let condition = reduce.condition.map { copyOfBlock($0) }
      let body = try block(reduce.body, wanted: places)
      emit(.reduce(Reduce(op: .sum, axes: axes, condition: condition, body: body)), for: statement, tangentsOf: places)
    case .max, .min:
      builder.copy(statement, replacing: &names)
      // The tangent is that of the body at the first extreme point.
      var copyNames = names
      let search = Statement(
        results: reduce.axes.map { _ in builder.fresh(.integer) },
        operation: .reduce(
          Reduce(op: reduce.op == .max ? .argmax : .argmin, axes: reduce.axes, condition: reduce.condition, body: reduce.body)))
      builder.copy(search, replacing: &copyNames)
      for (axis, place) in zip(reduce.axes, search.results) { names[axis.index] = copyNames[place]! }
      let saved = names
      if let condition = reduce.condition {
        var inner = names
        let holds = builder.inline(condition, [], replacing: &inner)[0]
        let then = try block(reduce.body, wanted: [0])
        let zero = builder.block { [$0.real(0)] }
        let side = Block(statements: then.statements, results: [then.results[1]])
        tangents[statement.results[0]] = builder.emit(.branch(condition: holds, then: side, otherwise: zero))[0]
      } else {
        try push(reduce.body.statements)
        tangents[statement.results[0]] = tangentOrZero(reduce.body.results[0])
      }
      names = saved
      names[statement.results[0]] = saved[statement.results[0]]
    case .product:
      let single = builder.productAlongFirstAxis(reduce)
      let inner = Activity.varied(in: single.body, from: varied, values: builder.values, rules: rules)
      let one = builder.real(1)
      let zero = builder.real(0)
      let axis = freshAxes(single.axes)[0]
      let carried = [builder.fresh(.real), builder.fresh(.real)]
      var mode = ForwardMode(builder: builder, rules: rules, varied: inner)
      mode.names = names
      mode.tangents = tangents
      let factor = try mode.block(single.body, wanted: [0])
      builder = mode.builder
      builder.openBlock()
      for line in factor.statements { builder.append(line) }
      let product = builder.primitive(.multiply, [carried[0], factor.results[0]])
      let left = builder.primitive(.multiply, [carried[1], factor.results[0]])
      let right = builder.primitive(.multiply, [carried[0], factor.results[1]])
      let tangent = builder.primitive(.add, [left, right])
      let body = builder.closeBlock(parameters: carried, results: [product, tangent])
      let results = builder.emit(.scan(Scan(axis: axis, initial: [one, zero], body: body)))
      names[statement.results[0]] = results[0]
      tangents[statement.results[0]] = results[1]
    }
  }

  private mutating func copyOfBlock(_ block: Block) -> Block {
    builder.openBlock()
    for statement in block.statements { builder.copy(statement, replacing: &names) }
    return builder.closeBlock(results: block.results.map(name))
  }

  private struct PushedLoop {
    var initial: [Value]
    var body: Block
    /// Places among the original carried values, and among the original stacked rows, that have a tangent.
    var carried: [Int]
    var stacked: [Int]
  }

  private mutating func pushLoop(axis: Axis?, initial: [Value], body: Block) throws(NonlinearRule) -> (Axis?, PushedLoop) {
    let count = initial.count
    let carried = body.parameters.indices.filter { varied.contains(body.parameters[$0]) }
    let stacked = body.results.indices.filter { $0 >= count && varied.contains(body.results[$0]) }
    var starts = initial.map(name)
    for place in carried { starts.append(tangentOrZero(initial[place])) }
    let newAxis = axis.map { freshAxes([$0])[0] }
    var parameters = body.parameters.map { builder.fresh(builder.values[$0], name: builder.values.name(of: $0)) }
    for (old, new) in zip(body.parameters, parameters) { names[old] = new }
    for place in carried {
      let tangent = builder.fresh(builder.values[body.parameters[place]], name: tangentName(body.parameters[place]))
      tangents[body.parameters[place]] = tangent
      parameters.append(tangent)
    }
    var block = try block(body, parameters: parameters, wanted: carried + stacked)
    // From: next, rows, next tangents, row tangents. To: next, next tangents, rows, row tangents.
    let all = block.results
    let rows = body.results.count - count
    block.results =
      Array(all[0..<count]) + Array(all[(count + rows)..<(count + rows + carried.count)]) + Array(all[count..<(count + rows)])
      + Array(all[(count + rows + carried.count)...])
    return (newAxis, PushedLoop(initial: starts, body: block, carried: carried, stacked: stacked))
  }

  private mutating func defineLoop(_ operation: Operation, _ statement: Statement, _ loop: PushedLoop, trailing: Int) {
    let all = builder.emit(operation)
    let rows = statement.results.count - trailing - (loop.initial.count - loop.carried.count)
    let count = loop.initial.count - loop.carried.count
    func link(_ result: Value, _ emitted: Value) {
      names[result] = emitted
      builder.values.setName(builder.values.name(of: result), of: emitted)
    }
    for place in 0..<count { link(statement.results[place], all[place]) }
    for (offset, place) in loop.carried.enumerated() {
      tangents[statement.results[place]] = all[count + offset]
      builder.values.setName(tangentName(statement.results[place]), of: all[count + offset])
    }
    let firstRow = count + loop.carried.count
    for row in 0..<rows { link(statement.results[count + row], all[firstRow + row]) }
    for (offset, place) in loop.stacked.enumerated() {
      tangents[statement.results[place]] = all[firstRow + rows + offset]
      builder.values.setName(tangentName(statement.results[place]), of: all[firstRow + rows + offset])
    }
    if trailing == 1 { link(statement.results.last!, all.last!) }
  }

  private mutating func pushAccumulating(_ statement: Statement, _ scope: Accumulating) throws(NonlinearRule) {
    let count = scope.body.results.count
    let places = variedPlaces(Array(statement.results.prefix(count)))
    var accumulators: [Accumulating.Accumulator] = []
    for accumulator in scope.accumulators {
      let token = builder.fresh(builder.values[accumulator.token], name: builder.values.name(of: accumulator.token))
      names[accumulator.token] = token
      accumulators.append(Accumulating.Accumulator(token: token, initial: accumulator.initial.map(name)))
    }
    var tangentPlaces: [Int] = []
    for (place, accumulator) in scope.accumulators.enumerated() where varied.contains(accumulator.token) {
      let token = builder.fresh(builder.values[accumulator.token], name: tangentName(accumulator.token))
      tangents[accumulator.token] = token
      accumulators.append(Accumulating.Accumulator(token: token, initial: accumulator.initial.flatMap { tangents[$0] }))
      tangentPlaces.append(place)
    }
    let body = try block(scope.body, wanted: places)
    let all = builder.emit(.accumulating(Accumulating(accumulators: accumulators, body: body)))
    let sums = count + places.count
    define(Array(statement.results.prefix(count)), as: Array(all.prefix(count)))
    for (offset, place) in places.enumerated() { tangents[statement.results[place]] = all[count + offset] }
    for place in scope.accumulators.indices { names[statement.results[count + place]] = all[sums + place] }
    for (offset, place) in tangentPlaces.enumerated() {
      tangents[statement.results[count + place]] = all[sums + scope.accumulators.count + offset]
    }
    for result in statement.results { builder.values.setName(builder.values.name(of: result), of: name(result)) }
  }

  private mutating func pushRuled(_ statement: Statement, _ value: Value, _ rules: [Rule]) throws(NonlinearRule) {
    builder.copy(statement, replacing: &names)
    let result = statement.results[0]
    let type = builder.values[result]
    var sum: Value?
    for rule in rules {
      guard let tangent = tangents[rule.target] else { continue }
      let part: Value
      switch rule.kind {
      case .slope:
        if rule.block.constantResult == 0 { continue }
        if rule.block.constantResult == 1 && builder.values[rule.target] == type {
          part = tangent
        } else {
          var inner = names
          let slope = builder.inline(rule.block, [name(result)], replacing: &inner)[0]
          part = builder.slopeApplied(slope, tangent, result: type)
        }
      case .cotangent:
        guard let transposed = builder.transposed(rule.block.substituting(names), value: name(result), tangent: tangent, self.rules) else {
          throw NonlinearRule(value: result)
        }
        part = transposed
      }
      sum = sum.map { builder.sum($0, part) } ?? part
    }
    tangents[result] = sum
  }
}

extension Statement {
  func replacingUses(_ names: [Value: Value]) -> Statement {
    Statement(results: results, operation: operation.rewritten(value: { names[$0] ?? $0 }) { $0.substituting(names) }, notes: notes)
  }
}

extension Block {
  /// Without the statements of this block (not of nested ones) that nothing in it leads to.
  func withoutDeadStatements() -> Block {
    var live = Set(results)
    var kept: [Statement] = []
    for statement in statements.reversed() where statement.accumulatesOutside || statement.results.contains(where: live.contains) {
      live.formUnion(statement.freeValues)
      kept.append(statement)
    }
    return Block(parameters: parameters, statements: kept.reversed(), results: results)
  }
}

extension Builder {
  /// `slope * tangent`, brought to the shape of the ruled value: summed where that is a number, spread where the target is one.
  mutating func slopeApplied(_ slope: Value, _ tangent: Value, result: ValueType) -> Value {
    let shape = values[tangent].shape.isEmpty ? result.shape : values[tangent].shape
    func product(_ builder: inout Builder, _ indices: [Value]) -> Value {
      let s = builder.values[slope].isScalar ? slope : builder.read(slope, indices)
      let t = builder.values[tangent].isScalar ? tangent : builder.read(tangent, indices)
      return builder.primitive(.multiply, [s, t])
    }
    if result.isScalar && !shape.isEmpty { return reduce(.sum, shape) { [product(&$0, $1)] }[0] }
    return elementwise(over: shape) { [product(&$0, $1)] }[0]
  }
}
