#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif
import ModelDSL

/// What a primitive computes, for real operands, for integers (where truth is 1), or for both. Real functions have C's calling convention,
/// which makes them bare pointers: the machine calls them millions of times.
enum PrimitiveMeaning {
  typealias Unary = @convention(c) (Double) -> Double
  typealias Binary = @convention(c) (Double, Double) -> Double
  typealias Mixed = @convention(c) (Double, Int) -> Double
  typealias Comparison = @convention(c) (Double, Double) -> Bool
  /// Nil where there is no result.
  typealias Whole = (Int) -> Int?
  typealias WholePair = (Int, Int) -> Int?

  case number1(Unary, Whole)
  case number2(Binary, WholePair)
  case comparison(Comparison, WholePair)
  case real1(Unary)
  case real2(Binary)
  case mixed(Mixed)
  case whole1(Whole)
  case whole2(WholePair)
  case realFromWhole
  case wholeFromReal((Double) -> Int?)
}

/// How a primitive on reals is held to what it did at a recorded point: it may jump or have an edge there.
enum Freezing {
  case free
  /// The result itself is kept.
  case value
  /// Which of two operands was taken is kept.
  case side
  /// The sign of the operand is kept.
  case sign
}

/// The meaning of each primitive, one line each.
/// - `minimum`, `maximum`: the first operand where they are equal; NaN if either is (as in PyTorch).
/// - Comparisons with NaN are false, `notEqual` true; `step` of NaN is 0, `sign` of NaN is NaN.
/// - `round`: to the nearest, halves to the even neighbour (as in PyTorch, JAX and IEEE 754).
/// - `quotient`, `modulo`: floored, so that the remainder has the divisor's sign.
/// - Integers have 64 bits; an overflow is an error.
func meaning(of primitive: Primitive) -> PrimitiveMeaning {
  switch primitive {
  case .add: .number2({ $0 + $1 }, { checked($0.addingReportingOverflow($1)) })
  case .subtract: .number2({ $0 - $1 }, { checked($0.subtractingReportingOverflow($1)) })
  case .multiply: .number2({ $0 * $1 }, { checked($0.multipliedReportingOverflow(by: $1)) })
  case .negate: .number1({ -$0 }, { checked(0.subtractingReportingOverflow($0)) })
  case .minimum: .number2({ $0.isNaN || $0 <= $1 ? $0 : $1 }, { $0 <= $1 ? $0 : $1 })
  case .maximum: .number2({ $0.isNaN || $0 >= $1 ? $0 : $1 }, { $0 >= $1 ? $0 : $1 })
  case .abs: .number1({ $0.magnitude }, { $0 == .min ? nil : Swift.abs($0) })
  case .divide: .real2({ $0 / $1 })
  case .power: .real2({ pow($0, $1) })
  case .exp: .real1({ exp($0) })
  case .expm1: .real1({ expm1($0) })
  case .log: .real1({ log($0) })
  case .log1p: .real1({ log1p($0) })
  case .sqrt: .real1({ $0.squareRoot() })
  case .sin: .real1({ sin($0) })
  case .cos: .real1({ cos($0) })
  case .tan: .real1({ tan($0) })
  case .asin: .real1({ asin($0) })
  case .acos: .real1({ acos($0) })
  case .atan: .real1({ atan($0) })
  case .atan2: .real2({ atan2($0, $1) })
  case .sinh: .real1({ sinh($0) })
  case .cosh: .real1({ cosh($0) })
  case .tanh: .real1({ tanh($0) })
  case .sigmoid: .real1({ $0 >= 0 ? 1 / (1 + exp(-$0)) : exp($0) / (1 + exp($0)) })
  case .softplus: .real1({ ($0 > 0 ? $0 : 0) + log1p(exp(-$0.magnitude)) })
  case .erf: .real1({ erf($0) })
  case .floor: .real1({ $0.rounded(.down) })
  case .ceil: .real1({ $0.rounded(.up) })
  case .round: .real1({ $0.rounded(.toNearestOrEven) })
  case .sign: .real1({ $0 > 0 ? 1 : $0 < 0 ? -1 : $0 })
  case .step: .mixed({ $0 > 0 ? 1 : $0 == 0 ? Double($1) : 0 })
  case .less: .comparison({ $0 < $1 }, { $0 < $1 ? 1 : 0 })
  case .lessOrEqual: .comparison({ $0 <= $1 }, { $0 <= $1 ? 1 : 0 })
  case .greater: .comparison({ $0 > $1 }, { $0 > $1 ? 1 : 0 })
  case .greaterOrEqual: .comparison({ $0 >= $1 }, { $0 >= $1 ? 1 : 0 })
  case .equal: .comparison({ $0 == $1 }, { $0 == $1 ? 1 : 0 })
  case .notEqual: .comparison({ $0 != $1 }, { $0 != $1 ? 1 : 0 })
  case .not: .whole1({ 1 - $0 })
  case .and: .whole2({ $0 & $1 })
  case .or: .whole2({ $0 | $1 })
  case .quotient: .whole2(flooredQuotient)
  case .modulo: .whole2(flooredRemainder)
  case .realFromInteger, .realFromBoolean: .realFromWhole
  case .integerFromBoolean: .whole1({ $0 })
  case .integerFromReal: .wholeFromReal({ Int(exactly: $0.rounded(.down)) })
  }
}

func freezing(of primitive: Primitive) -> Freezing {
  switch primitive {
  case .minimum, .maximum: .side
  case .abs: .sign
  case .floor, .ceil, .round, .sign, .step, .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual, .integerFromReal: .value
  case .add, .subtract, .multiply, .negate, .divide, .power, .exp, .expm1, .log, .log1p, .sqrt, .sin, .cos, .tan, .asin, .acos, .atan,
    .atan2,
    .sinh, .cosh, .tanh, .sigmoid, .softplus, .erf, .not, .and, .or, .quotient, .modulo, .realFromInteger, .realFromBoolean,
    .integerFromBoolean:
    .free
  }
}

private func checked(_ result: (partialValue: Int, overflow: Bool)) -> Int? { result.overflow ? nil : result.partialValue }

private func flooredQuotient(_ a: Int, _ b: Int) -> Int? {
  guard b != 0, let quotient = checked(a.dividedReportingOverflow(by: b)) else { return nil }
  return a % b != 0 && (a % b < 0) != (b < 0) ? quotient - 1 : quotient
}

private func flooredRemainder(_ a: Int, _ b: Int) -> Int? {
  if b == 0 { return nil }
  if b == -1 { return 0 }  // `Int.min % -1` would trap
  let remainder = a % b
  return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder
}
