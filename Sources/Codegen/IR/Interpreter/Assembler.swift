import ModelDSL

/// Turns a procedure and its sizes into a `MachineProgram`.
struct Assembler {
  /// What becomes of decisions and ruled values.
  enum Mode {
    /// A ruled value is its value.
    case run
    /// The same, and a trace is written.
    case record
    /// Decisions come from the trace, ruled values are their tangent lines.
    case replay
  }

  let values: ValueTable
  let lifetimes: Lifetimes
  let tangentBlocks: TangentBlocks
  var mode: Mode
  var sizes: ConcreteSizes
  var program = MachineProgram()
  var uncheckedRules: Set<Value> = []
  private var shapes: [[Int]?]
  private var constantReals: [Double: Int] = [:]

  init(_ procedure: Procedure, sizes: ConcreteSizes, mode: Mode, tangentBlocks: TangentBlocks) throws(InterpreterError) {
    values = procedure.values
    lifetimes = try Lifetimes(of: procedure, tangentBlocks: tangentBlocks)
    self.tangentBlocks = tangentBlocks
    self.mode = mode
    self.sizes = sizes
    shapes = Array(repeating: nil, count: values.entries.count)
    program.slotCount = values.entries.count
  }

  static func assemble(
    _ procedure: Procedure, sizes: ConcreteSizes, mode: Mode, tangentBlocks: TangentBlocks
  ) throws(InterpreterError) -> (program: MachineProgram, uncheckedRules: Set<Value>) {
    var assembler = try Assembler(procedure, sizes: sizes, mode: mode, tangentBlocks: tangentBlocks)
    try assembler.assemble(procedure.body)
    assembler.emit(.end)
    return (assembler.program, assembler.uncheckedRules)
  }

  // MARK: Parts

  var here: Int { program.instructions.count }

  mutating func emit(_ code: Instruction.Code, _ d: Int = 0, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0) {
    program.instructions.append(Instruction(code: code, d: d, a: a, b: b, c: c))
  }

  /// Makes a jump that was emitted before lead here.
  mutating func land(_ jump: Int) { program.instructions[jump].c = here }

  mutating func temporary() -> Int {
    program.slotCount += 1
    return program.slotCount - 1
  }

  mutating func constantSlot(_ number: Double) -> Int {
    if let known = constantReals[number] { return known }
    let slot = temporary()
    program.realConstants.append((slot, number))
    constantReals[number] = slot
    return slot
  }

  func isReal(_ value: Value) -> Bool { values[value].element == .real }
  func isNumber(_ value: Value) -> Bool { values[value].shape.isEmpty }

  mutating func shape(_ value: Value) throws(InterpreterError) -> [Int] {
    if let known = shapes[value.id] { return known }
    var shape: [Int] = []
    for size in values[value].shape { shape.append(try sizes.number(size)) }
    shapes[value.id] = shape
    return shape
  }

  mutating func count(_ value: Value) throws(InterpreterError) -> Int { try count(shape(value)) }

  /// Arrays beyond 2^28 elements (2 GB) are refused: the interpreter is for checks.
  func count(_ shape: [Int]) throws(InterpreterError) -> Int {
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      if overflow || product > 1 << 28 { throw .tooLarge(shape: shape) }
      count = product
    }
    return count
  }

  /// `d = a`, for numbers a copy, for arrays another name.
  mutating func move(_ d: Int, _ a: Int, like value: Value) {
    if d == a { return }
    emit(isNumber(value) ? (isReal(value) ? .moveReal : .moveInteger) : .alias, d, a)
  }

  mutating func allocate(_ value: Value) throws(InterpreterError) { emit(.allocate, value.id, try count(value), isReal(value) ? 1 : 0) }

  /// A `list` operand: where in `array` the indices lead.
  mutating func list(_ array: Value, _ indices: [Value]) throws(InterpreterError) -> Int {
    let shape = try shape(array)
    if indices.count > shape.count { throw .malformed("%\(array.id) is read with \(indices.count) indices, but has \(shape.count) axes") }
    let start = program.lists.count
    program.lists.append(try count(Array(shape.dropFirst(indices.count))))
    for (index, extent) in zip(indices, shape) { program.lists += [index.id, extent] }
    return start
  }

  // MARK: Blocks

  /// The statements; arrays are released after their last use. Those that the block yields are the caller's.
  mutating func assemble(_ block: Block) throws(InterpreterError) {
    var released: [Int: [Value]] = [:]
    func note(_ value: Value, definedAt place: Int) {
      if !isNumber(value) { released[max(place, lifetimes.lastUse[value.id]), default: []].append(value) }
    }
    for parameter in block.parameters { note(parameter, definedAt: -1) }
    for (place, statement) in block.statements.enumerated() {
      for result in statement.results { note(result, definedAt: place) }
    }
    for value in released[-1] ?? [] { emit(.release, value.id) }
    for (place, statement) in block.statements.enumerated() {
      try assemble(statement, place: place, locals: released[place] ?? [])
      for value in released[place] ?? [] { emit(.release, value.id) }
    }
  }

  /// Releases what the block yields, once it has been stored elsewhere.
  mutating func releaseResults(_ block: Block) {
    let own = Set(block.statements.flatMap(\.results))
    for result in Set(block.results).sorted() where !isNumber(result) && own.contains(result) { emit(.release, result.id) }
  }

  /// The loops over the axes around what `body` emits; nothing where an axis is empty.
  mutating func loops(_ axes: [Axis], _ body: (inout Assembler) throws(InterpreterError) -> Void) throws(InterpreterError) {
    var extents: [Int] = []
    for axis in axes { extents.append(try sizes.number(axis.size)) }
    if extents.contains(0) { return }
    var starts: [Int] = []
    for axis in axes {
      emit(.setInteger, axis.index.id, 0)
      starts.append(here)
    }
    try body(&self)
    for (place, axis) in axes.enumerated().reversed() { emit(.loopUp, 0, axis.index.id, extents[place], starts[place]) }
  }

  /// Stores what a block yields as row number `counter` of the stacked results.
  mutating func store(_ yielded: [Value], in results: [Value], at counter: Int) throws(InterpreterError) {
    for (value, result) in zip(yielded, results) {
      if isNumber(value) {
        emit(isReal(value) ? .storeReal : .storeInteger, result.id, value.id, counter)
      } else {
        emit(.storeRow, result.id, value.id, counter, try count(value))
      }
    }
  }

  // MARK: Statements

  private mutating func assemble(_ statement: Statement, place: Int, locals: [Value]) throws(InterpreterError) {
    let results = statement.results
    func result() throws(InterpreterError) -> Value {
      guard let first = results.first else { throw .malformed("an operation without a result") }
      return first
    }
    switch statement.operation {
    case .constant(let constant):
      let slot = try result().id
      switch constant {
      case .real(let number): program.realConstants.append((slot, number))
      case .integer(let number): program.integerConstants.append((slot, number))
      case .boolean(let truth): program.integerConstants.append((slot, truth ? 1 : 0))
      }
    case .size(let size): program.integerConstants.append((try result().id, try sizes.signedNumber(size)))
    case .primitive(let primitive, let operands): try assemble(primitive, operands, try result())
    case .read(let array, let indices):
      let result = try result()
      if indices.isEmpty {
        move(result.id, array.id, like: array)
      } else if isNumber(result) {
        emit(isReal(result) ? .readReal : .readInteger, result.id, array.id, try list(array, indices), indices.count)
      } else {
        emit(.readRow, result.id, array.id, try list(array, indices), indices.count)
      }
    case .pack(let elements):
      let counter = temporary()
      try allocate(try result())
      for (place, element) in elements.enumerated() {
        emit(.setInteger, counter, place)
        try store([element], in: results, at: counter)
      }
    case .map(let map): try assemble(map, results)
    case .reduce(let reduce): try assemble(reduce, results)
    case .scan(let scan): try assemble(scan, results)
    case .whileLoop(let loop): try assemble(loop, results)
    case .branch(let condition, let then, let otherwise):
      let toOtherwise = here
      emit(.jumpIfFalse, 0, condition.id)
      try assembleSide(then, results)
      let toEnd = here
      emit(.jump)
      land(toOtherwise)
      try assembleSide(otherwise, results)
      land(toEnd)
    case .update(let array, let indices, let row):
      let result = try result()
      if indices.isEmpty {
        move(result.id, row.id, like: row)
        return
      }
      emit(locals.contains(array) && array != row ? .take : .alias, result.id, array.id)
      emit(.makeUnique, result.id, try count(array), isReal(array) ? 1 : 0)
      let list = try list(array, indices)
      emit(isNumber(row) ? (isReal(row) ? .writeReal : .writeInteger) : .writeRow, result.id, row.id, list, indices.count)
    case .accumulating(let scope): try assemble(scope, results)
    case .accumulate(let token, let indices, let value):
      if isNumber(token) {
        emit(isReal(token) ? .addReal : .addInteger, token.id, value.id)
      } else {
        let list = try list(token, indices)
        let code: Instruction.Code =
          isNumber(value)
          ? (isReal(value) ? .accumulateReal : .accumulateInteger) : (isReal(value) ? .accumulateRealRow : .accumulateIntegerRow)
        emit(code, token.id, value.id, list, indices.count)
      }
    case .ruled(let value, let rules): try assemble(value, rules, try result())
    }
  }

  private mutating func assembleSide(_ block: Block, _ results: [Value]) throws(InterpreterError) {
    try assemble(block)
    for (result, value) in zip(results, block.results) { move(result.id, value.id, like: value) }
    releaseResults(block)
  }

  private mutating func assemble(_ map: Map, _ results: [Value]) throws(InterpreterError) {
    for result in results where !isNumber(result) { try allocate(result) }
    let counter = temporary()
    emit(.setInteger, counter, 0)
    try loops(map.axes) { assembler throws(InterpreterError) in
      try assembler.assemble(map.body)
      try assembler.store(map.body.results, in: results, at: counter)
      assembler.releaseResults(map.body)
      assembler.emit(.increment, 0, counter)
    }
  }

  private mutating func assemble(_ scope: Accumulating, _ results: [Value]) throws(InterpreterError) {
    for accumulator in scope.accumulators {
      let token = accumulator.token
      if let initial = accumulator.initial {
        move(token.id, initial.id, like: token)
        if !isNumber(token) { emit(.makeUnique, token.id, try count(token), isReal(token) ? 1 : 0) }
      } else if !isNumber(token) {
        try allocate(token)
      } else if isReal(token) {
        emit(.moveReal, token.id, constantSlot(0))
      } else {
        emit(.setInteger, token.id, 0)
      }
    }
    try assemble(scope.body)
    for (result, value) in zip(results, scope.body.results) { move(result.id, value.id, like: value) }
    releaseResults(scope.body)
    for (result, accumulator) in zip(results.dropFirst(scope.body.results.count), scope.accumulators) {
      move(result.id, accumulator.token.id, like: result)
      if !isNumber(result) { emit(.release, accumulator.token.id) }
    }
  }
}
