extension VectorMathematicsSource {
  static let reducedSingle = """
    /// x = quadrant * pi / 2 + high + low for 0 <= x <= 1e5, by way of double precision; the quadrant is in the low bits.
    private static func reduced(_ x: #Vector) -> (quadrant: #Bits, high: #Vector, low: #Vector) {
      let shifter: #Vector = #Vector(repeating: 12582912)
      let shifted: #Vector = multiplyAdd(x, #Vector(repeating: 0.63661975), shifter)
      let n: #Doubles = #Doubles(shifted - shifter)
      // pi / 2 in two parts: the product with the first is exact.
      let first: #Doubles = #Doubles(x) - n * #Doubles(repeating: 1.5707963267923333)
      let exact: #Doubles = first - n * #Doubles(repeating: 2.563344151594519e-12)
      let high: #Vector = #Vector(exact)
      let low: #Vector = #Vector(exact - #Doubles(high))
      return (unsafeBitCast(shifted, to: #Bits.self), high, low)
    }
    """

  static let reduced = """
    /// x = quadrant * pi / 2 + high + low for 0 <= x <= 1e9; the quadrant is in the low bits.
    private static func reduced(_ x: #Vector) -> (quadrant: #Bits, high: #Vector, low: #Vector) {
      let shifter: #Vector = #Vector(repeating: 6755399441055744)
      let shifted: #Vector = multiplyAdd(x, #Vector(repeating: 0.6366197723675814), shifter)
      let n: #Vector = shifted - shifter
      // pi / 2 in five parts: the products with the first four are exact.
      let a: #Vector = multiplyAdd(n, #Vector(repeating: -1.570796251296997), x)
      let b: #Vector = multiplyAdd(n, #Vector(repeating: -7.549789415861596e-08), a)
      let third: #Vector = n * #Vector(repeating: 5.39030083589187e-15)
      let c: #Vector = b - third
      let lostC: #Vector = (b - c) - third
      let fourth: #Vector = n * #Vector(repeating: 2.0222659584103533e-21)
      let d: #Vector = c - fourth
      let lostD: #Vector = (c - d) - fourth
      let tail: #Vector = multiplyAdd(n, #Vector(repeating: -2.9038559739793605e-28), lostC + lostD)
      let high: #Vector = d + tail
      let low: #Vector = (d - high) + tail
      return (unsafeBitCast(shifted, to: #Bits.self), high, low)
    }
    """

  static let sineSingle = """
    /// sin(x), |x| <= pi / 4
    private static func sine(_ x: #Vector) -> #Vector {
      let z: #Vector = x * x
      \(polynomial("p", in: "z", ["-0.00019516822", "0.008332183", "-0.16666655"]))
      let cube: #Vector = x * z
      return multiplyAdd(cube, p, x)
    }
    """

  static let cosineSingle = """
    /// cos(x), |x| <= pi / 4
    private static func cosine(_ x: #Vector) -> #Vector {
      let z: #Vector = x * x
      \(polynomial("p", in: "z", ["2.443069e-05", "-0.0013887301", "0.041666646", "-0.5", "1"]))
      return p
    }
    """

  static let sine = """
    /// sin(high + low), |high| <= pi / 4, and what its rounding lost.
    private static func sine(_ high: #Vector, _ low: #Vector) -> (high: #Vector, low: #Vector) {
      let z: #Vector = high * high
      \(polynomial("p", in: "z", [
        "1.59153232122714e-10", "-2.5051092507061385e-08", "2.755731591191116e-06", "-0.00019841269836387345", "0.0083333333333307",
        "-0.16666666666666666"]))
      let slope: #Vector = multiplyAdd(z, #Vector(repeating: -0.5), #Vector(repeating: 1))
      let cube: #Vector = high * z
      let tail: #Vector = multiplyAdd(cube, p, low * slope)
      let y: #Vector = high + tail
      return (y, (high - y) + tail)
    }
    """

  static let cosine = """
    /// cos(high + low), |high| <= pi / 4, and what its rounding lost.
    private static func cosine(_ high: #Vector, _ low: #Vector) -> (high: #Vector, low: #Vector) {
      let z: #Vector = high * high
      \(polynomial("p", in: "z", [
        "-1.1380876948169717e-11", "2.087612165887116e-09", "-2.755731715246704e-07", "2.4801587298533456e-05", "-0.0013888888888887241",
        "0.041666666666666664"]))
      let half: #Vector = z * #Vector(repeating: 0.5)
      let one: #Vector = #Vector(repeating: 1)
      let top: #Vector = one - half
      let lost: #Vector = (one - top) - half
      let square: #Vector = z * z
      let small: #Vector = lost - high * low
      let tail: #Vector = multiplyAdd(square, p, small)
      let y: #Vector = top + tail
      return (y, (top - y) + tail)
    }
    """

  /// The last lines of a function of an angle: arguments that are too large go to the function on numbers.
  private static func largeArguments(_ function: String, _ constants: VectorConstants) -> String {
    """
    if any(a .> #Vector(repeating: \(constants.largestAngle))) {
        for lane in 0..<#Vector.scalarCount {
          if a[lane] > \(constants.largestAngle) { y[lane] = \(function)(x[lane]) }
        }
      }
      return y
    """
  }

  /// Both functions near a multiple of a quarter turn, and which of the two is asked for.
  private static func reduction(_ isSingle: Bool) -> String {
    """
    let a: #Vector = abs(x)
      let (quadrant, high, \(isSingle ? "_" : "low")): (#Bits, #Vector, #Vector) = reduced(a)
      let s: #Vector = \(isSingle ? "sine(high)" : "sine(high, low).high")
      let c: #Vector = \(isSingle ? "cosine(high)" : "cosine(high, low).high")
      let isOdd: #Mask = unsafeBitCast(quadrant &* #Bits(repeating: \(VectorConstants.of(isSingle: isSingle).parityUnit)), to: #Integers.self) .< #Integers.zero
    """
  }

  static func sin(_ isSingle: Bool) -> String {
    let constants = VectorConstants.of(isSingle: isSingle)
    return """
      @inline(never)
      private static func sin(_ x: #Vector) -> #Vector {
        \(reduction(isSingle))
        let turned: #Bits = quadrant &* #Bits(repeating: \(constants.secondBitUnit))
        let signs: #Mask = unsafeBitCast(turned, to: #Mask.self) .^ unsafeBitCast(x, to: #Mask.self)
        let sign: #Vector = signed(#Vector(repeating: 1), like: unsafeBitCast(signs, to: #Vector.self))
        var y: #Vector = chosen(isOdd, c, s) * sign
        \(largeArguments("sin", constants))
      }
      """
  }

  static func cos(_ isSingle: Bool) -> String {
    let constants = VectorConstants.of(isSingle: isSingle)
    return """
      @inline(never)
      private static func cos(_ x: #Vector) -> #Vector {
        \(reduction(isSingle))
        let turned: #Bits = (quadrant &+ #Bits(repeating: 1)) &* #Bits(repeating: \(constants.secondBitUnit))
        let sign: #Vector = signed(#Vector(repeating: 1), like: unsafeBitCast(turned, to: #Vector.self))
        var y: #Vector = chosen(isOdd, s, c) * sign
        \(largeArguments("cos", constants))
      }
      """
  }

  static func sineAndCosine(_ isSingle: Bool) -> String {
    let constants = VectorConstants.of(isSingle: isSingle)
    return """
      /// sin(x) and cos(x), which have most of the work in common.
      @inline(never)
      private static func sineAndCosine(_ x: #Vector) -> (#Vector, #Vector) {
        \(reduction(isSingle))
        let turned: #Bits = quadrant &* #Bits(repeating: \(constants.secondBitUnit))
        let signs: #Mask = unsafeBitCast(turned, to: #Mask.self) .^ unsafeBitCast(x, to: #Mask.self)
        let sign: #Vector = signed(#Vector(repeating: 1), like: unsafeBitCast(signs, to: #Vector.self))
        let turnedNext: #Bits = (quadrant &+ #Bits(repeating: 1)) &* #Bits(repeating: \(constants.secondBitUnit))
        let signNext: #Vector = signed(#Vector(repeating: 1), like: unsafeBitCast(turnedNext, to: #Vector.self))
        var y: #Vector = chosen(isOdd, c, s) * sign
        var z: #Vector = chosen(isOdd, s, c) * signNext
        if any(a .> #Vector(repeating: \(constants.largestAngle))) {
          for lane in 0..<#Vector.scalarCount {
            if a[lane] > \(constants.largestAngle) {
              y[lane] = sin(x[lane])
              z[lane] = cos(x[lane])
            }
          }
        }
        return (y, z)
      }
      """
  }

  static let tanSingle = """
    @inline(never)
    private static func tan(_ x: #Vector) -> #Vector {
      let a: #Vector = abs(x)
      let (quadrant, high, low): (#Bits, #Vector, #Vector) = reduced(a)
      let isOdd: #Mask = unsafeBitCast(quadrant &* #Bits(repeating: \(VectorConstants.of(isSingle: true).parityUnit)), to: #Integers.self) .< #Integers.zero
      let z: #Vector = high * high
      \(polynomial("p", in: "z", [
        "0.004469502", "-9.8941055e-05", "0.010983848", "0.021225516", "0.054070726", "0.13332571", "0.33333352"]))
      let cube: #Vector = high * z
      let one: #Vector = #Vector(repeating: 1)
      let tail: #Vector = multiplyAdd(cube, p, low + low * z)
      // The tangent in two parts, and its negative reciprocal.
      let t: #Vector = high + tail
      let lost: #Vector = (high - t) + tail
      let inverse: #Vector = one / t
      let reciprocal: #Vector = inverse * (inverse * lost) - inverse
      var y: #Vector = chosen(isOdd, reciprocal, t) * signed(one, like: x)
      \(largeArguments("tan", .of(isSingle: true)))
    }
    """

  static let tan = """
    @inline(never)
    private static func tan(_ x: #Vector) -> #Vector {
      let a: #Vector = abs(x)
      let (quadrant, high, low): (#Bits, #Vector, #Vector) = reduced(a)
      let isOdd: #Mask = unsafeBitCast(quadrant &* #Bits(repeating: \(VectorConstants.of(isSingle: false).parityUnit)), to: #Integers.self) .< #Integers.zero
      let s: (high: #Vector, low: #Vector) = sine(high, low)
      let c: (high: #Vector, low: #Vector) = cosine(high, low)
      let topHigh: #Vector = chosen(isOdd, c.high, s.high)
      let topLow: #Vector = chosen(isOdd, c.low, s.low)
      let bottomHigh: #Vector = chosen(isOdd, s.high, c.high)
      let bottomLow: #Vector = chosen(isOdd, s.low, c.low)
      // The quotient, and what is left of the dividend after it.
      let quotient: #Vector = topHigh / bottomHigh
      let back: (high: #Vector, low: #Vector) = multiplied(quotient, bottomHigh)
      let left: #Vector = (topHigh - back.high) - back.low
      let small: #Vector = topLow - quotient * bottomLow
      let exact: #Vector = quotient + (left + small) / bottomHigh
      let turned: #Bits = quadrant &* #Bits(repeating: \(VectorConstants.of(isSingle: false).parityUnit))
      let signs: #Mask = unsafeBitCast(turned, to: #Mask.self) .^ unsafeBitCast(x, to: #Mask.self)
      var y: #Vector = exact * signed(#Vector(repeating: 1), like: unsafeBitCast(signs, to: #Vector.self))
      \(largeArguments("tan", .of(isSingle: false)))
    }
    """
}
