// Declarations: what a file consists of.

/// What `derive` can emit.
let deriveKinds = ["value", "gradient", "vjp", "jvp", "jacobian", "sparse jacobian", "hessian", "hvp", "stream"]

extension Parser {
  mutating func parseFile() -> FileTree {
    var declarations: [Declaration] = []
    while true {
      while take(.semicolon) {}
      if atEnd { return FileTree(declarations: declarations) }
      let start = position
      do {
        let documentation = self.documentation(before: position)
        let lower = token.lower
        let kind = try declarationKind()
        declarations.append(Declaration(kind: kind, documentation: documentation, range: range(from: lower)))
        try endOfDeclaration()
      } catch {
        tallest = 0
        skipDeclaration(from: start)
      }
    }
  }

  private mutating func endOfDeclaration() throws(Failure) {
    if at(.rightBrace), !token.newlineBefore { throw fail(.unmatchedClosing(.rightBrace, range(token))) }
    if unterminatedAt == position { return }
    if !at(.rightBrace) { try endOfStatement() }
  }

  /// Moves behind a declaration that failed, to the next line that starts one for certain: what lies between may belong to it.
  private mutating func skipDeclaration(from start: Int) {
    var index = start
    while tokens[index].kind != .end {
      if index > start, index >= position, tokens[index].newlineBefore, startsDeclaration(index) { break }
      if tokens[index].symbol?.closing != nil, let closing = brackets.end(of: index) { index = closing }
      index += 1
    }
    position = index
  }

  private func startsDeclaration(_ index: Int) -> Bool {
    if declarationWord(at: index) != nil { return true }
    guard let word = tokens[index].word else { return false }
    return foreignFunctionWords.contains(word) && tokens[min(index + 1, tokens.count - 1)].kind == .identifier
  }

  /// The lines of the `///` comment before a token: of several, separated by empty lines, the last.
  func documentation(before index: Int) -> [String] {
    let first = index == 0 ? 0 : tokens[index - 1].commentsBefore
    var lines: [String] = []
    for comment in comments[first..<tokens[index].commentsBefore].reversed() where comment.isDocumentation {
      var line = text[(comment.lower + 3)..<comment.upper]
      if line.first == 0x20 { line = line.dropFirst() }
      while let last = line.last, last == 0x20 || last == 0x09 { line = line.dropLast() }
      lines.append(String(decoding: line, as: UTF8.self))
      if comment.blankLineBefore { break }
    }
    return lines.reversed()
  }

  // MARK: The declarations

  mutating func declarationKind() throws(Failure) -> Declaration.Kind {
    guard let word = declarationWord(at: position) else { throw notADeclaration() }
    let lower = advance().lower
    switch word {
    case .precision: return .precision(try name("`Float` or `Double` after `precision`"))
    case .importFile: return try importFile()
    case .size: return .size(try sizes())
    case .constant: return .constant(try letDeclaration())
    case .function: return .function(try functionDeclaration())
    case .inject: return .inject(try injectDeclaration(from: lower))
    case .cell: return .cell(try modelDeclaration(.cell))
    case .model: return .model(try modelDeclaration(.model))
    case .derive: return .derive(try deriveDeclaration())
    case .silence:
      let (code, reason) = try silence()
      return .silence(code: code, reason: reason)
    }
  }

  private mutating func notADeclaration() -> Failure {
    if token.kind == .invalid { return Failure() }
    if let symbol = token.symbol, symbol.isClosing {
      // The end of a block that was given up before.
      return unterminatedAt != nil || hasLeftModelEarly ? Failure() : fail(.unmatchedClosing(symbol, range(token)))
    }
    let stray = brackets.firstStrayBrace.map { range(tokens[$0]) }
    if let word = statementWord, word != .constant {
      if hasLeftModelEarly { return Failure() }
      hasLeftModelEarly = stray != nil
      return fail(.statementInFile(word, range(token), stray: stray))
    }
    if let word = token.word, foreignFunctionWords.contains(word), peek().kind == .identifier {
      return fail(.foreignFunction(word, name: peek().text, range(token)))
    }
    if let word = token.word, word == "var" || word == "const", peek().kind == .identifier {
      return fail(.foreignVariable(word, range(token)))
    }
    if let word = token.word, ["wrt", "as", "of"].contains(word) { return fail(.deriveOnTwoLines(word, range(token))) }
    let nearest = token.word.flatMap { nearestName(to: $0, among: DeclarationWord.allCases.map(\.rawValue)) }
    return fail(.notADeclaration(found: description(of: token), nearest: nearest, range(token), stray: stray))
  }

  private mutating func importFile() throws(Failure) -> Declaration.Kind {
    guard token.kind == .string, onThisLine(token) else {
      throw unexpected("a path in quotes after `import`", help: "write `import \"neurons.graft\"`, relative to this file")
    }
    let path = advance()
    return .importFile(path: path.text, range: range(path))
  }

  /// The items of `size`, behind the word.
  mutating func sizes() throws(Failure) -> [SizeDeclaration] {
    var items: [SizeDeclaration] = []
    repeat {
      if !items.isEmpty { joinLines() }
      let name = try name("the name of a size")
      if at(.colon), onThisLine(token) {
        advance()
        let type = try type()
        switch type.kind {
        case .function, .error: items.append(SizeDeclaration(name: name, value: nil, functionType: type))
        case .array, .tuple: throw fail(.typedSize(name.text, type.range))
        }
      } else if at(.assign) || at(.define), onThisLine(token) {
        try assign("")
        items.append(SizeDeclaration(name: name, value: try expression()))
      } else {
        items.append(SizeDeclaration(name: name, value: nil))
      }
    } while take(.comma)
    return items
  }

  /// `f(x: T, k: T = e) -> T { … }`, behind `func`.
  private mutating func functionDeclaration() throws(Failure) -> FunctionDeclaration {
    let name = try name("the name of the function")
    if at(.less) { throw fail(.genericFunction(range(token))) }
    guard at(.leftParenthesis) else { throw unexpected("`(` and the parameters of `\(name.text)`") }
    glue()
    let parameters = try list(of: "a parameter") { parser throws(Failure) in try parser.parameterDeclaration() }
    if at(.colon) { throw fail(.resultWithColon(range(token))) }
    guard take(.arrow) else {
      throw unexpected("`->` and the type of the result", help: "a function always gives a value: `func \(name.text)(…) -> Float { … }`")
    }
    let result = try type()
    guard at(.leftBrace) else { throw unexpected("`{` and the body of `\(name.text)`") }
    return FunctionDeclaration(name: name, parameters: parameters.items, result: result, body: try block(.function))
  }

  private mutating func parameterDeclaration() throws(Failure) -> ParameterDeclaration {
    let name = try name("the name of a parameter")
    if token.kind == .identifier {
      throw fail(.twoParameterNames(name.text, token.text, name.range.union(range(token))))
    }
    guard take(.colon) else { throw fail(.untypedParameter(name.text, range(from: name.range.lower))) }
    let type = try type()
    if at(.define) { throw fail(.define(range(token))) }
    let value = take(.assign) ? try expression() : nil
    return ParameterDeclaration(name: name, type: type, defaultValue: value)
  }

  /// `f'(x, y) = e`, behind `inject`.
  mutating func injectDeclaration(from lower: Int) throws(Failure) -> InjectDeclaration {
    let function = try name("the name of a function after `inject`")
    guard take(.prime) else {
      throw unexpected("`'` after the name of the function", help: "a rule for the derivative is written `inject \(function.text)'(x) = …`")
    }
    guard at(.leftParenthesis) else { throw unexpected("`(` and the names of the arguments of `\(function.text)'`") }
    glue()
    let parameters = try list(of: "a name") { parser throws(Failure) in
      let parameter = try parser.name("the name of an argument")
      if parser.at(.colon) { throw parser.fail(.typedInjectParameter(parameter.text, parser.range(parser.token))) }
      return parameter
    }
    try assign("after the arguments of the rule")
    let rule = try body()
    return InjectDeclaration(function: function, parameters: parameters.items, rule: rule, range: range(from: lower))
  }

  private mutating func modelDeclaration(_ kind: BlockKind) throws(Failure) -> ModelDeclaration {
    let name = try name("a name")
    if at(.leftParenthesis) { throw fail(.modelWithParameters(name.text, kind, range(token))) }
    guard at(.leftBrace) else { throw unexpected("`{` after the name `\(name.text)`") }
    return ModelDeclaration(name: name, body: try block(kind))
  }

  /// `G0117 "reason"`, behind `silence`.
  mutating func silence() throws(Failure) -> (code: Name, reason: String) {
    let code = try name("the code of a warning after `silence`")
    guard token.kind == .string, onThisLine(token) else {
      throw unexpected("a reason in quotes", help: "say why it is silenced: `silence \(code.text) \"…\"`")
    }
    return (code, advance().text)
  }

  // MARK: derive

  /// `value, gradient of f wrt a, b as name`, behind `derive`.
  private mutating func deriveDeclaration() throws(Failure) -> DeriveDeclaration {
    var kinds = [try deriveKind()]
    while take(.comma) { kinds.append(try deriveKind()) }
    guard take(word: "of") else { throw unexpected("`of` and the name of a function or model", help: "write `derive gradient of f wrt x`") }
    let subject = try path("the name of a function or model")
    var variables: [Name] = []
    if take(word: "wrt") {
      repeat {
        if !variables.isEmpty { joinLines() }
        let parts = try path("a variable after `wrt`")
        let whole = parts[0].range.union(parts[parts.count - 1].range)
        variables.append(Name(parts.map(\.text).joined(separator: "."), whole))
      } while take(.comma)
    }
    var alias: Name?
    if take(word: "as") {
      alias = try name("a name after `as`")
      if let alias, kinds.count > 1 { throw fail(.aliasOfSeveral(alias.text, count: kinds.count, alias.range)) }
    }
    return DeriveDeclaration(kinds: kinds, subject: subject, variables: variables, alias: alias)
  }

  private mutating func deriveKind() throws(Failure) -> Name {
    var kind = try name("what to derive")
    if kind.text == "sparse", token.kind == .identifier, onThisLine(token) {
      let second = try name("`jacobian` after `sparse`")
      kind = Name("sparse \(second.text)", kind.range.union(second.range))
    }
    guard deriveKinds.contains(kind.text) else {
      throw fail(.unknownDeriveKind(kind.text, nearest: nearestName(to: kind.text, among: deriveKinds), kind.range))
    }
    return kind
  }

  /// `a.b.c`
  private mutating func path(_ role: String) throws(Failure) -> [Name] {
    var path = [try name(role)]
    while at(.dot), onThisLine(token) {
      advance()
      path.append(try name("a name after `.`"))
    }
    return path
  }
}
