import ModelDSL

/// One loop on its way to vectors.
struct VectorLoop {
  /// What an expression of the loop's body is when several iterations run at once.
  enum Form {
    /// The same in each.
    case uniform(Plan.Expression)
    /// Real numbers side by side.
    case vector(Plan.Expression)
    /// Conditions side by side.
    case mask(Plan.Expression)
    /// Written for one lane.
    case byLane(Plan.Expression)
  }

  var plan: Plan
  let loop: Plan.Loop
  let lanes: Int
  /// Where the second half of the lanes is the iterations so far from those of the first, of which it may repeat some.
  let distance: Int?
  /// Stands for the lane in what is written for one.
  let lane: Plan.Local
  var steps: [Plan.Step] = []
  var before: [Plan.Step] = []
  var after: [Plan.Step] = []
  private var forms: [Plan.Local: Form] = [:]
  private var pointers: [Plan.Local: Plan.Pointer] = [:]
  private var accumulators: [Plan.Local: Plan.Local] = [:]
  /// Locals of the original that are mentioned once.
  private var usedOnce: Set<Plan.Local> = []
  /// Products, by the locals that hold them. Sums of them are fused whatever else uses them, so that a value computed again is the same value.
  private var products: [Plan.Local: (a: Plan.Expression, b: Plan.Expression)] = [:]
  /// Those that wait for their only use.
  private var waiting: Set<Plan.Local> = []
  /// Variables of one iteration: each change makes a new vector.
  private var variables: Set<Plan.Local> = []
  /// The lanes that take the side of a branch that is being written.
  private var chosenLanes: Plan.Expression?
  /// Locals that a branch gives their values.
  private var declared: Set<Plan.Local> = []
  // For the estimate of what is won, in operations.
  private var arithmetic = 0
  private var neighbours = 0
  private var scattered = 0

  init(_ plan: Plan, _ loop: Plan.Loop, lanes: Int, distance: Int? = nil) {
    self.plan = plan
    self.loop = loop
    self.lanes = lanes
    self.distance = distance
    self.plan.locals.append(Plan.LocalInfo(type: .number(.integer), name: "k"))
    lane = Plan.Local(id: self.plan.locals.count - 1)
    var mentions: [Plan.Local: Int] = [:]
    for step in loop.body { step.visitReads { mentions[$0, default: 0] += 1 } }
    usedOnce = Set(mentions.filter { $0.value == 1 }.keys)
  }

  /// The widest vectors of which the loop fills two, or a whole number.
  static func lanes(for loop: Plan.Loop, widest: Int) -> Int? {
    guard let start = loop.start?.integerConstant ?? (loop.start == nil ? 0 : nil), let end = loop.count.integerConstant else {
      return widest
    }
    let count = end - start
    var lanes = widest
    while lanes >= 2 {
      if count > 0 && count % lanes == 0 || count >= 2 * lanes { return lanes == 2 && widest > 2 ? nil : lanes }
      lanes /= 2
    }
    return nil
  }

  /// The lanes of one vector for all iterations, and how far its second half is from the first, where they are more than half of so many lanes.
  static func overlap(for loop: Plan.Loop, widest: Int) -> (lanes: Int, distance: Int)? {
    guard let start = loop.start?.integerConstant ?? (loop.start == nil ? 0 : nil), let end = loop.count.integerConstant else { return nil }
    let count = end - start
    var lanes = 2 * widest
    while lanes >= 4 {
      if count < lanes && 2 * count > lanes { return (lanes, count - lanes / 2) }
      lanes /= 2
    }
    return nil
  }

  /// Gathering and scattering take the lanes apart: what they cost must be won elsewhere.
  var isWorthIt: Bool { (2 * arithmetic + neighbours) * (lanes - 1) > 3 * scattered * lanes }

  /// Whether the whole body could be written.
  mutating func run() -> Bool {
    for step in loop.body where !run(step) { return false }
    // Products that every sum took in.
    var read = Set<Plan.Local>()
    for step in steps + after { step.visitReads { read.insert($0) } }
    for step in steps { step.visitAssigned { read.insert($0) } }
    var isChanged = false
    steps = Plan.Step.pruned(steps, read, &isChanged)
    return true
  }

  // MARK: Steps

  private mutating func run(_ step: Plan.Step) -> Bool {
    switch step {
    case .notes: steps.append(step)
    case .define(let local, let value): return define(local, value)
    case .declare(let local): declared.insert(local)
    case .branch(let test, let then, let otherwise): return choose(test, then, otherwise)
    case .pointer(let local, let pointer, false): pointers[local] = resolved(pointer)
    case .store(let pointer, let value): return write(value, to: resolved(pointer), isAdding: false)
    case .add(let pointer, let value): return write(value, to: resolved(pointer), isAdding: true)
    case .variable(let local, let value):
      guard plan[local].type == .number(.real), let value = vector(value) else { return false }
      variables.insert(local)
      forms[local] = .vector(.local(defined(.vector(lanes: lanes), plan[local].name, value)))
    case .increase(let local, let value) where variables.contains(local):
      guard let sum = vector(.primitive(.add, [.local(local), value])) else { return false }
      forms[local] = .vector(.local(defined(.vector(lanes: lanes), plan[local].name, sum)))
    case .assign(let local, let value) where variables.contains(local) || declared.contains(local):
      guard let value = vector(value) else { return false }
      forms[local] = .vector(.local(defined(.vector(lanes: lanes), plan[local].name, value)))
    case .increase(let local, let value):
      guard distance == nil, plan[local].type == .number(.real), let value = vector(value) else { return false }
      steps.append(.increase(accumulator(local, .add, .real(0)), whereChosen(value, else: .real(0))))
    case .assign(let local, .primitive(let extreme, let operands)) where extreme == .maximum || extreme == .minimum:
      guard distance == nil, case .local(local) = operands[0], plan[local].type == .number(.real), !mentions(operands[1], local),
        let value = vector(operands[1])
      else { return false }
      let least: Plan.Expression = .real(extreme == .maximum ? -.infinity : .infinity)
      let sofar = accumulator(local, extreme, least)
      arithmetic += 1
      steps.append(.assign(sofar, .primitive(extreme, [.local(sofar), whereChosen(value, else: least)])))
    default: return false
    }
    return true
  }

  /// Both sides, and each lane's choice of their numbers: where the sides do nothing but arithmetic.
  private mutating func choose(_ test: Plan.Expression, _ then: [Plan.Step], _ otherwise: [Plan.Step]) -> Bool {
    guard then.isArithmetic, otherwise.isArithmetic, then.lineCount + otherwise.lineCount <= 300, let condition = mask(test) else {
      return false
    }
    let isChosen = condition.isAtom ? condition : .local(defined(.mask(lanes: lanes), "condition", condition))
    let changed = Set((then + otherwise).flatMap(\.changedNumbers)).intersection(declared.union(variables)).sorted()
    let before = forms
    let outer = chosenLanes
    defer { chosenLanes = outer }
    func within(_ lanes: Plan.Expression) -> Plan.Expression { outer.map { .primitive(.and, [$0, lanes]) } ?? lanes }
    chosenLanes = within(isChosen)
    for step in then where !run(step) { return false }
    let first = forms
    for local in changed { forms[local] = before[local] }
    chosenLanes = within(.primitive(.not, [isChosen]))
    for step in otherwise where !run(step) { return false }
    for local in changed {
      guard case .vector(let a)? = first[local], case .vector(let b)? = forms[local] else { return false }
      arithmetic += 1
      let choice: Plan.Expression = .select(isChosen, written(taken(a)), written(taken(b)))
      forms[local] = .vector(.local(defined(.vector(lanes: lanes), plan[local].name, choice)))
    }
    return true
  }

  /// What the lanes whose side of a branch is taken add to a sum over all iterations: the others add nothing.
  private mutating func whereChosen(_ value: Plan.Expression, else nothing: Plan.Expression) -> Plan.Expression {
    guard let chosenLanes else { return value }
    arithmetic += 1
    return .select(chosenLanes, written(taken(value)), .splat(nothing, lanes: lanes))
  }

  private mutating func taken(_ vector: Plan.Expression) -> Plan.Expression {
    if case .local(let local) = vector { return taken(local) }
    return vector
  }

  private func mentions(_ expression: Plan.Expression, _ local: Plan.Local) -> Bool {
    var found = false
    expression.visit { if $0 == local { found = true } }
    return found
  }

  private mutating func define(_ local: Plan.Local, _ value: Plan.Expression) -> Bool {
    guard let form = form(value) else { return false }
    switch form {
    case .uniform(let value):
      steps.append(.define(local, value))
    case .byLane(let value) where plan[local].type == .number(.real):
      scattered += 1
      forms[local] = .vector(.local(defined(.vector(lanes: lanes), plan[local].name, .gather(value, lane: lane, lanes: lanes))))
    case .byLane: forms[local] = form
    case .vector(.primitive(.multiply, let factors)):
      let product = newLocal(.vector(lanes: lanes), plan[local].name)
      // Written down first: memory may change before the product is used.
      let (a, b) = (written(factors[0]), written(factors[1]))
      products[product] = (a, b)
      forms[local] = .vector(.local(product))
      if usedOnce.contains(local) {
        waiting.insert(product)
      } else {
        steps.append(.define(product, .primitive(.multiply, [a, b])))
      }
    case .vector(let value): forms[local] = .vector(.local(defined(.vector(lanes: lanes), plan[local].name, taken(value))))
    case .mask(let value): forms[local] = .mask(.local(defined(.mask(lanes: lanes), plan[local].name, value)))
    }
    return true
  }

  private mutating func written(_ vector: Plan.Expression) -> Plan.Expression {
    vector.loads ? .local(defined(.vector(lanes: lanes), vector.wish(plan) ?? "value", vector)) : vector
  }

  private mutating func newLocal(_ type: Plan.LocalType, _ name: String) -> Plan.Local {
    plan.locals.append(Plan.LocalInfo(type: type, name: name))
    return Plan.Local(id: plan.locals.count - 1)
  }

  private mutating func defined(_ type: Plan.LocalType, _ name: String, _ value: Plan.Expression) -> Plan.Local {
    let local = newLocal(type, name)
    steps.append(.define(local, value))
    return local
  }

  /// What the lanes of a sum or an extreme hold until the loop has ended.
  private mutating func accumulator(_ local: Plan.Local, _ primitive: Primitive, _ start: Plan.Expression) -> Plan.Local {
    if let found = accumulators[local] { return found }
    let lanesSoFar = newLocal(.vector(lanes: lanes), plan[local].name + "Lanes")
    accumulators[local] = lanesSoFar
    before.append(.variable(lanesSoFar, .splat(start, lanes: lanes)))
    let total = Plan.Expression.total(.local(lanesSoFar), primitive)
    after.append(primitive == .add ? .increase(local, total) : .assign(local, .primitive(primitive, [.local(local), total])))
    return lanesSoFar
  }

  private mutating func write(_ value: Plan.Expression, to pointer: Plan.Pointer, isAdding: Bool) -> Bool {
    guard pointer.element == .real, !(isAdding && distance != nil), let value = vector(value) else { return false }
    switch step(of: pointer.offset) {
    case .none?:
      guard isAdding else { return false }
      let sum = newLocal(.vector(lanes: lanes), "sumLanes")
      before.append(.variable(sum, .splat(.real(0), lanes: lanes)))
      after.append(.add(pointer, .total(.local(sum), .add)))
      steps.append(.increase(sum, value))
    case .neighbour?:
      neighbours += isAdding ? 2 : 1
      let pointer = first(pointer)
      if let distance {
        let whole = atom(value)
        steps.append(.store(pointer, .half(whole, isSecond: false)))
        steps.append(.store(pointer.advanced(by: .integer(distance)), .half(whole, isSecond: true)))
      } else {
        steps.append(isAdding ? .add(pointer, value) : .store(pointer, value))
      }
    case .any?:
      scattered += 1
      guard let offset = pointer.offset.map({ byLane($0) }), let offset else { return false }
      steps.append(.scatter(value, lane: lane, to: Plan.Pointer(pointer.base, offset: offset, element: .real), isAdding: isAdding))
    case nil: return false
    }
    return true
  }

  // MARK: Places

  private mutating func atom(_ vector: Plan.Expression) -> Plan.Local {
    if case .local(let local) = vector { return local }
    return defined(.vector(lanes: lanes), vector.wish(plan) ?? "value", vector)
  }

  enum Step {
    /// From iteration to iteration, the place is the same.
    case none
    /// It is the next element.
    case neighbour
    case any
  }

  private func resolved(_ pointer: Plan.Pointer) -> Plan.Pointer {
    guard case .local(let local) = pointer.base, let known = pointers[local] else { return pointer }
    return known.advanced(by: pointer.offset)
  }

  /// The place of the first lane.
  private func first(_ pointer: Plan.Pointer) -> Plan.Pointer {
    func first(_ expression: Plan.Expression) -> Plan.Expression {
      switch expression {
      case .local(lane): return .integer(0)
      case .local(let local):
        if case .byLane(let value)? = forms[local] { return first(value) }
        return expression
      case .primitive(.add, let operands): return Plan.Expression.sum(first(operands[0]), first(operands[1])) ?? .integer(0)
      case .primitive(let primitive, let operands): return .primitive(primitive, operands.map(first))
      default: return expression
      }
    }
    return Plan.Pointer(pointer.base, offset: pointer.offset.map(first), element: pointer.element)
  }

  private func step(of offset: Plan.Expression?) -> Step? {
    guard let offset, let slope = slope(offset) else { return offset == nil ? Step.none : .any }
    return slope == 0 ? Step.none : slope == 1 ? .neighbour : .any
  }

  /// How much an integer grows from iteration to iteration; nil where that is not known.
  private func slope(_ expression: Plan.Expression) -> Int? {
    switch expression {
    case .local(loop.index): return 1
    case .local(let local):
      guard let form = forms[local] else { return 0 }
      if case .byLane(let value) = form { return slope(inOneLane: value) }
      return nil
    case .primitive(.add, let operands):
      guard let a = slope(operands[0]), let b = slope(operands[1]) else { return nil }
      return a + b
    case .primitive(.subtract, let operands):
      guard let a = slope(operands[0]), let b = slope(operands[1]) else { return nil }
      return a - b
    case .primitive(.multiply, let operands):
      guard let a = slope(operands[0]), let b = slope(operands[1]) else { return nil }
      if a == 0 && b == 0 { return 0 }
      if b == 0, let factor = operands[1].integerConstant { return a * factor }
      if a == 0, let factor = operands[0].integerConstant { return b * factor }
      return nil
    default: return isUniform(expression) ? 0 : nil
    }
  }

  /// Of what is already written for one lane: the index appears as a sum with the lane.
  private func slope(inOneLane expression: Plan.Expression) -> Int? {
    switch expression {
    case .local(lane): return 1
    case .local(let local): return local == loop.index || forms[local] == nil ? 0 : nil
    case .primitive(.add, let operands):
      guard let a = slope(inOneLane: operands[0]), let b = slope(inOneLane: operands[1]) else { return nil }
      return a + b
    case .primitive(.subtract, let operands):
      guard let a = slope(inOneLane: operands[0]), let b = slope(inOneLane: operands[1]) else { return nil }
      return a - b
    case .constant, .size, .argument: return 0
    default: return nil
    }
  }

  private func isUniform(_ expression: Plan.Expression) -> Bool {
    var result = true
    expression.visit { if $0 == loop.index || $0 == lane || forms[$0] != nil || pointers[$0] != nil { result = false } }
    return result
  }

  // MARK: Expressions

  /// As real numbers side by side.
  private mutating func vector(_ expression: Plan.Expression) -> Plan.Expression? {
    guard let form = form(expression) else { return nil }
    switch form {
    case .uniform(let value): return .splat(value, lanes: lanes)
    case .vector(.local(let local)): return taken(local)
    case .vector(let value): return value
    case .byLane(let value):
      scattered += 1
      return .gather(value, lane: lane, lanes: lanes)
    case .mask: return nil
    }
  }

  /// Writes down a product that waited for a sum, where something else uses it.
  private mutating func taken(_ local: Plan.Local) -> Plan.Expression {
    if waiting.remove(local) != nil, let (a, b) = products[local] { steps.append(.define(local, .primitive(.multiply, [a, b]))) }
    return .local(local)
  }

  private mutating func mask(_ expression: Plan.Expression) -> Plan.Expression? {
    guard let form = form(expression) else { return nil }
    switch form {
    case .uniform(let value): return .primitive(.greater, [.splat(.select(value, .real(1), .real(0)), lanes: lanes), zero])
    case .mask(let value): return value
    case .byLane(let value):
      scattered += 1
      return .primitive(.greater, [.gather(.select(value, .real(1), .real(0)), lane: lane, lanes: lanes), zero])
    case .vector: return nil
    }
  }

  private var zero: Plan.Expression { .splat(.real(0), lanes: lanes) }

  private mutating func form(_ expression: Plan.Expression) -> Form? {
    if case .local(let local) = expression {
      if local == loop.index { return byLane(expression).map { .byLane($0) } }
      return forms[local] ?? .uniform(expression)
    }
    if isUniform(expression) { return .uniform(expression) }
    switch expression {
    case .load(let pointer):
      let pointer = resolved(pointer)
      if isUniform(.load(pointer)) { return .uniform(.load(pointer)) }
      if pointer.element == .real, case .neighbour? = step(of: pointer.offset) {
        neighbours += 1
        let pointer = first(pointer)
        return .vector(distance.map { .overlapping(pointer, lanes: lanes, distance: $0) } ?? .vector(pointer, lanes: lanes))
      }
      return byLane(.load(pointer)).map { .byLane($0) }
    case .select(let test, let a, let b):
      if plan.isReal(a) {
        guard let test = mask(test), let a = vector(a), let b = vector(b) else { return nil }
        arithmetic += 1
        return .vector(.select(test, a, b))
      }
      return byLane(expression).map { .byLane($0) }
    case .primitive(let primitive, let operands): return form(primitive, operands)
    case .dot: return byLane(expression).map { .byLane($0) }
    case .constant, .size, .local, .argument: return .uniform(expression)
    case .multiplyAdd, .vector, .overlapping, .half, .splat, .gather, .lane, .total: return nil
    }
  }

  private mutating func form(_ primitive: Primitive, _ operands: [Plan.Expression]) -> Form? {
    let whole = Plan.Expression.primitive(primitive, operands)
    switch primitive {
    case .step:
      guard let atZero = operands[1].integerConstant, let x = vector(operands[0]) else { return nil }
      arithmetic += 1
      return .vector(.select(.primitive(atZero == 0 ? .greater : .greaterOrEqual, [x, zero]), .splat(.real(1), lanes: lanes), zero))
    case .realFromBoolean:
      guard let test = mask(operands[0]) else { return nil }
      arithmetic += 1
      return .vector(.select(test, .splat(.real(1), lanes: lanes), zero))
    case .not, .and, .or:
      let forms = operands.map { form($0) }
      guard forms.contains(where: { if case .mask? = $0 { true } else { false } }) else { return byLane(whole).map { .byLane($0) } }
      var masks: [Plan.Expression] = []
      for operand in operands {
        guard let mask = mask(operand) else { return nil }
        masks.append(mask)
      }
      arithmetic += 1
      return .mask(.primitive(primitive, masks))
    case .quotient, .modulo, .integerFromBoolean, .integerFromReal, .realFromInteger: return byLane(whole).map { .byLane($0) }
    default: break
    }
    guard plan.isReal(operands[0]) else { return byLane(whole).map { .byLane($0) } }
    if primitive == .add || primitive == .subtract, !plan.hasThresholds, let fused = fused(primitive, operands) { return .vector(fused) }
    var vectors: [Plan.Expression] = []
    for operand in operands {
      guard let vector = vector(operand) else { return nil }
      vectors.append(vector)
    }
    arithmetic += primitive.isCheap ? 1 : 8
    let result = Plan.Expression.primitive(primitive, vectors)
    return primitive.signature.result == .boolean ? .mask(result) : .vector(result)
  }

  /// A product that is added to something, or taken from it.
  private mutating func fused(_ primitive: Primitive, _ operands: [Plan.Expression]) -> Plan.Expression? {
    for (place, other) in primitive == .add ? [(1, 0), (0, 1)] : [(1, 0)] {
      let factors: (Plan.Expression, Plan.Expression)
      if case .local(let local) = operands[place], case .vector(.local(let product))? = forms[local], let known = products[product] {
        waiting.remove(product)
        factors = known
      } else if case .primitive(.multiply, let pair) = operands[place], !isUniform(operands[place]) {
        guard let a = vector(pair[0]), let b = vector(pair[1]) else { return nil }
        factors = (a, b)
      } else {
        continue
      }
      guard let sum = vector(operands[other]) else { return nil }
      arithmetic += 2
      return .multiplyAdd(factors.0, factors.1, sum, isNegated: primitive == .subtract)
    }
    return nil
  }

  /// Which iteration a lane is, from the first on.
  private var iteration: Plan.Expression {
    guard let distance else { return .local(lane) }
    let repeated = Plan.Expression.select(
      .primitive(.less, [.local(lane), .integer(lanes / 2)]), .integer(0), .integer(lanes / 2 - distance))
    return .primitive(.subtract, [.local(lane), repeated])
  }

  /// As written for one lane: the index is that of the lane, vectors give theirs.
  private mutating func byLane(_ expression: Plan.Expression) -> Plan.Expression? {
    switch expression {
    case .constant, .size, .argument: return expression
    case .local(let local):
      if local == loop.index { return .primitive(.add, [expression, iteration]) }
      switch forms[local] {
      case nil: return expression
      case .uniform(let value)?, .byLane(let value)?: return value
      case .vector(.local(let vector))?:
        guard case .local(let vector) = taken(vector) else { return nil }
        return .lane(vector, .local(lane))
      case .vector?, .mask?: return nil
      }
    case .load(let pointer): return byLane(resolved(pointer)).map { .load($0) }
    case .primitive(let primitive, let operands):
      var parts: [Plan.Expression] = []
      for operand in operands {
        guard let part = byLane(operand) else { return nil }
        parts.append(part)
      }
      return .primitive(primitive, parts)
    case .select(let test, let a, let b):
      guard let test = byLane(test), let a = byLane(a), let b = byLane(b) else { return nil }
      return .select(test, a, b)
    case .dot(let a, let b, let count):
      guard let a = byLane(resolved(a)), let b = byLane(resolved(b)), let count = byLane(count) else { return nil }
      return .dot(a, b, count: count)
    case .multiplyAdd, .vector, .overlapping, .half, .splat, .gather, .lane, .total: return nil
    }
  }

  private mutating func byLane(_ pointer: Plan.Pointer) -> Plan.Pointer? {
    guard let offset = pointer.offset else { return pointer }
    return byLane(offset).map { Plan.Pointer(pointer.base, offset: $0, element: pointer.element) }
  }
}

extension Plan {
  /// Whether the expression's value is a real number.
  fileprivate func isReal(_ expression: Expression) -> Bool {
    switch expression {
    case .constant(.real), .dot, .multiplyAdd, .vector, .overlapping, .half, .splat, .gather, .lane, .total: true
    case .constant, .size: false
    case .local(let local): self[local].type == .number(.real)
    case .argument(let field): self[field].element == .real
    case .load(let pointer): pointer.element == .real
    case .select(_, let a, _): isReal(a)
    case .primitive(let primitive, let operands):
      switch primitive.signature.result {
      case .real: true
      case .number: isReal(operands[0])
      case .integer, .boolean: false
      }
    }
  }
}

extension [Plan.Step] {
  /// Nothing but definitions of numbers, of which any may be computed in vain: no memory is read, and nothing can trap.
  fileprivate var isArithmetic: Bool {
    allSatisfy { step in
      switch step {
      case .notes, .declare: true
      case .define(_, let value), .variable(_, let value), .assign(_, let value), .increase(_, let value): value.isArithmetic
      case .branch(let test, let then, let otherwise): test.isArithmetic && then.isArithmetic && otherwise.isArithmetic
      default: false
      }
    }
  }
}

extension Plan.Step {
  /// Locals that it gives another value.
  fileprivate var changedNumbers: [Plan.Local] {
    switch self {
    case .assign(let local, _), .increase(let local, _): [local]
    case .branch(_, let then, let otherwise): (then + otherwise).flatMap(\.changedNumbers)
    default: []
    }
  }
}

extension Plan.Expression {
  fileprivate var isArithmetic: Bool {
    switch self {
    case .constant, .size, .local, .argument: true
    case .primitive(.quotient, _), .primitive(.modulo, _), .primitive(.integerFromReal, _): false
    case .primitive(_, let operands): operands.allSatisfy(\.isArithmetic)
    case .select(let test, let a, let b): test.isArithmetic && a.isArithmetic && b.isArithmetic
    case .load, .dot, .multiplyAdd, .vector, .overlapping, .half, .splat, .gather, .lane, .total: false
    }
  }
}
