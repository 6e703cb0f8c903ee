import ModelDSL

/// Makes statements, innermost block last. A pass or a lowering that needs new IR holds one of these.
public struct Builder {
  public var values: ValueTable
  /// Notes given to the statements that follow.
  public var notes: [Note] = []
  private var open: [[Statement]] = [[]]

  public init(values: ValueTable = ValueTable()) { self.values = values }

  /// The statements of the innermost open block so far.
  public var statements: [Statement] {
    get { open[open.count - 1] }
    set { open[open.count - 1] = newValue }
  }

  /// The open blocks' statements, outermost first.
  public var openStatements: [[Statement]] { open }

  /// Ends building: the statements of the only open block.
  public mutating func takeStatements() -> [Statement] {
    let all = open[open.count - 1]
    open[open.count - 1] = []
    return all
  }

  public mutating func append(_ statement: Statement) { open[open.count - 1].append(statement) }

  public mutating func fresh(_ type: ValueType, name: String? = nil) -> Value { values.add(type, name: name) }

  /// Emits an operation; the results' types follow from it.
  @discardableResult
  public mutating func emit(_ operation: Operation, names: [String?] = []) -> [Value] {
    let types = operation.resultTypes(values)
    let results = types.enumerated().map { fresh($1, name: $0 < names.count ? names[$0] : nil) }
    append(Statement(results: results, operation: operation, notes: notes))
    return results
  }

  /// Builds a block: what `body` emits, with what it returns as the results.
  public mutating func block(parameters: [Value] = [], _ body: (inout Builder) throws -> [Value]) rethrows -> Block {
    open.append([])
    do {
      let results = try body(&self)
      return Block(parameters: parameters, statements: open.removeLast(), results: results)
    } catch {
      open.removeLast()
      throw error
    }
  }

  /// Opens a block by hand, for a caller that cannot build it in a closure; `closeBlock` must follow.
  public mutating func openBlock() { open.append([]) }

  public mutating func closeBlock(parameters: [Value] = [], results: [Value]) -> Block {
    Block(parameters: parameters, statements: open.removeLast(), results: results)
  }

  // MARK: Numbers

  public mutating func real(_ value: Double) -> Value { emit(.constant(.real(value)))[0] }
  public mutating func integer(_ value: Int) -> Value { emit(.constant(.integer(value)))[0] }
  public mutating func boolean(_ value: Bool) -> Value { emit(.constant(.boolean(value)))[0] }
  public mutating func size(_ size: Size) -> Value { emit(size.constant.map { .constant(.integer($0)) } ?? .size(size))[0] }
  public mutating func primitive(_ primitive: Primitive, _ operands: [Value], name: String? = nil) -> Value {
    emit(.primitive(primitive, operands), names: [name])[0]
  }
  public mutating func zero(_ element: Element) -> Value {
    switch element {
    case .real: real(0)
    case .integer: integer(0)
    case .boolean: boolean(false)
    }
  }

  // MARK: Arrays

  /// `array[indices]`; the array itself where there are no indices.
  public mutating func read(_ array: Value, _ indices: [Value], name: String? = nil) -> Value {
    indices.isEmpty ? array : emit(.read(array, indices), names: [name])[0]
  }

  public mutating func map(
    _ sizes: [Size], indexNames: [String?] = [], names: [String?] = [], _ body: (inout Builder, [Value]) throws -> [Value]
  ) rethrows -> [Value] {
    let indices = sizes.indices.map { fresh(.integer, name: $0 < indexNames.count ? indexNames[$0] : nil) }
    let block = try block { try body(&$0, indices) }
    return emit(.map(Map(axes: zip(indices, sizes).map { Axis(index: $0, size: $1) }, body: block)), names: names)
  }

  /// Applies `body` element by element over `shape`: once, without a loop, where the shape is empty.
  public mutating func elementwise(
    over shape: [Size], names: [String?] = [], _ body: (inout Builder, [Value]) throws -> [Value]
  ) rethrows -> [Value] {
    if shape.isEmpty {
      let results = try body(&self, [])
      for (value, name) in zip(results, names) where values.name(of: value) == nil { values.setName(name, of: value) }
      return results
    }
    return try map(shape, names: names, body)
  }

  public mutating func reduce(
    _ op: ReduceOperator, _ sizes: [Size], indexNames: [String?] = [], condition: ((inout Builder, [Value]) throws -> Value)? = nil,
    names: [String?] = [], _ body: (inout Builder, [Value]) throws -> [Value]
  ) rethrows -> [Value] {
    let indices = sizes.indices.map { fresh(.integer, name: $0 < indexNames.count ? indexNames[$0] : nil) }
    let conditionBlock = try condition.map { condition in try block { [try condition(&$0, indices)] } }
    let bodyBlock = try block { try body(&$0, indices) }
    let axes = zip(indices, sizes).map { Axis(index: $0, size: $1) }
    return emit(.reduce(Reduce(op: op, axes: axes, condition: conditionBlock, body: bodyBlock)), names: names)
  }

  /// The body receives the index and the carried values, and returns their successors and the rows to stack.
  public mutating func scan(
    _ size: Size, indexName: String? = nil, down: Bool = false, trips: Value? = nil, initial: [Value], carryNames: [String?] = [],
    names: [String?] = [], _ body: (inout Builder, _ index: Value, _ carried: [Value]) throws -> [Value]
  ) rethrows -> [Value] {
    let index = fresh(.integer, name: indexName)
    let carried = initial.indices.map {
      fresh(values[initial[$0]], name: $0 < carryNames.count ? carryNames[$0] : values.name(of: initial[$0]))
    }
    let block = try block(parameters: carried) { try body(&$0, index, carried) }
    return emit(.scan(Scan(axis: Axis(index: index, size: size), down: down, trips: trips, initial: initial, body: block)), names: names)
  }

  public mutating func branch(
    _ condition: Value, names: [String?] = [], then: (inout Builder) throws -> [Value], otherwise: (inout Builder) throws -> [Value]
  ) rethrows -> [Value] {
    let first = try block(then)
    let second = try block(otherwise)
    return emit(.branch(condition: condition, then: first, otherwise: second), names: names)
  }

  /// Opens accumulators of the given types around `body`, which receives their tokens.
  /// Returns what the body returned, and the sums.
  public mutating func accumulating(
    _ types: [ValueType], initial: [Value?] = [], names: [String?] = [], _ body: (inout Builder, [Value]) throws -> [Value]
  ) rethrows -> (results: [Value], sums: [Value]) {
    let tokens = types.indices.map { fresh(types[$0], name: $0 < names.count ? names[$0] : nil) }
    let block = try block { try body(&$0, tokens) }
    let accumulators = tokens.indices.map { Accumulating.Accumulator(token: tokens[$0], initial: $0 < initial.count ? initial[$0] : nil) }
    let count = block.results.count
    let all = emit(.accumulating(Accumulating(accumulators: accumulators, body: block)))
    for (sum, name) in zip(all.dropFirst(count), names) { values.setName(name, of: sum) }
    return (Array(all.prefix(count)), Array(all.dropFirst(count)))
  }

  public mutating func accumulate(into token: Value, _ indices: [Value], _ value: Value) {
    append(Statement(results: [], operation: .accumulate(into: token, indices, value), notes: notes))
  }

  /// An array of one number throughout.
  public mutating func fill(_ number: Value, _ shape: [Size], name: String? = nil) -> Value {
    shape.isEmpty ? number : map(shape, names: [name]) { _, _ in [number] }[0]
  }

  public mutating func zeros(_ type: ValueType, name: String? = nil) -> Value { fill(zero(type.element), type.shape, name: name) }

  /// The sum of two arrays or numbers of one type.
  public mutating func sum(_ a: Value, _ b: Value, name: String? = nil) -> Value {
    elementwise(over: values[a].shape, names: [name]) { builder, indices in
      [builder.primitive(.add, [builder.read(a, indices), builder.read(b, indices)])]
    }[0]
  }

  // MARK: Copies

  /// Emits a copy of the block's statements with fresh values, its parameters replaced by `arguments`, and returns its results.
  /// `replacement` says what else of the outside is replaced; it receives the mapping of the block's own values.
  public mutating func inline(_ block: Block, _ arguments: [Value], replacing replacement: inout [Value: Value]) -> [Value] {
    precondition(block.parameters.count == arguments.count)
    for (parameter, argument) in zip(block.parameters, arguments) { replacement[parameter] = argument }
    for statement in block.statements { copy(statement, replacing: &replacement) }
    return block.results.map { replacement[$0] ?? $0 }
  }

  public mutating func inline(_ block: Block, _ arguments: [Value] = []) -> [Value] {
    var replacement: [Value: Value] = [:]
    return inline(block, arguments, replacing: &replacement)
  }

  /// Emits a copy of one statement with fresh results.
  public mutating func copy(_ statement: Statement, replacing replacement: inout [Value: Value]) {
    let operation = copied(statement.operation, &replacement)
    let results = statement.results.map { result in
      let new = fresh(values[result], name: values.name(of: result))
      replacement[result] = new
      return new
    }
    append(Statement(results: results, operation: operation, notes: statement.notes))
  }

  /// A copy of a block with fresh parameters and values.
  public mutating func copied(_ block: Block, replacing replacement: [Value: Value] = [:]) -> Block {
    var inner = replacement
    let parameters = block.parameters.map { parameter in
      let new = fresh(values[parameter], name: values.name(of: parameter))
      inner[parameter] = new
      return new
    }
    return self.block(parameters: parameters) { builder in
      builder.inline(Block(statements: block.statements, results: block.results), [], replacing: &inner)
    }
  }

  private mutating func copied(_ operation: Operation, _ replacement: inout [Value: Value]) -> Operation {
    var inner = replacement
    for value in operation.introduced { inner[value] = fresh(values[value], name: values.name(of: value)) }
    let outer = replacement
    var copies = operation.blocks.map { copied($0, replacing: inner) }[...]
    return operation.rewritten(value: { outer[$0] ?? $0 }, define: { inner[$0] ?? $0 }) { _ in copies.removeFirst() }
  }
}

extension Operation {
  /// The types of the results, as the meaning of each construct fixes them.
  public func resultTypes(_ values: ValueTable) -> [ValueType] {
    switch self {
    case .constant(.real): return [.real]
    case .constant(.integer), .size: return [.integer]
    case .constant(.boolean): return [.boolean]
    case .primitive(let primitive, let operands):
      switch primitive.signature.result {
      case .real: return [.real]
      case .integer: return [.integer]
      case .boolean: return [.boolean]
      case .number: return [ValueType(values[operands[0]].element)]
      }
    case .read(let array, let indices):
      return [ValueType(values[array].element, Array(values[array].shape.dropFirst(indices.count)))]
    case .pack(let elements):
      return [ValueType(values[elements[0]].element, [Size(elements.count)] + values[elements[0]].shape)]
    case .map(let map):
      return map.body.results.map { ValueType(values[$0].element, map.axes.map(\.size) + values[$0].shape) }
    case .reduce(let reduce):
      switch reduce.op {
      case .sum, .product, .max, .min: return reduce.body.results.map { values[$0] }
      case .argmax, .argmin: return reduce.axes.map { _ in .integer }
      }
    case .scan(let scan):
      let carried = scan.initial.count
      return scan.body.results.enumerated().map { place, value in
        place < carried ? values[value] : ValueType(values[value].element, [scan.axis.size] + values[value].shape)
      }
    case .whileLoop(let loop):
      let carried = loop.initial.count
      return loop.body.results.enumerated().map { place, value in
        place < carried ? values[value] : ValueType(values[value].element, [loop.bound] + values[value].shape)
      } + [.integer]
    case .branch(_, let then, _): return then.results.map { values[$0] }
    case .update(let array, _, _): return [values[array]]
    case .accumulating(let scope): return scope.body.results.map { values[$0] } + scope.accumulators.map { values[$0.token] }
    case .accumulate: return []
    case .ruled(let value, _): return [values[value]]
    }
  }
}
