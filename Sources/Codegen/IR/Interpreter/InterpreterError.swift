import ModelDSL

/// Why the interpreter could not run a procedure: inputs that do not fit, data that leads outside of an array, or a loop without end.
public enum InterpreterError: Error, Hashable, Sendable {
  case inputCount(procedure: String, expected: Int, actual: Int)
  case element(input: String, expected: Element, actual: Element)
  /// `declared` is the shape as the procedure writes it, `expected` what it comes to.
  case shape(input: String, declared: [Size], expected: [Int]?, actual: [Int])
  case sizeUnknown(String)
  case sizeContradicts(size: String, first: Int, second: Int)
  /// Not whole, negative, or too large.
  case sizeInvalid(Size, reason: String)
  case requirement(reason: String)
  case inputOutOfBounds(input: String, value: Int, bound: Int)
  case indexOutOfBounds(array: String, axis: Int, index: Int, extent: Int)
  case boundReached(loop: String, bound: Int)
  /// An integer operation without a result: overflow, division by zero, `Int` of something that is no number.
  case arithmetic(Primitive)
  case tooLarge(shape: [Int])
  /// A trace is replayed with another procedure, or with other integers.
  case traceMismatch
  case malformed(String)
}

extension InterpreterError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .inputCount(let procedure, let expected, let actual): return "\(procedure) takes \(expected) inputs, not \(actual)"
    case .element(let input, let expected, let actual): return "\(input) must be \(expected), not \(actual)"
    case .shape(let input, let declared, let expected, let actual):
      let wanted = "[" + declared.map(\.description).joined(separator: ", ") + "]"
      return "\(input) must have the shape \(wanted)\(expected.map { " = \($0)" } ?? ""), not \(actual)"
    case .sizeUnknown(let name): return "the size \(name) is not given and does not follow from the inputs"
    case .sizeContradicts(let size, let first, let second): return "the size \(size) is both \(first) and \(second)"
    case .sizeInvalid(let size, let reason): return "the size \(size) \(reason)"
    case .requirement(let reason): return "a requirement on the sizes does not hold: \(reason)"
    case .inputOutOfBounds(let input, let value, let bound): return "\(input) must lie in 0 ..< \(bound), but is \(value)"
    case .indexOutOfBounds(let array, let axis, let index, let extent):
      return "index \(index) is outside of 0 ..< \(extent), axis \(axis) of \(array)"
    case .boundReached(let loop, let bound): return "\(loop) has not ended after \(bound) steps"
    case .arithmetic(let primitive): return "\(primitive.rawValue) has no integer result here (overflow, division by zero, or not a number)"
    case .tooLarge(let shape): return "an array of shape \(shape) is too large"
    case .traceMismatch: return "the trace was recorded with another procedure or with other integers"
    case .malformed(let what): return "malformed procedure: \(what)"
    }
  }
}
