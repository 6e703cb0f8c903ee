/// Which bracket closes which, found before parsing: the parser recovers from an error by going on after the bracket that
/// closes what it was in, and a block that never ends is told from one that is only wrong inside.
struct Brackets: Sendable {
  /// For each token that is a bracket the token of its partner; `unmatched` for a bracket without one and for other tokens.
  private var partners: [Int32]
  private let text: [UInt8]
  /// A closing brace on a line of its own that is indented less than the line that opens its block, that block's brace, and the
  /// indentation of that line. Where a brace is missing, it is this block's.
  private(set) var misleading: (closing: Int, opening: Int, indentation: Int)?
  /// The first closing brace that closes nothing.
  private(set) var firstStrayBrace: Int?
  /// Whether some block has no end.
  private(set) var hasUnclosedBrace = false

  private static let unmatched: Int32 = -1
  /// How many open brackets a closing one may leave unclosed; bounded, so that no input takes quadratic time.
  private static let reach = 256

  private struct Open {
    var token: Int
    var symbol: Symbol
    /// The first token of its line, and that line's indentation.
    var lineStart: Int
    var indentation: Int
  }

  init(tokens: [Token], text: [UInt8]) {
    self.text = text
    partners = Array(repeating: Self.unmatched, count: tokens.count)
    var open: [Open] = []
    var lineStart = 0
    var indentation = 0
    for (index, token) in tokens.enumerated() {
      if token.newlineBefore {
        lineStart = index
        indentation = Self.indentation(of: token, text)
      }
      guard let symbol = token.symbol else { continue }
      if symbol.closing != nil {
        open.append(Open(token: index, symbol: symbol, lineStart: lineStart, indentation: indentation))
      } else if symbol.isClosing, let depth = Self.depth(closing: symbol, lineStart: lineStart, in: open) {
        let opening = open[depth]
        hasUnclosedBrace = hasUnclosedBrace || open[(depth + 1)...].contains { $0.symbol == .leftBrace }
        open.removeSubrange(depth...)
        partners[opening.token] = Int32(index)
        partners[index] = Int32(opening.token)
        let ownIndentation = indentation
        // What is opened next on this line belongs to the line on which this bracket was opened.
        indentation = min(indentation, opening.indentation)
        if misleading == nil, symbol == .rightBrace, token.newlineBefore, ownIndentation < opening.indentation {
          misleading = (closing: index, opening: opening.token, indentation: opening.indentation)
        }
      } else if symbol == .rightBrace, firstStrayBrace == nil {
        firstStrayBrace = index
      }
    }
    hasUnclosedBrace = hasUnclosedBrace || open.contains { $0.symbol == .leftBrace }
  }

  /// The partner of the bracket that is token `index`.
  func partner(of index: Int) -> Int? {
    partners[index] == Self.unmatched ? nil : Int(partners[index])
  }

  /// The closing bracket behind which an opening one can be skipped: not where a brace is missing in between.
  func end(of index: Int) -> Int? {
    hasUnclosedBrace && misleading?.opening == index ? nil : partner(of: index)
  }

  /// The place in `open` of the bracket that `closing` closes. A parenthesis does not reach out of a block, but for one that
  /// was opened on the same line and therefore most likely lacks its end; a brace closes whatever its block left open.
  private static func depth(closing: Symbol, lineStart: Int, in open: [Open]) -> Int? {
    var depth = open.count - 1
    while depth >= max(0, open.count - reach) {
      if open[depth].symbol.closing == closing { return depth }
      if open[depth].symbol == .leftBrace, open[depth].lineStart != lineStart { return nil }
      depth -= 1
    }
    return nil
  }

  /// How many bytes of white space stand before a token that starts its line.
  func indentation(of token: Token) -> Int { Self.indentation(of: token, text) }

  private static func indentation(of token: Token, _ text: [UInt8]) -> Int {
    var start = token.lower
    while start > 0, text[start - 1] == 0x20 || text[start - 1] == 0x09 { start -= 1 }
    return token.lower - start
  }
}
