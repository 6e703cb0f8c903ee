import ModelDSL

/// Moves what a loop computes the same in every step out of it; what depends on inner indices only, and is costly, becomes an array before
/// the loop.
///
/// `map [i] { sigmoid(membrane[i]) … }` within a `scan` is split: the sigmoids are computed once, before the scan. Nothing partial leaves a
/// branch that may not be taken, and no read that is in bounds only because a loop runs leaves that loop. A value ruled by cotangent stays
/// where it is: its rule need not be linear, so once for the sum is not the same as the sum of each.
public func hoistLoopInvariants(_ procedure: Procedure) -> Procedure {
  var hoisting = Hoisting(values: procedure.values, integers: KnownIntegers(procedure))
  var result = procedure
  result.body = hoisting.hoisted(procedure.body)
  result.values = hoisting.values
  return result
}

private struct Hoisting {
  var values: ValueTable
  var integers: KnownIntegers

  mutating func hoisted(_ block: Block) -> Block {
    var statements: [Statement] = []
    for statement in block.statements { hoist(statement, to: &statements) }
    return Block(parameters: block.parameters, statements: statements, results: block.results)
  }

  /// Appends the statement, and before it what leaves its loop.
  private mutating func hoist(_ statement: Statement, to output: inout [Statement]) {
    var rest = statement
    if statement.operation.isIteration {
      var extraction = Extraction(loop: statement, values: values, integers: integers)
      let before = extraction.run()
      values = extraction.values
      integers = extraction.integers
      rest = extraction.loop
      for statement in before { hoist(statement, to: &output) }
    }
    output.append(rest.mapBlocks { hoisted($0) })
  }
}

extension Operation {
  /// Whether a block of it may run several times, or (an accumulating scope) is around statements that need not be there.
  fileprivate var isIteration: Bool {
    switch self {
    case .map, .reduce, .scan, .whileLoop, .accumulating: true
    default: false
    }
  }
}

/// What integers are known to be without running anything.
private struct KnownIntegers {
  /// Values, and arrays of values, that lie in `0 ..< size`: indices of axes, and inputs that are checked at entry.
  var bounds: [Value: Size] = [:]
  var constants: [Value: Int] = [:]

  init(_ procedure: Procedure) {
    for input in procedure.inputs { bounds[input.value] = input.indexBound }
    collect(procedure.body)
  }

  private mutating func collect(_ block: Block) {
    for statement in block.statements {
      switch statement.operation {
      case .constant(.integer(let number)): constants[statement.results[0]] = number
      case .read(let array, _): bounds[statement.results[0]] = bounds[array]
      case .map(let map): collect(map.axes)
      case .reduce(let reduce): collect(reduce.axes)
      case .scan(let scan): collect([scan.axis])
      case .constant, .size, .primitive, .pack, .whileLoop, .branch, .update, .accumulating, .accumulate, .ruled: break
      }
      for block in statement.operation.blocks { collect(block) }
    }
  }

  mutating func collect(_ axes: [Axis]) {
    for axis in axes { bounds[axis.index] = axis.size }
  }

  func isWithin(_ index: Value, _ extent: Size) -> Bool {
    if bounds[index] == extent { return true }
    guard let number = constants[index], let extent = extent.constant else { return false }
    return (0..<extent).contains(number)
  }
}

/// Takes out of one loop what does not change in it.
private struct Extraction {
  /// A statement that could be computed before the loop, were it for the indices of the axes `depends` on.
  struct Candidate {
    var statement: Statement
    var depends: [Value]
    var operands: Set<Value>
    /// Whether it or what it needs for the same indices is costly.
    var isCostly: Bool
    var stays = false
    var isNeededOutside = false
    /// Results that become arrays before the loop.
    var exported: [Value] = []
  }

  var loop: Statement
  var values: ValueTable
  private(set) var integers: KnownIntegers

  private var variant: Set<Value> = []
  /// Axes of the loops between the loop and the place, whose indices a candidate may depend on; in order.
  private var path: [Value] = []
  private var sizes: [Value: Size] = [:]
  private var isOfMap: [Value: Bool] = [:]
  private var ownAxes: Set<Value> = []
  private var candidates: [Candidate] = []
  private var owner: [Value: Int] = [:]
  private var usedInside: Set<Value> = []

  init(loop: Statement, values: ValueTable, integers: KnownIntegers) {
    self.loop = loop
    self.values = values
    self.integers = integers
  }

  /// What goes before the loop; `loop` is then without it.
  mutating func run() -> [Statement] {
    enter(loop, isCertain: true, isGuarded: false, isOutermost: true)
    decide()
    let before = emitted()
    if !before.isEmpty || candidates.contains(where: { !$0.exported.isEmpty }) {
      loop.operation = loop.operation.mapBlocks { remaining($0) }
    }
    return before
  }

  // MARK: Finding candidates

  /// Walks the nested blocks of a statement that stays. `isCertain`: it runs whenever the loop is reached; `isGuarded`: only under a
  /// condition.
  private mutating func enter(_ statement: Statement, isCertain: Bool, isGuarded: Bool, isOutermost: Bool = false) {
    func runs(_ axes: [Axis]) -> Bool { isCertain && axes.allSatisfy { ($0.size.constant ?? 0) > 0 } }
    switch statement.operation {
    case .constant, .size, .primitive, .read, .pack, .update, .accumulate: break
    case .map(let map):
      let depth = open(map.axes, isMap: true, isOutermost)
      walk(map.body, isCertain: runs(map.axes), isGuarded: isGuarded)
      path.removeLast(depth)
    case .reduce(let reduce):
      let depth = open(reduce.axes, isMap: false, isOutermost)
      if let condition = reduce.condition { walk(condition, isCertain: runs(reduce.axes), isGuarded: isGuarded) }
      let hasCondition = reduce.condition != nil
      walk(reduce.body, isCertain: runs(reduce.axes) && !hasCondition, isGuarded: isGuarded || hasCondition)
      path.removeLast(depth)
    case .scan(let scan):
      let depth = open([scan.axis], isMap: false, isOutermost)
      variant.formUnion(scan.body.parameters)
      walk(scan.body, isCertain: runs([scan.axis]) && scan.trips == nil, isGuarded: isGuarded)
      path.removeLast(depth)
    case .whileLoop(let loop):
      variant.formUnion(loop.condition.parameters + loop.body.parameters)
      walk(loop.condition, isCertain: isCertain, isGuarded: isGuarded)
      walk(loop.body, isCertain: false, isGuarded: true)
    case .branch(_, let then, let otherwise):
      walk(then, isCertain: false, isGuarded: true)
      walk(otherwise, isCertain: false, isGuarded: true)
    case .accumulating(let scope):
      variant.formUnion(scope.accumulators.map(\.token))
      // A scope is no loop: of its nested loops nothing is to be gained.
      walk(scope.body, isCertain: isCertain, isGuarded: isGuarded, entering: !isOutermost)
    case .ruled(_, let rules):
      for rule in rules { use(rule.block.freeValues) }
    }
  }

  /// Enters axes; says how many indices a candidate may depend on. Those of the loop itself count where there are several: what depends on
  /// some of them is the same for all of the others.
  private mutating func open(_ axes: [Axis], isMap: Bool, _ isOutermost: Bool) -> Int {
    for axis in axes {
      sizes[axis.index] = axis.size
      isOfMap[axis.index] = isMap
    }
    if isOutermost {
      if axes.count == 1 {
        variant.insert(axes[0].index)
        return 0
      }
      ownAxes = Set(axes.map(\.index))
    }
    path += axes.map(\.index)
    return axes.count
  }

  private mutating func use(_ used: some Sequence<Value>) {
    for value in used where owner[value] != nil { usedInside.insert(value) }
  }

  private mutating func walk(_ block: Block, isCertain: Bool, isGuarded: Bool, entering: Bool = true) {
    for statement in block.statements {
      let free = statement.freeValues
      if let candidate = candidate(statement, free, isCertain: isCertain, isGuarded: isGuarded) {
        for result in statement.results { owner[result] = candidates.count }
        candidates.append(candidate)
      } else {
        variant.formUnion(statement.results)
        use(entering ? Set(statement.operation.operands) : free)
        if entering { enter(statement, isCertain: isCertain, isGuarded: isGuarded) }
      }
    }
    use(block.results)
  }

  private func candidate(_ statement: Statement, _ free: Set<Value>, isCertain: Bool, isGuarded: Bool) -> Candidate? {
    if statement.results.isEmpty || !variant.isDisjoint(with: free) { return nil }
    if statement.mayFail || statement.accumulatesOutside || !isSafe(statement, isCertain: isCertain, isGuarded: isGuarded) { return nil }
    var indices: Set<Value> = []
    var isCostly = statement.operation.isCostly
    for value in free {
      if let place = owner[value] {
        indices.formUnion(candidates[place].depends)
        if candidates[place].isCostly && !candidates[place].depends.isEmpty { isCostly = true }
      } else if sizes[value] != nil {
        indices.insert(value)
      }
    }
    if !ownAxes.isEmpty && ownAxes.isSubset(of: indices) { return nil }
    return Candidate(statement: statement, depends: path.filter(indices.contains), operands: free, isCostly: isCostly)
  }

  /// Whether it may run where it would not have run otherwise.
  private func isSafe(_ statement: Statement, isCertain: Bool, isGuarded: Bool) -> Bool {
    if isCertain && !isGuarded { return statement.operation.mayMove }
    return isSafe(statement, totalOnly: isGuarded)
  }

  private func isSafe(_ statement: Statement, totalOnly: Bool) -> Bool {
    switch statement.operation {
    case .primitive(let primitive, _):
      if totalOnly && !primitive.isTotal { return false }
      return primitive != .quotient && primitive != .modulo && primitive != .integerFromReal
    case .read(let array, let indices), .update(let array, let indices, _):
      return zip(indices, values[array].shape).allSatisfy { integers.isWithin($0, $1) }
    case .ruled: if !statement.operation.mayMove { return false }
    case .constant, .size, .pack, .map, .reduce, .scan, .branch, .whileLoop, .accumulating, .accumulate: break
    }
    for block in statement.operation.blocks {
      for statement in block.statements where !isSafe(statement, totalOnly: totalOnly) { return false }
    }
    return true
  }

  // MARK: Deciding

  private mutating func decide() {
    var neededInside = usedInside
    for place in candidates.indices.reversed() {
      let candidate = candidates[place]
      let inside = candidate.statement.results.filter(neededInside.contains)
      if !inside.isEmpty {
        if isWorthMoving(candidate) {
          candidates[place].exported = inside + candidate.exported.filter { !inside.contains($0) }
          candidates[place].isNeededOutside = true
        } else {
          candidates[place].stays = true
          for operand in candidate.operands where owner[operand] != nil { neededInside.insert(operand) }
        }
      }
      guard candidates[place].isNeededOutside else { continue }
      for operand in candidate.operands.sorted() {
        guard let source = owner[operand] else { continue }
        let other = candidates[source]
        candidates[source].isNeededOutside = true
        // Of other indices and costly: an array of its own. All else is computed with what needs it.
        let isApart = !other.depends.isEmpty && other.depends != candidate.depends && other.isCostly
        if isApart && !other.exported.contains(operand) { candidates[source].exported.append(operand) }
      }
    }
  }

  private func isWorthMoving(_ candidate: Candidate) -> Bool {
    if candidate.depends.isEmpty { return !candidate.statement.operation.isTrivial }
    guard candidate.isCostly, isSmall(candidate) else { return false }
    // Arithmetic on what is read from memory anyway is done again.
    if case .primitive(let primitive, let operands) = candidate.statement.operation, primitive.isCheap {
      return operands.contains { operand in
        guard let source = owner[operand] else { return false }
        return candidates[source].isCostly && !usedInside.contains(operand)
      }
    }
    if candidate.statement.operation.isTrivial { return false }
    return true
  }

  /// Whether the array that it would become is no larger than what is there anyway.
  private func isSmall(_ candidate: Candidate) -> Bool {
    candidate.depends.allSatisfy { isOfMap[$0] == true } || readsAll(Set(candidate.depends), candidate)
  }

  private func readsAll(_ indices: Set<Value>, _ candidate: Candidate) -> Bool {
    if case .read(_, let places) = candidate.statement.operation, indices.isSubset(of: places) { return true }
    return candidate.operands.contains { operand in
      guard let source = owner[operand], indices.isSubset(of: candidates[source].depends) else { return false }
      return readsAll(indices, candidates[source])
    }
  }

  // MARK: Emitting

  /// Where a value that depends on indices is found outside: the array, and the indices that it is read at.
  private var arrays: [Value: Value] = [:]
  /// Copies, outside, of what stays inside as well.
  private var copies: [Value: Value] = [:]

  private mutating func emitted() -> [Statement] {
    var builder = Builder(values: values)
    for candidate in candidates where candidate.depends.isEmpty && candidate.isNeededOutside {
      if candidate.stays {
        builder.copy(candidate.statement, replacing: &copies)
      } else {
        builder.append(Block(statements: [candidate.statement]).substituting(copies).statements[0])
      }
    }
    var groups: [[Value]: [Int]] = [:]
    var order: [[Value]] = []
    for (place, candidate) in candidates.enumerated() where !candidate.depends.isEmpty && !candidate.exported.isEmpty {
      if groups[candidate.depends] == nil { order.append(candidate.depends) }
      groups[candidate.depends, default: []].append(place)
    }
    for depends in order.enumerated().sorted(by: { ($0.element.count, $0.offset) < ($1.element.count, $1.offset) }).map(\.element) {
      emit(groups[depends]!, depends, &builder)
    }
    values = builder.values
    return builder.takeStatements()
  }

  private mutating func emit(_ group: [Int], _ depends: [Value], _ builder: inout Builder) {
    var names = copies
    let exported = group.flatMap { candidates[$0].exported }
    builder.notes = candidates[group[0]].statement.notes
    let indexNames = depends.map { builder.values.name(of: $0) }
    let resultNames = exported.map { builder.values.name(of: $0) }
    let stacked = builder.map(depends.map { sizes[$0]! }, indexNames: indexNames, names: resultNames) { builder, indices in
      for (index, new) in zip(depends, indices) {
        names[index] = new
        integers.bounds[new] = sizes[index]
      }
      for place in group { compute(place, depends, &names, &builder) }
      return exported.map { names[$0]! }
    }
    for (value, array) in zip(exported, stacked) { arrays[value] = array }
  }

  /// Emits a copy of a candidate, and first of what it needs.
  private func compute(_ place: Int, _ depends: [Value], _ names: inout [Value: Value], _ builder: inout Builder) {
    let candidate = candidates[place]
    if names[candidate.statement.results[0]] != nil { return }
    for operand in candidate.operands.sorted() where names[operand] == nil {
      guard let source = owner[operand], !candidates[source].depends.isEmpty else { continue }
      if candidates[source].depends != depends, let array = arrays[operand] {
        names[operand] = builder.read(array, candidates[source].depends.map { names[$0]! })
      } else {
        compute(source, depends, &names, &builder)
      }
    }
    builder.copy(candidate.statement, replacing: &names)
  }

  // MARK: The loop without what has left

  private func remaining(_ block: Block) -> Block {
    var statements: [Statement] = []
    for statement in block.statements {
      guard let place = statement.results.first.flatMap({ owner[$0] }) else {
        statements.append(statement.mapBlocks(remaining))
        continue
      }
      let candidate = candidates[place]
      if candidate.stays {
        statements.append(statement)
      } else if !candidate.depends.isEmpty {
        for value in candidate.exported {
          statements.append(Statement(results: [value], operation: .read(arrays[value]!, candidate.depends), notes: statement.notes))
        }
      }
    }
    return Block(parameters: block.parameters, statements: statements, results: block.results)
  }
}

extension Operation {
  /// Whether it is the same before the loop: a value ruled by cotangent is not, as its rule sees each cotangent by itself.
  var mayMove: Bool {
    if case .ruled(_, let rules) = self, rules.contains(where: { $0.kind == .cotangent }) { return false }
    return blocks.allSatisfy { $0.statements.allSatisfy(\.operation.mayMove) }
  }
}
