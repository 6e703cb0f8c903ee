// `gradient(e, x)`, `jacobian(e, x)`, `jvp(e, x: v)`, `f'(e)`.

extension Checker {
  enum DerivativeForm: String { case gradient, jacobian }

  mutating func checkDerivative(_ form: DerivativeForm, _ arguments: [Argument], at range: SourceRange) -> TypedExpression {
    guard arguments.count == 2, arguments.allSatisfy({ $0.label == nil }) else {
      report(.derivativeArguments(name: form.rawValue, at: range))
      return ignoring(arguments, at: range)
    }
    let e = widened(concrete(check(arguments[0].value)))
    guard let (variable, type) = derivativeVariable(arguments[1].value, form.rawValue), !e.type.containsError else {
      return errorExpression(range)
    }
    guard case .array(.real, let shape) = e.type else {
      report(.derivativeOfType(name: form.rawValue, type: e.type, at: arguments[0].value.range))
      return errorExpression(range)
    }
    guard case .array(_, let variableShape) = type else { return errorExpression(range) }
    warnOfPaths(e, variable, at: range)
    switch form {
    case .gradient:
      guard shape.isEmpty else {
        report(.gradientOfArray(type: e.type, at: arguments[0].value.range))
        return errorExpression(range)
      }
      return TypedExpression(kind: .gradient(e, wrt: variable), type: type, range: range)
    case .jacobian:
      return TypedExpression(kind: .jacobian(e, wrt: variable), type: .array(.real, shape + variableShape), range: range)
    }
  }

  /// `jvp(e, x: v, y: w)`
  mutating func checkTangent(_ arguments: [Argument], at range: SourceRange) -> TypedExpression {
    guard let first = arguments.first, first.label == nil, arguments.count > 1 else {
      report(.derivativeArguments(name: "jvp", at: range))
      return ignoring(arguments, at: range)
    }
    let e = widened(concrete(check(first.value)))
    var tangents: [(DerivativeVariable, TypedExpression)] = []
    var failed = e.type.containsError
    for argument in arguments.dropFirst() {
      guard let label = argument.label else {
        report(.tangentWithoutLabel(at: argument.value.range))
        failed = true
        continue
      }
      guard let (variable, type) = derivativeVariable(Expression(kind: .name(label.text), range: label.range), "jvp") else {
        _ = check(argument.value)
        failed = true
        continue
      }
      if tangents.contains(where: { $0.0 == variable }) {
        report(.labelTwice(label: label.text, at: label.range))
        failed = true
      }
      let tangent = check(argument.value, as: type, Destination(description: "the tangent of `\(label.text)`", spread: .literals))
      if tangent.type.containsError { failed = true }
      if !failed { warnOfPaths(e, variable, at: range) }
      tangents.append((variable, tangent))
    }
    if failed { return errorExpression(range) }
    guard case .array(.real, _) = e.type else {
      report(.derivativeOfType(name: "jvp", type: e.type, at: first.value.range))
      return errorExpression(range)
    }
    return TypedExpression(kind: .jvp(e, tangents: tangents), type: e.type, range: range)
  }

  /// A `let`, a parameter, a state, or `next u`, of type Float.
  private mutating func derivativeVariable(_ tree: Expression, _ form: String) -> (DerivativeVariable, Type)? {
    switch tree.kind {
    case .error: return nil
    case .next:
      let value = check(tree)
      if value.type.containsError { return nil }
      switch value.kind {
      case .next(let id) where value.type.isReal: return (.next(id), value.type)
      case .variable(let id) where value.type.isReal: return (.variable(id), value.type)
      default:
        report(.derivativeVariableType(name: text(tree.range), type: value.type, at: tree.range))
        return nil
      }
    case .name(let name):
      guard let entity = lookUp(name) else {
        reportMissing(name, unknown(name, at: tree.range))
        return nil
      }
      if case .failed = entity { return nil }
      guard case .variable(let id) = entity else {
        report(.notADerivativeVariable(text: name, at: tree.range))
        return nil
      }
      used.insert(id)
      let variable = variables[id.index]
      if variable.type.containsError { return nil }
      guard variable.type.isReal else {
        report(.derivativeVariableType(name: name, type: variable.type, at: tree.range))
        return nil
      }
      switch variable.role {
      case .parameter, .binding, .state, .record, .learned, .input, .cotangent, .ruledValue: return (.variable(id), variable.type)
      case .setting:
        report(.derivativeOfSetting(name: name, at: tree.range))
        return nil
      case .axis, .constant, .function:
        report(.notADerivativeVariable(text: name, at: tree.range))
        return nil
      }
    default:
      report(.notADerivativeVariable(text: text(tree.range), at: tree.range))
      return nil
    }
  }

  /// A derivative that is certainly zero, or one that takes in more than what is written in `e`.
  private mutating func warnOfPaths(_ e: TypedExpression, _ variable: DerivativeVariable, at range: SourceRange) {
    let read = Reads(e)
    guard case .variable(let x) = variable else { return }
    let name = variables[x.index].name
    let direct = read.variables.contains(x)
    let others = read.order.filter { $0 != x && variables[$0.index].role == .binding && depends($0, on: x) }
    let throughNext = read.nexts.contains { state in (nextReads[state] ?? []).contains { $0 == x || depends($0, on: x) } }
    if direct, let other = others.first {
      report(.derivativeAlsoThrough(name: name, other: variables[other.index].name, at: range))
    } else if !direct, others.isEmpty, !throughNext, !read.order.contains(where: { depends($0, on: x, throughStates: true) }),
      read.nexts.isEmpty
    {
      report(.derivativeIsZero(name: name, at: range))
    }
  }

  /// Whether a value depends on another through `let`s; through the steps of loops only where that is asked.
  private func depends(_ id: VariableID, on other: VariableID, throughStates: Bool = false) -> Bool {
    var seen: Set<VariableID> = []
    var open = [id]
    while let next = open.popLast() {
      guard seen.insert(next).inserted else { continue }
      if next == other, next != id { return true }
      if !throughStates, variables[next.index].role == .state { continue }
      open += (reads[next] ?? []).sorted { $0.index < $1.index }
    }
    return false
  }

  /// `f'(e)`, for a function of one number.
  mutating func checkPrime(_ name: Name, _ arguments: [Argument], at range: SourceRange) -> TypedExpression {
    guard arguments.count == 1, arguments[0].label == nil else {
      report(.primeArguments(name: name.text, at: range))
      return ignoring(arguments, at: range)
    }
    let value = widened(check(arguments[0].value))
    if value.type.containsError { return errorExpression(range) }
    guard case .array(.real, let shape) = value.type else {
      report(.operandType(symbol: "\(name.text)'", expected: "Float", found: value.type, at: value.range))
      return errorExpression(range)
    }
    func made(_ callee: Callee) -> TypedExpression {
      TypedExpression(kind: .prime(callee, value, mapped: shape), type: value.type, range: range)
    }
    switch lookUp(name.text) {
    case .function(let index)?:
      guard let id = checkedFunction(index, calledAt: range) else { return errorExpression(range) }
      let function = functions[id.index]
      if function.parameters.contains(where: { variables[$0.index].type.containsError }) { return errorExpression(range) }
      guard function.parameters.count == 1, variables[function.parameters[0].index].type == .real, function.result == .real else {
        report(.primeOfFunction(name: name.text, parameters: function.parameters.map { variables[$0.index].type }, at: range))
        return errorExpression(range)
      }
      return made(.function(id))
    case .primitive(let primitive)?:
      guard primitive.signature.operands.count == 1 || primitive == .step, primitive.signature.operands[0] != .boolean,
        primitive.signature.result != .boolean, primitive.signature.result != .integer
      else {
        report(.primeOfFunction(name: name.text, parameters: primitive.signature.operands.map { _ in .real }, at: range))
        return errorExpression(range)
      }
      return made(.primitive(primitive))
    case .variable(let id)?:
      guard case .function(let parameters, let result) = variables[id.index].type, parameters == [.real], result == .real else {
        report(.primeOfFunction(name: name.text, parameters: [], at: range))
        return errorExpression(range)
      }
      used.insert(id)
      return made(.variable(id))
    case .failed?: return errorExpression(range)
    case nil where Builtin(rawValue: name.text) == nil:
      report(.unknownFunction(name: name.text, nearest: nearestName(to: name.text), at: name.range))
      return errorExpression(range)
    default:
      report(.primeOfFunction(name: name.text, parameters: [], at: range))
      return errorExpression(range)
    }
  }
}
