import ModelDSL

// One statement at a time.

extension Planner {
  mutating func run(_ statement: Statement) {
    if !statement.notes.isEmpty { steps.append(.notes(statement.notes)) }
    let results = statement.results
    if !statement.operation.emittedBlocks.isEmpty || results.contains(where: { !type($0).isScalar }) { flushUnlessView(statement) }
    switch statement.operation {
    case .constant(let constant): bindings[results[0]] = .number(.constant(constant))
    case .size(let size): bind(results[0], Plan.Expression(size), name: "size")
    case .primitive(let primitive, let operands):
      bind(results[0], .primitive(primitive, self.operands(operands)), name: primitive.resultName)
    case .read(let source, let indices): read(results[0], source, indices)
    case .ruled(let value, _):
      if type(value).isScalar {
        bindings[results[0]] = .number(shared(value))
      } else {
        bindings[results[0]] = .array(array(value))
        alias(results[0], of: value)
      }
    case .pack(let elements): pack(results[0], elements)
    case .map(let map): run(map, statement)
    case .reduce(let reduce): run(reduce, statement)
    case .scan(let scan): run(scan, results)
    case .whileLoop(let loop): run(loop, results)
    case .branch(let condition, let then, let otherwise): branch(condition, then, otherwise, results)
    case .update(let source, let indices, let row): update(results[0], source, indices, row)
    case .accumulating(let scope): run(scope, results)
    case .accumulate(let token, let indices, let value): accumulate(token, indices, value)
    }
  }

  /// A view writes nothing: what waits may go on waiting.
  private mutating func flushUnlessView(_ statement: Statement) {
    switch statement.operation {
    case .read, .ruled: break
    default: flush()
    }
  }

  /// A number that is to be used in several places.
  mutating func shared(_ value: Value) -> Plan.Expression {
    let expression = number(value)
    if expression.isAtom { return expression }
    define(value, expression, name: wish(value))
    return number(value)
  }

  private mutating func read(_ result: Value, _ source: Value, _ indices: [Value]) {
    let pointer = array(source)
    let shape = type(source).shape
    let places = indices.map { number($0) }
    let element = pointer.advanced(by: offset(places, shape))
    if type(result).isScalar {
      bind(result, .load(element), name: wish(source))
      return
    }
    let isMutable: Bool
    switch pointer.base {
    case .field(let field): isMutable = plan[field].role != .input
    case .local(let local): if case .pointer(_, true) = plan[local].type { isMutable = true } else { isMutable = false }
    }
    let row = local(.pointer(pointer.element, isMutable: isMutable), procedure.values.name(of: result) ?? wish(source) + "Row")
    steps.append(.pointer(row, element, isVariable: false))
    bindings[result] = .array(Plan.Pointer(.local(row), element: pointer.element))
    alias(result, of: source)
  }

  private mutating func pack(_ result: Value, _ elements: [Value]) {
    let target = place(result)
    pack(elements, to: target.pointer)
    bindings[result] = .array(target.pointer)
  }

  private mutating func pack(_ elements: [Value], to pointer: Plan.Pointer) {
    let count = type(elements[0]).shape.elementCount
    for (index, element) in elements.enumerated() {
      let destination = pointer.advanced(by: .product(.integer(index), count))
      if let inner = foldedPacks[element] {
        pack(inner, to: destination)
      } else if type(element).isScalar {
        let value = number(element)
        steps.append(.store(destination, value))
      } else {
        let source = array(element)
        if source != destination { steps.append(.copy(from: source, to: destination, count: count)) }
      }
    }
  }

  /// Writes a number to where it is wanted.
  mutating func store(_ value: Plan.Expression, at pointer: Plan.Pointer, adding: Bool) {
    steps.append(adding ? .add(pointer, value) : .store(pointer, value))
  }

  private mutating func run(_ map: Map, _ statement: Statement) {
    if regionAxis(of: statement) != nil { return region(statement) }
    if let tile, map.axes[0].index == tile.index { return tiles(map) }
    if contract(map, statement.results) || followSpikes(map) { return }
    mapOver(map.axes[...], map, statement.results)
  }

  /// A loop over tiles of iterations, which has no results.
  private mutating func tiles(_ map: Map) {
    let axis = map.axes[0]
    let index = local(.number(.integer), procedure.values.name(of: axis.index) ?? defaultIndexName(depth: loopDepth))
    let samples = local(.number(.integer), "samples")
    bindings[axis.index] = .number(.local(index))
    self.samples = samples
    let body = collect { planner in
      planner.loopDepth += 1
      planner.run(map.body)
      planner.loopDepth -= 1
    }
    self.samples = nil
    steps.append(.loop(Plan.Loop(index: index, count: Plan.Expression(axis.size), samples: samples, body: body)))
  }

  /// The map's loops, writing to the places of its results.
  mutating func mapOver(_ axes: ArraySlice<Axis>, _ map: Map, _ results: [Value]) {
    let constant = results.count == 1 ? constantResult(map.body) : nil
    if let constant, frame.targets[results[0]] == nil, uses[results[0]] == facts.startUses[results[0]] {
      bindings[results[0]] = .filled(constant)
      return
    }
    let targets = results.map { place($0) }
    for (result, target) in zip(results, targets) { bindings[result] = .array(target.pointer) }
    if let constant { return fill(targets[0], type(results[0]).shape.elementCount, constant) }
    loops(axes) { $0.mapBody(map, targets) }
  }

  /// One iteration: results to the rows of the targets.
  mutating func mapBody(_ map: Map, _ targets: [Target]) {
    let place = offset(map.axes.map { number($0.index) }, map.axes.map(\.size))
    let rows = zip(map.body.results, targets).map { result, target in
      Target(
        pointer: target.pointer.advanced(by: place.map { .product($0, type(result).shape.elementCount) }), isAdding: target.isAdding)
    }
    run(map.body, targets: zip(map.body.results, rows).map { type($0).isScalar ? nil : named($1, for: $0) })
    for (result, row) in zip(map.body.results, rows) where type(result).isScalar {
      store(number(result), at: row.pointer, adding: row.isAdding)
    }
  }

  /// The target through a pointer that stands in a `let`.
  mutating func named(_ target: Target, for value: Value) -> Target {
    guard target.pointer.offset != nil else { return target }
    let row = local(.pointer(target.pointer.element, isMutable: true), wish(value) + "Row")
    steps.append(.pointer(row, target.pointer, isVariable: false))
    return Target(pointer: Plan.Pointer(.local(row), element: target.pointer.element), isAdding: target.isAdding)
  }

  private mutating func fill(_ target: Target, _ count: Size, _ value: Plan.Expression) {
    if target.isAdding {
      loop(count, name: "i") { planner, index in planner.steps.append(.add(target.pointer.advanced(by: index), value)) }
    } else {
      steps.append(.fill(target.pointer, count: Plan.Expression(count), value))
    }
  }

  /// The number that a body yields whatever its indices.
  private func constantResult(_ body: Block) -> Plan.Expression? {
    guard body.results.count == 1, type(body.results[0]).isScalar else { return nil }
    if body.statements.isEmpty, case .number(let expression)? = bindings[body.results[0]], expression.isAtom { return expression }
    if body.statements.count == 1, case .constant(let constant) = body.statements[0].operation, body.statements[0].results == body.results {
      return .constant(constant)
    }
    return nil
  }

  private mutating func update(_ result: Value, _ source: Value, _ indices: [Value], _ row: Value) {
    let type = type(result)
    let pointer: Plan.Pointer
    if mayOverwrite(source) {
      pointer = array(source)
      alias(result, of: source)
    } else {
      pointer = place(result).pointer
      steps.append(.copy(from: array(source), to: pointer, count: type.shape.elementCount))
    }
    bindings[result] = .array(pointer)
    let destination = pointer.advanced(by: offset(indices.map { number($0) }, type.shape))
    if self.type(row).isScalar {
      let value = number(row)
      steps.append(.store(destination, value))
    } else {
      steps.append(.copy(from: array(row), to: destination, count: self.type(row).shape.elementCount))
    }
  }

  // MARK: Branches

  private mutating func branch(_ condition: Value, _ then: Block, _ otherwise: Block, _ results: [Value]) {
    let test = number(condition)
    if results.count == 1, type(results[0]).isScalar, let first = simple(then), let second = simple(otherwise) {
      return bind(results[0], .select(test, first, second), name: "choice")
    }
    var targets: [Target?] = []
    var locals: [Plan.Local?] = []
    for result in results {
      if type(result).isScalar {
        let local = local(.number(type(result).element), wish(result))
        steps.append(.declare(local))
        locals.append(local)
        targets.append(nil)
      } else {
        locals.append(nil)
        targets.append(place(result))
      }
    }
    func side(_ block: Block) -> [Plan.Step] {
      collect { planner in
        planner.run(block, targets: targets)
        for (value, local) in zip(block.results, locals) {
          if let local { planner.steps.append(.assign(local, planner.number(value))) }
        }
      }
    }
    let first = side(then)
    let second = side(otherwise)
    steps.append(.branch(test, first, second))
    for (place, result) in results.enumerated() {
      bindings[result] = locals[place].map { .number(.local($0)) } ?? .array(targets[place]!.pointer)
    }
  }

  /// The value of a side that computes nothing.
  private func simple(_ block: Block) -> Plan.Expression? {
    if block.statements.isEmpty, case .number(let expression)? = bindings[block.results[0]] { return expression.isAtom ? expression : nil }
    if block.statements.count == 1, case .constant(let constant) = block.statements[0].operation,
      block.statements[0].results == block.results
    {
      return .constant(constant)
    }
    return nil
  }

  // MARK: Accumulators

  private mutating func run(_ scope: Accumulating, _ results: [Value]) {
    let bodyResults = Array(results.prefix(scope.body.results.count))
    let sums = Array(results.dropFirst(scope.body.results.count))
    let usesRegion = frame.isMainLine && batch != nil && scope.body.statements.contains { regionAxis(of: $0, onMainLine: true) != nil }
    for (accumulator, sum) in zip(scope.accumulators, sums) {
      let type = type(accumulator.token)
      if type.isScalar && !usesRegion {
        let local = local(.number(type.element), procedure.values.name(of: sum) ?? wish(accumulator.token))
        steps.append(.variable(local, accumulator.initial.map { number($0) } ?? zero(type.element)))
        bindings[accumulator.token] = .sum(local)
        continue
      }
      if let initial = accumulator.initial, !type.isScalar, scope.accumulators.filter({ $0.initial == initial }).count == 1,
        mayOverwrite(initial, unreadIn: [scope.body]), !usesRegion
      {
        bindings[accumulator.token] = .array(array(initial))
        alias(sum, of: initial)
        continue
      }
      let target = place(sum)
      bindings[accumulator.token] = .array(target.pointer)
      if let initial = accumulator.initial {
        if type.isScalar {
          let value = number(initial)
          steps.append(.store(target.pointer, value))
        } else {
          start(target.pointer, from: initial)
        }
      } else if !target.isAdding {
        steps.append(.fill(target.pointer, count: Plan.Expression(type.shape.elementCount), zero(type.element)))
      }
    }
    let targets = bodyResults.map { type($0).isScalar ? nil : Optional(place($0)) }
    run(scope.body, targets: targets, isMainLine: frame.isMainLine)
    for (result, (value, target)) in zip(bodyResults, zip(scope.body.results, targets)) {
      if let target { bindings[result] = .array(target.pointer) } else { bindings[result] = .number(shared(value)) }
    }
    for (accumulator, sum) in zip(scope.accumulators, sums) {
      switch bindings[accumulator.token] {
      case .sum(let local)?: bindings[sum] = .number(.local(local))
      case .array(let pointer)?:
        if type(sum).isScalar { define(sum, .load(pointer), name: wish(sum)) } else { bindings[sum] = .array(pointer) }
      default: preconditionFailure("an accumulator without a place")
      }
    }
  }

  /// Gives memory its first contents.
  mutating func start(_ pointer: Plan.Pointer, from initial: Value) {
    let count = type(initial).shape.elementCount
    if case .filled(let number)? = bindings[initial] {
      steps.append(.fill(pointer, count: Plan.Expression(count), number))
    } else {
      steps.append(.copy(from: array(initial), to: pointer, count: count))
    }
  }

  func zero(_ element: Element) -> Plan.Expression {
    switch element {
    case .real: .real(0)
    case .integer: .integer(0)
    case .boolean: .constant(.boolean(false))
    }
  }

  private mutating func accumulate(_ token: Value, _ indices: [Value], _ value: Value) {
    if case .sum(let local)? = bindings[token] {
      steps.append(.increase(local, number(value)))
      return
    }
    let shape = type(token).shape
    let destination = array(token).advanced(by: offset(indices.map { number($0) }, shape))
    if type(value).isScalar {
      steps.append(.add(destination, number(value)))
    } else {
      flush()
      let target = named(Target(pointer: destination, isAdding: true), for: token)
      move(array(value), type(value), to: target)
    }
  }
}

extension Primitive {
  /// What a number without a name is called after the operation that made it.
  var resultName: String {
    switch self {
    case .add: "sum"
    case .subtract: "difference"
    case .multiply: "product"
    case .divide: "ratio"
    case .negate: "negative"
    case .minimum: "least"
    case .maximum: "greatest"
    case .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual, .not, .and, .or: "condition"
    case .realFromInteger, .realFromBoolean: "number"
    case .integerFromBoolean, .integerFromReal: "whole"
    case .quotient: "quotient"
    case .modulo: "remainder"
    case .power: "power"
    default: rawValue + "Value"
    }
  }
}

extension Plan.Expression {
  /// A name for a number without one.
  func wish(_ plan: Plan) -> String? {
    switch self {
    case .primitive(let primitive, _): primitive.resultName
    case .select: "choice"
    case .dot: "product"
    case .size: "size"
    case .load(let pointer):
      switch pointer.base {
      case .field(let field): plan[field].name + "Value"
      case .local(let local): plan[local].name + "Value"
      }
    case .vector(let pointer, _), .overlapping(let pointer, _, _): Plan.Expression.load(pointer).wish(plan)
    case .constant, .local, .argument, .half, .splat, .gather, .lane, .total, .multiplyAdd: nil
    }
  }
}
