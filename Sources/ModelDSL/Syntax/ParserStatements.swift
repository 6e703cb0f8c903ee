// Statements: what stands in the blocks of functions, cells, models, loops and values.

extension Parser {
  /// One statement of a block of this kind, without what ends it.
  mutating func statement(_ kind: BlockKind) throws(Failure) -> Statement {
    let documentation = self.documentation(before: position)
    let lower = token.lower
    let statement = try statementKind(in: kind)
    return Statement(kind: statement, documentation: documentation, range: range(from: lower))
  }

  private mutating func statementKind(in kind: BlockKind) throws(Failure) -> Statement.Kind {
    guard let word = statementWord else { return try otherStatement(in: kind) }
    let place = range(token)
    // Whoever asked for the value of a block complains about a `next` or `return` in it: see `conditional`.
    let isLeftToOthers = kind == .value && (word == .next || word == .returned)
    let isMisplaced = !kind.allowed.contains(word) && !isLeftToOthers
    if isMisplaced { report(.misplacedStatement(word, in: kind, place)) }
    advance()
    switch word {
    case .constant: return .constant(try letDeclaration())
    case .state: return try state()
    case .next: return try next()
    case .record: return try record()
    case .forLoop: return try forLoop()
    case .whileLoop: return try whileLoop(place)
    case .inject: return .inject(try injectDeclaration(from: place.lower))
    case .returned:
      let value = try returned()
      return isMisplaced ? .expression(errorExpression(from: place.lower)) : .returned(value)
    case .size: return .size(try sizes())
    case .parameter: return try parameter()
    case .setting: return try setting()
    case .input: return try input()
    case .output: return try output()
    case .loss:
      try assign("after `loss`")
      return .loss(try expression())
    case .optimizer:
      try assign("after `optimizer`")
      return .optimizer(try expression())
    case .silence:
      let (code, reason) = try silence()
      return .silence(code: code, reason: reason)
    }
  }

  /// `=`; `:=` is taken for it, with a complaint.
  mutating func assign(_ after: String) throws(Failure) {
    if at(.define) {
      report(.define(range(token)))
      advance()
    } else {
      try expect(.assign, after)
    }
  }

  // MARK: Values and states

  /// `pattern: type = e`, behind `let`.
  mutating func letDeclaration() throws(Failure) -> LetDeclaration {
    let pattern = try pattern()
    let type = try optionalType()
    if at(.tilde) { throw fail(.drawOutsideParameter(range(token))) }
    guard at(.assign) || at(.define) else {
      throw unexpected("`=` and a value", help: type == nil ? typeBeforeNameHelp : nil)
    }
    try assign("")
    return LetDeclaration(pattern: pattern, type: type, value: try expression())
  }

  /// For `let mut x`, `let Float x` and the like.
  private var typeBeforeNameHelp: String? {
    guard token.kind == .identifier, onThisLine(token) else { return nil }
    return "write `let \(token.text) = …`; a type follows the name: `let \(token.text): Float = …`"
  }

  private mutating func pattern() throws(Failure) -> Pattern {
    guard at(.leftParenthesis) else { return .name(try name("a name after `let`")) }
    let lower = token.lower
    let parts = try list(of: "a name") { parser throws(Failure) in try parser.labelledPattern() }
    let whole = range(from: lower)
    if parts.complete, parts.items.count < 2 {
      guard let only = parts.items.first else { throw fail(.emptyTuple(whole)) }
      if let label = only.label { throw fail(.singleElementTuple(label: label, whole)) }
      return only.pattern
    }
    return .tuple(parts.items, whole)
  }

  private mutating func labelledPattern() throws(Failure) -> (label: Name?, pattern: Pattern) {
    guard token.kind == .identifier, peek().kind == .symbol(.colon) else { return (nil, try pattern()) }
    let label = Name(token.text, range(token))
    advance()
    advance()
    return (label, try pattern())
  }

  private mutating func optionalType() throws(Failure) -> TypeTree? {
    guard at(.colon), onThisLine(token) else { return nil }
    advance()
    return try type()
  }

  /// `: T`, which must stand behind the names of a parameter, a setting or an input.
  private mutating func requiredType(_ word: StatementWord, _ names: [Name]) throws(Failure) -> TypeTree {
    let example = "`\(word.rawValue) \(names.last?.text ?? "x"): Float`"
    guard let type = try optionalType() else { throw unexpected("`:` and a type", help: "say what it is: \(example)") }
    return type
  }

  private mutating func state() throws(Failure) -> Statement.Kind {
    let names = try names("the name of a state")
    let type = try optionalType()
    guard at(.assign) || at(.define) else {
      throw unexpected("`=` and a first value", help: "say what the state is before the first step: `state \(names[0].text) = 0`")
    }
    try assign("")
    return .state(names: names, type: type, initial: try expression())
  }

  private mutating func next() throws(Failure) -> Statement.Kind {
    var targets: [NextTarget] = []
    if at(.leftParenthesis) {
      targets = try list(of: "a state") { parser throws(Failure) in try parser.nextTarget() }.items
    } else {
      targets = [try nextTarget()]
      if at(.comma) { throw fail(.nextWithoutParentheses(range(token))) }
    }
    if let compound = token.symbol, compoundAssignments.contains(compound) {
      throw fail(.compoundNext(compound.rawValue, state: targets.first?.name.text ?? "u", range(token)))
    }
    try assign("after what `next` gives a value to")
    return .next(targets: targets, value: try expression())
  }

  private mutating func nextTarget() throws(Failure) -> NextTarget {
    if token.kind == .identifier, peek().kind == .symbol(.colon) { throw fail(.labelInNext(range(token).union(range(peek())))) }
    let state = try name("a state")
    guard at(.leftBracket), onThisLine(token) else { return NextTarget(name: state, indices: []) }
    let opening = range(token)
    glue()
    let indices = try list(of: "an index") { parser throws(Failure) in try parser.subscript_() }
    if indices.complete, indices.items.isEmpty { throw fail(.emptySubscript(opening.union(range(from: opening.lower)))) }
    return NextTarget(name: state, indices: indices.complete ? indices.items : [.index(errorExpression(from: opening.lower))])
  }

  private mutating func record() throws(Failure) -> Statement.Kind {
    let name = try name("a name after `record`")
    guard at(.assign) || at(.define) else {
      throw unexpected("`=` and what is kept of every step", help: "give the series a name and a value: `record trace = \(name.text)`")
    }
    try assign("")
    return .record(name, try expression())
  }

  private mutating func returned() throws(Failure) -> Expression {
    guard onThisLine(token), !at(.rightBrace) else { throw unexpected("an expression after `return`") }
    return try expression()
  }

  // MARK: Loops

  private mutating func forLoop() throws(Failure) -> Statement.Kind {
    if at(.leftParenthesis) { throw fail(.parenthesisedFor(range(token))) }
    let variable = try name("the variable of the loop after `for`")
    guard take(word: "in") else {
      throw unexpected("`in` after the variable of the loop", help: "a loop over a size is written `for \(variable.text) in n { … }`")
    }
    let count = try count()
    var down = take(word: "down")
    let condition = take(word: "where") ? try self.condition() : nil
    if !down { down = take(word: "down") }
    guard at(.leftBrace) else { throw unexpected("`{` and the body of the loop") }
    return .forLoop(variable: variable, count: count, condition: condition, down: down, body: try block(.loop))
  }

  /// `c, atMost: k { }`, behind `while`.
  private mutating func whileLoop(_ place: SourceRange) throws(Failure) -> Statement.Kind {
    let condition = try self.condition()
    guard at(.comma), onThisLine(token) else {
      guard at(.leftBrace) else { throw unexpected("`,` and `atMost:` after the condition of `while`") }
      report(.whileWithoutBound(place, insertAt: afterPrevious))
      let bound = Expression(kind: .error, range: afterPrevious)
      return .whileLoop(condition: condition, atMost: bound, body: try block(.loop))
    }
    advance()
    guard token.word == "atMost", peek().kind == .symbol(.colon) else {
      throw unexpected("`atMost:` and a number of steps", help: "write `while c, atMost: 10000 { … }`")
    }
    advance()
    advance()
    let bound = try expression()
    guard at(.leftBrace) else { throw unexpected("`{` and the body of the loop") }
    return .whileLoop(condition: condition, atMost: bound, body: try block(.loop))
  }

  // MARK: What cells and models declare

  private mutating func parameter() throws(Failure) -> Statement.Kind {
    let names = try names("the name of a parameter")
    let type = try requiredType(.parameter, names)
    if at(.assign), onThisLine(token) { throw fail(.parameterWithEqualSign(range(token))) }
    let initializer = at(.tilde) && onThisLine(token) ? try initializer() : nil
    return .parameter(names: names, type: type, initializer: initializer)
  }

  private mutating func initializer() throws(Failure) -> Expression {
    advance()
    return try expression()
  }

  private mutating func setting() throws(Failure) -> Statement.Kind {
    let names = try names("the name of a setting")
    let type = try requiredType(.setting, names)
    if at(.tilde), onThisLine(token) { throw fail(.drawOutsideParameter(range(token))) }
    guard at(.assign) || at(.define), onThisLine(token) else { return .setting(names: names, type: type, value: nil) }
    try assign("")
    return .setting(names: names, type: type, value: try expression())
  }

  private mutating func input() throws(Failure) -> Statement.Kind {
    let names = try names("the name of an input")
    let type = try requiredType(.input, names)
    if at(.assign), onThisLine(token) { throw fail(.inputWithValue(range(token))) }
    return .input(names: names, type: type)
  }

  private mutating func output() throws(Failure) -> Statement.Kind {
    let name = try name("a name after `output`")
    if at(.colon), onThisLine(token) { throw fail(.typedOutput(name.text, range(token))) }
    guard at(.assign) || at(.define), onThisLine(token) else { return .output(name, nil) }
    try assign("")
    return .output(name, try expression())
  }

  // MARK: Expressions, and what is no statement

  private mutating func otherStatement(in kind: BlockKind) throws(Failure) -> Statement.Kind {
    if let symbol = token.symbol {
      if symbol.isClosing { throw fail(.unmatchedClosing(symbol, range(token))) }
      if token.newlineBefore, BinaryOperator(rawValue: symbol.rawValue) != nil, symbol != .minus {
        throw fail(.lineStartsWithOperator(symbol.rawValue, range(token)))
      }
      if symbol == .leftBrace { throw fail(.blockAsStatement(range(token))) }
    }
    if startsFileDeclaration { try nestedDeclaration(in: kind) }
    try refuseForeignStatement(in: kind)
    return .expression(try expression())
  }

  /// A `func` or another declaration of a file inside a block: read, so that what is wrong in it is found too, and refused.
  private mutating func nestedDeclaration(in kind: BlockKind) throws(Failure) {
    report(.nestedDeclaration(token.text, in: kind, range(token)))
    _ = try declarationKind()
    throw Failure()
  }

  /// Statements of other languages, of the future, and misspelt ones, told by a word before a name.
  private mutating func refuseForeignStatement(in kind: BlockKind) throws(Failure) {
    guard let word = token.word, peek().kind == .identifier, !peek().newlineBefore else { return }
    if word == "draw", peek(2).kind == .symbol(.colon) || peek(2).kind == .symbol(.tilde) { throw fail(.reservedDraw(range(token))) }
    if word == "var" || word == "const" {
      report(.foreignVariable(word, range(token)))
      advance()
      _ = try letDeclaration()
      throw Failure()
    }
    if foreignFunctionWords.contains(word) { throw fail(.nestedDeclaration("func", in: kind, range(token))) }
    guard peek().binaryOperator == nil, peek().foreignOperator == nil, word != "if", word != "not" else { return }
    switch peek(2).kind {
    case .symbol(.colon), .symbol(.assign), .symbol(.tilde), .symbol(.comma), .symbol(.prime): break
    case .identifier where peek(2).word == "in": break
    default: return
    }
    let known = StatementWord.allCases.filter { kind.allowed.contains($0) }.map(\.rawValue)
    throw fail(.unknownStatement(word, nearest: nearestName(to: word, among: known), name: peek().text, range(token)))
  }
}

/// Words with which other languages start a function.
let foreignFunctionWords: Set<String> = ["fn", "def", "fun", "function"]
