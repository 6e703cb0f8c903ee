/// The operations on single numbers that the language does not define in itself. Each has one row in `signature`, one rule in
/// `Library/Primitives.graft`, one row in the interpreter and one in emission; tests iterate over `allCases`, so a missing one fails.
public enum Primitive: String, CaseIterable, Hashable, Sendable {
  // Arithmetic, on Float and (but for divide and power) on Int.
  case add, subtract, multiply, negate, minimum, maximum, abs
  case divide, power
  // Functions of Float.
  case exp, expm1, log, log1p, sqrt
  case sin, cos, tan, asin, acos, atan, atan2, sinh, cosh, tanh
  case sigmoid, softplus, erf
  case floor, ceil, round, sign
  /// `step(v, atZero)`: 1 for v > 0, 0 for v < 0, `Float(atZero)` at 0.
  case step
  // Comparisons of Float or Int, giving Bool.
  case less, lessOrEqual, greater, greaterOrEqual, equal, notEqual
  // On Bool, both sides evaluated.
  case not, and, or
  // On Int: floored quotient and remainder.
  case quotient, modulo
  // Conversions: `Int` to `Float`, `Bool` to `Float` (0 or 1), `Bool` to `Int`, `Int(x)` (floors).
  case realFromInteger, realFromBoolean, integerFromBoolean, integerFromReal
}

extension Primitive {
  public enum Operand: Hashable, Sendable {
    /// Always Float, Int or Bool.
    case real, integer, boolean
    /// Float or Int, the same for all operands marked so.
    case number
  }

  public struct Signature: Hashable, Sendable {
    public let operands: [Operand]
    public let result: Operand
  }

  public var signature: Signature {
    switch self {
    case .add, .subtract, .multiply, .minimum, .maximum: Signature(operands: [.number, .number], result: .number)
    case .negate, .abs: Signature(operands: [.number], result: .number)
    case .divide, .power, .atan2: Signature(operands: [.real, .real], result: .real)
    case .exp, .expm1, .log, .log1p, .sqrt, .sin, .cos, .tan, .asin, .acos, .atan, .sinh, .cosh, .tanh, .sigmoid, .softplus, .erf,
      .floor, .ceil, .round, .sign:
      Signature(operands: [.real], result: .real)
    case .step: Signature(operands: [.real, .integer], result: .real)
    case .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual: Signature(operands: [.number, .number], result: .boolean)
    case .not: Signature(operands: [.boolean], result: .boolean)
    case .and, .or: Signature(operands: [.boolean, .boolean], result: .boolean)
    case .quotient, .modulo: Signature(operands: [.integer, .integer], result: .integer)
    case .realFromInteger: Signature(operands: [.integer], result: .real)
    case .realFromBoolean: Signature(operands: [.boolean], result: .real)
    case .integerFromBoolean: Signature(operands: [.boolean], result: .integer)
    case .integerFromReal: Signature(operands: [.real], result: .integer)
    }
  }

  /// How a primitive is written where it is not called by its name.
  public var operatorSymbol: String? {
    switch self {
    case .add: "+"
    case .subtract, .negate: "-"
    case .multiply: "*"
    case .divide: "/"
    case .power: "^"
    case .less: "<"
    case .lessOrEqual: "<="
    case .greater: ">"
    case .greaterOrEqual: ">="
    case .equal: "=="
    case .notEqual: "!="
    case .not: "!"
    case .and: "&&"
    case .or: "||"
    case .quotient: "div"
    case .modulo: "%"
    default: nil
    }
  }
}
