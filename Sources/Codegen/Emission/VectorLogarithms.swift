extension VectorMathematicsSource {
  /// Lines that are y for finite numbers above `bound`, where the logarithm is infinite.
  private static func logOfTheRest(of y: String, bound: String) -> String {
    """
    let infinity: #Vector = #Vector(repeating: #Scalar.infinity)
      let finite: #Vector = chosen(x .< infinity, \(y), x)
      let undefined: #Vector = #Vector(repeating: #Scalar.nan)
      let other: #Vector = chosen(x .== #Vector(repeating: \(bound)), #Vector.zero - infinity, undefined)
      return chosen(x .> #Vector(repeating: \(bound)), finite, other)
    """
  }

  /// Lines after which the normal number is 2^k (1 + f).
  private static func parts(of normal: String, bias: String, _ constants: VectorConstants) -> String {
    """
    let bits: #Bits = unsafeBitCast(\(normal), to: #Bits.self) &+ #Bits(repeating: \(constants.bitsFromRootToOne))
      // The exponent in the low bits of 2^\(constants.significandBits) is a number without conversion.
      let biased: #Bits = bits &>> #Bits(repeating: \(constants.significandBits))
      let exponent: #Bits = biased &+ #Bits(repeating: \(constants.bitsOfWholeFrom))
      let k: #Vector = unsafeBitCast(exponent, to: #Vector.self) - \(bias)
      let mask: #Mask = unsafeBitCast(#Bits(repeating: \(constants.significandMask)), to: #Mask.self)
      let significand: #Bits = unsafeBitCast(unsafeBitCast(bits, to: #Mask.self) .& mask, to: #Bits.self)
      let m: #Vector = unsafeBitCast(significand &+ #Bits(repeating: \(constants.bitsOfRoot)), to: #Vector.self)
      let f: #Vector = m - #Vector(repeating: 1)
    """
  }

  /// Lines that make a subnormal x normal.
  private static func normalized(_ constants: VectorConstants) -> String {
    let bias = constants.wholeFrom + constants.bias
    return """
      let one: #Vector = #Vector(repeating: 1)
        let isTiny: #Mask = x .< #Vector(repeating: \(constants.smallestNormal))
        let normal: #Vector = x * chosen(isTiny, #Vector(repeating: \(1 << constants.normalizer)), one)
        let bias: #Vector = chosen(isTiny, #Vector(repeating: \(bias + constants.normalizer)), #Vector(repeating: \(bias)))
      """
  }

  /// Lines after which y is k log(2) + log(1 + f) + correction.
  private static func series(correction: String?, _ isSingle: Bool) -> String {
    let constants = VectorConstants.of(isSingle: isSingle)
    let small = "k * #Vector(repeating: \(constants.log2Low))"
    let corrected = correction.map { "multiplyAdd(k, #Vector(repeating: \(constants.log2Low)), \($0))" } ?? small
    return isSingle
      ? """
      let square: #Vector = f * f
        \(polynomial("p", in: "f", square: "square", [
        "0.069725186", "-0.11481212", "0.11685785", "-0.12425523", "0.14249007", "-0.16667807", "0.20000717", "-0.24999997", "0.3333333"]))
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
      \(normalized(.of(isSingle: isSingle)))
      \(parts(of: "normal", bias: "bias", .of(isSingle: isSingle)))
      \(series(correction: nil, isSingle))
      \(logOfTheRest(of: "y", bound: "0"))
    }
    """
  }

  static func log1p(_ isSingle: Bool) -> String {
    let constants = VectorConstants.of(isSingle: isSingle)
    return """
      /// log(1 + x)
      private static func log1p(_ x: #Vector) -> #Vector {
        let one: #Vector = #Vector(repeating: 1)
        let sum: #Vector = x + one
        // What rounding took from 1 + x.
        let part: #Vector = sum - one
        let lostOne: #Vector = one - (sum - part)
        let lost: #Vector = lostOne + (x - part)
        \(parts(of: "sum", bias: "#Vector(repeating: \(constants.wholeFrom + constants.bias))", constants))
        let correction: #Vector = lost / sum
        \(series(correction: "correction", isSingle))
        \(logOfTheRest(of: "signed(y, like: x)", bound: "-1"))
      }
      """
  }

  static let multiplied = """
    /// The product and what its rounding lost (Dekker, where the machine has no fused multiplication and addition).
    private static func multiplied(_ a: #Vector, _ b: #Vector) -> (high: #Vector, low: #Vector) {
      let product: #Vector = a * b
      #if arch(arm64) || GRAFT_FMA
        return (product, multiplyAdd(a, b, #Vector.zero - product))
      #else
        let splitter: #Vector = #Vector(repeating: 134217729)
        let scaledA: #Vector = a * splitter
        let highA: #Vector = scaledA - (scaledA - a)
        let lowA: #Vector = a - highA
        let scaledB: #Vector = b * splitter
        let highB: #Vector = scaledB - (scaledB - b)
        let lowB: #Vector = b - highB
        let first: #Vector = highA * highB - product
        let second: #Vector = first + highA * lowB
        let third: #Vector = second + lowA * highB
        return (product, third + lowA * lowB)
      #endif
    }
    """

  static let logarithm = """
    /// log(x) in two parts, for x > 0 and finite.
    private static func logarithm(_ x: #Vector) -> (high: #Vector, low: #Vector) {
      \(normalized(.of(isSingle: false)))
      \(parts(of: "normal", bias: "bias", .of(isSingle: false)))
      // s = (m - 1) / (m + 1), with what rounding lost.
      let d: #Vector = m + one
      let lostD: #Vector = m - (d - one)
      let s: #Vector = f / d
      let back: (high: #Vector, low: #Vector) = multiplied(s, d)
      let left: #Vector = (f - back.high) - back.low
      let lostS: #Vector = (left - s * lostD) / d
      // log(m) = 2 s + 2/3 s^3 + s^5 p(s^2)
      let square: (high: #Vector, low: #Vector) = multiplied(s, s)
      let z: #Vector = square.high
      let twice: #Vector = s + s
      let squareLow: #Vector = multiplyAdd(twice, lostS, square.low)
      let cube: (high: #Vector, low: #Vector) = multiplied(s, z)
      let cubeLow: #Vector = cube.low + multiplyAdd(s, squareLow, lostS * z)
      let twoThirds: #Vector = #Vector(repeating: 0.6666666666666666)
      let third: (high: #Vector, low: #Vector) = multiplied(cube.high, twoThirds)
      let thirdTail: #Vector = multiplyAdd(cube.high, #Vector(repeating: 3.700743415417188e-17), cubeLow * twoThirds)
      let thirdLow: #Vector = third.low + thirdTail
      \(polynomial("p", in: "z", [
        "0.11725771221811145", "0.11705988156500907", "0.13334813971292003", "0.15384594791762352", "0.1818181833699257", "0.2222222222164882",
        "0.2857142857142938", "0.4"]))
      let rest: #Vector = cube.high * (z * p)
      let b: #Vector = twice + third.high
      let lostB: #Vector = third.high - (b - twice)
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
      let withSign: #Vector = chosen(isOdd, signed(power, like: x), power)
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
      let product: (high: #Vector, low: #Vector) = multiplied(bounded, log.high)
      let productLow: #Vector = multiplyAdd(bounded, log.low, product.low)
      let tail: #Vector = chosen(abs(product.high) .< #Vector(repeating: 750), productLow, #Vector.zero)
      let finite: #Vector = exponential(product.high, tail)
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
