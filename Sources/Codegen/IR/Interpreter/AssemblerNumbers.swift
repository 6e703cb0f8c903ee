import ModelDSL

// Primitives, and ruled values: where a trace is written or followed.
extension Assembler {
  mutating func assemble(_ primitive: Primitive, _ operands: [Value], _ result: Value) throws(InterpreterError) {
    guard operands.count == primitive.signature.operands.count, operands.allSatisfy(isNumber) else {
      throw .malformed("\(primitive.rawValue) needs \(primitive.signature.operands.count) numbers")
    }
    let onReals = isReal(operands[0])
    switch (onReals ? freezing(of: primitive) : .free, mode) {
    case (.free, _), (_, .run): compute(primitive, operands, result)
    case (.value, .record):
      compute(primitive, operands, result)
      emit(isReal(result) ? .recordReal : .recordInteger, 0, result.id)
    case (.value, .replay): emit(isReal(result) ? .replayReal : .replayInteger, result.id)
    case (.side, .record):
      compute(primitive, operands, result)
      emit(.recordSide, result.id, operands[0].id)
    case (.side, .replay): emit(.replaySide, result.id, operands[0].id, operands[1].id)
    case (.sign, .record):
      compute(primitive, operands, result)
      emit(.recordSign, 0, operands[0].id)
    case (.sign, .replay): emit(.replaySign, result.id, operands[0].id)
    }
  }

  private mutating func compute(_ primitive: Primitive, _ operands: [Value], _ result: Value) {
    let a = operands[0].id
    let b = operands.count > 1 ? operands[1].id : 0
    let onReals = isReal(operands[0])
    switch meaning(of: primitive) {
    case .number1(let real, let whole):
      if onReals { emitUnary(real, result.id, a) } else { emitWhole(primitive, whole, result.id, a) }
    case .number2(let real, let whole):
      if onReals { emitBinary(real, result.id, a, b) } else { emitWholePair(primitive, whole, result.id, a, b) }
    case .comparison(let real, let whole):
      if onReals {
        program.comparison.append(real)
        emit(.comparison, result.id, a, b, program.comparison.count - 1)
      } else {
        emitWholePair(primitive, whole, result.id, a, b)
      }
    case .real1(let real): emitUnary(real, result.id, a)
    case .real2(let real): emitBinary(real, result.id, a, b)
    case .mixed(let mixed):
      program.mixed.append(mixed)
      emit(.mixed, result.id, a, b, program.mixed.count - 1)
    case .whole1(let whole): emitWhole(primitive, whole, result.id, a)
    case .whole2(let whole): emitWholePair(primitive, whole, result.id, a, b)
    case .realFromWhole: emit(.realFromWhole, result.id, a)
    case .wholeFromReal(let convert):
      program.wholeFromReal.append((primitive, convert))
      emit(.wholeFromReal, result.id, a, 0, program.wholeFromReal.count - 1)
    }
  }

  mutating func emitUnary(_ function: @escaping PrimitiveMeaning.Unary, _ d: Int, _ a: Int) {
    program.real1.append(function)
    emit(.real1, d, a, 0, program.real1.count - 1)
  }
  mutating func emitBinary(_ function: @escaping PrimitiveMeaning.Binary, _ d: Int, _ a: Int, _ b: Int) {
    program.real2.append(function)
    emit(.real2, d, a, b, program.real2.count - 1)
  }
  private mutating func emitWhole(_ primitive: Primitive, _ function: @escaping PrimitiveMeaning.Whole, _ d: Int, _ a: Int) {
    program.whole1.append((primitive, function))
    emit(.whole1, d, a, 0, program.whole1.count - 1)
  }
  mutating func emitWholePair(
    _ primitive: Primitive, _ function: @escaping PrimitiveMeaning.WholePair, _ d: Int, _ a: Int, _ b: Int
  ) {
    program.whole2.append((primitive, function))
    emit(.whole2, d, a, b, program.whole2.count - 1)
  }

  // MARK: Ruled values

  mutating func assemble(_ value: Value, _ rules: [Rule], _ result: Value) throws(InterpreterError) {
    switch isReal(value) ? mode : .run {
    case .run: move(result.id, value.id, like: value)
    case .record:
      move(result.id, value.id, like: value)
      try record(value)
      for (place, rule) in rules.enumerated() { try record(rule, value, tangentBlock(result, place), result) }
    case .replay:
      // The value at the recorded point is what the rules' blocks see; the result departs from it.
      let recorded = temporary()
      let isNumber = isNumber(value)
      if isNumber {
        emit(.replayReal, recorded)
        emit(.moveReal, result.id, recorded)
      } else {
        emit(.replayReals, recorded, try count(value))
        emit(.alias, result.id, recorded)
        emit(.makeUnique, result.id, try count(value), 1)
      }
      for (place, rule) in rules.enumerated() { try replay(rule, recorded, tangentBlock(result, place), result) }
      if !isNumber { emit(.release, recorded) }
    }
  }

  private func tangentBlock(_ result: Value, _ place: Int) -> Block? {
    guard let blocks = tangentBlocks[result], place < blocks.count else { return nil }
    return blocks[place]
  }

  private mutating func record(_ value: Value) throws(InterpreterError) {
    if isNumber(value) { emit(.recordReal, 0, value.id) } else { emit(.recordReals, value.id, try count(value)) }
  }

  private mutating func record(_ rule: Rule, _ value: Value, _ tangent: Block?, _ result: Value) throws(InterpreterError) {
    switch rule.kind {
    case .slope:
      guard rule.block.parameters.count == 1, rule.block.results.count == 1 else { throw .malformed("a slope of %\(result.id)") }
      try record(rule.target)
      // The slope is a number of the point: what it decides is not asked for again.
      let outer = mode
      mode = .run
      move(rule.block.parameters[0].id, value.id, like: value)
      try assemble(rule.block)
      mode = outer
      try record(rule.block.results[0])
      releaseResults(rule.block)
    case .cotangent:
      guard let tangent else {
        uncheckedRules.insert(result)
        return
      }
      guard tangent.parameters.count == 2, tangent.results.count == 1 else { throw .malformed("a tangent block of %\(result.id)") }
      try record(rule.target)
      // Run with a tangent of zero, for the sake of the decisions in it.
      if isNumber(rule.target) {
        emit(.moveReal, tangent.parameters[0].id, constantSlot(0))
      } else {
        try allocate(tangent.parameters[0])
      }
      move(tangent.parameters[1].id, value.id, like: value)
      try assemble(tangent)
      releaseResults(tangent)
    }
  }

  private mutating func replay(_ rule: Rule, _ recorded: Int, _ tangent: Block?, _ result: Value) throws(InterpreterError) {
    switch rule.kind {
    case .slope:
      let list = program.lists.count
      for value in [result, rule.target, rule.block.results[0]] { program.lists.append(isNumber(value) ? -1 : try count(value)) }
      emit(.replaySlope, result.id, rule.target.id, list)
    case .cotangent:
      guard let tangent else {
        uncheckedRules.insert(result)
        return
      }
      emit(.replayDelta, tangent.parameters[0].id, rule.target.id, isNumber(rule.target) ? -1 : try count(rule.target))
      move(tangent.parameters[1].id, recorded, like: result)
      try assemble(tangent)
      if isNumber(result) {
        emit(.addReal, result.id, tangent.results[0].id)
      } else {
        emit(.accumulateRealRow, result.id, tangent.results[0].id, try list(result, []), 0)
      }
      releaseResults(tangent)
    }
  }
}
