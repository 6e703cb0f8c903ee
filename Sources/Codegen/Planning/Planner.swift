import ModelDSL

/// Turns a procedure into a plan: statement by statement, each array written where it is wanted.
struct Planner {
  /// Where a block's result is to be written.
  struct Target {
    var pointer: Plan.Pointer
    /// Added to what is there.
    var isAdding = false
  }

  enum Binding {
    case number(Plan.Expression)
    /// An expression to be written where its only use is.
    case pending(Plan.Expression)
    case array(Plan.Pointer)
    /// An array of one number throughout, which needs no memory of its own.
    case filled(Plan.Expression)
    /// An accumulator of a number, in a local.
    case sum(Plan.Local)
  }

  /// One block on its way.
  struct Frame {
    let uses: BlockUses
    var index = 0
    var targets: [Value: Target] = [:]
    /// Those written where they are wanted.
    var reached: Set<Value> = []
    /// Memory slots that belong to the block, each with the values that live in it.
    var owned: [Int: Set<Value>] = [:]
    /// Slots of the loop around, which the block may write over through the values listed.
    var guests: [Int: Set<Value>] = [:]
    var pending: [Value] = []
    /// Statements that another has taken in.
    var skipped: Set<Int> = []
    var isMainLine = false
  }

  let procedure: Procedure
  /// The axis whose iterations may be run by several threads.
  let batch: SizeSymbol?
  /// How that axis is cut into tiles, if it is.
  let tile: BatchTile?
  /// The number of samples of the running tile.
  var samples: Plan.Local?
  var plan: Plan
  var bindings: [Value: Binding] = [:]
  var uses: [Value: Int] = [:]
  let facts: ProcedureFacts
  var frames: [Frame] = []
  var steps: [Plan.Step] = []
  var freeSlots: [Int] = []
  var isInRegion = false
  /// Indices that run over `0 ..< size`.
  var indexRanges: [Value: Size] = [:]
  /// Values whose memory is not to be written over.
  var pinned: Set<Value> = []

  static func plan(_ procedure: Procedure, batch: SizeSymbol? = nil) -> Plan {
    var procedure = isolateContractions(eliminateDeadCode(shareProducts(eliminateDeadCode(procedure))), batch: batch)
    var tile: BatchTile?
    if let (tiled, found) = tileBatch(procedure, batch: batch) {
      procedure = eliminateDeadCode(tiled)
      tile = found
    }
    var planner = Planner(procedure: procedure, batch: batch, tile: tile)
    planner.run()
    return planner.plan.cleaned()
  }

  private init(procedure: Procedure, batch: SizeSymbol?, tile: BatchTile?) {
    self.procedure = procedure
    self.batch = batch
    self.tile = tile
    plan = Plan(name: procedure.name)
    plan.sizes = procedure.sizes
    plan.roots = procedure.roots
    plan.hasThresholds = procedure.body.hasThresholds
    facts = ProcedureFacts(procedure)
    procedure.body.countUses(&uses)
  }

  var frame: Frame {
    get { frames[frames.count - 1] }
    set { frames[frames.count - 1] = newValue }
  }

  func type(_ value: Value) -> ValueType { procedure.values[value] }

  // MARK: The whole

  private mutating func run() {
    plan.mayFail = procedure.body.statements.contains(where: \.mayFail)
    for input in procedure.inputs {
      if let symbol = input.sizeSymbol {
        bindings[input.value] = .number(.size(Size(symbol)))
        plan.inputs.append(nil)
        continue
      }
      let type = type(input.value)
      let field = addField(
        Plan.Field(
          name: input.name, element: type.element, count: type.shape.elementCount, role: type.isScalar ? .argument : .input))
      plan.inputs.append(field)
      bindings[input.value] = type.isScalar ? .number(.argument(field)) : .array(Plan.Pointer(.field(field), element: type.element))
    }
    var targets: [Target?] = []
    var fields: [Plan.FieldID?] = []
    for (place, result) in procedure.body.results.enumerated() {
      let type = type(result)
      if type.isScalar {
        targets.append(nil)
        fields.append(nil)
        continue
      }
      let field = addField(
        Plan.Field(name: procedure.resultNames[place], element: type.element, count: type.shape.elementCount, role: .result))
      targets.append(Target(pointer: Plan.Pointer(.field(field), element: type.element)))
      fields.append(field)
    }
    run(procedure.body, targets: targets, isMainLine: true, isOutermost: true)
    for (result, field) in zip(procedure.body.results, fields) {
      plan.results.append(field.map { .array($0) } ?? .number(number(result), type(result).element))
    }
    plan.body = steps
  }

  /// Emits the block's steps. Array results with a target are there afterwards; numbers are read through `number`.
  mutating func run(
    _ block: Block, targets: [Target?] = [], guests: [Int: Set<Value>] = [:], isMainLine: Bool = false, isOutermost: Bool = false
  ) {
    var new = Frame(uses: BlockUses(block))
    new.isMainLine = isMainLine
    new.guests = guests
    // What fails must not have touched the caller's arrays: they are filled at the end.
    let forwards = !(isOutermost && plan.mayFail)
    var wanted: Set<Int> = []
    for (place, target) in targets.enumerated() {
      guard forwards, let target, let definition = new.uses.definition[block.results[place]], new.targets[block.results[place]] == nil,
        block.statements[definition].operation.canWrite(adding: target.isAdding)
      else { continue }
      new.targets[block.results[place]] = target
      wanted.insert(place)
    }
    frames.append(new)
    foldAccumulations(block)
    foldPacks(block)
    for (place, statement) in block.statements.enumerated() where !frame.skipped.contains(place) {
      frame.index = place
      run(statement)
      release(after: place)
    }
    frame.index = block.statements.count
    for (place, target) in targets.enumerated() {
      if wanted.contains(place) && frame.reached.contains(block.results[place]) { continue }
      guard let target, case .array(let pointer)? = bindings[block.results[place]] else { continue }
      flush()
      move(pointer, type(block.results[place]), to: target)
    }
    freeSlots += frame.owned.keys.sorted()
    frames.removeLast()
  }

  /// Additions of an array that a `map` of this block makes for this alone: the map adds in place.
  private mutating func foldAccumulations(_ block: Block) {
    let uses = frame.uses
    for (place, statement) in block.statements.enumerated() {
      guard case .accumulate(let token, let indices, let value) = statement.operation, !type(value).isScalar, self.uses[value] == 1,
        let definition = uses.definition[value], block.statements[definition].operation.canWrite(adding: true),
        block.statements[definition].results.count == 1, indices.allSatisfy({ (uses.definition[$0] ?? -1) < definition }),
        case .array(let sum)? = bindings[token]
      else { continue }
      foldedAccumulations[value] = (sum, token, indices)
      frame.skipped.insert(place)
    }
  }

  /// The elements of packs that are written with the pack that they belong to.
  var foldedPacks: [Value: [Value]] = [:]

  /// Filled by `foldAccumulations`: the place is worked out when the value is made.
  var foldedAccumulations: [Value: (sum: Plan.Pointer, token: Value, indices: [Value])] = [:]

  /// A pack that is nothing but an element of another is written there.
  private mutating func foldPacks(_ block: Block) {
    for statement in block.statements {
      guard case .pack(let elements) = statement.operation else { continue }
      for element in elements where uses[element] == 1 {
        guard let definition = frame.uses.definition[element], case .pack(let inner) = block.statements[definition].operation else {
          continue
        }
        foldedPacks[element] = inner
        frame.skipped.insert(definition)
      }
    }
  }

  private mutating func release(after place: Int) {
    let last = frame.uses.last
    let dead = frame.owned.filter { $0.value.allSatisfy { (last[$0] ?? -1) <= place } }.keys.sorted()
    for slot in dead {
      frame.owned[slot] = nil
      freeSlots.append(slot)
    }
  }

  // MARK: Fields, locals, memory

  mutating func addField(_ field: Plan.Field) -> Plan.FieldID {
    plan.fields.append(field)
    return Plan.FieldID(index: plan.fields.count - 1)
  }

  mutating func local(_ type: Plan.LocalType, _ name: String) -> Plan.Local {
    plan.locals.append(Plan.LocalInfo(type: type, name: name))
    return Plan.Local(id: plan.locals.count - 1)
  }

  /// A slot of the workspace, one that is free where there is one of this very size.
  mutating func takeSlot(_ element: Element, _ count: Size) -> Int {
    if let place = freeSlots.lastIndex(where: {
      let slot = plan.slots[$0]
      return slot.element == element && slot.count == count && slot.isLane == isInRegion
    }) {
      return freeSlots.remove(at: place)
    }
    plan.slots.append(Plan.Slot(element: element, count: count, isLane: isInRegion))
    return plan.slots.count - 1
  }

  mutating func memory(_ name: String, _ element: Element, _ count: Size, slot: Int) -> Plan.Pointer {
    let field = addField(Plan.Field(name: name, element: element, count: count, role: isInRegion ? .lane : .shared, slot: slot))
    return Plan.Pointer(.field(field), element: element)
  }

  /// Memory for a value of the current block.
  mutating func allocate(for value: Value, name: String? = nil) -> Plan.Pointer {
    let type = type(value)
    let slot = takeSlot(type.element, type.shape.elementCount)
    frame.owned[slot, default: []].insert(value)
    return memory(name ?? wish(value), type.element, type.shape.elementCount, slot: slot)
  }

  /// Where the array `value` is written: where it is wanted, else in memory of its own.
  mutating func place(_ value: Value) -> Target {
    if let folded = foldedAccumulations[value] {
      let offset = offset(folded.indices.map { number($0) }, type(folded.token).shape)
      return Target(pointer: folded.sum.advanced(by: offset), isAdding: true)
    }
    if let target = frame.targets[value] {
      frame.reached.insert(value)
      return target
    }
    return Target(pointer: allocate(for: value))
  }

  /// Notes that `value` lives in the memory of `source`.
  mutating func alias(_ value: Value, of source: Value) {
    for slot in frame.owned.keys where frame.owned[slot]!.contains(source) { frame.owned[slot]!.insert(value) }
    for slot in frame.guests.keys where frame.guests[slot]!.contains(source) { frame.guests[slot]!.insert(value) }
    if pinned.contains(source) { pinned.insert(value) }
  }

  /// Whether the memory of `value` may be written over by the current statement: it is the block's own, and nobody reads it afterwards,
  /// nor do the blocks nested in the statement.
  func mayOverwrite(_ value: Value, unreadIn blocks: [Block] = []) -> Bool {
    if pinned.contains(value) { return false }
    let groups = (Array(frame.owned.values) + Array(frame.guests.values)).filter { $0.contains(value) }
    if groups.isEmpty { return false }
    let captured = blocks.reduce(into: Set<Value>()) { $0.formUnion($1.freeValues) }
    return groups.allSatisfy { group in
      group.allSatisfy { (frame.uses.last[$0] ?? -1) <= frame.index && !captured.contains($0) }
    }
  }

  // MARK: Numbers

  func wish(_ value: Value) -> String { facts.name(of: value) ?? "value" }

  mutating func number(_ value: Value) -> Plan.Expression {
    switch bindings[value] {
    case .number(let expression)?: return expression
    case .pending(let expression)?:
      for place in frames.indices.reversed() {
        if let found = frames[place].pending.firstIndex(of: value) {
          frames[place].pending.remove(at: found)
          break
        }
      }
      return expression
    case .sum(let local)?: return .local(local)
    case .array, .filled, nil: preconditionFailure("\(wish(value)) (\(value.id)) is not a number in scope")
    }
  }

  func array(_ value: Value) -> Plan.Pointer {
    guard case .array(let pointer)? = bindings[value] else { preconditionFailure("\(wish(value)) (\(value.id)) is not an array in scope") }
    return pointer
  }

  /// Gives a value its number: written where it is used if that is once and near, else in a `let`.
  mutating func bind(_ value: Value, _ expression: Plan.Expression, name: String) {
    if expression.isAtom {
      bindings[value] = .number(expression)
      return
    }
    let isNear = uses[value] == 1 && frame.uses.direct[value] == 1
    if isNear && procedure.values.name(of: value) == nil && expression.weight <= 2 {
      bindings[value] = .pending(expression)
      frame.pending.append(value)
      return
    }
    define(value, expression, name: procedure.values.name(of: value) ?? name)
  }

  mutating func define(_ value: Value, _ expression: Plan.Expression, name: String) {
    let local = local(.number(type(value).element), name)
    steps.append(.define(local, expression))
    bindings[value] = .number(.local(local))
  }

  /// Writes down what waits to be written at its use, where memory may change in between.
  mutating func flush() {
    for value in frame.pending {
      guard case .pending(let expression)? = bindings[value] else { continue }
      define(value, expression, name: expression.wish(plan) ?? "value")
    }
    frame.pending = []
  }

  /// The operands of one operation, of which at most one is an operation itself.
  mutating func operands(_ values: [Value]) -> [Plan.Expression] {
    var weight = 0
    for value in values {
      guard case .pending(let expression)? = bindings[value] else { continue }
      weight += expression.weight
      if weight > 1 {
        if let found = frame.pending.firstIndex(of: value) { frame.pending.remove(at: found) }
        define(value, expression, name: expression.wish(plan) ?? "value")
      }
    }
    return values.map { number($0) }
  }

  /// The place of an element or row, in elements.
  func offset(_ indices: [Plan.Expression], _ shape: [Size]) -> Plan.Expression? {
    guard var result = indices.first else { return nil }
    for (index, size) in zip(indices.dropFirst(), shape.dropFirst()) {
      result = Plan.Expression.sum(.product(result, size), index) ?? .integer(0)
    }
    return .product(result, Array(shape.dropFirst(indices.count)).elementCount)
  }

  // MARK: Arrays

  /// Copies, or adds, a whole array.
  mutating func move(_ source: Plan.Pointer, _ type: ValueType, to target: Target) {
    let count = type.shape.elementCount
    if !target.isAdding {
      steps.append(.copy(from: source, to: target.pointer, count: count))
      return
    }
    loop(count, name: "i") { planner, index in
      planner.steps.append(.add(target.pointer.advanced(by: index), .load(source.advanced(by: index))))
    }
  }

  mutating func collect(_ body: (inout Planner) -> Void) -> [Plan.Step] {
    let outer = steps
    steps = []
    body(&self)
    let inner = steps
    steps = outer
    return inner
  }

  mutating func loop(_ size: Size, name: String, body: (inout Planner, Plan.Expression) -> Void) {
    let index = local(.number(.integer), name)
    let inner = collect { body(&$0, .local(index)) }
    steps.append(.loop(Plan.Loop(index: index, count: count(size), isParallel: true, body: inner)))
  }

  /// Loops over the axes, the first outermost, whose indices are bound for `body`.
  mutating func loops(_ axes: ArraySlice<Axis>, within limits: [Limit] = [], body: (inout Planner) -> Void) {
    guard let axis = axes.first else { return body(&self) }
    if axis.size.constant == 1, !limits.contains(where: { $0.index == axis.index }) {
      bindings[axis.index] = .number(.integer(0))
      return loops(axes.dropFirst(), within: limits, body: body)
    }
    let (start, count) = range(of: axis, within: limits)
    let index = local(.number(.integer), procedure.values.name(of: axis.index) ?? defaultIndexName(depth: loopDepth))
    let inner = collect { planner in
      planner.loopDepth += 1
      planner.bindings[axis.index] = .number(.local(index))
      planner.indexRanges[axis.index] = axis.size
      planner.loops(axes.dropFirst(), within: limits, body: body)
      planner.loopDepth -= 1
    }
    steps.append(.loop(Plan.Loop(index: index, start: start, count: count, isParallel: true, body: inner)))
  }

  /// A number of iterations: of the samples of a tile, what the tile says.
  func count(_ size: Size) -> Plan.Expression {
    guard let tile, let samples, size.symbols.contains(tile.samples) else { return Plan.Expression(size) }
    let others = size.substituting([tile.samples: Size(1)])
    return .product(.local(samples), others)
  }

  var loopDepth = 0

  func defaultIndexName(depth: Int) -> String { ["i", "j", "k", "l", "m"][min(depth, 4)] }
}

extension Operation {
  /// Whether its array results can be written where they are wanted, without a copy afterwards.
  func canWrite(adding: Bool) -> Bool {
    switch self {
    case .map: true
    case .reduce(let reduce): reduce.op == .sum
    case .accumulating(let scope): !adding || scope.body.results.isEmpty && scope.accumulators.allSatisfy { $0.initial == nil }
    case .pack, .update, .branch, .scan: !adding
    case .constant, .size, .primitive, .read, .whileLoop, .accumulate, .ruled: false
    }
  }
}

extension Block {
  /// Whether a number of it becomes 0 or 1 by a comparison.
  fileprivate var hasThresholds: Bool {
    statements.contains { statement in
      switch statement.operation {
      case .primitive(.step, _), .primitive(.realFromBoolean, _): true
      default: statement.operation.blocks.contains(where: \.hasThresholds)
      }
    }
  }
}
