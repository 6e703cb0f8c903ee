/// The largest file that is read, in bytes.
let largestFile = 4 << 20

/// Cuts a file into tokens. Never fails: what cannot be read is reported and becomes a token of kind `invalid`.
func lex(_ file: SourceFile, id: FileID) -> LexedFile {
  var lexer = Lexer(text: file.text, file: id)
  lexer.run()
  return lexer.result
}

struct Lexer {
  let text: [UInt8]
  let file: FileID
  var index = 0
  var result = LexedFile()

  // What has been passed since the last token: see the properties of `Token` and `Comment`.
  private var newlineSinceToken = true
  private var newlines = 1
  /// Whether a character of this line was refused: a line that is no code has many, and one complaint is enough.
  private var hasRefusedCharacter = false
  /// Complaints of which one a file is enough.
  private var reportedOnce: Set<String> = []

  /// A name longer than this is refused, so that no message has to print it.
  private static let longestName = 255

  init(text: [UInt8], file: FileID) {
    self.text = text
    self.file = file
  }

  mutating func run() {
    if text.count > largestFile {
      report(.fileTooLarge(bytes: text.count, limit: largestFile, range(0, 0)))
      index = text.count
    } else if text.starts(with: [0xFF, 0xFE]) || text.starts(with: [0xFE, 0xFF]) {
      report(.utf16(range(0, 0)))
      index = text.count
    } else if text.starts(with: byteOrderMark) {
      index = byteOrderMark.count
    }
    while index < text.count { step() }
    newlineSinceToken = true
    append(.end, from: index)
  }

  /// Reads one token, comment or piece of white space.
  private mutating func step() {
    let byte = text[index]
    switch byte {
    case 0x20, 0x09:
      index += 1
    case 0x0A, 0x0D:
      index += byte == 0x0D && peek(1) == 0x0A ? 2 : 1
      newlines += 1
      newlineSinceToken = true
      hasRefusedCharacter = false
    case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"):
      comment()
    case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"):
      blockComment()
    case UInt8(ascii: "#"):
      hash()
    case UInt8(ascii: "\""):
      string()
    case _ where isDigit(byte):
      number()
    case UInt8(ascii: ".") where isDigit(peek(1) ?? 0) && !followsOperand:
      number()
    default:
      if let symbol = symbolHere() {
        let start = index
        index += symbol.rawValue.utf8.count
        append(.symbol(symbol), from: start)
      } else {
        nameOrOther()
      }
    }
  }

  // MARK: Names and symbols

  private func symbolHere() -> Symbol? {
    for length in stride(from: min(Symbol.longest, text.count - index), to: 0, by: -1) {
      if let symbol = Symbol.byBytes[Symbol.pack(text[index..<(index + length)])] { return symbol }
    }
    return nil
  }

  private mutating func nameOrOther() {
    let start = index
    let (scalar, length) = decodeScalar(text, at: index)
    guard let scalar else {
      index += 1
      while index < text.count, decodeScalar(text, at: index).scalar == nil { index += 1 }
      reportOnce(.notUTF8(byte: text[start], range(start, start + 1)))
      return append(.invalid, from: start)
    }
    guard startsName(scalar) else { return other(scalar, length) }
    skipName()
    guard index - start <= Self.longestName else {
      report(.nameTooLong(limit: Self.longestName, range(start, start + 1)))
      return append(.invalid, from: start)
    }
    append(.identifier, from: start, text: String(decoding: text[start..<index], as: UTF8.self))
  }

  /// Steps over the characters that may continue a name.
  private mutating func skipName() {
    while index < text.count {
      let (scalar, length) = decodeScalar(text, at: index)
      guard let scalar, continuesName(scalar) else { return }
      index += length
    }
  }

  /// A character with which nothing starts.
  private mutating func other(_ scalar: Unicode.Scalar, _ length: Int) {
    let start = index
    index += length
    switch lookalikes[scalar] {
    case .some(.some(let symbol)):
      report(.lookalike(scalar, meant: symbol.rawValue, range(start, index)))
      append(.symbol(symbol), from: start)
    case .some(.none):
      reportOnce(.invisibleCharacter(scalar, range(start, index)))
    case .none:
      let diagnostic = Diagnostic.unexpectedCharacter(scalar, remedy: mathematicalRemedies[scalar], range(start, index))
      if scalar == "\0" { reportOnce(diagnostic) } else if !hasRefusedCharacter { report(diagnostic) }
      hasRefusedCharacter = true
      append(.invalid, from: start)
    }
  }

  // MARK: Numbers

  private mutating func number() {
    let start = index
    var isReal = false
    var isWhole = true
    skipDigits()
    if peek(0) == UInt8(ascii: "."), peek(1) != UInt8(ascii: ".") {
      isReal = true
      let dot = index
      index += 1
      if dot == start || !isDigit(peek(0) ?? 0) {
        isWhole = false
        report(.numberNeedsDigit(before: dot == start, range(start, index)))
      }
      skipDigits()
    }
    if let e = peek(0), e | 0x20 == UInt8(ascii: "e") {
      let signed = peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-")
      if isDigit(peek(signed ? 2 : 1) ?? 0) {
        isReal = true
        index += signed ? 2 : 1
        skipDigits()
      }
    }
    let digits = String(decoding: text[start..<index].filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
    let end = index
    skipName()
    if index > end, isWhole {
      let suffix = String(decoding: text[end..<index], as: UTF8.self)
      report(.numberSuffix(number: digits, suffix: suffix, range(start, index)))
    }
    append(isReal ? real(digits, range(start, end)) : integer(digits, range(start, end)), from: start)
  }

  private mutating func integer(_ digits: String, _ place: SourceRange) -> Token.Kind {
    if let value = Int(digits) { return .integer(value) }
    report(.integerTooLarge(digits, place))
    return .integer(0)
  }

  private mutating func real(_ digits: String, _ place: SourceRange) -> Token.Kind {
    var spelling = digits.hasPrefix(".") ? "0" + digits : digits
    if spelling.hasSuffix(".") { spelling += "0" }
    guard let value = Double(spelling) else { return .invalid }
    if value.isInfinite {
      report(.numberTooLarge(digits, place))
      return .real(0)
    }
    let mantissa = digits.utf8.prefix { $0 | 0x20 != UInt8(ascii: "e") }
    if value == 0, mantissa.contains(where: { isDigit($0) && $0 != UInt8(ascii: "0") }) {
      report(.numberTooSmall(digits, place))
    }
    return .real(value)
  }

  private mutating func skipDigits() {
    while let byte = peek(0), isDigit(byte) || byte == UInt8(ascii: "_") { index += 1 }
  }

  /// Whether the token that ends right here can be followed by a member: then `.5` is no number.
  private var followsOperand: Bool {
    guard let last = result.tokens.last, last.upper == index else { return false }
    switch last.kind {
    case .identifier, .symbol(.rightParenthesis), .symbol(.rightBracket), .symbol(.all): return true
    default: return false
    }
  }

  // MARK: Strings and comments

  private mutating func string() {
    let start = index
    var contents: [UInt8] = []
    index += 1
    while let byte = peek(0), byte != UInt8(ascii: "\""), !isNewline(byte) {
      if byte == UInt8(ascii: "\\"), let next = peek(1), !isNewline(next) {
        if next == UInt8(ascii: "\"") || next == byte {
          contents.append(next)
        } else {
          report(.unknownEscape(range(index, index + 1)))
        }
        index += 2
      } else {
        let (scalar, length) = decodeScalar(text, at: index)
        if scalar == nil { reportOnce(.notUTF8(byte: byte, range(index, index + 1))) }
        contents += text[index..<(index + length)]
        index += length
      }
    }
    guard peek(0) == UInt8(ascii: "\"") else {
      report(.unterminatedString(range(start, start + 1)))
      return append(.invalid, from: start)
    }
    index += 1
    append(.string, from: start, text: String(decoding: contents, as: UTF8.self))
  }

  private mutating func comment() {
    let start = index
    skipLine()
    let slashes = text[start..<index].prefix(4).prefix { $0 == UInt8(ascii: "/") }.count
    result.comments.append(
      Comment(
        lower: start, upper: index, startsLine: newlines > 0, blankLineBefore: newlines > 1,
        isDocumentation: slashes == 3 && newlines > 0))
    newlines = 0
  }

  private mutating func blockComment() {
    let start = index
    index += 2
    while index < text.count, !(text[index] == UInt8(ascii: "*") && peek(1) == UInt8(ascii: "/")) {
      if isNewline(text[index]) { newlineSinceToken = true }
      index += 1
    }
    index = min(index + 2, text.count)
    reportOnce(.blockComment(range(start, start + 2)))
  }

  private mutating func hash() {
    let start = index
    reportOnce(.hashComment(range(start, start + 1)))
    skipLine()
  }

  private mutating func skipLine() {
    while let byte = peek(0), !isNewline(byte) {
      if byte >= 0x80 {
        let (scalar, length) = decodeScalar(text, at: index)
        if scalar == nil { reportOnce(.notUTF8(byte: byte, range(index, index + 1))) }
        index += length
      } else {
        index += 1
      }
    }
  }

  // MARK: Helpers

  private func isNewline(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

  private func peek(_ offset: Int) -> UInt8? { index + offset < text.count ? text[index + offset] : nil }

  private func range(_ lower: Int, _ upper: Int) -> SourceRange { SourceRange(file: file, lower: lower, upper: upper) }

  private mutating func append(_ kind: Token.Kind, from start: Int, text: String = "") {
    result.tokens.append(
      Token(
        kind: kind, text: text, lower: start, upper: index, newlineBefore: newlineSinceToken, blankLineBefore: newlines > 1,
        commentsBefore: result.comments.count))
    newlineSinceToken = false
    newlines = 0
  }

  private mutating func report(_ diagnostic: Diagnostic) { result.diagnostics.append(diagnostic) }

  private mutating func reportOnce(_ diagnostic: Diagnostic) {
    if reportedOnce.insert(diagnostic.message).inserted { report(diagnostic) }
  }
}

/// What some editors put before a text in UTF-8.
let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
