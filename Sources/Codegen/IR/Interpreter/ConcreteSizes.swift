#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif
import ModelDSL

/// Sizes as numbers, for one call.
struct ConcreteSizes {
  private(set) var values: [SizeSymbol: Int]
  private var cache: [Size: Int] = [:]

  init(_ values: [SizeSymbol: Int]) { self.values = values }

  /// The size, or an error where it is unknown, negative, not whole, or beyond what a machine can hold.
  mutating func number(_ size: Size) throws(InterpreterError) -> Int {
    if let constant = size.constant, constant >= 0 { return constant }
    if let known = cache[size] { return known }
    let number = try signedNumber(size)
    if number < 0 { throw .sizeInvalid(size, reason: "is negative: \(number)") }
    cache[size] = number
    return number
  }

  /// The same, but negative values pass.
  func signedNumber(_ size: Size) throws(InterpreterError) -> Int {
    if let missing = size.symbols.first(where: { values[$0] == nil }) { throw .sizeUnknown(missing.name) }
    guard let (numerator, denominator) = rationalValue(size) else { throw .sizeInvalid(size, reason: "is too large") }
    if numerator % denominator != 0 { throw .sizeInvalid(size, reason: "is not whole: \(numerator) / \(denominator)") }
    return numerator / denominator
  }

  /// The value of a polynomial whose symbols are all known; nil when it overflows.
  private func rationalValue(_ size: Size) -> (numerator: Int, denominator: Int)? {
    var denominator = 1
    for coefficient in size.terms.values {
      let (product, overflow) = denominator.multipliedReportingOverflow(by: coefficient.denominator)
      if overflow { return nil }
      denominator = denominator % coefficient.denominator == 0 ? denominator : product
    }
    var sum = 0
    for (monomial, coefficient) in size.terms {
      var term = coefficient.numerator
      for factor in [denominator / coefficient.denominator] + monomial.symbols.map({ values[$0] ?? 0 }) {
        let (product, overflow) = term.multipliedReportingOverflow(by: factor)
        if overflow { return nil }
        term = product
      }
      let (next, overflow) = sum.addingReportingOverflow(term)
      if overflow { return nil }
      sum = next
    }
    return (sum, denominator)
  }

  // MARK: What follows from the inputs

  /// The sizes of a call: those given, and those that follow from the inputs' shapes and numbers. Checks whatever an entry check of the
  /// generated code would: elements, shapes, bounds of indices, requirements.
  static func solved(_ procedure: Procedure, inputs: [ArrayValue], given: [SizeSymbol: Int]) throws(InterpreterError) -> ConcreteSizes {
    if inputs.count != procedure.inputs.count {
      throw .inputCount(procedure: procedure.name, expected: procedure.inputs.count, actual: inputs.count)
    }
    var sizes = ConcreteSizes(given)
    for (input, value) in zip(procedure.inputs, inputs) {
      let type = procedure.values[input.value]
      if value.element != type.element { throw .element(input: input.name, expected: type.element, actual: value.element) }
      if value.shape.count != type.shape.count {
        throw .shape(input: input.name, declared: type.shape, expected: nil, actual: value.shape)
      }
      if let symbol = input.sizeSymbol, let number = value.integers?.first { try sizes.learn(symbol, number) }
    }
    try sizes.solveShapes(procedure, inputs)
    for symbol in procedure.sizes where sizes.values[symbol] == nil { throw .sizeUnknown(symbol.name) }
    for symbol in procedure.sizes { _ = try sizes.number(Size(symbol)) }
    for root in procedure.roots {
      sizes.values[root.symbol] = SizeRoot.value(of: try sizes.number(root.radicand), degree: root.degree)
    }
    try sizes.check(procedure, inputs)
    return sizes
  }

  private mutating func learn(_ symbol: SizeSymbol, _ number: Int) throws(InterpreterError) {
    if let known = values[symbol], known != number { throw .sizeContradicts(size: symbol.name, first: known, second: number) }
    values[symbol] = number
  }

  /// Dimensions that are a symbol say what it is; then, as long as one with a single unknown is left, that is searched for.
  private mutating func solveShapes(_ procedure: Procedure, _ inputs: [ArrayValue]) throws(InterpreterError) {
    var open: [(size: Size, extent: Int)] = []
    for (input, value) in zip(procedure.inputs, inputs) {
      for (size, extent) in zip(procedure.values[input.value].shape, value.shape) {
        if let symbol = size.symbol, values[symbol] == nil { values[symbol] = extent } else { open.append((size, extent)) }
      }
    }
    var progress = true
    while progress {
      progress = false
      for (size, extent) in open {
        let unknown = size.symbols.filter { values[$0] == nil }
        guard unknown.count == 1, let solution = solution(of: size, extent, for: unknown[0]) else { continue }
        values[unknown[0]] = solution
        progress = true
      }
    }
  }

  /// The least number that makes the size the extent: at once where the size is linear in the symbol, else by trying all numbers up to
  /// Fujiwara's bound, beyond which no root of a polynomial lies.
  private func solution(of size: Size, _ extent: Int, for symbol: SizeSymbol) -> Int? {
    var coefficients: [Int: Double] = [0: -Double(extent)]
    for (monomial, coefficient) in size.terms {
      var factor = Double(coefficient.numerator) / Double(coefficient.denominator)
      for other in monomial.symbols where other != symbol { factor *= Double(values[other] ?? 0) }
      coefficients[monomial.symbols.count { $0 == symbol }, default: 0] += factor
    }
    guard let leading = coefficients.filter({ $0.key > 0 && $0.value != 0 }).max(by: { $0.key < $1.key }) else { return nil }
    var trial = self
    func solves(_ candidate: Int) -> Bool {
      trial.values[symbol] = candidate
      guard let (numerator, denominator) = trial.rationalValue(size) else { return false }
      return numerator == extent * denominator
    }
    if leading.key == 1 {
      let root = (-(coefficients[0] ?? 0) / leading.value).rounded()
      guard let candidate = Int(exactly: root), candidate >= 0, solves(candidate) else { return nil }
      return candidate
    }
    let bound = coefficients.reduce(1) {
      Swift.max($0, 2 * pow(($1.value / leading.value).magnitude, 1 / Double(Swift.max(1, leading.key - $1.key))))
    }
    return (0...Int(Swift.min(bound + 1, 1e6))).first(where: solves)
  }

  private mutating func check(_ procedure: Procedure, _ inputs: [ArrayValue]) throws(InterpreterError) {
    for (input, value) in zip(procedure.inputs, inputs) {
      let declared = procedure.values[input.value].shape
      var expected: [Int] = []
      for size in declared { expected.append(try number(size)) }
      if value.shape != expected { throw .shape(input: input.name, declared: declared, expected: expected, actual: value.shape) }
      if let size = input.indexBound, let integers = value.integers {
        let bound = try number(size)
        if let outside = integers.first(where: { $0 < 0 || $0 >= bound }) {
          throw .inputOutOfBounds(input: input.name, value: outside, bound: bound)
        }
      }
    }
    for requirement in procedure.requirements where try signedNumber(requirement.size) < 0 {
      throw .requirement(reason: requirement.reason)
    }
  }
}
