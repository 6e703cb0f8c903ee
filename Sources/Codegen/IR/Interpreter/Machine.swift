import ModelDSL

/// The elements of an array, 8 bytes each: `Double` for real arrays, `Int` for the others.
final class Storage {
  let base: UnsafeMutableRawPointer

  /// Zeros.
  init(count: Int, isReal: Bool) {
    base = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * 8, alignment: 8)
    if isReal {
      base.initializeMemory(as: Double.self, repeating: 0, count: count)
    } else {
      base.initializeMemory(as: Int.self, repeating: 0, count: count)
    }
  }
  deinit { base.deallocate() }
}

/// Copies of a program's tables, at fixed addresses.
struct MachineTables {
  let instructions: UnsafeMutablePointer<Instruction>
  let lists: UnsafeMutablePointer<Int>
  let real1: UnsafeMutablePointer<PrimitiveMeaning.Unary>
  let real2: UnsafeMutablePointer<PrimitiveMeaning.Binary>
  let mixed: UnsafeMutablePointer<PrimitiveMeaning.Mixed>
  let comparison: UnsafeMutablePointer<PrimitiveMeaning.Comparison>

  init(_ program: MachineProgram) {
    func copy<T>(_ array: [T]) -> UnsafeMutablePointer<T> {
      let pointer = UnsafeMutablePointer<T>.allocate(capacity: max(array.count, 1))
      for (place, element) in array.enumerated() { (pointer + place).initialize(to: element) }
      return pointer
    }
    instructions = copy(program.instructions)
    lists = copy(program.lists)
    real1 = copy(program.real1)
    real2 = copy(program.real2)
    mixed = copy(program.mixed)
    comparison = copy(program.comparison)
  }

  /// Everything in the tables is plain data: nothing to deinitialise.
  func deallocate() {
    instructions.deallocate()
    lists.deallocate()
    real1.deallocate()
    real2.deallocate()
    mixed.deallocate()
    comparison.deallocate()
  }
}

/// Runs a `MachineProgram`. Memory is addressed by pointers, since tests run it unoptimised; every index that comes from data is checked.
final class Machine {
  let program: MachineProgram
  /// The program's tables as pointers: an unoptimised array subscript costs more than an instruction.
  let tables: MachineTables
  let single: Bool
  /// Names a slot in errors.
  let describe: (Int) -> String
  let reals: UnsafeMutablePointer<Double>
  let integers: UnsafeMutablePointer<Int>
  let bases: UnsafeMutablePointer<UnsafeMutableRawPointer>
  let owners: UnsafeMutablePointer<Storage?>
  var trace: Trace
  /// Places in the trace from which replaying goes on.
  var nextReal = 0
  var nextInteger = 0

  init(_ program: MachineProgram, precision: Precision, trace: Trace, describe: @escaping (Int) -> String) {
    self.program = program
    tables = MachineTables(program)
    self.single = precision == .single
    self.trace = trace
    self.describe = describe
    let count = program.slotCount
    reals = .allocate(capacity: count)
    reals.initialize(repeating: 0, count: count)
    integers = .allocate(capacity: count)
    integers.initialize(repeating: 0, count: count)
    owners = .allocate(capacity: count)
    owners.initialize(repeating: nil, count: count)
    bases = .allocate(capacity: count)
    bases.initialize(repeating: UnsafeMutableRawPointer(reals), count: count)
    for (slot, value) in program.realConstants { reals[slot] = single ? Double(Float(value)) : value }
    for (slot, value) in program.integerConstants { integers[slot] = value }
  }

  deinit {
    owners.deinitialize(count: program.slotCount)
    owners.deallocate()
    bases.deallocate()
    integers.deallocate()
    reals.deallocate()
    tables.deallocate()
  }

  // MARK: Values in and out

  func set(_ slot: Int, to value: ArrayValue) {
    if value.shape.isEmpty {
      switch value.elements {
      case .real(let numbers): reals[slot] = single ? Double(Float(numbers[0])) : numbers[0]
      case .integer(let numbers): integers[slot] = numbers[0]
      case .boolean(let truths): integers[slot] = truths[0] ? 1 : 0
      }
      return
    }
    let storage = Storage(count: value.count, isReal: value.element == .real)
    switch value.elements {
    case .real(let numbers):
      let target = storage.base.assumingMemoryBound(to: Double.self)
      for (place, number) in numbers.enumerated() { target[place] = single ? Double(Float(number)) : number }
    case .integer(let numbers):
      let target = storage.base.assumingMemoryBound(to: Int.self)
      for (place, number) in numbers.enumerated() { target[place] = number }
    case .boolean(let truths):
      let target = storage.base.assumingMemoryBound(to: Int.self)
      for (place, truth) in truths.enumerated() { target[place] = truth ? 1 : 0 }
    }
    owners[slot] = storage
    bases[slot] = storage.base
  }

  func value(_ slot: Int, element: Element, shape: [Int]) -> ArrayValue {
    let count = shape.reduce(1, *)
    switch element {
    case .real:
      let source = shape.isEmpty ? reals + slot : bases[slot].assumingMemoryBound(to: Double.self)
      return ArrayValue(shape: shape, elements: .real(Array(UnsafeBufferPointer(start: source, count: count))))
    case .integer, .boolean:
      let source = shape.isEmpty ? integers + slot : bases[slot].assumingMemoryBound(to: Int.self)
      let numbers = Array(UnsafeBufferPointer(start: source, count: count))
      return ArrayValue(shape: shape, elements: element == .integer ? .integer(numbers) : .boolean(numbers.map { $0 != 0 }))
    }
  }

  // MARK: Running

  /// The place in `array`, in elements, that the indices at `list` lead to.
  @inline(__always)
  private func place(_ lists: UnsafeMutablePointer<Int>, _ list: Int, _ count: Int, array: Int) throws(InterpreterError) -> Int {
    var flat = 0
    var pair = lists + (list &+ 1)
    let end = pair + 2 &* count
    while pair < end {
      let index = integers[pair[0]]
      let extent = pair[1]
      if index < 0 || index >= extent {
        throw .indexOutOfBounds(array: describe(array), axis: count &- (end - pair) / 2, index: index, extent: extent)
      }
      flat = flat &* extent &+ index
      pair += 2
    }
    return flat &* lists[list]
  }

  func run() throws(InterpreterError) {
    let code = tables.instructions
    let lists = tables.lists
    let reals = self.reals
    let integers = self.integers
    let bases = self.bases
    let owners = self.owners
    let single = self.single
    var next = code
    while true {
      let step = next.pointee
      next += 1
      let d = step.d
      let a = step.a
      let b = step.b
      let c = step.c
      switch step.code {
      // Numbers
      case .moveReal: reals[d] = reals[a]
      case .moveInteger: integers[d] = integers[a]
      case .real1:
        let result = tables.real1[c](reals[a])
        reals[d] = single ? Double(Float(result)) : result
      case .real2:
        let result = tables.real2[c](reals[a], reals[b])
        reals[d] = single ? Double(Float(result)) : result
      case .mixed: reals[d] = tables.mixed[c](reals[a], integers[b])
      case .comparison: integers[d] = tables.comparison[c](reals[a], reals[b]) ? 1 : 0
      case .whole1:
        guard let result = program.whole1[c].1(integers[a]) else { throw .arithmetic(program.whole1[c].0) }
        integers[d] = result
      case .whole2:
        guard let result = program.whole2[c].1(integers[a], integers[b]) else { throw .arithmetic(program.whole2[c].0) }
        integers[d] = result
      case .wholeFromReal:
        guard let result = program.wholeFromReal[c].1(reals[a]) else { throw .arithmetic(program.wholeFromReal[c].0) }
        integers[d] = result
      case .realFromWhole:
        let result = Double(integers[a])
        reals[d] = single ? Double(Float(result)) : result
      case .addReal:
        let result = reals[d] + reals[a]
        reals[d] = single ? Double(Float(result)) : result
      case .addInteger: integers[d] = try sum(integers[d], integers[a])

      // Control
      case .setInteger: integers[d] = a
      case .increment: integers[a] &+= 1
      case .jumpIfFalse: if integers[a] == 0 { next = code + c }
      case .jump: next = code + c
      case .jumpIfDifferent: if integers[a] != integers[b] { next = code + c }
      case .loopUp:
        integers[a] &+= 1
        if integers[a] < b { next = code + c }
      case .loopUpTo:
        integers[a] &+= 1
        if integers[a] < integers[b] { next = code + c }
      case .loopDown:
        integers[a] &-= 1
        if integers[a] >= 0 { next = code + c }
      case .checkBound: if integers[a] >= b { throw .boundReached(loop: program.strings[c], bound: b) }
      case .clamp: integers[d] = integers[a] < 0 ? 0 : integers[a] > b ? b : integers[a]

      // Arrays
      case .allocate:
        let storage = Storage(count: a, isReal: b == 1)
        bases[d] = storage.base
        owners[d] = storage
      case .alias:
        bases[d] = bases[a]
        owners[d] = owners[a]
      case .take:
        bases[d] = bases[a]
        let owner = owners[a]
        owners[a] = nil
        owners[d] = owner
      case .release: owners[d] = nil
      case .makeUnique:
        if !isKnownUniquelyReferenced(&owners[d]) {
          let storage = Storage(count: a, isReal: b == 1)
          storage.base.copyMemory(from: bases[d], byteCount: a &* 8)
          bases[d] = storage.base
          owners[d] = storage
        }
      case .readReal: reals[d] = bases[a].assumingMemoryBound(to: Double.self)[try place(lists, b, c, array: a)]
      case .readInteger: integers[d] = bases[a].assumingMemoryBound(to: Int.self)[try place(lists, b, c, array: a)]
      case .readRow:
        let start = try place(lists, b, c, array: a)
        bases[d] = bases[a] + start &* 8
        owners[d] = owners[a]
      case .storeReal: bases[d].assumingMemoryBound(to: Double.self)[integers[b]] = reals[a]
      case .storeInteger: bases[d].assumingMemoryBound(to: Int.self)[integers[b]] = integers[a]
      case .storeRow: (bases[d] + integers[b] &* c &* 8).copyMemory(from: bases[a], byteCount: c &* 8)
      case .writeReal: bases[d].assumingMemoryBound(to: Double.self)[try place(lists, b, c, array: d)] = reals[a]
      case .writeInteger: bases[d].assumingMemoryBound(to: Int.self)[try place(lists, b, c, array: d)] = integers[a]
      case .writeRow:
        let start = try place(lists, b, c, array: d)
        (bases[d] + start &* 8).copyMemory(from: bases[a], byteCount: lists[b] &* 8)
      case .accumulateReal:
        let target = bases[d].assumingMemoryBound(to: Double.self) + (try place(lists, b, c, array: d))
        let result = target.pointee + reals[a]
        target.pointee = single ? Double(Float(result)) : result
      case .accumulateInteger:
        let target = bases[d].assumingMemoryBound(to: Int.self) + (try place(lists, b, c, array: d))
        target.pointee = try sum(target.pointee, integers[a])
      case .accumulateRealRow:
        var target = bases[d].assumingMemoryBound(to: Double.self) + (try place(lists, b, c, array: d))
        var source = bases[a].assumingMemoryBound(to: Double.self)
        let end = source + lists[b]
        while source < end {
          let result = target.pointee + source.pointee
          target.pointee = single ? Double(Float(result)) : result
          target += 1
          source += 1
        }
      case .accumulateIntegerRow:
        let target = bases[d].assumingMemoryBound(to: Int.self) + (try place(lists, b, c, array: d))
        let source = bases[a].assumingMemoryBound(to: Int.self)
        for offset in 0..<lists[b] { target[offset] = try sum(target[offset], source[offset]) }

      // Extremes
      case .weighReal:
        let number = reals[a]
        let best = reals[d]
        if integers[b] < 0 || (c == 1 ? number > best : number < best) || (number.isNaN && !best.isNaN) {
          reals[d] = number
          integers[b] = integers[b &+ 1]
        }
      case .weighInteger:
        let number = integers[a]
        let best = integers[d]
        if integers[b] < 0 || (c == 1 ? number > best : number < best) {
          integers[d] = number
          integers[b] = integers[b &+ 1]
        }
      case .unflatten: integers[d] = integers[a] < 0 ? 0 : integers[a] / b % c

      // Traces
      case .recordReal: trace.reals.append(reals[a])
      case .recordInteger: trace.integers.append(integers[a])
      case .reserveInteger:
        integers[d] = trace.integers.count
        trace.integers.append(0)
      case .settleInteger: trace.integers[integers[d]] = integers[a]
      case .recordReals:
        trace.reals.append(contentsOf: UnsafeBufferPointer(start: bases[d].assumingMemoryBound(to: Double.self), count: a))
      case .recordSide: trace.integers.append(reals[d] == reals[a] || reals[a].isNaN ? 0 : 1)
      case .recordSign: trace.reals.append(reals[a] > 0 ? 1 : reals[a] < 0 ? -1 : reals[a])
      case .replayReal: reals[d] = try recordedReal()
      case .replayInteger: integers[d] = try recordedInteger()
      case .replayReals:
        let storage = Storage(count: a, isReal: true)
        let recorded = try recordedReals(a)
        for (place, number) in recorded.enumerated() { storage.base.assumingMemoryBound(to: Double.self)[place] = number }
        bases[d] = storage.base
        owners[d] = storage
      case .replaySide: reals[d] = try recordedInteger() == 0 ? reals[a] : reals[b]
      case .replaySign: reals[d] = try recordedReal() * reals[a]
      case .replaySlope: try addTangent(to: d, target: a, counts: (lists[b], lists[b + 1], lists[b + 2]))
      case .replayDelta:
        let recorded = Array(try recordedReals(abs(b)))
        let source = b < 0 ? reals + a : bases[a].assumingMemoryBound(to: Double.self)
        if b < 0 {
          reals[d] = source.pointee - recorded[0]
        } else {
          let storage = Storage(count: b, isReal: true)
          let target = storage.base.assumingMemoryBound(to: Double.self)
          for place in 0..<b { target[place] = source[place] - recorded[place] }
          bases[d] = storage.base
          owners[d] = storage
        }
      case .end: return
      }
    }
  }

  private func sum(_ a: Int, _ b: Int) throws(InterpreterError) -> Int {
    let (result, overflow) = a.addingReportingOverflow(b)
    if overflow { throw .arithmetic(.add) }
    return result
  }

  // MARK: Replaying

  var traceIsUsedUp: Bool { nextReal == trace.reals.count && nextInteger == trace.integers.count }

  private func recordedInteger() throws(InterpreterError) -> Int {
    if nextInteger >= trace.integers.count { throw .traceMismatch }
    nextInteger += 1
    return trace.integers[nextInteger - 1]
  }

  private func recordedReal() throws(InterpreterError) -> Double {
    if nextReal >= trace.reals.count { throw .traceMismatch }
    nextReal += 1
    return trace.reals[nextReal - 1]
  }

  private func recordedReals(_ count: Int) throws(InterpreterError) -> ArraySlice<Double> {
    if nextReal + count > trace.reals.count { throw .traceMismatch }
    nextReal += count
    return trace.reals[nextReal - count..<nextReal]
  }

  /// `d += slope * (target - recorded target)`, in the shapes that a rule may have: a number's value takes the sum over the target's
  /// elements, a number's target spreads over the value's, else they go together; a slope that is a number serves for all. Counts are -1
  /// for numbers.
  private func addTangent(to d: Int, target: Int, counts: (value: Int, target: Int, slope: Int)) throws(InterpreterError) {
    let recordedTarget = Array(try recordedReals(abs(counts.target)))
    let slope = Array(try recordedReals(abs(counts.slope)))
    let values = counts.value < 0 ? reals + d : bases[d].assumingMemoryBound(to: Double.self)
    let targets = counts.target < 0 ? reals + target : bases[target].assumingMemoryBound(to: Double.self)
    if counts.value < 0 {
      for place in 0..<abs(counts.target) {
        values[0] += slope[counts.slope < 0 ? 0 : place] * (targets[place] - recordedTarget[place])
      }
    } else {
      for place in 0..<counts.value {
        let source = counts.target < 0 ? 0 : place
        values[place] += slope[counts.slope < 0 ? 0 : place] * (targets[source] - recordedTarget[source])
      }
    }
  }
}
