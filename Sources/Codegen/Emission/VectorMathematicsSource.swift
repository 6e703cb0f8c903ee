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
    case .pow: isSingle ? powSingle : pow
    case .reduced: isSingle ? reducedSingle : reduced
    case .sine: isSingle ? sineSingle : sine
    case .cosine: isSingle ? cosineSingle : cosine
    case .sin: sin(isSingle)
    case .cos: cos(isSingle)
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
    case .pow: isSingle ? [.abs, .round] : [.abs, .round, .logarithm, .exponential]
    case .sin, .cos: [.abs, .reduced, .sine, .cosine]
    case .tan: isSingle ? [.abs, .reduced] : [.abs, .reduced, .sine, .cosine]
    case .atan: [.atan2]
    default: []
    }
  }

  /// The functions on as many numbers in double precision that its text calls.
  static func dependenciesInDouble(_ function: MathematicalFunction, isSingle: Bool) -> [MathematicalFunction] {
    function == .pow && isSingle ? [.exp, .log] : []
  }

  /// The functions on numbers that its text calls, for the few arguments that it leaves to them.
  static func fallbacks(_ function: MathematicalFunction, isSingle: Bool) -> [MathematicalFunction] {
    [.sin, .cos, .tan].contains(function) ? [function] : []
  }

  /// A text with the types put in.
  static func instantiated(_ text: String, isSingle: Bool, lanes: Int) -> String {
    let width = isSingle ? 32 : 64
    let types: [Substring: String] = [
      "Vector": "SIMD\(lanes)<\(isSingle ? "Float" : "Double")>", "Scalar": isSingle ? "Float" : "Double",
      "Mask": "SIMDMask<SIMD\(lanes)<Int\(width)>>", "Integers": "SIMD\(lanes)<Int\(width)>", "Bits": "SIMD\(lanes)<UInt\(width)>",
      "Splitter": isSingle ? "4097" : "134217729", "Doubles": "SIMD\(lanes)<Double>",
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

    /// The one, with its sign changed where the other is negative.
    @inline(__always)
    private static func flipped(_ x: #Vector, like sign: #Vector) -> #Vector {
      let signBit: #Mask = unsafeBitCast(#Vector(repeating: -0.0), to: #Mask.self)
      let flips: #Mask = unsafeBitCast(sign, to: #Mask.self) .& signBit
      return unsafeBitCast(unsafeBitCast(x, to: #Mask.self) .^ flips, to: #Vector.self)
    }

    /// The bits that are in both.
    @inline(__always)
    private static func masked(_ bits: #Bits, _ mask: #Bits) -> #Bits {
      unsafeBitCast(unsafeBitCast(bits, to: #Mask.self) .& unsafeBitCast(mask, to: #Mask.self), to: #Bits.self)
    }

    /// What rounding took from a product (Dekker, where the machine has no fused multiplication and addition).
    @inline(__always)
    private static func lowProduct(_ a: #Vector, _ b: #Vector, _ product: #Vector) -> #Vector {
      #if arch(arm64) || GRAFT_FMA
        return multiplyAdd(a, b, #Vector.zero - product)
      #else
        let splitter: #Vector = #Vector(repeating: #Splitter)
        let scaledA: #Vector = a * splitter
        let highA: #Vector = scaledA - (scaledA - a)
        let lowA: #Vector = a - highA
        let scaledB: #Vector = b * splitter
        let highB: #Vector = scaledB - (scaledB - b)
        let lowB: #Vector = b - highB
        let first: #Vector = highA * highB - product
        let second: #Vector = first + highA * lowB
        let third: #Vector = second + lowA * highB
        return third + lowA * lowB
      #endif
    }
    """

  /// Lines that evaluate a polynomial by Horner's rule, the highest coefficient first.
  static func polynomial(_ name: String, in variable: String, _ coefficients: [String]) -> String {
    var lines = ["var \(name): #Vector = #Vector(repeating: \(coefficients[0]))"]
    for coefficient in coefficients.dropFirst() {
      lines.append("\(name) = multiplyAdd(\(name), \(variable), #Vector(repeating: \(coefficient)))")
    }
    return lines.joined(separator: "\n  ")
  }
}
