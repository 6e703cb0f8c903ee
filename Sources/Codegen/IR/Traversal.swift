import ModelDSL

extension Operation {
  /// The values that the operation reads directly; those captured by nested blocks not included.
  public var operands: [Value] {
    switch self {
    case .constant, .size: []
    case .primitive(_, let operands), .pack(let operands): operands
    case .read(let array, let indices): [array] + indices
    case .map, .reduce: []
    case .scan(let scan): scan.initial + (scan.trips.map { [$0] } ?? [])
    case .whileLoop(let loop): loop.initial
    case .branch(let condition, _, _): [condition]
    case .update(let array, let indices, let row): [array] + indices + [row]
    case .accumulating(let scope): scope.accumulators.compactMap(\.initial)
    case .accumulate(let token, let indices, let value): [token] + indices + [value]
    case .ruled(let value, let rules): [value] + rules.map(\.target)
    }
  }

  /// The nested blocks, in the order of evaluation.
  public var blocks: [Block] {
    switch self {
    case .constant, .size, .primitive, .read, .pack, .update, .accumulate: []
    case .map(let map): [map.body]
    case .reduce(let reduce): (reduce.condition.map { [$0] } ?? []) + [reduce.body]
    case .scan(let scan): [scan.body]
    case .whileLoop(let loop): [loop.condition, loop.body]
    case .branch(_, let then, let otherwise): [then, otherwise]
    case .accumulating(let scope): [scope.body]
    case .ruled(_, let rules): rules.map(\.block)
    }
  }

  /// The values that the operation defines for its nested blocks: indices and tokens (parameters are the blocks' own).
  public var introduced: [Value] {
    switch self {
    case .constant, .size, .primitive, .read, .pack, .update, .accumulate, .ruled, .branch, .whileLoop: []
    case .map(let map): map.axes.map(\.index)
    case .reduce(let reduce): reduce.axes.map(\.index)
    case .scan(let scan): [scan.axis.index]
    case .accumulating(let scope): scope.accumulators.map(\.token)
    }
  }

  /// The operation with every direct operand replaced by `value`, every block by `block`, every size by `size`, every introduced value by `define`.
  public func rewritten(
    value: (Value) -> Value, define: (Value) -> Value = { $0 }, size: (Size) -> Size = { $0 }, block: (Block) -> Block
  ) -> Operation {
    func axis(_ a: Axis) -> Axis { Axis(index: define(a.index), size: size(a.size)) }
    switch self {
    case .constant: return self
    case .size(let s): return .size(size(s))
    case .primitive(let p, let operands): return .primitive(p, operands.map(value))
    case .read(let array, let indices): return .read(value(array), indices.map(value))
    case .pack(let elements): return .pack(elements.map(value))
    case .map(let map):
      let axes = map.axes.map(axis)
      return .map(Map(axes: axes, body: block(map.body)))
    case .reduce(let r):
      let axes = r.axes.map(axis)
      return .reduce(Reduce(op: r.op, axes: axes, condition: r.condition.map(block), body: block(r.body)))
    case .scan(let s):
      let newAxis = axis(s.axis)
      return .scan(Scan(axis: newAxis, down: s.down, trips: s.trips.map(value), initial: s.initial.map(value), body: block(s.body)))
    case .whileLoop(let w):
      return .whileLoop(
        While(name: w.name, bound: size(w.bound), initial: w.initial.map(value), condition: block(w.condition), body: block(w.body)))
    case .branch(let condition, let then, let otherwise):
      return .branch(condition: value(condition), then: block(then), otherwise: block(otherwise))
    case .update(let array, let indices, let row): return .update(value(array), indices.map(value), value(row))
    case .accumulating(let scope):
      let accumulators = scope.accumulators.map { Accumulating.Accumulator(token: define($0.token), initial: $0.initial.map(value)) }
      return .accumulating(Accumulating(accumulators: accumulators, body: block(scope.body)))
    case .accumulate(let token, let indices, let v): return .accumulate(into: value(token), indices.map(value), value(v))
    case .ruled(let v, let rules):
      return .ruled(value(v), rules.map { Rule(target: value($0.target), kind: $0.kind, block: block($0.block)) })
    }
  }

  /// The operation with its nested blocks replaced.
  public func mapBlocks(_ transform: (Block) -> Block) -> Operation { rewritten(value: { $0 }, block: transform) }
}

extension Operation {
  /// All values used, and all that nested blocks define: each value is defined once, so what is left of the first is free.
  fileprivate func collect(_ used: inout Set<Value>, _ defined: inout Set<Value>) {
    used.formUnion(operands)
    switch self {
    case .constant, .size, .primitive, .read, .pack, .update, .accumulate: return
    case .map, .reduce, .scan, .whileLoop, .branch, .accumulating, .ruled: break
    }
    defined.formUnion(introduced)
    for block in blocks { block.collect(&used, &defined) }
  }
}

extension Statement {
  /// Every value of the outside that the statement uses: direct operands, and those captured by nested blocks.
  public var freeValues: Set<Value> {
    var used: Set<Value> = []
    var defined: Set<Value> = []
    operation.collect(&used, &defined)
    return defined.isEmpty ? used : used.subtracting(defined)
  }

  /// Whether it writes to an accumulator of the outside: then it has an effect even if no result is used.
  public var accumulatesOutside: Bool { !outerTokens.isEmpty }

  /// The tokens of accumulators of the outside that it adds to.
  public var outerTokens: Set<Value> {
    var tokens: Set<Value> = []
    if case .accumulate(let token, _, _) = operation { tokens.insert(token) }
    for block in operation.blocks {
      for statement in block.statements { tokens.formUnion(statement.outerTokens) }
    }
    tokens.subtract(operation.introduced)
    return tokens
  }

  /// Whether a `while` in it may end the call with an error.
  public var mayFail: Bool {
    if case .whileLoop = operation { return true }
    return operation.blocks.contains { $0.statements.contains(where: \.mayFail) }
  }
}

extension Block {
  /// Values used in the block and defined outside of it.
  public var freeValues: Set<Value> {
    var used: Set<Value> = []
    var defined: Set<Value> = []
    collect(&used, &defined)
    return used.subtracting(defined)
  }

  fileprivate func collect(_ used: inout Set<Value>, _ defined: inout Set<Value>) {
    defined.formUnion(parameters)
    for statement in statements {
      statement.operation.collect(&used, &defined)
      defined.formUnion(statement.results)
    }
    used.formUnion(results)
  }

  /// The block with every use of a value replaced, in nested blocks too. Definitions are left alone.
  public func substituting(_ replacement: [Value: Value]) -> Block {
    if replacement.isEmpty { return self }
    func use(_ value: Value) -> Value { replacement[value] ?? value }
    return Block(
      parameters: parameters,
      statements: statements.map { statement in
        Statement(
          results: statement.results, operation: statement.operation.rewritten(value: use) { $0.substituting(replacement) },
          notes: statement.notes)
      },
      results: results.map(use))
  }
}
