/// The texts of mathematical functions on vectors: every lane as the function on numbers, without branches.
///
/// They are written for `#Vector` (`SIMD8<Float>`, say), its `#Scalar`, `#Mask`, whole numbers of the same width `#Integers` and `#Bits`, and
/// `#Doubles`, as many numbers in double precision. Every `let` holds one operation or one sum of a product, so that the type checker
/// reads it at once.
enum VectorMathematicsSource {
  /// A function from its documentation on; nil where there is none, and the caller goes lane by lane.
  static func text(_ function: MathematicalFunction, isSingle: Bool) -> String? {
    switch function {
    case .minimum: minimum
    case .maximum: maximum
    case .abs: abs
    case .squareRoot: squareRoot
    case .floor: floor(isSingle)
    case .ceil: ceil(isSingle)
    case .round: round(isSingle)
    case .sign: sign
    case .step: step
    case .exp: exp(isSingle)
    case .expm1: expm1(isSingle)
    case .exponential: exponential(isSingle)
    case .sigmoid: sigmoid
    case .softplus: softplus
    case .tanh: isSingle ? tanhSingle : tanh
    case .sinh: sinh(isSingle)
    case .cosh: cosh(isSingle)
    case .erf: isSingle ? erfSingle : erf
    case .log: log(isSingle)
    case .log1p: log1p(isSingle)
    case .logarithm: isSingle ? nil : logarithm
    case .multiplied: isSingle ? nil : multiplied
    case .pow: isSingle ? powSingle : pow
    case .reduced: isSingle ? reducedSingle : reduced
    case .sine: isSingle ? sineSingle : sine
    case .cosine: isSingle ? cosineSingle : cosine
    case .sin: sin(isSingle)
    case .cos: cos(isSingle)
    case .sineAndCosine: sineAndCosine(isSingle)
    case .tan: isSingle ? tanSingle : tan
    case .atan: atan
    case .atan2: atan2(isSingle)
    case .asin: asin(isSingle)
    case .acos: acos(isSingle)
    default: nil
    }
  }

  /// The other functions on vectors that its text calls.
  static func dependencies(_ function: MathematicalFunction, isSingle: Bool) -> [MathematicalFunction] {
    switch function {
    case .squareRoot, .floor, .ceil, .round, .asin, .acos, .atan2: [.abs]
    case .sigmoid: [.exp]
    case .softplus: [.exp, .log1p]
    case .tanh: isSingle ? [.abs, .exp] : [.abs]
    case .sinh, .cosh: [.abs, .exponential]
    case .erf: [.abs, .exp]
    case .pow: isSingle ? [.abs, .round] : [.abs, .round, .logarithm, .multiplied, .exponential]
    case .sin, .cos, .sineAndCosine: [.abs, .reduced, .sine, .cosine]
    case .tan: isSingle ? [.abs, .reduced] : [.abs, .reduced, .sine, .cosine, .multiplied]
    case .atan: [.atan2]
    case .logarithm: [.multiplied]
    default: []
    }
  }

  /// The functions on as many numbers in double precision that its text calls.
  static func dependenciesInDouble(_ function: MathematicalFunction, isSingle: Bool) -> [MathematicalFunction] {
    function == .pow && isSingle ? [.exp, .log] : []
  }

  /// The functions on numbers that its text calls, for the few arguments that it leaves to them.
  static func fallbacks(_ function: MathematicalFunction, isSingle: Bool) -> [MathematicalFunction] {
    if function == .sineAndCosine { return [.sin, .cos] }
    return [.sin, .cos, .tan].contains(function) ? [function] : []
  }

  /// A text with the types put in.
  static func instantiated(_ text: String, isSingle: Bool, lanes: Int) -> String {
    let width = isSingle ? 32 : 64
    let types: [Substring: String] = [
      "Vector": "SIMD\(lanes)<\(isSingle ? "Float" : "Double")>", "Scalar": isSingle ? "Float" : "Double",
      "Mask": "SIMDMask<SIMD\(lanes)<Int\(width)>>", "Integers": "SIMD\(lanes)<Int\(width)>", "Bits": "SIMD\(lanes)<UInt\(width)>",
      "Doubles": "SIMD\(lanes)<Double>",
    ]
    let parts = text.split(separator: "#", omittingEmptySubsequences: false)
    return parts.dropFirst().reduce(into: String(parts[0])) { result, part in
      let name = part.prefix { $0.isLetter }
      result += types[name].map { $0 + part.dropFirst(name.count) } ?? "#" + part
    }
  }

  /// What the texts of every type of vector call.
  static let helpers = """
    /// a * b + c, in one rounding where the machine has it.
    @inline(__always)
    private static func multiplyAdd(_ a: #Vector, _ b: #Vector, _ c: #Vector) -> #Vector {
      #if arch(arm64) || GRAFT_FMA
        return c.addingProduct(a, b)
      #else
        return a * b + c
      #endif
    }

    /// a where the mask holds, b elsewhere.
    @inline(__always)
    private static func chosen(_ mask: #Mask, _ a: #Vector, _ b: #Vector) -> #Vector {
      let first: #Mask = unsafeBitCast(a, to: #Mask.self)
      let second: #Mask = unsafeBitCast(b, to: #Mask.self)
      return unsafeBitCast(second.replacing(with: first, where: mask), to: #Vector.self)
    }

    /// The magnitude of one with the sign of the other.
    @inline(__always)
    private static func signed(_ magnitude: #Vector, like sign: #Vector) -> #Vector {
      let signBit: #Mask = unsafeBitCast(#Vector(repeating: -0.0), to: #Mask.self)
      let first: #Mask = unsafeBitCast(magnitude, to: #Mask.self) .& .!signBit
      let second: #Mask = unsafeBitCast(sign, to: #Mask.self) .& signBit
      return unsafeBitCast(first .| second, to: #Vector.self)
    }
    """

  /// Lines that evaluate a polynomial, the highest coefficient first. It goes by Horner's rule in the square of the variable, over pairs of
  /// terms: as many operations, and a chain of half the length.
  static func polynomial(_ name: String, in variable: String, square known: String? = nil, _ coefficients: [String]) -> String {
    func constant(_ i: Int) -> String { "#Vector(repeating: \(coefficients[i]))" }
    let square = known ?? variable + "Square"
    var lines = known == nil ? ["let \(square): #Vector = \(variable) * \(variable)"] : []
    var next = coefficients.count % 2 == 0 ? 2 : 1
    let first = next == 1 ? constant(0) : "multiplyAdd(\(variable), \(constant(0)), \(constant(1)))"
    lines.append("var \(name): #Vector = \(first)")
    while next < coefficients.count {
      lines.append("let \(name)\(next): #Vector = multiplyAdd(\(variable), \(constant(next)), \(constant(next + 1)))")
      lines.append("\(name) = multiplyAdd(\(name), \(square), \(name)\(next))")
      next += 2
    }
    return lines.joined(separator: "\n  ")
  }
}
