// Instances put to use: `first(x)`, `stack[i](x)`, `first.w`.

extension Checker {
  /// One step of an instance.
  mutating func advance(_ id: InstanceID, _ arguments: [Argument], at range: SourceRange) -> TypedExpression {
    let instance = instances[id.index]
    guard let record = instanceRecords[id] else { return ignoring(arguments, at: range) }
    let parameters = instance.inputs.map {
      ParameterShape(name: variables[$0.index].name, type: variables[$0.index].type, hasDefault: false)
    }
    guard let matched = match(arguments, to: parameters, of: instance.path, at: range) else { return ignoring(arguments, at: range) }
    let values = zip(matched, instance.inputs).map { argument, input -> TypedExpression in
      guard let argument else { return errorExpression(range) }
      return check(
        argument.value, as: variables[input.index].type,
        Destination(description: "`\(variables[input.index].name)` of `\(instance.path)`", declared: variables[input.index].range))
    }
    if !record.states.isEmpty, !noteAdvance(id, record, instance.path, at: range) { return errorExpression(range) }
    if values.contains(where: { $0.type.containsError }) { return errorExpression(range) }
    let type = record.outputs.count == 1 ? record.outputs[0].type : .tuple(record.outputs)
    return TypedExpression(kind: .advance(id, values), type: type, range: range)
  }

  /// An instance with state is advanced once in each step of one loop.
  private mutating func noteAdvance(_ id: InstanceID, _ record: InstanceRecord, _ path: String, at range: SourceRange) -> Bool {
    guard let loop = context.loops.last else {
      report(.advanceOutsideLoop(name: path, at: range))
      return false
    }
    guard context.blockLevel == loop.blockLevel, context.blockLevel == 0 else {
      report(.advanceInsideValue(name: path, at: range))
      return false
    }
    for frame in context.loops {
      if let first = frame.advanced[id] {
        report(.advancedTwice(name: path, first: first, at: range))
        return false
      }
    }
    for place in context.loops.indices {
      context.loops[place].advanced[id] = range
      for state in record.states where !context.loops[place].states.contains(state) { context.loops[place].states.append(state) }
    }
    return true
  }

  /// `first`, `stack[2]`, `outer.inner` where they stand for an instance.
  mutating func subinstance(_ tree: Expression) -> InstanceID? {
    switch tree.kind {
    case .name(let name):
      if case .instance(let id)? = lookUp(name) { return id }
      return nil
    case .subscripted(let base, let subscripts):
      guard case .name(let name) = base.kind, case .instances(let ids)? = lookUp(name) else { return nil }
      return instance(of: ids, named: name, subscripts, at: tree.range)
    case .member(let base, let name):
      guard let id = subinstance(base), case .instance(let inner)? = instanceRecords[id]?.subinstances[name.text] else { return nil }
      return inner
    default: return nil
    }
  }

  /// `stack[i]`, where `i` is a number.
  mutating func instance(of ids: [InstanceID], named name: String, _ subscripts: [Subscript], at range: SourceRange) -> InstanceID? {
    guard subscripts.count == 1, case .index(let tree) = subscripts[0] else {
      report(.instanceIndex(name: name, at: range))
      return nil
    }
    let value = check(tree)
    if value.type.containsError { return nil }
    guard let place = knownSize(value)?.constant else {
      report(.instanceIndex(name: name, at: tree.range))
      return nil
    }
    guard ids.indices.contains(place) else {
      // In a cell that is checked for all sizes one instance stands for all.
      if isGeneric, let first = ids.first { return first }
      report(.indexOutOfRange(index: place, size: ids.count, what: "`\(text(range))`", at: tree.range))
      return nil
    }
    return ids[place]
  }

  /// `first.w`
  mutating func instanceMember(_ id: InstanceID, _ name: Name, at range: SourceRange) -> TypedExpression {
    guard let record = instanceRecords[id] else { return errorExpression(range) }
    guard let variable = record.members[name.text] else {
      report(
        .unknownMember(
          name: name.text, instance: instances[id.index].path,
          nearest: ModelDSL.nearestName(to: name.text, among: record.members.keys.filter { !$0.contains(".") }.sorted()), at: name.range))
      return errorExpression(range)
    }
    used.insert(variable)
    return read(variable, at: range)
  }
}
