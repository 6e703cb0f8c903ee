// Calls of what the language itself defines: primitives, reductions of an array, conversions.

extension Checker {
  mutating func checkBuiltinCall(_ name: String, _ nameRange: SourceRange, _ arguments: [Argument], at range: SourceRange)
    -> TypedExpression
  {
    switch Builtin(rawValue: name) {
    case .inject?: return checkInject(arguments, at: range)
    case .gradient?: return checkDerivative(.gradient, arguments, at: range)
    case .jacobian?: return checkDerivative(.jacobian, arguments, at: range)
    case .jvp?: return checkTangent(arguments, at: range)
    case .max? where arguments.count > 1: return extreme(.maximum, name, arguments, at: range)
    case .min? where arguments.count > 1: return extreme(.minimum, name, arguments, at: range)
    case .sum?, .product?, .mean?, .max?, .min?, .argmax?, .argmin?:
      if let label = arguments.first?.label, label.text == "batch" {
        report(.reserved(what: "`\(name)(batch: …)`, a statistic over the batch", at: range))
        return ignoring(arguments, at: range)
      }
      guard let operands = operands(arguments, count: 1, of: name, at: range) else { return ignoring(arguments, at: range) }
      return checkFold(Reduction(rawValue: name) ?? .sum, operands[0], at: range)
    case .real?, .integer?, .boolean?: return checkConversion(name, arguments, at: range)
    case nil:
      if name == "draw" || name == "bernoulli" {
        report(.reserved(what: "`\(name)`: drawing random numbers", at: range))
      } else {
        let isCallable: (Entity) -> Bool = { entity in
          switch entity {
          case .function, .primitive, .instance, .cell: true
          case .variable, .size, .constant, .model, .instances, .failed: false
          }
        }
        reportMissing(name, .unknownFunction(name: name, nearest: nearestName(to: name, where: isCallable), at: nameRange))
      }
      return ignoring(arguments, at: range)
    }
  }

  /// Arguments without labels, checked.
  private mutating func operands(_ arguments: [Argument], count: Int, of name: String, at range: SourceRange) -> [TypedExpression]? {
    guard arguments.count == count else {
      report(.argumentCount(function: name, expected: count, found: arguments.count, at: range))
      return nil
    }
    if let label = arguments.lazy.compactMap(\.label).first {
      report(.unknownLabel(label: label.text, function: name, names: [], nearest: nil, at: label.range))
      return nil
    }
    return arguments.map { check($0.value) }
  }

  /// `max(a, b)`: element by element.
  private mutating func extreme(_ primitive: Primitive, _ name: String, _ arguments: [Argument], at range: SourceRange) -> TypedExpression {
    guard let values = operands(arguments, count: arguments.count, of: name, at: range) else { return ignoring(arguments, at: range) }
    return values.dropFirst().reduce(values[0]) { elementwise(primitive, [$0, $1], symbol: name, at: range) }
  }

  mutating func callPrimitive(_ primitive: Primitive, name: String, _ arguments: [Argument], at range: SourceRange) -> TypedExpression {
    let parameters = primitive.operandNames.map { ParameterShape(name: $0, type: .real, hasDefault: $0 == "atZero") }
    guard let matched = match(arguments, to: parameters, of: name, at: range) else { return ignoring(arguments, at: range) }
    let values = matched.map { argument in
      argument.map { check($0.value) } ?? TypedExpression(kind: .integer(0), type: .integer, range: range)
    }
    return elementwise(primitive, values, symbol: name, at: range)
  }

  private mutating func checkConversion(_ name: String, _ arguments: [Argument], at range: SourceRange) -> TypedExpression {
    guard let value = operands(arguments, count: 1, of: name, at: range)?.first else { return ignoring(arguments, at: range) }
    if value.type.containsError { return errorExpression(range) }
    guard case .array(let scalar, let shape) = value.type else {
      report(.operandNotArray(symbol: name, found: value.type, at: value.range))
      return errorExpression(range)
    }
    func made(_ primitive: Primitive, _ scalar: Scalar) -> TypedExpression {
      TypedExpression(kind: .primitive(primitive, [value]), type: .array(scalar, shape), range: range)
    }
    switch (name, scalar) {
    case ("Float", .real): return value
    case ("Float", .integer), ("Float", .index): return widened(value)
    case ("Float", .boolean): return made(.realFromBoolean, .real)
    case ("Int", .integer), ("Int", .index): return value
    case ("Int", .real): return asInteger(value) ?? made(.integerFromReal, .integer)
    case ("Int", .boolean): return made(.integerFromBoolean, .integer)
    case ("Bool", .boolean): return value
    default:
      report(.numberAsBoolean(text: text(value.range), at: range))
      return errorExpression(range)
    }
  }

  /// `clamp` of integers gives an integer, whose bounds are known.
  mutating func integerClamp(_ index: Int, _ arguments: [Argument], at range: SourceRange) -> TypedExpression? {
    let entry = functionEntries[index]
    guard entry.declaration.name.text == "clamp", files[entry.file]?.isLibrary == true, arguments.count == 3 else { return nil }
    let parameters = entry.declaration.parameters.map { ParameterShape(name: $0.name.text, type: .real, hasDefault: false) }
    let matched = silently { $0.match(arguments, to: parameters, of: "clamp", at: range) }
    guard let matched else { return nil }
    let looks = silently { checker in matched.map { $0.map { checker.check($0.value) } } }
    guard looks.allSatisfy({ $0?.type.isInteger ?? false }), looks.contains(where: { $0.map { !isLiteral($0) } ?? false }) else {
      return nil
    }
    let values = matched.compactMap { $0.map { check($0.value) } }
    let raised = elementwise(.maximum, [values[0], values[1]], symbol: "clamp", at: range)
    return elementwise(.minimum, [raised, values[2]], symbol: "clamp", at: range)
  }

  /// `first.w`: a parameter of an instance; `pair.z`: an item of a tuple.
  mutating func checkMember(_ base: Expression, _ name: Name, at range: SourceRange) -> TypedExpression {
    if let id = subinstance(base) { return instanceMember(id, name, at: range) }
    if subinstance(Expression(kind: .member(base, name), range: range)) != nil {
      report(.notAValue(name: name.text, kind: "an instance of a cell", at: range))
      return errorExpression(range)
    }
    let value = check(base)
    if value.type.containsError { return errorExpression(range) }
    guard case .tuple(let fields) = value.type else {
      report(.noMember(name: name.text, type: value.type, at: name.range))
      return errorExpression(range)
    }
    guard let place = fields.firstIndex(where: { $0.label == name.text }) else {
      let labels = fields.compactMap(\.label)
      report(.unknownItem(name: name.text, type: value.type, nearest: ModelDSL.nearestName(to: name.text, among: labels), at: name.range))
      return errorExpression(range)
    }
    return TypedExpression(kind: .element(value, place), type: fields[place].type, range: range)
  }
}
