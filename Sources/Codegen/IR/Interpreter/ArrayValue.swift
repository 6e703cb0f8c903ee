/// A number (empty shape) or a row-major array, as the interpreter takes and gives it.
public struct ArrayValue: Hashable, Sendable {
  public enum Elements: Hashable, Sendable {
    case real([Double])
    case integer([Int])
    case boolean([Bool])
  }

  public let shape: [Int]
  public let elements: Elements

  /// There must be as many elements as the shape says.
  public init(shape: [Int], elements: Elements) {
    precondition(elements.count == shape.reduce(1, *), "\(elements.count) elements for the shape \(shape)")
    self.shape = shape
    self.elements = elements
  }

  public static func real(_ number: Double) -> ArrayValue { ArrayValue(shape: [], elements: .real([number])) }
  public static func integer(_ number: Int) -> ArrayValue { ArrayValue(shape: [], elements: .integer([number])) }
  public static func boolean(_ truth: Bool) -> ArrayValue { ArrayValue(shape: [], elements: .boolean([truth])) }

  /// Without a shape, a vector.
  public static func reals(_ numbers: [Double], shape: [Int]? = nil) -> ArrayValue {
    ArrayValue(shape: shape ?? [numbers.count], elements: .real(numbers))
  }
  public static func integers(_ numbers: [Int], shape: [Int]? = nil) -> ArrayValue {
    ArrayValue(shape: shape ?? [numbers.count], elements: .integer(numbers))
  }
  public static func booleans(_ truths: [Bool], shape: [Int]? = nil) -> ArrayValue {
    ArrayValue(shape: shape ?? [truths.count], elements: .boolean(truths))
  }

  public static func zeros(_ element: Element, shape: [Int] = []) -> ArrayValue {
    let count = shape.reduce(1, *)
    switch element {
    case .real: return ArrayValue(shape: shape, elements: .real(Array(repeating: 0, count: count)))
    case .integer: return ArrayValue(shape: shape, elements: .integer(Array(repeating: 0, count: count)))
    case .boolean: return ArrayValue(shape: shape, elements: .boolean(Array(repeating: false, count: count)))
    }
  }

  public var element: Element {
    switch elements {
    case .real: .real
    case .integer: .integer
    case .boolean: .boolean
    }
  }
  public var count: Int { elements.count }

  /// The elements as real numbers, whatever they are: truth is 1.
  public var reals: [Double] {
    switch elements {
    case .real(let numbers): numbers
    case .integer(let numbers): numbers.map(Double.init)
    case .boolean(let truths): truths.map { $0 ? 1 : 0 }
    }
  }

  /// The elements as integers, or nil for real ones: truth is 1.
  public var integers: [Int]? {
    switch elements {
    case .real: nil
    case .integer(let numbers): numbers
    case .boolean(let truths): truths.map { $0 ? 1 : 0 }
    }
  }
}

extension ArrayValue.Elements {
  public var count: Int {
    switch self {
    case .real(let numbers): numbers.count
    case .integer(let numbers): numbers.count
    case .boolean(let truths): truths.count
    }
  }
}

extension ArrayValue: CustomStringConvertible {
  /// Nested brackets, as a user would write the array.
  public var description: String {
    let words: [String]
    switch elements {
    case .real(let numbers): words = numbers.map { "\($0)" }
    case .integer(let numbers): words = numbers.map { "\($0)" }
    case .boolean(let truths): words = truths.map { "\($0)" }
    }
    func text(_ axis: Int, from start: Int, count: Int) -> String {
      if axis == shape.count { return words[start] }
      let row = shape[axis] == 0 ? 0 : count / shape[axis]
      return "[" + (0..<shape[axis]).map { text(axis + 1, from: start + $0 * row, count: row) }.joined(separator: ", ") + "]"
    }
    return text(0, from: 0, count: words.count)
  }
}
