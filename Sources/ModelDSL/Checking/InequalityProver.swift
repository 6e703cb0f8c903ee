/// What is known of integers that are not sizes: each stands in polynomials as a symbol of its own.
struct Atoms: Sendable {
  /// By a text that is the same for expressions that must have the same value.
  var symbols: [String: SizeSymbol] = [:]
  /// Facts that hold wherever the symbol has a value; each polynomial is not negative.
  var facts: [SizeSymbol: [Size]] = [:]
  /// The symbol equals the value of one of the cases, whose facts hold then: `min`, `max`, `abs`, `if`.
  var cases: [SizeSymbol: [Case]] = [:]
  /// Symbols that do not stand for sizes.
  var all: Set<SizeSymbol> = []

  struct Case: Sendable {
    var value: Size
    var facts: [Size]
  }
}

/// Proves that polynomials over sizes and integers are not negative, by putting bounds in the place of symbols. It knows that sizes are
/// not negative.
struct InequalityProver {
  enum Answer: Equatable {
    case proven
    /// Holds where these polynomials of sizes alone are not negative.
    case requires([Size])
    case unknown
    /// Cannot hold.
    case refuted
  }

  let atoms: Atoms
  private(set) var budget = 600

  init(atoms: Atoms) { self.atoms = atoms }

  mutating func prove(_ goal: Size, facts: [Size]) -> Answer {
    var known = facts
    var seen: Set<SizeSymbol> = []
    collectFacts(of: goal.symbols, into: &known, seen: &seen)
    for fact in facts { collectFacts(of: fact.symbols, into: &known, seen: &seen) }
    budget = 600
    return search(goal, known, isWhole: true, depth: 8)
  }

  private func collectFacts(of symbols: [SizeSymbol], into facts: inout [Size], seen: inout Set<SizeSymbol>) {
    for symbol in symbols where atoms.all.contains(symbol) && seen.insert(symbol).inserted {
      for fact in atoms.facts[symbol] ?? [] {
        facts.append(fact)
        collectFacts(of: fact.symbols, into: &facts, seen: &seen)
      }
      for item in atoms.cases[symbol] ?? [] { collectFacts(of: item.value.symbols, into: &facts, seen: &seen) }
    }
  }

  /// `goal` is at most what is to be shown. Where that is a whole number, being above -1 is enough.
  private mutating func search(_ goal: Size, _ facts: [Size], isWhole: Bool, depth: Int) -> Answer {
    if let split = goal.symbols.last(where: { atoms.cases[$0] != nil }) {
      return proveCases(goal, split, facts, isWhole: isWhole, depth: depth)
    }
    if isClearlyNonnegative(goal, facts) || isWhole && isClearlyNonnegative(goal.roundedUp, facts) { return .proven }
    let isSizeOnly = goal.symbols.allSatisfy { !atoms.all.contains($0) }
    if goal.symbols.isEmpty { return .refuted }
    var fallback: Answer = isSizeOnly ? (isHopeless(goal) ? .refuted : .requires([goal])) : .unknown
    guard depth > 0 else { return fallback }
    // Integers go first, sizes only to use facts about them.
    let symbols = goal.symbols.sorted { a, b in
      let (x, y) = (atoms.all.contains(a), atoms.all.contains(b))
      return x == y ? a > b : x
    }
    for symbol in symbols {
      let (coefficient, rest) = goal.split(by: symbol)
      guard let sign = sign(of: coefficient, facts, depth: depth) else { continue }
      for fact in facts.reversed() {
        guard let bound = fact.bound(on: symbol, isLower: sign > 0) else { continue }
        budget -= 1
        if budget <= 0 { return fallback }
        let answer = search(coefficient * bound + rest, facts, isWhole: isWhole, depth: depth - 1)
        switch answer {
        case .proven: return .proven
        case .requires: if fallback == .unknown { fallback = answer }
        case .unknown, .refuted: break
        }
      }
    }
    return fallback
  }

  private mutating func proveCases(_ goal: Size, _ split: SizeSymbol, _ facts: [Size], isWhole: Bool, depth: Int) -> Answer {
    guard depth > 0 else { return .unknown }
    var requirements: [Size] = []
    for item in atoms.cases[split] ?? [] {
      var known = facts.map { $0.substituting([split: item.value]) }
      known += item.facts
      var seen: Set<SizeSymbol> = []
      for fact in item.facts { collectFacts(of: fact.symbols, into: &known, seen: &seen) }
      switch search(goal.substituting([split: item.value]), known, isWhole: isWhole, depth: depth - 1) {
      case .proven: break
      case .requires(let sizes): requirements += sizes
      case .unknown: return .unknown
      case .refuted: return .refuted
      }
    }
    return requirements.isEmpty ? .proven : .requires(requirements)
  }

  /// +1 or -1 where the sign of a coefficient is certain.
  private mutating func sign(of coefficient: Size, _ facts: [Size], depth: Int) -> Int? {
    if isClearlyNonnegative(coefficient, facts) { return 1 }
    let negated = Size(0) - coefficient
    if isClearlyNonnegative(negated, facts) { return -1 }
    guard depth > 2, !coefficient.symbols.isEmpty else { return nil }
    if search(coefficient, facts, isWhole: false, depth: 2) == .proven { return 1 }
    if search(negated, facts, isWhole: false, depth: 2) == .proven { return -1 }
    return nil
  }

  /// Every term is a product of what is not negative, or a fact says it in so many words.
  private func isClearlyNonnegative(_ size: Size, _ facts: [Size]) -> Bool {
    if facts.contains(size) { return true }
    return size.terms.allSatisfy { monomial, coefficient in
      if coefficient.numerator < 0 { return false }
      return monomial.symbols.allSatisfy { symbol in !atoms.all.contains(symbol) || facts.contains(Size(symbol)) }
    }
  }

  /// Negative for all sizes but perhaps 0.
  private func isHopeless(_ size: Size) -> Bool { size.terms.allSatisfy { $0.value.numerator < 0 } }
}

extension Size {
  /// With a constant part between -1 and 0 made 0.
  fileprivate var roundedUp: Size {
    guard let constant = terms[Monomial([])], constant.numerator < 0, -constant.numerator < constant.denominator else { return self }
    return Size(terms: terms.filter { !$0.key.symbols.isEmpty })
  }

  /// `self = coefficient * symbol + rest`, `rest` without the symbol, one factor of each power taken out.
  func split(by symbol: SizeSymbol) -> (coefficient: Size, rest: Size) {
    var coefficient: [Monomial: Coefficient] = [:]
    var rest: [Monomial: Coefficient] = [:]
    for (monomial, value) in terms {
      if let place = monomial.symbols.firstIndex(of: symbol) {
        var symbols = monomial.symbols
        symbols.remove(at: place)
        coefficient[Monomial(symbols)] = value
      } else {
        rest[monomial] = value
      }
    }
    return (Size(terms: coefficient), Size(terms: rest))
  }

  /// The bound on a symbol that `self >= 0` says, where the symbol occurs once with a number in front.
  func bound(on symbol: SizeSymbol, isLower: Bool) -> Size? {
    let (coefficient, rest) = split(by: symbol)
    guard coefficient.terms.count == 1, let number = coefficient.terms[Monomial([])], number.numerator != 0 else { return nil }
    guard (number.numerator > 0) == isLower else { return nil }
    return rest.scaled(by: Coefficient(-number.denominator, over: number.numerator))
  }
}
