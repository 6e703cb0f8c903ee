// Blocks: statements in braces, what may stand in them, and how parsing goes on after an error in one.

extension Parser {
  /// `{ … }` with the statements of a block of this kind.
  mutating func block(_ kind: BlockKind) throws(Failure) -> BlockTree {
    guard at(.leftBrace) else { throw unexpected("`{`") }
    return try nested { parser throws(Failure) in parser.openBlock(kind) }
  }

  private mutating func openBlock(_ kind: BlockKind) -> BlockTree {
    let saved = newlinesMatter
    newlinesMatter = true
    defer { newlinesMatter = saved }
    let opening = position
    let errors = diagnostics.count
    advance()
    var statements: [Statement] = []
    while true {
      while take(.semicolon) {}
      if take(.rightBrace) { break }
      if endsUnterminated(opening) {
        reportUnterminated(opening)
        return BlockTree(statements: statements + [errorStatement(afterPrevious)], range: range(from: tokens[opening].lower))
      }
      statements.append(statementOrError(kind))
    }
    let block = BlockTree(statements: statements, range: range(from: tokens[opening].lower))
    return finished(block, kind, errorsFrom: errors)
  }

  func errorStatement(_ place: SourceRange) -> Statement {
    Statement(kind: .expression(Expression(kind: .error, range: place)), documentation: [], range: place)
  }

  // MARK: Unterminated blocks

  /// Whether the block that starts at token `opening` cannot go on: at the end of the file, at a bracket that closes something
  /// around it, or where the indentation or a declaration shows that it should have ended.
  private func endsUnterminated(_ opening: Int) -> Bool {
    if atEnd { return true }
    if let closed = token.symbol?.isClosing == true ? brackets.partner(of: position) : nil, closed < opening { return true }
    guard token.newlineBefore else { return false }
    if brackets.hasUnclosedBrace, let misleading = brackets.misleading, misleading.opening == opening {
      return position == misleading.closing || brackets.indentation(of: token) <= misleading.indentation
    }
    guard startsFileDeclaration else { return false }
    let firstOfLine = tokens[...opening].lastIndex(where: \.newlineBefore) ?? 0
    return brackets.hasUnclosedBrace || brackets.indentation(of: token) <= brackets.indentation(of: tokens[firstOfLine])
  }

  /// Whether a declaration starts here that no block can hold.
  var startsFileDeclaration: Bool {
    switch declarationWord(at: position) {
    case .function, .cell, .model, .derive, .precision, .importFile: true
    default: false
    }
  }

  private mutating func reportUnterminated(_ opening: Int) {
    defer { unterminatedAt = position }
    guard unterminatedAt != position else { return }
    report(.unterminatedBlock(range(tokens[opening]), at: atEnd ? afterPrevious : range(token), isAtEnd: atEnd))
  }

  // MARK: Recovery

  /// A statement, or an error in its place.
  private mutating func statementOrError(_ kind: BlockKind) -> Statement {
    let start = position
    let height = tallest
    do {
      let statement = try statement(kind)
      try endOfStatement()
      return statement
    } catch {
      tallest = height
      skipStatement(from: start)
      return errorStatement(range(from: tokens[start].lower))
    }
  }

  /// A statement ends with its line, at `;`, or with its block.
  mutating func endOfStatement() throws(Failure) {
    if at(.semicolon) || at(.rightBrace) || atEnd || token.newlineBefore { return }
    if token.word == "else" { throw fail(.elseWithoutIf(range(token))) }
    let target = tokens[max(0, position - 1)].word ?? "u"
    if at(.assign) || at(.define) { throw fail(.assignmentToExpression(target, range(token))) }
    if let compound = token.symbol, compoundAssignments.contains(compound) {
      throw fail(.compoundAssignment(compound.rawValue, state: target, range(token)))
    }
    if token.symbol?.isClosing == true { throw fail(.unmatchedClosing(token.symbol ?? .rightBrace, range(token))) }
    throw unexpected("the end of the statement", help: missingOperatorHelp)
  }

  /// Moves behind the statement that starts at token `start` and failed at or after the current one: past whole brackets to the next
  /// line that is not a continuation.
  func endOfFailedStatement(from start: Int) -> Int {
    var index = start
    while tokens[index].kind != .end {
      let token = tokens[index]
      if token.kind == .symbol(.rightBrace), brackets.partner(of: index).map({ $0 < start }) ?? true, index >= position { return index }
      if index > start, index >= position, token.kind == .symbol(.semicolon) { return index }
      if index > start, index >= position, token.newlineBefore, !continues(index) { return index }
      if token.symbol?.closing != nil, let closing = brackets.end(of: index) { index = closing }
      index += 1
    }
    return index
  }

  private mutating func skipStatement(from start: Int) {
    position = endOfFailedStatement(from: start)
    if position == start { advance() }
  }

  /// Whether the line that token `index` starts goes on from the one before.
  private func continues(_ index: Int) -> Bool {
    let token = tokens[index]
    if token.word == "else" { return true }
    if let symbol = token.symbol, BinaryOperator(rawValue: symbol.rawValue) != nil { return true }
    // A `>` at the end of a line most likely ends the type `Index<n>`.
    return tokens[index - 1].continuesLine && tokens[index - 1].symbol != .greater && !startsAnew(index)
  }

  /// Whether token `index` is a word that starts a statement or a declaration whatever stands before it.
  func startsAnew(_ index: Int) -> Bool {
    guard let word = tokens[index].word else { return false }
    if ["let", "for", "while", "return"].contains(word) { return true }
    let next = tokens[min(index + 1, tokens.count - 1)]
    return (StatementWord(rawValue: word) != nil || DeclarationWord(rawValue: word) != nil) && next.kind == .identifier
  }

  // MARK: What a block gives

  /// Checks that expressions stand only where their value is used, and that a block that should give a value does. `errors` is the
  /// number of diagnostics before the block.
  private mutating func finished(_ block: BlockTree, _ kind: BlockKind, errorsFrom errors: Int) -> BlockTree {
    var block = block
    let hasErrors = diagnostics.count > errors
    let count = block.statements.count
    var isComplete = true
    var reportedGoesOn = false
    for index in 0..<count {
      guard case .expression(let value) = block.statements[index].kind else { continue }
      if case .error = value.kind { continue }
      let isLast = index == count - 1
      if isLast, kind == .value || (kind == .function && count == 1) { continue }
      let continues = index > 0 && startsWithMinus(value)
      if isLast, kind == .function, !continues {
        report(.returnMissing(value.range))
      } else {
        let goesOn = !isLast && startsWithMinus(block.statements[index + 1])
        // The first of two lines that belong together has been complained about, or something in this one.
        let isKnown = continues && reportedGoesOn || isFull || diagnostics[errors...].contains { value.range.contains($0.range) }
        if !isKnown { report(.noEffect(value, continuesLine: continues, goesOn: goesOn)) }
        reportedGoesOn = goesOn
      }
      block.statements[index] = errorStatement(value.range)
      isComplete = false
    }
    if kind == .function, isComplete, !hasErrors, let early = block.statements.dropLast().first(where: \.isReturn) {
      report(.returnBeforeEnd(early.range))
    }
    if kind == .value || kind == .function, block.statements.last?.givesValue != true {
      let end = SourceRange(file: file, lower: block.range.upper - 1, upper: block.range.upper)
      if !hasErrors, block.statementInValue == nil { report(.blockWithoutValue(end, isFunction: kind == .function)) }
      block.statements.append(errorStatement(end))
    }
    return block
  }

  private func startsWithMinus(_ value: Expression) -> Bool { text[value.range.lower] == UInt8(ascii: "-") }

  private func startsWithMinus(_ statement: Statement) -> Bool {
    if case .expression(let value) = statement.kind { startsWithMinus(value) } else { false }
  }
}

/// `+=` and the like, which the language does not have.
let compoundAssignments: Set<Symbol> = [.addAssign, .subtractAssign, .multiplyAssign, .divideAssign]

extension Statement {
  fileprivate var isReturn: Bool { if case .returned = kind { true } else { false } }

  fileprivate var givesValue: Bool {
    switch kind {
    case .returned, .expression: true
    default: false
    }
  }
}
