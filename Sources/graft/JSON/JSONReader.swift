/// What is wrong with a JSON text, and where.
struct JSONError: Error {
  let message: String
  let line: Int
  let column: Int
}

extension JSON {
  /// Reads one document (RFC 8259), strictly: nothing may follow it, and no name may stand twice in an object.
  init(parsing bytes: [UInt8]) throws(JSONError) {
    var reader = JSONReader(bytes: bytes)
    self = try reader.document()
  }
}

private struct JSONReader {
  let bytes: [UInt8]
  var place = 0
  /// Deeper nesting is refused: no tensor has so many axes.
  static let deepest = 512

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(JSONError) -> JSON {
    if String(validating: bytes, as: UTF8.self) == nil { throw failure("the text is not UTF-8") }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { place = 3 }
    let value = try value(depth: 0)
    skipSpace()
    if place < bytes.count { throw failure("one document is expected, and more follows") }
    return value
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSON {
    if depth > Self.deepest { throw failure("nested deeper than \(Self.deepest)") }
    skipSpace()
    switch peek {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case let byte? where byte == UInt8(ascii: "-") || isDigit(byte): return try number()
    case nil: throw failure("the text ends where a value is expected")
    default:
      for (word, value) in [("true", JSON.boolean(true)), ("false", .boolean(false)), ("null", .null)]
      where bytes[place...].starts(with: word.utf8) {
        place += word.utf8.count
        return value
      }
      throw failure("a value is expected here (infinities and NaN are the strings \"inf\", \"-inf\", \"nan\")")
    }
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSON {
    place += 1
    var members: [JSON.Member] = []
    var names: Set<String> = []
    skipSpace()
    if take("}") { return .object([]) }
    while true {
      skipSpace()
      guard peek == UInt8(ascii: "\"") else { throw failure("a name in quotes is expected") }
      let start = place
      let name = try string()
      if !names.insert(name).inserted {
        place = start
        throw failure("\"\(name)\" stands twice in one object")
      }
      skipSpace()
      if !take(":") { throw failure("':' is expected after \"\(name)\"") }
      members.append(JSON.Member(name, try value(depth: depth + 1)))
      skipSpace()
      if take("}") { return .object(members) }
      if !take(",") { throw failure("',' or '}' is expected") }
    }
  }

  private mutating func array(depth: Int) throws(JSONError) -> JSON {
    place += 1
    var elements: [JSON] = []
    skipSpace()
    if take("]") { return .array([]) }
    while true {
      elements.append(try value(depth: depth + 1))
      skipSpace()
      if take("]") { return .array(elements) }
      if !take(",") { throw failure("',' or ']' is expected") }
    }
  }

  private mutating func number() throws(JSONError) -> JSON {
    let start = place
    _ = take("-")
    if take("0") {
      if let next = peek, isDigit(next) { throw failure("a number does not start with 0") }
    } else {
      try digits()
    }
    if take(".") { try digits() }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      try digits()
    }
    return .number(String(decoding: bytes[start..<place], as: UTF8.self))
  }

  private mutating func digits() throws(JSONError) {
    let start = place
    while let byte = peek, isDigit(byte) { place += 1 }
    if place == start { throw failure("a digit is expected") }
  }

  private mutating func string() throws(JSONError) -> String {
    place += 1
    var text: [UInt8] = []
    while let byte = peek {
      place += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text += String(try escaped()).utf8
      case 0..<0x20:
        place -= 1
        throw failure("a control character must be escaped in a string")
      default: text.append(byte)
      }
    }
    throw failure("the string does not end")
  }

  private mutating func escaped() throws(JSONError) -> Unicode.Scalar {
    guard let byte = peek else { throw failure("the string does not end") }
    place += 1
    switch byte {
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "u"):
      let unit = try codeUnit()
      if let scalar = Unicode.Scalar(unit) { return scalar }
      guard unit < 0xDC00, take("\\"), take("u") else { throw failure("half of a surrogate pair") }
      let low = try codeUnit()
      guard (0xDC00...0xDFFF).contains(low), let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)) else {
        throw failure("half of a surrogate pair")
      }
      return scalar
    default:
      place -= 1
      throw failure("no such escape")
    }
  }

  private mutating func codeUnit() throws(JSONError) -> UInt32 {
    let end = place + 4
    guard end <= bytes.count, let unit = UInt32(String(decoding: bytes[place..<end], as: UTF8.self), radix: 16) else {
      throw failure("four hexadecimal digits are expected")
    }
    place = end
    return unit
  }

  private var peek: UInt8? { place < bytes.count ? bytes[place] : nil }
  private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    if peek != UInt8(ascii: character) { return false }
    place += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { place += 1 }
  }

  private func failure(_ message: String) -> JSONError {
    let before = bytes[..<place]
    let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    let column = String(decoding: before[lineStart...], as: UTF8.self).count + 1
    return JSONError(message: message, line: before.count { $0 == 0x0A } + 1, column: column)
  }
}
