import ModelDSL

/// How a primitive is written in Swift: one row each.
enum PrimitiveForm {
  /// `a + b`; `wrapping` is the sign for integers that cannot overflow, where it is another.
  case infix(String, wrapping: String?, Code.Precedence)
  case negation
  /// A function of `Mathematics`, by name.
  case call(MathematicalFunction)
  case not
  /// `Float(i)`
  case conversion
  case condition

  init(_ primitive: Primitive) {
    switch primitive {
    case .add: self = .infix("+", wrapping: "&+", .sum)
    case .subtract: self = .infix("-", wrapping: "&-", .sum)
    case .multiply: self = .infix("*", wrapping: "&*", .product)
    case .divide: self = .infix("/", wrapping: nil, .product)
    case .negate: self = .negation
    case .minimum: self = .call(.minimum)
    case .maximum: self = .call(.maximum)
    case .abs: self = .call(.abs)
    case .power: self = .call(.pow)
    case .exp: self = .call(.exp)
    case .expm1: self = .call(.expm1)
    case .log: self = .call(.log)
    case .log1p: self = .call(.log1p)
    case .sqrt: self = .call(.squareRoot)
    case .sin: self = .call(.sin)
    case .cos: self = .call(.cos)
    case .tan: self = .call(.tan)
    case .asin: self = .call(.asin)
    case .acos: self = .call(.acos)
    case .atan: self = .call(.atan)
    case .atan2: self = .call(.atan2)
    case .sinh: self = .call(.sinh)
    case .cosh: self = .call(.cosh)
    case .tanh: self = .call(.tanh)
    case .sigmoid: self = .call(.sigmoid)
    case .softplus: self = .call(.softplus)
    case .erf: self = .call(.erf)
    case .floor: self = .call(.floor)
    case .ceil: self = .call(.ceil)
    case .round: self = .call(.round)
    case .sign: self = .call(.sign)
    case .step: self = .call(.step)
    case .less: self = .infix("<", wrapping: nil, .comparison)
    case .lessOrEqual: self = .infix("<=", wrapping: nil, .comparison)
    case .greater: self = .infix(">", wrapping: nil, .comparison)
    case .greaterOrEqual: self = .infix(">=", wrapping: nil, .comparison)
    case .equal: self = .infix("==", wrapping: nil, .comparison)
    case .notEqual: self = .infix("!=", wrapping: nil, .comparison)
    case .not: self = .not
    case .and: self = .infix("&&", wrapping: nil, .and)
    case .or: self = .infix("||", wrapping: nil, .or)
    case .quotient: self = .call(.quotient)
    case .modulo: self = .call(.modulo)
    case .realFromInteger: self = .conversion
    case .realFromBoolean, .integerFromBoolean: self = .condition
    case .integerFromReal: self = .call(.whole)
    }
  }
}
