import ModelDSL

// Branches, loops and accumulators that stay, with numbers in place of small arrays.

extension Unrolling {
  mutating func branch(_ condition: Value, _ then: Block, _ otherwise: Block, _ results: [Value]) {
    let small = results.map { isSmall($0) }
    func side(_ inner: Block) -> Block {
      block(inner) { unrolling in
        zip(inner.results, small).flatMap { $1 ? unrolling.parts($0).numbers : [unrolling.whole($0)] }
      }
    }
    for value in captured(Statement(results: results, operation: .branch(condition: condition, then: then, otherwise: otherwise)))
    where !isSmall(value) {
      _ = whole(value)
    }
    let first = side(then)
    let second = side(otherwise)
    let new = builder.emit(.branch(condition: names[condition] ?? condition, then: first, otherwise: second))
    spread(results, small, new[...])
  }

  /// Gives results their values: as many numbers as it has for one that is small, else one.
  mutating func spread(_ results: [Value], _ small: [Bool], _ values: ArraySlice<Value>) {
    var values = values
    for (result, isSmall) in zip(results, small) {
      let label = builder.values.name(of: result)
      if isSmall {
        let parts = shaped(&values, fixedShape(result)![...])
        name(parts, label, since: 0)
        set(result, parts)
      } else {
        let value = values.removeFirst()
        if builder.values.name(of: value) == nil { builder.values.setName(label, of: value) }
        set(result, .number(value))
      }
    }
  }

  func shaped(_ values: inout ArraySlice<Value>, _ shape: ArraySlice<Int>) -> Elements {
    guard let count = shape.first else { return .number(values.removeFirst()) }
    var list: [Elements] = []
    for _ in 0..<count { list.append(shaped(&values, shape.dropFirst())) }
    return .list(list)
  }

  /// Fresh numbers for a carried value, or a fresh value where it stays whole.
  mutating func replacements(_ parameter: Value) -> [Value] {
    guard isSmall(parameter) else {
      let new = builder.fresh(type(parameter), name: builder.values.name(of: parameter))
      set(parameter, .number(new))
      return [new]
    }
    var numbers: [Value] = []
    func make(_ shape: ArraySlice<Int>, _ suffix: String) -> Elements {
      guard let count = shape.first else {
        let new = builder.fresh(ValueType(type(parameter).element), name: builder.values.name(of: parameter).map { $0 + suffix })
        numbers.append(new)
        return .number(new)
      }
      return .list((0..<count).map { make(shape.dropFirst(), suffix.isEmpty ? String($0) : "\(suffix)_\($0)") })
    }
    let parts = make(fixedShape(parameter)![...], "")
    set(parameter, parts)
    return numbers
  }

  mutating func run(_ scan: Scan, _ statement: Statement) {
    for value in captured(statement) where !scan.body.parameters.contains(value) { _ = whole(value) }
    let initial = scan.initial.flatMap { isSmall($0) ? parts($0).numbers : [whole($0)] }
    let trips = scan.trips.map { names[$0] ?? $0 }
    let index = builder.fresh(.integer, name: builder.values.name(of: scan.axis.index))
    names[scan.axis.index] = index
    let parameters = scan.body.parameters.flatMap { replacements($0) }
    let small = scan.body.parameters.map { isSmall($0) }
    let body = block(scan.body, parameters: parameters) { unrolling in unrolling.carried(scan.body.results, small) }
    let operation = Operation.scan(
      Scan(axis: Axis(index: index, size: scan.axis.size), down: scan.down, trips: trips, initial: initial, body: body))
    spread(statement.results, small + scan.body.results.dropFirst(small.count).map { _ in false }, builder.emit(operation)[...])
  }

  mutating func carried(_ results: [Value], _ small: [Bool]) -> [Value] {
    results.enumerated().flatMap { place, value in place < small.count && small[place] ? parts(value).numbers : [whole(value)] }
  }

  mutating func run(_ loop: While, _ statement: Statement) {
    for value in captured(statement) where !(loop.body.parameters + loop.condition.parameters).contains(value) { _ = whole(value) }
    let initial = loop.initial.flatMap { isSmall($0) ? parts($0).numbers : [whole($0)] }
    let small = loop.body.parameters.map { isSmall($0) }
    let conditionParameters = loop.condition.parameters.flatMap { replacements($0) }
    let condition = block(loop.condition, parameters: conditionParameters) { unrolling in [unrolling.whole(loop.condition.results[0])] }
    let parameters = loop.body.parameters.flatMap { replacements($0) }
    let body = block(loop.body, parameters: parameters) { unrolling in unrolling.carried(loop.body.results, small) }
    let operation = Operation.whileLoop(While(name: loop.name, bound: loop.bound, initial: initial, condition: condition, body: body))
    let others = statement.results.count - small.count
    spread(statement.results, small + Array(repeating: false, count: others), builder.emit(operation)[...])
  }

  // MARK: Accumulators

  mutating func run(_ scope: Accumulating, _ results: [Value]) {
    let statement = Statement(results: results, operation: .accumulating(scope))
    let inNumbers = scope.accumulators.map { mayBeNumbers($0.token) && !inMemory.contains($0.token) }
    for value in captured(statement) where !isSmall(value) { _ = whole(value) }
    var accumulators: [Accumulating.Accumulator] = []
    for (accumulator, inNumbers) in zip(scope.accumulators, inNumbers) {
      let token = accumulator.token
      if inNumbers {
        let initial = accumulator.initial.map { parts($0).numbers }
        var numbers: [Value] = []
        func make(_ shape: ArraySlice<Int>, _ suffix: String) -> Elements {
          guard let count = shape.first else {
            let new = builder.fresh(ValueType(type(token).element), name: builder.values.name(of: token).map { $0 + suffix })
            numbers.append(new)
            return .number(new)
          }
          return .list((0..<count).map { make(shape.dropFirst(), suffix.isEmpty ? String($0) : "\(suffix)_\($0)") })
        }
        tokens[token] = make(fixedShape(token)![...], "")
        accumulators += numbers.enumerated().map { Accumulating.Accumulator(token: $1, initial: initial?[$0]) }
      } else {
        let new = builder.fresh(type(token), name: builder.values.name(of: token))
        let initial = accumulator.initial.map { whole($0) }
        names[token] = new
        accumulators.append(Accumulating.Accumulator(token: new, initial: initial))
      }
    }
    let small = scope.body.results.map { isSmall($0) }
    let body = block(scope.body) { unrolling in
      zip(scope.body.results, small).flatMap { $1 ? unrolling.parts($0).numbers : [unrolling.whole($0)] }
    }
    let new = builder.emit(.accumulating(Accumulating(accumulators: accumulators, body: body)))
    spread(results, small + inNumbers, new[...])
  }

  mutating func accumulate(_ statement: Statement, _ token: Value, _ indices: [Value], _ value: Value) {
    guard let known = tokens[token], !inMemory.contains(token) else { return copy(statement) }
    // A long array that is in memory is added to one in memory.
    guard let part = element(known, indices), type(value).isScalar || elements[value] != nil || isSmall(value) else {
      inMemory.insert(token)
      return
    }
    add(result(value), to: part)
  }

  mutating func add(_ value: Elements, to token: Elements) {
    switch (value, token) {
    case (.number(let number), .number(let token)): builder.accumulate(into: token, [], number)
    case (.list(let values), .list(let tokens)): for (value, token) in zip(values, tokens) { add(value, to: token) }
    default: preconditionFailure("arrays of different shapes")
    }
  }
}
