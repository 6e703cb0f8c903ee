/// What one number of an array is.
public enum Scalar: Hashable, Sendable {
  case real
  case integer
  case boolean
  /// An integer known to lie in `0 ..< bound`.
  case index(below: Size)
}

public indirect enum Type: Hashable, Sendable {
  /// A number (empty shape) or an array.
  case array(Scalar, [Size])
  case tuple([Field])
  case function(parameters: [Type], result: Type)
  /// The type of what an error was reported for: fits everything, silently.
  case error

  public struct Field: Hashable, Sendable {
    public var label: String?
    public var type: Type
    public init(label: String?, type: Type) {
      self.label = label
      self.type = type
    }
  }

  public static let real = Type.array(.real, [])
  public static let integer = Type.array(.integer, [])
  public static let boolean = Type.array(.boolean, [])

  /// The shape of an array, empty for a number; nil for tuples and functions.
  public var shape: [Size]? {
    if case .array(_, let shape) = self { return shape }
    return nil
  }

  /// What stands at `count` indices.
  func row(_ count: Int) -> Type {
    guard case .array(let scalar, let shape) = self else { return self }
    return .array(scalar, Array(shape.dropFirst(count)))
  }

  public func substituting(_ replacement: [SizeSymbol: Size]) -> Type {
    switch self {
    case .array(.index(let bound), let shape):
      .array(.index(below: bound.substituting(replacement)), shape.map { $0.substituting(replacement) })
    case .array(let scalar, let shape): .array(scalar, shape.map { $0.substituting(replacement) })
    case .tuple(let fields): .tuple(fields.map { Field(label: $0.label, type: $0.type.substituting(replacement)) })
    case .function(let parameters, let result):
      .function(parameters: parameters.map { $0.substituting(replacement) }, result: result.substituting(replacement))
    case .error: .error
    }
  }
}

extension Type: CustomStringConvertible {
  /// As it is written in the language.
  public var description: String {
    switch self {
    case .array(let scalar, let shape):
      let name =
        switch scalar {
        case .real: "Float"
        case .integer: "Int"
        case .boolean: "Bool"
        case .index(let bound): "Index<\(bound)>"
        }
      return shape.isEmpty ? name : name + "[" + shape.map(\.description).joined(separator: ", ") + "]"
    case .tuple(let fields):
      return "(" + fields.map { ($0.label.map { $0 + ": " } ?? "") + $0.type.description }.joined(separator: ", ") + ")"
    case .function(let parameters, let result):
      return "(" + parameters.map(\.description).joined(separator: ", ") + ") -> \(result)"
    case .error: return "_"
    }
  }
}
