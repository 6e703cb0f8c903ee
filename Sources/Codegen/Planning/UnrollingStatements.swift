import ModelDSL

// One statement at a time: what becomes a straight line, and what is copied.

extension Unrolling {
  mutating func run(_ statement: Statement) {
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
  mutating func copy(_ statement: Statement) {
    for value in statement.operation.operands { _ = type(value).isScalar ? value : whole(value) }
    for value in captured(statement) { _ = whole(value) }
    let blocks = statement.operation.blocks.map { inner in block(inner) { unrolling in inner.results.map { unrolling.whole($0) } } }
    var rest = blocks[...]
    let wholes = Dictionary(statement.operation.operands.map { ($0, whole($0)) }) { first, _ in first }
    let operation = statement.operation.rewritten(value: { wholes[$0] ?? names[$0] ?? $0 }) { _ in rest.removeFirst() }
    define(statement.results, operation)
  }

  mutating func define(_ results: [Value], _ operation: Operation) {
    let new = results.map { result in builder.fresh(type(result), name: builder.values.name(of: result)) }
    builder.append(Statement(results: new, operation: operation, notes: builder.notes))
    for (old, new) in zip(results, new) { set(old, .number(new)) }
  }

  /// Arrays in numbers that a loop which stays reads at unknown places: put together before the loop.
  func captured(_ statement: Statement) -> [Value] {
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

  func replaced(_ parts: Elements, _ indices: ArraySlice<Value>, by part: Elements) -> Elements {
    guard let index = indices.first, case .list(var list) = parts else { return part }
    let place = constants[names[index] ?? index]!
    list[place] = replaced(list[place], indices.dropFirst(), by: part)
    return .list(list)
  }

  mutating func run(_ map: Map, _ statement: Statement) {
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

  mutating func run(_ reduce: Reduce, _ statement: Statement) {
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

  mutating func combined(_ a: Elements, _ b: Elements, _ primitive: Primitive) -> Elements {
    switch (a, b) {
    case (.number(let x), .number(let y)): .number(builder.primitive(primitive, [x, y]))
    case (.list(let x), .list(let y)): .list(zip(x, y).map { combined($0, $1, primitive) })
    default: preconditionFailure("arrays of different shapes")
    }
  }
}
