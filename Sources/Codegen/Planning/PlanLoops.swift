import ModelDSL

// Reductions, scans, loops that end by a condition, and the loop over the batch.

extension Planner {
  // MARK: Reductions

  mutating func run(_ reduce: Reduce, _ statement: Statement) {
    let results = statement.results
    if regionAxis(of: statement) != nil { return region(statement) }
    if let product = productSum(reduce) { return bind(results[0], product, name: "product") }
    switch reduce.op {
    case .sum: sum(reduce, results)
    case .product, .max, .min: fold(reduce, results[0])
    case .argmax, .argmin: place(reduce, results)
    }
  }

  /// A sum over one axis of products of two rows.
  private mutating func productSum(_ reduce: Reduce) -> Plan.Expression? {
    let (limits, condition) = limits(of: reduce)
    guard reduce.op == .sum, condition == nil, reduce.axes.count == 1, reduce.body.results.count == 1, reduce.body.statements.count <= 3,
      (reduce.axes[0].size.constant ?? .max) >= 8, let last = reduce.body.statements.last,
      case .primitive(.multiply, let factors) = last.operation, last.results == reduce.body.results, type(factors[0]).element == .real
    else { return nil }
    let index = reduce.axes[0].index
    func row(_ factor: Value) -> Plan.Pointer? {
      for statement in reduce.body.statements.dropLast() where statement.results == [factor] {
        guard case .read(let source, let indices) = statement.operation, indices.last == index, !indices.dropLast().contains(index),
          case .array(let pointer)? = bindings[source], pointer.element == .real
        else { return nil }
        var places: [Plan.Expression] = []
        for place in indices.dropLast() {
          guard case .number(let expression)? = bindings[place] else { return nil }
          places.append(expression)
        }
        return pointer.advanced(by: offset(places, type(source).shape))
      }
      return nil
    }
    guard let first = row(factors[0]), let second = row(factors[1]) else { return nil }
    let (start, end) = range(of: reduce.axes[0], within: limits)
    guard let start else { return .dot(first, second, count: end) }
    return .dot(first.advanced(by: start), second.advanced(by: start), count: .primitive(.subtract, [end, start]))
  }

  /// Where the body counts: everywhere, or where the condition holds.
  private mutating func guarded(_ condition: Block?, _ body: (inout Planner) -> Void) {
    guard let condition else { return body(&self) }
    run(condition)
    let test = number(condition.results[0])
    let inner = collect(body)
    steps.append(.branch(test, inner, []))
  }

  private mutating func sum(_ reduce: Reduce, _ results: [Value]) {
    var locals: [Plan.Local?] = []
    var targets: [Target?] = []
    for result in results {
      let type = type(result)
      if type.isScalar {
        let local = local(.number(type.element), procedure.values.name(of: result) ?? "sum")
        steps.append(.variable(local, zero(type.element)))
        locals.append(local)
        targets.append(nil)
        bindings[result] = .number(.local(local))
      } else {
        let target = place(result)
        if !target.isAdding {
          steps.append(.fill(target.pointer, count: Plan.Expression(type.shape.elementCount), zero(type.element)))
        }
        locals.append(nil)
        targets.append(Target(pointer: target.pointer, isAdding: true))
        bindings[result] = .array(target.pointer)
      }
    }
    let (limits, condition) = limits(of: reduce)
    loops(reduce.axes[...], within: limits) { planner in
      planner.guarded(condition) { planner in
        planner.run(reduce.body, targets: targets)
        for (value, local) in zip(reduce.body.results, locals) {
          if let local { planner.steps.append(.increase(local, planner.number(value))) }
        }
      }
    }
  }

  private mutating func fold(_ reduce: Reduce, _ result: Value) {
    let element = type(result).element
    let primitive: Primitive = reduce.op == .product ? .multiply : reduce.op == .max ? .maximum : .minimum
    let local = local(.number(element), procedure.values.name(of: result) ?? (reduce.op == .product ? "product" : "extreme"))
    steps.append(.variable(local, start(reduce.op, element)))
    let (limits, condition) = limits(of: reduce)
    loops(reduce.axes[...], within: limits) { planner in
      planner.guarded(condition) { planner in
        planner.run(reduce.body)
        let value = planner.number(reduce.body.results[0])
        planner.steps.append(.assign(local, .primitive(primitive, [.local(local), value])))
      }
    }
    bindings[result] = .number(.local(local))
  }

  private func start(_ op: ReduceOperator, _ element: Element) -> Plan.Expression {
    switch (op, element) {
    case (.product, .real): .real(1)
    case (.product, _): .integer(1)
    case (.min, .real), (.argmin, .real): .real(.infinity)
    case (.min, _), (.argmin, _): .integer(.max)
    case (_, .real): .real(-.infinity)
    default: .integer(.min)
    }
  }

  /// The first place of the extreme. NaN counts as more extreme than any number, as it does in `max`.
  private mutating func place(_ reduce: Reduce, _ results: [Value]) {
    let element = type(reduce.body.results[0]).element
    let best = local(.number(element), reduce.op == .argmax ? "greatest" : "least")
    let found = local(.number(.boolean), "isFound")
    steps.append(.variable(best, start(reduce.op, element)))
    steps.append(.variable(found, .constant(.boolean(false))))
    let places = results.map { local(.number(.integer), procedure.values.name(of: $0) ?? "place") }
    for place in places { steps.append(.variable(place, .integer(0))) }
    let (limits, condition) = limits(of: reduce)
    loops(reduce.axes[...], within: limits) { planner in
      planner.guarded(condition) { planner in
        planner.run(reduce.body)
        let value = planner.local(.number(element), "candidate")
        planner.steps.append(.define(value, planner.number(reduce.body.results[0])))
        let isBetter = planner.local(.number(.boolean), "isBetter")
        planner.steps.append(
          .define(isBetter, .primitive(reduce.op == .argmax ? .greater : .less, [.local(value), .local(best)])))
        var test: Plan.Expression = .primitive(.or, [.local(isBetter), .primitive(.not, [.local(found)])])
        if element == .real {
          let isFirstNaN = planner.local(.number(.boolean), "isFirstNaN")
          planner.steps.append(
            .define(
              isFirstNaN,
              .primitive(
                .and,
                [.primitive(.notEqual, [.local(value), .local(value)]), .primitive(.equal, [.local(best), .local(best)])])))
          test = .primitive(.or, [.primitive(.or, [.local(isBetter), .local(isFirstNaN)]), .primitive(.not, [.local(found)])])
        }
        var inner: [Plan.Step] = [.assign(best, .local(value)), .assign(found, .constant(.boolean(true)))]
        for (place, axis) in zip(places, reduce.axes) { inner.append(.assign(place, planner.number(axis.index))) }
        planner.steps.append(.branch(test, inner, []))
      }
    }
    for (result, place) in zip(results, places) { bindings[result] = .number(.local(place)) }
  }

  // MARK: Carried values

  private struct Carry {
    var parameter: Value
    var local: Plan.Local
    /// For an array: its slots, the current and the next.
    var slot: Int?
    var next: (local: Plan.Local, slot: Int, pointer: Plan.Pointer)?
    var pointer: Plan.Pointer?
    /// Stays in place, where the body replaces rows of it.
    var isChain = false
    /// The stacked result that it is the last row of.
    var row: Int?
  }

  private mutating func begin(_ initial: [Value], _ results: [Value], _ block: Block, others: [Block]) -> [Carry] {
    var carries: [Carry] = []
    for (place, (start, parameter)) in zip(initial, block.parameters).enumerated() {
      let type = type(parameter)
      let name = wish(parameter)
      guard !type.isScalar else {
        let local = local(.number(type.element), name)
        steps.append(.variable(local, number(start)))
        bindings[parameter] = .number(.local(local))
        for other in others { bindings[other.parameters[place]] = .number(.local(local)) }
        carries.append(Carry(parameter: parameter, local: local))
        continue
      }
      let isLast = !initial.dropFirst(place + 1).contains(start)
      let pointer: Plan.Pointer
      var slot: Int?
      if isLast, mayOverwrite(start, unreadIn: [block] + others), let own = onlySlot(of: start) {
        pointer = array(start)
        slot = own
      } else {
        let taken = takeSlot(type.element, type.shape.elementCount)
        pointer = memory(name + "Memory", type.element, type.shape.elementCount, slot: taken)
        self.start(pointer, from: start)
        slot = taken
        frame.owned[taken] = [results[place]]
      }
      let local = local(.pointer(type.element, isMutable: true), name)
      bindings[parameter] = .array(Plan.Pointer(.local(local), element: type.element))
      for other in others {
        bindings[other.parameters[place]] = bindings[parameter]
        pinned.insert(other.parameters[place])
      }
      carries.append(Carry(parameter: parameter, local: local, slot: slot, pointer: pointer))
    }
    return carries
  }

  /// The one slot that the value lives in.
  private func onlySlot(of value: Value) -> Int? {
    let slots = frame.owned.filter { $0.value.contains(value) }.map(\.key) + frame.guests.filter { $0.value.contains(value) }.map(\.key)
    return slots.count == 1 ? slots[0] : nil
  }

  /// Notes that `value` lives in a slot.
  private mutating func join(_ value: Value, _ slot: Int) {
    if frame.guests[slot] != nil { frame.guests[slot]!.insert(value) } else { frame.owned[slot, default: []].insert(value) }
  }

  /// Whether `value` is made from `parameter` by replacing rows or adding to it.
  private func isChain(from parameter: Value, to value: Value, in block: Block, _ uses: BlockUses) -> Bool {
    var value = value
    var isChanged = false
    while value != parameter {
      guard let definition = uses.definition[value] else { return false }
      let statement = block.statements[definition]
      let place = statement.results.firstIndex(of: value)!
      switch statement.operation {
      case .update(let source, _, _): value = source
      case .ruled(let source, _): value = source
      case .scan(let scan) where place < scan.initial.count: value = scan.initial[place]
      case .accumulating(let scope) where place >= scope.body.results.count:
        guard let initial = scope.accumulators[place - scope.body.results.count].initial else { return false }
        value = initial
      default: return false
      }
      isChanged = true
    }
    return isChanged
  }

  /// Runs a loop's body and carries over to the next iteration; the stacked results go to `rows`.
  private mutating func iterate(_ carries: inout [Carry], _ block: Block, rows: [Target]) {
    let uses = BlockUses(block)
    let stacked = Array(block.results.dropFirst(carries.count))
    var guests: [Int: Set<Value>] = [:]
    var targets: [Target?] = []
    for place in carries.indices {
      let result = block.results[place]
      let type = type(result)
      guard !type.isScalar, result != carries[place].parameter else {
        if !type.isScalar { pinned.insert(carries[place].parameter) }
        targets.append(nil)
        continue
      }
      carries[place].isChain = isChain(from: carries[place].parameter, to: result, in: block, uses)
      if carries[place].isChain {
        guests[carries[place].slot!, default: []].insert(carries[place].parameter)
      } else {
        pinned.insert(carries[place].parameter)
      }
      if !carries[place].isChain, let row = stacked.firstIndex(of: result), uses.definition[result] != nil {
        carries[place].row = row
        targets.append(nil)
        continue
      }
      let slot = takeSlot(type.element, type.shape.elementCount)
      let name = wish(carries[place].parameter)
      let pointer = memory("next" + name.capitalizedFirst + "Memory", type.element, type.shape.elementCount, slot: slot)
      let local = local(.pointer(type.element, isMutable: true), "next" + name.capitalizedFirst)
      carries[place].next = (local, slot, pointer)
      targets.append(carries[place].isChain ? nil : Target(pointer: Plan.Pointer(.local(local), element: type.element)))
    }
    run(block, targets: targets + zip(stacked, rows).map { type($0).isScalar ? nil : Optional($1) }, guests: guests)
    for (value, row) in zip(stacked, rows) where type(value).isScalar { store(number(value), at: row.pointer, adding: false) }
    carryNumbers(carries, block)
    for place in carries.indices { carryArray(&carries[place], block.results[place], rows) }
  }

  /// All successors are worked out before the first is assigned, where one reads what another replaces.
  private mutating func carryNumbers(_ carries: [Carry], _ block: Block) {
    var assignments: [(local: Plan.Local, value: Plan.Expression)] = []
    for (carry, result) in zip(carries, block.results) where carry.slot == nil {
      let value = number(result)
      if case .local(let local) = value, local == carry.local { continue }
      assignments.append((carry.local, value))
    }
    for place in assignments.indices {
      let earlier = Set(assignments[..<place].map(\.local))
      var isReplaced = false
      assignments[place].value.visit { if earlier.contains($0) { isReplaced = true } }
      guard isReplaced else { continue }
      let saved = local(plan[assignments[place].local].type, "next" + plan[assignments[place].local].name.capitalizedFirst)
      steps.append(.define(saved, assignments[place].value))
      assignments[place].value = .local(saved)
    }
    for assignment in assignments { steps.append(.assign(assignment.local, assignment.value)) }
  }

  private mutating func carryArray(_ carry: inout Carry, _ result: Value, _ rows: [Target]) {
    guard carry.slot != nil, result != carry.parameter else { return }
    if let row = carry.row {
      steps.append(.repoint(carry.local, rows[row].pointer))
      return
    }
    let pointer = array(result)
    guard let next = carry.next else { return }
    if case .local(let local) = pointer.base, local == carry.local, pointer.offset == nil {
      freeSlots.append(next.slot)
      carry.next = nil
      return
    }
    if case .local(let local) = pointer.base, local == next.local, pointer.offset == nil {
    } else {
      steps.append(.copy(from: pointer, to: Plan.Pointer(.local(next.local), element: pointer.element), count: type(result).shape.elementCount))
    }
    steps.append(.swap(carry.local, next.local))
  }

  /// The pointers of the carried arrays, to stand before the loop.
  private func pointers(_ carries: [Carry]) -> [Plan.Step] {
    carries.flatMap { carry -> [Plan.Step] in
      guard let pointer = carry.pointer else { return [] }
      var result: [Plan.Step] = [.pointer(carry.local, pointer, isVariable: carry.next != nil || carry.row != nil)]
      if let next = carry.next { result.append(.pointer(next.local, next.pointer, isVariable: true)) }
      return result
    }
  }

  /// Binds what is left at the end of a loop.
  private mutating func end(_ carries: [Carry], _ results: [Value], stacks: [Value]) {
    for (carry, result) in zip(carries, results) {
      guard let slot = carry.slot else {
        bindings[result] = .number(.local(carry.local))
        continue
      }
      let isInPlace = carry.next == nil && carry.row == nil
      bindings[result] = .array(isInPlace ? carry.pointer! : Plan.Pointer(.local(carry.local), element: type(result).element))
      join(result, slot)
      if let next = carry.next { join(result, next.slot) }
      if let row = carry.row {
        pinned.insert(result)
        alias(result, of: stacks[row])
      }
    }
  }

  private func names(_ block: Block, _ place: Int, _ result: Value) -> String {
    procedure.values.name(of: result) ?? wish(block.results[place]) + "History"
  }

  mutating func run(_ scan: Scan, _ results: [Value]) {
    let stacks = Array(results.dropFirst(scan.initial.count))
    var targets: [Target] = []
    for (place, stack) in stacks.enumerated() {
      let target =
        frame.targets[stack] != nil
        ? self.place(stack) : Target(pointer: allocate(for: stack, name: names(scan.body, scan.initial.count + place, stack)))
      targets.append(target)
      bindings[stack] = .array(target.pointer)
    }
    var count = Plan.Expression(scan.axis.size)
    if let trips = scan.trips {
      // Rows beyond are 0; more trips than the axis has are not made.
      for (stack, target) in zip(stacks, targets) where !facts.isReadWithin(stack, trips, uses: uses[stack] ?? 0) {
        let type = type(stack)
        steps.append(.fill(target.pointer, count: Plan.Expression(type.shape.elementCount), zero(type.element)))
      }
      let local = local(.number(.integer), "trips")
      steps.append(.define(local, .primitive(.minimum, [shared(trips), count])))
      count = .local(local)
    }
    var carries = begin(scan.initial, results, scan.body, others: [])
    let index = local(.number(.integer), procedure.values.name(of: scan.axis.index) ?? "t")
    bindings[scan.axis.index] = .number(.local(index))
    indexRanges[scan.axis.index] = scan.axis.size
    let body = collect { planner in
      let rows = zip(scan.body.results.dropFirst(scan.initial.count), targets).map { value, target in
        let row = Target(
          pointer: target.pointer.advanced(by: .product(.local(index), planner.type(value).shape.elementCount)), isAdding: false)
        return planner.type(value).isScalar ? row : planner.named(row, for: value)
      }
      planner.iterate(&carries, scan.body, rows: rows)
    }
    steps += pointers(carries)
    steps.append(.loop(Plan.Loop(index: index, count: count, isDown: scan.down, body: body)))
    end(carries, results, stacks: stacks)
  }

  mutating func run(_ loop: While, _ results: [Value]) {
    let carried = loop.initial.count
    let stacks = Array(results[carried..<(results.count - 1)])
    var targets: [Target] = []
    for (place, stack) in stacks.enumerated() {
      let pointer = allocate(for: stack, name: names(loop.body, carried + place, stack))
      targets.append(Target(pointer: pointer))
      bindings[stack] = .array(pointer)
      if facts.isReadWithin(stack, results[results.count - 1], uses: uses[stack] ?? 0) { continue }
      steps.append(
        .fill(pointer, count: Plan.Expression(type(stack).shape.elementCount), zero(type(stack).element)))
    }
    var carries = begin(loop.initial, results, loop.body, others: [loop.condition])
    let counter = local(.number(.integer), procedure.values.name(of: results[results.count - 1]) ?? "steps")
    steps.append(.variable(counter, .integer(0)))
    var condition: Plan.Expression = .constant(.boolean(true))
    let test = collect { planner in
      planner.run(loop.condition)
      condition = planner.number(loop.condition.results[0])
    }
    let body = collect { planner in
      let rows = zip(loop.body.results.dropFirst(carried), targets).map { value, target in
        let row = Target(pointer: target.pointer.advanced(by: .product(.local(counter), planner.type(value).shape.elementCount)))
        return planner.type(value).isScalar ? row : planner.named(row, for: value)
      }
      planner.iterate(&carries, loop.body, rows: rows)
    }
    steps += pointers(carries)
    if !plan.loops.contains(loop.name) { plan.loops.append(loop.name) }
    steps.append(
      .bounded(
        Plan.BoundedLoop(
          name: loop.name, counter: counter, bound: loop.bound, conditionSteps: test, condition: condition, body: body)))
    end(carries, results, stacks: stacks)
    bindings[results[results.count - 1]] = .number(.local(counter))
  }

  // MARK: The batch

  /// The batch axis, where the statement is a loop over the batch worth threads.
  func regionAxis(of statement: Statement, onMainLine: Bool? = nil) -> Axis? {
    guard let batch, onMainLine ?? frame.isMainLine, !isInRegion else { return nil }
    switch statement.operation {
    case .map(let map):
      guard map.axes[0].size == Size(batch), map.body.statements.contains(where: \.operation.hasLoop) else { return nil }
      return map.axes[0]
    case .reduce(let reduce):
      guard reduce.op == .sum, reduce.condition == nil, reduce.axes[0].size == Size(batch),
        reduce.body.statements.contains(where: \.operation.hasLoop)
      else { return nil }
      return reduce.axes[0]
    default: return nil
    }
  }

  /// A map or a sum over the batch: threads add into copies of what is summed.
  func tokens(of statement: Statement) -> [Value] { statement.outerTokens.sorted() }

  mutating func region(_ statement: Statement) {
    let axis = regionAxis(of: statement)!
    let results = statement.results
    var sums: [Plan.FieldID] = []
    func field(_ pointer: Plan.Pointer) -> Plan.FieldID {
      guard case .field(let field) = pointer.base, pointer.offset == nil else { preconditionFailure("a sum of the batch without a field") }
      return field
    }
    for token in tokens(of: statement) { sums.append(field(array(token))) }
    let index = local(.number(.integer), procedure.values.name(of: axis.index) ?? "sample")
    bindings[axis.index] = .number(.local(index))
    let body: [Plan.Step]
    switch statement.operation {
    case .map(let map):
      let targets = results.map { place($0) }
      for (result, target) in zip(results, targets) { bindings[result] = .array(target.pointer) }
      isInRegion = true
      body = collect { planner in planner.loops(map.axes.dropFirst()) { $0.mapBody(map, targets) } }
    case .reduce(let reduce):
      let targets = results.map { result in
        let pointer = allocate(for: result)
        let type = type(result)
        steps.append(.fill(pointer, count: Plan.Expression(type.shape.elementCount), zero(type.element)))
        sums.append(field(pointer))
        return Target(pointer: pointer, isAdding: true)
      }
      isInRegion = true
      body = collect { planner in
        planner.loops(reduce.axes.dropFirst()) { planner in
          planner.run(reduce.body, targets: zip(reduce.body.results, targets).map { planner.type($0).isScalar ? nil : Optional($1) })
          for (value, target) in zip(reduce.body.results, targets) where planner.type(value).isScalar {
            planner.steps.append(.add(target.pointer, planner.number(value)))
          }
        }
      }
      for (result, target) in zip(results, targets) { bindings[result] = .array(target.pointer) }
    default: preconditionFailure("only maps and sums are cut into chunks")
    }
    isInRegion = false
    for sum in sums { plan.fields[sum.index].isSummed = true }
    var failed: Plan.FieldID?
    if statement.mayFail {
      let slot = takeSlot(.boolean, Size(Kernel.chunks))
      failed = field(memory("failed", .boolean, Size(Kernel.chunks), slot: slot))
      freeSlots.append(slot)
    }
    steps.append(
      .parallel(
        Plan.Region(index: index, body: body, sums: sums, batch: batch!, mayFail: statement.mayFail, failed: failed)))
    if case .reduce = statement.operation {
      for result in results where type(result).isScalar {
        define(result, .load(array(result)), name: wish(result))
      }
    }
  }
}

extension String {
  var capitalizedFirst: String { isEmpty ? self : prefix(1).uppercased() + dropFirst() }
}
