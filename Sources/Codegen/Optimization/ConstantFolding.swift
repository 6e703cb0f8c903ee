import ModelDSL

/// The primitive's value on constants, where it is the same in every precision; nil otherwise.
func folded(_ primitive: Primitive, _ constants: [Constant]) -> Constant? {
  switch primitive.signature.operands[0] {
  case .boolean: return foldedBooleans(primitive, constants)
  case .integer: return foldedIntegers(primitive, constants)
  case .real, .number:
    if case .integer = constants[0] { return foldedIntegers(primitive, constants) }
    return foldedReals(primitive, constants)
  }
}

private func foldedReals(_ primitive: Primitive, _ constants: [Constant]) -> Constant? {
  guard case .real(let x) = constants[0], isExact(x) else { return nil }
  if primitive == .step {
    guard case .integer(let atZero) = constants[1] else { return nil }
    return .real(x > 0 ? 1 : x < 0 ? 0 : Double(atZero))
  }
  guard case .real(let y) = constants[constants.count - 1], isExact(y) else { return nil }
  func number(_ value: Double) -> Constant? { Float(value).isFinite ? .real(value) : nil }
  switch primitive {
  case .add: return number(x + y)
  case .subtract: return number(x - y)
  case .multiply: return number(x * y)
  case .divide: return y == 0 ? nil : number(x / y)
  case .negate: return number(-x)
  case .abs: return number(Swift.abs(x))
  case .minimum: return number(Swift.min(x, y))
  case .maximum: return number(Swift.max(x, y))
  case .floor: return number(x.rounded(.down))
  case .ceil: return number(x.rounded(.up))
  case .sign: return number(x > 0 ? 1 : x < 0 ? -1 : 0)
  case .sqrt:
    let root = x.squareRoot()
    return x >= 0 && root * root == x && isExact(root) ? number(root) : nil
  case .exp: return x == 0 ? number(1) : nil
  case .log: return x == 1 ? number(0) : nil
  case .cos, .cosh: return x == 0 ? number(1) : nil
  case .expm1, .log1p, .sin, .tan, .asin, .atan, .sinh, .tanh, .erf: return x == 0 ? number(0) : nil
  case .less: return .boolean(x < y)
  case .lessOrEqual: return .boolean(x <= y)
  case .greater: return .boolean(x > y)
  case .greaterOrEqual: return .boolean(x >= y)
  case .equal: return .boolean(x == y)
  case .notEqual: return .boolean(x != y)
  case .integerFromReal: return Swift.abs(x) < 0x1p53 ? .integer(Int(x.rounded(.down))) : nil
  // Not exact, or (round) a matter of the interpreter's convention.
  case .power, .acos, .atan2, .sigmoid, .softplus, .round, .step: return nil
  case .not, .and, .or, .quotient, .modulo, .realFromInteger, .realFromBoolean, .integerFromBoolean: return nil
  }
}

/// A number of any precision, on which one correctly rounded operation in double gives the same after rounding as in single.
private func isExact(_ x: Double) -> Bool { x.isFinite && Double(Float(x)) == x }

private func foldedIntegers(_ primitive: Primitive, _ constants: [Constant]) -> Constant? {
  guard case .integer(let x) = constants[0], case .integer(let y) = constants[constants.count - 1] else { return nil }
  func number(_ result: (partialValue: Int, overflow: Bool)) -> Constant? { result.overflow ? nil : .integer(result.partialValue) }
  switch primitive {
  case .add: return number(x.addingReportingOverflow(y))
  case .subtract: return number(x.subtractingReportingOverflow(y))
  case .multiply: return number(x.multipliedReportingOverflow(by: y))
  case .negate: return number(0.subtractingReportingOverflow(x))
  case .abs: return x == .min ? nil : .integer(Swift.abs(x))
  case .minimum: return .integer(Swift.min(x, y))
  case .maximum: return .integer(Swift.max(x, y))
  case .less: return .boolean(x < y)
  case .lessOrEqual: return .boolean(x <= y)
  case .greater: return .boolean(x > y)
  case .greaterOrEqual: return .boolean(x >= y)
  case .equal: return .boolean(x == y)
  case .notEqual: return .boolean(x != y)
  case .quotient, .modulo:
    if y == 0 || (x == .min && y == -1) { return nil }
    let remainder = x % y
    let isBelow = remainder != 0 && (remainder < 0) != (y < 0)
    return .integer(primitive == .quotient ? x / y - (isBelow ? 1 : 0) : remainder + (isBelow ? y : 0))
  case .realFromInteger: return Swift.abs(x) <= 1 << 53 ? .real(Double(x)) : nil
  default: return nil
  }
}

private func foldedBooleans(_ primitive: Primitive, _ constants: [Constant]) -> Constant? {
  guard case .boolean(let x) = constants[0], case .boolean(let y) = constants[constants.count - 1] else { return nil }
  switch primitive {
  case .not: return .boolean(!x)
  case .and: return .boolean(x && y)
  case .or: return .boolean(x || y)
  case .realFromBoolean: return .real(x ? 1 : 0)
  case .integerFromBoolean: return .integer(x ? 1 : 0)
  default: return nil
  }
}
