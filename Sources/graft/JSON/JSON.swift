/// A JSON document. Numbers keep their digits, so that reading and writing lose nothing; members keep their order.
indirect enum JSON: Sendable, Equatable {
  case null
  case boolean(Bool)
  case number(String)
  case string(String)
  case array([JSON])
  case object([Member])

  struct Member: Sendable, Equatable {
    let name: String
    let value: JSON
    init(_ name: String, _ value: JSON) {
      self.name = name
      self.value = value
    }
  }

  /// `3 numbers`, `a string`: for messages.
  var kind: String {
    switch self {
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .number(let digits): digits
    case .string(let text): "\"\(text)\""
    case .array(let elements): elements.isEmpty ? "an empty array" : "an array of \(elements.count)"
    case .object: "an object"
    }
  }

  subscript(name: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  static func integer(_ value: Int) -> JSON { .number(String(value)) }

  /// The shortest digits that give the same number back; infinities and NaN are strings.
  static func real(_ value: Double) -> JSON { value.isFinite ? .number(value.description) : .string(name(ofSpecial: value)) }

  /// The same for a number that is a `Float`'s.
  static func single(_ value: Float) -> JSON { value.isFinite ? .number(value.description) : .string(name(ofSpecial: Double(value))) }

  private static func name(ofSpecial value: Double) -> String { value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
}
