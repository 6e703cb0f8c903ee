import ModelDSL

// The loop over the batch, which threads may share.

extension Planner {
  /// The batch axis, where the statement is a loop over the batch worth threads.
  func regionAxis(of statement: Statement, onMainLine: Bool? = nil) -> Axis? {
    guard let batch, onMainLine ?? frame.isMainLine, !isInRegion else { return nil }
    switch statement.operation {
    case .map(let map):
      guard map.axes[0].size == Size(batch), map.axes[0].index == tile?.index || map.body.statements.contains(where: \.operation.hasLoop)
      else { return nil }
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
    let isTiled = axis.index == tile?.index
    if isTiled { samples = local(.number(.integer), "samples") }
    switch statement.operation {
    case .map(let map) where isTiled:
      let targets = results.map { place($0) }
      for (result, target) in zip(results, targets) { bindings[result] = .array(target.pointer) }
      isInRegion = true
      body = collect { planner in
        let rows = zip(map.body.results, targets).map { value, target in
          let row = Array(planner.type(value).shape.dropFirst()).elementCount
          return planner.named(Target(pointer: target.pointer.advanced(by: .product(.local(index), row))), for: value)
        }
        planner.run(map.body, targets: rows)
      }
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
    let samples = samples
    self.samples = nil
    for sum in sums { plan.fields[sum.index].isSummed = true }
    var failed: Plan.FieldID?
    if statement.mayFail {
      let slot = takeSlot(.boolean, Size(Kernel.chunks))
      failed = field(memory("failed", .boolean, Size(Kernel.chunks), slot: slot))
      freeSlots.append(slot)
    }
    steps.append(
      .parallel(
        Plan.Region(
          index: index, samples: isTiled ? samples : nil, body: body, sums: sums, batch: batch!, mayFail: statement.mayFail, failed: failed)
      ))
    if case .reduce = statement.operation {
      for result in results where type(result).isScalar {
        define(result, .load(array(result)), name: wish(result))
      }
    }
  }
}
