import ModelDSL

/// Finds the numbers whose derivative only sides of branches want, and whose slope may be infinite: where none of these sides is taken, the zero
/// that comes back meets an infinity, and their product would be NaN.
///
/// `sinkIntoBranches` moves what one side wants into that side. What is left for this are values that several branches use, and
/// elements of arrays.
struct ConditionalDemand {
  /// Results of primitives, at any depth of the block.
  private(set) var guarded: Set<Value> = []
  private var infinite: Set<Value> = []
  /// Divisors that make nothing infinite: constants, and sizes, which are 0 only where there is nothing to divide.
  private var counts: Set<Value> = []
  private var branches = 0

  static func guarded(in block: Block) -> Set<Value> {
    var demand = ConditionalDemand()
    demand.markInfinite(block)
    var outer: [Value: Demand] = [:]
    demand.visit(block, block.results.map { _ in .always }, &outer)
    return demand.guarded
  }

  /// One side of one branch.
  private struct Side: Hashable {
    var branch: Int
    var isThen: Bool
  }

  /// When a value's derivative is wanted.
  private enum Demand {
    case never
    case inside(Set<Side>)
    case always

    mutating func add(_ other: Demand) {
      switch (self, other) {
      case (_, .never), (.always, _): break
      case (.never, _), (_, .always): self = other
      case (.inside(let a), .inside(let b)):
        let all = a.union(b)
        let isEitherWay = all.contains { $0.isThen && all.contains(Side(branch: $0.branch, isThen: false)) }
        self = isEitherWay ? .always : .inside(all)
      }
    }
  }

  // MARK: Infinities

  /// Collects what may be infinite, or has an infinite slope somewhere on the way to it.
  private mutating func markInfinite(_ block: Block) {
    for statement in block.statements {
      let operation = statement.operation
      var isInfinite = operation.operands.contains(where: infinite.contains)
      if isCount(operation) { counts.insert(statement.results[0]) }
      if case .primitive(let primitive, let operands) = operation { isInfinite = isInfinite || mayBeInfinite(primitive, operands) }
      for inner in operation.blocks {
        if isInfinite { infinite.formUnion(inner.parameters) }
        markInfinite(inner)
        if !isInfinite, inner.results.contains(where: infinite.contains) {
          isInfinite = true
          if inner.parameters.isEmpty { continue }
          // What a loop carries is infinite in the next step.
          infinite.formUnion(inner.parameters)
          markInfinite(inner)
        }
      }
      if isInfinite { infinite.formUnion(statement.results) }
    }
  }

  private func isCount(_ operation: Operation) -> Bool {
    switch operation {
    case .constant(.real(let number)): number != 0
    case .constant(.integer(let number)): number != 0
    case .size: true
    case .primitive(let primitive, let operands): primitive.isConversion && counts.contains(operands[0])
    default: false
    }
  }

  private func mayBeInfinite(_ primitive: Primitive, _ operands: [Value]) -> Bool {
    primitive.mayBeInfinite && !(primitive.divisor.map { counts.contains(operands[$0]) } ?? false)
  }

  // MARK: Demands

  /// Runs backwards. `demands` takes what the block wants of values from outside.
  private mutating func visit(_ block: Block, _ results: [Demand], _ demands: inout [Value: Demand]) {
    func add(_ demand: Demand, to values: some Sequence<Value>) {
      for value in values { demands[value, default: .never].add(demand) }
    }
    for (result, demand) in zip(block.results, results) { add(demand, to: [result]) }
    for statement in block.statements.reversed() {
      let wanted = statement.results.map { demands[$0] ?? .never }
      var own = Demand.never
      for demand in wanted { own.add(demand) }
      let isRun: Demand = if case .never = own, !statement.accumulatesOutside { .never } else { .always }
      switch statement.operation {
      case .constant, .size: break
      case .primitive(let primitive, let operands):
        if case .inside = own, mayBeInfinite(primitive, operands) || operands.contains(where: infinite.contains) {
          guarded.formUnion(statement.results)
        }
        add(own, to: operands)
      case .read(let array, _): add(own, to: [array])
      case .pack(let elements): add(own, to: elements)
      case .update(let array, _, let row): add(own, to: [array, row])
      case .accumulate(_, _, let value): add(.always, to: [value])
      case .ruled(_, let rules): add(own, to: rules.map(\.target))
      case .map(let map): visit(map.body, map.body.results.indices.map { wanted[$0] }, &demands)
      case .reduce(let reduce):
        if reduce.condition == nil {
          visit(reduce.body, reduce.body.results.map { _ in own }, &demands)
        } else {
          visitSides([reduce.body], reduce.body.results.map { _ in own }, isRun: isRun, &demands)
        }
      case .branch(_, let then, let otherwise):
        visitSides([then, otherwise], wanted, isRun: isRun, &demands)
      case .scan(let scan):
        add(isRun, to: scan.initial)
        visit(scan.body, scan.body.results.map { _ in isRun }, &demands)
      case .whileLoop(let loop):
        add(isRun, to: loop.initial)
        visit(loop.body, loop.body.results.map { _ in isRun }, &demands)
      case .accumulating(let scope):
        add(isRun, to: scope.accumulators.compactMap(\.initial))
        visit(scope.body, scope.body.results.map { _ in isRun }, &demands)
      }
    }
  }

  /// What a side wants of values from outside, it wants where it is taken.
  private mutating func visitSides(_ sides: [Block], _ results: [Demand], isRun: Demand, _ demands: inout [Value: Demand]) {
    guard case .always = isRun else { return }
    let branch = branches
    branches += 1
    for (place, side) in sides.enumerated() {
      var inner: [Value: Demand] = [:]
      visit(side, results, &inner)
      for value in side.freeValues {
        if case .never = inner[value, default: .never] { continue }
        demands[value, default: .never].add(.inside([Side(branch: branch, isThen: place == 0)]))
      }
    }
  }
}
