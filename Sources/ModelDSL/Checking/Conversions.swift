// How a value of one type takes the place of another: `Int` widens, literals are what they are used as, a scalar fills a declared shape.

extension Type {
  var scalar: Scalar? {
    if case .array(let scalar, _) = self { return scalar }
    return nil
  }
  /// A number of any kind, not an array.
  var isNumber: Bool { shape?.isEmpty ?? false }
  var isReal: Bool { scalar == .real }
  var isBoolean: Bool { scalar == .boolean }
  var isInteger: Bool {
    switch self {
    case .array(.integer, _), .array(.index, _): true
    default: false
    }
  }
  func withShape(_ shape: [Size]) -> Type {
    if case .array(let scalar, _) = self { return .array(scalar, shape) }
    return self
  }
  /// The type with `shape` in front of the shape of each part.
  func stacked(_ outer: [Size]) -> Type {
    switch self {
    case .array(let scalar, let shape): .array(scalar, outer + shape)
    case .tuple(let fields): .tuple(fields.map { Field(label: $0.label, type: $0.type.stacked(outer)) })
    case .function, .error: self
    }
  }
  /// Holds an error somewhere: nothing more is said about it.
  var containsError: Bool {
    switch self {
    case .error: true
    case .array: false
    case .tuple(let fields): fields.contains { $0.type.containsError }
    case .function(let parameters, let result): parameters.contains(where: \.containsError) || result.containsError
    }
  }
}

extension Checker {
  /// Made of integer literals alone: an integer where one is wanted, else a `Float`.
  func isLiteral(_ e: TypedExpression) -> Bool {
    switch e.kind {
    case .integer: true
    case .primitive(let p, let operands):
      [.add, .subtract, .multiply, .negate, .minimum, .maximum, .abs].contains(p) && e.type.isInteger && operands.allSatisfy(isLiteral)
    case .array(let items): !items.isEmpty && items.allSatisfy(isLiteral)
    case .tuple(let items): items.contains(where: isLiteral)
    case .build(_, let body): body.value.type.isInteger && isLiteral(body.value)
    case .reduction(let r, _, _, let body): r != .argmax && r != .argmin && isLiteral(body.value)
    case .conditional(_, let a, let b): isLiteral(a.value) && isLiteral(b.value)
    case .block(let body): isLiteral(body.value)
    case .fold(let r, let items): r != .argmax && r != .argmin && isLiteral(items)
    default: false
    }
  }

  /// The value as what a name that is bound to it has: literals become `Float`.
  func concrete(_ e: TypedExpression) -> TypedExpression {
    guard case .tuple(let fields) = e.type else { return isLiteral(e) ? widened(e) : e }
    func made(_ kind: TypedExpression.Kind, _ type: Type) -> TypedExpression { TypedExpression(kind: kind, type: type, range: e.range) }
    func block(_ body: TypedBlock) -> TypedBlock { TypedBlock(statements: body.statements, value: concrete(body.value)) }
    switch e.kind {
    case .tuple(let items):
      let parts = items.map(concrete)
      return made(.tuple(parts), .tuple(zip(fields, parts).map { Type.Field(label: $0.label, type: $1.type) }))
    case .build(let axes, let body):
      let body = block(body)
      return made(.build(axes: axes, body: body), body.value.type.stacked(axes.map(\.size)))
    case .reduction(let reduction, let axes, let condition, let body):
      let body = block(body)
      return made(.reduction(reduction, axes: axes, condition: condition, body: body), reducedType(body.value.type))
    case .block(let body):
      let body = block(body)
      return made(.block(body), body.value.type)
    case .conditional(let condition, let a, let b):
      // A part that is a literal on one side only is what it is on the other.
      let (first, second) = (block(a), block(b))
      return first.value.type == second.value.type ? made(.conditional(condition, first, second), first.value.type) : e
    default: return e
    }
  }

  /// An integer expression as a `Float`, literals without a conversion.
  func widened(_ e: TypedExpression) -> TypedExpression {
    guard case .array(_, let shape) = e.type, e.type.isInteger else { return e }
    let type = Type.array(.real, shape)
    func made(_ kind: TypedExpression.Kind) -> TypedExpression { TypedExpression(kind: kind, type: type, range: e.range) }
    switch e.kind {
    case .integer(let value): return made(.real(Double(value)))
    case .primitive(let p, let operands) where isLiteral(e): return made(.primitive(p, operands.map(widened)))
    case .array(let items) where isLiteral(e): return made(.array(items.map(widened)))
    case .spread(let value, let shape): return made(.spread(widened(value), shape: shape))
    case .build(let axes, let body) where isLiteral(e):
      return made(.build(axes: axes, body: TypedBlock(statements: body.statements, value: widened(body.value))))
    case .conditional(let condition, let a, let b) where isLiteral(e):
      return made(
        .conditional(
          condition, TypedBlock(statements: a.statements, value: widened(a.value)),
          TypedBlock(statements: b.statements, value: widened(b.value))))
    default: return made(.primitive(.realFromInteger, [e]))
    }
  }

  /// A number as an integer, where it is one or is made of literals and integers alone (`let k = 3`, then `x[k + 1]`).
  mutating func asInteger(_ e: TypedExpression) -> TypedExpression? {
    if e.type.isIntegerNumber { return e }
    guard e.type == .real else { return nil }
    func made(_ kind: TypedExpression.Kind) -> TypedExpression { TypedExpression(kind: kind, type: .integer, range: e.range) }
    switch e.kind {
    case .primitive(.realFromInteger, let o): return o[0]
    case .variable(let id):
      guard let value = integerValues[id] else { return nil }
      if let constant = value.constant { return made(.integer(constant)) }
      return value.symbols.contains { atoms.all.contains($0) } ? nil : made(.size(value))
    case .primitive(let p, let operands) where [.add, .subtract, .multiply, .negate, .minimum, .maximum].contains(p):
      var parts: [TypedExpression] = []
      for operand in operands {
        if case .real(let value) = operand.kind, value.rounded() == value, value.magnitude < 1e9 {
          parts.append(TypedExpression(kind: .integer(Int(value)), type: .integer, range: operand.range))
        } else if let part = asInteger(operand) {
          parts.append(part)
        } else {
          return nil
        }
      }
      // At least one part was an integer by its own right: `1.0 + 2.0` is none.
      return operands.contains { if case .real = $0.kind { false } else { true } } ? made(.primitive(p, parts)) : nil
    case .primitive(.divide, let o):
      // A size such as `d * (d - 1) / 2`, written as a value.
      guard let a = asInteger(o[0]), case .real(let divisor) = o[1].kind, divisor >= 1, divisor.rounded() == divisor, divisor < 1e9 else {
        return nil
      }
      let size = polynomial(of: a)
      guard !size.symbols.isEmpty, !size.symbols.contains(where: { atoms.all.contains($0) }) else { return nil }
      return made(.size(size.divided(by: Int(divisor))))
    default: return nil
    }
  }

  /// Where a value goes, for the message when it does not fit.
  struct Destination {
    /// `the argument `x` of `f``
    var description: String
    var declared: SourceRange?
    var spread = Spread.never
  }

  /// Whether a scalar may fill an array.
  enum Spread { case never, literals, always }

  /// `e` as a value of `type`, or an error that shows both.
  mutating func convert(_ e: TypedExpression, to type: Type, _ destination: Destination) -> TypedExpression {
    if e.type.containsError || type.containsError { return errorExpression(e.range) }
    switch (e.type, type) {
    case (.array(let from, let fromShape), .array(let to, let shape)):
      guard let value = convertElement(e, from, to, destination) else { return errorExpression(e.range) }
      if fromShape == shape { return value }
      if fromShape.isEmpty, destination.spread == .always || (destination.spread == .literals && value.isLiteralNumber) {
        return TypedExpression(kind: .spread(value, shape: shape), type: .array(to, shape), range: e.range)
      }
      report(.typeMismatch(found: e.type, expected: type, destination: destination, at: e.range))
      return errorExpression(e.range)
    case (.tuple(let from), .tuple(let to)):
      guard from.count == to.count else { break }
      if let wrong = misplacedLabel(from, to.map(\.label)) {
        report(.labelMisplaced(label: wrong, found: e.type, expected: type, destination: destination, at: e.range))
        return errorExpression(e.range)
      }
      if case .tuple(let items) = e.kind {
        let parts = zip(items, to).map { convert($0, to: $1.type, destination) }
        return TypedExpression(kind: .tuple(parts), type: parts.contains { $0.type == .error } ? .error : type, range: e.range)
      }
      if zip(from, to).allSatisfy({ $0.type == $1.type }) {
        return TypedExpression(kind: e.kind, type: type, range: e.range)
      }
      let whole = newVariable("value", e.type, .binding, e.range)
      used.insert(whole)
      let parts = zip(from, to).enumerated().map { place, pair in
        convert(
          TypedExpression(kind: .element(read(whole, at: e.range), place), type: pair.0.type, range: e.range), to: pair.1.type, destination)
      }
      if parts.contains(where: { $0.type == .error }) { return errorExpression(e.range) }
      let binding = TypedStatement(kind: .binding(.variable(whole), e), range: e.range)
      let value = TypedExpression(kind: .tuple(parts), type: type, range: e.range)
      return TypedExpression(kind: .block(TypedBlock(statements: [binding], value: value)), type: type, range: e.range)
    case (.function, .function) where e.type == type: return e
    default: break
    }
    report(.typeMismatch(found: e.type, expected: type, destination: destination, at: e.range))
    return errorExpression(e.range)
  }

  /// A label that stands at one place of a tuple and at another of what it is assigned to.
  func misplacedLabel(_ from: [Type.Field], _ to: [String?]) -> String? {
    for (place, field) in from.enumerated() {
      guard let label = field.label, let other = to.firstIndex(of: label), other != place, place < to.count, to[place] != label else {
        continue
      }
      return label
    }
    return nil
  }

  private mutating func convertElement(_ e: TypedExpression, _ from: Scalar, _ to: Scalar, _ destination: Destination) -> TypedExpression? {
    switch (from, to) {
    case (.real, .real), (.boolean, .boolean), (.integer, .integer): return e
    case (.index, .integer): return e
    case (.integer, .real), (.index, .real): return widened(e)
    case (.index(let a), .index(let b)):
      if a == b || establish(b - a, reason: "`\(text(e.range))` as an `Index<\(b)>`", at: e.range) { return e }
      report(.indexBoundMismatch(found: a, expected: b, at: e.range))
      return nil
    case (.integer, .index(let bound)):
      if e.type.isNumber {
        proveIndex(e, below: bound, of: "`\(text(e.range))` as an `Index<\(bound)>`")
        return TypedExpression(kind: e.kind, type: .array(.index(below: bound), []), range: e.range)
      }
      if case .array(let items) = e.kind {
        let parts = items.compactMap { item in item.type.scalar.flatMap { convertElement(item, $0, to, destination) } }
        return parts.count == items.count ? TypedExpression(kind: .array(parts), type: .array(to, e.type.shape ?? []), range: e.range) : nil
      }
      if case .spread(let value, let shape) = e.kind, let part = convertElement(value, .integer, to, destination) {
        return TypedExpression(kind: .spread(part, shape: shape), type: .array(to, shape), range: e.range)
      }
      report(.integersAsIndices(bound: bound, at: e.range))
      return nil
    case (.real, .integer), (.real, .index):
      if let integer = asInteger(e) { return convertElement(integer, integer.type.scalar ?? .integer, to, destination) }
      report(.realAsInteger(destination: destination, text: text(e.range), at: e.range))
      return nil
    case (.boolean, .real), (.boolean, .integer):
      report(.booleanAsNumber(type: to == .real ? "Float" : "Int", text: text(e.range), at: e.range))
      return nil
    case (_, .boolean), (.boolean, _):
      report(.typeMismatch(found: e.type, expected: .array(to, e.type.shape ?? []), destination: destination, at: e.range))
      return nil
    }
  }

  /// A tree checked and converted.
  mutating func check(_ tree: Expression, as type: Type, _ destination: Destination) -> TypedExpression {
    let value = check(tree, expecting: type)
    return convert(value, to: type, destination)
  }

  /// Two branches, or two elements, as values of one type.
  mutating func join(_ a: Type, _ b: Type) -> Type? {
    if a.containsError || b.containsError { return .error }
    switch (a, b) {
    case (.array(let s, let m), .array(let t, let n)):
      guard m == n || m.isEmpty || n.isEmpty else { return nil }
      let shape = m.isEmpty ? n : m
      switch (s, t) {
      case _ where s == t: return .array(s, shape)
      case (.boolean, _), (_, .boolean): return nil
      case (.real, _), (_, .real): return .array(.real, shape)
      default: return .array(.integer, shape)
      }
    case (.tuple(let x), .tuple(let y)):
      guard x.count == y.count, misplacedLabel(x, y.map(\.label)) == nil else { return nil }
      var fields: [Type.Field] = []
      for (f, g) in zip(x, y) {
        guard let type = join(f.type, g.type) else { return nil }
        fields.append(Type.Field(label: f.label ?? g.label, type: type))
      }
      return .tuple(fields)
    default: return a == b ? a : nil
    }
  }
}

extension TypedExpression {
  /// A number as it was written.
  var isLiteralNumber: Bool {
    switch kind {
    case .integer, .real: true
    default: false
    }
  }
}
