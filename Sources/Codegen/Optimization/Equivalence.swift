import ModelDSL

/// Says whether two values are computed the same way, up to the names of what nested blocks define: by a structural hash first, then
/// exactly.
///
/// Results are compared one by one, so that a loop equals another that computes more besides. Carried values are compared by coinduction:
/// equal if they start equal and, taken as equal, stay equal.
struct Equivalence {
  private enum Definition {
    case result(Operation, Int)
    case carried(Operation, Int)
  }

  private var definitions = ValueMap<Definition>()
  private var hashes: [Int]
  /// In how many blocks a value is defined, for what is not an input.
  private var levels = ValueMap<Int>()
  private var level = 0

  init(valueCount: Int) { hashes = (0..<valueCount).map { Mixer(.given).adding($0).hash } }

  /// Knows all of a procedure.
  init(of procedure: Procedure) {
    self.init(valueCount: procedure.values.entries.count)
    func enter(_ block: Block) {
      for statement in block.statements {
        self.enter(statement.operation, procedure.values)
        for block in statement.operation.blocks { enter(block) }
        leave()
        define(statement.results, statement.operation)
      }
    }
    enter(procedure.body)
  }

  /// A value made since is equal to itself alone.
  func hash(of value: Value) -> Int { value.id < hashes.count ? hashes[value.id] : Mixer(.given).adding(value.id).hash }

  func isRead(_ value: Value) -> Bool {
    if case .result(.read, _)? = definitions[value] { true } else { false }
  }

  // MARK: Hashes

  private enum Tag: Int {
    case given, index, carried, token, parameter
    case constant, size, primitive, read, pack, map, reduce, scan, row, whileLoop, count, branch, update, accumulating, ruled
  }

  private struct Mixer {
    var hash: Int
    init(_ tag: Tag) { hash = (tag.rawValue &+ 1) &* 0x1E37_79B9_7F4A_7C15 }
    func adding(_ number: Int) -> Mixer {
      var next = self
      let mixed = (hash ^ number) &* 0x2545_F491_4F6C_DD1D
      next.hash = mixed ^ Int(bitPattern: UInt(bitPattern: mixed) >> 29)
      return next
    }
    func adding(_ numbers: [Int]) -> Mixer { numbers.reduce(self) { $0.adding($1) } }
  }

  /// Gives what the operation introduces for its blocks hashes that do not depend on names. To be called before its blocks are walked.
  mutating func enter(_ operation: Operation, _ values: ValueTable) {
    level += 1
    for value in operation.introduced { levels[value] = level }
    for block in operation.blocks {
      for parameter in block.parameters { levels[parameter] = level }
    }
    func number(_ axes: [Axis]) {
      for (place, axis) in axes.enumerated() { hashes[axis.index.id] = Mixer(.index).adding([place, axis.size.hashValue]).hash }
    }
    func carry(_ parameters: [Value], _ initial: [Value]) {
      for (parameter, start) in zip(parameters, initial) {
        hashes[parameter.id] = Mixer(.carried).adding([hash(of: start), values[parameter].hashValue]).hash
      }
    }
    switch operation {
    case .map(let map): number(map.axes)
    case .reduce(let reduce): number(reduce.axes)
    case .scan(let scan):
      number([scan.axis])
      carry(scan.body.parameters, scan.initial)
    case .whileLoop(let loop):
      carry(loop.condition.parameters, loop.initial)
      carry(loop.body.parameters, loop.initial)
    case .ruled(_, let rules):
      for rule in rules {
        for (place, parameter) in rule.block.parameters.enumerated() { hashes[parameter.id] = Mixer(.parameter).adding(place).hash }
      }
    case .accumulating, .constant, .size, .primitive, .read, .pack, .branch, .update, .accumulate: break
    }
  }

  /// To be called when its blocks have been walked.
  mutating func leave() { level -= 1 }

  /// Makes the statement's results known; its blocks' statements are known already.
  mutating func define(_ results: [Value], _ operation: Operation) {
    for (place, result) in results.enumerated() {
      levels[result] = level
      definitions[result] = .result(operation, place)
      hashes[result.id] = hash(operation, place, result)
    }
    switch operation {
    case .scan, .whileLoop:
      for block in operation.blocks {
        for (place, parameter) in block.parameters.enumerated() { definitions[parameter] = .carried(operation, place) }
      }
    default: break
    }
  }

  private func hash(_ operation: Operation, _ place: Int, _ result: Value) -> Int {
    func all(_ values: [Value]) -> [Int] { values.map(hash(of:)) }
    switch operation {
    case .constant(let constant): return Mixer(.constant).adding(constant.hashValue).hash
    case .size(let size): return Mixer(.size).adding(size.hashValue).hash
    case .primitive(let primitive, let operands):
      let operands = primitive.isCommutative ? all(operands).sorted() : all(operands)
      return Mixer(.primitive).adding(primitive.hashValue).adding(operands).hash
    case .read(let array, let indices): return Mixer(.read).adding(hash(of: array)).adding(all(indices)).hash
    case .pack(let elements): return Mixer(.pack).adding(all(elements)).hash
    case .update(let array, let indices, let row): return Mixer(.update).adding(all([array, row] + indices)).hash
    case .map(let map): return Mixer(.map).adding(map.axes.map(\.size.hashValue)).adding(hash(of: map.body.results[place])).hash
    case .reduce(let reduce):
      let condition = reduce.condition.map { all($0.results) } ?? []
      let value = hash(of: reduce.body.results[reduce.op == .sum ? place : 0])
      let which = reduce.op == .sum ? 0 : place
      return Mixer(.reduce).adding(reduce.axes.map(\.size.hashValue)).adding(condition).adding([reduce.op.hashValue, which, value]).hash
    case .scan(let scan):
      let loop = [scan.axis.size.hashValue, scan.down ? 1 : 0, scan.trips.map(hash(of:)) ?? 0]
      let value = hash(of: scan.body.results[place])
      if place >= scan.initial.count { return Mixer(.row).adding(loop).adding(value).hash }
      return Mixer(.scan).adding(loop).adding([hash(of: scan.initial[place]), value]).hash
    case .whileLoop(let loop):
      let head = Mixer(.whileLoop).adding([loop.bound.hashValue, hash(of: loop.condition.results[0])])
      if place == loop.body.results.count { return head.adding(Tag.count.rawValue).hash }
      return head.adding(place < loop.initial.count ? 0 : 1).adding(hash(of: loop.body.results[place])).hash
    case .branch(let condition, let then, let otherwise):
      return Mixer(.branch).adding(all([condition, then.results[place], otherwise.results[place]])).hash
    // Never equal to another.
    case .accumulating: return Mixer(.accumulating).adding(result.id).hash
    case .accumulate: preconditionFailure("no results")
    case .ruled(let value, let rules): return Mixer(.ruled).adding(hash(of: value)).adding(all(rules.map(\.target))).hash
    }
  }

  // MARK: Matching

  /// Pairs of values of two computations that are the same, as found or assumed so far.
  struct Matching {
    private var pairs: [Value: Value] = [:]
    private var trail: [Value] = []
    var isEmpty: Bool { pairs.isEmpty }
    /// Values of no more blocks than these are outside of the two computations.
    fileprivate var outside = (0, 0)

    fileprivate subscript(value: Value) -> Value? { pairs[value] }

    fileprivate mutating func pair(_ a: Value, _ b: Value) {
      if pairs.updateValue(b, forKey: a) == nil { trail.append(a) }
    }

    fileprivate var mark: Int { trail.count }

    /// Forgets what was found since the mark.
    fileprivate mutating func rewind(to mark: Int) {
      while trail.count > mark { pairs[trail.removeLast()] = nil }
    }
  }

  /// Whether the second is the first again, given what is known of the matching already, which grows if so.
  func matches(_ a: Value, _ b: Value, extending matching: inout Matching) -> Bool {
    let mark = matching.mark
    matching.outside = (outside(of: a), outside(of: b))
    if a == b || computationsMatch(a, b, &matching) { return true }
    matching.rewind(to: mark)
    return false
  }

  /// Whether two values of the bodies of maps are the same at the same place.
  func matches(_ a: Value, of first: Map, _ b: Value, of second: Map) -> Bool {
    guard let level = levels[a], let otherLevel = levels[b], hash(of: a) == hash(of: b) else { return false }
    var matching = Matching()
    matching.outside = (level - 1, otherLevel - 1)
    return axesMatch(first.axes, second.axes, &matching) && matches(a, b, &matching)
  }

  /// How many blocks are around the statement that a value comes from.
  private func outside(of value: Value) -> Int {
    let level = levels[value] ?? 0
    if case .carried? = definitions[value] { return level - 1 }
    return level
  }

  private func matches(_ a: Value, _ b: Value, _ matching: inout Matching) -> Bool {
    if let other = matching[a] { return other == b }
    if a == b { return true }
    // A constant may stand within one and before the other.
    if case .result(.constant(let x), _)? = definitions[a], case .result(.constant(let y), _)? = definitions[b] { return x == y }
    // Of what else is outside, equals have been made one already.
    if (levels[a] ?? 0) <= matching.outside.0 || (levels[b] ?? 0) <= matching.outside.1 { return false }
    return computationsMatch(a, b, &matching)
  }

  private func computationsMatch(_ a: Value, _ b: Value, _ matching: inout Matching) -> Bool {
    guard hash(of: a) == hash(of: b), let first = definitions[a], let second = definitions[b] else { return false }
    switch (first, second) {
    case (.carried(let one, let place), .carried(let other, let otherPlace)): return carriesMatch(one, place, other, otherPlace, &matching)
    case (.result(let one, let place), .result(let other, let otherPlace)):
      guard resultsMatch(one, place, other, otherPlace, &matching) else { return false }
      matching.pair(a, b)
      return true
    default: return false
    }
  }

  private func matches(_ a: [Value], _ b: [Value], _ matching: inout Matching) -> Bool {
    guard a.count == b.count else { return false }
    for (x, y) in zip(a, b) where !matches(x, y, &matching) { return false }
    return true
  }

  /// Takes two bound values as the same, unless they are paired otherwise.
  private func bind(_ a: [Value], _ b: [Value], _ matching: inout Matching) -> Bool {
    guard a.count == b.count else { return false }
    for (x, y) in zip(a, b) {
      if let other = matching[x] {
        if other != y { return false }
      } else {
        matching.pair(x, y)
      }
    }
    return true
  }

  private func axesMatch(_ a: [Axis], _ b: [Axis], _ matching: inout Matching) -> Bool {
    a.map(\.size) == b.map(\.size) && bind(a.map(\.index), b.map(\.index), &matching)
  }

  private func resultsMatch(_ a: Operation, _ place: Int, _ b: Operation, _ otherPlace: Int, _ matching: inout Matching) -> Bool {
    switch (a, b) {
    case (.constant(let x), .constant(let y)): return x == y
    case (.size(let x), .size(let y)): return x == y
    case (.primitive(let p, let x), .primitive(let q, let y)):
      guard p == q else { return false }
      if p.isCommutative && hash(of: x[0]) != hash(of: y[0]) { return matches(x, [y[1], y[0]], &matching) }
      return matches(x, y, &matching)
    case (.read(let x, let i), .read(let y, let j)): return matches([x] + i, [y] + j, &matching)
    case (.pack(let x), .pack(let y)): return matches(x, y, &matching)
    case (.update(let x, let i, let u), .update(let y, let j, let v)): return matches([x, u] + i, [y, v] + j, &matching)
    case (.map(let x), .map(let y)):
      return axesMatch(x.axes, y.axes, &matching) && matches(x.body.results[place], y.body.results[otherPlace], &matching)
    case (.reduce(let x), .reduce(let y)):
      guard x.op == y.op, axesMatch(x.axes, y.axes, &matching), matches(x.condition?.results ?? [], y.condition?.results ?? [], &matching)
      else { return false }
      if x.op == .sum { return matches(x.body.results[place], y.body.results[otherPlace], &matching) }
      return place == otherPlace && matches(x.body.results, y.body.results, &matching)
    case (.scan(let x), .scan(let y)):
      guard loopsMatch(x, y, &matching) else { return false }
      switch (place < x.initial.count, otherPlace < y.initial.count) {
      case (true, true): return carriesMatch(a, place, b, otherPlace, &matching)
      case (false, false): return matches(x.body.results[place], y.body.results[otherPlace], &matching)
      default: return false
      }
    case (.whileLoop(let x), .whileLoop(let y)):
      guard x.name == y.name, x.bound == y.bound, matches(x.condition.results, y.condition.results, &matching) else { return false }
      let carried = (place < x.initial.count, otherPlace < y.initial.count)
      let isCount = (place == x.body.results.count, otherPlace == y.body.results.count)
      guard carried.0 == carried.1, isCount.0 == isCount.1 else { return false }
      if isCount.0 { return true }
      if carried.0 { return carriesMatch(a, place, b, otherPlace, &matching) }
      return matches(x.body.results[place], y.body.results[otherPlace], &matching)
    case (.branch(let c, let then, let otherwise), .branch(let d, let thenToo, let otherwiseToo)):
      return matches(
        [c, then.results[place], otherwise.results[place]], [d, thenToo.results[otherPlace], otherwiseToo.results[otherPlace]], &matching)
    case (.ruled(let x, let rules), .ruled(let y, let others)):
      guard matches(x, y, &matching), rules.count == others.count else { return false }
      for (rule, other) in zip(rules, others) {
        guard rule.kind == .slope, other.kind == .slope, matches(rule.target, other.target, &matching),
          bind(rule.block.parameters, other.block.parameters, &matching), matches(rule.block.results, other.block.results, &matching)
        else { return false }
      }
      return true
    default: return false
    }
  }

  private func loopsMatch(_ x: Scan, _ y: Scan, _ matching: inout Matching) -> Bool {
    guard x.down == y.down, axesMatch([x.axis], [y.axis], &matching) else { return false }
    return matches(x.trips.map { [$0] } ?? [], y.trips.map { [$0] } ?? [], &matching)
  }

  private func carriesMatch(_ a: Operation, _ place: Int, _ b: Operation, _ otherPlace: Int, _ matching: inout Matching) -> Bool {
    let (one, other) = (a.carries(place), b.carries(otherPlace))
    guard a.isScan == b.isScan else { return false }
    if let known = matching[one.parameters[0]] { return known == other.parameters[0] }
    if case .scan(let x) = a, case .scan(let y) = b, !loopsMatch(x, y, &matching) { return false }
    guard bind(one.parameters, other.parameters, &matching) else { return false }
    return matches(one.initial, other.initial, &matching) && matches(one.next, other.next, &matching)
  }
}

extension Operation {
  /// What belongs to the carried value at `place` of a loop; its parameter in each block.
  fileprivate func carries(_ place: Int) -> (parameters: [Value], initial: Value, next: Value) {
    switch self {
    case .scan(let scan): return ([scan.body.parameters[place]], scan.initial[place], scan.body.results[place])
    case .whileLoop(let loop):
      return ([loop.body.parameters[place], loop.condition.parameters[place]], loop.initial[place], loop.body.results[place])
    default: preconditionFailure("only loops carry values")
    }
  }

  fileprivate var isScan: Bool {
    if case .scan = self { true } else { false }
  }
}

extension Primitive {
  var isCommutative: Bool {
    switch self {
    case .add, .multiply, .equal, .notEqual, .and, .or: true
    default: false
    }
  }
}
