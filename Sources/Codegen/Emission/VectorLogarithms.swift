extension VectorMathematicsSource {
  /// Lines that are y for finite numbers above `bound`, where the logarithm is infinite.
  private static func logOfTheRest(of y: String, bound: String) -> String {
    """
    let finite: #Vector = chosen(x .< #Vector(repeating: #Scalar.infinity), \(y), x)
      let other: #Vector = chosen(x .== #Vector(repeating: \(bound)), #Vector(repeating: -#Scalar.infinity), #Vector(repeating: #Scalar.nan))
      return chosen(x .> #Vector(repeating: \(bound)), finite, other)
    """
  }

  /// Lines after which the normal number is 2^k (1 + f).
  private static func parts(of normal: String, bias: String, _ isSingle: Bool) -> String {
    """
    let bits: #Bits = unsafeBitCast(\(normal), to: #Bits.self) &+ #Bits(repeating: \(isSingle ? "0x4AFB0D" : "0x95F619980C433"))
      // The exponent in the low bits of 2^\(isSingle ? 23 : 52) is a number without conversion.
      let exponent: #Bits = (bits &>> #Bits(repeating: \(isSingle ? 23 : 52))) &+ #Bits(repeating: \(isSingle ? "0x4B000000" : "0x4330000000000000"))
      let k: #Vector = unsafeBitCast(exponent, to: #Vector.self) - \(bias)
      let significand: #Bits = masked(bits, #Bits(repeating: \(isSingle ? "0x7FFFFF" : "0xFFFFFFFFFFFFF"))) &+ #Bits(repeating: \(isSingle ? "0x3F3504F3" : "0x3FE6A09E667F3BCD"))
      let m: #Vector = unsafeBitCast(significand, to: #Vector.self)
      let f: #Vector = m - #Vector(repeating: 1)
    """
  }

  /// Lines that make a subnormal x normal.
  private static func normalized(_ isSingle: Bool) -> String {
    """
    let isTiny: #Mask = x .< #Vector(repeating: \(isSingle ? "1.1754944e-38" : "2.2250738585072014e-308"))
      let scale: #Vector = chosen(isTiny, #Vector(repeating: \(isSingle ? "8388608" : "18014398509481984")), #Vector(repeating: 1))
      let normal: #Vector = x * scale
      let bias: #Vector = chosen(isTiny, #Vector(repeating: \(isSingle ? "8388758" : "4503599627371573")), #Vector(repeating: \(isSingle ? "8388735" : "4503599627371519")))
    """
  }

  private static func bias(_ isSingle: Bool) -> String { "#Vector(repeating: \(isSingle ? "8388735" : "4503599627371519"))" }

  /// Lines after which y is k log(2) + log(1 + f) + correction.
  private static func series(correction: String?, _ isSingle: Bool) -> String {
    let constants = VectorConstants.of(isSingle: isSingle)
    let small = "k * #Vector(repeating: \(constants.log2Low))"
    let corrected = correction.map { "multiplyAdd(k, #Vector(repeating: \(constants.log2Low)), \($0))" } ?? small
    return isSingle
      ? """
      \(polynomial("p", in: "f", [
        "0.069725186", "-0.11481212", "0.11685785", "-0.12425523", "0.14249007", "-0.16667807", "0.20000717", "-0.24999997", "0.3333333"]))
        let square: #Vector = f * f
        let cube: #Vector = f * square
        let small: #Vector = \(corrected)
        let tail: #Vector = multiplyAdd(cube, p, small)
        let rest: #Vector = multiplyAdd(square, #Vector(repeating: -0.5), tail)
        let y: #Vector = multiplyAdd(k, #Vector(repeating: \(constants.log2High)), f + rest)
      """
      : """
      let s: #Vector = f / (f + #Vector(repeating: 2))
        let z: #Vector = s * s
        \(polynomial("p", in: "z", [
          "0.14619343453512615", "0.15331487235865734", "0.18182896183483085", "0.2222221103781659", "0.28571428626570206",
          "0.3999999999989819", "0.666666666666667"]))
        let square: #Vector = f * (f * #Vector(repeating: 0.5))
        let small: #Vector = \(corrected)
        let tail: #Vector = multiplyAdd(s, multiplyAdd(z, p, square), small)
        let near: #Vector = f - (square - tail)
        let y: #Vector = multiplyAdd(k, #Vector(repeating: \(constants.log2High)), near)
      """
  }

  static func log(_ isSingle: Bool) -> String {
    """
    /// The natural logarithm: x = 2^k (1 + f), and a series in f.
    @inline(__always)
    private static func log(_ x: #Vector) -> #Vector {
      \(normalized(isSingle))
      \(parts(of: "normal", bias: "bias", isSingle))
      \(series(correction: nil, isSingle))
      \(logOfTheRest(of: "y", bound: "0"))
    }
    """
  }

  static func log1p(_ isSingle: Bool) -> String {
    """
    /// log(1 + x)
    @inline(__always)
    private static func log1p(_ x: #Vector) -> #Vector {
      let one: #Vector = #Vector(repeating: 1)
      let sum: #Vector = x + one
      // What rounding took from 1 + x.
      let part: #Vector = sum - one
      let lostOne: #Vector = one - (sum - part)
      let lost: #Vector = lostOne + (x - part)
      \(parts(of: "sum", bias: bias(isSingle), isSingle))
      let correction: #Vector = lost / sum
      \(series(correction: "correction", isSingle))
      \(logOfTheRest(of: "signed(y, like: x)", bound: "-1"))
    }
    """
  }

  static let logarithm = """
    /// log(x) in two parts, for x > 0 and finite.
    @inline(__always)
    private static func logarithm(_ x: #Vector) -> (high: #Vector, low: #Vector) {
      \(normalized(false))
      \(parts(of: "normal", bias: "bias", false))
      // s = (m - 1) / (m + 1), with what rounding lost.
      let d: #Vector = m + #Vector(repeating: 1)
      let lostD: #Vector = m - (d - #Vector(repeating: 1))
      let s: #Vector = f / d
      let back: #Vector = s * d
      let left: #Vector = (f - back) - lowProduct(s, d, back)
      let lostS: #Vector = (left - s * lostD) / d
      // log(m) = 2 s + 2/3 s^3 + s^5 p(s^2)
      let z: #Vector = s * s
      let twice: #Vector = s + s
      let squareLow: #Vector = multiplyAdd(twice, lostS, lowProduct(s, s, z))
      let cube: #Vector = s * z
      let cubeLow: #Vector = lowProduct(s, z, cube) + multiplyAdd(s, squareLow, lostS * z)
      let twoThirds: #Vector = #Vector(repeating: 0.6666666666666666)
      let third: #Vector = cube * twoThirds
      let thirdTail: #Vector = multiplyAdd(cube, #Vector(repeating: 3.700743415417188e-17), cubeLow * twoThirds)
      let thirdLow: #Vector = lowProduct(cube, twoThirds, third) + thirdTail
      \(polynomial("p", in: "z", [
        "0.11725771221811145", "0.11705988156500907", "0.13334813971292003", "0.15384594791762352", "0.1818181833699257", "0.2222222222164882",
        "0.2857142857142938", "0.4"]))
      let rest: #Vector = cube * (z * p)
      let b: #Vector = twice + third
      let lostB: #Vector = third - (b - twice)
      let c: #Vector = b + rest
      let lostC: #Vector = rest - (c - b)
      let whole: #Vector = k * #Vector(repeating: 0.6931471803691238)
      let e: #Vector = whole + c
      let partC: #Vector = e - whole
      let partWhole: #Vector = e - partC
      let lostE: #Vector = (whole - partWhole) + (c - partC)
      let lostS2: #Vector = lostS + lostS
      let small: #Vector = (lostS2 + thirdLow) + (lostB + lostC)
      let smallest: #Vector = multiplyAdd(k, #Vector(repeating: 1.9082149292705877e-10), small)
      let tail: #Vector = lostE + smallest
      let high: #Vector = e + tail
      let low: #Vector = (e - high) + tail
      return (high, low)
    }
    """

  /// Lines that are `power`, |x|^y, where x and y allow that, and what the standard says elsewhere.
  private static let powerOfTheRest = """
    let halfY: #Vector = y * #Vector(repeating: 0.5)
      let isWhole: #Mask = round(y) .== y
      let isOdd: #Mask = isWhole .& (round(halfY) .!= halfY)
      let withSign: #Vector = chosen(isOdd, flipped(power, like: x), power)
      let isFinite: #Mask = a .< #Vector(repeating: #Scalar.infinity)
      let isUndefined: #Mask = (x .< #Vector.zero) .& isFinite .& .!isWhole
      let defined: #Vector = chosen(isUndefined, #Vector(repeating: #Scalar.nan), withSign)
      return chosen((y .== #Vector.zero) .| (x .== one), one, defined)
    """

  static let powSingle = """
    /// x^y, by way of double precision
    @inline(never)
    private static func pow(_ x: #Vector, _ y: #Vector) -> #Vector {
      let one: #Vector = #Vector(repeating: 1)
      let a: #Vector = abs(x)
      let product: #Doubles = log(#Doubles(a)) * #Doubles(y)
      // 1 to an infinite power is 1.
      let power: #Vector = chosen((a .== one) .& (y .== y), one, #Vector(exp(product)))
      \(powerOfTheRest)
    }
    """

  static let pow = """
    /// x^y
    @inline(never)
    private static func pow(_ x: #Vector, _ y: #Vector) -> #Vector {
      let one: #Vector = #Vector(repeating: 1)
      let a: #Vector = abs(x)
      let log: (high: #Vector, low: #Vector) = logarithm(a)
      // Beyond these the result is 0 or infinite.
      let above: #Vector = chosen(y .< #Vector(repeating: -1e21), #Vector(repeating: -1e21), y)
      let bounded: #Vector = chosen(above .> #Vector(repeating: 1e21), #Vector(repeating: 1e21), above)
      let product: #Vector = bounded * log.high
      let productLow: #Vector = multiplyAdd(bounded, log.low, lowProduct(bounded, log.high, product))
      let tail: #Vector = chosen(abs(product) .< #Vector(repeating: 750), productLow, #Vector.zero)
      let finite: #Vector = exponential(product, tail)
      // Of 0 and infinity there is no logarithm.
      let infinity: #Vector = #Vector(repeating: #Scalar.infinity)
      let isZero: #Mask = a .== #Vector.zero
      let isExtreme: #Mask = (isZero .| (a .== infinity)) .& (y .== y)
      let isReciprocal: #Mask = y .< #Vector.zero
      let extreme: #Vector = chosen(isZero .^ isReciprocal, #Vector.zero, infinity)
      let magnitude: #Vector = chosen(isExtreme, extreme, finite)
      let power: #Vector = chosen(x .== x, magnitude, x)
      \(powerOfTheRest)
    }
    """
}
