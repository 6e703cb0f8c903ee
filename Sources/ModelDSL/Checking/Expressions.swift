// The type of every expression.

extension Checker {
  /// The typed form of an expression. `expecting` says what it will be converted to, where that is known: branches, bodies of
  /// comprehensions and function literals use it.
  mutating func check(_ tree: Expression, expecting: Type? = nil) -> TypedExpression {
    let range = tree.range
    func made(_ kind: TypedExpression.Kind, _ type: Type) -> TypedExpression { TypedExpression(kind: kind, type: type, range: range) }
    switch tree.kind {
    case .error: return errorExpression(range)
    case .integer(let value): return made(.integer(value), .integer)
    case .real(let value): return made(.real(value), .real)
    case .boolean(let value): return made(.boolean(value), .boolean)
    case .name(let name): return checkName(name, at: range)
    case .unary(let op, let operand): return checkUnary(op, check(operand), at: range)
    case .binary(.contract, let left, let right): return checkContraction(left, right, in: tree)
    case .binary(let op, let left, let right) where op == .and || op == .or: return checkLogic(op, left, right, at: range)
    case .binary(let op, let left, let right): return checkBinary(op, left, right, in: tree)
    case .call(let callee, let arguments): return checkCall(callee, arguments, at: range, expecting: expecting)
    case .prime(let name):
      report(.primeAlone(name: name.text, at: range))
      return errorExpression(range)
    case .member(let base, let name): return checkMember(base, name, at: range)
    case .subscripted(let base, let subscripts): return checkSubscript(base, subscripts, at: range)
    case .tuple(let arguments): return checkTuple(arguments, at: range, expecting: expecting)
    case .array(let items): return checkArray(items, at: range, expecting: expecting)
    case .build(let comprehension): return checkBuild(comprehension, at: range, expecting: expecting)
    case .reduction(let name, let comprehension): return checkReduction(name, comprehension, at: range)
    case .conditional(let condition, let then, let otherwise):
      return checkConditional(condition, then, otherwise, at: range, expecting: expecting)
    case .block(let block):
      let body = valueBlock(block, expecting: expecting)
      return body.statements.isEmpty ? body.value : made(.block(body), body.value.type)
    case .function:
      report(.functionLiteralAlone(at: range))
      return errorExpression(range)
    case .next(let name): return checkNext(name, at: range)
    }
  }

  mutating func checkName(_ name: String, at range: SourceRange) -> TypedExpression {
    if name == "pi", lookUp(name) == nil { return TypedExpression(kind: .real(Double.pi), type: .real, range: range) }
    if name == "inf", lookUp(name) == nil { return TypedExpression(kind: .real(Double.infinity), type: .real, range: range) }
    guard let entity = lookUp(name) else {
      reportMissing(name, unknown(name, at: range))
      return errorExpression(range)
    }
    switch entity {
    case .variable(let id):
      used.insert(id)
      if let symbol = context.sizeParameters[id] { return TypedExpression(kind: .size(Size(symbol)), type: .integer, range: range) }
      if case .function = variables[id.index].type {
        report(.functionAsValue(name: name, at: range))
        return errorExpression(range)
      }
      return read(context.stateValues[id] ?? id, at: range)
    case .size(let size):
      noteUse(of: size)
      return TypedExpression(kind: size.constant.map { .integer($0) } ?? .size(size), type: .integer, range: range).asSizeConstant
    case .constant(let index):
      guard let id = constant(index, named: name) else { return errorExpression(range) }
      return read(id, at: range)
    case .failed: return errorExpression(range)
    case .function, .primitive:
      report(.functionAsValue(name: name, at: range))
      return errorExpression(range)
    case .cell, .model, .instance, .instances:
      report(.notAValue(name: name, kind: entity.kindName, at: range))
      return errorExpression(range)
    }
  }

  private mutating func checkTuple(_ arguments: [Argument], at range: SourceRange, expecting: Type?) -> TypedExpression {
    var expected: [Type?] = arguments.map { _ in nil }
    if case .tuple(let fields)? = expecting, fields.count == arguments.count { expected = fields.map(\.type) }
    let items = zip(arguments, expected).map { check($0.value, expecting: $1) }
    var labels: Set<String> = []
    for argument in arguments {
      if let label = argument.label, !labels.insert(label.text).inserted { report(.labelTwice(label: label.text, at: label.range)) }
    }
    if items.contains(where: { $0.type.containsError }) { return errorExpression(range) }
    let type = Type.tuple(zip(arguments, items).map { Type.Field(label: $0.label?.text, type: $1.type) })
    return TypedExpression(kind: .tuple(items), type: type, range: range)
  }

  private mutating func checkArray(_ trees: [Expression], at range: SourceRange, expecting: Type?) -> TypedExpression {
    guard !trees.isEmpty else {
      report(.emptyArray(at: range))
      return errorExpression(range)
    }
    var expected: Type?
    if case .array(let scalar, let shape)? = expecting, !shape.isEmpty { expected = .array(scalar, Array(shape.dropFirst())) }
    let items = trees.map { check($0, expecting: expected) }
    if items.contains(where: { $0.type.containsError }) { return errorExpression(range) }
    var type = items[0].type
    for item in items {
      guard item.type.shape != nil, let joined = join(type, item.type), item.type.shape == items[0].type.shape else {
        report(.elementsDiffer(first: items[0], other: item))
        return errorExpression(range)
      }
      type = joined
    }
    guard case .array(let scalar, let shape) = type else { return errorExpression(range) }
    let parts = items.map { convert($0, to: type, Destination(description: "an element of this array")) }
    return TypedExpression(kind: .array(parts), type: .array(scalar, [Size(items.count)] + shape), range: range)
  }

  private mutating func checkConditional(
    _ conditionTree: Expression, _ then: BlockTree, _ otherwise: BlockTree, at range: SourceRange, expecting: Type?
  ) -> TypedExpression {
    let condition = checkCondition(conditionTree, what: "`if`")
    let holds = facts(from: condition, holds: true)
    let branch = expecting.map { _ in Destination(description: "the value of this branch", spread: .literals) }
    context.brokenConditions += condition.type == .error ? 1 : 0
    var a = withFacts(holds) { $0.valueBlock(then, expecting: expecting, into: branch) }
    let fails = facts(from: condition, holds: false)
    var b = withFacts(fails) { $0.valueBlock(otherwise, expecting: expecting, into: branch) }
    context.brokenConditions -= condition.type == .error ? 1 : 0
    if condition.type == .error || a.value.type.containsError || b.value.type.containsError { return errorExpression(range) }
    guard let type = join(a.value.type, b.value.type) else {
      report(.branchesDiffer(a: a.value, b: b.value))
      return errorExpression(range)
    }
    if a.value.type != type || b.value.type != type {
      let destination = Destination(description: "the value of this `if`", spread: .literals)
      a.value = convert(a.value, to: type, destination)
      b.value = convert(b.value, to: type, destination)
    }
    return TypedExpression(kind: .conditional(condition, a, b), type: type, range: range)
  }

  /// A single `Bool`.
  mutating func checkCondition(_ tree: Expression, what: String) -> TypedExpression {
    let condition = check(tree)
    if condition.type == .error || condition.type == .boolean { return condition }
    if condition.type.isBoolean {
      report(.arrayCondition(what: what, type: condition.type, at: tree.range))
    } else {
      report(.notACondition(what: what, type: condition.type, at: tree.range))
    }
    return errorExpression(tree.range)
  }

  /// `{ let …; e }` where a value is wanted.
  mutating func valueBlock(_ block: BlockTree, expecting: Type? = nil, into destination: Destination? = nil) -> TypedBlock {
    context.blockLevel += 1
    let result = inFrame { checker in
      checker.blockWithValue(block, expecting: expecting, into: destination, allowsReturn: false)
    }
    context.blockLevel -= 1
    return result
  }

  /// An expression that may be a block, as the body of a comprehension.
  mutating func bodyBlock(_ tree: Expression, expecting: Type? = nil) -> TypedBlock {
    if case .block(let block) = tree.kind { return valueBlock(block, expecting: expecting) }
    context.blockLevel += 1
    let value = check(tree, expecting: expecting)
    context.blockLevel -= 1
    return TypedBlock(statements: [], value: value)
  }
}

extension TypedExpression {
  /// A size that is fixed is a `.size` all the same: it is an `Int` by its own right, not a literal.
  var asSizeConstant: TypedExpression {
    if case .integer(let value) = kind { return TypedExpression(kind: .size(Size(value)), type: type, range: range) }
    return self
  }
}
