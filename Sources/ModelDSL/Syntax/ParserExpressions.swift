// Expressions: operators by precedence, then what follows an operand (calls, subscripts, members).

extension Parser {
  /// A whole expression: a function `x -> e`, or operators over operands.
  mutating func expression() throws(Failure) -> Expression {
    if let function = try functionLiteral() { return function }
    return try binary(.disjunction)
  }

  /// An expression that stands as the body of a comprehension, a function or a rule: it may be a block `{ let …; e }`.
  mutating func body() throws(Failure) -> Expression {
    guard at(.leftBrace) else { return try expression() }
    let outer = beginNode()
    let block = try self.block(.value)
    guard let word = block.statementInValue else { return try node(.block(block), from: block.range.lower, outer) }
    report(.misplacedStatement(word, in: .value, block.range))
    return try node(.error, from: block.range.lower, outer)
  }

  /// The condition of an `if`, a `while` or a `where`. A single `=` is taken for `==`, with a complaint.
  mutating func condition() throws(Failure) -> Expression {
    let condition = try expression()
    guard at(.assign), onThisLine(token) else { return condition }
    report(.assignmentInCondition(range(token)))
    advance()
    _ = try expression()
    return errorExpression(from: condition.range.lower)
  }

  // MARK: Heights

  /// Starts an expression whose parts are parsed next; what it returns goes to `node`.
  mutating func beginNode() -> Int {
    let outer = tallest
    tallest = 0
    return outer
  }

  /// Finishes an expression over all that was parsed since `beginNode`. Refuses one that is too tall for later stages, as a sum of
  /// ten thousand terms is.
  mutating func node(_ kind: Expression.Kind, from lower: Int, _ outer: Int) throws(Failure) -> Expression {
    let result = try grown(kind, from: lower)
    tallest = max(outer, tallest)
    return result
  }

  /// As `node`, where the expression may go on to grow.
  private mutating func grown(_ kind: Expression.Kind, from lower: Int) throws(Failure) -> Expression {
    let whole = range(from: lower)
    if case .error = kind {
      tallest = 0
      return Expression(kind: kind, range: whole)
    }
    tallest += 1
    guard tallest <= Self.deepest else { throw fail(.tooDeep(limit: Self.deepest, afterPrevious)) }
    return Expression(kind: kind, range: whole)
  }

  func errorExpression(from lower: Int) -> Expression { Expression(kind: .error, range: range(from: lower)) }

  // MARK: Operators

  /// Operators that bind at least as tightly as `minimum`.
  mutating func binary(_ minimum: Precedence) throws(Failure) -> Expression {
    let outer = beginNode()
    let lower = token.lower
    var left = try unary()
    var comparison: SourceRange?
    while let found = operatorHere, found.precedence >= minimum {
      if found.precedence == .comparison {
        if let first = comparison { throw fail(.chainedComparison(range(token), first: first)) }
        comparison = range(token)
      } else {
        comparison = nil
      }
      takeOperator(found)
      let right = try binary(found.precedence.tighter)
      left = try grown(.binary(found, left, right), from: lower)
    }
    if at(.question), onThisLine(token) { throw fail(.ternary(range(token))) }
    tallest = max(outer, tallest)
    return left
  }

  /// The binary operator that the current token is, or is meant to be, if the expression goes on with it.
  private var operatorHere: BinaryOperator? {
    guard onThisLine(token) else { return nil }
    if let known = token.binaryOperator { return known }
    guard let meant = token.foreignOperator else { return nil }
    let followed = !peek().newlineBefore && (peek().startsOperand || peek().startsUnary)
    return token.symbol != nil || followed ? meant : nil
  }

  private mutating func takeOperator(_ meant: BinaryOperator) {
    if token.binaryOperator == nil {
      report(.foreignOperator(written: token.symbol?.rawValue ?? token.text, meant: meant.rawValue, range(token)))
    }
    advance()
  }

  /// `-x`, `!x`, and `^`, which binds tighter than both: `-x^2` is `-(x^2)`.
  private mutating func unary() throws(Failure) -> Expression {
    let symbol: UnaryOperator
    switch token.kind {
    case .symbol(.minus): symbol = .minus
    case .symbol(.not): symbol = .not
    case .identifier where token.text == "not" && peek().startsOperand && !peek().newlineBefore && peek().kind != .symbol(.leftParenthesis):
      report(.foreignOperator(written: "not", meant: "!", range(token)))
      symbol = .not
    default: return try power()
    }
    let outer = beginNode()
    let lower = advance().lower
    glue()
    let operand = try nested { parser throws(Failure) in try parser.unary() }
    return try node(.unary(symbol, operand), from: lower, outer)
  }

  private mutating func power() throws(Failure) -> Expression {
    let outer = beginNode()
    let lower = token.lower
    let base = try postfix()
    if operatorHere == .power {
      takeOperator(.power)
      let exponent = try nested { parser throws(Failure) in try parser.unary() }
      return try node(.binary(.power, base, exponent), from: lower, outer)
    }
    tallest = max(outer, tallest)
    return base
  }

  // MARK: What follows an operand

  private mutating func postfix() throws(Failure) -> Expression {
    let outer = beginNode()
    let lower = token.lower
    var result = try primary()
    while onThisLine(token), let part = try suffix(of: result) {
      result = try grown(part, from: lower)
    }
    tallest = max(outer, tallest)
    return result
  }

  /// A call, subscript, member or prime that starts at the current token.
  private mutating func suffix(of base: Expression) throws(Failure) -> Expression.Kind? {
    glue()
    switch token.kind {
    case .symbol(.leftParenthesis): return try call(base)
    case .symbol(.leftBracket): return try subscripts(base)
    case .symbol(.dot): return try member(base)
    case .symbol(.prime): return try prime(base)
    default:
      glued.remove(position)
      return nil
    }
  }

  private mutating func call(_ callee: Expression) throws(Failure) -> Expression.Kind {
    if startsComprehension(after: position) { return try reduction(callee) }
    let arguments = try list(of: "an argument") { parser throws(Failure) in try parser.argument() }
    guard arguments.complete else { return .error }
    if case .name("mean") = callee.kind, let label = arguments.items.first?.label, label.text == "batch" {
      report(.reservedBatchMean(callee.range.union(label.range)))
      return .error
    }
    return .call(callee, arguments.items)
  }

  /// `e`, `label: e`; the label of a `jvp` may be a state after the step, `next u: v`, as one name with one space.
  private mutating func argument() throws(Failure) -> Argument {
    var label: Name?
    if token.kind == .identifier, peek().kind == .symbol(.colon) || peek().kind == .symbol(.define) {
      label = Name(token.text, range(token))
      advance()
      if at(.define) { report(.define(range(token))) }
      advance()
    } else if token.word == "next", peek().kind == .identifier, peek(2).kind == .symbol(.colon) {
      label = Name("next \(peek().text)", range(token).union(range(peek())))
      advance()
      advance()
      advance()
    }
    let value = try expression()
    if at(.assign), label == nil, case .name(let name) = value.kind {
      report(.labelWithEqualSign(name, range(token)))
      advance()
      return Argument(label: Name(name, value.range), value: try expression())
    }
    return Argument(label: label, value: value)
  }

  private mutating func subscripts(_ base: Expression) throws(Failure) -> Expression.Kind {
    let opening = range(token)
    let indices = try list(of: "an index") { parser throws(Failure) in try parser.subscript_() }
    if indices.complete, indices.items.isEmpty { throw fail(.emptySubscript(opening.union(range(from: opening.lower)))) }
    return indices.complete ? .subscripted(base, indices.items) : .error
  }

  /// `i`, `a..<b`, `..<b`, `a..`, `..`
  mutating func subscript_() throws(Failure) -> Subscript {
    let lower = token.lower
    if at(.colon) { throw fail(.colonInSubscript(range(token))) }
    if take(.all) { return .all(range(from: lower)) }
    if take(.range) {
      glue()
      let upper = try expression()
      return .range(nil, upper, range(from: lower))
    }
    let start = try expression()
    if at(.closedRange) { throw fail(.closedRange(range(token))) }
    if at(.colon) { throw fail(.colonInSubscript(range(token))) }
    guard at(.all) || at(.range) else { return .index(start) }
    glue()
    if take(.all) { return .range(start, nil, range(from: lower)) }
    advance()
    glue()
    let upper = at(.comma) || at(.rightBracket) ? nil : try expression()
    return .range(start, upper, range(from: lower))
  }

  private mutating func member(_ base: Expression) throws(Failure) -> Expression.Kind {
    advance()
    if case .integer = token.kind { throw fail(.tupleIndex(range(token))) }
    guard token.kind == .identifier, onThisLine(token) else { throw unexpected("a name after `.`") }
    let token = advance()
    return .member(base, Name(token.text, range(token)))
  }

  /// `f'`, which must be called.
  private mutating func prime(_ base: Expression) throws(Failure) -> Expression.Kind {
    let prime = range(advance())
    guard case .name(let name) = base.kind else {
      if case .prime(let function) = base.kind { throw fail(.secondPrime(of: function.text, prime)) }
      throw fail(.primeOfExpression(prime))
    }
    if at(.prime) { throw fail(.secondPrime(of: name, range(token))) }
    guard at(.leftParenthesis), onThisLine(token) else { throw fail(.primeNotCalled(name, base.range.union(prime))) }
    return .prime(Name(name, base.range))
  }
}

extension Token {
  var startsUnary: Bool { kind == .symbol(.minus) || kind == .symbol(.not) }
}
