// Arithmetic: between equal shapes, or with a scalar.

extension Checker {
  mutating func checkUnary(_ op: UnaryOperator, _ operand: TypedExpression, at range: SourceRange) -> TypedExpression {
    if operand.type.containsError { return errorExpression(range) }
    switch op {
    case .not:
      guard operand.type.isBoolean else {
        report(.operandType(symbol: "!", expected: "Bool", found: operand.type, at: operand.range))
        return errorExpression(range)
      }
      return TypedExpression(kind: .primitive(.not, [operand]), type: operand.type, range: range)
    case .minus:
      if case .integer(let value) = operand.kind, value != .min {
        return TypedExpression(kind: .integer(-value), type: .integer, range: range)
      }
      if case .real(let value) = operand.kind { return TypedExpression(kind: .real(-value), type: .real, range: range) }
      return elementwise(.negate, [operand], symbol: "-", at: range)
    }
  }

  mutating func checkBinary(_ op: BinaryOperator, _ left: Expression, _ right: Expression, in tree: Expression) -> TypedExpression {
    let (a, b) = (check(left), check(right))
    let range = tree.range
    if a.type.containsError || b.type.containsError { return errorExpression(range) }
    if op == .multiply || op == .divide, !(a.type.shape?.isEmpty ?? true), !(b.type.shape?.isEmpty ?? true) {
      for (operand, other) in [(left, right), (right, left)] {
        if case .binary(.contract, _, _) = operand.kind, !isParenthesized(operand, in: tree, other) {
          report(.contractionNeedsParentheses(symbol: op.rawValue, at: range))
          return errorExpression(range)
        }
      }
    }
    switch op {
    case .power:
      // A small power of an integer stays one: `i ^ 2` may be part of an index.
      if a.type.isIntegerNumber, !isLiteral(a), case .integer(let exponent) = b.kind, (1...4).contains(exponent) {
        return (1..<exponent).reduce(a) { product, _ in
          TypedExpression(kind: .primitive(.multiply, [product, a]), type: .integer, range: range)
        }
      }
      return elementwise(.power, [a, b], symbol: "^", at: range)
    case .multiply: return elementwise(.multiply, [a, b], symbol: "*", at: range)
    case .divide: return elementwise(.divide, [a, b], symbol: "/", at: range)
    case .add: return elementwise(.add, [a, b], symbol: "+", at: range)
    case .subtract: return elementwise(.subtract, [a, b], symbol: "-", at: range)
    case .modulo: return checkIntegerDivision(.modulo, a, b, at: range)
    case .quotient: return checkIntegerDivision(.quotient, a, b, at: range)
    case .less: return elementwise(.less, [a, b], symbol: "<", at: range)
    case .lessOrEqual: return elementwise(.lessOrEqual, [a, b], symbol: "<=", at: range)
    case .greater: return elementwise(.greater, [a, b], symbol: ">", at: range)
    case .greaterOrEqual: return elementwise(.greaterOrEqual, [a, b], symbol: ">=", at: range)
    case .equal: return elementwise(.equal, [a, b], symbol: "==", at: range)
    case .notEqual: return elementwise(.notEqual, [a, b], symbol: "!=", at: range)
    case .and, .or, .contract: return errorExpression(range)
    }
  }

  private mutating func checkIntegerDivision(
    _ primitive: Primitive, _ a: TypedExpression, _ b: TypedExpression, at range: SourceRange
  ) -> TypedExpression {
    var operands: [TypedExpression] = []
    for operand in [a, b] {
      if operand.type.isInteger {
        operands.append(operand)
      } else if let integer = asInteger(operand) {
        operands.append(integer)
      } else {
        report(.integerDivision(symbol: primitive.operatorSymbol ?? "", found: operand.type, at: operand.range))
        return errorExpression(range)
      }
    }
    if operands[1].type.isNumber {
      let divisor = polynomial(of: operands[1])
      if divisor.constant == 0 {
        report(.divisionByZero(at: b.range))
        return errorExpression(range)
      } else if !divisor.symbols.contains(where: { atoms.all.contains($0) }), divisor.constant == nil {
        _ = establish(divisor - Size(1), reason: "`\(text(range))`", at: range)
      }
    }
    return elementwise(primitive, operands, symbol: primitive.operatorSymbol ?? "", at: range)
  }

  /// `a && b`: of single conditions the right side is evaluated only where it decides, and may use what the left one says.
  mutating func checkLogic(_ op: BinaryOperator, _ left: Expression, _ right: Expression, at range: SourceRange) -> TypedExpression {
    let a = check(left)
    let known = a.type == .boolean ? facts(from: a, holds: op == .and) : []
    context.brokenConditions += a.type == .error ? 1 : 0
    let b = withFacts(known) { $0.check(right) }
    context.brokenConditions -= a.type == .error ? 1 : 0
    if a.type.containsError || b.type.containsError { return errorExpression(range) }
    for operand in [a, b] where !operand.type.isBoolean {
      report(.operandType(symbol: op.rawValue, expected: "Bool", found: operand.type, at: operand.range))
      return errorExpression(range)
    }
    if a.type == .boolean, b.type == .boolean {
      return TypedExpression(kind: .shortCircuit(isAnd: op == .and, a, b), type: .boolean, range: range)
    }
    return elementwise(op == .and ? .and : .or, [a, b], symbol: op.rawValue, at: range)
  }

  /// A primitive applied element by element, with the conversions that it needs.
  mutating func elementwise(_ primitive: Primitive, _ operands: [TypedExpression], symbol: String, at range: SourceRange) -> TypedExpression
  {
    if operands.contains(where: { $0.type.containsError }) { return errorExpression(range) }
    var shape: [Size] = []
    var shaped: TypedExpression?
    for operand in operands {
      guard case .array(_, let size) = operand.type else {
        report(.operandNotArray(symbol: symbol, found: operand.type, at: operand.range))
        return errorExpression(range)
      }
      if size.isEmpty { continue }
      if let first = shaped, shape != size {
        report(.shapesDiffer(symbol: symbol, a: first, b: operand, at: range))
        return errorExpression(range)
      }
      shaped = operand
      shape = size
    }
    let signature = primitive.signature
    let isIntegral = operands.allSatisfy { $0.type.isInteger }
    var converted: [TypedExpression] = []
    for (operand, kind) in zip(operands, signature.operands) {
      switch (kind, operand.type.scalar) {
      case (.boolean, .boolean?): converted.append(operand)
      case (.boolean, let found):
        report(.operandType(symbol: symbol, expected: "Bool", found: .array(found ?? .real, operand.type.shape ?? []), at: operand.range))
        return errorExpression(range)
      case (_, .boolean?):
        report(.booleanAsNumber(type: "Float", text: text(operand.range), at: operand.range))
        return errorExpression(range)
      case (.number, _) where isIntegral: converted.append(operand)
      case (.number, _), (.real, _): converted.append(widened(operand))
      case (.integer, .real?):
        guard let integer = asInteger(operand) else {
          report(
            .realAsInteger(destination: Destination(description: "an operand of `\(symbol)`"), text: text(operand.range), at: operand.range)
          )
          return errorExpression(range)
        }
        converted.append(integer)
      case (.integer, _): converted.append(operand)
      }
    }
    let result: Scalar =
      switch signature.result {
      case .real: .real
      case .integer: .integer
      case .boolean: .boolean
      case .number: isIntegral ? .integer : .real
      }
    return TypedExpression(kind: .primitive(primitive, converted), type: .array(result, shape), range: range)
  }

  /// `a @ b` contracts the last axis of `a` with the first of `b`.
  mutating func checkContraction(_ left: Expression, _ right: Expression, in tree: Expression) -> TypedExpression {
    let range = tree.range
    // `a * b @ c` with arrays is asked for parentheses before its shapes are looked at: they may fit the other way.
    for (operand, other) in [(left, right), (right, left)] {
      guard case .binary(let op, let x, let y) = operand.kind, op == .multiply || op == .divide, !isParenthesized(operand, in: tree, other)
      else { continue }
      let (a, b) = silently { ($0.check(x), $0.check(y)) }
      if !(a.type.shape?.isEmpty ?? true), !(b.type.shape?.isEmpty ?? true) {
        report(.contractionNeedsParentheses(symbol: op.rawValue, at: range))
        return errorExpression(range)
      }
    }
    let (a, b) = (check(left), check(right))
    if a.type.containsError || b.type.containsError { return errorExpression(range) }
    guard case .array(let s, let m) = a.type, case .array(let t, let n) = b.type, s != .boolean, t != .boolean else {
      report(.contractionOperands(a: a, b: b, at: range))
      return errorExpression(range)
    }
    guard let inner = m.last, let other = n.first else {
      report(.contractionOfNumber(a: a, b: b, at: range))
      return errorExpression(range)
    }
    guard inner == other else {
      report(.contractionMismatch(a: a, b: b, at: range))
      return errorExpression(range)
    }
    let type = Type.array(.real, Array(m.dropLast() + n.dropFirst()))
    return TypedExpression(kind: .contract(widened(a), widened(b)), type: type, range: range)
  }

  /// Whether an operand stands in parentheses, which the tree does not keep: seen from the text between it and the other operand.
  private func isParenthesized(_ operand: Expression, in parent: Expression, _ other: Expression) -> Bool {
    let text = sources[parent.range.file].text
    let (own, their) = (operand.range, other.range)
    if own.lower < own.upper, text[own.lower] == UInt8(ascii: "("), let end = closing(from: own.lower, in: text, before: own.upper) {
      return end == own.upper - 1
    }
    if own.upper <= their.lower { return text[own.upper..<their.lower].contains(UInt8(ascii: ")")) }
    if their.upper <= own.lower { return text[their.upper..<own.lower].contains(UInt8(ascii: "(")) }
    return true
  }

  /// Looks without leaving a trace.
  mutating func silently<Result>(_ body: (inout Checker) -> Result) -> Result {
    var copy = self
    copy.isSilent = true
    return body(&copy)
  }
}
