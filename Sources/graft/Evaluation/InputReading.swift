import Codegen
import ModelDSL

/// What is wrong with the values that were given, with the path to the place.
struct InputError: ReportedError {
  let message: String
  init(_ path: String, _ message: String) { self.message = path.isEmpty ? message : "\(path): \(message)" }
}

/// The numbers of one nested array, before sizes are known. Axes below an empty one have no length yet.
struct NestedArray {
  var lengths: [Int?]
  var leaves: [JSON] = []
  let path: String

  /// Reads as many levels of arrays as the type has axes; siblings must be of one length.
  init(_ json: JSON, type: ValueType, path: String, sizes: [SizeSymbol: Int]) throws(InputError) {
    lengths = type.shape.map { $0.evaluated(sizes) }
    self.path = path
    try read(json, axis: 0, type: type, path: path)
  }

  private mutating func read(_ json: JSON, axis: Int, type: ValueType, path: String) throws(InputError) {
    if axis == lengths.count {
      leaves.append(json)
      if case .array = json {
        throw InputError(path, "expected \(Self.word(type.element, 1)), found an array: \(self.path) is a \(type.described)")
      }
      return
    }
    guard case .array(let elements) = json else { throw InputError(path, "expected \(expectation(axis, type)), found \(json.kind)") }
    if let length = lengths[axis], length != elements.count {
      throw InputError(path, "expected \(expectation(axis, type)), found \(elements.count)")
    }
    lengths[axis] = elements.count
    for (place, element) in elements.enumerated() { try read(element, axis: axis + 1, type: type, path: "\(path)[\(place)]") }
  }

  /// `3 numbers`, `an array of rows`
  private func expectation(_ axis: Int, _ type: ValueType) -> String {
    let isLast = axis == type.shape.count - 1
    guard let length = lengths[axis] else { return "an array of " + (isLast ? Self.word(type.element, 2) : "rows") }
    let word = isLast ? Self.word(type.element, length) : length == 1 ? "row" : "rows"
    let symbol = type.shape[axis]
    return length == 1 && isLast ? "an array of 1" : "\(length) \(word)" + (symbol.constant == nil ? " (\(symbol))" : "")
  }

  private static func word(_ element: Element, _ count: Int) -> String {
    switch element {
    case .real: count == 1 ? "a number" : "numbers"
    case .integer: count == 1 ? "a whole number" : "whole numbers"
    case .boolean: count == 1 ? "true or false" : "truth values"
    }
  }

  /// The place of a leaf: `x[2][0]`.
  func path(ofLeaf leaf: Int) -> String {
    var places: [Int] = []
    var rest = leaf
    for length in lengths.reversed() {
      let length = max(1, length ?? 1)
      places.append(rest % length)
      rest /= length
    }
    return path + places.reversed().map { "[\($0)]" }.joined()
  }
}

extension ValueType {
  /// `Float[n, 3]`
  var described: String {
    let name =
      switch element {
      case .real: "Float"
      case .integer: "Int"
      case .boolean: "Bool"
      }
    return shape.isEmpty ? name : name + "[" + shape.map(\.description).joined(separator: ", ") + "]"
  }
}

extension NestedArray {
  /// The array with its sizes; `precision` rounds the numbers.
  func array(type: ValueType, bound: Size?, sizes: [SizeSymbol: Int], precision: Precision) throws(InputError) -> ArrayValue {
    let shape = try solvedShape(type, sizes)
    switch type.element {
    case .real:
      var numbers: [Double] = []
      numbers.reserveCapacity(leaves.count)
      for (place, leaf) in leaves.enumerated() {
        guard let number = Self.real(leaf, precision) else {
          throw InputError(path(ofLeaf: place), "expected a number, found \(leaf.kind)")
        }
        numbers.append(number)
      }
      return .reals(numbers, shape: shape)
    case .integer:
      let limit = bound.flatMap { $0.evaluated(sizes) }
      var numbers: [Int] = []
      numbers.reserveCapacity(leaves.count)
      for (place, leaf) in leaves.enumerated() {
        guard let number = Self.integer(leaf) else { throw InputError(path(ofLeaf: place), "expected a whole number, found \(leaf.kind)") }
        if let limit, number < 0 || number >= limit {
          throw InputError(path(ofLeaf: place), "expected an index in 0 ..< \(limit), found \(number)")
        }
        numbers.append(number)
      }
      return .integers(numbers, shape: shape)
    case .boolean:
      var values: [Bool] = []
      for (place, leaf) in leaves.enumerated() {
        guard case .boolean(let value) = leaf else { throw InputError(path(ofLeaf: place), "expected true or false, found \(leaf.kind)") }
        values.append(value)
      }
      return .booleans(values, shape: shape)
    }
  }

  private func solvedShape(_ type: ValueType, _ sizes: [SizeSymbol: Int]) throws(InputError) -> [Int] {
    var shape: [Int] = []
    for (axis, size) in type.shape.enumerated() {
      guard let expected = size.evaluated(sizes), expected >= 0 else {
        throw InputError(path, "the size \(size) does not follow from what is given, or is not whole; give it under \"sizes\"")
      }
      if let found = lengths[axis], found != expected {
        throw InputError(path, "expected \(expected) along axis \(axis) (\(size)), found \(found)")
      }
      shape.append(expected)
    }
    return shape
  }

  private static func real(_ leaf: JSON, _ precision: Precision) -> Double? {
    switch leaf {
    case .number(let digits): precision == .double ? Double(digits) : Float(digits).map(Double.init)
    case .string("inf"): .infinity
    case .string("-inf"): -.infinity
    case .string("nan"): .nan
    default: nil
    }
  }

  static func integer(_ leaf: JSON) -> Int? {
    guard case .number(let digits) = leaf else { return nil }
    return Int(digits) ?? Double(digits).flatMap { Int(exactly: $0) }
  }
}
