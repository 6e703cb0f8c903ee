import ModelDSL

// Loops that do something only where there is a spike.

extension Plan {
  /// `c[j] = the sum of b[k, j]`, or `c[j] +=`, over the places `k` where there is a spike.
  struct RowSum {
    var spikes: Pointer
    var count: Size
    var b: Pointer
    var bRow: Size
    var c: Pointer
    var columns: Size
    var isAdding = true
  }
}

extension Planner {
  /// Plans `map [k] { if spikes[k] > 0 { … } }` as a loop over the spikes; false for any other map.
  mutating func followSpikes(_ map: Map) -> Bool {
    guard map.axes.count == 1, map.body.results.isEmpty, let last = map.body.statements.last,
      case .branch(let condition, let then, let otherwise) = last.operation, otherwise.statements.isEmpty, then.results.isEmpty,
      let (spikes, indices) = spikes(condition, in: map.body), indices.last == map.axes[0].index,
      !indices.dropLast().contains(map.axes[0].index), map.body.statements.count <= 4, case .array(let pointer)? = bindings[spikes],
      indices.dropLast().allSatisfy({ index in !map.body.statements.contains { $0.results.contains(index) } }),
      map.body.statements.dropLast().allSatisfy({ $0.results.allSatisfy { !then.freeValues.contains($0) } })
    else { return false }
    let start = pointer.advanced(by: offset(indices.dropLast().map { number($0) } + [.integer(0)], type(spikes).shape))
    if sumRows(then, start, map.axes[0]) { return true }
    let axis = map.axes[0]
    let index = local(.number(.integer), procedure.values.name(of: axis.index) ?? defaultIndexName(depth: loopDepth))
    bindings[axis.index] = .number(.local(index))
    indexRanges[axis.index] = axis.size
    let group = local(.number(.integer), "start")
    let body = collect { planner in
      planner.loopDepth += 1
      planner.run(then)
      planner.loopDepth -= 1
    }
    steps.append(.loop(Plan.Loop(index: index, count: Plan.Expression(axis.size), spikes: (start, group), body: body)))
    return true
  }

  /// The spikes, or conditions, of which `condition` asks one.
  private func spikes(_ condition: Value, in block: Block) -> (array: Value, indices: [Value])? {
    switch block.definition(of: condition) {
    case .read(let conditions, let indices)?: return (conditions, indices)
    case .primitive(.greater, let sides)?:
      guard case .constant(.real(0))? = constantDefinition(of: sides[1], in: block),
        case .read(let spikes, let indices)? = block.definition(of: sides[0]), spikeFacts.contains(spikes)
      else { return nil }
      return (spikes, indices)
    default: return nil
    }
  }

  private func constantDefinition(of value: Value, in block: Block) -> Operation? {
    if let found = block.definition(of: value) { return found }
    if case .number(.constant(let constant))? = bindings[value] { return .constant(constant) }
    return nil
  }

  /// `map [j] { c[j] += b[k, j] }` for each spike.
  private mutating func sumRows(_ block: Block, _ spikes: Plan.Pointer, _ axis: Axis) -> Bool {
    guard spikes.element == .real, block.statements.count == 1, case .map(let map) = block.statements[0].operation, map.axes.count == 1,
      map.body.statements.count == 2, case .read(let matrix, let indices) = map.body.statements[0].operation,
      case .accumulate(let token, let places, let value) = map.body.statements[1].operation, [value] == map.body.statements[0].results,
      places.last == map.axes[0].index, indices.last == map.axes[0].index, indices.filter({ $0 == axis.index }).count == 1,
      !places.contains(axis.index), !places.dropLast().contains(map.axes[0].index), !indices.dropLast().contains(map.axes[0].index),
      case .array(let b)? = bindings[matrix], case .array(let c)? = bindings[token], type(token).element == .real,
      indices.count == type(matrix).shape.count, places.count == type(token).shape.count
    else { return false }
    let shape = type(matrix).shape
    let place = indices.firstIndex(of: axis.index)!
    func from(_ values: [Value], _ shape: [Size]) -> Plan.Expression? {
      offset(values.map { $0 == axis.index || $0 == map.axes[0].index ? .integer(0) : number($0) }, shape)
    }
    steps.append(
      .rowSum(
        Plan.RowSum(
          spikes: spikes, count: axis.size, b: b.advanced(by: from(indices, shape)), bRow: Array(shape.dropFirst(place + 1)).elementCount,
          c: c.advanced(by: from(places, type(token).shape)), columns: map.axes[0].size)))
    return true
  }
}
