// Loops and comprehensions over a list of instances, written out: each round has its own instance, with parameters of its own shape.

extension Checker {
  /// Writes out a loop whose body uses a list of instances by the loop's variable; false where it does not.
  mutating func unroll(
    _ variable: Name, _ countTree: Expression, _ condition: Expression?, _ down: Bool, _ body: BlockTree, at range: SourceRange,
    into typed: inout [TypedStatement]
  ) -> Bool {
    guard usesInstances(by: variable.text, { body.walk($0) }) else { return false }
    guard let rounds = rounds(countTree, at: range) else { return true }
    var touched: [VariableID] = []
    // Nil for a round that the condition leaves out.
    var records: [[(name: Name, variable: VariableID)]?] = []
    var failed: [Name] = []
    stateEpoch += 1
    for round in down ? rounds.reversed() : Array(rounds) {
      guard isTaken(round, of: variable, condition) else {
        records.append(nil)
        continue
      }
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
    for name in records.lazy.compactMap({ $0 }).first?.map(\.name) ?? [] {
      declareRecord(name, down ? records.reversed() : records, at: range, into: &typed)
    }
    return true
  }

  /// Whether the condition holds in a round. It is worked out here, so it may depend on nothing but the round and fixed sizes.
  private mutating func isTaken(_ round: Int, of variable: Name, _ condition: Expression?) -> Bool {
    guard let condition else { return true }
    return inFrame { checker in
      checker.declare(variable.text, .size(Size(round)), at: variable.range)
      let value = checker.checkCondition(condition, what: "`where`")
      if value.type.containsError || checker.isGeneric { return true }
      guard let holds = checker.knownTruth(value) else {
        if round == 0 { checker.report(.unrolledCondition(at: condition.range)) }
        return true
      }
      return holds
    }
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

  /// The rounds of a `record`, as an array; 0 where a round was left out.
  private mutating func declareRecord(
    _ name: Name, _ records: [[(name: Name, variable: VariableID)]?], at range: SourceRange, into typed: inout [TypedStatement]
  ) {
    let recorded = records.map { round in round?.first { $0.name.text == name.text }.map { read($0.variable, at: name.range) } }
    let values = recorded.compactMap { $0 }
    guard let type = values.first?.type, values.allSatisfy({ $0.type == type }), case .array(let element, let shape) = type else {
      report(.unrolledRecord(name: name.text, at: name.range))
      declare(name.text, .failed, at: name.range)
      return
    }
    let items = recorded.map { $0 ?? zero(element, shape, at: name.range) }
    let whole = TypedExpression(kind: .array(items), type: type.stacked([Size(items.count)]), range: name.range)
    let id = declareVariable(name, whole.type, .binding)
    note(Reads(whole), of: id)
    typed.append(TypedStatement(kind: .binding(.variable(id), whole), range: range))
  }

  private func zero(_ element: Scalar, _ shape: [Size], at range: SourceRange) -> TypedExpression {
    let kind: TypedExpression.Kind =
      switch element {
      case .real: .real(0)
      case .integer, .index: .integer(0)
      case .boolean: .boolean(false)
      }
    let number = TypedExpression(kind: kind, type: .array(element, []), range: range)
    return shape.isEmpty ? number : TypedExpression(kind: .spread(number, shape: shape), type: .array(element, shape), range: range)
  }

  /// `next u = e` in an unrolled loop: a value of this round.
  mutating func assignUnrolled(
    _ targets: [TypedNextTarget?], _ value: TypedExpression, at range: SourceRange, into typed: inout [TypedStatement]
  ) {
    let last = context.loops.count - 1
    var parts: [TypedPattern] = []
    var replacements: [TypedStatement] = []
    for target in targets {
      guard let target else {
        parts.append(.discard)
        continue
      }
      let state = variables[target.state.index]
      let id = bindUnrolled(state.name, state.type.row(target.indices.count), Reads(value), at: range)
      parts.append(.variable(id))
      if target.indices.isEmpty {
        context.loops[last].values[target.state] = id
        continue
      }
      let whole = replacing(target, with: read(id, at: range), at: range)
      let replaced = bindUnrolled(state.name, state.type, Reads(whole), at: range)
      context.loops[last].values[target.state] = replaced
      replacements.append(TypedStatement(kind: .binding(.variable(replaced), whole), range: range))
    }
    typed.append(TypedStatement(kind: .binding(parts.count == 1 ? parts[0] : .tuple(parts), value), range: range))
    typed += replacements
  }

  /// A name for a value that a round gives to a state.
  private mutating func bindUnrolled(_ name: String, _ type: Type, _ read: Reads, at range: SourceRange) -> VariableID {
    let id = newVariable(name, type, .binding, range)
    used.insert(id)
    note(read, of: id)
    return id
  }

  /// What a state is before this round, with one element or row replaced.
  private mutating func replacing(_ target: TypedNextTarget, with row: TypedExpression, at range: SourceRange) -> TypedExpression {
    let state = variables[target.state.index]
    let shape = Array((state.type.shape ?? []).prefix(target.indices.count))
    let axes = shape.map { size in
      TypedAxis(variable: newVariable(state.name, .array(.index(below: size), []), .axis, range), size: size)
    }
    let indices = axes.map { read($0.variable, at: range) }
    var condition = TypedExpression(kind: .boolean(true), type: .boolean, range: range)
    for (place, pair) in zip(indices, target.indices).enumerated() {
      let equal = TypedExpression(kind: .primitive(.equal, [pair.0, pair.1]), type: .boolean, range: range)
      condition =
        place == 0 ? equal : TypedExpression(kind: .shortCircuit(isAnd: true, condition, equal), type: .boolean, range: range)
    }
    let before = read(context.stateValues[target.state] ?? target.state, at: range)
    let kept = TypedExpression(kind: .subscripted(before, indices.map { .index($0) }), type: row.type, range: range)
    let value = TypedExpression(
      kind: .conditional(condition, TypedBlock(statements: [], value: row), TypedBlock(statements: [], value: kept)), type: row.type,
      range: range)
    return TypedExpression(kind: .build(axes: axes, body: TypedBlock(statements: [], value: value)), type: state.type, range: range)
  }

  /// `[layer in 4: e]` whose body uses a list of instances by the axis, written out.
  mutating func unrolledBuild(_ comprehension: Comprehension, at range: SourceRange) -> TypedExpression? {
    guard let items = roundsOf(comprehension, where: nil, at: range) else { return nil }
    if let condition = comprehension.condition { report(.buildCondition(at: condition.range)) }
    guard let type = items.first?.type, !items.contains(where: { $0.type.containsError }) else { return errorExpression(range) }
    guard type.shape != nil, items.allSatisfy({ $0.type == type }) else {
      report(.elementsDiffer(first: items[0], other: items.first { $0.type != type } ?? items[0]))
      return errorExpression(range)
    }
    return TypedExpression(kind: .array(items), type: type.stacked([Size(items.count)]), range: range)
  }

  /// `sum(layer in 4: e)` whose body uses a list of instances by the axis, written out.
  mutating func unrolledReduction(_ reduction: Reduction, _ comprehension: Comprehension, at range: SourceRange) -> TypedExpression? {
    let before = diagnostics.count
    guard let items = roundsOf(comprehension, where: comprehension.condition, at: range) else { return nil }
    guard let first = items.first, !items.contains(where: { $0.type.containsError }) else {
      if diagnostics.count == before { report(.reductionOfNothing(name: reduction.rawValue, at: range)) }
      return errorExpression(range)
    }
    let primitive: Primitive
    switch reduction {
    case .sum, .mean: primitive = .add
    case .product: primitive = .multiply
    case .max: primitive = .maximum
    case .min: primitive = .minimum
    case .argmax, .argmin:
      // The place among those that are taken is another than the place among all.
      guard comprehension.condition == nil, first.type.isNumber, items.allSatisfy({ $0.type == first.type }) else {
        report(.unrolledExtreme(name: reduction.rawValue, at: range))
        return errorExpression(range)
      }
      return checkFold(
        reduction, TypedExpression(kind: .array(items), type: first.type.stacked([Size(items.count)]), range: range), at: range)
    }
    let total = items.dropFirst().reduce(first) { elementwise(primitive, [$0, $1], symbol: reduction.rawValue, at: range) }
    guard reduction == .mean else { return total }
    let count = TypedExpression(kind: .real(Double(items.count)), type: .real, range: range)
    return elementwise(.divide, [total, count], symbol: "/", at: range)
  }

  /// The body of a comprehension for each round that is taken; nil where it uses no list of instances by its axis.
  private mutating func roundsOf(
    _ comprehension: Comprehension, where condition: Expression?, at range: SourceRange
  ) -> [TypedExpression]? {
    guard comprehension.axes.count == 1, usesInstances(by: comprehension.axes[0].name.text, { comprehension.body.walk($0) }) else {
      return nil
    }
    guard let rounds = rounds(comprehension.axes[0].size, at: range) else { return [] }
    let name = comprehension.axes[0].name
    return rounds.filter { isTaken($0, of: name, condition) }.map { round in
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
