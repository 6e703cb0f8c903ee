// Bytes and Unicode scalars: what may stand in a name, and what looks like a symbol of the language but is another character.

/// The scalar that starts at `index`, or nil for a byte that does not start valid UTF-8, and how many bytes to step over.
func decodeScalar(_ text: [UInt8], at index: Int) -> (scalar: Unicode.Scalar?, length: Int) {
  let first = text[index]
  if first < 0x80 { return (Unicode.Scalar(first), 1) }
  let length: Int
  let minimum: UInt32
  switch first {
  case 0xC2...0xDF: (length, minimum) = (2, 0x80)
  case 0xE0...0xEF: (length, minimum) = (3, 0x800)
  case 0xF0...0xF4: (length, minimum) = (4, 0x10000)
  default: return (nil, 1)
  }
  guard index + length <= text.count else { return (nil, 1) }
  var value = UInt32(first) & (0x7F >> UInt32(length))
  for next in text[(index + 1)..<(index + length)] {
    guard isContinuationByte(next) else { return (nil, 1) }
    value = value << 6 | UInt32(next & 0x3F)
  }
  guard value >= minimum, let scalar = Unicode.Scalar(value) else { return (nil, 1) }
  return (scalar, length)
}

/// Whether a byte is the second or a later one of a scalar.
func isContinuationByte(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }

func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

func isASCIILetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

/// Whether a name may start with the scalar: a letter of any script, or `_`.
func startsName(_ scalar: Unicode.Scalar) -> Bool {
  scalar.isASCII ? isASCIILetter(UInt8(scalar.value)) || scalar == "_" : scalar.properties.isXIDStart
}

/// Whether a name may go on with the scalar: letters, digits, marks, and the subscripts of mathematics (`x₁`).
func continuesName(_ scalar: Unicode.Scalar) -> Bool {
  if scalar.isASCII { return startsName(scalar) || isDigit(UInt8(scalar.value)) }
  return scalar.properties.isXIDContinue || (0x2080...0x209C).contains(scalar.value)
}

/// `U+00D7`
func codePoint(_ scalar: Unicode.Scalar) -> String {
  let digits = String(scalar.value, radix: 16, uppercase: true)
  return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}

/// Characters that people paste or type for a symbol of the language, and that symbol; nil where a space is meant.
let lookalikes: [Unicode.Scalar: Symbol?] = [
  "×": .star, "·": .star, "⋅": .star, "∗": .star, "÷": .slash, "∕": .slash, "−": .minus, "–": .minus, "—": .minus,
  "≤": .lessOrEqual, "≥": .greaterOrEqual, "≠": .notEqual, "∧": .and, "∨": .or, "¬": .not, "→": .arrow,
  "′": .prime, "’": .prime, "‘": .prime, "…": .closedRange, "：": .colon, "，": .comma, "；": .semicolon, "（": .leftParenthesis,
  "）": .rightParenthesis, "［": .leftBracket, "］": .rightBracket, "｛": .leftBrace, "｝": .rightBrace, "＝": .assign, "＋": .plus,
  "∼": .tilde, "～": .tilde,
  "\u{00A0}": nil, "\u{2007}": nil, "\u{2009}": nil, "\u{200A}": nil, "\u{202F}": nil, "\u{3000}": nil,
  "\u{200B}": nil, "\u{FEFF}": nil,
]

/// Characters of mathematics that have no symbol, and what to write instead.
let mathematicalRemedies: [Unicode.Scalar: String] = [
  "²": "^ 2", "³": "^ 3", "⁻": "^ -1", "√": "sqrt(…)", "∑": "sum(i in n: …)", "∏": "product(i in n: …)", "∞": "inf",
  "∈": "in", "∂": "gradient(e, x)", "∇": "gradient(e, x)", "ᵀ": "transpose(…)", "⊤": "transpose(…)", "½": "0.5", "¼": "0.25",
]
