// What an expression is made of: names, numbers, parentheses, arrays, comprehensions, `if`, functions.

/// The names that reduce over a comprehension.
let reductionNames = ["sum", "mean", "product", "max", "min", "argmax", "argmin"]

extension Parser {
  mutating func primary() throws(Failure) -> Expression {
    let lower = token.lower
    // A line that ends with an operator, before a statement that was not meant to go on with it.
    if !onThisLine(token), statementWord != nil { throw unexpected("an expression") }
    switch token.kind {
    case .integer(let value):
      advance()
      return Expression(kind: .integer(value), range: range(from: lower))
    case .real(let value):
      advance()
      return Expression(kind: .real(value), range: range(from: lower))
    case .identifier:
      return try word()
    case .symbol(.leftParenthesis):
      return try parentheses()
    case .symbol(.leftBracket):
      return try array()
    case .symbol(.leftBrace):
      throw fail(.blockAsOperand(range(token)))
    case .symbol(.prime):
      throw fail(.primeAsQuote(range(token)))
    case .symbol(let symbol):
      if BinaryOperator(rawValue: symbol.rawValue) != nil { throw fail(.operandMissing(before: symbol.rawValue, range(token))) }
      if symbol == .range || symbol == .all { throw fail(.rangeOutsideSubscript(range(token))) }
      throw unexpected("an expression")
    case .string:
      throw fail(.stringAsOperand(range(token)))
    case .invalid, .end:
      throw unexpected("an expression")
    }
  }

  private mutating func word() throws(Failure) -> Expression {
    let lower = token.lower
    switch token.text {
    case "if":
      return try conditional()
    case "true", "false":
      return Expression(kind: .boolean(advance().text == "true"), range: range(from: lower))
    case "next" where peek().kind == .identifier && !(newlinesMatter && peek().newlineBefore):
      advance()
      let state = try name("a state after `next`")
      return Expression(kind: .next(state), range: range(from: lower))
    case "_":
      throw fail(.underscoreAsOperand(range(token)))
    case let text where reservedWords.contains(text):
      throw fail(.reservedWordAsOperand(text, range(token)))
    case "lambda" where peek().kind == .identifier && !peek().newlineBefore:
      throw fail(.lambda(range(token)))
    default:
      return Expression(kind: .name(advance().text), range: range(from: lower))
    }
  }

  // MARK: Parentheses and arrays

  /// `(e)`, `(a, b)`, `(z: a, u: b)`
  private mutating func parentheses() throws(Failure) -> Expression {
    let outer = beginNode()
    let lower = token.lower
    let parts = try list(of: "an expression") { parser throws(Failure) in try parser.tuplePart() }
    let whole = range(from: lower)
    guard parts.complete else {
      tallest = max(outer, tallest)
      return Expression(kind: .error, range: whole)
    }
    if parts.items.isEmpty { throw fail(.emptyTuple(whole)) }
    if parts.items.count == 1 {
      if let label = parts.items[0].label { throw fail(.singleElementTuple(label: label, whole)) }
      tallest = max(outer, tallest)
      return Expression(kind: parts.items[0].value.kind, range: whole)
    }
    return try node(.tuple(parts.items), from: lower, outer)
  }

  private mutating func tuplePart() throws(Failure) -> Argument {
    var label: Name?
    if token.kind == .identifier, peek().kind == .symbol(.colon) {
      label = Name(token.text, range(token))
      advance()
      advance()
    }
    let value = try expression()
    if at(.assign) { throw fail(.assignmentInside(range(token))) }
    return Argument(label: label, value: value)
  }

  /// `[1, 2]`, `[i in n: e]`
  private mutating func array() throws(Failure) -> Expression {
    let outer = beginNode()
    let lower = token.lower
    if startsComprehension(after: position) {
      let comprehension = try comprehension()
      if let built = comprehension, let condition = built.condition { report(.whereInArray(condition.range)) }
      return try node(comprehension.map { .build($0) } ?? .error, from: lower, outer)
    }
    let elements = try list(of: "an element") { parser throws(Failure) in
      let element = try parser.expression()
      if parser.at(.range) || parser.at(.closedRange) { throw parser.fail(.rangeOutsideSubscript(parser.range(parser.token))) }
      return element
    }
    if elements.complete, elements.items.isEmpty { throw fail(.emptyArray(range(from: lower))) }
    return try node(elements.complete ? .array(elements.items) : .error, from: lower, outer)
  }

  // MARK: Comprehensions

  /// Whether the bracket, or comma, that is token `opening` is followed by `name in`.
  func startsComprehension(after opening: Int) -> Bool {
    opening + 2 < tokens.count && tokens[opening + 1].kind == .identifier && tokens[opening + 2].word == "in"
  }

  /// `sum(i in n where c: e)`, from the parenthesis on.
  mutating func reduction(_ callee: Expression) throws(Failure) -> Expression.Kind {
    let comprehension = try comprehension()
    guard case .name(let name) = callee.kind, reductionNames.contains(name) else {
      report(.notAReduction(callee.range, name: { if case .name(let name) = callee.kind { name } else { nil } }()))
      return .error
    }
    return comprehension.map { .reduction(Name(name, callee.range), $0) } ?? .error
  }

  /// `i in n, j in m where c: e` in brackets; nil after an error in it, behind its closing bracket.
  private mutating func comprehension() throws(Failure) -> Comprehension? {
    let opening = position
    let height = tallest
    do {
      return try nested { parser throws(Failure) in try parser.comprehension(closedFrom: opening) }
    } catch {
      guard let closing = brackets.partner(of: opening), closing >= position else { throw error }
      position = closing
      advance()
      tallest = height
      return nil
    }
  }

  private mutating func comprehension(closedFrom opening: Int) throws(Failure) -> Comprehension {
    let saved = newlinesMatter
    newlinesMatter = false
    defer { newlinesMatter = saved }
    var axes: [(name: Name, size: Expression)] = []
    repeat {
      advance()
      let axis = try name("the name of an axis")
      advance()
      axes.append((axis, try count()))
    } while at(.comma) && startsComprehension(after: position)
    var condition: Expression?
    if take(word: "where") { condition = try self.condition() }
    guard take(.colon) else {
      throw unclosedOrUnexpected(opening, "`:` and what is computed for each element", help: "write `sum(i in n: e)`")
    }
    let body = try self.body()
    if at(.comma) { throw fail(.commaAfterComprehension(range(token))) }
    try expectClosing(opening, "after the body")
    return Comprehension(axes: axes, condition: condition, body: body)
  }

  /// How often a loop runs, or how long an axis is: a size, not a range.
  mutating func count() throws(Failure) -> Expression {
    let size = try expression()
    guard at(.range) || at(.closedRange) || at(.all) else { return size }
    let isClosed = !at(.range)
    let dots = range(token)
    advance()
    let upper = try expression()
    var isFromZero = false
    if case .integer(0) = size.kind { isFromZero = true }
    report(.rangeAsCount(size.range.union(upper.range), dots: dots, isFromZero: isFromZero, isClosed: isClosed))
    return errorExpression(from: size.range.lower)
  }

  // MARK: if

  /// `if c { a } else if d { b } else { c }`
  ///
  /// People also write it as a statement, which gives states their next values or returns. That is reported once for a whole chain,
  /// at its first `if`; `isStatement` says for a later one whether a side before it does so.
  private mutating func conditional(isChained: Bool = false, isStatement: Bool = false) throws(Failure) -> Expression {
    let outer = beginNode()
    let start = advance()
    let condition = try self.condition()
    guard at(.leftBrace) else {
      throw unexpected("`{` after the condition of `if`", help: "each side stands in braces: `if c { a } else { b }`")
    }
    let errors = diagnostics.count
    let then = try block(.value)
    // Where the first side is in disorder, a missing `else` may well be in it.
    guard token.word == "else" || diagnostics.count == errors else {
      return try node(.error, from: start.lower, outer)
    }
    let otherwise = try self.otherwise(of: start, isStatement: isStatement || then.statementInValue != nil)
    let whole = Expression.Kind.conditional(condition, then: then, otherwise: otherwise)
    guard !isChained, let word = whole.statementInValue else { return try node(whole, from: start.lower, outer) }
    report(.ifAsStatement(word, range(start)))
    return try node(.error, from: start.lower, outer)
  }

  private mutating func otherwise(of start: Token, isStatement: Bool) throws(Failure) -> BlockTree {
    if token.word == "elif" || token.word == "elseif" || token.word == "elsif" {
      report(.elif(token.text, range(token)))
      return try elseIf(isStatement: isStatement)
    }
    guard token.word == "else" else {
      // A block that never ended has been reported, and its `else` may lie beyond.
      if !isStatement, unterminatedAt != position { report(.ifWithoutElse(range(start))) }
      return BlockTree(statements: [errorStatement(afterPrevious)], range: afterPrevious)
    }
    advance()
    if token.word == "if" { return try elseIf(isStatement: isStatement) }
    guard at(.leftBrace) else {
      throw unexpected("`{` or `if` after `else`", help: "each side stands in braces: `if c { a } else { b }`")
    }
    return try block(.value)
  }

  /// An `if` in the place of the block after `else`.
  private mutating func elseIf(isStatement: Bool) throws(Failure) -> BlockTree {
    let inner = try nested { parser throws(Failure) in try parser.conditional(isChained: true, isStatement: isStatement) }
    let statement = Statement(kind: .expression(inner), documentation: [], range: inner.range)
    return BlockTree(statements: [statement], range: inner.range)
  }

  // MARK: Functions

  /// `x -> e`, `(a, b) -> e`; nil where no function starts.
  mutating func functionLiteral() throws(Failure) -> Expression? {
    let lower = token.lower
    if token.kind == .identifier, peek().kind == .symbol(.arrow), onThisLine(peek()) {
      let outer = beginNode()
      let parameter = try name("a parameter")
      return try functionBody([parameter], from: lower, outer)
    }
    guard at(.leftParenthesis), let closing = brackets.partner(of: position) else { return nil }
    let arrow = tokens[closing + 1]
    guard arrow.kind == .symbol(.arrow), onThisLine(arrow) else { return nil }
    let outer = beginNode()
    let parameters = try list(of: "a parameter") { parser throws(Failure) in
      let parameter = try parser.name("the name of a parameter")
      if parser.at(.colon) { throw parser.fail(.typedFunctionLiteral(parameter.text, parser.range(parser.token))) }
      return parameter
    }
    if parameters.complete, parameters.items.isEmpty { throw fail(.functionWithoutParameters(range(from: lower))) }
    return try functionBody(parameters.items, from: lower, outer)
  }

  private mutating func functionBody(_ parameters: [Name], from lower: Int, _ outer: Int) throws(Failure) -> Expression {
    advance()
    let body = try nested { parser throws(Failure) in try parser.body() }
    return try node(parameters.isEmpty ? .error : .function(parameters: parameters, body: body), from: lower, outer)
  }
}

extension BlockTree {
  /// The word of a `next` or a `return` in a block that gives a value, itself or in an `if` in it.
  var statementInValue: StatementWord? {
    for statement in statements {
      switch statement.kind {
      case .next: return .next
      case .returned: return .returned
      case .expression(let value):
        if let word = value.kind.statementInValue { return word }
      default: break
      }
    }
    return nil
  }
}

extension Expression.Kind {
  fileprivate var statementInValue: StatementWord? {
    guard case .conditional(_, let then, let otherwise) = self else { return nil }
    return then.statementInValue ?? otherwise.statementInValue
  }
}
