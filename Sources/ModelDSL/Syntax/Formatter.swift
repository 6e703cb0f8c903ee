/// The file in canonical layout: lines stay as they are broken, with two spaces for each block or bracket that is open, one space
/// around operators, at most one empty line in a row, comments kept. A file with errors comes back as it is, with the diagnostics.
public func format(_ file: SourceFile) -> (text: String, diagnostics: [Diagnostic]) {
  let id = FileID(0)
  let (_, diagnostics) = parse(file, id: id)
  guard diagnostics.isEmpty else { return (String(decoding: file.text, as: UTF8.self), diagnostics) }
  let lexed = lex(file, id: id)
  var parser = Parser(lexed, text: file.text, file: id)
  _ = parser.parseFile()
  var formatter = Formatter(lexed, text: file.text, glued: parser.glued)
  return (formatter.format(), [])
}

private struct Formatter {
  private let tokens: [Token]
  private let comments: [Comment]
  private let source: [UInt8]
  private let glued: Set<Int>

  private var out = ""
  /// The brackets that are open, and how far the line of each is indented, in steps.
  private var open: [(symbol: Symbol, indentation: Int)] = []
  private var indentation = 0

  init(_ lexed: LexedFile, text: [UInt8], glued: Set<Int>) {
    tokens = lexed.tokens
    comments = lexed.comments
    source = text
    self.glued = glued
  }

  mutating func format() -> String {
    for index in tokens.indices {
      let isFirst = index == 0
      let between = (isFirst ? 0 : tokens[index - 1].commentsBefore)..<tokens[index].commentsBefore
      for comment in between { self.comment(comments[comment], before: index) }
      if tokens[index].kind == .end { break }
      if !between.isEmpty || isFirst || (tokens[index].newlineBefore && !joins(index)) {
        startLine(before: index, blankLine: tokens[index].blankLineBefore)
      } else if needsSpace(before: index) {
        out += " "
      }
      out += spelling(tokens[index])
      track(tokens[index])
    }
    if !out.isEmpty { out += "\n" }
    return out
  }

  // MARK: Lines

  /// Whether a token that starts a line belongs on the line before: `else`, the brace of a block, and the arrow of a result.
  private func joins(_ index: Int) -> Bool {
    let token = tokens[index]
    let follows = tokens[index - 1].kind
    switch token.kind {
    case .identifier: return token.text == "else" && follows == .symbol(.rightBrace)
    case .symbol(.arrow): return true
    case .symbol(.leftBrace): return !tokens[index - 1].continuesLine
    default: return false
    }
  }

  /// Ends the line, and starts the one of token `index` or of a comment before it.
  private mutating func startLine(before index: Int, blankLine: Bool, isComment: Bool = false) {
    let token = tokens[index]
    let closes = token.symbol?.isClosing == true
    if closes, !isComment, let opening = open.last {
      indentation = opening.indentation
    } else if let inner = open.last {
      indentation = inner.indentation + 1
      if inner.symbol == .leftBrace, continuesStatement(index) { indentation += 1 }
    } else {
      indentation = continuesStatement(index) ? 1 : 0
    }
    guard !out.isEmpty else {
      out += String(repeating: "  ", count: indentation)
      return
    }
    let isAtEdge = out.utf8.last == UInt8(ascii: "{") || (closes && !isComment)
    out += blankLine && !isAtEdge ? "\n\n" : "\n"
    out += String(repeating: "  ", count: indentation)
  }

  /// Whether the statement of the token before goes on with token `index`, on another line.
  private func continuesStatement(_ index: Int) -> Bool {
    guard index > 0, tokens[index].kind != .end else { return false }
    // A `>` may also end the type `Index<n>`.
    let before = tokens[index - 1]
    return before.continuesLine && before.symbol?.closing == nil && !(before.symbol == .greater && glued.contains(index - 1))
  }

  private mutating func comment(_ comment: Comment, before index: Int) {
    if comment.startsLine {
      startLine(before: index, blankLine: comment.blankLineBefore, isComment: true)
    } else {
      out += "  "
    }
    var text = source[comment.lower..<comment.upper]
    while let last = text.last, last == 0x20 || last == 0x09 { text = text.dropLast() }
    out += String(decoding: text, as: UTF8.self)
  }

  private mutating func track(_ token: Token) {
    guard let symbol = token.symbol else { return }
    if symbol.closing != nil {
      open.append((symbol, indentation))
    } else if symbol.isClosing, let opening = open.popLast() {
      // What is opened next belongs to the line on which this bracket was opened.
      indentation = min(indentation, opening.indentation)
    }
  }

  // MARK: Within a line

  private func spelling(_ token: Token) -> String { String(decoding: source[token.lower..<token.upper], as: UTF8.self) }

  private func needsSpace(before index: Int) -> Bool {
    if glued.contains(index) { return false }
    switch tokens[index - 1].symbol {
    case .leftParenthesis, .leftBracket, .dot: return false
    case .leftBrace: return tokens[index].symbol != .rightBrace
    default: break
    }
    switch tokens[index].symbol {
    case .rightParenthesis, .rightBracket, .comma, .semicolon, .colon, .dot, .prime: return false
    default: return true
    }
  }
}
