import ModelDSL

/// Reverse mode as a transformation from IR to IR: runs backwards over a block's statements and emits, for each, what adds the cotangents of its
/// results to those of its operands. A nested block is run again and reversed in the same iteration (redundant execution by
/// scope: Schenck, Roenning, Henriksen, Oancea, "AD for an Array Language with Nested Parallelism", SC 2022), so no tape is needed:
/// only loops store, and what they store has a size known before the run.
struct ReverseMode {
  /// The cotangents of one block on its way back.
  struct Frame {
    /// Values defined in the block, whose cotangents are values of the block too.
    var locals: Set<Value> = []
    var cotangents: [Value: Value] = [:]
    /// Contributions to single elements or rows of local arrays, not yet gathered into one scope.
    var pending: [Value: [(indices: [Value], cotangent: Value)]] = [:]
    /// For values defined outside: the accumulator that gathers their cotangent.
    var tokens: [Value: Value] = [:]
    /// Arrays of the outside that the iteration reads at its own indices only: their cotangent is one element (or row) an iteration.
    var elements: Set<Value> = []
  }

  var builder: Builder
  let rules: ImportedRules
  var varied: Set<Value>
  /// Results of primitives whose derivative is taken only where their cotangent is not 0, see `ConditionalDemand`.
  var guarded: Set<Value>
  var frames: [Frame] = []
  /// While a block that accumulates is reversed: the cotangents of its sums.
  var tokenCotangents: [Value: Value] = [:]

  init(builder: Builder, rules: ImportedRules, varied: Set<Value>, guarded: Set<Value>) {
    self.builder = builder
    self.rules = rules
    self.varied = varied
    self.guarded = guarded
  }

  var frame: Frame {
    get { frames[frames.count - 1] }
    set { frames[frames.count - 1] = newValue }
  }

  // MARK: Contributions

  /// Adds to the cotangent of a value.
  mutating func contribute(to target: Value, _ cotangent: Value) {
    guard varied.contains(target) else { return }
    if frame.locals.contains(target) {
      if let present = frame.cotangents[target] {
        frame.cotangents[target] = builder.sum(present, cotangent)
      } else {
        frame.cotangents[target] = cotangent
      }
    } else if let token = frame.tokens[target] {
      builder.accumulate(into: token, [], cotangent)
    } else {
      preconditionFailure("a varied value without an accumulator")
    }
  }

  /// Adds to the cotangent of one element or row of an array.
  mutating func contribute(to array: Value, at indices: [Value], _ cotangent: Value) {
    guard varied.contains(array) else { return }
    if frame.elements.contains(array) {
      if let present = frame.cotangents[array] {
        frame.cotangents[array] = builder.sum(present, cotangent)
      } else {
        frame.cotangents[array] = cotangent
      }
    } else if frame.locals.contains(array) {
      frame.pending[array, default: []].append((indices, cotangent))
    } else if let token = frame.tokens[array] {
      builder.accumulate(into: token, indices, cotangent)
    } else {
      preconditionFailure("a varied array without an accumulator")
    }
  }

  /// The cotangent of a local value so far, element contributions gathered in; nil where nothing has reached it.
  mutating func cotangent(of value: Value) -> Value? {
    if let parts = frame.pending.removeValue(forKey: value) {
      let (_, sums) = builder.accumulating([builder.values[value]], initial: [frame.cotangents[value]], names: [cotangentName(value)]) {
        for part in parts { $0.accumulate(into: $1[0], part.indices, part.cotangent) }
        return []
      }
      frame.cotangents[value] = sums[0]
    }
    return frame.cotangents[value]
  }

  func cotangentName(_ value: Value) -> String? { builder.values.name(of: value).map { $0 + "Cotangent" } }

  // MARK: Running again

  /// Emits the steps with fresh values, but for those whose results `replacement` holds already (they were stored).
  /// Returns them as they are to be reversed: with the new names outside, and their nested blocks as they were.
  mutating func rerun(_ steps: [Step], _ replacement: inout [Value: Value]) -> [Step] {
    var again: [Step] = []
    again.reserveCapacity(steps.count)
    for step in steps {
      let isStored = !step.statement.results.isEmpty && step.statement.results.allSatisfy { replacement[$0] != nil }
      if !isStored, let statement = step.statement.withoutOuterAccumulations() {
        builder.copy(statement, replacing: &replacement)
        for result in step.statement.results where varied.contains(result) { varied.insert(replacement[result]!) }
      }
      for result in step.statement.results where guarded.contains(result) { guarded.insert(replacement[result] ?? result) }
      let names = replacement
      again.append(
        Step(
          statement: Statement(
            results: step.statement.results.map { names[$0] ?? $0 },
            operation: step.statement.operation.rewritten(value: { names[$0] ?? $0 }) { $0.substituting(names) },
            notes: step.statement.notes),
          detail: step.detail.substituting(names)))
    }
    return again
  }

  /// Runs `block` again in the current builder block and frame, seeds the cotangents of its results, and reverses it.
  mutating func reverseAgain(_ block: AugmentedBlock, _ replacement: inout [Value: Value], seeds: [Value?]) {
    let steps = rerun(block.steps, &replacement)
    for step in steps { frame.locals.formUnion(step.statement.results) }
    let notes = builder.notes
    for (result, seed) in zip(block.results, seeds) {
      if let seed { contribute(to: replacement[result] ?? result, seed) }
    }
    reverse(steps)
    builder.notes = notes
  }

  // MARK: Scopes

  /// Emits what `body` emits inside a new frame, in which contributions to `captured` values of the current frame go to accumulators.
  /// Afterwards their cotangents stand in the current frame.
  mutating func gathering(_ captured: [Value], _ body: (inout ReverseMode) -> [Value]) -> [Value] {
    let own = captured.filter { frame.locals.contains($0) || frame.elements.contains($0) }
    var inner = Frame(tokens: frame.tokens)
    var tokens: [(value: Value, token: Value)] = []
    for value in own {
      // A cotangent of an element sink is of the element: the whole is not in scope here.
      precondition(!frame.elements.contains(value), "an element sink is read at the top of its iteration only")
      let token = builder.fresh(builder.values[value], name: cotangentName(value))
      inner.tokens[value] = token
      tokens.append((value, token))
    }
    frames.append(inner)
    builder.openBlock()
    let results = body(&self)
    let block = builder.closeBlock(results: results)
    frames.removeLast()
    let written = block.statements.reduce(into: Set<Value>()) { $0.formUnion($1.outerTokens) }
    let used = tokens.filter { written.contains($0.token) }
    if used.isEmpty {
      for statement in block.statements { builder.append(statement) }
      return results
    }
    let accumulators = used.map { Accumulating.Accumulator(token: $0.token, initial: cotangent(of: $0.value)) }
    let names = results.map { builder.values.name(of: $0) } + used.map { cotangentName($0.value) }
    let all = builder.emit(.accumulating(Accumulating(accumulators: accumulators, body: block)), names: names)
    for (place, entry) in used.enumerated() { frame.cotangents[entry.value] = all[results.count + place] }
    return Array(all.prefix(results.count))
  }

  /// The varied values of the outside that a statement uses, in a fixed order.
  func captured(_ statement: Statement) -> [Value] { statement.freeValues.filter(varied.contains).sorted() }

  // MARK: Backwards

  mutating func reverse(_ steps: [Step]) {
    for step in steps.reversed() { reverse(step) }
  }
}

extension Step.Detail {
  /// With captured values renamed; values that the nested blocks define keep their names.
  func substituting(_ names: [Value: Value]) -> Step.Detail {
    switch self {
    case .plain: .plain
    case .loop(let inner, let carries, let saved): .loop(inner.substituting(names), carries: carries, saved: saved)
    case .branch(let then, let savedThen, let otherwise, let savedOtherwise):
      .branch(
        then: then.substituting(names), savedThen: savedThen, otherwise: otherwise.substituting(names), savedOtherwise: savedOtherwise)
    }
  }
}

extension AugmentedBlock {
  func substituting(_ names: [Value: Value]) -> AugmentedBlock {
    AugmentedBlock(
      parameters: parameters,
      steps: steps.map {
        Step(
          statement: Statement(
            results: $0.statement.results,
            operation: $0.statement.operation.rewritten(value: { names[$0] ?? $0 }) { $0.substituting(names) }, notes: $0.statement.notes),
          detail: $0.detail.substituting(names))
      },
      results: results.map { names[$0] ?? $0 }, saved: saved)
  }
}

extension Statement {
  /// The statement without its additions to accumulators of the outside: run again for its values, it must not add twice.
  /// Nil where nothing is left.
  func withoutOuterAccumulations() -> Statement? {
    let tokens = outerTokens
    if tokens.isEmpty { return self }
    func stripped(_ statement: Statement) -> Statement? {
      if case .accumulate(let token, _, _) = statement.operation, tokens.contains(token) { return nil }
      return Statement(
        results: statement.results,
        operation: statement.operation.mapBlocks {
          Block(parameters: $0.parameters, statements: $0.statements.compactMap(stripped), results: $0.results)
        },
        notes: statement.notes)
    }
    guard let rest = stripped(self), !rest.results.isEmpty else { return nil }
    return rest
  }
}
