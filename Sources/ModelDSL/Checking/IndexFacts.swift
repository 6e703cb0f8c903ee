// Integers as polynomials, facts about them from ranges and conditions, and the proof that an index lies inside its axis.

extension Checker {
  /// The value of an integer expression as a polynomial; what is not one becomes a symbol of its own, with what is known about it.
  mutating func polynomial(of e: TypedExpression) -> Size {
    switch e.kind {
    case .integer(let value): return Size.isSafe(value) ? Size(value) : atom(for: e)
    case .size(let size): return size
    case .primitive(.add, let o): return polynomial(of: o[0]) + polynomial(of: o[1])
    case .primitive(.subtract, let o): return polynomial(of: o[0]) - polynomial(of: o[1])
    case .primitive(.multiply, let o):
      let (a, b) = (polynomial(of: o[0]), polynomial(of: o[1]))
      return a.degree + b.degree <= 6 && a.terms.count * b.terms.count <= 64 ? a * b : atom(for: e)
    case .primitive(.negate, let o): return Size(0) - polynomial(of: o[0])
    case .primitive(.realFromInteger, let o): return polynomial(of: o[0])
    case .primitive(.quotient, let o):
      let dividend = polynomial(of: o[0])
      if let divisor = polynomial(of: o[1]).constant, let quotient = dividend.exactQuotient(by: divisor) { return quotient }
      return atom(for: e)
    case .primitive(.modulo, let o):
      guard let dividend = polynomial(of: o[0]).constant, let divisor = polynomial(of: o[1]).constant, divisor > 0 else {
        return atom(for: e)
      }
      let rest = dividend % divisor
      return Size(rest < 0 ? rest + divisor : rest)
    case .call(.function(let id), _, let sizes, _):
      // A function that gives a size, such as `length`.
      let body = functions[id.index].body
      if body.statements.isEmpty, case .size(let size) = body.value.kind { return size.substituting(sizes) }
      return atom(for: e)
    case .variable(let id):
      if let value = integerValues[id] { return value }
      if let symbol = context.sizeParameters[id] { return Size(symbol) }
      return atom(for: e)
    default: return atom(for: e)
    }
  }

  /// The symbol that stands for an integer that is not a polynomial of others.
  private mutating func atom(for e: TypedExpression) -> Size {
    let key = valueKey(e)
    if let symbol = atoms.symbols[key] { return Size(symbol) }
    let symbol = newSymbol(text(e.range))
    let this = Size(symbol)
    atoms.symbols[key] = symbol
    atoms.all.insert(symbol)
    if case .array(.index(let bound), _) = e.type { atoms.facts[symbol] = [this, bound - Size(1) - this] }
    switch e.kind {
    case .primitive(.modulo, let o):
      let divisor = polynomial(of: o[1])
      if divisor.constant.map({ $0 > 0 }) ?? !divisor.symbols.contains(where: { atoms.all.contains($0) }) {
        atoms.facts[symbol] = [this, divisor - Size(1) - this]
      }
    case .primitive(.quotient, let o):
      let dividend = polynomial(of: o[0])
      if let divisor = polynomial(of: o[1]).constant, divisor > 0 {
        let product = this * Size(divisor)
        atoms.facts[symbol] = [dividend - product, product + Size(divisor - 1) - dividend]
      }
    case .primitive(.minimum, let o):
      let (a, b) = (polynomial(of: o[0]), polynomial(of: o[1]))
      atoms.cases[symbol] = [.init(value: a, facts: [b - a]), .init(value: b, facts: [a - b])]
    case .primitive(.maximum, let o):
      let (a, b) = (polynomial(of: o[0]), polynomial(of: o[1]))
      atoms.cases[symbol] = [.init(value: a, facts: [a - b]), .init(value: b, facts: [b - a])]
    case .primitive(.abs, let o):
      let a = polynomial(of: o[0])
      atoms.cases[symbol] = [.init(value: a, facts: [a]), .init(value: Size(0) - a, facts: [Size(0) - a])]
    case .primitive(.integerFromBoolean, _): atoms.facts[symbol] = [this, Size(1) - this]
    case .conditional(let condition, let a, let b) where a.statements.isEmpty && b.statements.isEmpty:
      atoms.cases[symbol] = [
        .init(value: polynomial(of: a.value), facts: facts(from: condition, holds: true)),
        .init(value: polynomial(of: b.value), facts: facts(from: condition, holds: false)),
      ]
    default: break
    }
    return this
  }

  /// The same text for expressions that have the same value in one context.
  private func valueKey(_ e: TypedExpression) -> String {
    func list(_ items: [TypedExpression]) -> String { items.map(valueKey).joined(separator: ",") }
    switch e.kind {
    case .integer(let value): return String(value)
    case .real(let value): return "\(value)"
    case .size(let size): return "<\(size.orderedTerms.map { "\($0.coefficient)\($0.monomial.symbols.map(\.id))" })>"
    case .variable(let id): return "v\(id.index).\(stateVersion(id))"
    case .next(let id): return "n\(id.index).\(stateVersion(id))"
    case .primitive(let p, let operands): return "\(p.rawValue)(\(list(operands)))"
    case .element(let base, let place): return "\(valueKey(base)).\(place)"
    case .fold(let reduction, let base): return "\(reduction.rawValue)(\(valueKey(base)))"
    case .subscripted(let base, let subscripts):
      let places = subscripts.map { item -> String in
        switch item {
        case .index(let index): valueKey(index)
        case .range(let lower, _): valueKey(lower) + "..."
        case .all: ".."
        }
      }
      return "\(valueKey(base))[\(places.joined(separator: ","))]"
    default:
      // Anything else equals itself only: the place where it is written.
      return "@\(e.range.file.index):\(e.range.lower):\(e.range.upper):\(context.loops.count):\(variables.count)"
    }
  }

  /// A state has another value in each loop and after it; entering and leaving a loop begins an epoch.
  private func stateVersion(_ id: VariableID) -> Int {
    guard variables[id.index].role == .state else { return 0 }
    return stateEpoch
  }

  /// What an integer condition says when it holds, or when it does not.
  mutating func facts(from condition: TypedExpression, holds: Bool) -> [Size] {
    if condition.type.containsError { return [] }
    switch condition.kind {
    case .shortCircuit(let isAnd, let a, let b):
      guard isAnd == holds else { return [] }
      let first = facts(from: a, holds: holds)
      context.facts += first
      let second = facts(from: b, holds: holds)
      context.facts.removeLast(first.count)
      return first + second
    case .primitive(.not, let o): return facts(from: o[0], holds: !holds)
    case .variable(let id): return conditionValues[id].map { facts(from: $0, holds: holds) } ?? []
    case .primitive(let comparison, let o) where o.count == 2:
      guard let left = asInteger(o[0]) ?? o[0].wholeNumber, let right = asInteger(o[1]) ?? o[1].wholeNumber else { return [] }
      let difference = polynomial(of: right) - polynomial(of: left)
      switch (comparison, holds) {
      case (.less, true), (.greaterOrEqual, false): return [difference - Size(1)]
      case (.lessOrEqual, true), (.greater, false): return [difference]
      case (.greater, true), (.lessOrEqual, false): return [Size(0) - difference - Size(1)]
      case (.greaterOrEqual, true), (.less, false): return [Size(0) - difference]
      case (.equal, true), (.notEqual, false): return [difference, Size(0) - difference]
      case (.notEqual, true), (.equal, false):
        // What is known to be at least 0, and is not 0, is at least 1.
        if isProven(difference) { return [difference - Size(1)] }
        if isProven(Size(0) - difference) { return [Size(0) - difference - Size(1)] }
        return []
      default: return []
      }
    default: return []
    }
  }

  /// Whether a condition on numbers that are known when code is generated holds; nil for any other.
  mutating func knownTruth(_ condition: TypedExpression) -> Bool? {
    switch condition.kind {
    case .boolean(let truth): return truth
    case .variable(let id): return conditionValues[id].flatMap { knownTruth($0) }
    case .primitive(.not, let o): return knownTruth(o[0]).map { !$0 }
    case .shortCircuit(let isAnd, let a, let b):
      guard let first = knownTruth(a) else { return nil }
      return first == isAnd ? knownTruth(b) : first
    case .primitive(let comparison, let o) where o.count == 2:
      guard let left = asInteger(o[0]) ?? o[0].wholeNumber, let right = asInteger(o[1]) ?? o[1].wholeNumber,
        let difference = (polynomial(of: left) - polynomial(of: right)).constant
      else { return nil }
      switch comparison {
      case .less: return difference < 0
      case .lessOrEqual: return difference <= 0
      case .greater: return difference > 0
      case .greaterOrEqual: return difference >= 0
      case .equal: return difference == 0
      case .notEqual: return difference != 0
      default: return nil
      }
    default: return nil
    }
  }

  mutating func withFacts<Result>(_ facts: [Size], _ body: (inout Checker) -> Result) -> Result {
    let count = context.facts.count
    context.facts += facts
    let result = body(&self)
    context.facts.removeLast(context.facts.count - count)
    return result
  }

  private func isProven(_ goal: Size) -> Bool {
    var prover = InequalityProver(atoms: atoms)
    return prover.prove(goal, facts: context.requirements.map(\.size) + context.facts) == .proven
  }

  /// Shows that `goal` is not negative, at the price of requirements on sizes; false where it cannot be shown.
  mutating func establish(_ goal: Size, reason: String, at range: SourceRange) -> Bool {
    var prover = InequalityProver(atoms: atoms)
    switch prover.prove(goal, facts: context.requirements.map(\.size) + context.facts) {
    case .proven: return true
    case .requires(let sizes):
      for size in sizes { require(size, reason: "\(reason) needs \(size.asCondition)", at: range) }
      return true
    case .unknown, .refuted: return false
    }
  }

  /// Adds a condition on sizes to what is checked when the function is entered.
  mutating func require(_ size: Size, reason: String, at range: SourceRange) {
    let requirement = SizeRequirement(size: size.withWholeCoefficients, reason: reason, range: range)
    if !context.requirements.contains(where: { $0.size == requirement.size }) { context.requirements.append(requirement) }
  }

  /// Shows that `e` lies in `0 ..< bound`, or reports that it may not.
  mutating func proveIndex(_ e: TypedExpression, below bound: Size, of what: String) {
    if context.brokenConditions > 0 { return }
    let value = polynomial(of: e)
    let text = self.text(e.range)
    if value.symbols.isEmpty, let index = value.constant, let size = bound.constant {
      if index < 0 || index >= size { report(.indexOutOfRange(index: index, size: size, what: what, at: e.range)) }
      return
    }
    let isLow = !establish(value, reason: what, at: e.range)
    let isHigh = !establish(bound - Size(1) - value, reason: what, at: e.range)
    if isLow || isHigh { report(.indexNotProven(text: text, bound: bound, isLow: isLow, isHigh: isHigh, at: e.range)) }
  }
}

extension Type {
  /// A single `Int` or `Index`.
  var isIntegerNumber: Bool {
    switch self {
    case .array(.integer, let shape), .array(.index, let shape): shape.isEmpty
    default: false
    }
  }
}

extension TypedExpression {
  /// A literal that was widened, as the integer that it was.
  fileprivate var wholeNumber: TypedExpression? {
    guard case .real(let value) = kind, value.rounded() == value, value.magnitude < 1e9 else { return nil }
    return TypedExpression(kind: .integer(Int(value)), type: .integer, range: range)
  }
}

extension Size {
  /// Numbers beyond this would overflow in products; they stay numbers, but are no sizes.
  static func isSafe(_ value: Int) -> Bool { value.magnitude < 1 << 31 }

  /// The polynomial divided by a number that divides its value for all integers: `d * (d - 1)` by 2.
  func exactQuotient(by divisor: Int) -> Size? {
    let symbols = symbols
    guard (1...8).contains(divisor), symbols.count <= 3, terms.values.allSatisfy({ $0.denominator == 1 }) else { return nil }
    var residues: [[SizeSymbol: Int]] = [[:]]
    for symbol in symbols {
      residues = residues.flatMap { known in (0..<divisor).map { known.merging([symbol: $0]) { _, new in new } } }
    }
    guard residues.allSatisfy({ (evaluated($0) ?? 1) % divisor == 0 }) else { return nil }
    return divided(by: divisor)
  }

  /// A positive multiple without fractions: it has the same sign, and can be worked out in whole numbers.
  var withWholeCoefficients: Size { terms.values.reduce(self) { $0.scaled(by: Coefficient($1.denominator)) } }

  var degree: Int { terms.keys.map(\.symbols.count).max() ?? 0 }

  /// `self >= 0` as a user would write it: `n >= 1`, `m >= n`.
  var asCondition: String {
    let negative = Size(terms: terms.filter { $0.value.numerator < 0 })
    return "\(self - negative) >= \(Size(0) - negative)"
  }
}
