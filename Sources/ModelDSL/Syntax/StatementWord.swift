/// The words that start a statement.
enum StatementWord: String, CaseIterable {
  case constant = "let", state, next, record, forLoop = "for", whileLoop = "while", inject, returned = "return"
  case size, parameter = "param", setting, input, output, loss, optimizer, silence
}

/// What a block is for, which decides what may stand in it.
enum BlockKind: CaseIterable {
  case function, cell, model, loop, value

  /// For messages: "in …".
  var description: String {
    switch self {
    case .function: "a function"
    case .cell: "a cell"
    case .model: "a model"
    case .loop: "a loop"
    case .value: "a block that gives a value"
    }
  }

  /// The statements that may stand in such a block, expressions aside.
  var allowed: Set<StatementWord> {
    switch self {
    case .function: [.constant, .state, .forLoop, .whileLoop, .inject, .returned, .silence]
    case .cell: [.constant, .state, .next, .inject, .size, .parameter, .setting, .input, .output, .silence]
    case .model:
      [
        .constant, .state, .forLoop, .whileLoop, .inject, .size, .parameter, .setting, .input, .output, .loss, .optimizer, .silence,
      ]
    case .loop: [.constant, .state, .next, .record, .forLoop, .whileLoop, .inject, .silence]
    case .value: [.constant, .state, .forLoop, .whileLoop, .inject, .silence]
    }
  }
}

/// The words that start a declaration of a file.
enum DeclarationWord: String, CaseIterable {
  case precision, importFile = "import", size, constant = "let", function = "func", inject, cell, model, derive, silence
}

extension Parser {
  /// The statement that starts at the current token, if its word is used as a keyword here: `state u = 0` starts one, `state + 1`
  /// does not.
  var statementWord: StatementWord? {
    guard let text = token.word, let word = StatementWord(rawValue: text) else { return nil }
    switch word {
    case .forLoop, .whileLoop, .returned, .constant:
      return word
    case .state, .record, .size, .parameter, .setting, .input, .output, .inject, .silence:
      return followsName ? word : nil
    case .next:
      return startsNextStatement ? word : nil
    case .loss, .optimizer:
      return peek().kind == .symbol(.assign) || peek().kind == .symbol(.define) ? word : nil
    }
  }

  /// The declaration that token `index` starts, if its word is used as a keyword there.
  func declarationWord(at index: Int) -> DeclarationWord? {
    guard let text = tokens[index].word, let word = DeclarationWord(rawValue: text) else { return nil }
    let next = tokens[min(index + 1, tokens.count - 1)]
    switch word {
    case .importFile: return [.string, .identifier, .invalid].contains(next.kind) ? word : nil
    case .constant: return word
    case .cell, .model: return next.kind == .symbol(.leftBrace) || next.kind == .identifier && !next.newlineBefore ? word : nil
    case .function: return next.kind == .symbol(.leftParenthesis) || next.kind == .identifier && !next.newlineBefore ? word : nil
    default: return next.kind == .identifier && !next.newlineBefore ? word : nil
    }
  }

  /// Whether a name follows on the same line, other than the operator `div`.
  private var followsName: Bool {
    peek().kind == .identifier && !peek().newlineBefore && peek().binaryOperator == nil
  }

  /// Whether `next` is followed by targets and `=`, or another sign of an assignment; else it is part of an expression.
  private var startsNextStatement: Bool {
    var index = position + 1
    if tokens[index].kind == .symbol(.leftParenthesis) {
      guard let closing = brackets.partner(of: index) else { return false }
      index = closing + 1
    } else {
      guard followsName else { return false }
      index += 1
      while tokens[index].kind == .symbol(.leftBracket), !tokens[index].newlineBefore, let closing = brackets.partner(of: index) {
        index = closing + 1
      }
    }
    switch tokens[index].symbol {
    case .assign, .define, .addAssign, .subtractAssign, .multiplyAssign, .divideAssign, .comma: return !tokens[index].newlineBefore
    default: return false
    }
  }
}
