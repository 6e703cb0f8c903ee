/// Parses a file. The tree holds all that could be understood; where something could not, there is a diagnostic, and `.error`
/// stands in the tree.
public func parse(_ file: SourceFile, id: FileID) -> (tree: FileTree, diagnostics: [Diagnostic]) {
  var parser = Parser(lex(file, id: id), text: file.text, file: id)
  let tree = parser.parseFile()
  let diagnostics = parser.diagnostics.sorted { $0.range.lower < $1.range.lower }
  guard diagnostics.count > mostDiagnostics else { return (tree, diagnostics) }
  return (tree, diagnostics.prefix(mostDiagnostics) + [.tooManyErrors(more: diagnostics[mostDiagnostics].range)])
}

/// A file with more errors than this is most likely no model file at all.
private let mostDiagnostics = 50

/// Recursive descent over the tokens of one file. The grammar is spread over extensions, one idea a file.
///
/// A function that cannot go on reports why and throws `Failure`; the nearest list in brackets, statement or declaration around
/// it catches and goes on after itself. So an error is reported once, and what follows it is still read.
struct Parser {
  struct Failure: Error {}

  /// The deepest nesting of the source, and the tallest expression: later stages recurse over the tree.
  static let deepest = 256
  /// Errors beyond this many are not even collected.
  private static let mostCollected = 1000

  var tokens: [Token]
  let comments: [Comment]
  let text: [UInt8]
  let file: FileID
  let brackets: Brackets

  var diagnostics: [Diagnostic]
  var position = 0
  /// Whether a line break ends a statement here: not so between parentheses and square brackets.
  var newlinesMatter = true
  /// How many brackets, blocks, prefix operators and `else if` are open.
  var depth = 0
  /// The height of the tallest expression finished since a caller set it to 0. See `node`.
  var tallest = 0
  /// Tokens that follow the one before without a space, as far as only the grammar tells: `-` before `x` from `-` between two.
  var glued: Set<Int> = []
  /// Where a block that was reported as unterminated stopped: blocks around it stop there too, and are not reported again.
  var unterminatedAt: Int?
  /// Whether a statement outside a model was reported in a file with one closing brace too many: the rest follows from it.
  var hasLeftModelEarly = false

  init(_ lexed: LexedFile, text: [UInt8], file: FileID) {
    tokens = lexed.tokens
    comments = lexed.comments
    diagnostics = lexed.diagnostics
    brackets = Brackets(tokens: lexed.tokens, text: text)
    self.text = text
    self.file = file
  }

  // MARK: Looking

  var token: Token { tokens[position] }

  /// The token `offset` places ahead; beyond the end, the end.
  func peek(_ offset: Int = 1) -> Token { tokens[min(position + offset, tokens.count - 1)] }

  /// The end of the token before the current one.
  var previousEnd: Int { position == 0 ? token.lower : tokens[position - 1].upper }

  /// Whether a statement that has begun may go on with the token.
  func onThisLine(_ token: Token) -> Bool { !newlinesMatter || !token.newlineBefore }

  func at(_ symbol: Symbol) -> Bool { token.kind == .symbol(symbol) }

  /// Whether the current token is the word and still belongs to the statement.
  func at(word: String) -> Bool { token.word == word && onThisLine(token) }

  var atEnd: Bool { token.kind == .end }

  // MARK: Moving

  @discardableResult
  mutating func advance() -> Token {
    let result = token
    if position < tokens.count - 1 { position += 1 }
    return result
  }

  /// Notes that no space belongs before the current token.
  mutating func glue() { glued.insert(position) }

  mutating func take(_ symbol: Symbol) -> Bool {
    guard at(symbol) else { return false }
    advance()
    return true
  }

  mutating func take(word: String) -> Bool {
    guard at(word: word) else { return false }
    advance()
    return true
  }

  /// Steps over a symbol that must stand here; `after` says what it belongs to, as in "after the name of the function".
  mutating func expect(_ symbol: Symbol, _ after: String) throws(Failure) {
    guard take(symbol) else { throw unexpected("`\(symbol.rawValue)` \(after)") }
  }

  mutating func name(_ role: String) throws(Failure) -> Name {
    guard token.kind == .identifier, onThisLine(token) else { throw unexpected(role) }
    guard !reservedWords.contains(token.text) else { throw fail(.reservedWord(token.text, range(token))) }
    let token = advance()
    return Name(token.text, range(token))
  }

  /// `a, b, c`, with an optional line break after each comma.
  mutating func names(_ role: String) throws(Failure) -> [Name] {
    var names = [try name(role)]
    while take(.comma) {
      joinLines()
      names.append(try name(role))
    }
    return names
  }

  /// Makes the current token part of the line before, as after a comma, unless it starts a statement of its own.
  mutating func joinLines() {
    if token.kind == .identifier, !startsAnew(position) { tokens[position].newlineBefore = false }
  }

  // MARK: Places

  func range(_ token: Token) -> SourceRange { SourceRange(file: file, lower: token.lower, upper: token.upper) }

  /// From a byte to the end of the token before the current one.
  func range(from lower: Int) -> SourceRange { SourceRange(file: file, lower: lower, upper: max(lower, previousEnd)) }

  /// Right after the token before the current one.
  var afterPrevious: SourceRange { SourceRange(file: file, lower: previousEnd, upper: previousEnd) }

  // MARK: Errors

  /// Whether no more diagnostics are collected.
  var isFull: Bool { diagnostics.count >= Self.mostCollected }

  mutating func report(_ diagnostic: Diagnostic) {
    if !isFull { diagnostics.append(diagnostic) }
  }

  mutating func fail(_ diagnostic: Diagnostic) -> Failure {
    report(diagnostic)
    return Failure()
  }

  /// What stands here instead of what was expected, for a message. Silent where the lexer has complained already.
  mutating func unexpected(_ expected: String, help: String? = nil) -> Failure {
    if token.kind == .invalid { return Failure() }
    if onThisLine(token), at(.range) || at(.closedRange) { return fail(.rangeOutsideSubscript(range(token))) }
    let found = self.found
    return fail(.expected(expected, found: found.description, found.range, help: help))
  }

  /// The current token in the words of a message, and where to point: a line that ends too soon is pointed at its end.
  var found: (description: String, range: SourceRange) {
    if atEnd { return ("the end of the file", afterPrevious) }
    if !onThisLine(token) { return ("the end of the line", afterPrevious) }
    return (description(of: token), range(token))
  }

  func description(of token: Token) -> String {
    switch token.kind {
    case .identifier, .symbol: quoted(token.symbol?.rawValue ?? token.text)
    case .integer, .real: "the number " + quoted(String(decoding: text[token.lower..<token.upper], as: UTF8.self))
    case .string: "a string"
    case .invalid: "a character that is no part of the language"
    case .end: "the end of the file"
    }
  }

  // MARK: Depth

  /// Runs `parse` one level deeper.
  mutating func nested<Result>(_ parse: (inout Parser) throws(Failure) -> Result) throws(Failure) -> Result {
    guard depth < Self.deepest else { throw fail(.tooDeep(limit: Self.deepest, range(token))) }
    depth += 1
    defer { depth -= 1 }
    return try parse(&self)
  }

  // MARK: Lists in brackets

  /// Parses `open item, item, … close` from the opening bracket on; a comma may follow the last item. After an error in an item
  /// parsing goes on behind the closing bracket, and `complete` is false.
  mutating func list<Item>(
    of role: String, _ item: (inout Parser) throws(Failure) -> Item
  ) throws(Failure) -> (items: [Item], complete: Bool) {
    let opening = position
    let height = tallest
    do {
      let items = try nested { parser throws(Failure) in try parser.items(closedFrom: opening, role, item) }
      return (items, true)
    } catch {
      guard let closing = brackets.partner(of: opening), closing >= position else { throw error }
      position = closing
      advance()
      tallest = height
      return ([], false)
    }
  }

  /// The items of lists between which an operator may have been forgotten.
  private static let valueRoles: Set<String> = ["an argument", "an element", "an expression", "an index", "a size"]

  private mutating func items<Item>(
    closedFrom opening: Int, _ role: String, _ item: (inout Parser) throws(Failure) -> Item
  ) throws(Failure) -> [Item] {
    let saved = newlinesMatter
    newlinesMatter = false
    defer { newlinesMatter = saved }
    var items: [Item] = []
    let open = advance().symbol ?? .leftParenthesis
    let closing = open.closing ?? .rightParenthesis
    while !take(closing) {
      if closesNothingHere(opening) { throw unclosed(opening) }
      items.append(try item(&self))
      if !take(.comma), !at(closing) {
        let help = Self.valueRoles.contains(role) ? nil : "put a comma between two of them"
        throw unclosedOrUnexpected(opening, "`,` or `\(closing.rawValue)` after \(role)", help: help)
      }
    }
    return items
  }

  /// Steps over the bracket that closes token `opening`.
  mutating func expectClosing(_ opening: Int, _ after: String) throws(Failure) {
    let closing = tokens[opening].symbol?.closing ?? .rightParenthesis
    if !take(closing) { throw unclosedOrUnexpected(opening, "`\(closing.rawValue)` \(after)") }
  }

  mutating func unclosedOrUnexpected(_ opening: Int, _ expected: String, help: String? = nil) -> Failure {
    if brackets.partner(of: opening) == nil, missingOperatorHelp == nil, token.kind != .invalid { return unclosed(opening) }
    if at(.assign) { return fail(.assignmentInside(range(token))) }
    return unexpected(expected, help: help ?? missingOperatorHelp)
  }

  /// Whether the list that starts at token `opening` has run into something that no item starts with.
  private func closesNothingHere(_ opening: Int) -> Bool {
    atEnd || (brackets.partner(of: opening) == nil && token.symbol?.isClosing == true)
  }

  private mutating func unclosed(_ opening: Int) -> Failure {
    let found = self.found
    let symbol = tokens[opening].symbol ?? .leftParenthesis
    return fail(.unclosedBracket(symbol, range(tokens[opening]), found: found.description, at: found.range))
  }

  /// What to say where one operand follows another on the same line.
  var missingOperatorHelp: String? {
    guard position > 0, !token.newlineBefore, tokens[position - 1].endsOperand, token.startsOperand else { return nil }
    return "if two values are meant to be combined, put an operator between them: `*`, `+`, …"
  }
}

/// Words that are never names of values: an expression or a statement starts with them.
let reservedWords: Set<String> = ["if", "else", "for", "while", "let", "return", "true", "false"]

extension Token {
  var startsOperand: Bool {
    switch kind {
    case .identifier, .integer, .real, .string: true
    case .symbol(let symbol): symbol == .leftParenthesis || symbol == .leftBracket
    case .invalid, .end: false
    }
  }

  var endsOperand: Bool {
    switch kind {
    case .identifier, .integer, .real, .string: true
    case .symbol(let symbol): symbol == .rightParenthesis || symbol == .rightBracket
    case .invalid, .end: false
    }
  }
}

/// A piece of source in a message: between backticks, cut where it is long.
func quoted(_ text: String) -> String {
  text.unicodeScalars.count <= 40 ? "`\(text)`" : "`\(String(text.unicodeScalars.prefix(39)))…`"
}
