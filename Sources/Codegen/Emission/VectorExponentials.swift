extension VectorMathematicsSource {
  static let expSingle = """
    /// e^x: x = n ln 2 + r, a polynomial in r, and n in the exponent.
    @inline(__always)
    private static func exp(_ x: #Vector) -> #Vector {
      let above: #Vector = chosen(x .< #Vector(repeating: -104), #Vector(repeating: -104), x)
      let bounded: #Vector = chosen(above .> #Vector(repeating: 89), #Vector(repeating: 89), above)
      // Adding 1.5 * 2^23 rounds to a whole number, which then stands in the low bits.
      let shifter: #Vector = #Vector(repeating: 12582912)
      let shifted: #Vector = multiplyAdd(bounded, #Vector(repeating: 1.442695), shifter)
      let n: #Vector = shifted - shifter
      let high: #Vector = multiplyAdd(n, #Vector(repeating: -0.693115234375), bounded)
      let r: #Vector = multiplyAdd(n, #Vector(repeating: -3.1946183e-05), high)
      \(polynomial("p", in: "r", ["0.0013926927", "0.008363774", "0.04166655", "0.16666573", "0.5"]))
      let square: #Vector = r * r
      let rest: #Vector = multiplyAdd(square, p, r)
      let y: #Vector = rest + #Vector(repeating: 1)
      // In two factors: the result may be subnormal.
      let bits: #Bits = unsafeBitCast(shifted, to: #Bits.self)
      let half: #Bits = bits &>> #Bits(repeating: 1)
      let otherHalf: #Bits = bits &- half
      let one: #Bits = #Bits(repeating: 0x3F800000)
      let first: #Bits = half &* #Bits(repeating: 0x800000) &+ one
      let second: #Bits = otherHalf &* #Bits(repeating: 0x800000) &+ one
      let scaled: #Vector = y * unsafeBitCast(first, to: #Vector.self)
      return scaled * unsafeBitCast(second, to: #Vector.self)
    }
    """

  /// Coefficients of (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2.
  static let exponentialSeries = [
    "2.0915442297780116e-09", "2.5106274733573296e-08", "2.75572718102198e-07", "2.755725283351691e-06", "2.4801587327007187e-05",
    "0.00019841269876864356", "0.0013888888888883327", "0.008333333333325544", "0.04166666666666667", "0.1666666666666667", "0.5",
  ]

  static let exp = """
    /// e^x: x = n ln 2 + r, a polynomial in r, and n in the exponent.
    @inline(__always)
    private static func exp(_ x: #Vector) -> #Vector {
      let above: #Vector = chosen(x .< #Vector(repeating: -746), #Vector(repeating: -746), x)
      let bounded: #Vector = chosen(above .> #Vector(repeating: 710), #Vector(repeating: 710), above)
      // Adding 1.5 * 2^52 rounds to a whole number, which then stands in the low bits.
      let shifter: #Vector = #Vector(repeating: 6755399441055744)
      let shifted: #Vector = multiplyAdd(bounded, #Vector(repeating: 1.4426950408889634), shifter)
      let n: #Vector = shifted - shifter
      let high: #Vector = multiplyAdd(n, #Vector(repeating: -0.6931471803691238), bounded)
      let r: #Vector = multiplyAdd(n, #Vector(repeating: -1.9082149292705877e-10), high)
      \(polynomial("p", in: "r", exponentialSeries))
      let square: #Vector = r * r
      let rest: #Vector = multiplyAdd(square, p, r)
      let y: #Vector = rest + #Vector(repeating: 1)
      // In two factors: the result may be subnormal.
      let bits: #Bits = unsafeBitCast(shifted, to: #Bits.self)
      let half: #Bits = bits &>> #Bits(repeating: 1)
      let otherHalf: #Bits = bits &- half
      let one: #Bits = #Bits(repeating: 0x3FF0000000000000)
      let first: #Bits = half &* #Bits(repeating: 0x10000000000000) &+ one
      let second: #Bits = otherHalf &* #Bits(repeating: 0x10000000000000) &+ one
      let scaled: #Vector = y * unsafeBitCast(first, to: #Vector.self)
      return scaled * unsafeBitCast(second, to: #Vector.self)
    }
    """

  static let sigmoid = """
    /// 1 / (1 + e^-x)
    @inline(__always)
    private static func sigmoid(_ x: #Vector) -> #Vector {
      let e: #Vector = exp(signed(x, like: #Vector(repeating: -1)))
      // The operations of the function on numbers, and of other systems: decays that come from it agree to the bit.
      let isBelow: #Mask = x .< #Vector.zero
      let numerator: #Vector = chosen(isBelow, e, #Vector(repeating: 1))
      let quotient: #Vector = numerator / (e + #Vector(repeating: 1))
      // Below 0, e / (1 + e) = e - e (e / (1 + e)) is nearer: what is divided is the smaller part.
      let below: #Vector = e - e * quotient
      return chosen(isBelow, below, quotient)
    }
    """

  static let tanhSingle = """
    @inline(__always)
    private static func tanh(_ x: #Vector) -> #Vector {
      let a: #Vector = abs(x)
      let z: #Vector = x * x
      \(polynomial("p", in: "z", ["-0.0060968525", "0.020997275", "-0.05385093", "0.1333277", "-0.33333328"]))
      let cube: #Vector = a * z
      let near: #Vector = multiplyAdd(cube, p, a)
      let e: #Vector = exp(a + a)
      let quotient: #Vector = #Vector(repeating: 2) / (e + #Vector(repeating: 1))
      let far: #Vector = #Vector(repeating: 1) - quotient
      return signed(chosen(a .< #Vector(repeating: 0.625), near, far), like: x)
    }
    """

  static let tanh = """
    /// By t = e^(-2 |x|) - 1 and e = t + 1, each in full precision.
    @inline(never)
    private static func tanh(_ x: #Vector) -> #Vector {
      let a: #Vector = abs(x)
      let bounded: #Vector = chosen(a .> #Vector(repeating: 22), #Vector(repeating: 22), a)
      let s: #Vector = bounded * #Vector(repeating: -2)
      let shifter: #Vector = #Vector(repeating: 6755399441055744)
      let shifted: #Vector = multiplyAdd(s, #Vector(repeating: 1.4426950408889634), shifter)
      let n: #Vector = shifted - shifter
      let high: #Vector = multiplyAdd(n, #Vector(repeating: -0.6931471803691238), s)
      let low: #Vector = n * #Vector(repeating: 1.9082149292705877e-10)
      let r: #Vector = high - low
      let correction: #Vector = (high - r) - low
      \(polynomial("p", in: "r", exponentialSeries))
      let square: #Vector = r * r
      let y: #Vector = r + multiplyAdd(square, p, correction)
      let bits: #Bits = unsafeBitCast(shifted, to: #Bits.self)
      let exponent: #Bits = bits &* #Bits(repeating: 0x10000000000000) &+ #Bits(repeating: 0x3FF0000000000000)
      let power: #Vector = unsafeBitCast(exponent, to: #Vector.self)
      let one: #Vector = #Vector(repeating: 1)
      let base: #Vector = power - one
      let t: #Vector = multiplyAdd(power, y, base)
      let lost: #Vector = multiplyAdd(power, y, base - t)
      let e: #Vector = multiplyAdd(power, y, power)
      let isNear: #Mask = a .< #Vector(repeating: 0.6)
      // -t / (2 + t) = h + h (-t / (2 + t)) with h = -t / 2, or 1 - 2 e / (1 + e): what is divided is the smaller part.
      let numerator: #Vector = chosen(isNear, #Vector.zero - t, e + e)
      let denominator: #Vector = chosen(isNear, t + #Vector(repeating: 2), e + one)
      let quotient: #Vector = numerator / denominator
      let half: #Vector = t * #Vector(repeating: -0.5)
      let slope: #Vector = quotient + one
      let tail: #Vector = (lost * #Vector(repeating: -0.5)) * (slope * slope)
      let near: #Vector = half + multiplyAdd(half, quotient, tail)
      return signed(chosen(isNear, near, one - quotient), like: x)
    }
    """
}
