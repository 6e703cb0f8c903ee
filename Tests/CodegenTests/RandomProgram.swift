import Codegen
import ModelDSL

/// Makes procedures at random, the same for the same seed: every construct, nested a few levels, with numbers that stay small.
struct RandomProgram {
  private var state: UInt64
  private var budget = 60
  private let sizes = [Size(n), Size(m), Size(2)]

  /// What may be used at a place.
  private struct Scope {
    var values: [Value] = []
    /// Integers known to lie below a size.
    var indices: [(value: Value, bound: Size)] = []
    var tokens: [Value] = []
    var depth = 0
  }

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  static let sizeValues: [SizeSymbol: Int] = [n: 3, m: 4]

  static func make(seed: UInt64) -> (procedure: Procedure, inputs: [ArrayValue]) {
    var random = RandomProgram(seed: seed)
    return random.make()
  }

  private mutating func make() -> (procedure: Procedure, inputs: [ArrayValue]) {
    let types: [ValueType] = [.real, .real, .reals(Size(n)), .reals(Size(m)), .reals(Size(n), Size(m)), .reals(Size(m), 2), .real]
    let inputs = types.map { type -> ArrayValue in
      let shape = type.shape.map { $0.evaluated(Self.sizeValues)! }
      return ArrayValue.reals((0..<shape.reduce(1, *)).map { _ in Double(below(4001) - 2000) / 1000 }, shape: shape)
    }
    let result = procedure(sizes: [n, m], types.enumerated().map { ("x\($0)", $1) }) { builder, parameters in
      var scope = Scope(values: parameters)
      self.statements(8 + self.below(8), &builder, &scope)
      return self.pick(4, from: scope.values)
    }
    return (result, inputs)
  }

  // MARK: Chance

  private mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
  private mutating func below(_ count: Int) -> Int { Int(next() % UInt64(count)) }
  private mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
  private mutating func one<T>(of list: [T]) -> T { list[below(list.count)] }
  private mutating func pick(_ count: Int, from list: [Value]) -> [Value] {
    // Late values more often.
    (0..<count).map { _ in list[max(below(list.count), below(list.count))] }
  }

  // MARK: Statements

  private mutating func statements(_ count: Int, _ b: inout Builder, _ scope: inout Scope) {
    for _ in 0..<count where budget > 0 {
      budget -= 1
      statement(&b, &scope)
    }
  }

  private mutating func statement(_ b: inout Builder, _ scope: inout Scope) {
    if chance(15), let last = b.statements.filter({ !$0.accumulatesOutside && !$0.results.isEmpty }).randomOne(&self) {
      // The same again.
      var names: [Value: Value] = [:]
      b.copy(last, replacing: &names)
      scope.values += last.results.map { names[$0]! }
      return
    }
    let nests = scope.depth < 3
    switch below(nests ? 20 : 9) {
    case 0...4: scope.values.append(arithmetic(&b, scope))
    case 5: scope.values.append(b.primitive(one(of: [.less, .equal, .greaterOrEqual]), [real(&b, scope), real(&b, scope)]))
    case 6: scope.values.append(b.real(one(of: [0, 0, 1, -1, 2, 0.5])))
    case 7: if let read = read(&b, scope) { scope.values.append(read) }
    case 8:
      if let token = scope.tokens.randomOne(&self), let place = indices(for: b.values[token].shape, &b, scope) {
        b.accumulate(into: token, place, real(&b, scope))
      } else if let array = scope.values.filter({ b.values[$0].element == .real && !b.values[$0].isScalar }).randomOne(&self),
        let place = indices(for: b.values[array].shape, &b, scope)
      {
        scope.values.append(b.emit(.update(array, place, real(&b, scope)))[0])
      }
    case 9...12: map(&b, &scope)
    case 13, 14: reduce(&b, &scope)
    case 15, 16: scan(&b, &scope)
    case 17, 18: branch(&b, &scope)
    default:
      if chance(50) { accumulating(&b, &scope) } else if chance(50) { ruled(&b, &scope) } else { loop(&b, &scope) }
    }
  }

  /// A real number in scope.
  private mutating func real(_ b: inout Builder, _ scope: Scope) -> Value {
    let table = b.values
    let scalars = scope.values.filter { table[$0] == .real }
    if chance(30), let read = read(&b, scope) { return read }
    return scalars.isEmpty ? b.real(0.25) : pick(1, from: scalars)[0]
  }

  private mutating func arithmetic(_ b: inout Builder, _ scope: Scope) -> Value {
    let x = real(&b, scope)
    switch below(10) {
    case 0, 1: return b.primitive(.tanh, [b.primitive(.add, [x, real(&b, scope)])])
    case 2: return b.primitive(.tanh, [b.primitive(.subtract, [x, real(&b, scope)])])
    case 3, 4: return b.primitive(.sin, [b.primitive(.multiply, [x, real(&b, scope)])])
    case 5: return b.primitive(.negate, [x])
    case 6: return b.primitive(.sigmoid, [x])
    case 7: return b.primitive(one(of: [.maximum, .minimum]), [x, real(&b, scope)])
    case 8: return b.primitive(.tanh, [b.primitive(.power, [x, b.real(one(of: [1, 2, 3, 4]))])])
    default: return b.primitive(.divide, [x, b.real(one(of: [1, 2, -1, 4]))])
    }
  }

  private mutating func indices(for shape: [Size], _ b: inout Builder, _ scope: Scope) -> [Value]? {
    var found: [Value] = []
    for size in shape {
      let fitting = scope.indices.filter { $0.bound == size }
      if chance(70), let index = fitting.randomOne(&self) {
        found.append(index.value)
      } else if chance(50) {
        found.append(b.primitive(.subtract, [b.size(size), b.integer(1)]))
      } else {
        found.append(b.integer(0))
      }
    }
    return found
  }

  private mutating func read(_ b: inout Builder, _ scope: Scope) -> Value? {
    let table = b.values
    guard let array = scope.values.filter({ table[$0].element == .real && !table[$0].isScalar }).randomOne(&self) else { return nil }
    let shape = table[array].shape
    if shape.count > 1, chance(30), let row = indices(for: [shape[0]], &b, scope) {
      let row = b.read(array, row)
      return indices(for: Array(shape.dropFirst()), &b, scope).map { b.read(row, $0) }
    }
    return indices(for: shape, &b, scope).map { b.read(array, $0) }
  }

  private func inner(_ scope: Scope, _ indices: [Value] = [], _ bounds: [Size] = []) -> Scope {
    var inner = scope
    inner.depth += 1
    inner.indices += zip(indices, bounds).map { (value: $0, bound: $1) }
    return inner
  }

  private mutating func axes() -> [Size] { (0..<1 + below(2)).map { _ in one(of: sizes) } }

  private mutating func map(_ b: inout Builder, _ scope: inout Scope) {
    let axes = axes()
    let before = scope
    scope.values += b.map(axes) { b, indices in
      var inner = self.inner(before, indices, axes)
      self.statements(1 + self.below(5), &b, &inner)
      return (0..<1 + self.below(2)).map { _ in self.real(&b, inner) }
    }
  }

  private mutating func reduce(_ b: inout Builder, _ scope: inout Scope) {
    let axes = axes()
    let op: ReduceOperator = chance(60) ? .sum : one(of: [.max, .min, .product, .argmax])
    let before = scope
    let withCondition = chance(30)
    var random = self
    let results = b.reduce(
      op, axes, condition: withCondition ? { b, indices in b.primitive(.lessOrEqual, [indices[0], b.integer(1)]) } : nil
    ) { b, indices in
      var inner = random.inner(before, indices, axes)
      // Nothing makes extremes and products that add to accumulators besides, and reverse mode takes none.
      if op != .sum { inner.tokens = [] }
      random.statements(1 + random.below(4), &b, &inner)
      return (0..<(op == .sum ? 1 + random.below(2) : 1)).map { _ in random.real(&b, inner) }
    }
    self = random
    if op == .argmax {
      scope.indices += zip(results, axes).map { (value: $0, bound: $1) }
    } else {
      scope.values += op == .product ? results.map { b.primitive(.tanh, [$0]) } : results
    }
  }

  private mutating func scan(_ b: inout Builder, _ scope: inout Scope) {
    let size = one(of: sizes)
    let array = one(of: sizes)
    var initial = (0..<1 + below(2)).map { _ in chance(40) ? b.real(0) : real(&b, scope) }
    if chance(40) { initial.append(b.zeros(.reals(array))) }
    let trips = chance(20) ? b.integer(1) : nil
    let before = scope
    let down = chance(50)
    scope.values += b.scan(size, down: down, trips: trips, initial: initial) { b, index, carried in
      var inner = self.inner(before, [index], [size])
      inner.values += carried
      self.statements(2 + self.below(4), &b, &inner)
      let next = carried.map { value -> Value in
        if b.values[value].isScalar { return self.chance(20) ? value : self.real(&b, inner) }
        return b.map([array]) { b, i in
          [b.primitive(.tanh, [b.primitive(.add, [b.read(value, i), self.real(&b, self.inner(inner, i, [array]))])])]
        }[0]
      }
      return next + (0..<self.below(3)).map { _ in self.real(&b, inner) }
    }
  }

  private mutating func branch(_ b: inout Builder, _ scope: inout Scope) {
    let table = b.values
    let condition =
      scope.values.filter { table[$0] == .boolean }.randomOne(&self) ?? b.primitive(.less, [real(&b, scope), real(&b, scope)])
    let before = scope
    let count = 1 + below(2)
    var random = self
    func side(_ b: inout Builder) -> [Value] {
      var inner = random.inner(before)
      random.statements(random.below(4), &b, &inner)
      return (0..<count).map { _ in random.real(&b, inner) }
    }
    scope.values += b.branch(condition, then: side, otherwise: side)
    self = random
  }

  private mutating func accumulating(_ b: inout Builder, _ scope: inout Scope) {
    let types = (0..<1 + below(2)).map { _ in ValueType(.real, axes()) }
    let before = scope
    let initial: [Value?] = types.map { type in
      let table = b.values
      return chance(30) ? before.values.filter { table[$0] == type }.randomOne(&self) : nil
    }
    let (results, sums) = b.accumulating(types, initial: initial) { b, tokens in
      var inner = self.inner(before)
      inner.tokens = tokens
      self.statements(1 + self.below(3), &b, &inner)
      for (token, type) in zip(tokens, types) where self.chance(80) {
        // In an own loop over just these places, as reverse mode makes it.
        _ = b.map(type.shape) { b, indices in
          let value = self.real(&b, self.inner(inner, indices, type.shape))
          b.accumulate(into: token, indices, value)
          return []
        }
      }
      return [self.real(&b, inner)]
    }
    scope.values += results + sums
  }

  private mutating func ruled(_ b: inout Builder, _ scope: inout Scope) {
    let value = real(&b, scope)
    let target = real(&b, scope)
    let parameter = b.fresh(.real)
    let block = b.block(parameters: [parameter]) { b in [b.primitive(.multiply, [parameter, target])] }
    scope.values += b.emit(.ruled(value, [Rule(target: target, kind: .slope, block: block)]))
  }

  private mutating func loop(_ b: inout Builder, _ scope: inout Scope) {
    let start = real(&b, scope)
    let count = b.fresh(.integer)
    let bodyCount = b.fresh(.integer)
    let (x, y) = (b.fresh(.real), b.fresh(.real))
    let zero = b.integer(0)
    let condition = b.block(parameters: [count, x]) { b in [b.primitive(.less, [count, b.integer(3)])] }
    var inner = inner(scope)
    inner.values.append(y)
    let body = b.block(parameters: [bodyCount, y]) { b in
      self.statements(1 + self.below(3), &b, &inner)
      return [b.primitive(.add, [bodyCount, b.integer(1)]), self.real(&b, inner), self.real(&b, inner)]
    }
    let results = b.emit(.whileLoop(While(name: "loop", bound: 5, initial: [zero, start], condition: condition, body: body)))
    scope.values += [results[1], results[2]]
  }

  fileprivate mutating func place(in count: Int) -> Int { below(count) }
}

extension Array {
  fileprivate func randomOne(_ random: inout RandomProgram) -> Element? { isEmpty ? nil : self[random.place(in: count)] }
}
