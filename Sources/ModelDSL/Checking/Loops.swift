// Loops, what they carry from step to step, and what they keep.

/// A loop whose body is in check.
struct LoopFrame {
  enum Kind { case counted(Size), conditional, cell, unrolled }
  var kind: Kind
  var blockLevel: Int
  /// States that it carries.
  var states: [VariableID] = []
  var assigned: [VariableID: SourceRange] = [:]
  /// States that a loop inside this one carries on.
  var assignedInside: [VariableID: SourceRange] = [:]
  /// Reads of `next u`, for which an assignment is looked for at the end.
  var nextReads: [(state: VariableID, range: SourceRange)] = []
  var records: [(name: Name, variable: VariableID)] = []
  /// Names of records whose value is wrong.
  var failedRecords: [Name] = []
  /// A `next` in it has an error, so what it should have assigned is not known.
  var hasFailedNext = false
  var advanced: [InstanceID: SourceRange] = [:]
  /// In an unrolled loop: the values that this round gives to states.
  var values: [VariableID: VariableID] = [:]
}

extension Checker {
  mutating func checkFor(
    _ variable: Name, _ countTree: Expression, _ conditionTree: Expression?, _ down: Bool, _ body: BlockTree, at range: SourceRange,
    into typed: inout [TypedStatement]
  ) {
    if unroll(variable, countTree, conditionTree, down, body, at: range, into: &typed) { return }
    let known = count(countTree)
    let size = known ?? Size(0)
    stateEpoch += 1
    pushFrame()
    let axis = newVariable(variable.text, .array(.index(below: size), []), .axis, variable.range)
    declare(variable.text, known == nil ? .failed : .variable(axis), at: variable.range)
    let outerFacts = context.facts.count
    context.facts.append(size - Size(1))
    var condition: TypedExpression?
    if let conditionTree {
      let value = checkCondition(conditionTree, what: "`where`")
      condition = value
      context.facts += facts(from: value, holds: true)
    }
    let isBroken = known == nil || condition?.type == .error
    context.brokenConditions += isBroken ? 1 : 0
    let (statements, frame) = loopBody(body, .counted(size))
    context.brokenConditions -= isBroken ? 1 : 0
    context.facts.removeLast(context.facts.count - outerFacts)
    popFrame()
    stateEpoch += 1
    for record in frame.records {
      declare(record.name.text, known == nil ? .failed : .variable(record.variable), at: record.name.range)
    }
    for name in frame.failedRecords { declare(name.text, .failed, at: name.range) }
    guard known != nil, condition?.type != .error else { return }
    let loop = TypedLoop(
      axis: axis, count: size, down: down, condition: condition, body: statements, states: frame.states,
      records: frame.records.map(\.variable))
    typed.append(TypedStatement(kind: .loop(loop), range: range))
    carryOn(frame.states, at: range, into: &typed)
  }

  /// States that were declared outside of the loop around too: what the loop inside left them at is what this step gives them.
  private func carryOn(_ states: [VariableID], at range: SourceRange, into typed: inout [TypedStatement]) {
    guard let loop = context.loops.last else { return }
    if case .unrolled = loop.kind { return }
    for state in states where (stateInfo[state]?.loopDepth ?? 0) < context.loops.count {
      typed.append(TypedStatement(kind: .next(targets: [TypedNextTarget(state: state)], value: read(state, at: range)), range: range))
    }
  }

  mutating func checkWhile(
    _ conditionTree: Expression, _ boundTree: Expression?, _ body: BlockTree, at range: SourceRange, into typed: inout [TypedStatement]
  ) {
    var bound: Size?
    // A bound that is missing was reported by the parser.
    if let boundTree { bound = count(boundTree) }
    stateEpoch += 1
    pushFrame()
    let outerFacts = context.facts.count
    let condition = checkCondition(conditionTree, what: "`while`")
    context.facts += facts(from: condition, holds: true)
    context.brokenConditions += condition.type == .error ? 1 : 0
    let (statements, frame) = loopBody(body, .conditional)
    context.brokenConditions -= condition.type == .error ? 1 : 0
    context.facts.removeLast(context.facts.count - outerFacts)
    popFrame()
    stateEpoch += 1
    for name in frame.failedRecords { declare(name.text, .failed, at: name.range) }
    guard let bound, condition.type != .error else { return }
    if !Reads(condition).variables.contains(where: { frame.states.contains($0) }), !frame.states.isEmpty || body.statements.isEmpty {
      report(.whileNeverChanges(text: text(conditionTree.range), at: conditionTree.range))
    }
    let loop = TypedWhile(condition: condition, bound: bound, body: statements, states: frame.states, range: range)
    typed.append(TypedStatement(kind: .whileLoop(loop), range: range))
    carryOn(frame.states, at: range, into: &typed)
  }

  /// The statements of a loop's body in the order of the data.
  private mutating func loopBody(_ body: BlockTree, _ kind: LoopFrame.Kind) -> ([TypedStatement], LoopFrame) {
    context.loops.append(LoopFrame(kind: kind, blockLevel: context.blockLevel))
    var statements: [TypedStatement] = []
    inFrame { $0.check(body.statements[...], into: &statements) }
    let frame = context.loops.removeLast()
    resolveNextReads(frame)
    if case .cell = kind {} else { for state in frame.states { context.stateValues[state] = nil } }
    return (inDataOrder(statements), frame)
  }

  /// `next u` is assigned in this loop, or else in one around it.
  mutating func resolveNextReads(_ frame: LoopFrame) {
    for read in frame.nextReads where frame.assigned[read.state] == nil {
      if frame.hasFailedNext { continue }
      if context.loops.isEmpty {
        if let inside = frame.assignedInside[read.state] {
          report(.nextOfInnerLoop(name: variables[read.state.index].name, inner: inside, at: read.range))
        } else {
          report(.nextNeverAssigned(name: variables[read.state.index].name, at: read.range))
        }
      } else {
        context.loops[context.loops.count - 1].nextReads.append(read)
      }
    }
  }

  /// The state that a `next` names, with the loops around checked; nil after an error.
  private mutating func stateOfNext(_ name: Name) -> VariableID? {
    switch lookUp(name.text) {
    case .variable(let id)? where variables[id.index].role == .state: return id
    case .failed?: return nil
    case nil:
      reportMissing(name.text, .unknownState(name: name.text, nearest: nearestState(to: name.text), at: name.range))
    case let entity?:
      report(.notAState(name: name.text, kind: entity.kindName, declared: place(of: entity), at: name.range))
    }
    return nil
  }

  private func nearestState(to name: String) -> String? {
    nearestName(to: name) { entity in
      if case .variable(let id) = entity { return variables[id.index].role == .state }
      return false
    }
  }

  mutating func checkNext(_ targets: [NextTarget], _ valueTree: Expression, at range: SourceRange, into typed: inout [TypedStatement]) {
    guard let loop = context.loops.last else {
      report(.nextOutsideLoop(name: targets[0].name.text, at: range))
      _ = check(valueTree)
      return
    }
    var places: [(target: TypedNextTarget, type: Type)?] = []
    var failed = false
    for target in targets {
      if target.name.text == "_" {
        places.append(nil)
        continue
      }
      guard let state = stateOfNext(target.name), assign(state, target.name, loop) else {
        failed = true
        continue
      }
      guard let (indices, type) = rowOfNext(state, target) else {
        failed = true
        continue
      }
      places.append((TypedNextTarget(state: state, indices: indices), type))
    }
    if failed {
      context.loops[context.loops.count - 1].hasFailedNext = true
      _ = check(valueTree)
      return
    }
    let value: TypedExpression
    if targets.count == 1, let place = places[0] {
      let state = variables[place.target.state.index]
      value = check(
        valueTree, as: place.type, Destination(description: "`next \(state.name)`", declared: state.range, spread: .literals))
    } else {
      let raw = concrete(check(valueTree))
      guard !raw.type.containsError else { return }
      guard case .tuple(let fields) = raw.type, fields.count == targets.count else {
        report(.patternMismatch(count: targets.count, type: raw.type, at: valueTree.range))
        return
      }
      let types = zip(zip(targets, places), fields).map { pair, field in
        Type.Field(label: pair.0.name.text, type: pair.1?.type ?? field.type)
      }
      value = convert(raw, to: .tuple(types), Destination(description: "`next (\(targets.map(\.name.text).joined(separator: ", ")))`"))
    }
    guard !value.type.containsError else { return }
    let read = Reads(value)
    for place in places.compactMap({ $0 }) {
      note(read, of: place.target.state)
      nextReads[place.target.state, default: []].formUnion(read.variables)
    }
    if case .unrolled = loop.kind {
      assignUnrolled(places.map { $0?.target }, value, at: range, into: &typed)
    } else {
      typed.append(TypedStatement(kind: .next(targets: places.map { $0?.target }, value: value), range: range))
    }
  }

  /// Notes that this step assigns a state; false where it may not.
  private mutating func assign(_ state: VariableID, _ name: Name, _ loop: LoopFrame) -> Bool {
    guard let info = stateInfo[state], info.blockLevel == context.blockLevel else {
      report(.nextInsideValue(name: name.text, at: name.range))
      return false
    }
    let last = context.loops.count - 1
    if let first = context.loops[last].assigned[state] ?? context.loops[last].assignedInside[state] {
      report(.nextTwice(name: name.text, first: first, at: name.range))
      return false
    }
    for place in min(info.loopDepth, last)..<last {
      if let first = context.loops[place].assigned[state] {
        report(.nextTwice(name: name.text, first: first, at: name.range))
        return false
      }
      context.loops[place].assignedInside[state] = name.range
    }
    if case .unrolled = loop.kind {
    } else if context.stateValues[state] != nil {
      report(.nextAfterUnrolled(name: name.text, at: name.range))
      return false
    }
    context.loops[last].assigned[state] = name.range
    for place in min(info.loopDepth, context.loops.count)..<context.loops.count where !context.loops[place].states.contains(state) {
      context.loops[place].states.append(state)
    }
    return true
  }

  /// The indices of `next a[i]`, and the type of the row.
  private mutating func rowOfNext(_ state: VariableID, _ target: NextTarget) -> ([TypedExpression], Type)? {
    let type = variables[state.index].type
    guard !target.indices.isEmpty else { return ([], type) }
    guard let shape = type.shape, !shape.isEmpty else {
      report(.notIndexable(type: type, text: target.name.text, at: target.name.range))
      return nil
    }
    guard target.indices.count <= shape.count else {
      report(.tooManyIndices(found: target.indices.count, type: type, at: target.name.range))
      return nil
    }
    var indices: [TypedExpression] = []
    for (item, size) in zip(target.indices, shape) {
      switch item {
      case .index(let tree):
        guard let index = checkIndex(tree, below: size, of: "`next \(target.name.text)[\(text(tree.range))]`") else { return nil }
        indices.append(index)
      case .range(_, _, let range), .all(let range):
        report(.nextOfSlice(name: target.name.text, at: range))
        return nil
      }
    }
    return (indices, type.row(indices.count))
  }

  /// `next u` where a value is wanted.
  mutating func checkNext(_ name: Name, at range: SourceRange) -> TypedExpression {
    guard let state = stateOfNext(name) else { return errorExpression(range) }
    used.insert(state)
    guard !context.loops.isEmpty else {
      report(.nextAfterLoop(name: name.text, at: range))
      return errorExpression(range)
    }
    for loop in context.loops.reversed() {
      guard case .unrolled = loop.kind else { break }
      if let value = loop.values[state] { return read(value, at: range) }
    }
    context.loops[context.loops.count - 1].nextReads.append((state, range))
    return TypedExpression(kind: .next(state), type: variables[state.index].type, range: range)
  }

  mutating func checkRecord(_ name: Name, _ tree: Expression, at range: SourceRange, into typed: inout [TypedStatement]) {
    let value = concrete(check(tree))
    guard let loop = context.loops.last, loop.blockLevel == context.blockLevel else {
      report(.recordOutsideLoop(name: name.text, at: range))
      declare(name.text, .failed, at: name.range)
      return
    }
    let last = context.loops.count - 1
    guard !value.type.containsError else {
      context.loops[last].failedRecords.append(name)
      return
    }
    if let first = loop.records.first(where: { $0.name.text == name.text }) {
      report(.declaredTwice(name: name.text, first: first.name.range, at: name.range))
      return
    }
    switch loop.kind {
    case .counted(let size):
      guard value.type.shape != nil else {
        report(.recordType(type: value.type, at: tree.range))
        return
      }
      var type = value.type
      if case .array(.index, let shape) = type { type = .array(.integer, shape) }
      let id = newVariable(name.text, type.stacked([size]), .record, name.range)
      note(Reads(value), of: id)
      context.loops[last].records.append((name, id))
      typed.append(TypedStatement(kind: .record(id, value), range: range))
    case .unrolled:
      let id = newVariable(name.text, value.type, .binding, name.range)
      used.insert(id)
      note(Reads(value), of: id)
      context.loops[last].records.append((name, id))
      typed.append(TypedStatement(kind: .binding(.variable(id), value), range: range))
    case .conditional:
      report(.recordInWhile(name: name.text, at: range))
      context.loops[last].failedRecords.append(name)
    case .cell: report(.recordInCell(name: name.text, at: range))
    }
  }
}
