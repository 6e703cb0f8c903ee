import ModelDSL

/// Contractions that stand among other things in a map become maps of their own, which planning has kernels for. Inside loops, a matrix whose rows
/// would have to be summed along is read through a transposed copy, made once a call. The same results up to the order of summation.
func isolateContractions(_ procedure: Procedure, batch: SizeSymbol?) -> Procedure {
  var pass = Contractions(procedure, batch: batch)
  return pass.run()
}

private struct Contractions {
  private var procedure: Procedure
  private var builder: Builder
  private var copies: TransposedCopies
  private let batch: SizeSymbol?

  init(_ procedure: Procedure, batch: SizeSymbol?) {
    self.procedure = procedure
    self.batch = batch
    builder = Builder(values: procedure.values)
    copies = TransposedCopies(procedure)
  }

  mutating func run() -> Procedure {
    let body = rewritten(procedure.body, inLoop: false)
    let prologue = copies.prologue(in: &builder)
    procedure.body = Block(parameters: body.parameters, statements: prologue + body.statements, results: body.results)
    procedure.values = builder.values
    return eliminateDeadCode(procedure)
  }

  private mutating func rewritten(_ block: Block, inLoop: Bool) -> Block {
    builder.openBlock()
    for statement in block.statements { rewrite(statement, inLoop: inLoop) }
    return builder.closeBlock(parameters: block.parameters, results: block.results)
  }

  private mutating func rewrite(_ statement: Statement, inLoop: Bool) {
    builder.notes = statement.notes
    defer { builder.notes = [] }
    var isLoop = inLoop
    switch statement.operation {
    case .scan, .whileLoop: isLoop = true
    case .map(let map):
      if Contraction(map) != nil { return append(map, statement, inLoop: inLoop) }
      let isBatch = batch.map { batch in map.axes.contains { $0.size == Size(batch) } } ?? false
      if isBatch || map.body.hasSequence { isLoop = true } else { return extract(from: map, statement, inLoop: inLoop) }
    case .reduce(let reduce): if batch.map({ batch in reduce.axes.contains { $0.size == Size(batch) } }) ?? false { isLoop = true }
    default: break
    }
    appendRewritten(statement, inLoop: isLoop)
  }

  private mutating func appendRewritten(_ statement: Statement, inLoop: Bool) {
    var blocks = statement.operation.blocks.map { rewritten($0, inLoop: inLoop) }[...]
    builder.append(
      Statement(
        results: statement.results, operation: statement.operation.mapBlocks { _ in blocks.removeFirst() }, notes: statement.notes))
  }

  /// A contraction, along copied rows where that is better.
  private mutating func append(_ map: Map, _ statement: Statement, inLoop: Bool) {
    guard inLoop, let contraction = Contraction(map), contraction.roles(builder.values)?.kind != .columns else {
      return builder.append(statement)
    }
    for isFirst in [true, false] {
      let factor = isFirst ? contraction.first : contraction.second
      guard factor.indices.count > 1, let last = factor.indices.last, !contraction.free.contains(where: { $0.index == last }),
        copies.isPossible(factor.array)
      else { continue }
      var turned = contraction
      let indices = [last] + factor.indices.dropLast()
      var trial = builder.values
      let shape = trial[factor.array].shape
      let copy = trial.add(ValueType(.real, [shape[shape.count - 1]] + shape.dropLast()), name: nil)
      let replaced = Contraction.Factor(array: copy, indices: indices)
      if isFirst { turned.first = replaced } else { turned.second = replaced }
      guard turned.roles(trial)?.kind == .columns, let found = copies.copy(of: factor.array, in: &builder) else { continue }
      let real = Contraction.Factor(array: found, indices: indices)
      if isFirst { turned.first = real } else { turned.second = real }
      return emit(turned, results: statement.results)
    }
    builder.append(statement)
  }

  /// Writes a contraction as a map that is nothing else.
  private mutating func emit(_ contraction: Contraction, results: [Value]) {
    func product(_ builder: inout Builder) -> Value {
      let a = builder.read(contraction.first.array, contraction.first.indices)
      let b = builder.read(contraction.second.array, contraction.second.indices)
      return builder.primitive(.multiply, [a, b])
    }
    let body: Block
    if let target = contraction.target {
      body = builder.block { builder in
        builder.accumulate(into: target.array, target.indices, product(&builder))
        return []
      }
      return builder.append(Statement(results: [], operation: .map(Map(axes: contraction.axes, body: body)), notes: builder.notes))
    }
    let sums = contraction.axes.filter { axis in !contraction.free.contains { $0.index == axis.index } }
    body = builder.block { builder in
      let terms = builder.block { [product(&$0)] }
      return builder.emit(.reduce(Reduce(op: .sum, axes: sums, body: terms)))
    }
    builder.append(Statement(results: results, operation: .map(Map(axes: contraction.free, body: body)), notes: builder.notes))
  }

  // MARK: Taking apart

  private mutating func extract(from map: Map, _ statement: Statement, inLoop: Bool) {
    var map = map
    var results = statement.results
    let inside = Set(map.body.statements.flatMap(\.results))
    map.body.statements = map.body.statements.map { sum($0, map, inside, inLoop: inLoop) ?? $0 }
    let after = additions(&map, &results, inside)
    if after.isEmpty {
      appendRewritten(Statement(results: results, operation: .map(map), notes: statement.notes), inLoop: inLoop)
    } else {
      if !map.body.statements.isEmpty || !results.isEmpty {
        appendRewritten(Statement(results: results, operation: .map(map), notes: statement.notes), inLoop: inLoop)
      }
      for contraction in after { emit(contraction, results: []) }
    }
  }

  /// A sum of products of arrays from outside, made before the map, is read instead.
  private mutating func sum(_ statement: Statement, _ map: Map, _ inside: Set<Value>, inLoop: Bool) -> Statement? {
    guard case .reduce = statement.operation, statement.results.count == 1 else { return nil }
    let alone = Map(axes: map.axes, body: Block(statements: [statement], results: statement.results))
    guard let contraction = Contraction(alone) else { return nil }
    let factors = [contraction.first, contraction.second]
    let mentioned = Set(factors.flatMap(\.indices))
    if !inside.isDisjoint(with: mentioned.union(factors.map(\.array))) { return nil }
    let axes = map.axes.filter { mentioned.contains($0.index) }
    if axes.isEmpty { return nil }
    // With indices of its own.
    var replaced: [Value: Value] = [:]
    for axis in axes { replaced[axis.index] = builder.fresh(.integer, name: builder.values.name(of: axis.index)) }
    let own = axes.map { Axis(index: replaced[$0.index]!, size: $0.size) }
    let type = ValueType(.real, axes.map(\.size))
    let sums = builder.fresh(type, name: builder.values.name(of: statement.results[0]))
    let block = builder.block { builder in
      builder.copy(statement, replacing: &replaced)
      return [replaced[statement.results[0]]!]
    }
    let separate = Map(axes: own, body: block)
    guard Contraction(separate)?.roles(builder.values) != nil else { return nil }
    append(separate, Statement(results: [sums], operation: .map(separate), notes: statement.notes), inLoop: inLoop)
    return Statement(results: statement.results, operation: .read(sums, axes.map(\.index)), notes: statement.notes)
  }

  /// Additions of products to arrays from outside, made after the map. What they need of the map becomes one more result.
  private mutating func additions(_ map: inout Map, _ results: inout [Value], _ inside: Set<Value>) -> [Contraction] {
    var found: [Contraction] = []
    var exported: [Value: Value] = [:]
    for (place, statement) in map.body.statements.enumerated() {
      guard case .map(var inner) = statement.operation, inner.body.results.isEmpty, inner.body.statements.allSatisfy(\.operation.isFlat)
      else {
        continue
      }
      let innermost = Set(inner.body.statements.flatMap(\.results))
      let own = Set((map.axes + inner.axes).map(\.index))
      var taken: Set<Int> = []
      for (line, addition) in inner.body.statements.enumerated() {
        guard case .accumulate(let token, let indices, let value) = addition.operation, builder.values[token].shape.count == indices.count,
          Set(indices).count == indices.count, indices.allSatisfy({ own.contains($0) || !inside.contains($0) && !innermost.contains($0) }),
          case .primitive(.multiply, let operands)? = inner.body.definition(of: value)
        else { continue }
        func factor(_ value: Value) -> (Contraction.Factor, exports: Value?)? {
          let definition = inner.body.definition(of: value) ?? map.body.definition(of: value)
          if case .read(let array, let places)? = definition, !inside.contains(array), !innermost.contains(array),
            places.allSatisfy({ own.contains($0) || !inside.contains($0) && !innermost.contains($0) })
          {
            return (Contraction.Factor(array: array, indices: places), nil)
          }
          guard inside.contains(value), builder.values[value] == ValueType(.real, []) else { return nil }
          return (Contraction.Factor(array: value, indices: map.axes.map(\.index)), value)
        }
        guard case (var a, let exportA)? = factor(operands[0]), case (var b, let exportB)? = factor(operands[1]) else { continue }
        var trial = builder.values
        func standIn(_ factor: inout Contraction.Factor, _ exports: Value?) {
          guard exports != nil else { return }
          factor.array = trial.add(ValueType(.real, map.axes.map(\.size)), name: nil)
        }
        let axes = map.axes + inner.axes
        var (trialA, trialB) = (a, b)
        standIn(&trialA, exportA)
        standIn(&trialB, exportB)
        let free = axes.filter { indices.contains($0.index) }
        let target = Contraction.Factor(array: token, indices: indices)
        guard Contraction(axes: axes, first: trialA, second: trialB, target: target, free: free).roles(trial)?.kind == .columns else {
          continue
        }
        for isFirst in [true, false] {
          guard let value = isFirst ? exportA : exportB else { continue }
          let array =
            exported[value]
            ?? builder.fresh(ValueType(.real, map.axes.map(\.size)), name: builder.values.name(of: value))
          if exported[value] == nil {
            exported[value] = array
            map.body.results.append(value)
            results.append(array)
          }
          if isFirst { a.array = array } else { b.array = array }
        }
        var renamed: [Value: Value] = [:]
        for axis in axes { renamed[axis.index] = builder.fresh(.integer, name: builder.values.name(of: axis.index)) }
        func named(_ factor: Contraction.Factor) -> Contraction.Factor {
          Contraction.Factor(array: factor.array, indices: factor.indices.map { renamed[$0] ?? $0 })
        }
        func named(_ axes: [Axis]) -> [Axis] { axes.map { Axis(index: renamed[$0.index]!, size: $0.size) } }
        found.append(
          Contraction(axes: named(axes), first: named(a), second: named(b), target: named(target), free: named(free)))
        taken.insert(line)
      }
      if taken.isEmpty { continue }
      inner.body.statements = inner.body.statements.enumerated().filter { !taken.contains($0.offset) }.map(\.element)
      map.body.statements[place].operation = .map(inner)
    }
    return found
  }
}

extension Block {
  /// Whether it holds a sequential loop.
  fileprivate var hasSequence: Bool {
    statements.contains { statement in
      switch statement.operation {
      case .scan, .whileLoop: true
      default: statement.operation.blocks.contains { $0.hasSequence }
      }
    }
  }
}

extension Operation {
  /// Holds no block.
  fileprivate var isFlat: Bool { blocks.isEmpty }
}
