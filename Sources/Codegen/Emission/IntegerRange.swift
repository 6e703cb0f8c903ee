import ModelDSL

// Integers stop the program when they overflow, as Swift's do. Where they cannot, they are added and multiplied without the check, which keeps
// loops free of it.
extension FunctionPrinter {
  /// A place inside an array, which is small.
  mutating func offsetCode(_ offset: Plan.Expression) -> Code {
    let wasInOffset = isInOffset
    isInOffset = true
    defer { isInOffset = wasInOffset }
    return code(offset)
  }

  /// Whether the result of an operation on integers is in their range whatever the values.
  func cannotOverflow(_ primitive: Primitive, _ operands: [Plan.Expression]) -> Bool {
    magnitude(primitive, operands) < Self.anyMagnitude
  }

  /// The least `k` for which an integer is known to lie from `-2^k` to `2^k`.
  func magnitude(_ expression: Plan.Expression) -> Int {
    switch expression {
    case .constant(.integer(let value)): value.magnitude <= 1 ? 0 : Int.bitWidth - (value.magnitude - 1).leadingZeroBitCount
    case .size: Self.sizeMagnitude
    case .local(let local): magnitudes[local] ?? Self.anyMagnitude
    // Arrays hold integers of 32 bits.
    case .load: 31
    case .select(_, let a, let b): max(magnitude(a), magnitude(b))
    case .primitive(let primitive, let operands): magnitude(primitive, operands)
    default: Self.anyMagnitude
    }
  }

  private func magnitude(_ primitive: Primitive, _ operands: [Plan.Expression]) -> Int {
    let known = operands.map { magnitude($0) }
    let result: Int
    switch primitive {
    case .add, .subtract: result = max(known[0], known[1]) + 1
    case .multiply: result = known[0] + known[1]
    case .negate, .abs, .quotient: result = known[0]
    case .minimum, .maximum: result = max(known[0], known[1])
    case .modulo: result = known[1]
    case .integerFromBoolean, .sign: result = 0
    default: result = Self.anyMagnitude
    }
    return min(result, Self.anyMagnitude)
  }

  private static var anyMagnitude: Int { Int.bitWidth - 1 }
  /// No array has more elements, and no loop more steps.
  static var sizeMagnitude: Int { 32 }
}
