import ModelDSL

// Loops that carry values from one step to the next.

extension Planner {
  struct Carry {
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
    /// The stacked result whose rows are what each iteration starts from: it lives there, and its successor is written to the next row.
    var history: Int?
  }

  mutating func begin(
    _ initial: [Value], _ results: [Value], _ block: Block, others: [Block], histories: [Int: (row: Int, stack: Value)] = [:]
  ) -> [Carry] {
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
      if let (row, stack) = histories[place] {
        self.start(array(stack), from: start)
        carries.append(
          Carry(
            parameter: parameter, local: local(.pointer(type.element, isMutable: true), name), slot: onlySlot(of: stack), history: row))
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
  func onlySlot(of value: Value) -> Int? {
    let slots = frame.owned.filter { $0.value.contains(value) }.map(\.key) + frame.guests.filter { $0.value.contains(value) }.map(\.key)
    return slots.count == 1 ? slots[0] : nil
  }

  /// Notes that `value` lives in a slot.
  mutating func join(_ value: Value, _ slot: Int) {
    if frame.guests[slot] != nil { frame.guests[slot]!.insert(value) } else { frame.owned[slot, default: []].insert(value) }
  }

  /// Whether `value` is made from `parameter` by replacing rows or adding to it.
  func isChain(from parameter: Value, to value: Value, in block: Block, _ uses: BlockUses) -> Bool {
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
  mutating func iterate(_ carries: inout [Carry], _ block: Block, rows: [Target]) {
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
      if let row = carries[place].history {
        bindings[carries[place].parameter] = .array(rows[row].pointer)
        pinned.insert(carries[place].parameter)
        targets.append(named(Target(pointer: rows[row].pointer.advanced(by: Plan.Expression(type.shape.elementCount))), for: result))
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
    let histories = Set(carries.compactMap(\.history))
    run(
      block,
      targets: targets + zip(stacked, rows).enumerated().map { type($1.0).isScalar || histories.contains($0) ? nil : Optional($1.1) },
      guests: guests)
    for (value, row) in zip(stacked, rows) where type(value).isScalar { store(number(value), at: row.pointer, adding: false) }
    carryNumbers(carries, block)
    for place in carries.indices { carryArray(&carries[place], block.results[place], rows) }
  }

  /// All successors are worked out before the first is assigned, where one reads what another replaces.
  mutating func carryNumbers(_ carries: [Carry], _ block: Block) {
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

  mutating func carryArray(_ carry: inout Carry, _ result: Value, _ rows: [Target]) {
    guard carry.slot != nil, carry.history == nil, result != carry.parameter else { return }
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
      steps.append(
        .copy(from: pointer, to: Plan.Pointer(.local(next.local), element: pointer.element), count: type(result).shape.elementCount))
    }
    steps.append(.swap(carry.local, next.local))
  }

  /// The pointers of the carried arrays, to stand before the loop.
  func pointers(_ carries: [Carry]) -> [Plan.Step] {
    carries.flatMap { carry -> [Plan.Step] in
      guard let pointer = carry.pointer else { return [] }
      var result: [Plan.Step] = [.pointer(carry.local, pointer, isVariable: carry.next != nil || carry.row != nil)]
      if let next = carry.next { result.append(.pointer(next.local, next.pointer, isVariable: true)) }
      return result
    }
  }

  /// Binds what is left at the end of a loop.
  mutating func end(_ carries: [Carry], _ results: [Value], stacks: [Value]) {
    for (carry, result) in zip(carries, results) {
      guard let slot = carry.slot else {
        bindings[result] = .number(.local(carry.local))
        continue
      }
      let isInPlace = carry.next == nil && carry.row == nil && carry.history == nil
      bindings[result] = .array(isInPlace ? carry.pointer! : Plan.Pointer(.local(carry.local), element: type(result).element))
      join(result, slot)
      if let next = carry.next { join(result, next.slot) }
      if let row = carry.row {
        pinned.insert(result)
        alias(result, of: stacks[row])
      }
    }
  }

  /// Carried arrays whose values at the start of each iteration are stacked, by place: with one more row, the stack is where they live.
  private func histories(_ scan: Scan, _ stacks: [Value]) -> [Int: (row: Int, stack: Value)] {
    if scan.down { return [:] }
    let uses = BlockUses(scan.body)
    var result: [Int: (row: Int, stack: Value)] = [:]
    for (place, parameter) in scan.body.parameters.enumerated() where !type(parameter).isScalar {
      let next = scan.body.results[place]
      guard let row = scan.body.results.dropFirst(scan.initial.count).firstIndex(of: parameter).map({ $0 - scan.initial.count }),
        frame.targets[stacks[row]] == nil, next != parameter, !isChain(from: parameter, to: next, in: scan.body, uses)
      else { continue }
      result[place] = (row, stacks[row])
    }
    return result
  }

  func names(_ block: Block, _ place: Int, _ result: Value) -> String {
    procedure.values.name(of: result) ?? wish(block.results[place]) + "History"
  }

  mutating func run(_ scan: Scan, _ results: [Value]) {
    let stacks = Array(results.dropFirst(scan.initial.count))
    let histories = histories(scan, stacks)
    var targets: [Target] = []
    for (place, stack) in stacks.enumerated() {
      let isHistory = histories.values.contains { $0.row == place }
      let target =
        frame.targets[stack] != nil
        ? self.place(stack)
        : Target(
          pointer: allocate(for: stack, name: names(scan.body, scan.initial.count + place, stack), rows: isHistory ? 1 : 0))
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
    var carries = begin(scan.initial, results, scan.body, others: [], histories: histories)
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
    for (place, history) in histories {
      let row = Plan.Expression.product(count, type(results[place]).shape.elementCount)
      bindings[results[place]] = .array(array(history.stack).advanced(by: row))
    }
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
}

extension String {
  var capitalizedFirst: String { isEmpty ? self : prefix(1).uppercased() + dropFirst() }
}
