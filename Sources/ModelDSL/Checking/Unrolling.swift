// Loops and comprehensions over a list of instances, written out: each round has its own instance, with parameters of its own shape.

extension Checker {
  /// Writes out a loop whose body uses a list of instances by the loop's variable; false where it does not.
  mutating func unroll(
    _ variable: Name, _ countTree: Expression, _ condition: Expression?, _ down: Bool, _ body: BlockTree, at range: SourceRange,
    into typed: inout [TypedStatement]
  ) -> Bool {
    guard usesInstances(by: variable.text, { body.walk($0) }) else { return false }
    guard let rounds = rounds(countTree, at: range) else { return true }
    if let condition { report(.unrolledCondition(at: condition.range)) }
    var touched: [VariableID] = []
    var records: [[(name: Name, variable: VariableID)]] = []
    var failed: [Name] = []
    stateEpoch += 1
    for round in down ? rounds.reversed() : Array(rounds) {
      context.loops.append(LoopFrame(kind: .unrolled, blockLevel: context.blockLevel))
      inFrame { checker in
        checker.declare(variable.text, .size(Size(round)), at: variable.range)
        checker.inFrame { $0.check(body.statements[...], into: &typed) }
      }
      let frame = context.loops.removeLast()
      for read in frame.nextReads where frame.assigned[read.state] != nil {
        report(.nextBeforeAssignment(name: variables[read.state.index].name, at: read.range))
      }
      resolveNextReads(frame)
      for (state, value) in frame.values { context.stateValues[state] = value }
      for state in frame.states where !touched.contains(state) && (frame.assigned[state] ?? frame.assignedInside[state]) != nil {
        touched.append(state)
      }
      records.append(frame.records)
      failed = frame.failedRecords
    }
    stateEpoch += 1
    for state in touched { carryOn(state, at: range, into: &typed) }
    for name in failed { declare(name.text, .failed, at: name.range) }
    for name in records.first?.map(\.name) ?? [] { declareRecord(name, down ? records.reversed() : records, at: range, into: &typed) }
    return true
  }

  /// The loop around takes over what the last round gave to a state.
  private mutating func carryOn(_ state: VariableID, at range: SourceRange, into typed: inout [TypedStatement]) {
    guard let info = stateInfo[state], info.loopDepth < context.loops.count else { return }
    let value = context.stateValues[state] ?? state
    let last = context.loops.count - 1
    if case .unrolled = context.loops[last].kind { return }
    if let first = context.loops[last].assigned[state] {
      report(.nextTwice(name: variables[state.index].name, first: first, at: range))
      return
    }
    context.loops[last].assigned[state] = range
    typed.append(TypedStatement(kind: .next(targets: [TypedNextTarget(state: state)], value: read(value, at: range)), range: range))
  }

  /// The rounds of a `record`, as an array.
  private mutating func declareRecord(
    _ name: Name, _ records: [[(name: Name, variable: VariableID)]], at range: SourceRange, into typed: inout [TypedStatement]
  ) {
    let items = records.compactMap { round in round.first { $0.name.text == name.text }.map { read($0.variable, at: name.range) } }
    guard let type = items.first?.type, items.allSatisfy({ $0.type == type }), type.shape != nil else {
      report(.unrolledRecord(name: name.text, at: name.range))
      declare(name.text, .failed, at: name.range)
      return
    }
    let whole = TypedExpression(kind: .array(items), type: type.stacked([Size(items.count)]), range: name.range)
    let id = declareVariable(name, whole.type, .binding)
    note(Reads(whole), of: id)
    typed.append(TypedStatement(kind: .binding(.variable(id), whole), range: range))
  }

  /// `next u = e` in an unrolled loop: a value of this round.
  mutating func assignUnrolled(
    _ targets: [TypedNextTarget?], _ value: TypedExpression, at range: SourceRange, into typed: inout [TypedStatement]
  ) {
    let last = context.loops.count - 1
    var parts: [TypedPattern] = []
    for target in targets {
      guard let target else {
        parts.append(.discard)
        continue
      }
      if !target.indices.isEmpty {
        report(.unrolledRow(name: variables[target.state.index].name, at: range))
        continue
      }
      let state = variables[target.state.index]
      let id = newVariable(state.name, state.type, .binding, range)
      used.insert(id)
      note(Reads(value), of: id)
      context.loops[last].values[target.state] = id
      parts.append(.variable(id))
    }
    typed.append(TypedStatement(kind: .binding(parts.count == 1 ? parts[0] : .tuple(parts), value), range: range))
  }

  /// `[layer in 4: e]` whose body uses a list of instances by the axis, written out.
  mutating func unrolledBuild(_ comprehension: Comprehension, at range: SourceRange) -> TypedExpression? {
    guard let items = roundsOf(comprehension, at: range) else { return nil }
    guard let type = items.first?.type, !items.contains(where: { $0.type.containsError }) else { return errorExpression(range) }
    guard type.shape != nil, items.allSatisfy({ $0.type == type }) else {
      report(.elementsDiffer(first: items[0], other: items.first { $0.type != type } ?? items[0]))
      return errorExpression(range)
    }
    return TypedExpression(kind: .array(items), type: type.stacked([Size(items.count)]), range: range)
  }

  /// `sum(layer in 4: e)` whose body uses a list of instances by the axis, written out.
  mutating func unrolledReduction(_ reduction: Reduction, _ comprehension: Comprehension, at range: SourceRange) -> TypedExpression? {
    guard let items = roundsOf(comprehension, at: range) else { return nil }
    guard let first = items.first, !items.contains(where: { $0.type.containsError }) else { return errorExpression(range) }
    let primitive: Primitive
    switch reduction {
    case .sum, .mean: primitive = .add
    case .product: primitive = .multiply
    case .max: primitive = .maximum
    case .min: primitive = .minimum
    case .argmax, .argmin:
      report(.unrolledExtreme(name: reduction.rawValue, at: range))
      return errorExpression(range)
    }
    let total = items.dropFirst().reduce(first) { elementwise(primitive, [$0, $1], symbol: reduction.rawValue, at: range) }
    guard reduction == .mean else { return total }
    let count = TypedExpression(kind: .real(Double(items.count)), type: .real, range: range)
    return elementwise(.divide, [total, count], symbol: "/", at: range)
  }

  /// The body of a comprehension for each round; nil where it uses no list of instances by its axis.
  private mutating func roundsOf(_ comprehension: Comprehension, at range: SourceRange) -> [TypedExpression]? {
    guard comprehension.axes.count == 1, usesInstances(by: comprehension.axes[0].name.text, { comprehension.body.walk($0) }) else {
      return nil
    }
    guard let rounds = rounds(comprehension.axes[0].size, at: range) else { return [] }
    if let condition = comprehension.condition { report(.unrolledCondition(at: condition.range)) }
    let name = comprehension.axes[0].name
    return rounds.map { round in
      inFrame { checker in
        checker.declare(name.text, .size(Size(round)), at: name.range)
        let block = checker.bodyBlock(comprehension.body)
        let value = checker.concrete(block.value)
        if block.statements.isEmpty { return value }
        return TypedExpression(kind: .block(TypedBlock(statements: block.statements, value: value)), type: value.type, range: value.range)
      }
    }
  }

  private mutating func rounds(_ tree: Expression, at range: SourceRange) -> Range<Int>? {
    guard let size = count(tree) else { return nil }
    // For all sizes one round stands for all.
    guard let number = size.constant ?? (isGeneric ? 1 : nil), number <= 256 else {
      report(.unrolledCount(size: size, at: tree.range))
      return nil
    }
    return 0..<number
  }

  /// Whether a text uses a list of instances by the variable `axis`.
  private mutating func usesInstances(by axis: String, _ walk: ((Expression) -> Void) -> Void) -> Bool {
    var names: Set<String> = []
    walk { e in
      guard case .subscripted(let base, let subscripts) = e.kind, case .name(let name) = base.kind else { return }
      var mentions = false
      for item in subscripts { item.walk { if case .name(axis) = $0.kind { mentions = true } } }
      if mentions { names.insert(name) }
    }
    return names.contains { name in
      if case .instances? = lookUp(name) { return true }
      return false
    }
  }
}
