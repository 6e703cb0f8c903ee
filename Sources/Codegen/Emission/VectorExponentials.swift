extension VectorMathematicsSource {
  /// Lines that bound x.
  private static func bounded(from lowest: String, to highest: String) -> String {
    """
    let above: #Vector = chosen(x .< #Vector(repeating: \(lowest)), #Vector(repeating: \(lowest)), x)
      let bounded: #Vector = chosen(above .> #Vector(repeating: \(highest)), #Vector(repeating: \(highest)), above)
    """
  }

  /// Lines after which n is the nearest whole number to argument / log(2), and `high` the argument less most of n log(2). The low bits of
  /// `shifted` are n and the bias.
  private static func reduction(of argument: String, bias: Int, _ constants: VectorConstants) -> String {
    """
    // Adding 1.5 * 2^\(constants.significandBits) and the exponent's bias rounds to a whole number, which then stands in the low bits.
      let shifter: #Vector = #Vector(repeating: \(constants.shifter + bias))
      let shifted: #Vector = multiplyAdd(\(argument), #Vector(repeating: \(constants.inverseOfLog2)), shifter)
      let n: #Vector = shifted - shifter
      let high: #Vector = multiplyAdd(n, #Vector(repeating: -\(constants.log2High)), \(argument))
    """
  }

  /// Lines that return e^r 2^n.
  private static func scaledPower(_ constants: VectorConstants) -> String {
    """
    let square: #Vector = r * r
      \(polynomial("p", in: "r", square: "square", constants.exponentials))
      let rest: #Vector = multiplyAdd(square, p, r)
      let y: #Vector = rest + #Vector(repeating: 1)
      // In two factors: the result may be subnormal.
      let bits: #Bits = unsafeBitCast(shifted, to: #Bits.self)
      let half: #Bits = bits &>> #Bits(repeating: 1)
      let otherHalf: #Bits = bits &- half
      let first: #Bits = half &* #Bits(repeating: \(constants.exponentUnit))
      let second: #Bits = otherHalf &* #Bits(repeating: \(constants.exponentUnit))
      let scaled: #Vector = y * unsafeBitCast(first, to: #Vector.self)
      return scaled * unsafeBitCast(second, to: #Vector.self)
    """
  }

  static func exp(_ isSingle: Bool) -> String {
    let constants = VectorConstants.of(isSingle: isSingle)
    return """
      /// e^x: x = n ln 2 + r, a polynomial in r, and n in the exponent.
      @inline(__always)
      private static func exp(_ x: #Vector) -> #Vector {
        \(bounded(from: constants.lowest, to: constants.highest))
        \(reduction(of: "bounded", bias: 2 * constants.bias, constants))
        let r: #Vector = multiplyAdd(n, #Vector(repeating: -\(constants.log2Low)), high)
        \(scaledPower(constants))
      }
      """
  }

  static func exponential(_ isSingle: Bool) -> String {
    let constants = VectorConstants.of(isSingle: isSingle)
    return """
      /// e^(x + tail)
      @inline(__always)
      private static func exponential(_ x: #Vector, _ tail: #Vector) -> #Vector {
        \(bounded(from: constants.lowest, to: constants.highest))
        \(reduction(of: "bounded", bias: 2 * constants.bias, constants))
        let r: #Vector = high + multiplyAdd(n, #Vector(repeating: -\(constants.log2Low)), tail)
        \(scaledPower(constants))
      }
      """
  }

  static func expm1(_ isSingle: Bool) -> String {
    let constants = VectorConstants.of(isSingle: isSingle)
    return """
      /// e^x - 1
      private static func expm1(_ x: #Vector) -> #Vector {
        \(bounded(from: isSingle ? "-30" : "-60", to: constants.highest))
        \(reduction(of: "bounded", bias: constants.bias - 1, constants))
        let low: #Vector = n * #Vector(repeating: \(constants.log2Low))
        let r: #Vector = high - low
        let correction: #Vector = (high - r) - low
        let square: #Vector = r * r
        \(polynomial("p", in: "r", square: "square", constants.exponentials))
        let tail: #Vector = multiplyAdd(square, p, correction)
        let y: #Vector = r + tail
        let lost: #Vector = (r - y) + tail
        // Half of 2^n, which may be too large itself.
        let bits: #Bits = unsafeBitCast(shifted, to: #Bits.self) &* #Bits(repeating: \(constants.exponentUnit))
        let power: #Vector = unsafeBitCast(bits, to: #Vector.self)
        let rounded: #Vector = multiplyAdd(power, y, power - #Vector(repeating: 0.5))
        let half: #Vector = multiplyAdd(power, lost, rounded)
        return signed(chosen(n .== #Vector.zero, y, half + half), like: x)
      }
      """
  }

  static let sigmoid = """
    /// 1 / (1 + e^-x)
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

  static let softplus = """
    /// log(1 + e^x)
    @inline(never)
    private static func softplus(_ x: #Vector) -> #Vector {
      let e: #Vector = exp(signed(x, like: #Vector(repeating: -1)))
      return chosen(x .> #Vector.zero, x, #Vector.zero) + log1p(e)
    }
    """

  static let tanhSingle = """
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

  static var tanh: String {
    let constants = VectorConstants.of(isSingle: false)
    return """
      /// By t = e^(-2 |x|) - 1 and e = t + 1, each in full precision.
      @inline(never)
      private static func tanh(_ x: #Vector) -> #Vector {
        let a: #Vector = abs(x)
        let bounded: #Vector = chosen(a .> #Vector(repeating: 22), #Vector(repeating: 22), a)
        let s: #Vector = bounded * #Vector(repeating: -2)
        \(reduction(of: "s", bias: constants.bias, constants))
        let low: #Vector = n * #Vector(repeating: \(constants.log2Low))
        let r: #Vector = high - low
        let correction: #Vector = (high - r) - low
        let square: #Vector = r * r
        \(polynomial("p", in: "r", square: "square", constants.exponentials))
        let y: #Vector = r + multiplyAdd(square, p, correction)
        let bits: #Bits = unsafeBitCast(shifted, to: #Bits.self) &* #Bits(repeating: \(constants.exponentUnit))
        let power: #Vector = unsafeBitCast(bits, to: #Vector.self)
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

  /// Lines after which h is e^|x| / 2, without going over where that is a number.
  private static func halfPower(_ isSingle: Bool) -> String {
    let bound = isSingle ? "91" : "712"
    return """
        let a: #Vector = abs(x)
        let bounded: #Vector = chosen(a .> #Vector(repeating: \(bound)), #Vector(repeating: \(bound)), a)
        // e^a / 2 = e^(a - log(2)), the difference in two parts.
        let log2: #Vector = #Vector(repeating: \(isSingle ? "0.6931472" : "0.6931471805599453"))
        let less: #Vector = bounded - log2
        let part: #Vector = less - bounded
        let lost: #Vector = (bounded - (less - part)) - (log2 + part)
        let h: #Vector = exponential(less, lost - #Vector(repeating: \(isSingle ? "-1.9046542e-09" : "2.3190468138462996e-17")))
      """
  }

  static func sinh(_ isSingle: Bool) -> String {
    let series =
      isSingle
      ? ["2.7839258e-06", "0.00019842635", "0.008333311", "0.16666667"]
      : [
        "7.775687998964182e-13", "1.6056687158784268e-10", "2.505213067536134e-08", "2.7557319108484713e-06", "0.00019841269841589247",
        "0.008333333333332915", "0.16666666666666669",
      ]
    return """
      @inline(never)
      private static func sinh(_ x: #Vector) -> #Vector {
        \(halfPower(isSingle))
        let far: #Vector = h - #Vector(repeating: 0.25) / h
        let z: #Vector = a * a
        \(polynomial("p", in: "z", series))
        let cube: #Vector = a * z
        let near: #Vector = multiplyAdd(cube, p, a)
        return signed(chosen(a .< #Vector(repeating: 1), near, far), like: x)
      }
      """
  }

  static func cosh(_ isSingle: Bool) -> String {
    """
    @inline(never)
    private static func cosh(_ x: #Vector) -> #Vector {
      \(halfPower(isSingle))
      return h + #Vector(repeating: 0.25) / h
    }
    """
  }

  static let erfSingle = """
    /// x times a polynomial, or 1 - e^p, each where it is good.
    @inline(never)
    private static func erf(_ x: #Vector) -> #Vector {
      let a: #Vector = abs(x)
      let z: #Vector = x * x
      \(polynomial("p", in: "z", ["-0.00060231186", "0.004999432", "-0.026770733", "0.11281923", "-0.37612504", "0.12837915"]))
      let near: #Vector = multiplyAdd(a, p, a)
      let bounded: #Vector = chosen(a .> #Vector(repeating: 4), #Vector(repeating: 4), a)
      \(polynomial("q", in: "bounded", [
        "0.0001971819", "-0.0030556077", "0.022277085", "-0.10403736", "-0.63705975", "-1.1277496", "-0.00017749691"]))
      let far: #Vector = #Vector(repeating: 1) - exp(q)
      return signed(chosen(a .< #Vector(repeating: 0.92), near, far), like: x)
    }
    """

  static let erf = """
    /// x times a polynomial, or 1 - e^(-x^2) p, each where it is good.
    @inline(never)
    private static func erf(_ x: #Vector) -> #Vector {
      let a: #Vector = abs(x)
      let z: #Vector = x * x
      \(polynomial("p", in: "z", [
        "5.957176147748911e-11", "-1.1372848856791674e-09", "1.4659775274047436e-08", "-1.6350312701054695e-07", "1.6461000484121368e-06",
        "-1.4925595266831182e-05", "0.0001205533111164271", "-0.000854832698083379", "0.0052239776248180145", "-0.026866170645076792",
        "0.11283791670954879", "-0.3761263890318375", "0.1283791670955126"]))
      let near: #Vector = multiplyAdd(a, p, a)
      let bounded: #Vector = chosen(a .> #Vector(repeating: 6), #Vector(repeating: 6), a)
      let two: #Vector = #Vector(repeating: 2)
      let t: #Vector = (bounded - two) / (bounded + two)
      \(polynomial("q", in: "t", [
        "-1.1896057809223462e-05", "3.277989182614581e-05", "0.0001740906104027698", "4.304231716613721e-05", "-0.0009820564111129824",
        "-0.0008471352326109964", "0.0069974645563197335", "0.003732892506422088", "-0.0789785810368397", "0.24165819424102777",
        "-0.4271858474139432", "0.2553956763105071"]))
      let e: #Vector = exp(#Vector.zero - bounded * bounded)
      let far: #Vector = #Vector(repeating: 1) - e * q
      return signed(chosen(a .< #Vector(repeating: 1), near, far), like: x)
    }
    """
}
