import ModelDSL

/// A loop over the batch that takes several samples at once.
struct BatchTile {
  /// The index of the first sample of a tile.
  var index: Value
  /// How many samples there are in one: `width`, but for the last.
  var samples: SizeSymbol
  static let width = 8
}

/// Runs tiles of the batch through all of the model instead of one sample: products with a matrix then use what they load for every sample of
/// the tile. Arrays of a sample get an axis for the samples of a tile; what is no product runs sample by sample as before. nil where there is no
/// product to gain from.
/// Without a batch, the first long loop whose iterations are independent is taken for one.
func tileBatch(_ procedure: Procedure, batch: SizeSymbol?) -> (Procedure, BatchTile)? {
  var pass = BatchTiling(procedure, batch: batch)
  return pass.run()
}

private struct BatchTiling {
  /// A value of which every sample has its own: an array with one more axis, at a place.
  private struct Tiled {
    var array: Value
    /// How many axes stand before that of the samples.
    var place: Int
  }

  private var procedure: Procedure
  private var builder: Builder
  private let batch: SizeSymbol?
  private let samples: SizeSymbol
  private var index: Value?
  private var tiled: [Value: Tiled] = [:]
  /// Those that are tokens of accumulators.
  private var tokens: Set<Value> = []
  /// Values filled with one number.
  private var filled: [Value: Value] = [:]
  private var failed = false

  init(_ procedure: Procedure, batch: SizeSymbol?) {
    self.procedure = procedure
    self.batch = batch
    builder = Builder(values: procedure.values)
    samples = SizeSymbol(id: (procedure.sizes.map(\.id).max() ?? 0) + 1_000_000, name: "samples")
  }

  mutating func run() -> (Procedure, BatchTile)? {
    var isDone = false
    let body = rewritten(procedure.body, &isDone)
    guard isDone, !failed, let index else { return nil }
    procedure.body = body
    procedure.values = builder.values
    return (procedure, BatchTile(index: index, samples: samples))
  }

  /// The main line, down to the first loop over the batch that has products.
  private mutating func rewritten(_ block: Block, _ isDone: inout Bool) -> Block {
    builder.openBlock()
    for statement in block.statements {
      if !isDone, case .map(let map) = statement.operation, isBatch(map), isWorthIt(map.body) {
        isDone = true
        tile(map, statement)
      } else if !isDone, case .accumulating(let scope) = statement.operation {
        let body = rewritten(scope.body, &isDone)
        builder.append(
          Statement(
            results: statement.results, operation: .accumulating(Accumulating(accumulators: scope.accumulators, body: body)),
            notes: statement.notes))
      } else {
        builder.append(statement)
      }
    }
    return builder.closeBlock(parameters: block.parameters, results: block.results)
  }

  private func isBatch(_ map: Map) -> Bool {
    if map.axes.count > 1 || Contraction(map) != nil { return false }
    if let batch { return map.axes[0].size == Size(batch) }
    return map.body.results.isEmpty && (map.axes[0].size.constant ?? .max) >= 32
  }

  /// A tile keeps the histories of all its samples at once, which then stand further from the processor: its products must make up for that.
  private func isWorthIt(_ block: Block) -> Bool {
    guard block.hasProduct else { return false }
    let multiplications = block.multiplications
    let kept = block.keptElements(builder.values)
    return multiplications >= 48 * kept
  }

  private mutating func tile(_ map: Map, _ statement: Statement) {
    index = map.axes[0].index
    builder.openBlock()
    tile(map.body.statements, results: map.body.results)
    let results = map.body.results.map { result -> Value in
      let shape = builder.values[result].shape
      guard let own = tiled[result], own.place == 0 else {
        // The same for every sample.
        return overSamples(shape) { builder, _, places in builder.read(result, places) }
      }
      return overSamples(shape) { builder, sample, places in builder.read(own.array, [sample] + places) }
    }
    let body = builder.closeBlock(results: results)
    builder.append(Statement(results: statement.results, operation: .map(Map(axes: map.axes, body: body)), notes: statement.notes))
  }

  // MARK: Values

  private func tiledType(_ type: ValueType, at place: Int = 0) -> ValueType {
    var shape = type.shape
    shape.insert(Size(BatchTile.width), at: place)
    return ValueType(type.element, shape)
  }

  private mutating func sampleAxis() -> Axis { Axis(index: builder.fresh(.integer, name: "s"), size: Size(samples)) }

  /// An array over the samples of a tile, element by element.
  private mutating func overSamples(_ shape: [Size], _ element: (inout Builder, Value, [Value]) -> Value) -> Value {
    let sample = sampleAxis()
    let axes = shape.map { Axis(index: builder.fresh(.integer), size: $0) }
    let body = builder.block { builder in [element(&builder, sample.index, axes.map(\.index))] }
    let result = builder.fresh(tiledType(ValueType(builder.values[body.results[0]].element, shape)))
    builder.append(Statement(results: [result], operation: .map(Map(axes: [sample] + axes, body: body)), notes: builder.notes))
    return result
  }

  private mutating func define(_ value: Value, at place: Int = 0) -> Value {
    let array = builder.fresh(tiledType(builder.values[value], at: place), name: builder.values.name(of: value))
    tiled[value] = Tiled(array: array, place: place)
    return array
  }

  private func depends(_ statement: Statement) -> Bool {
    statement.accumulatesOutside || statement.freeValues.contains { $0 == index || tiled[$0] != nil }
  }

  /// The value for all samples, their axis first; where it is the same for each, that many copies.
  private mutating func forAllSamples(_ value: Value) -> Value? {
    if let known = tiled[value] { return known.place == 0 ? known.array : nil }
    let shape = builder.values[value].shape
    if let number = filled[value] { return overSamples(shape) { _, _, _ in number } }
    return overSamples(shape) { builder, _, places in builder.read(value, places) }
  }

  // MARK: Statements

  private mutating func tile(_ statements: [Statement], results: [Value]) {
    var group: [Statement] = []
    // Who is read after which statement.
    var later = Set(results)
    var readLater: [Set<Value>] = Array(repeating: [], count: statements.count)
    for place in statements.indices.reversed() {
      readLater[place] = later
      later.formUnion(statements[place].freeValues)
    }
    for (place, statement) in statements.enumerated() {
      if failed { return }
      if isGroup(statement, group) {
        group.append(statement)
        continue
      }
      flush(&group, readLater: place == 0 ? [] : readLater[place - 1])
      alone(statement)
    }
    flush(&group, readLater: Set(results))
  }

  /// Whether the statement runs sample by sample, with others.
  private func isGroup(_ statement: Statement, _ group: [Statement]) -> Bool {
    let defined = Set(group.flatMap(\.results))
    if !depends(statement) && defined.isDisjoint(with: statement.freeValues) { return false }
    switch statement.operation {
    case .scan(let scan):
      // All samples of a tile take the same steps.
      return !scan.body.hasProduct || scan.trips.map { tiled[$0] != nil || defined.contains($0) } ?? false
    case .accumulating(let scope): return !scope.body.hasProduct
    case .map(let map):
      guard let contraction = Contraction(map) else { return !map.body.hasProduct }
      return contraction.roles(builder.values)?.kind != .columns
    case .read(let array, let indices):
      // A view of a history.
      guard let known = tiled[array], known.place > 0, indices.count <= known.place else { return true }
      return builder.values[statement.results[0]].isScalar || indices.contains { $0 == index || tiled[$0] != nil || defined.contains($0) }
    default: return true
    }
  }

  private mutating func flush(_ group: inout [Statement], readLater: Set<Value>) {
    if group.isEmpty { return }
    defer { group = [] }
    let sample = sampleAxis()
    let defined = Set(group.flatMap(\.results))
    let used = group.reduce(into: Set<Value>()) { $0.formUnion($1.freeValues) }
    let exported = group.flatMap(\.results).filter(readLater.contains)
    builder.notes = group[0].notes
    builder.openBlock()
    var names: [Value: Value] = [:]
    if used.contains(index!) {
      names[index!] = builder.primitive(.add, [index!, sample.index], name: "sample")
    }
    for value in used.subtracting(defined).sorted() {
      guard let known = tiled[value], known.place == 0, !tokens.contains(value) else { continue }
      names[value] = builder.read(known.array, [sample.index], name: builder.values.name(of: value))
    }
    for statement in group { append(statement, &names, sample.index) }
    let results = exported.map { names[$0] ?? $0 }
    let body = builder.closeBlock(results: results)
    let arrays = exported.map { define($0) }
    builder.append(Statement(results: arrays, operation: .map(Map(axes: [sample], body: body)), notes: builder.notes))
    builder.notes = []
  }

  /// One sample's statement: arrays whose axis of samples is further inside are read with the sample among the indices, and the sample comes first
  /// among those of an addition.
  private mutating func append(_ statement: Statement, _ names: inout [Value: Value], _ sample: Value) {
    let operation = byHistory(statement.operation, sample)
    builder.append(
      Statement(results: statement.results, operation: renamed(operation, names), notes: statement.notes))
  }

  private func renamed(_ operation: Operation, _ names: [Value: Value]) -> Operation {
    operation.rewritten(value: { names[$0] ?? $0 }) { block in
      Block(
        parameters: block.parameters,
        statements: block.statements.map { Statement(results: $0.results, operation: renamed($0.operation, names), notes: $0.notes) },
        results: block.results.map { names[$0] ?? $0 })
    }
  }

  private mutating func byHistory(_ operation: Operation, _ sample: Value) -> Operation {
    if case .read(let array, var indices) = operation, let known = tiled[array], known.place > 0 {
      if indices.count < known.place { failed = true }
      indices.insert(sample, at: min(known.place, indices.count))
      return .read(known.array, indices)
    }
    if case .accumulate(let token, let indices, let value) = operation, tokens.contains(token), let known = tiled[token] {
      if (tiled[value]?.place ?? 0) > 0 { failed = true }
      return .accumulate(into: known.array, [sample] + indices, value)
    }
    if operation.operands.contains(where: { (tiled[$0]?.place ?? 0) > 0 }) { failed = true }
    return operation.mapBlocks { block in
      if block.results.contains(where: { (tiled[$0]?.place ?? 0) > 0 }) { failed = true }
      return Block(
        parameters: block.parameters,
        statements: block.statements.map { Statement(results: $0.results, operation: byHistory($0.operation, sample), notes: $0.notes) },
        results: block.results)
    }
  }

  /// A statement for all samples together.
  private mutating func alone(_ statement: Statement) {
    builder.notes = statement.notes
    defer { builder.notes = [] }
    guard depends(statement) else {
      if case .map(let map) = statement.operation, map.body.statements.isEmpty, statement.results.count == 1 {
        filled[statement.results[0]] = map.body.results[0]
      }
      return builder.append(statement)
    }
    switch statement.operation {
    case .scan(let scan): tile(scan, statement)
    case .accumulating(let scope): tile(scope, statement)
    case .map(let map):
      if let contraction = Contraction(map) { tile(contraction, statement) } else { tileLoop(map, statement) }
    case .read(let array, let indices):
      let known = tiled[array]!
      let place = known.place - indices.count
      let result = define(statement.results[0], at: place)
      builder.append(Statement(results: [result], operation: .read(known.array, indices), notes: statement.notes))
    default: failed = true
    }
  }

  private mutating func tile(_ scan: Scan, _ statement: Statement) {
    var initial: [Value] = []
    for value in scan.initial {
      guard let start = forAllSamples(value) else { return failed = true }
      initial.append(start)
    }
    builder.openBlock()
    let parameters = scan.body.parameters.map { define($0) }
    tile(scan.body.statements, results: scan.body.results)
    var results: [Value] = []
    for value in scan.body.results {
      guard let all = forAllSamples(value) else {
        failed = true
        break
      }
      results.append(all)
    }
    let body = builder.closeBlock(parameters: parameters, results: results)
    let all = statement.results.enumerated().map { place, value in define(value, at: place < scan.initial.count ? 0 : 1) }
    // Rows that are arrays of histories themselves keep the samples where they are.
    builder.append(
      Statement(
        results: all, operation: .scan(Scan(axis: scan.axis, down: scan.down, trips: scan.trips, initial: initial, body: body)),
        notes: statement.notes))
  }

  /// Iterations that are the same for every sample, one after the other.
  private mutating func tileLoop(_ map: Map, _ statement: Statement) {
    builder.openBlock()
    tile(map.body.statements, results: map.body.results)
    var results: [Value] = []
    for value in map.body.results {
      guard let all = forAllSamples(value) else {
        failed = true
        break
      }
      results.append(all)
    }
    let body = builder.closeBlock(results: results)
    let all = statement.results.map { define($0, at: map.axes.count) }
    builder.append(Statement(results: all, operation: .map(Map(axes: map.axes, body: body)), notes: statement.notes))
  }

  private mutating func tile(_ scope: Accumulating, _ statement: Statement) {
    var accumulators: [Accumulating.Accumulator] = []
    for accumulator in scope.accumulators {
      var initial: Value?
      if let start = accumulator.initial {
        guard let all = forAllSamples(start) else { return failed = true }
        initial = all
      }
      accumulators.append(Accumulating.Accumulator(token: define(accumulator.token), initial: initial))
      tokens.insert(accumulator.token)
    }
    builder.openBlock()
    tile(scope.body.statements, results: scope.body.results)
    var results: [Value] = []
    for value in scope.body.results {
      guard let all = forAllSamples(value) else {
        failed = true
        break
      }
      results.append(all)
    }
    let body = builder.closeBlock(results: results)
    let all = statement.results.map { define($0) }
    builder.append(
      Statement(results: all, operation: .accumulating(Accumulating(accumulators: accumulators, body: body)), notes: statement.notes))
  }

  private mutating func tile(_ contraction: Contraction, _ statement: Statement) {
    let sample = sampleAxis()
    var isMixed = false
    var factors: [Contraction.Factor] = []
    for factor in [contraction.first, contraction.second] {
      if factor.indices.contains(index!) || factor.indices.contains(where: { tiled[$0] != nil }) {
        factors.append(copied(factor, contraction, sample.index))
        isMixed = true
      } else if let known = tiled[factor.array] {
        var indices = factor.indices
        indices.insert(sample.index, at: known.place)
        factors.append(Contraction.Factor(array: known.array, indices: indices))
        isMixed = true
      } else {
        factors.append(factor)
      }
    }
    var target = contraction.target
    if let token = target, let known = tiled[token.array] {
      target = Contraction.Factor(array: known.array, indices: [sample.index] + token.indices)
    }
    if !isMixed {
      // The same product for every sample.
      guard target == nil else { return failed = true }
      return builder.append(statement)
    }
    func product(_ builder: inout Builder) -> Value {
      let a = builder.read(factors[0].array, factors[0].indices)
      return builder.primitive(.multiply, [a, builder.read(factors[1].array, factors[1].indices)])
    }
    if let target {
      let body = builder.block { builder in
        builder.accumulate(into: target.array, target.indices, product(&builder))
        return []
      }
      builder.append(Statement(results: [], operation: .map(Map(axes: [sample] + contraction.axes, body: body)), notes: builder.notes))
      return
    }
    let sums = contraction.axes.filter { axis in !contraction.free.contains { $0.index == axis.index } }
    let body = builder.block { builder in
      let terms = builder.block { [product(&$0)] }
      return builder.emit(.reduce(Reduce(op: .sum, axes: sums, body: terms)))
    }
    let result = define(statement.results[0])
    builder.append(Statement(results: [result], operation: .map(Map(axes: [sample] + contraction.free, body: body)), notes: builder.notes))
  }

  /// What a product reads of an array of the whole batch, for the samples of the tile.
  private mutating func copied(_ factor: Contraction.Factor, _ contraction: Contraction, _ sample: Value) -> Contraction.Factor {
    let axes = contraction.axes.filter { factor.indices.contains($0.index) }
    var names: [Value: Value] = [:]
    let own = axes.map { axis -> Axis in
      names[axis.index] = builder.fresh(.integer)
      return Axis(index: names[axis.index]!, size: axis.size)
    }
    let row = sampleAxis()
    let body = builder.block { builder in
      names[index!] = builder.primitive(.add, [index!, row.index], name: "sample")
      for value in factor.indices where tiled[value] != nil { names[value] = builder.read(tiled[value]!.array, [row.index]) }
      var indices = factor.indices.map { names[$0] ?? $0 }
      guard let known = tiled[factor.array] else { return [builder.read(factor.array, indices)] }
      indices.insert(row.index, at: known.place)
      return [builder.read(known.array, indices)]
    }
    let copy = builder.fresh(
      tiledType(ValueType(.real, axes.map(\.size))), name: builder.values.name(of: factor.array).map { $0 + "Tile" })
    builder.append(Statement(results: [copy], operation: .map(Map(axes: [row] + own, body: body)), notes: builder.notes))
    return Contraction.Factor(array: copy, indices: [sample] + axes.map(\.index))
  }
}

extension Block {
  /// Whether it holds a product of a matrix outside of loops that must run sample by sample.
  fileprivate var hasProduct: Bool {
    statements.contains { statement in
      switch statement.operation {
      case .map(let map):
        Contraction(map).map { $0.axes.count > 1 && $0.axes.reduce(1) { $0 * ($1.size.constant ?? 16) } >= 256 } ?? map.body.hasProduct
      case .scan(let scan): scan.body.hasProduct
      case .accumulating(let scope): scope.body.hasProduct
      default: false
      }
    }
  }

  /// Multiplications of its products, for one step of each sequence.
  fileprivate var multiplications: Int {
    statements.reduce(0) { sum, statement in
      switch statement.operation {
      case .map(let map):
        guard let contraction = Contraction(map) else {
          return sum + map.body.multiplications * map.axes.reduce(1) { $0 * ($1.size.constant ?? 16) }
        }
        return sum + contraction.axes.reduce(1) { $0 * ($1.size.constant ?? 16) }
      case .scan(let scan): return sum + scan.body.multiplications
      case .accumulating(let scope): return sum + scope.body.multiplications
      default: return sum
      }
    }
  }

  /// Elements that sequences keep of each step.
  fileprivate func keptElements(_ values: ValueTable) -> Int {
    statements.reduce(0) { sum, statement in
      switch statement.operation {
      case .scan(let scan):
        let rows = scan.body.results.dropFirst(scan.initial.count)
        return rows.reduce(sum + scan.body.keptElements(values)) { $0 + (values[$1].shape.elementCount.constant ?? 16) }
      case .accumulating(let scope): return sum + scope.body.keptElements(values)
      default: return sum
      }
    }
  }
}
