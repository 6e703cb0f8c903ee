extension VectorMathematicsSource {
  /// What logarithms are of numbers that are not positive and finite.
  static let logOfTheRest = """
    let finite: #Vector = chosen(x .< #Vector(repeating: #Scalar.infinity), y, x)
      let bound: #Vector = chosen(x .== #Vector.zero, #Vector(repeating: -#Scalar.infinity), #Vector(repeating: #Scalar.nan))
      return chosen(x .> #Vector.zero, finite, bound)
    """

  static let logSingle = """
    /// The natural logarithm: x = 2^k m, and a polynomial in m - 1.
    @inline(__always)
    private static func log(_ x: #Vector) -> #Vector {
      let isTiny: #Mask = x .< #Vector(repeating: 1.1754944e-38)
      let scale: #Vector = chosen(isTiny, #Vector(repeating: 8388608), #Vector(repeating: 1))
      let normal: #Vector = x * scale
      let bits: #Bits = unsafeBitCast(normal, to: #Bits.self) &+ #Bits(repeating: 0x4AFB0D)
      // The exponent in the low bits of 2^23 is a number without conversion.
      let exponent: #Bits = (bits &>> #Bits(repeating: 23)) &+ #Bits(repeating: 0x4B000000)
      let bias: #Vector = chosen(isTiny, #Vector(repeating: 8388758), #Vector(repeating: 8388735))
      let k: #Vector = unsafeBitCast(exponent, to: #Vector.self) - bias
      let significand: #Bits = masked(bits, #Bits(repeating: 0x7FFFFF)) &+ #Bits(repeating: 0x3F3504F3)
      let f: #Vector = unsafeBitCast(significand, to: #Vector.self) - #Vector(repeating: 1)
      \(polynomial("p", in: "f", [
        "0.069725186", "-0.11481212", "0.11685785", "-0.12425523", "0.14249007", "-0.16667807", "0.20000717", "-0.24999997", "0.3333333"]))
      let square: #Vector = f * f
      let cube: #Vector = f * square
      let small: #Vector = k * #Vector(repeating: 3.1946183e-05)
      let tail: #Vector = multiplyAdd(cube, p, small)
      let rest: #Vector = multiplyAdd(square, #Vector(repeating: -0.5), tail)
      let y: #Vector = multiplyAdd(k, #Vector(repeating: 0.693115234375), f + rest)
      \(logOfTheRest)
    }
    """

  /// Coefficients of (log(m) / s - 2) / s^2 in s^2, where s = (m - 1) / (m + 1).
  static let logarithmSeries = [
    "0.14619343453512615", "0.15331487235865734", "0.18182896183483085", "0.2222221103781659", "0.28571428626570206", "0.3999999999989819",
    "0.666666666666667",
  ]

  static let log = """
    /// The natural logarithm: x = 2^k m, and a series in s = f / (2 + f), f = m - 1.
    @inline(__always)
    private static func log(_ x: #Vector) -> #Vector {
      let isTiny: #Mask = x .< #Vector(repeating: 2.2250738585072014e-308)
      let scale: #Vector = chosen(isTiny, #Vector(repeating: 18014398509481984), #Vector(repeating: 1))
      let normal: #Vector = x * scale
      let bits: #Bits = unsafeBitCast(normal, to: #Bits.self) &+ #Bits(repeating: 0x95F619980C433)
      // The exponent in the low bits of 2^52 is a number without conversion.
      let exponent: #Bits = (bits &>> #Bits(repeating: 52)) &+ #Bits(repeating: 0x4330000000000000)
      let bias: #Vector = chosen(isTiny, #Vector(repeating: 4503599627371573), #Vector(repeating: 4503599627371519))
      let k: #Vector = unsafeBitCast(exponent, to: #Vector.self) - bias
      let significand: #Bits = masked(bits, #Bits(repeating: 0xFFFFFFFFFFFFF)) &+ #Bits(repeating: 0x3FE6A09E667F3BCD)
      let f: #Vector = unsafeBitCast(significand, to: #Vector.self) - #Vector(repeating: 1)
      let s: #Vector = f / (f + #Vector(repeating: 2))
      let z: #Vector = s * s
      \(polynomial("p", in: "z", logarithmSeries))
      let square: #Vector = f * (f * #Vector(repeating: 0.5))
      let series: #Vector = s * multiplyAdd(z, p, square)
      let tail: #Vector = multiplyAdd(k, #Vector(repeating: 1.9082149292705877e-10), series)
      let lost: #Vector = (square - tail) - f
      let y: #Vector = multiplyAdd(k, #Vector(repeating: 0.6931471803691238), #Vector.zero - lost)
      \(logOfTheRest)
    }
    """
}
