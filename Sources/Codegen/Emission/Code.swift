import ModelDSL

/// An expression in Swift with how tightly it binds.
struct Code {
  enum Precedence: Int, Comparable {
    case ternary, or, and, comparison, sum, product, prefix, atom
    static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
  }
  var text: String
  var precedence: Precedence

  init(_ text: String, _ precedence: Precedence = .atom) {
    self.text = text
    self.precedence = precedence
  }

  /// In parentheses where it binds less tightly than asked.
  func within(_ least: Precedence) -> String { precedence < least ? "(" + text + ")" : text }

  static func infix(_ a: Code, _ symbol: String, _ b: Code, _ precedence: Precedence) -> Code {
    // The right side of an operator that is not associative, and any comparison's sides, bind tighter.
    let right = Precedence(rawValue: precedence.rawValue + 1)!
    let isChained = precedence != .comparison
    return Code(a.within(isChained ? precedence : right) + " " + symbol + " " + b.within(right), precedence)
  }
}

extension Size {
  /// The size in Swift, with wrapping arithmetic.
  func code(_ name: (SizeSymbol) -> String) -> Code {
    if let constant { return Code(String(constant), constant < 0 ? .prefix : .atom) }
    let denominator = terms.values.reduce(1) { leastCommonMultiple($0, $1.denominator) }
    let whole = scaled(by: Coefficient(denominator))
    var result: Code?
    // A positive term first: no leading sign.
    let ordered = whole.orderedTerms
    let terms = ordered.filter { $0.coefficient.numerator > 0 } + ordered.filter { $0.coefficient.numerator < 0 }
    for (monomial, coefficient) in terms {
      let magnitude = abs(coefficient.numerator)
      var factors = monomial.symbols.map { Code(name($0)) }
      if magnitude != 1 || factors.isEmpty { factors.append(Code(String(magnitude))) }
      let product = factors.dropFirst().reduce(factors[0]) { .infix($0, "&*", $1, .product) }
      if let sum = result {
        result = .infix(sum, coefficient.numerator < 0 ? "&-" : "&+", product, .sum)
      } else {
        result = coefficient.numerator < 0 ? .infix(Code("0"), "&-", product, .sum) : product
      }
    }
    let sum = result ?? Code("0")
    return denominator == 1 ? sum : .infix(sum, "/", Code(String(denominator)), .product)
  }

  /// Whether the value may fail to be whole.
  var hasDenominator: Bool { terms.values.contains { $0.denominator != 1 } }
}

private func leastCommonMultiple(_ a: Int, _ b: Int) -> Int {
  func gcd(_ a: Int, _ b: Int) -> Int { b == 0 ? a : gcd(b, a % b) }
  return a / gcd(a, b) * b
}

extension Precision {
  var bytes: Int { self == .single ? 4 : 8 }

  /// A literal of this precision.
  func literal(_ value: Double) -> Code {
    if value.isNaN { return Code(rawValue + ".nan") }
    if value.isInfinite { return value > 0 ? Code(rawValue + ".infinity") : Code("-" + rawValue + ".infinity", .prefix) }
    var text = value == value.rounded(.towardZero) && abs(value) < 1e15 ? integral(value) : "\(value)"
    if self == .single {
      let single = Float(value)
      if single.isInfinite { return value > 0 ? Code("Float.infinity") : Code("-Float.infinity", .prefix) }
      text = single == single.rounded(.towardZero) && abs(single) < 1e7 ? integral(Double(single)) : "\(single)"
    }
    return Code(text, text.hasPrefix("-") ? .prefix : .atom)
  }

  func written(_ constant: Constant) -> String {
    switch constant {
    case .real(let number): literal(number).text
    case .integer(let number): String(number)
    case .boolean(let truth): String(truth)
    }
  }

  /// `3`, which an annotated type makes a floating-point number; `-0.0` keeps its sign.
  private func integral(_ value: Double) -> String {
    if value == 0 && value.sign == .minus { return "-0.0" }
    return String(Int(value))
  }
}

extension Element {
  /// As a number in a function.
  func swiftType(_ precision: Precision) -> String {
    switch self {
    case .real: precision.rawValue
    case .integer: "Int"
    case .boolean: "Bool"
    }
  }

  /// As an element of a buffer.
  func storedType(_ precision: Precision) -> String { self == .integer ? "Int32" : swiftType(precision) }

  func bytes(_ precision: Precision) -> Int {
    switch self {
    case .real: precision.bytes
    case .integer: 4
    case .boolean: 1
    }
  }
}
