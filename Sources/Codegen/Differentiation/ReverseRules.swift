import ModelDSL

extension ReverseMode {
  /// Reverses one statement: takes the cotangents of its results and contributes to those of what it used.
  mutating func reverse(_ step: Step) {
    let statement = step.statement
    builder.notes = statement.notes.map { Note(.adjoint, $0.equation) }
    let cotangents = statement.results.map { cotangent(of: $0) }
    for result in statement.results { frame.cotangents[result] = nil }
    let addsToReversed = !tokenCotangents.isEmpty && !statement.outerTokens.isDisjoint(with: tokenCotangents.keys)
    guard addsToReversed || cotangents.contains(where: { $0 != nil }) else { return }

    switch statement.operation {
    case .constant, .size: break
    case .primitive(let primitive, let operands): reversePrimitive(primitive, operands, statement.results[0], cotangents[0]!)
    case .read(let array, let indices): contribute(to: array, at: indices, cotangents[0]!)
    case .pack(let elements):
      for (place, element) in elements.enumerated() where varied.contains(element) {
        let index = builder.integer(place)
        contribute(to: element, builder.read(cotangents[0]!, [index]))
      }
    case .update(let array, let indices, let row):
      if varied.contains(row) { contribute(to: row, builder.read(cotangents[0]!, indices)) }
      if varied.contains(array) {
        let zeros = builder.zeros(builder.values[row])
        contribute(to: array, builder.emit(.update(cotangents[0]!, indices, zeros))[0])
      }
    case .map(let map): reverseMap(statement, map, cotangents)
    case .reduce(let reduce): reverseReduce(statement, reduce, cotangents)
    case .scan(let scan):
      guard case .loop(let inner, let carries, let saved) = step.detail else { preconditionFailure("a scan without stored rows") }
      reverseLoop(
        statement, inner, carries: carries, saved: saved, cotangents, axis: scan.axis, initial: scan.initial, down: !scan.down,
        trips: scan.trips)
    case .whileLoop(let loop):
      guard case .loop(let inner, let carries, let saved) = step.detail else { preconditionFailure("a while without stored rows") }
      let axis = Axis(index: builder.fresh(.integer), size: loop.bound)
      reverseLoop(
        statement, inner, carries: carries, saved: saved, cotangents, axis: axis, initial: loop.initial, down: true,
        trips: statement.results.last!)
    case .branch(let condition, _, _): reverseBranch(step, condition, cotangents)
    case .accumulating(let scope): reverseAccumulating(scope, cotangents)
    case .accumulate(let token, let indices, let value):
      if let cotangent = tokenCotangents[token] { contribute(to: value, builder.read(cotangent, indices)) }
    case .ruled(_, let rules): reverseRuled(rules, statement.results[0], cotangents[0]!)
    }
  }

  // MARK: Numbers

  private mutating func reversePrimitive(_ primitive: Primitive, _ operands: [Value], _ result: Value, _ cotangent: Value) {
    for entry in rules.entries[primitive, default: []] where varied.contains(operands[entry.operand]) {
      let target = operands[entry.operand]
      switch (entry.kind, entry.constantSlope) {
      case (.slope, 1): contribute(to: target, cotangent)
      case (.slope, -1): contribute(to: target, builder.primitive(.negate, [cotangent]))
      case (.slope, _):
        let slope = builder.inline(entry.block, operands + [result])[0]
        let product = guarded.contains(result) ? builder.finiteProduct(cotangent, slope) : builder.primitive(.multiply, [cotangent, slope])
        contribute(to: target, product)
      case (.cotangent, _):
        contribute(to: target, builder.inline(entry.block, operands + [cotangent, result])[0])
      }
    }
  }

  private mutating func reverseRuled(_ rules: [Rule], _ result: Value, _ cotangent: Value) {
    for rule in rules where varied.contains(rule.target) {
      switch rule.kind {
      case .cotangent:
        contribute(to: rule.target, builder.inline(rule.block, [cotangent, result])[0])
      case .slope:
        if rule.block.constantResult == 0 { continue }
        let isIdentity = rule.block.constantResult == 1 && builder.values[rule.target] == builder.values[result]
        if isIdentity {
          contribute(to: rule.target, cotangent)
        } else {
          let slope = builder.inline(rule.block, [result])[0]
          contribute(to: rule.target, builder.slopeTransposed(slope, target: builder.values[rule.target], cotangent))
        }
      }
    }
  }

  // MARK: Iterations

  private mutating func reverseMap(_ statement: Statement, _ map: Map, _ cotangents: [Value?]) {
    reverseIterations(statement, map) { mode, indices in cotangents.map { $0.map { mode.builder.read($0, indices) } } }
  }

  /// The same map run again, each iteration reversed; `seeds` gives the cotangents of what the iteration at the indices yields.
  private mutating func reverseIterations(
    _ statement: Statement, _ map: Map, seeds: (inout ReverseMode, _ indices: [Value]) -> [Value?]
  ) {
    let body = augmented(map.body)
    let captured = captured(statement)
    let elements = captured.filter { frame.locals.contains($0) && isReadAtOwnIndices($0, map) }
    let outer = captured.filter { !elements.contains($0) }
    var found: [Value] = []
    let stacked = gathering(outer) { mode in
      let axes = map.axes.map { Axis(index: mode.builder.fresh(.integer, name: mode.builder.values.name(of: $0.index)), size: $0.size) }
      let indices = axes.map(\.index)
      var replacement = Dictionary(uniqueKeysWithValues: zip(map.axes.map(\.index), indices))
      mode.frames.append(Frame(tokens: mode.frame.tokens, elements: Set(elements)))
      mode.builder.openBlock()
      let own = seeds(&mode, indices)
      mode.reverseAgain(body, &replacement, seeds: own)
      found = elements.filter { mode.frame.cotangents[$0] != nil }
      let block = mode.builder.closeBlock(results: found.map { mode.frame.cotangents[$0]! })
      mode.frames.removeLast()
      return mode.builder.emit(.map(Map(axes: axes, body: block)), names: found.map(mode.cotangentName))
    }
    for (element, cotangent) in zip(found, stacked) { contribute(to: element, cotangent) }
  }

  /// Whether every use of the array in the map is a read, at the top of the body, of just the element (or row) of that iteration.
  private func isReadAtOwnIndices(_ array: Value, _ map: Map) -> Bool {
    let shape = builder.values[array].shape
    guard Array(shape.prefix(map.axes.count)) == map.axes.map(\.size) else { return false }
    if map.body.results.contains(array) { return false }
    let indices = map.axes.map(\.index)
    return map.body.statements.allSatisfy { statement in
      if case .read(let read, let places) = statement.operation, read == array { return places == indices }
      return !statement.freeValues.contains(array)
    }
  }

  private mutating func reverseReduce(_ statement: Statement, _ reduce: Reduce, _ cotangents: [Value?]) {
    switch reduce.op {
    case .argmax, .argmin: break
    case .sum:
      if reduce.condition == nil {
        // The same cotangent for every point.
        reverseIterations(statement, Map(axes: reduce.axes, body: reduce.body)) { _, _ in cotangents }
      } else {
        reverseConditional(statement, reduce, cotangents)
      }
    case .max, .min, .product:
      guard let cotangent = cotangents[0] else {
        // Reversed for what its body adds to accumulators alone.
        let adding = Reduce(op: .sum, axes: reduce.axes, condition: reduce.condition, body: Block(statements: reduce.body.statements))
        return reverseReduce(Statement(results: [], operation: .reduce(adding), notes: statement.notes), adding, [])
      }
      if reduce.op == .product { reverseProduct(statement, reduce, cotangent) } else { reverseExtreme(statement, reduce, cotangent) }
    }
  }

  private mutating func reverseConditional(_ statement: Statement, _ reduce: Reduce, _ cotangents: [Value?]) {
    let body = augmented(reduce.body)
    _ = gathering(captured(statement)) { mode in
      let axes = reduce.axes.map { Axis(index: mode.builder.fresh(.integer, name: mode.builder.values.name(of: $0.index)), size: $0.size) }
      let replacement = Dictionary(uniqueKeysWithValues: zip(reduce.axes.map(\.index), axes.map(\.index)))
      mode.frames.append(Frame(tokens: mode.frame.tokens))
      mode.builder.openBlock()
      mode.reverseWhere(reduce.condition!, body, replacement, seeds: cotangents)
      let block = mode.builder.closeBlock(results: [])
      mode.frames.removeLast()
      return mode.builder.emit(.map(Map(axes: axes, body: block)))
    }
  }

  /// `if condition { the block again, and its reverse }`; everything of the outside has an accumulator already.
  private mutating func reverseWhere(_ condition: Block, _ body: AugmentedBlock, _ replacement: [Value: Value], seeds: [Value?]) {
    var names = replacement
    let holds = builder.inline(condition, [], replacing: &names)[0]
    frames.append(Frame(tokens: frame.tokens))
    builder.openBlock()
    var inner = replacement
    reverseAgain(body, &inner, seeds: seeds)
    let then = builder.closeBlock(results: [])
    frames.removeLast()
    builder.emit(.branch(condition: holds, then: then, otherwise: Block()))
  }

  /// Only the first extreme point has the gradient: its place is found again, and the body reversed there alone.
  private mutating func reverseExtreme(_ statement: Statement, _ reduce: Reduce, _ cotangent: Value) {
    let place = builder.places(of: reduce)
    var replacement = Dictionary(uniqueKeysWithValues: zip(reduce.axes.map(\.index), place))
    let body = augmented(reduce.body)
    if let condition = reduce.condition {
      let names = replacement
      _ = gathering(captured(statement)) { mode in
        mode.reverseWhere(condition, body, names, seeds: [cotangent])
        return []
      }
    } else {
      reverseAgain(body, &replacement, seeds: [cotangent])
    }
  }

  /// The gradient of a factor is the product of the others: those before it times those after it, right where factors are zero too.
  private mutating func reverseProduct(_ statement: Statement, _ reduce: Reduce, _ cotangent: Value) {
    let single = builder.productAlongFirstAxis(reduce)
    let axis = single.axes[0]
    varied = Activity.varied(in: single.body, from: varied, values: builder.values, rules: rules)
    func factor(_ index: Value, _ builder: inout Builder) -> Value {
      var names = [axis.index: index]
      return builder.inline(single.body, [], replacing: &names)[0]
    }
    let one = builder.real(1)
    let before = builder.scan(axis.size, initial: [one]) { builder, index, carried in
      let next = builder.primitive(.multiply, [carried[0], factor(index, &builder)])
      return [next, carried[0]]
    }[1]
    let after = builder.scan(axis.size, down: true, initial: [one]) { builder, index, carried in
      let next = builder.primitive(.multiply, [carried[0], factor(index, &builder)])
      return [next, carried[0]]
    }[1]
    let seeds = builder.map([axis.size]) { builder, indices in
      let others = builder.primitive(.multiply, [builder.read(before, indices), builder.read(after, indices)])
      return [builder.primitive(.multiply, [cotangent, others])]
    }
    let map = Map(axes: [axis], body: single.body)
    reverseMap(Statement(results: [], operation: .map(map)), map, seeds)
  }

  // MARK: Loops and branches

  private mutating func reverseLoop(
    _ statement: Statement, _ inner: AugmentedBlock, carries: [Int?], saved: [Value: Int], _ cotangents: [Value?], axis: Axis,
    initial: [Value], down: Bool, trips: Value?
  ) {
    let active = inner.parameters.indices.filter { varied.contains(inner.parameters[$0]) }
    let carriedCount = inner.parameters.count
    let bodyCaptured = inner.block.freeValues.filter { varied.contains($0) }.sorted()
    let starts = active.map { cotangents[$0] ?? builder.zeros(builder.values[inner.parameters[$0]]) }

    let finals = gathering(bodyCaptured) { mode in
      let index = mode.builder.fresh(.integer, name: mode.builder.values.name(of: axis.index))
      let carried = active.map {
        mode.builder.fresh(mode.builder.values[inner.parameters[$0]], name: mode.cotangentName(inner.parameters[$0]))
      }
      mode.frames.append(Frame(tokens: mode.frame.tokens))
      mode.builder.openBlock()
      var replacement = [axis.index: index]
      // What no step of the forward loop needs again is dead code, removed later.
      for (place, parameter) in inner.parameters.enumerated() {
        guard let stored = carries[place] else { continue }
        let again = mode.builder.read(statement.results[stored], [index], name: mode.builder.values.name(of: parameter))
        replacement[parameter] = again
        mode.frame.locals.insert(again)
        if mode.varied.contains(parameter) { mode.varied.insert(again) }
      }
      for (value, place) in saved.sorted(by: { $0.value < $1.value }) {
        let again = mode.builder.read(statement.results[place], [index], name: mode.builder.values.name(of: value))
        replacement[value] = again
        if mode.varied.contains(value) { mode.varied.insert(again) }
      }
      var seeds: [Value?] = inner.results.indices.map { _ in nil }
      for (place, value) in zip(active, carried) { seeds[place] = value }
      for place in inner.results.indices where place >= carriedCount {
        if let rows = cotangents[place] { seeds[place] = mode.builder.read(rows, [index]) }
      }
      let parameters = inner.parameters.map { replacement[$0] ?? $0 }
      mode.reverseAgain(inner, &replacement, seeds: seeds)
      let next = active.map { place in
        mode.cotangent(of: parameters[place]) ?? mode.builder.zeros(mode.builder.values[parameters[place]])
      }
      let block = mode.builder.closeBlock(parameters: carried, results: next)
      mode.frames.removeLast()
      let scan = Scan(axis: Axis(index: index, size: axis.size), down: down, trips: trips, initial: starts, body: block)
      return mode.builder.emit(.scan(scan), names: active.map { mode.cotangentName(inner.parameters[$0]) })
    }
    for (place, final) in zip(active, finals) { contribute(to: initial[place], final) }
  }

  private mutating func reverseBranch(_ step: Step, _ condition: Value, _ cotangents: [Value?]) {
    guard case .branch(let first, let second) = step.branchSides(self) else { return }
    let statement = step.statement
    let captured = captured(statement)
    // Numbers come out of the two sides as results; arrays go to accumulators.
    let numbers = captured.filter { frame.locals.contains($0) && builder.values[$0].isScalar }
    let outer = captured.filter { !numbers.contains($0) }
    var found: [Value] = []
    let results = gathering(outer) { mode in
      var sides: [Block] = []
      var sums: [[Value: Value]] = []
      for (inner, saved) in [first, second] {
        mode.frames.append(Frame(locals: Set(numbers), tokens: mode.frame.tokens))
        mode.builder.openBlock()
        var replacement: [Value: Value] = [:]
        for (value, place) in saved { replacement[value] = statement.results[place] }
        for (value, again) in replacement where mode.varied.contains(value) { mode.varied.insert(again) }
        mode.reverseAgain(inner, &replacement, seeds: Array(cotangents.prefix(inner.results.count)))
        sums.append(Dictionary(uniqueKeysWithValues: numbers.compactMap { number in mode.cotangent(of: number).map { (number, $0) } }))
        sides.append(mode.builder.closeBlock(results: []))
        mode.frames.removeLast()
      }
      found = numbers.filter { sums[0][$0] != nil || sums[1][$0] != nil }
      for side in 0...1 {
        mode.builder.openBlock()
        let values = found.map { sums[side][$0] ?? mode.builder.real(0) }
        let zeros = mode.builder.closeBlock(results: [])
        sides[side].statements += zeros.statements
        sides[side].results = values
      }
      return mode.builder.emit(.branch(condition: condition, then: sides[0], otherwise: sides[1]), names: found.map(mode.cotangentName))
    }
    for (number, cotangent) in zip(found, results) { contribute(to: number, cotangent) }
  }

  private mutating func reverseAccumulating(_ scope: Accumulating, _ cotangents: [Value?]) {
    let count = scope.body.results.count
    for (accumulator, cotangent) in zip(scope.accumulators, cotangents.dropFirst(count)) {
      guard let cotangent else { continue }
      tokenCotangents[accumulator.token] = cotangent
      if let initial = accumulator.initial { contribute(to: initial, cotangent) }
    }
    // The body runs once: its values are values of this block.
    let body = augmented(scope.body)
    var replacement: [Value: Value] = [:]
    reverseAgain(body, &replacement, seeds: Array(cotangents.prefix(count)))
    for accumulator in scope.accumulators { tokenCotangents[accumulator.token] = nil }
  }
}

private enum BranchSides {
  case none
  case branch((AugmentedBlock, [Value: Int]), (AugmentedBlock, [Value: Int]))
}

extension Step {
  fileprivate func branchSides(_ mode: ReverseMode) -> BranchSides {
    if case .branch(let then, let savedThen, let otherwise, let savedOtherwise) = detail {
      return .branch((then, savedThen), (otherwise, savedOtherwise))
    }
    return .none
  }
}

extension Builder {
  /// `cotangent * slope`, but 0 where the cotangent is 0 and the slope is not finite.
  mutating func finiteProduct(_ cotangent: Value, _ slope: Value) -> Value {
    let isFinite = primitive(.less, [primitive(.abs, [slope]), real(.infinity)])
    let isMeant = primitive(.or, [isFinite, primitive(.notEqual, [cotangent, real(0)])])
    return branch(isMeant) {
      [$0.primitive(.multiply, [cotangent, slope])]
    } otherwise: {
      [$0.real(0)]
    }[0]
  }

  /// `cotangent * slope`, brought to the shape of the target: summed where the target is a number, spread where the value is one.
  mutating func slopeTransposed(_ slope: Value, target: ValueType, _ cotangent: Value) -> Value {
    let shape = values[cotangent].shape.isEmpty ? target.shape : values[cotangent].shape
    func product(_ builder: inout Builder, _ indices: [Value]) -> Value {
      let g = builder.values[cotangent].isScalar ? cotangent : builder.read(cotangent, indices)
      let s = builder.values[slope].isScalar ? slope : builder.read(slope, indices)
      return builder.primitive(.multiply, [g, s])
    }
    if target.isScalar && !shape.isEmpty { return reduce(.sum, shape) { [product(&$0, $1)] }[0] }
    return elementwise(over: shape) { [product(&$0, $1)] }[0]
  }

  /// The place of the extreme of a `max` or `min`: one integer for each axis.
  mutating func places(of reduce: Reduce) -> [Value] {
    let op: ReduceOperator = reduce.op == .max ? .argmax : .argmin
    let search = Statement(
      results: reduce.axes.map { _ in fresh(.integer) },
      operation: .reduce(Reduce(op: op, axes: reduce.axes, condition: reduce.condition, body: reduce.body)))
    var names: [Value: Value] = [:]
    copy(search, replacing: &names)
    return search.results.map { names[$0]! }
  }

  /// A product over several axes, or under a condition, as one over the first axis without a condition.
  mutating func productAlongFirstAxis(_ reduce: Reduce) -> Reduce {
    var body = reduce.body
    if let condition = reduce.condition {
      openBlock()
      var names: [Value: Value] = [:]
      let holds = inline(condition, [], replacing: &names)[0]
      let then = copied(body)
      let otherwise = block { [$0.real(1)] }
      let factor = emit(.branch(condition: holds, then: then, otherwise: otherwise))
      body = closeBlock(results: factor)
    }
    if reduce.axes.count > 1 {
      openBlock()
      let inner = emit(.reduce(Reduce(op: .product, axes: Array(reduce.axes.dropFirst()), body: body)))
      body = closeBlock(results: inner)
    }
    return Reduce(op: .product, axes: [reduce.axes[0]], body: body)
  }
}
