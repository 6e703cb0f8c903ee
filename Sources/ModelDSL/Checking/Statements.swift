// Statements of functions, and those that models share with them.

/// Where a state was declared.
struct StateInfo {
  /// How many loops surround the declaration.
  var loopDepth: Int
  var blockLevel: Int
}

extension Checker {
  /// Statements that lead to a value.
  mutating func blockWithValue(
    _ block: BlockTree, expecting: Type?, into destination: Destination?, allowsReturn: Bool
  ) -> TypedBlock {
    var statements: [TypedStatement] = []
    // What could not be parsed at the end was reported; the value may stand before it.
    var written = block.statements[...]
    while written.count > 1, written.last?.isError ?? false { written.removeLast() }
    let last = written.last
    var valueTree: Expression?
    switch last?.kind {
    case .expression(let tree)?: valueTree = tree
    case .returned(let tree)? where allowsReturn: valueTree = tree
    default: break
    }
    check(valueTree == nil ? written : written.dropLast(), into: &statements)
    guard let valueTree else {
      report(.blockWithoutValue(isFunction: allowsReturn, hasStatements: !block.statements.isEmpty, at: block.range))
      return TypedBlock(statements: statements, value: errorExpression(block.range))
    }
    let value: TypedExpression
    if let expecting, let destination {
      value = check(valueTree, as: expecting, destination)
    } else {
      value = check(valueTree, expecting: expecting)
    }
    return TypedBlock(statements: statements, value: value)
  }

  /// Statements in the order in which they are written.
  mutating func check(_ statements: ArraySlice<Statement>, into typed: inout [TypedStatement]) {
    announce(Array(statements))
    for statement in statements { check(statement, into: &typed) }
  }

  /// What must be known of a block's statements before the first is checked: the names that they declare, and `silence G0117 "reason"`,
  /// which reaches over the statement after it.
  mutating func announce(_ statements: [Statement]) {
    var codes: [String] = []
    let last = context.frames.count - 1
    for statement in statements {
      for name in statement.kind.declaredNames { context.frames[last].later[name.text] = name.range }
      if case .silence(let code, _) = statement.kind {
        codes.append(code.text)
      } else {
        silences += codes.map { Silence(code: $0, range: statement.range) }
        codes = []
      }
    }
  }

  mutating func check(_ statement: Statement, into typed: inout [TypedStatement]) {
    let range = statement.range
    switch statement.kind {
    case .constant(let declaration): checkLet(declaration, statement, into: &typed)
    case .state(let names, let type, let initial): checkState(names, type, initial, statement, into: &typed)
    case .next(let targets, let value): checkNext(targets, value, at: range, into: &typed)
    case .record(let name, let value): checkRecord(name, value, at: range, into: &typed)
    case .forLoop(let variable, let count, let condition, let down, let body):
      checkFor(variable, count, condition, down, body, at: range, into: &typed)
    case .whileLoop(let condition, let bound, let body): checkWhile(condition, bound, body, at: range, into: &typed)
    case .inject(let declaration):
      if let rule = checkRule(declaration) { typed.append(TypedStatement(kind: .rule(rule), range: range)) }
    case .returned(let value):
      report(.returnBeforeEnd(range))
      _ = check(value)
    case .expression(let tree):
      let value = check(tree)
      if value.type.containsError { return }
      if case .advance = value.kind {
        typed.append(TypedStatement(kind: .binding(.discard, value), range: range))
      } else {
        report(.expressionWithoutEffect(text: text(range), at: range))
      }
    case .silence: break
    case .size, .parameter, .setting, .input, .output, .loss, .optimizer:
      report(.statementOfModels(word: statement.kind.word, at: range))
    }
  }

  /// The value of a `let`, and the polynomial that it is as an integer; nil after an error.
  mutating func letValue(_ declaration: LetDeclaration) -> (value: TypedExpression, integer: Size?)? {
    var raw: TypedExpression
    if let tree = declaration.type {
      let type = type(tree)
      if type.containsError {
        _ = check(declaration.value)
        return nil
      }
      raw = check(declaration.value, as: type, Destination(description: "a value of this type", declared: tree.range, spread: .literals))
    } else {
      raw = check(declaration.value)
    }
    if raw.type.containsError { return nil }
    var integer: Size?
    if raw.type.isIntegerNumber {
      integer = polynomial(of: raw)
    } else if let number = asInteger(raw) {
      let size = polynomial(of: number)
      if !size.symbols.contains(where: { atoms.all.contains($0) }) { integer = size }
    }
    if declaration.type == nil { raw = concrete(raw) }
    return (raw, integer)
  }

  private mutating func checkLet(_ declaration: LetDeclaration, _ statement: Statement, into typed: inout [TypedStatement]) {
    if checkInstantiation(declaration, statement, into: &typed) { return }
    guard let (value, integer) = letValue(declaration) else {
      failPattern(declaration.pattern)
      return
    }
    let pattern = bind(declaration.pattern, value.type, value, integer, documentation: statement.documentation)
    typed.append(TypedStatement(kind: .binding(pattern, value), range: statement.range))
  }

  /// Declares the names of a pattern whose value is wrong.
  mutating func failPattern(_ pattern: Pattern) {
    switch pattern {
    case .name(let name): if name.text != "_" { declare(name.text, .failed, at: name.range) }
    case .tuple(let items, _): for item in items { failPattern(item.pattern) }
    }
  }

  /// Declares the names of a pattern for parts of `type`; `value` is the whole of it where it is known.
  private mutating func bind(
    _ pattern: Pattern, _ type: Type, _ value: TypedExpression?, _ integer: Size?, documentation: [String] = []
  ) -> TypedPattern {
    switch pattern {
    case .name(let name):
      if name.text == "_" { return .discard }
      let id = declareVariable(name, type, .binding, documentation: documentation)
      if let integer { integerValues[id] = integer }
      if let value {
        if type == .boolean { conditionValues[id] = value }
        note(Reads(value), of: id)
      }
      if !name.text.hasPrefix("_") { context.frames[context.frames.count - 1].watched.append(id) }
      return .variable(id)
    case .tuple(let items, let range):
      guard case .tuple(let fields) = type, fields.count == items.count else {
        report(.patternMismatch(count: items.count, type: type, at: range))
        failPattern(pattern)
        return .discard
      }
      let names = items.map { item -> String? in
        if let label = item.label { return label.text }
        if case .name(let name) = item.pattern { return name.text }
        return nil
      }
      if let label = misplacedLabel(fields, names) {
        report(.patternLabel(label: label, type: type, at: range))
      }
      for (item, field) in zip(items, fields) {
        if let label = item.label, let own = field.label, own != label.text {
          report(.patternLabel(label: label.text, type: type, at: label.range))
        }
      }
      var parts: [TypedExpression?] = items.map { _ in value }
      if case .tuple(let values)? = value?.kind { parts = values.map { $0 } }
      return .tuple(zip(zip(items, fields), parts).map { bind($0.0.pattern, $0.1.type, $1, nil) })
    }
  }

  /// Remembers what a name's value reads.
  mutating func note(_ read: Reads, of id: VariableID) {
    var all = read.variables
    for state in read.nexts { all.formUnion(nextReads[state] ?? []) }
    reads[id, default: []].formUnion(all)
  }

  private mutating func checkState(
    _ names: [Name], _ typeTree: TypeTree?, _ initial: Expression, _ statement: Statement, into typed: inout [TypedStatement]
  ) {
    var value: TypedExpression
    if let typeTree {
      let type = type(typeTree)
      value =
        type.containsError
        ? check(initial)
        : check(
          initial, as: type, Destination(description: "the first value of `\(names[0].text)`", declared: typeTree.range, spread: .always))
      if type.containsError { value = errorExpression(initial.range) }
    } else {
      value = concrete(check(initial))
      if case .array(.index, let shape) = value.type { value.type = .array(.integer, shape) }
    }
    guard !value.type.containsError else {
      for name in names { declare(name.text, .failed, at: name.range) }
      return
    }
    guard value.type.shape != nil else {
      report(.stateType(type: value.type, at: initial.range))
      for name in names { declare(name.text, .failed, at: name.range) }
      return
    }
    for name in names {
      let id = declareVariable(name, value.type, .state, documentation: statement.documentation)
      stateInfo[id] = StateInfo(loopDepth: context.loops.count, blockLevel: context.blockLevel)
      note(Reads(value), of: id)
      typed.append(TypedStatement(kind: .state(id, initial: value), range: statement.range))
    }
  }
}

extension Statement {
  /// Stands where a statement could not be parsed.
  fileprivate var isError: Bool {
    if case .expression(let e) = kind, case .error = e.kind { return true }
    return false
  }
}

extension Statement.Kind {
  var declaredNames: [Name] {
    switch self {
    case .constant(let declaration): declaration.pattern.names
    case .state(let names, _, _), .parameter(let names, _, _), .setting(let names, _, _), .input(let names, _): names
    case .size(let items): items.map(\.name)
    case .output(let name, let value): value == nil ? [] : [name]
    case .next, .record, .forLoop, .whileLoop, .inject, .returned, .expression, .loss, .optimizer, .silence: []
    }
  }

  /// The word that begins the statement.
  var word: String {
    switch self {
    case .constant: "let"
    case .state: "state"
    case .next: "next"
    case .record: "record"
    case .forLoop: "for"
    case .whileLoop: "while"
    case .inject: "inject"
    case .returned: "return"
    case .expression: "an expression"
    case .size: "size"
    case .parameter: "param"
    case .setting: "setting"
    case .input: "input"
    case .output: "output"
    case .loss: "loss"
    case .optimizer: "optimizer"
    case .silence: "silence"
    }
  }
}
