import ModelDSL

/// Replaces small arrays of fixed shape by their elements, and loops over small axes by straight lines: a 3-vector is three numbers.
/// What is too large, or read at a place that is known only at run time, stays an array.
func unrollSmallArrays(_ procedure: Procedure) -> Procedure {
  var inMemory: Set<Value> = []
  while true {
    var unrolling = Unrolling(procedure, inMemory: inMemory)
    let result = unrolling.run(procedure)
    if unrolling.inMemory.count == inMemory.count { return result }
    // Accumulators that turned out to be added to at unknown places: again, with them as arrays.
    inMemory = unrolling.inMemory
  }
}

private struct Unrolling {
  /// The numbers of an array, by axis.
  indirect enum Elements {
    case number(Value)
    case list([Elements])

    var numbers: [Value] {
      switch self {
      case .number(let value): [value]
      case .list(let parts): parts.flatMap(\.numbers)
      }
    }
  }

  /// Axes up to this length are unrolled.
  static let longestAxis = 4
  /// Arrays up to this size may live in numbers.
  static let largestArray = 16
  /// Statements that one unrolled loop may become.
  static let largestLoop = 160

  var builder: Builder
  /// What a value of the original is now, where it has changed.
  var names: [Value: Value] = [:]
  var elements: [Value: Elements] = [:]
  /// Accumulators that are numbers now.
  var tokens: [Value: Elements] = [:]
  var constants: [Value: Int] = [:]
  /// Arrays put together from elements, by open block.
  var packed: [[Value: Value]] = [[:]]
  var inMemory: Set<Value>

  init(_ procedure: Procedure, inMemory: Set<Value>) {
    builder = Builder(values: procedure.values)
    self.inMemory = inMemory
  }

  mutating func run(_ procedure: Procedure) -> Procedure {
    run(procedure.body.statements)
    var result = procedure
    let results = procedure.body.results.map { whole($0) }
    result.body = Block(parameters: procedure.body.parameters, statements: builder.takeStatements(), results: results)
    result.values = builder.values
    return result
  }

  // MARK: Values

  func type(_ value: Value) -> ValueType { builder.values[value] }

  private func fixedShape(_ value: Value) -> [Int]? {
    let shape = type(value).shape.map(\.constant)
    return shape.contains(nil) ? nil : shape.map { $0! }
  }

  /// Whether an array is so small that it is always taken apart.
  private func isSmall(_ value: Value) -> Bool {
    guard !type(value).isScalar, let shape = fixedShape(value) else { return false }
    return shape.allSatisfy { (1...Self.longestAxis).contains($0) } && shape.reduce(1, *) <= Self.largestArray
  }

  private func mayBeNumbers(_ value: Value) -> Bool {
    guard !type(value).isScalar, let shape = fixedShape(value) else { return false }
    return shape.allSatisfy { $0 > 0 } && shape.reduce(1, *) <= Self.largestArray
  }

  /// The value as one value: an array in numbers is put together.
  private mutating func whole(_ value: Value) -> Value {
    guard let parts = elements[value] else { return names[value] ?? value }
    for known in packed.reversed() {
      if let array = known[value] { return array }
    }
    let array = pack(parts)
    if builder.values.name(of: array) == nil { builder.values.setName(builder.values.name(of: value), of: array) }
    packed[packed.count - 1][value] = array
    return array
  }

  private mutating func pack(_ parts: Elements) -> Value {
    switch parts {
    case .number(let value): value
    case .list(let list): builder.emit(.pack(list.map { pack($0) }))[0]
    }
  }

  /// The array's numbers, read where it is in memory.
  private mutating func parts(_ value: Value) -> Elements {
    if let known = elements[value] { return known }
    let array = names[value] ?? value
    func read(_ shape: ArraySlice<Int>, _ indices: [Value]) -> Elements {
      guard let count = shape.first else { return .number(builder.read(array, indices)) }
      return .list((0..<count).map { read(shape.dropFirst(), indices + [integer($0)]) })
    }
    return read(fixedShape(value)![...], [])
  }

  private mutating func integer(_ value: Int) -> Value {
    let result = builder.integer(value)
    constants[result] = value
    return result
  }

  private mutating func set(_ value: Value, _ parts: Elements) {
    if case .number(let number) = parts {
      names[value] = number
      elements[value] = nil
    } else {
      elements[value] = parts
      names[value] = nil
    }
    for place in packed.indices { packed[place][value] = nil }
  }

  /// The element or the part at known indices; nil where an index is not known.
  private func element(_ parts: Elements, _ indices: [Value]) -> Elements? {
    var parts = parts
    for index in indices {
      guard case .list(let list) = parts, let place = constants[names[index] ?? index], list.indices.contains(place) else { return nil }
      parts = list[place]
    }
    return parts
  }

  // MARK: Blocks

  private mutating func block(_ block: Block, parameters: [Value]? = nil, _ results: (inout Unrolling) -> [Value]) -> Block {
    builder.openBlock()
    packed.append([:])
    run(block.statements)
    let values = results(&self)
    packed.removeLast()
    var result = builder.closeBlock(results: values)
    result.parameters = parameters ?? block.parameters
    return result
  }

  private mutating func run(_ statements: [Statement]) {
    for statement in statements {
      let notes = builder.notes
      if !statement.notes.isEmpty { builder.notes = statement.notes }
      run(statement)
      builder.notes = notes
    }
  }

  /// How many statements the block becomes; nil where it has loops that stay.
  private func cost(_ block: Block) -> Int? {
    var sum = 0
    for statement in block.statements {
      switch statement.operation {
      case .map(let map):
        guard let times = times(map.axes), let inner = cost(map.body) else { return nil }
        sum += times * inner
      case .reduce(let reduce):
        guard isUnrolled(reduce), let times = times(reduce.axes), let inner = cost(reduce.body) else { return nil }
        sum += times * (inner + 1)
      case .branch(_, let then, let otherwise):
        guard let first = cost(then), let second = cost(otherwise) else { return nil }
        sum += first + second + 2
      case .accumulating(let scope):
        guard let inner = cost(scope.body) else { return nil }
        sum += inner + 1
      case .scan, .whileLoop: return nil
      case .constant, .size, .ruled: break
      case .read, .pack, .update, .accumulate, .primitive: sum += 1
      }
    }
    return sum
  }

  /// How often a loop over small axes runs; nil where one is not small.
  private func times(_ axes: [Axis]) -> Int? {
    let counts = axes.map { $0.size.constant ?? .max }
    guard counts.allSatisfy({ (1...Self.longestAxis).contains($0) }) else { return nil }
    let times = counts.reduce(1, *)
    return times <= Self.largestArray ? times : nil
  }

  private func isUnrolled(_ reduce: Reduce) -> Bool {
    if reduce.condition != nil { return false }
    switch reduce.op {
    case .sum: return reduce.body.results.allSatisfy { type($0).isScalar || isSmall($0) }
    case .product, .max, .min: return true
    case .argmax, .argmin: return false
    }
  }

  private func isUnrolled(_ axes: [Axis], _ body: Block) -> Bool {
    guard let times = times(axes), let cost = cost(body), times * cost <= Self.largestLoop else { return false }
    return body.results.allSatisfy { type($0).isScalar || isSmall($0) }
  }

  /// Runs the body for each place, with the indices as constants.
  private mutating func unroll(_ axes: ArraySlice<Axis>, _ body: (inout Unrolling, [Int]) -> Void, _ indices: [Int] = []) {
    guard let axis = axes.first else { return body(&self, indices) }
    for place in 0..<axis.size.constant! {
      names[axis.index] = integer(place)
      unroll(axes.dropFirst(), body, indices + [place])
    }
  }

  /// The value at the end of an unrolled body.
  private mutating func result(_ value: Value) -> Elements {
    type(value).isScalar ? .number(names[value] ?? value) : parts(value)
  }

  /// Puts a body's results, in the order of the iterations, into the shape of the axes.
  private func shaped(_ list: [Elements], _ shape: ArraySlice<Int>) -> Elements {
    guard let count = shape.first else { return list[0] }
    let size = list.count / count
    return .list((0..<count).map { shaped(Array(list[($0 * size)..<(($0 + 1) * size)]), shape.dropFirst()) })
  }

  /// Gives numbers that have no name the name of their array and their place.
  private mutating func name(_ parts: Elements, _ name: String?, since first: Int) {
    guard let name else { return }
    func visit(_ parts: Elements, _ suffix: String) {
      switch parts {
      case .number(let value):
        if value.id >= first && builder.values.name(of: value) == nil && constants[value] == nil { builder.values.setName(name + suffix, of: value) }
      case .list(let list): for (place, part) in list.enumerated() { visit(part, suffix.isEmpty ? String(place) : "\(suffix)_\(place)") }
      }
    }
    visit(parts, "")
  }

  // MARK: Statements

  private mutating func run(_ statement: Statement) {
    let results = statement.results
    switch statement.operation {
    case .constant(let constant):
      if case .integer(let value) = constant { names[results[0]] = integer(value) } else { copy(statement) }
    case .size, .primitive: copy(statement)
    case .ruled(let value, _):
      if let known = elements[value] { set(results[0], known) } else { names[results[0]] = names[value] ?? value }
    case .read(let source, let indices):
      if let known = elements[source], let part = element(known, indices) { return set(results[0], part) }
      copy(statement)
    case .pack(let parts):
      guard mayBeNumbers(results[0]) else { return copy(statement) }
      let list = parts.map { result($0) }
      set(results[0], .list(list))
    case .update(let source, let indices, let row):
      if let known = elements[source], element(known, indices) != nil {
        let part = result(row)
        return set(results[0], replaced(known, indices[...], by: part))
      }
      copy(statement)
    case .accumulate(let token, let indices, let value): accumulate(statement, token, indices, value)
    case .map(let map): run(map, statement)
    case .reduce(let reduce): run(reduce, statement)
    case .branch(let condition, let then, let otherwise): branch(condition, then, otherwise, results)
    case .accumulating(let scope): run(scope, results)
    case .scan(let scan): run(scan, statement)
    case .whileLoop(let loop): run(loop, statement)
    }
  }

  /// The statement as it is, with its operands whole and its nested blocks run through.
  private mutating func copy(_ statement: Statement) {
    for value in statement.operation.operands { _ = type(value).isScalar ? value : whole(value) }
    for value in captured(statement) { _ = whole(value) }
    let blocks = statement.operation.blocks.map { inner in block(inner) { unrolling in inner.results.map { unrolling.whole($0) } } }
    var rest = blocks[...]
    let wholes = Dictionary(statement.operation.operands.map { ($0, whole($0)) }) { first, _ in first }
    let operation = statement.operation.rewritten(value: { wholes[$0] ?? names[$0] ?? $0 }) { _ in rest.removeFirst() }
    define(statement.results, operation)
  }

  private mutating func define(_ results: [Value], _ operation: Operation) {
    let new = results.map { result in builder.fresh(type(result), name: builder.values.name(of: result)) }
    builder.append(Statement(results: new, operation: operation, notes: builder.notes))
    for (old, new) in zip(results, new) { set(old, .number(new)) }
  }

  /// Arrays in numbers that a loop which stays reads at unknown places: put together before the loop.
  private func captured(_ statement: Statement) -> [Value] {
    if statement.operation.blocks.isEmpty { return [] }
    var found: Set<Value> = []
    func visit(_ block: Block, _ known: Set<Value>) {
      var known = known
      for statement in block.statements {
        if case .constant(.integer) = statement.operation { known.insert(statement.results[0]) }
        if case .read(let source, let indices) = statement.operation, elements[source] != nil, !indices.allSatisfy(known.contains) {
          found.insert(source)
        }
        var inner = known
        if case .map(let map) = statement.operation, isUnrolled(map.axes, map.body) { inner.formUnion(map.axes.map(\.index)) }
        if case .reduce(let reduce) = statement.operation, isUnrolled(reduce), isUnrolled(reduce.axes, reduce.body) {
          inner.formUnion(reduce.axes.map(\.index))
        }
        for block in statement.operation.emittedBlocks { visit(block, inner) }
      }
      for result in block.results where elements[result] != nil { found.insert(result) }
    }
    let known = Set(names.filter { constants[$0.value] != nil }.keys)
    for block in statement.operation.emittedBlocks { visit(block, known) }
    return found.sorted()
  }

  private func replaced(_ parts: Elements, _ indices: ArraySlice<Value>, by part: Elements) -> Elements {
    guard let index = indices.first, case .list(var list) = parts else { return part }
    let place = constants[names[index] ?? index]!
    list[place] = replaced(list[place], indices.dropFirst(), by: part)
    return .list(list)
  }

  private mutating func run(_ map: Map, _ statement: Statement) {
    if map.body.results.count == 1, map.body.statements.count == 1, mayBeNumbers(statement.results[0]),
      case .constant = map.body.statements[0].operation, map.body.statements[0].results == map.body.results
    {
      // One number throughout.
      run(map.body.statements)
      let number = names[map.body.results[0]]!
      let shape = fixedShape(statement.results[0])!
      return set(statement.results[0], shaped(Array(repeating: .number(number), count: shape.reduce(1, *)), shape[...]))
    }
    guard isUnrolled(map.axes, map.body) else { return copy(statement) }
    var lists: [[Elements]] = statement.results.map { _ in [] }
    let first = builder.values.entries.count
    unroll(map.axes[...]) { unrolling, _ in
      unrolling.run(map.body.statements)
      for (place, value) in map.body.results.enumerated() { lists[place].append(unrolling.result(value)) }
    }
    let shape = map.axes.map { $0.size.constant! }
    for (result, list) in zip(statement.results, lists) {
      let parts = shaped(list, shape[...])
      name(parts, builder.values.name(of: result), since: first)
      set(result, parts)
    }
  }

  private mutating func run(_ reduce: Reduce, _ statement: Statement) {
    guard isUnrolled(reduce), isUnrolled(reduce.axes, reduce.body) else { return copy(statement) }
    let primitive: Primitive =
      switch reduce.op {
      case .sum: .add
      case .product: .multiply
      case .max: .maximum
      case .min: .minimum
      case .argmax, .argmin: preconditionFailure("places are found by a loop")
      }
    var totals: [Elements?] = statement.results.map { _ in nil }
    let first = builder.values.entries.count
    unroll(reduce.axes[...]) { unrolling, _ in
      unrolling.run(reduce.body.statements)
      for (place, value) in reduce.body.results.enumerated() {
        let part = unrolling.result(value)
        totals[place] = totals[place].map { unrolling.combined($0, part, primitive) } ?? part
      }
    }
    for (result, total) in zip(statement.results, totals) {
      name(total!, builder.values.name(of: result), since: first)
      set(result, total!)
    }
  }

  private mutating func combined(_ a: Elements, _ b: Elements, _ primitive: Primitive) -> Elements {
    switch (a, b) {
    case (.number(let x), .number(let y)): .number(builder.primitive(primitive, [x, y]))
    case (.list(let x), .list(let y)): .list(zip(x, y).map { combined($0, $1, primitive) })
    default: preconditionFailure("arrays of different shapes")
    }
  }

  // MARK: Blocks that stay, with numbers in place of arrays

  private mutating func branch(_ condition: Value, _ then: Block, _ otherwise: Block, _ results: [Value]) {
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
  private mutating func spread(_ results: [Value], _ small: [Bool], _ values: ArraySlice<Value>) {
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

  private func shaped(_ values: inout ArraySlice<Value>, _ shape: ArraySlice<Int>) -> Elements {
    guard let count = shape.first else { return .number(values.removeFirst()) }
    var list: [Elements] = []
    for _ in 0..<count { list.append(shaped(&values, shape.dropFirst())) }
    return .list(list)
  }

  /// Fresh numbers for a carried value, or a fresh value where it stays whole.
  private mutating func replacements(_ parameter: Value) -> [Value] {
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

  private mutating func run(_ scan: Scan, _ statement: Statement) {
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

  private mutating func carried(_ results: [Value], _ small: [Bool]) -> [Value] {
    results.enumerated().flatMap { place, value in place < small.count && small[place] ? parts(value).numbers : [whole(value)] }
  }

  private mutating func run(_ loop: While, _ statement: Statement) {
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

  private mutating func run(_ scope: Accumulating, _ results: [Value]) {
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

  private mutating func accumulate(_ statement: Statement, _ token: Value, _ indices: [Value], _ value: Value) {
    guard let known = tokens[token], !inMemory.contains(token) else { return copy(statement) }
    // A long array that is in memory is added to one in memory.
    guard let part = element(known, indices), type(value).isScalar || elements[value] != nil || isSmall(value) else {
      inMemory.insert(token)
      return
    }
    add(result(value), to: part)
  }

  private mutating func add(_ value: Elements, to token: Elements) {
    switch (value, token) {
    case (.number(let number), .number(let token)): builder.accumulate(into: token, [], number)
    case (.list(let values), .list(let tokens)): for (value, token) in zip(values, tokens) { add(value, to: token) }
    default: preconditionFailure("arrays of different shapes")
    }
  }
}
