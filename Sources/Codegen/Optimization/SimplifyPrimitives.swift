import ModelDSL

extension Simplifier {
  /// What a primitive comes to: a value that is there already, or an operation (perhaps another one).
  enum Rewritten {
    case value(Value)
    case operation(Operation)
  }

  mutating func rewritten(_ primitive: Primitive, _ operands: [Value]) -> Rewritten {
    let constants = operands.compactMap { constant(of: $0) }
    if constants.count == operands.count, let folded = folded(primitive, constants) { return .operation(.constant(folded)) }
    if values[operands[0]].element == .integer, let result = integerIdentity(primitive, operands) { return result }
    if let result = identity(primitive, operands) { return result }
    return .operation(.primitive(primitive, operands))
  }

  private func real(_ value: Value) -> Double? {
    guard case .real(let number)? = constant(of: value) else { return nil }
    return number
  }

  private func negated(_ value: Value) -> Value? {
    guard let (primitive, operands) = primitive(of: value), primitive == .negate else { return nil }
    return operands[0]
  }

  // MARK: Numbers and truth values

  private mutating func identity(_ primitive: Primitive, _ operands: [Value]) -> Rewritten? {
    let x = operands[0]
    let y = operands[operands.count - 1]
    switch primitive {
    case .add:
      if isZero(x) { return .value(y) }
      if isZero(y) { return .value(x) }
      if let y = negated(y) { return .value(make(.subtract, [x, y])) }
      if let x = negated(x) { return .value(make(.subtract, [y, x])) }
    case .subtract:
      if isZero(y) { return .value(x) }
      if isZero(x) { return .value(make(.negate, [y])) }
      if let y = negated(y) { return .value(make(.add, [x, y])) }
    case .multiply:
      if isZero(x) { return .value(x) }
      if isZero(y) { return .value(y) }
      for (factor, other) in [(x, y), (y, x)] {
        if real(factor) == 1 { return .value(other) }
        if real(factor) == -1 { return .value(make(.negate, [other])) }
      }
      if let x = negated(x), let y = negated(y) { return .value(make(.multiply, [x, y])) }
    case .divide:
      if isZero(x) { return .value(x) }
      if real(y) == 1 { return .value(x) }
      if real(y) == -1 { return .value(make(.negate, [x])) }
      if let x = negated(x), let y = negated(y) { return .value(make(.divide, [x, y])) }
    case .negate:
      if let x = negated(x) { return .value(x) }
      if let (inner, operands) = self.primitive(of: x), inner == .subtract { return .value(make(.subtract, [operands[1], operands[0]])) }
    case .power: return real(y).flatMap { power(x, $0) }
    case .minimum, .maximum: if x == y { return .value(x) }
    case .abs:
      if let (inner, _) = self.primitive(of: x), inner == .abs { return .value(x) }
      if let x = negated(x) { return .value(make(.abs, [x])) }
    case .not: if let (inner, operands) = self.primitive(of: x), inner == .not { return .value(operands[0]) }
    case .and, .or:
      if x == y { return .value(x) }
      for (side, other) in [(x, y), (y, x)] {
        guard let truth = truth(of: side) else { continue }
        return .value(truth == (primitive == .and) ? other : constant(.boolean(truth)))
      }
    default: break
    }
    return nil
  }

  private mutating func power(_ x: Value, _ exponent: Double) -> Rewritten? {
    switch exponent {
    case 0: return .value(constant(.real(1)))
    case 1: return .value(x)
    case 0.5: return .value(make(.sqrt, [x]))
    case 2: return .operation(.primitive(.multiply, [x, x]))
    case 3: return .value(make(.multiply, [make(.multiply, [x, x]), x]))
    case 4:
      let square = make(.multiply, [x, x])
      return .value(make(.multiply, [square, square]))
    case -1, -2, -3, -4:
      guard let positive = power(x, -exponent) else { return nil }
      return .value(make(.divide, [constant(.real(1)), asValue(positive)]))
    default: return nil
    }
  }

  // MARK: Integers: sizes and indices

  private mutating func integerIdentity(_ primitive: Primitive, _ operands: [Value]) -> Rewritten? {
    let x = operands[0]
    let y = operands[operands.count - 1]
    switch primitive {
    case .add, .subtract, .multiply:
      if let a = size(of: x), let b = size(of: y) {
        let result = primitive == .add ? a + b : primitive == .subtract ? a - b : a * b
        return .operation(integer(result))
      }
      if primitive == .multiply {
        if size(of: x)?.constant == 1 { return .value(y) }
        if size(of: y)?.constant == 1 { return .value(x) }
        return nil
      }
      if primitive == .subtract && x == y { return .operation(.constant(.integer(0))) }
      return offset(primitive, x, y)
    case .quotient:
      if size(of: y)?.constant == 1 { return .value(x) }
      if isIndex(x, below: y) { return .operation(.constant(.integer(0))) }
    case .modulo:
      if size(of: y)?.constant == 1 { return .operation(.constant(.integer(0))) }
      if isIndex(x, below: y) { return .value(x) }
    case .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual:
      return comparison(primitive, x, y).map { .operation(.constant(.boolean($0))) }
    default: break
    }
    return nil
  }

  private func integer(_ size: Size) -> Operation {
    size.constant.map { .constant(.integer($0)) } ?? .size(size)
  }

  /// `(i + a) - b` with sizes `a` and `b` is `i` and one size.
  private mutating func offset(_ primitive: Primitive, _ x: Value, _ y: Value) -> Rewritten? {
    guard let (outer, amount) = primitive == .add ? split(x, y) ?? split(y, x) : split(x, y) else { return nil }
    guard let (inner, operands) = self.primitive(of: outer), inner == .add || inner == .subtract else { return nil }
    let outerAmount = primitive == .add ? amount : Size(0) - amount
    let (base, innerAmount): (Value, Size)
    if let right = size(of: operands[1]) {
      (base, innerAmount) = (operands[0], inner == .add ? right : Size(0) - right)
    } else if inner == .add, let left = size(of: operands[0]) {
      (base, innerAmount) = (operands[1], left)
    } else {
      return nil
    }
    let total = innerAmount + outerAmount
    if total.constant == 0 { return .value(base) }
    let isNegative = total.orderedTerms.allSatisfy { $0.coefficient.numerator < 0 }
    let distance = emit(integer(isNegative ? Size(0) - total : total))
    return .operation(.primitive(isNegative ? .subtract : .add, [base, distance]))
  }

  private func split(_ x: Value, _ y: Value) -> (Value, Size)? { size(of: y).map { (x, $0) } }

  private func isIndex(_ x: Value, below y: Value) -> Bool {
    guard let range = range(of: x), let bound = size(of: y) else { return false }
    return range == bound || (range.constant != nil && bound.constant != nil && range.constant! <= bound.constant!)
  }

  /// What an integer is at least: no index is negative, nor the sum of one with a number.
  private func least(_ x: Value) -> Int? {
    if range(of: x) != nil { return 0 }
    guard let (primitive, operands) = self.primitive(of: x), primitive == .add, range(of: operands[0]) != nil else { return nil }
    return size(of: operands[1])?.constant
  }

  /// What a comparison of integers is known to give.
  private func comparison(_ primitive: Primitive, _ x: Value, _ y: Value) -> Bool? {
    let order: Int
    if x == y {
      order = 0
    } else if let a = size(of: x), let b = size(of: y), let difference = (a - b).constant {
      order = difference
    } else if isIndex(x, below: y) {
      order = -1
    } else if isIndex(y, below: x) {
      order = 1
    } else if let least = least(x), let number = size(of: y)?.constant, number < least {
      order = 1
    } else if range(of: x) != nil, size(of: y)?.constant == 0, primitive == .less || primitive == .greaterOrEqual {
      // No index is negative.
      return primitive == .greaterOrEqual
    } else {
      return nil
    }
    switch primitive {
    case .less: return order < 0
    case .lessOrEqual: return order <= 0
    case .greater: return order > 0
    case .greaterOrEqual: return order >= 0
    case .equal: return order == 0
    case .notEqual: return order != 0
    default: return nil
    }
  }
}
