// `[i in n: e]`, `sum(i in n where c: e)`, `sum(x)`.

extension Checker {
  /// The axes in a frame of their own, with what their ranges say, around `body`.
  private mutating func withAxes<Result>(
    _ comprehension: Comprehension, _ body: (inout Checker, [TypedAxis]) -> Result?
  ) -> Result? {
    inFrame { checker in
      var axes: [TypedAxis] = []
      var known: [Size] = []
      var failed = false
      for axis in comprehension.axes {
        guard let size = checker.count(axis.size) else {
          checker.declare(axis.name.text, .failed, at: axis.name.range)
          failed = true
          continue
        }
        let variable = checker.newVariable(axis.name.text, .array(.index(below: size), []), .axis, axis.name.range)
        checker.declare(axis.name.text, .variable(variable), at: axis.name.range)
        axes.append(TypedAxis(variable: variable, size: size))
        known.append(size - Size(1))
      }
      checker.context.brokenConditions += failed ? 1 : 0
      let result = checker.withFacts(known) { body(&$0, axes) }
      checker.context.brokenConditions -= failed ? 1 : 0
      return failed ? nil : result
    }
  }

  mutating func checkBuild(_ comprehension: Comprehension, at range: SourceRange, expecting: Type?) -> TypedExpression {
    if let unrolled = unrolledBuild(comprehension, at: range) { return unrolled }
    if let condition = comprehension.condition { report(.buildCondition(at: condition.range)) }
    var expected: Type?
    if case .array(let scalar, let shape)? = expecting, shape.count >= comprehension.axes.count {
      expected = .array(scalar, Array(shape.dropFirst(comprehension.axes.count)))
    }
    let result = withAxes(comprehension) { checker, axes -> TypedExpression? in
      var body = checker.bodyBlock(comprehension.body, expecting: expected)
      if body.value.type.containsError { return nil }
      if case .array(.index, let shape)? = expected, body.value.type == .array(.integer, shape), let expected {
        body.value = checker.convert(body.value, to: expected, Destination(description: "an element of this array"))
      }
      if case .tuple(let fields) = body.value.type, fields.contains(where: { $0.type.shape == nil }) {
        checker.report(.nestedTupleBody(at: comprehension.body.range))
        return nil
      }
      return TypedExpression(
        kind: .build(axes: axes, body: body), type: body.value.type.stacked(axes.map(\.size)), range: range)
    }
    return result ?? errorExpression(range)
  }

  mutating func checkReduction(_ name: Name, _ comprehension: Comprehension, at range: SourceRange) -> TypedExpression {
    guard let reduction = Reduction(rawValue: name.text) else {
      report(.unknownReduction(name: name.text, at: name.range))
      return errorExpression(range)
    }
    if comprehension.axes.contains(where: { $0.name.text == "batch" && lookUp("batch") == nil }) {
      report(.reserved(what: "`\(name.text)` over the batch", at: range))
      return errorExpression(range)
    }
    if let unrolled = unrolledReduction(reduction, comprehension, at: range) { return unrolled }
    let isExtreme = reduction == .argmax || reduction == .argmin
    if isExtreme, comprehension.axes.count > 1 {
      report(.extremeOverAxes(name: name.text, at: range))
      return errorExpression(range)
    }
    let result = withAxes(comprehension) { checker, axes -> TypedExpression? in
      var condition: TypedExpression?
      var known: [Size] = []
      checker.context.blockLevel += 1
      if let tree = comprehension.condition {
        let value = checker.checkCondition(tree, what: "`where`")
        condition = value
        known = checker.facts(from: value, holds: true)
      }
      checker.context.blockLevel -= 1
      let isBroken = condition?.type == .error
      checker.context.brokenConditions += isBroken ? 1 : 0
      var body = checker.withFacts(known) { inner in inner.bodyBlock(comprehension.body) }
      checker.context.brokenConditions -= isBroken ? 1 : 0
      if body.value.type.containsError || condition?.type == .error { return nil }
      guard checker.isReducible(body.value.type, reduction, at: body.value.range) else { return nil }
      if reduction == .mean { body.value = checker.widened(body.value) }
      let type: Type = isExtreme ? .array(.index(below: axes[0].size), []) : checker.reducedType(body.value.type)
      return TypedExpression(kind: .reduction(reduction, axes: axes, condition: condition, body: body), type: type, range: range)
    }
    guard let result, case .reduction(_, let axes, _, _) = result.kind else { return errorExpression(range) }
    requireNonempty(reduction, axes.map(\.size), text: text(name.range), at: range)
    return result
  }

  /// Indices become integers under a sum or an extreme.
  func reducedType(_ type: Type) -> Type {
    switch type {
    case .array(.index, let shape): .array(.integer, shape)
    case .tuple(let fields): .tuple(fields.map { Type.Field(label: $0.label, type: reducedType($0.type)) })
    default: type
    }
  }

  private mutating func isReducible(_ type: Type, _ reduction: Reduction, at range: SourceRange) -> Bool {
    switch type {
    case .array(.boolean, _):
      report(.reductionOfBooleans(name: reduction.rawValue, text: text(range), at: range))
      return false
    case .array(_, let shape):
      if (reduction == .argmax || reduction == .argmin) && !shape.isEmpty {
        report(.extremeOfArrays(name: reduction.rawValue, type: type, at: range))
        return false
      }
      return true
    case .tuple(let fields):
      if reduction == .argmax || reduction == .argmin {
        report(.extremeOfArrays(name: reduction.rawValue, type: type, at: range))
        return false
      }
      return fields.allSatisfy { isReducible($0.type, reduction, at: range) }
    case .function, .error:
      return false
    }
  }

  /// A sum of nothing is 0 and a product 1; the rest need something to choose from.
  private mutating func requireNonempty(_ reduction: Reduction, _ sizes: [Size], text: String, at range: SourceRange) {
    if reduction == .sum || reduction == .product { return }
    for size in sizes where !establish(size - Size(1), reason: "`\(text)`", at: range) {
      report(.reductionOfNothing(name: reduction.rawValue, at: range))
      return
    }
  }

  /// `sum(x)`: over all elements.
  mutating func checkFold(_ reduction: Reduction, _ value: TypedExpression, at range: SourceRange) -> TypedExpression {
    if value.type.containsError { return errorExpression(range) }
    guard case .array(let scalar, let shape) = value.type else {
      report(.operandNotArray(symbol: reduction.rawValue, found: value.type, at: value.range))
      return errorExpression(range)
    }
    if shape.isEmpty {
      report(.reductionOfNumber(name: reduction.rawValue, text: text(value.range), at: range))
      return errorExpression(range)
    }
    if scalar == .boolean {
      report(.reductionOfBooleans(name: reduction.rawValue, text: text(value.range), at: value.range))
      return errorExpression(range)
    }
    var type = Type.array(scalar, [])
    var operand = value
    switch reduction {
    case .argmax, .argmin:
      guard shape.count == 1 else {
        report(.extremeOfMatrix(name: reduction.rawValue, type: value.type, at: range))
        return errorExpression(range)
      }
      type = .array(.index(below: shape[0]), [])
    case .mean:
      operand = widened(value)
      type = .real
    case .sum, .product, .max, .min: if value.type.isInteger { type = .integer }
    }
    requireNonempty(reduction, shape, text: text(range), at: range)
    return TypedExpression(kind: .fold(reduction, operand), type: type, range: range)
  }
}
