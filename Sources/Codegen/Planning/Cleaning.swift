import ModelDSL

extension Plan {
  /// The plan without locals that nobody reads, loops that do nothing, and memory that nothing mentions.
  func cleaned() -> Plan {
    var plan = self
    while true {
      var reads = Set<Local>()
      for step in plan.body { step.visitReads { reads.insert($0) } }
      for case .number(let expression, _) in plan.results { expression.visit { reads.insert($0) } }
      var isChanged = false
      plan.body = Step.pruned(plan.body, reads, &isChanged)
      if !isChanged { break }
    }
    var assigned = Set<Local>()
    for step in plan.body { step.visitAssigned { assigned.insert($0) } }
    plan.body = plan.body.map { $0.withConstants(assigned) }
    plan.dropUnusedMemory()
    var mentioned: Set<SizeSymbol> = []
    for slot in plan.slots { mentioned.formUnion(slot.count.symbols) }
    for step in plan.body { step.visitSizes { mentioned.formUnion($0.symbols) } }
    for case .number(let expression, _) in plan.results { expression.visitSizes { mentioned.formUnion($0.symbols) } }
    plan.roots = plan.roots.filter { mentioned.contains($0.symbol) }
    for root in plan.roots { mentioned.formUnion(root.radicand.symbols) }
    plan.sizes = plan.sizes.filter(mentioned.contains)
    return plan
  }

  private mutating func dropUnusedMemory() {
    var used = Set<Int>()
    for step in body { step.visitFields { used.insert($0.index) } }
    for case .array(let field) in results { used.insert(field.index) }
    for case .number(let expression, _) in results { expression.visitFields { used.insert($0.index) } }
    var kept: [Slot] = []
    var renumbered: [Int: Int] = [:]
    for index in fields.indices {
      guard let slot = fields[index].slot else { continue }
      guard used.contains(index) else {
        fields[index].slot = nil
        continue
      }
      if renumbered[slot] == nil {
        renumbered[slot] = kept.count
        kept.append(slots[slot])
      }
      fields[index].slot = renumbered[slot]
    }
    slots = kept
  }
}

extension Plan.Step {
  /// The expressions and pointers of the step itself.
  func visitOwn(expression: (Plan.Expression) -> Void, pointer: (Plan.Pointer) -> Void) {
    switch self {
    case .notes, .declare, .swap, .parallel, .call: break
    case .define(_, let value), .variable(_, let value), .assign(_, let value), .increase(_, let value): expression(value)
    case .pointer(_, let place, _), .repoint(_, let place): pointer(place)
    case .store(let place, let value), .add(let place, let value):
      pointer(place)
      expression(value)
    case .scatter(let value, let lane, let place, _):
      // The lane is the step's own.
      expression(.gather(.load(place), lane: lane, lanes: 0))
      expression(value)
    case .fill(let place, let count, let value):
      pointer(place)
      expression(count)
      expression(value)
    case .copy(let from, let to, _):
      pointer(from)
      pointer(to)
    case .product(let product):
      for place in [product.a, product.b, product.c] { pointer(place) }
      for count in [product.rows, product.columns, product.terms] { expression(count) }
    case .rowProduct(let product):
      for place in [product.a, product.b, product.c] { pointer(place) }
      for count in [product.rows, product.terms] { expression(count) }
    case .rowSum(let sum): for place in [sum.spikes, sum.b, sum.c] { pointer(place) }
    case .loop(let loop):
      if let start = loop.start { expression(start) }
      if let spikes = loop.spikes { pointer(spikes.array) }
      expression(loop.count)
    case .bounded(let loop):
      expression(loop.condition)
      expression(.local(loop.counter))
    case .branch(let test, _, _): expression(test)
    }
  }

  var nested: [[Plan.Step]] {
    switch self {
    case .loop(let loop): [loop.body]
    case .bounded(let loop): [loop.conditionSteps, loop.body]
    case .branch(_, let then, let otherwise): [then, otherwise]
    case .parallel(let region): [region.body]
    case .call(let part): [part.body]
    default: []
    }
  }

  func visitReads(_ body: (Plan.Local) -> Void) {
    visitOwn(expression: { $0.visit(body) }, pointer: { $0.visit(body) })
    for steps in nested { for step in steps { step.visitReads(body) } }
  }

  func visitAssigned(_ body: (Plan.Local) -> Void) {
    switch self {
    case .assign(let local, _), .increase(let local, _), .repoint(let local, _): body(local)
    case .swap(let a, let b):
      body(a)
      body(b)
    case .bounded(let loop): body(loop.counter)
    default: break
    }
    for steps in nested { for step in steps { step.visitAssigned(body) } }
  }

  func visitFields(_ body: (Plan.FieldID) -> Void) {
    visitOwn(expression: { $0.visitFields(body) }, pointer: { $0.visitFields(body) })
    if case .parallel(let region) = self { for field in region.sums + (region.failed.map { [$0] } ?? []) { body(field) } }
    for steps in nested { for step in steps { step.visitFields(body) } }
  }

  func visitSizes(_ body: (Size) -> Void) {
    visitOwn(expression: { $0.visitSizes(body) }, pointer: { $0.offset?.visitSizes(body) })
    switch self {
    case .copy(_, _, let count): body(count)
    case .product(let p): for size in [p.aRow, p.aTerm, p.bTerm, p.cRow] { body(size) }
    case .rowSum(let sum): for size in [sum.count, sum.bRow, sum.columns] { body(size) }
    case .rowProduct(let p): for size in [p.bRow, p.cStep] { body(size) }
    case .bounded(let loop): body(loop.bound)
    case .parallel(let region): body(Size(region.batch))
    default: break
    }
    for steps in nested { for step in steps { step.visitSizes(body) } }
  }

  /// Changed into its kind of `let` where nothing is assigned to it.
  func withConstants(_ assigned: Set<Plan.Local>) -> Plan.Step {
    switch self {
    case .variable(let local, let value) where !assigned.contains(local): .define(local, value)
    case .pointer(let local, let place, true) where !assigned.contains(local): .pointer(local, place, isVariable: false)
    default: mapNested { $0.map { $0.withConstants(assigned) } }
    }
  }

  func mapNested(_ transform: ([Plan.Step]) -> [Plan.Step]) -> Plan.Step {
    switch self {
    case .loop(var loop):
      loop.body = transform(loop.body)
      return .loop(loop)
    case .bounded(var loop):
      loop.conditionSteps = transform(loop.conditionSteps)
      loop.body = transform(loop.body)
      return .bounded(loop)
    case .branch(let test, let then, let otherwise): return .branch(test, transform(then), transform(otherwise))
    case .parallel(var region):
      region.body = transform(region.body)
      return .parallel(region)
    case .call(var part):
      part.body = transform(part.body)
      return .call(part)
    default: return self
    }
  }

  static func pruned(_ steps: [Plan.Step], _ reads: Set<Plan.Local>, _ isChanged: inout Bool) -> [Plan.Step] {
    var kept: [Plan.Step] = []
    kept.reserveCapacity(steps.count)
    for step in steps {
      let isDead: Bool
      switch step {
      case .define(let local, _), .declare(let local), .variable(let local, _), .assign(let local, _), .increase(let local, _),
        .pointer(let local, _, _), .repoint(let local, _):
        isDead = !reads.contains(local)
      case .swap(let a, let b): isDead = !reads.contains(a) && !reads.contains(b)
      default: isDead = false
      }
      if isDead {
        isChanged = true
        continue
      }
      let step = step.mapNested { pruned($0, reads, &isChanged) }
      switch step {
      case .loop(let loop) where loop.body.allSatisfy(\.isNote): isChanged = true
      case .branch(_, let then, let otherwise) where then.allSatisfy(\.isNote) && otherwise.allSatisfy(\.isNote): isChanged = true
      default: kept.append(step)
      }
    }
    return kept
  }

  var isNote: Bool { if case .notes = self { true } else { false } }
}

extension Plan.Expression {
  func visitSizes(_ body: (Size) -> Void) {
    switch self {
    case .constant, .local, .argument: break
    case .size(let size): body(size)
    case .load(let pointer): pointer.offset?.visitSizes(body)
    case .primitive(_, let operands): for operand in operands { operand.visitSizes(body) }
    case .select(let a, let b, let c), .multiplyAdd(let a, let b, let c, _):
      a.visitSizes(body)
      b.visitSizes(body)
      c.visitSizes(body)
    case .dot(let a, let b, let count):
      a.offset?.visitSizes(body)
      b.offset?.visitSizes(body)
      count.visitSizes(body)
    case .vector(let pointer, _): pointer.offset?.visitSizes(body)
    case .splat(let value, _), .gather(let value, _, _), .lane(_, let value), .total(let value, _): value.visitSizes(body)
    }
  }

  func visitFields(_ body: (Plan.FieldID) -> Void) {
    switch self {
    case .constant, .size, .local: break
    case .argument(let field): body(field)
    case .load(let pointer): pointer.visitFields(body)
    case .primitive(_, let operands): for operand in operands { operand.visitFields(body) }
    case .select(let a, let b, let c), .multiplyAdd(let a, let b, let c, _):
      a.visitFields(body)
      b.visitFields(body)
      c.visitFields(body)
    case .dot(let a, let b, let count):
      a.visitFields(body)
      b.visitFields(body)
      count.visitFields(body)
    case .vector(let pointer, _): pointer.visitFields(body)
    case .splat(let value, _), .gather(let value, _, _), .lane(_, let value), .total(let value, _): value.visitFields(body)
    }
  }
}

extension Plan.Pointer {
  func visitFields(_ body: (Plan.FieldID) -> Void) {
    if case .field(let field) = base { body(field) }
    offset?.visitFields(body)
  }
}
