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

struct Unrolling {
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
  static let largestLoop = 800

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

  func fixedShape(_ value: Value) -> [Int]? {
    let shape = type(value).shape.map(\.constant)
    return shape.contains(nil) ? nil : shape.map { $0! }
  }

  /// Whether an array is so small that it is always taken apart.
  func isSmall(_ value: Value) -> Bool {
    guard !type(value).isScalar, let shape = fixedShape(value) else { return false }
    return shape.allSatisfy { (1...Self.longestAxis).contains($0) } && shape.reduce(1, *) <= Self.largestArray
  }

  func mayBeNumbers(_ value: Value) -> Bool {
    guard !type(value).isScalar, let shape = fixedShape(value) else { return false }
    return shape.allSatisfy { $0 > 0 } && shape.reduce(1, *) <= Self.largestArray
  }

  /// The value as one value: an array in numbers is put together.
  mutating func whole(_ value: Value) -> Value {
    guard let parts = elements[value] else { return names[value] ?? value }
    for known in packed.reversed() {
      if let array = known[value] { return array }
    }
    let array = pack(parts)
    if builder.values.name(of: array) == nil { builder.values.setName(builder.values.name(of: value), of: array) }
    packed[packed.count - 1][value] = array
    return array
  }

  mutating func pack(_ parts: Elements) -> Value {
    switch parts {
    case .number(let value): value
    case .list(let list): builder.emit(.pack(list.map { pack($0) }))[0]
    }
  }

  /// The array's numbers, read where it is in memory.
  mutating func parts(_ value: Value) -> Elements {
    if let known = elements[value] { return known }
    let array = names[value] ?? value
    func read(_ shape: ArraySlice<Int>, _ indices: [Value]) -> Elements {
      guard let count = shape.first else { return .number(builder.read(array, indices)) }
      return .list((0..<count).map { read(shape.dropFirst(), indices + [integer($0)]) })
    }
    return read(fixedShape(value)![...], [])
  }

  mutating func integer(_ value: Int) -> Value {
    let result = builder.integer(value)
    constants[result] = value
    return result
  }

  mutating func set(_ value: Value, _ parts: Elements) {
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
  func element(_ parts: Elements, _ indices: [Value]) -> Elements? {
    var parts = parts
    for index in indices {
      guard case .list(let list) = parts, let place = constants[names[index] ?? index], list.indices.contains(place) else { return nil }
      parts = list[place]
    }
    return parts
  }

  // MARK: Blocks

  mutating func block(_ block: Block, parameters: [Value]? = nil, _ results: (inout Unrolling) -> [Value]) -> Block {
    builder.openBlock()
    packed.append([:])
    run(block.statements)
    let values = results(&self)
    packed.removeLast()
    var result = builder.closeBlock(results: values)
    result.parameters = parameters ?? block.parameters
    return result
  }

  mutating func run(_ statements: [Statement]) {
    for statement in statements {
      let notes = builder.notes
      if !statement.notes.isEmpty { builder.notes = statement.notes }
      run(statement)
      builder.notes = notes
    }
  }

  /// How many statements the block becomes; nil where it has loops that stay.
  func cost(_ block: Block) -> Int? {
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
  func times(_ axes: [Axis]) -> Int? {
    let counts = axes.map { $0.size.constant ?? .max }
    guard counts.allSatisfy({ (1...Self.longestAxis).contains($0) }) else { return nil }
    let times = counts.reduce(1, *)
    return times <= Self.largestArray ? times : nil
  }

  func isUnrolled(_ reduce: Reduce) -> Bool {
    if reduce.condition != nil { return false }
    switch reduce.op {
    case .sum: return reduce.body.results.allSatisfy { type($0).isScalar || isSmall($0) }
    case .product, .max, .min: return true
    case .argmax, .argmin: return false
    }
  }

  func isUnrolled(_ axes: [Axis], _ body: Block) -> Bool {
    guard let times = times(axes), let cost = cost(body), times * cost <= Self.largestLoop else { return false }
    return body.results.allSatisfy { type($0).isScalar || mayBeNumbers($0) }
  }

  /// Runs the body for each place, with the indices as constants.
  mutating func unroll(_ axes: ArraySlice<Axis>, _ body: (inout Unrolling, [Int]) -> Void, _ indices: [Int] = []) {
    guard let axis = axes.first else { return body(&self, indices) }
    for place in 0..<axis.size.constant! {
      names[axis.index] = integer(place)
      unroll(axes.dropFirst(), body, indices + [place])
    }
  }

  /// The value at the end of an unrolled body.
  mutating func result(_ value: Value) -> Elements {
    type(value).isScalar ? .number(names[value] ?? value) : parts(value)
  }

  /// Puts a body's results, in the order of the iterations, into the shape of the axes.
  func shaped(_ list: [Elements], _ shape: ArraySlice<Int>) -> Elements {
    guard let count = shape.first else { return list[0] }
    let size = list.count / count
    return .list((0..<count).map { shaped(Array(list[($0 * size)..<(($0 + 1) * size)]), shape.dropFirst()) })
  }

  /// Gives numbers that have no name the name of their array and their place.
  mutating func name(_ parts: Elements, _ name: String?, since first: Int) {
    guard let name else { return }
    func visit(_ parts: Elements, _ suffix: String) {
      switch parts {
      case .number(let value):
        if value.id >= first && builder.values.name(of: value) == nil && constants[value] == nil {
          builder.values.setName(name + suffix, of: value)
        }
      case .list(let list): for (place, part) in list.enumerated() { visit(part, suffix.isEmpty ? String(place) : "\(suffix)_\(place)") }
      }
    }
    visit(parts, "")
  }
}
