// `inject`, as an expression and as a declaration.

extension Checker {
  /// Of type Float, and neither fixed nor shared without a gradient.
  func isDifferentiable(_ id: VariableID) -> Bool {
    let variable = variables[id.index]
    guard variable.type.hasReal else { return false }
    switch variable.role {
    case .parameter, .state, .record, .learned, .input, .cotangent, .ruledValue: return true
    case .binding: return !(reads[id].map { reads in reads.allSatisfy { !isDifferentiable($0) } } ?? false) || nextReads[id] != nil
    case .axis, .setting, .constant, .function: return false
    }
  }

  mutating func checkInject(_ arguments: [Argument], at range: SourceRange) -> TypedExpression {
    guard let first = arguments.first, first.label == nil else {
      report(.injectWithoutValue(at: range))
      return ignoring(arguments, at: range)
    }
    let known = variables.count
    let value = concrete(check(first.value))
    guard !value.type.containsError else {
      for argument in arguments.dropFirst() { markUsed(argument.value) }
      return errorExpression(range)
    }
    guard value.type.isReal || value.type.isInteger else {
      report(.injectType(type: value.type, at: first.value.range))
      return errorExpression(range)
    }
    let real = widened(value)
    if arguments.count == 2, arguments[1].label?.text == "like", !isWritten("like", in: real, known) {
      let like = widened(check(arguments[1].value))
      if like.type.containsError { return errorExpression(range) }
      guard like.type == real.type else {
        report(.injectLike(value: real, like: like))
        return errorExpression(range)
      }
      return TypedExpression(kind: .bypass(value: real, like: like), type: real.type, range: range)
    }
    let read = Reads(real)
    let written = read.order.filter { $0.index < known && isDifferentiable($0) }
    var labelled: [VariableID: Argument] = [:]
    var failed = false
    for argument in arguments.dropFirst() {
      guard let label = argument.label else {
        report(.injectUnlabelled(at: argument.value.range))
        failed = true
        continue
      }
      guard case .variable(let id)? = lookUp(label.text), read.variables.contains(id) else {
        let names = written.map { variables[$0.index].name }
        report(
          .injectLabelNotWritten(
            label: label.text, value: text(first.value.range), names: names,
            nearest: ModelDSL.nearestName(to: label.text, among: names), at: label.range))
        failed = true
        continue
      }
      guard variables[id.index].type.isReal, isDifferentiable(id) || variables[id.index].role == .binding else {
        report(.injectLabelNotDifferentiable(label: label.text, type: variables[id.index].type, at: label.range))
        failed = true
        continue
      }
      if labelled[id] != nil {
        report(.labelTwice(label: label.text, at: label.range))
        failed = true
      }
      labelled[id] = argument
    }
    if let next = read.nexts.sorted(by: { $0.index < $1.index }).first(where: { variables[$0.index].type.isReal }) {
      report(.injectNext(name: variables[next.index].name, at: first.value.range))
      failed = true
    }
    let missing = written.filter { labelled[$0] == nil }
    if !missing.isEmpty, !failed {
      report(
        .injectLabelMissing(
          names: missing.map { variables[$0.index].name }, value: text(first.value.range),
          insertAt: arguments.last?.value.range.upper ?? range.upper, at: first.value.range))
      failed = true
    }
    var clauses: [(variable: VariableID, clause: RuleClause)] = []
    let ruled = newVariable("value", real.type, .ruledValue, first.value.range)
    for argument in arguments.dropFirst() {
      guard let label = argument.label, case .variable(let id)? = lookUp(label.text), labelled[id] != nil else {
        markUsed(argument.value)
        continue
      }
      guard let clause = ruleClause(argument.value, of: id, name: label.text, value: ruled) else {
        failed = true
        continue
      }
      clauses.append((id, clause))
      warnOfWholeArray(id, clause, real, at: argument.value.range)
    }
    if failed { return errorExpression(range) }
    return TypedExpression(
      kind: .inject(InjectExpression(value: real, ruledValue: ruled, clauses: clauses)), type: real.type, range: range)
  }

  /// A number as the slope for an array of which the value reads one element: it is the slope for every element.
  private mutating func warnOfWholeArray(_ id: VariableID, _ clause: RuleClause, _ value: TypedExpression, at range: SourceRange) {
    guard case .slope(let slope) = clause, slope.type.isNumber, !clause.isZero, value.type.isNumber,
      let rank = variables[id.index].type.shape?.count, rank > 0
    else { return }
    var readsWhole = false
    value.walk { e in
      if case .subscripted(let base, let subscripts) = e.kind, case .variable(id) = base.kind, subscripts.count == rank { return false }
      if case .variable(id) = e.kind { readsWhole = true }
      return true
    }
    if !readsWhole { report(.injectWholeArray(name: variables[id.index].name, at: range)) }
  }

  private mutating func isWritten(_ name: String, in value: TypedExpression, _ known: Int) -> Bool {
    guard case .variable(let id)? = lookUp(name) else { return false }
    return id.index < known && Reads(value).variables.contains(id)
  }

  /// Names in an expression that is not looked at count as used.
  private mutating func markUsed(_ tree: Expression) {
    _ = silently { $0.check(tree) }
    if case .name(let name) = tree.kind, case .variable(let id)? = lookUp(name) { used.insert(id) }
  }

  /// A slope, or `g -> e`, for the variable `id`.
  private mutating func ruleClause(_ tree: Expression, of id: VariableID, name: String, value: VariableID) -> RuleClause? {
    context.blockLevel += 1
    pushFrame()
    defer {
      popFrame()
      context.blockLevel -= 1
    }
    context.frames[context.frames.count - 1].names["value"] = .variable(value)
    let (valueType, variableType) = (variables[value.index].type, variables[id.index].type)
    if case .function(let names, let body) = tree.kind {
      guard names.count == 1 else {
        report(.cotangentParameters(at: tree.range))
        return nil
      }
      let g = declareVariable(names[0], valueType, .cotangent)
      let block = bodyBlock(body, expecting: variableType)
      let result = convert(
        block.value, to: variableType,
        Destination(description: "the gradient for `\(name)`", declared: variables[id.index].range, spread: .literals))
      if result.type.containsError { return nil }
      if block.statements.isEmpty { return .cotangent(g: g, result) }
      let whole = TypedExpression(
        kind: .block(TypedBlock(statements: block.statements, value: result)), type: result.type, range: tree.range)
      return .cotangent(g: g, whole)
    }
    guard let valueShape = valueType.shape, let variableShape = variableType.shape else {
      report(.slopeOfTuple(name: name, at: tree.range))
      return nil
    }
    let slope = widened(concrete(check(tree)))
    if slope.type.containsError { return nil }
    guard slope.type.isReal, let shape = slope.type.shape else {
      report(.slopeType(name: name, type: slope.type, at: tree.range))
      return nil
    }
    // Element by element needs one shape, or a number on either side.
    let isElementwise = valueShape == variableShape || valueShape.isEmpty || variableShape.isEmpty
    let isZero = if case .real(let number) = slope.kind { number == 0 } else { false }
    guard isElementwise || isZero else {
      report(.slopeNeedsFunction(name: name, variable: variableType, value: valueType, at: tree.range))
      return nil
    }
    guard shape.isEmpty || shape == valueShape || shape == variableShape else {
      report(.slopeShape(name: name, slope: slope.type, variable: variableType, value: valueType, at: tree.range))
      return nil
    }
    return .slope(slope)
  }

  /// A declared rule; nil after an error.
  mutating func checkRule(_ written: InjectDeclaration) -> RuleDeclaration? {
    var declaration = written
    let name = written.function.text
    if let override = injectionOverrides[name], context.file == rootFile {
      switch context.owner {
      case .file, .model:
        declaration = override
        appliedOverrides.insert(name)
      case .function, .cell: break
      }
    }
    guard let target = ruleTarget(declaration.function) else { return nil }
    var parameters: [(name: String, type: Type)]
    var result: Type
    switch target {
    case .function(let id):
      parameters = functions[id.index].parameters.map { (variables[$0.index].name, variables[$0.index].type) }
      result = functions[id.index].result
    case .primitive(let primitive):
      parameters = zip(primitive.operandNames, primitive.signature.operands).map { ($0, $1.differentiableType) }
      result = primitive.signature.result == .boolean || primitive.signature.result == .integer ? .boolean : .real
    case .variable: return nil
    }
    guard result.hasReal else {
      report(.ruleOfWholeNumbers(name: name, at: declaration.function.range))
      return nil
    }
    let differentiable = parameters.indices.filter { parameters[$0].type.isReal }
    let given: [Int]
    if declaration.parameters.count == parameters.count {
      given = Array(parameters.indices)
    } else if declaration.parameters.count == differentiable.count {
      given = differentiable
    } else {
      report(
        .ruleParameters(
          name: name, expected: differentiable.map { parameters[$0].name }, found: declaration.parameters.count,
          at: declaration.range))
      return nil
    }
    return inFrame { checker in
      // Those with a derivative come first: the clauses stand beside them.
      let sorted = zip(given, declaration.parameters).sorted { a, b in
        let (x, y) = (parameters[a.0].type.isReal, parameters[b.0].type.isReal)
        return x == y ? a.0 < b.0 : x
      }
      let variables = sorted.map { place, name in
        (position: place, variable: checker.declareVariable(name, parameters[place].type, .parameter))
      }
      let ruled = checker.newVariable("value", result, .ruledValue, declaration.range)
      guard let clauses = checker.clauses(declaration, variables.filter { parameters[$0.position].type.isReal }.map(\.variable), ruled)
      else { return nil }
      checker.context.rules.append(DeclaredRule(target: target, range: declaration.range, name: name))
      for clause in clauses {
        if let place = checker.derivative(of: target, in: clause.expression) {
          checker.report(.ruleDifferentiatesItself(name: name, rule: declaration.range, at: place))
          return nil
        }
      }
      return RuleDeclaration(target: target, parameters: variables, ruledValue: ruled, clauses: clauses, range: declaration.range)
    }
  }

  private mutating func clauses(_ declaration: InjectDeclaration, _ ids: [VariableID], _ ruled: VariableID) -> [RuleClause]? {
    let names = ids.map { variables[$0.index].name }
    guard case .tuple(let items) = declaration.rule.kind, items.contains(where: { $0.label != nil }) else {
      guard ids.count == 1 else {
        report(.ruleNeedsTuple(name: declaration.function.text, names: names, at: declaration.rule.range))
        return nil
      }
      return ruleClause(declaration.rule, of: ids[0], name: names[0], value: ruled).map { [$0] }
    }
    var found: [RuleClause?] = ids.map { _ in nil }
    var failed = false
    for item in items {
      guard let label = item.label, let place = names.firstIndex(of: label.text) else {
        report(.ruleLabel(label: item.label?.text, names: names, at: item.label?.range ?? item.value.range))
        failed = true
        continue
      }
      if found[place] != nil { report(.labelTwice(label: label.text, at: label.range)) }
      found[place] = ruleClause(item.value, of: ids[place], name: label.text, value: ruled)
      if found[place] == nil { failed = true }
    }
    if failed { return nil }
    let missing = zip(names, found).filter { $1 == nil }.map(\.0)
    guard missing.isEmpty else {
      report(
        .injectLabelMissing(
          names: missing, value: "\(declaration.function.text)'", insertAt: declaration.rule.range.upper - 1,
          at: declaration.rule.range))
      return nil
    }
    return found.compactMap { $0 }
  }

  private mutating func ruleTarget(_ name: Name) -> Callee? {
    switch lookUp(name.text) {
    case .function(let index)?: return checkedFunction(index, calledAt: name.range).map { .function($0) }
    case .primitive(let primitive)?: return .primitive(primitive)
    case .failed?: return nil
    case nil:
      if name.text == "max" { return .primitive(.maximum) }
      if name.text == "min" { return .primitive(.minimum) }
      report(
        .unknownFunction(
          name: name.text,
          nearest: nearestName(to: name.text) { entity in
            switch entity {
            case .function, .primitive: true
            default: false
            }
          }, at: name.range))
      return nil
    case let entity?:
      report(.notAFunctionOfRule(name: name.text, kind: entity.kindName, at: name.range))
      return nil
    }
  }
}

extension Type {
  /// A number or an array of Float, or a tuple with one.
  var hasReal: Bool {
    switch self {
    case .array(let scalar, _): scalar == .real
    case .tuple(let fields): fields.contains { $0.type.hasReal }
    case .function, .error: false
    }
  }
}

extension Primitive.Operand {
  fileprivate var differentiableType: Type {
    switch self {
    case .real, .number: .real
    case .integer: .integer
    case .boolean: .boolean
    }
  }
}
