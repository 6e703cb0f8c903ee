import ModelDSL

/// Cuts loops whose iterations are kept for a backward pass into segments. The forward loop keeps what is carried at the start of each segment;
/// the backward loop runs a segment again, keeps its iterations, and reverses it, before it turns to the segment before. With more than one
/// level, a segment is cut in the same way. With r the root of degree `levels + 1` of the number of iterations, `r` of them are kept instead of all,
/// and `r` starts a level; each level costs one more run of the forward loop. What is computed again is computed in the same way: the results are
/// the same, bit by bit.
public func checkpointed(_ procedure: Procedure, levels: Int) -> Procedure {
  if levels == 0 { return procedure }
  var pass = Checkpointing(procedure, levels: levels)
  let body = pass.rewritten(procedure.body)
  guard pass.isChanged else { return procedure }
  var result = procedure
  result.body = body
  result.values = pass.builder.values
  result.roots += pass.roots
  return eliminateDeadCode(result)
}

extension Procedure {
  /// Whether `checkpointed` has a loop to cut whose number of iterations is known only at the call.
  var keepsUnknownCount: Bool { !checkpointed(self, levels: 1).roots.isEmpty }
}

private struct Checkpointing {
  /// How a loop is cut: `count` segments of `length` iterations.
  private struct Cut {
    var length: Size
    var count: Size
    /// Whether that makes exactly the loop's iterations, in every call.
    var isExact: Bool
  }

  /// A loop whose stacked rows the loop in the other direction alone reads, each in the iteration that made it.
  private struct Forward {
    var place: Int
    var scan: Scan
    /// By place among the statement's results.
    var kept: [Int]
  }

  private(set) var builder: Builder
  private(set) var roots: [SizeRoot] = []
  private(set) var isChanged = false
  private let levels: Int
  private var nextSymbol: Int

  init(_ procedure: Procedure, levels: Int) {
    builder = Builder(values: procedure.values)
    self.levels = levels
    nextSymbol = (procedure.sizes.map(\.id).max() ?? 0) + 1
  }

  // MARK: Finding loops

  mutating func rewritten(_ block: Block) -> Block { rewritten(block, levels: levels, root: nil) }

  /// The outermost loops of the block that can be cut are; where there are none, those inside.
  private mutating func rewritten(_ block: Block, levels: Int, root: Size?) -> Block {
    let pairs = levels == 0 ? [:] : pairs(in: block, levels, root)
    let forwards = Dictionary(uniqueKeysWithValues: pairs.values.flatMap { $0 }.map { ($0.place, $0) })
    var starts: [Int: [Value]] = [:]
    builder.openBlock()
    for (place, statement) in block.statements.enumerated() {
      if let forward = forwards[place] {
        starts[place] = cutForward(forward, statement, levels, root)
      } else {
        rewrite(statement, levels, root, block, pairs, starts)
      }
    }
    return builder.closeBlock(parameters: block.parameters, results: block.results)
  }

  /// Appends the statement with the backward loops in it cut, and those inside others that can be.
  private mutating func rewrite(
    _ statement: Statement, _ levels: Int, _ root: Size?, _ block: Block, _ pairs: [Value: [Forward]], _ starts: [Int: [Value]]
  ) {
    switch statement.operation {
    case .scan(let scan) where pairs[scan.axis.index] != nil:
      cutBackward(scan, statement, levels, root, block, pairs[scan.axis.index]!, starts)
    case .accumulating(let scope) where !pairs.isEmpty:
      builder.openBlock()
      for inner in scope.body.statements { rewrite(inner, levels, root, block, pairs, starts) }
      let body = builder.closeBlock(results: scope.body.results)
      builder.append(
        Statement(
          results: statement.results, operation: .accumulating(Accumulating(accumulators: scope.accumulators, body: body)),
          notes: statement.notes))
    default:
      let operation = levels == 0 ? statement.operation : statement.operation.mapBlocks { rewritten($0, levels: levels, root: root) }
      builder.append(Statement(results: statement.results, operation: operation, notes: statement.notes))
    }
  }

  /// For each loop that reads what others keep, by its index: those others.
  private func pairs(in block: Block, _ levels: Int, _ root: Size?) -> [Value: [Forward]] {
    var uses: [Value: Int] = [:]
    block.countUses(&uses)
    var pairs: [Value: [Forward]] = [:]
    for (place, statement) in block.statements.enumerated() {
      guard case .scan(let forward) = statement.operation, statement.results.count > forward.initial.count else { continue }
      for backward in block.statements[(place + 1)...].flatMap(\.scansRunOnce)
      where backward.axis.size == forward.axis.size && backward.down != forward.down && backward.trips == forward.trips {
        let kept = (forward.initial.count..<statement.results.count).filter { row in
          let row = statement.results[row]
          return uses[row, default: 0] > 0 && uses[row] == backward.body.reads(of: row, at: backward.axis.index)
        }
        let part = Forward(place: place, scan: forward, kept: kept)
        if !kept.isEmpty && isWorthIt(part, statement, backward, levels, root) {
          pairs[backward.axis.index, default: []].append(part)
          break
        }
      }
    }
    return pairs
  }

  /// Whether less is kept than before, as far as that is known, and nothing stands in the way.
  private func isWorthIt(_ forward: Forward, _ statement: Statement, _ backward: Scan, _ levels: Int, _ root: Size?) -> Bool {
    // Truth values that others read as a whole have no sum to be gathered in.
    let carried = forward.scan.initial.count
    let whole = (carried..<statement.results.count).filter { !forward.kept.contains($0) }.map { forward.scan.body.results[$0] }
    if (whole + backward.body.results.dropFirst(backward.initial.count)).contains(where: { builder.values[$0].element == .boolean }) {
      return false
    }
    guard let count = forward.scan.axis.size.constant else { return true }
    let kept = forward.kept.reduce(Size(0)) { $0 + builder.values[forward.scan.body.results[$1]].shape.elementCount }
    let starts = forward.scan.body.parameters.reduce(Size(0)) { $0 + builder.values[$1].shape.elementCount }
    let cut = constantCut(count, levels, root)
    guard let before = kept.constant, let start = starts.constant else { return true }
    return before * cut.length + start * cut.count < before * count
  }

  // MARK: Sizes

  private func constantCut(_ count: Int, _ levels: Int, _ root: Size?) -> (length: Int, count: Int) {
    let root = root?.constant ?? SizeRoot.value(of: count, degree: levels + 1)
    let length = (0..<levels).reduce(1) { product, _ in product * root }
    return (length, (count + length - 1) / length)
  }

  private mutating func cut(_ scan: Scan, _ levels: Int, _ root: Size?) -> (cut: Cut, root: Size) {
    if let count = scan.axis.size.constant {
      let (length, segments) = constantCut(count, levels, root)
      let root = root ?? Size(SizeRoot.value(of: count, degree: levels + 1))
      return (Cut(length: Size(length), count: Size(segments), isExact: length * segments == count), root)
    }
    // Inside of a segment, the root is that of the whole.
    let known = root ?? self.root(of: scan.axis.size, degree: levels + 1)
    let length = (0..<levels).reduce(Size(1)) { product, _ in product * known }
    return (Cut(length: length, count: known, isExact: root != nil), known)
  }

  private mutating func root(of size: Size, degree: Int) -> Size {
    if let known = roots.first(where: { $0.radicand == size && $0.degree == degree }) { return Size(known.symbol) }
    let symbol = SizeSymbol(id: nextSymbol, name: "segmentLength")
    nextSymbol += 1
    roots.append(SizeRoot(symbol: symbol, radicand: size, degree: degree))
    return Size(symbol)
  }

  // MARK: Cutting

  /// One iteration of a loop over segments, while it is built.
  private struct Segment {
    var index: Value
    /// Where it begins, among all iterations.
    var base: Value
    /// How many iterations it has where that is not always the same.
    var trips: Value?
    /// What is carried into it.
    var carried: [Value]
    /// Accumulators that gather stacked rows over all segments, by place among the loop's results.
    var sums: [(place: Int, accumulator: Accumulating.Accumulator)]
  }

  /// The forward loop by segments; gives what is carried at the start of each.
  private mutating func cutForward(_ forward: Forward, _ statement: Statement, _ levels: Int, _ root: Size?) -> [Value] {
    let scan = forward.scan
    let (cut, _) = cut(scan, levels, root)
    let whole = (scan.initial.count..<statement.results.count).filter { !forward.kept.contains($0) }
    builder.notes = statement.notes
    let segment = begin(scan, cut, whole: whole)
    let results = steps(scan, cut, segment, from: segment.carried, sums: segment.sums)
    let body = builder.closeBlock(parameters: segment.carried, results: results + segment.carried)
    return end(scan, statement, cut, segment, body)
  }

  /// The backward loop by segments, in each of which the forward loops are run again.
  private mutating func cutBackward(
    _ scan: Scan, _ statement: Statement, _ levels: Int, _ root: Size?, _ block: Block, _ forwards: [Forward], _ starts: [Int: [Value]]
  ) {
    let (cut, newRoot) = cut(scan, levels, root)
    builder.notes = statement.notes
    let segment = begin(scan, cut, whole: Array(scan.initial.count..<statement.results.count))
    var rows: [Value: Value] = [:]
    for forward in forwards {
      let original = block.statements[forward.place]
      guard case .scan(let again)? = original.withoutOuterAccumulations()?.operation else { continue }
      builder.notes = original.notes
      let carried = zip(starts[forward.place]!, again.body.parameters).map { start, parameter in
        builder.read(start, [segment.index], name: builder.values.name(of: parameter))
      }
      let results = steps(again, cut, segment, from: carried, keeping: forward.kept)
      for (place, result) in zip(forward.kept, results.dropFirst(again.initial.count)) { rows[original.results[place]] = result }
    }
    builder.notes = statement.notes
    let results = steps(scan, cut, segment, from: segment.carried, rows: rows, sums: segment.sums)
    let body = builder.closeBlock(parameters: segment.carried, results: results)
    _ = end(scan, statement, cut, segment, rewritten(body, levels: levels - 1, root: newRoot))
  }

  /// What each row of stacked rows is added to: -0, which changes nothing, and 0 in rows beyond those that are made.
  private mutating func neutral(_ type: ValueType, trips: Value?) -> Value {
    guard type.element == .real else { return builder.zeros(type) }
    let negative = builder.real(-0.0)
    guard let trips else { return builder.fill(negative, type.shape) }
    let zero = builder.real(0)
    return builder.map(type.shape) { builder, indices in
      let isMade = builder.primitive(.less, [indices[0], trips])
      return builder.branch(isMade, then: { _ in [negative] }, otherwise: { _ in [zero] })
    }[0]
  }

  /// Opens the body of a loop over segments. Stacked rows that others read as a whole are gathered in accumulators.
  private mutating func begin(_ scan: Scan, _ cut: Cut, whole: [Int]) -> Segment {
    isChanged = true
    let sums = whole.map { place -> (place: Int, accumulator: Accumulating.Accumulator) in
      let row = builder.values[scan.body.results[place]]
      let type = ValueType(row.element, [scan.axis.size] + row.shape)
      return (place, Accumulating.Accumulator(token: builder.fresh(type), initial: neutral(type, trips: scan.trips)))
    }
    if !sums.isEmpty { builder.openBlock() }
    let index = builder.fresh(.integer, name: "segment")
    let carried = scan.body.parameters.map { builder.fresh(builder.values[$0], name: builder.values.name(of: $0)) }
    builder.openBlock()
    let length = builder.size(cut.length)
    let base = builder.primitive(.multiply, [index, length], name: "start")
    var trips: Value?
    if !cut.isExact || scan.trips != nil {
      let left = builder.primitive(.subtract, [scan.trips ?? builder.size(scan.axis.size), base])
      trips = builder.primitive(.maximum, [builder.integer(0), builder.primitive(.minimum, [length, left])], name: "steps")
    }
    return Segment(index: index, base: base, trips: trips, carried: carried, sums: sums)
  }

  /// Appends the loop over segments; gives what it stacks beyond what it carries.
  private mutating func end(_ scan: Scan, _ statement: Statement, _ cut: Cut, _ segment: Segment, _ body: Block) -> [Value] {
    let finals = Array(statement.results.prefix(scan.initial.count))
    let starts = body.results.dropFirst(finals.count).map { value -> Value in
      let type = builder.values[value]
      return builder.fresh(ValueType(type.element, [cut.count] + type.shape), name: builder.values.name(of: value).map { $0 + "Starts" })
    }
    let loop = Operation.scan(
      Scan(axis: Axis(index: segment.index, size: cut.count), down: scan.down, initial: scan.initial, body: body))
    if segment.sums.isEmpty {
      builder.append(Statement(results: finals + starts, operation: loop, notes: statement.notes))
      return starts
    }
    let inner = builder.emit(loop)
    let scope = Accumulating(accumulators: segment.sums.map(\.accumulator), body: builder.closeBlock(results: inner))
    builder.append(
      Statement(
        results: finals + starts + segment.sums.map { statement.results[$0.place] }, operation: .accumulating(scope), notes: statement.notes
      ))
    return starts
  }

  /// The steps of one segment of the loop. `rows` stand for whole histories of other loops; `keeping` says which of its own rows are stacked.
  /// Gives what is carried out, then the stacks.
  private mutating func steps(
    _ scan: Scan, _ cut: Cut, _ segment: Segment, from carried: [Value], rows: [Value: Value] = [:], keeping kept: [Int] = [],
    sums: [(place: Int, accumulator: Accumulating.Accumulator)] = []
  ) -> [Value] {
    let names = scan.body.parameters.map { builder.values.name(of: $0) }
    let stackNames = kept.map { builder.values.name(of: scan.body.results[$0]).map { $0 + "History" } }
    let place = builder.fresh(.integer)
    let body = scan.body.reading(Set(rows.keys), at: scan.axis.index, insteadAt: place)
    return builder.scan(
      cut.length, indexName: "step", down: scan.down, trips: segment.trips, initial: carried, carryNames: names, names: names + stackNames
    ) { builder, step, carried in
      var replacement = rows
      replacement[place] = step
      let index = builder.primitive(.add, [segment.base, step], name: builder.values.name(of: scan.axis.index))
      replacement[scan.axis.index] = index
      let results = builder.inline(body, carried, replacing: &replacement)
      for sum in sums { builder.accumulate(into: sum.accumulator.token, [index], results[sum.place]) }
      return results.prefix(carried.count) + kept.map { results[$0] }
    }
  }
}

extension Statement {
  /// The loops in it that run once when it is run.
  fileprivate var scansRunOnce: [Scan] {
    switch operation {
    case .scan(let scan): [scan]
    case .accumulating(let scope): scope.body.statements.flatMap(\.scansRunOnce)
    default: []
    }
  }
}

extension Block {
  /// How often rows of the array are read whose first index is `index`.
  fileprivate func reads(of array: Value, at index: Value) -> Int {
    statements.reduce(0) { count, statement in
      if case .read(array, let indices) = statement.operation, indices.first == index { return count + 1 }
      return statement.operation.emittedBlocks.reduce(count) { $0 + $1.reads(of: array, at: index) }
    }
  }

  /// With another first index in the reads of the arrays.
  fileprivate func reading(_ arrays: Set<Value>, at index: Value, insteadAt place: Value) -> Block {
    if arrays.isEmpty { return self }
    var result = self
    result.statements = statements.map { statement in
      var statement = statement
      if case .read(let array, let indices) = statement.operation, arrays.contains(array), indices.first == index {
        statement.operation = .read(array, [place] + indices.dropFirst())
      } else {
        statement.operation = statement.operation.mapBlocks { $0.reading(arrays, at: index, insteadAt: place) }
      }
      return statement
    }
    return result
  }
}
