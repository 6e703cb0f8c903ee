/// A size that is known only when the generated function is called: `time`, `batch`, or the `n` of `x: Float[n]`.
public struct SizeSymbol: Hashable, Sendable, Comparable {
  /// Unique within one compilation.
  public let id: Int
  public let name: String
  public init(id: Int, name: String) {
    self.id = id
    self.name = name
  }
  public static func < (a: SizeSymbol, b: SizeSymbol) -> Bool { a.id < b.id }
}

/// A size: a polynomial over size symbols with rational coefficients, in canonical form, so that equal polynomials are equal values.
/// `d * (d - 1) / 2` is `1/2 d^2 - 1/2 d`; that the value is whole and not negative is checked where sizes become known.
public struct Size: Hashable, Sendable {
  /// A product of symbols, sorted, with repetition for powers; empty for the constant term.
  public struct Monomial: Hashable, Sendable {
    public let symbols: [SizeSymbol]
    public init(_ symbols: [SizeSymbol]) { self.symbols = symbols.sorted() }
  }

  public struct Coefficient: Hashable, Sendable {
    public let numerator: Int
    /// Positive, without a common factor with the numerator.
    public let denominator: Int
    public init(_ numerator: Int, over denominator: Int = 1) {
      func gcd(_ a: Int, _ b: Int) -> Int { b == 0 ? a : gcd(b, a % b) }
      let divisor = max(1, gcd(abs(numerator), abs(denominator))) * (denominator < 0 ? -1 : 1)
      self.numerator = numerator / divisor
      self.denominator = denominator / divisor
    }
    static func + (a: Self, b: Self) -> Self {
      let numerator = limited(a.numerator, times: b.denominator).addingReportingOverflow(limited(b.numerator, times: a.denominator))
      return Coefficient(numerator.overflow ? limit : numerator.partialValue, over: limited(a.denominator, times: b.denominator))
    }
    static func * (a: Self, b: Self) -> Self {
      Coefficient(limited(a.numerator, times: b.numerator), over: limited(a.denominator, times: b.denominator))
    }

    /// No size comes near it; a product that does stays there, so that absurd numbers in a source do not overflow.
    private static let limit = 1 << 62
    private static func limited(_ a: Int, times b: Int) -> Int {
      let (product, overflow) = a.multipliedReportingOverflow(by: b)
      if !overflow, product.magnitude < limit.magnitude { return product }
      return (a < 0) == (b < 0) ? limit : -limit
    }
  }

  /// No coefficient is zero.
  public let terms: [Monomial: Coefficient]

  public init(terms: [Monomial: Coefficient]) { self.terms = terms.filter { $0.value.numerator != 0 } }
  public init(_ constant: Int) { self.init(terms: [Monomial([]): Coefficient(constant)]) }
  public init(_ symbol: SizeSymbol) { self.init(terms: [Monomial([symbol]): Coefficient(1)]) }

  /// The value, where no symbol occurs and it is whole.
  public var constant: Int? {
    if terms.isEmpty { return 0 }
    guard terms.count == 1, let value = terms[Monomial([])], value.denominator == 1 else { return nil }
    return value.numerator
  }

  /// The symbol, where the size is just one.
  public var symbol: SizeSymbol? {
    guard terms.count == 1, let (monomial, coefficient) = terms.first, monomial.symbols.count == 1, coefficient == Coefficient(1) else {
      return nil
    }
    return monomial.symbols[0]
  }

  /// All symbols that occur, in order.
  public var symbols: [SizeSymbol] { Array(Set(terms.keys.flatMap(\.symbols))).sorted() }

  public static func + (a: Size, b: Size) -> Size { Size(terms: a.terms.merging(b.terms) { $0 + $1 }) }
  public static func - (a: Size, b: Size) -> Size { a + b.scaled(by: Coefficient(-1)) }
  public static func * (a: Size, b: Size) -> Size {
    var product: [Monomial: Coefficient] = [:]
    for (m, c) in a.terms {
      for (n, d) in b.terms {
        product[Monomial(m.symbols + n.symbols), default: Coefficient(0)] =
          product[Monomial(m.symbols + n.symbols), default: Coefficient(0)] + c * d
      }
    }
    return Size(terms: product)
  }
  public func divided(by divisor: Int) -> Size { scaled(by: Coefficient(1, over: divisor)) }
  public func scaled(by factor: Coefficient) -> Size { Size(terms: terms.mapValues { $0 * factor }) }

  /// The size with symbols replaced; a symbol that is not in `replacement` stays.
  public func substituting(_ replacement: [SizeSymbol: Size]) -> Size {
    if terms.isEmpty || replacement.isEmpty { return self }
    var result = Size(0)
    for (monomial, coefficient) in terms {
      var product = Size(terms: [Monomial([]): coefficient])
      for symbol in monomial.symbols { product = product * (replacement[symbol] ?? Size(symbol)) }
      result = result + product
    }
    return result
  }

  /// The value for given symbols; nil where one is missing or the value is not whole.
  public func evaluated(_ values: [SizeSymbol: Int]) -> Int? {
    substituting(values.mapValues { Size($0) }).constant
  }

  /// Terms in a fixed order: by degree downwards, then by symbols.
  public var orderedTerms: [(monomial: Monomial, coefficient: Coefficient)] {
    terms.map { (monomial: $0.key, coefficient: $0.value) }.sorted { a, b in
      if a.monomial.symbols.count != b.monomial.symbols.count { return a.monomial.symbols.count > b.monomial.symbols.count }
      return a.monomial.symbols.lexicographicallyPrecedes(b.monomial.symbols)
    }
  }
}

extension Size: CustomStringConvertible {
  /// As a user would write it: `2 * n + 1`, `(d * d - d) / 2`.
  public var description: String {
    let denominator = terms.values.reduce(1) { max($0, $1.denominator) }
    let whole = scaled(by: Coefficient(denominator))
    var text = ""
    for (monomial, coefficient) in whole.orderedTerms {
      let magnitude = abs(coefficient.numerator)
      var factors = monomial.symbols.map(\.name)
      if magnitude != 1 || factors.isEmpty { factors.insert(String(magnitude), at: 0) }
      let sign = coefficient.numerator < 0 ? (text.isEmpty ? "-" : " - ") : (text.isEmpty ? "" : " + ")
      text += sign + factors.joined(separator: " * ")
    }
    if text.isEmpty { text = "0" }
    if denominator == 1 { return text }
    return (whole.terms.count > 1 ? "(\(text))" : text) + " / \(denominator)"
  }
}
