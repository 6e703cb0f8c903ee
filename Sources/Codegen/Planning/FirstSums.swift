import ModelDSL

extension Plan {
  /// The plan without zeros that a kernel would add to: it writes its sums there instead.
  func withFirstSums() -> Plan {
    var plan = self
    var tiles = Set<Local>()
    for step in body { step.visitTiles { tiles.insert($0) } }
    plan.body = Plan.withFirstSums(body, tiles)
    return plan
  }

  private static func withFirstSums(_ steps: [Step], _ tiles: Set<Local>) -> [Step] {
    var steps = steps
    for place in steps.indices {
      guard case .fill(let zeros, let count, .constant(.real(0))) = steps[place] else { continue }
      // The first step after it that has to do with this memory.
      guard let next = steps[(place + 1)...].firstIndex(where: { $0.mentions(zeros.base) }) else { continue }
      if let sum = steps[next].writing(to: zeros, count, tiles) {
        steps[next] = sum
        steps[place] = .notes([])
      }
    }
    return steps.compactMap { step in
      if case .notes(let notes) = step, notes.isEmpty { return nil }
      return step.mapNested { withFirstSums($0, tiles) }
    }
  }
}

extension Plan.Step {
  fileprivate func mentions(_ base: Plan.Base) -> Bool {
    switch base {
    case .local(let local):
      var result = false
      visitReads { if $0 == local { result = true } }
      visitAssigned { if $0 == local { result = true } }
      return result
    case .field(let field):
      // Another field may be the same memory, one after the other in time; not between two steps that use it.
      var result = false
      visitFields { if $0 == field { result = true } }
      return result
    }
  }

  /// The numbers of samples of tiles.
  fileprivate func visitTiles(_ body: (Plan.Local) -> Void) {
    switch self {
    case .loop(let loop): if let samples = loop.samples { body(samples) }
    case .parallel(let region): if let samples = region.samples { body(samples) }
    default: break
    }
    for steps in nested { for step in steps { step.visitTiles(body) } }
  }

  /// A sum over all of so many zeros, as one that does not read them.
  fileprivate func writing(to zeros: Plan.Pointer, _ count: Plan.Expression, _ tiles: Set<Plan.Local>) -> Plan.Step? {
    switch self {
    case .rowSum(var sum)
    where sum.isAdding && sum.c.isSamePlace(as: zeros) && Plan.Expression(sum.columns) == count && (sum.count.constant ?? 0) > 0:
      sum.isAdding = false
      return .rowSum(sum)
    case .product(var product)
    where product.isAdding && product.c.isSamePlace(as: zeros) && product.a.base != zeros.base && product.b.base != zeros.base:
      // Samples that a tile lacks are rows that nobody reads.
      var rows = product.rows.integerConstant
      if case .local(let samples) = product.rows, tiles.contains(samples) { rows = BatchTile.width }
      guard let rows, let columns = product.columns.integerConstant, count.integerConstant == rows * columns,
        rows == 1 || product.cRow == Size(columns)
      else { return nil }
      product.isAdding = false
      return .product(product)
    default: return nil
    }
  }
}

extension Plan.Pointer {
  fileprivate func isSamePlace(as other: Plan.Pointer) -> Bool {
    base == other.base && (offset ?? .integer(0)) == (other.offset ?? .integer(0))
  }
}
