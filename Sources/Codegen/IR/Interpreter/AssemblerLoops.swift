import ModelDSL

extension Assembler {
  // MARK: Reductions

  mutating func assemble(_ reduce: Reduce, _ results: [Value]) throws(InterpreterError) {
    switch reduce.op {
    case .sum: try assembleSum(reduce, results)
    case .product: try assembleProduct(reduce, results)
    case .max, .min, .argmax, .argmin: try assembleExtreme(reduce, results)
    }
  }

  /// The loops of the reduction, its condition, then the body and what `take` emits; `skip` receives the jumps that leave a point out.
  private mutating func points(
    _ reduce: Reduce,
    take: (inout Assembler) throws(InterpreterError) -> Void, after: (inout Assembler) -> Void = { _ in }
  ) throws(InterpreterError) {
    try loops(reduce.axes) { assembler throws(InterpreterError) in
      var skips: [Int] = []
      if let condition = reduce.condition {
        guard let result = condition.results.first else { throw .malformed("a condition without a result") }
        try assembler.assemble(condition)
        skips.append(assembler.here)
        assembler.emit(.jumpIfFalse, 0, result.id)
      }
      try assembler.assemble(reduce.body)
      try take(&assembler)
      assembler.releaseResults(reduce.body)
      for skip in skips { assembler.land(skip) }
      after(&assembler)
    }
  }

  private mutating func assembleSum(_ reduce: Reduce, _ results: [Value]) throws(InterpreterError) {
    for result in results {
      if !isNumber(result) {
        try allocate(result)
      } else if isReal(result) {
        emit(.moveReal, result.id, constantSlot(0))
      } else {
        emit(.setInteger, result.id, 0)
      }
    }
    try points(
      reduce,
      take: { assembler throws(InterpreterError) in
        for (result, value) in zip(results, reduce.body.results) {
          if assembler.isNumber(value) {
            assembler.emit(assembler.isReal(value) ? .addReal : .addInteger, result.id, value.id)
          } else {
            let list = try assembler.list(result, [])
            assembler.emit(assembler.isReal(value) ? .accumulateRealRow : .accumulateIntegerRow, result.id, value.id, list, 0)
          }
        }
      })
  }

  private mutating func assembleProduct(_ reduce: Reduce, _ results: [Value]) throws(InterpreterError) {
    guard case .number2(let real, let whole) = meaning(of: .multiply) else { throw .malformed("multiply is not on numbers") }
    for result in results {
      if isReal(result) { emit(.moveReal, result.id, constantSlot(1)) } else { emit(.setInteger, result.id, 1) }
    }
    try points(
      reduce,
      take: { assembler throws(InterpreterError) in
        for (result, value) in zip(results, reduce.body.results) {
          if assembler.isReal(value) {
            assembler.emitBinary(real, result.id, result.id, value.id)
          } else {
            assembler.emitWholePair(.multiply, whole, result.id, result.id, value.id)
          }
        }
      })
  }

  private mutating func assembleExtreme(_ reduce: Reduce, _ results: [Value]) throws(InterpreterError) {
    guard let value = reduce.body.results.first, !results.isEmpty else { throw .malformed("an extreme of nothing") }
    let greatest = reduce.op == .max || reduce.op == .argmax
    let givesPlace = reduce.op == .argmax || reduce.op == .argmin
    // `place` and `counter` are neighbours, as `weigh` wants them.
    let place = temporary()
    let counter = temporary()
    let wanted = temporary()
    let best = givesPlace ? temporary() : results[0].id
    emit(.setInteger, place, -1)
    emit(.setInteger, counter, 0)
    if isReal(value) {
      emit(.moveReal, best, constantSlot(greatest ? -.infinity : .infinity))
    } else {
      emit(.setInteger, best, greatest ? .min : .max)
    }
    let mode = mode
    // Replaying needs the place before the points, whose own decisions follow it in the trace.
    switch mode {
    case .run: break
    case .record: emit(.reserveInteger, wanted)
    case .replay: emit(.replayInteger, wanted)
    }
    try points(
      reduce,
      take: { assembler throws(InterpreterError) in
        let skip = assembler.here
        if mode == .replay { assembler.emit(.jumpIfDifferent, 0, counter, wanted) }
        assembler.emit(assembler.isReal(value) ? .weighReal : .weighInteger, best, value.id, place, greatest ? 1 : 0)
        if mode == .replay { assembler.land(skip) }
      },
      after: { $0.emit(.increment, 0, counter) })
    if mode == .record { emit(.settleInteger, wanted, place) }
    if !givesPlace { return }
    var stride = 1
    for (result, axis) in zip(results, reduce.axes).reversed() {
      let extent = try sizes.number(axis.size)
      emit(.unflatten, result.id, place, stride, max(extent, 1))
      stride *= max(extent, 1)
    }
  }

  // MARK: Sequential loops

  mutating func assemble(_ scan: Scan, _ results: [Value]) throws(InterpreterError) {
    let carried = scan.initial.count
    try checkCarry(scan.body, carried, results: results.count)
    let extent = try sizes.number(scan.axis.size)
    let stacked = Array(results.dropFirst(carried))
    for result in stacked { try allocate(result) }
    for (parameter, initial) in zip(scan.body.parameters, scan.initial) { move(parameter.id, initial.id, like: initial) }
    let index = scan.axis.index.id
    let trips = temporary()
    emit(.setInteger, trips, extent)
    if let given = scan.trips { emit(.clamp, trips, given.id, extent) }
    if extent > 0 {
      // `loopDown` and `loopUpTo` step first and test then, so the loop is entered at the test, one step before the first index.
      let zero = temporary()
      emit(.setInteger, zero, 0)
      if scan.down {
        emit(.clamp, index, trips, extent)
      } else {
        emit(.setInteger, index, -1)
      }
      let entry = here
      emit(.jump)
      let start = here
      try assemble(scan.body)
      try store(Array(scan.body.results.dropFirst(carried)), in: stacked, at: index)
      carry(scan.body, carried)
      land(entry)
      if scan.down { emit(.loopDown, 0, index, 0, start) } else { emit(.loopUpTo, 0, index, trips, start) }
    }
    finish(scan.body, results)
  }

  mutating func assemble(_ loop: While, _ results: [Value]) throws(InterpreterError) {
    let carried = loop.initial.count
    try checkCarry(loop.body, carried, results: results.count - 1)
    guard let condition = loop.condition.results.first, let iterations = results.last, loop.condition.parameters.count == carried else {
      throw .malformed("the condition of \(loop.name)")
    }
    let stacked = Array(results.dropFirst(carried).dropLast())
    for result in stacked { try allocate(result) }
    for (parameter, initial) in zip(loop.body.parameters, loop.initial) { move(parameter.id, initial.id, like: initial) }
    emit(.setInteger, iterations.id, 0)
    let start = here
    for (parameter, value) in zip(loop.condition.parameters, loop.body.parameters) { move(parameter.id, value.id, like: value) }
    try assemble(loop.condition)
    let toEnd = here
    emit(.jumpIfFalse, 0, condition.id)
    program.strings.append(loop.name)
    emit(.checkBound, 0, iterations.id, try sizes.number(loop.bound), program.strings.count - 1)
    try assemble(loop.body)
    try store(Array(loop.body.results.dropFirst(carried)), in: stacked, at: iterations.id)
    carry(loop.body, carried)
    emit(.increment, 0, iterations.id)
    emit(.jump, 0, 0, 0, start)
    land(toEnd)
    finish(loop.body, results)
  }

  private func checkCarry(_ body: Block, _ carried: Int, results: Int) throws(InterpreterError) {
    guard body.parameters.count == carried, body.results.count >= carried, body.results.count == results else {
      throw .malformed(
        "a loop that carries \(carried) values has \(body.parameters.count) parameters and yields \(body.results.count) values")
    }
  }

  /// The parameters take over the successors, all at once: by way of temporaries where one of them is a parameter itself.
  private mutating func carry(_ body: Block, _ carried: Int) {
    let successors = body.results.prefix(carried)
    let parameters = Set(body.parameters)
    let permuted = zip(body.parameters, successors).contains { $0 != $1 && parameters.contains($1) }
    if permuted {
      let temporaries = successors.map { _ in temporary() }
      for (slot, value) in zip(temporaries, successors) { move(slot, value.id, like: value) }
      for (parameter, slot) in zip(body.parameters, temporaries) {
        move(parameter.id, slot, like: parameter)
        if !isNumber(parameter) { emit(.release, slot) }
      }
    } else {
      for (parameter, value) in zip(body.parameters, successors) { move(parameter.id, value.id, like: value) }
    }
    releaseResults(body)
  }

  private mutating func finish(_ body: Block, _ results: [Value]) {
    for (result, parameter) in zip(results, body.parameters) {
      move(result.id, parameter.id, like: parameter)
      if !isNumber(parameter) { emit(.release, parameter.id) }
    }
  }
}
