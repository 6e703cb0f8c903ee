/// A word, number, string or symbol of a model file.
struct Token: Sendable {
  enum Kind: Equatable, Sendable {
    /// A name; keywords are names that the parser recognises by where they stand.
    case identifier
    case integer(Int)
    case real(Double)
    case string
    case symbol(Symbol)
    /// Characters about which an error was reported: whoever meets them stays silent.
    case invalid
    case end
  }

  var kind: Kind
  /// A name as written, the contents of a string, or empty.
  var text: String
  var lower: Int
  var upper: Int
  /// Whether a line break lies between the token before and this one.
  var newlineBefore: Bool
  /// Whether an empty line lies between what stands before, a token or a comment, and this one.
  var blankLineBefore: Bool
  /// How many comments of the file stand before this token.
  var commentsBefore: Int

  /// The text of a name, nil for everything else.
  var word: String? { kind == .identifier ? text : nil }

  var symbol: Symbol? {
    if case .symbol(let symbol) = kind { symbol } else { nil }
  }
}

/// A comment, kept for documentation and for the formatter.
struct Comment: Sendable {
  var lower: Int
  var upper: Int
  /// Whether nothing but white space stands before it on its line.
  var startsLine: Bool
  var blankLineBefore: Bool
  /// Whether it is a `///` comment on a line of its own.
  var isDocumentation: Bool
}

/// What the lexer makes of a file. The tokens end with one of kind `end`.
struct LexedFile: Sendable {
  var tokens: [Token] = []
  var comments: [Comment] = []
  var diagnostics: [Diagnostic] = []
}

/// The fixed spellings that are not names. Those of the last group are not part of the language: they are read so that
/// the parser can say what to write instead.
enum Symbol: String, CaseIterable, Sendable {
  case plus = "+", minus = "-", star = "*", slash = "/", percent = "%", caret = "^", at = "@", tilde = "~"
  case assign = "=", equal = "==", notEqual = "!=", less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">="
  case and = "&&", or = "||", not = "!", arrow = "->"
  case all = "..", range = "..<", dot = ".", comma = ",", colon = ":", semicolon = ";", prime = "'"
  case leftParenthesis = "(", rightParenthesis = ")"
  case leftBracket = "[", rightBracket = "]"
  case leftBrace = "{", rightBrace = "}"

  case doubleStar = "**", define = ":=", closedRange = "...", question = "?", ampersand = "&", bar = "|"
  case fatArrow = "=>", identical = "==="
  case addAssign = "+=", subtractAssign = "-=", multiplyAssign = "*=", divideAssign = "/="

  /// The closing bracket that belongs to an opening one.
  var closing: Symbol? {
    switch self {
    case .leftParenthesis: .rightParenthesis
    case .leftBracket: .rightBracket
    case .leftBrace: .rightBrace
    default: nil
    }
  }

  var isClosing: Bool { self == .rightParenthesis || self == .rightBracket || self == .rightBrace }

  /// The longest spelling, in bytes.
  static let longest = 3

  /// Symbols by their bytes, packed as `pack` does.
  static let byBytes: [UInt32: Symbol] = Dictionary(uniqueKeysWithValues: allCases.map { (pack($0.rawValue.utf8), $0) })

  static func pack(_ bytes: some Sequence<UInt8>) -> UInt32 {
    // The leading 1 tells a NUL from nothing.
    bytes.reduce(1) { $0 << 8 | UInt32($1) }
  }
}
