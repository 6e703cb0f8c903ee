/// The texts of `Mathematics`. Coefficients are Chebyshev fits of this project, made in 60 digits.
enum MathematicsSource {
  static func text(_ function: MathematicalFunction, isSingle: Bool, element: Element) -> String {
    switch function {
    case .minimum: element == .integer ? minimumInteger : minimum
    case .maximum: element == .integer ? maximumInteger : maximum
    case .abs: element == .integer ? absInteger : abs
    case .exp: isSingle ? expSingle : exp
    case .expm1: expm1
    case .log: isSingle ? logSingle : log
    case .log1p: log1p
    case .sin: sin
    case .cos: cos
    case .tan: tan
    case .asin: asin
    case .acos: acos
    case .atan: atan
    case .atan2: atan2
    case .sinh: sinh
    case .cosh: cosh
    case .tanh: isSingle ? tanhSingle : tanh
    case .sigmoid: sigmoid
    case .softplus: softplus
    case .erf: erf
    case .pow: pow
    case .squareRoot: squareRoot
    case .floor: isSingle ? floorSingle : floor
    case .ceil: isSingle ? ceilSingle : ceil
    case .round: isSingle ? roundSingle : round
    case .sign: sign
    case .step: step
    case .quotient: quotient
    case .modulo: modulo
    case .whole: whole
    case .root: root
    case .dot: dot
    case .add: add
    case .take: take
    case .spikeBits: element == .boolean ? SpikeSource.conditionBits : SpikeSource.spikeBits(isSingle: isSingle)
    case .load, .store, .select, .gather, .scatter, .multiplyAdd, .negativeMultiplyAdd, .greatestLane, .leastLane, .vectorHelpers,
      .multiply, .multiplyRows,
      .addRows:
      preconditionFailure("\(function) is a function on vectors")
    case .sineAndCosine: sineAndCosine
    case .exponential: exponential
    case .logarithm: logarithm
    case .reduced: reduced
    case .sine: sine
    case .cosine: cosine
    case .twoOverPi: twoOverPi
    case .multiplied: multiplied
    }
  }

  private static let minimum = """
    /// The first where they are equal; NaN if either is.
    @inline(__always)
    private static func minimum(_ a: #Type, _ b: #Type) -> #Type { a <= b || a != a ? a : b }
    """

  private static let minimumInteger = """
    @inline(__always)
    private static func minimum(_ a: Int, _ b: Int) -> Int { a <= b ? a : b }
    """

  private static let maximum = """
    /// The first where they are equal; NaN if either is.
    @inline(__always)
    private static func maximum(_ a: #Type, _ b: #Type) -> #Type { a >= b || a != a ? a : b }
    """

  private static let maximumInteger = """
    @inline(__always)
    private static func maximum(_ a: Int, _ b: Int) -> Int { a >= b ? a : b }
    """

  private static let abs = """
    @inline(__always)
    private static func abs(_ x: #Type) -> #Type { x.magnitude }
    """

  private static let absInteger = """
    @inline(__always)
    private static func abs(_ x: Int) -> Int { x < 0 ? 0 - x : x }
    """

  private static let exp = """
    private static func exp(_ x: Double) -> Double { exponential(x, 0) }
    """

  private static let expSingle = """
    /// e^x: x = n ln 2 + r, a polynomial in r, and n in the exponent.
    private static func exp(_ x: Float) -> Float {
      let low: Float = x < -104 ? -104 : x
      let bounded: Float = low > 89 ? 89 : low
      // Adding 1.5 * 2^23 rounds to a whole number, which then stands in the low bits.
      let shifted: Float = bounded * 1.442695 + 12582912
      let n: Float = shifted - 12582912
      let high: Float = bounded - n * 0.693115234375
      let r: Float = high - n * 3.1946183e-05
      var p: Float = 0.0013926927
      p = p * r + 0.008363774
      p = p * r + 0.04166655
      p = p * r + 0.16666573
      p = p * r + 0.5
      let y: Float = 1 + (r + r * r * p)
      // In two factors: the result may be subnormal.
      let exponent: Int32 = Int32(bitPattern: shifted.bitPattern) &- 0x4B400000
      let half: Int32 = exponent &>> 1
      let first: Float = Float(bitPattern: UInt32(bitPattern: (half &+ 127) &<< 23))
      let second: Float = Float(bitPattern: UInt32(bitPattern: (exponent &- half &+ 127) &<< 23))
      return y * first * second
    }
    """

  private static let expm1 = """
    /// e^x - 1.
    private static func expm1(_ x: Double) -> Double {
      if x == 0 || x != x { return x }
      if x > 709.79 { return Double.infinity }
      if x < -56 { return -1 }
      let n: Double = (x * 1.4426950408889634 + 6755399441055744) - 6755399441055744
      let high: Double = x - n * 0.6931471803691238
      let low: Double = n * 1.9082149292705877e-10
      let r: Double = high - low
      let correction: Double = (high - r) - low
      var p: Double = 2.0915442297780116e-09
      p = p * r + 2.5106274733573296e-08
      p = p * r + 2.75572718102198e-07
      p = p * r + 2.755725283351691e-06
      p = p * r + 2.4801587327007187e-05
      p = p * r + 0.00019841269876864356
      p = p * r + 0.0013888888888883327
      p = p * r + 0.008333333333325544
      p = p * r + 0.04166666666666667
      p = p * r + 0.1666666666666667
      p = p * r + 0.5
      let y: Double = r + (r * r * p + correction)
      if n == 0 { return y }
      if n == 1024 {
        let half: Double = Double(sign: .plus, exponent: 1023, significand: 1)
        return (half * y + half) * 2
      }
      let power: Double = Double(bitPattern: UInt64(Int(n) &+ 1023) &<< 52)
      return power * y + (power - 1)
    }
    """

  private static let log = """
    /// The natural logarithm: x = 2^k m, and a series in s = f / (2 + f), f = m - 1.
    private static func log(_ x: Double) -> Double {
      let isTiny: Bool = x < 2.2250738585072014e-308
      let normal: Double = isTiny ? x * 18014398509481984 : x
      let bits: Int64 = Int64(bitPattern: normal.bitPattern) &- 0x3FE6A09E667F3BCD
      let shift: Double = isTiny ? -54 : 0
      let k: Double = Double(bits &>> 52) + shift
      let m: Double = Double(bitPattern: UInt64(bitPattern: (bits & 0xFFFFFFFFFFFFF) &+ 0x3FE6A09E667F3BCD))
      let f: Double = m - 1
      let s: Double = f / (2 + f)
      let z: Double = s * s
      var p: Double = 0.14619343453512615
      p = p * z + 0.15331487235865734
      p = p * z + 0.18182896183483085
      p = p * z + 0.2222221103781659
      p = p * z + 0.28571428626570206
      p = p * z + 0.3999999999989819
      p = p * z + 0.666666666666667
      let square: Double = 0.5 * f * f
      let series: Double = s * (square + z * p)
      let tail: Double = series + k * 1.9082149292705877e-10
      let y: Double = k * 0.6931471803691238 - ((square - tail) - f)
      let finite: Double = x < Double.infinity ? y : x
      let bound: Double = x == 0 ? -Double.infinity : Double.nan
      return x > 0 ? finite : bound
    }
    """

  private static let logSingle = """
    /// The natural logarithm: x = 2^k m, and a polynomial in m - 1.
    private static func log(_ x: Float) -> Float {
      let isTiny: Bool = x < 1.1754944e-38
      let normal: Float = isTiny ? x * 8388608 : x
      let bits: Int32 = Int32(bitPattern: normal.bitPattern) &- 0x3F3504F3
      let shift: Float = isTiny ? -23 : 0
      let k: Float = Float(bits &>> 23) + shift
      let m: Float = Float(bitPattern: UInt32(bitPattern: (bits & 0x7FFFFF) &+ 0x3F3504F3))
      let f: Float = m - 1
      var p: Float = 0.069725186
      p = p * f - 0.11481212
      p = p * f + 0.11685785
      p = p * f - 0.12425523
      p = p * f + 0.14249007
      p = p * f - 0.16667807
      p = p * f + 0.20000717
      p = p * f - 0.24999997
      p = p * f + 0.3333333
      let square: Float = f * f
      let tail: Float = f * square * p + k * 3.1946183e-05
      let y: Float = k * 0.693115234375 + (f + (tail - 0.5 * square))
      let finite: Float = x < Float.infinity ? y : x
      let bound: Float = x == 0 ? -Float.infinity : Float.nan
      return x > 0 ? finite : bound
    }
    """

  private static let log1p = """
    /// log(1 + x)
    private static func log1p(_ x: Double) -> Double {
      if x == 0 || x == Double.infinity { return x }
      if x <= -1 { return x == -1 ? -Double.infinity : Double.nan }
      var f: Double = x
      var k: Double = 0
      var correction: Double = 0
      if x < -0.2928932188134524 || x > 0.41421356237309503 {
        let u: Double = 1 + x
        // What rounding took from 1 + x.
        let lost: Double = x > 1 ? 1 - (u - x) : x - (u - 1)
        correction = lost / u
        let bits: Int64 = Int64(bitPattern: u.bitPattern) &- 0x3FE6A09E667F3BCD
        k = Double(bits &>> 52)
        f = Double(bitPattern: UInt64(bitPattern: (bits & 0xFFFFFFFFFFFFF) &+ 0x3FE6A09E667F3BCD)) - 1
      }
      let s: Double = f / (2 + f)
      let z: Double = s * s
      var p: Double = 0.14619343453512615
      p = p * z + 0.15331487235865734
      p = p * z + 0.18182896183483085
      p = p * z + 0.2222221103781659
      p = p * z + 0.28571428626570206
      p = p * z + 0.3999999999989819
      p = p * z + 0.666666666666667
      let square: Double = 0.5 * f * f
      let series: Double = s * (square + z * p)
      let tail: Double = series + (k * 1.9082149292705877e-10 + correction)
      return k * 0.6931471803691238 - ((square - tail) - f)
    }
    """

  private static let sin = """
    private static func sin(_ x: Double) -> Double {
      if x.magnitude < 1e-8 { return x }
      let (quadrant, high, low): (Int, Double, Double) = reduced(x)
      let y: Double = quadrant & 1 == 0 ? sine(high, low).high : cosine(high, low).high
      return quadrant & 2 == 0 ? y : -y
    }
    """

  private static let cos = """
    private static func cos(_ x: Double) -> Double {
      let (quadrant, high, low): (Int, Double, Double) = reduced(x)
      let y: Double = quadrant & 1 == 0 ? cosine(high, low).high : sine(high, low).high
      return (quadrant &+ 1) & 2 == 0 ? y : -y
    }
    """

  private static let sineAndCosine = """
    /// sin(x) and cos(x), which have most of the work in common.
    private static func sineAndCosine(_ x: Double) -> (Double, Double) {
      let (quadrant, high, low): (Int, Double, Double) = reduced(x)
      let s: Double = sine(high, low).high
      let c: Double = cosine(high, low).high
      let isEven: Bool = quadrant & 1 == 0
      let y: Double = isEven ? s : c
      let z: Double = isEven ? c : s
      let sineOfX: Double = quadrant & 2 == 0 ? y : -y
      return (x.magnitude < 1e-8 ? x : sineOfX, (quadrant &+ 1) & 2 == 0 ? z : -z)
    }
    """

  private static let tan = """
    private static func tan(_ x: Double) -> Double {
      if x.magnitude < 1e-8 { return x }
      let (quadrant, high, low): (Int, Double, Double) = reduced(x)
      let s: (high: Double, low: Double) = sine(high, low)
      let c: (high: Double, low: Double) = cosine(high, low)
      let isEven: Bool = quadrant & 1 == 0
      let top: (high: Double, low: Double) = isEven ? s : (-c.high, -c.low)
      let bottom: (high: Double, low: Double) = isEven ? c : s
      // The quotient, and what is left of the dividend after it.
      let y: Double = top.high / bottom.high
      let back: (high: Double, low: Double) = multiplied(y, bottom.high)
      let left: Double = (top.high - back.high) - back.low
      return y + (left + (top.low - y * bottom.low)) / bottom.high
    }
    """

  private static let asin = """
    private static func asin(_ x: Double) -> Double {
      let a: Double = x.magnitude
      if a == 1 { return x * 1.5707963267948966 }
      let isSmall: Bool = a <= 0.5
      let z: Double = isSmall ? a * a : 0.5 * (1 - a)
      var p: Double = 0.028809360730767213
      p = p * z - 0.014925759768723432
      p = p * z + 0.01744713144728327
      p = p * z + 0.005440910449340162
      p = p * z + 0.010326580981628952
      p = p * z + 0.011478614420744116
      p = p * z + 0.013971268926651485
      p = p * z + 0.01735238907363553
      p = p * z + 0.022372173092238483
      p = p * z + 0.030381944134904228
      p = p * z + 0.04464285714640047
      p = p * z + 0.07499999999998411
      p = p * z + 0.16666666666666669
      let r: Double = z * p
      if isSmall { return x + x * r }
      // pi / 2 - 2 asin(sqrt((1 - a) / 2)), the root in two parts.
      let root: Double = squareRoot(z)
      let high: Double = Double(bitPattern: root.bitPattern & 0xFFFFFFFF00000000)
      let low: Double = (z - high * high) / (root + high)
      let tail: Double = 2 * root * r - (6.123233995736766e-17 - 2 * low)
      let head: Double = 0.7853981633974483 - 2 * high
      return Double(signOf: x, magnitudeOf: 0.7853981633974483 - (tail - head))
    }
    """

  private static let acos = """
    private static func acos(_ x: Double) -> Double {
      if x == 1 { return 0 }
      if x == -1 { return 3.141592653589793 }
      let a: Double = x.magnitude
      let isSmall: Bool = a <= 0.5
      let z: Double = isSmall ? a * a : 0.5 * (1 - a)
      var p: Double = 0.028809360730767213
      p = p * z - 0.014925759768723432
      p = p * z + 0.01744713144728327
      p = p * z + 0.005440910449340162
      p = p * z + 0.010326580981628952
      p = p * z + 0.011478614420744116
      p = p * z + 0.013971268926651485
      p = p * z + 0.01735238907363553
      p = p * z + 0.022372173092238483
      p = p * z + 0.030381944134904228
      p = p * z + 0.04464285714640047
      p = p * z + 0.07499999999998411
      p = p * z + 0.16666666666666669
      let r: Double = z * p
      if isSmall { return 1.5707963267948966 - (x - (6.123233995736766e-17 - x * r)) }
      let root: Double = squareRoot(z)
      if x < 0 { return 3.141592653589793 - 2 * (root + (root * r - 6.123233995736766e-17)) }
      let high: Double = Double(bitPattern: root.bitPattern & 0xFFFFFFFF00000000)
      let low: Double = (z - high * high) / (root + high)
      return 2 * (high + (root * r + low))
    }
    """

  private static let atan = """
    /// The arc tangent: near one of five points, whose own it knows, by a polynomial.
    private static func atan(_ x: Double) -> Double {
      let a: Double = x.magnitude
      var high: Double = 0
      var low: Double = 0
      var t: Double = a
      if a >= 2.4375 {
        high = 1.5707963267948966
        low = 6.123233995736766e-17
        t = -1 / a
      } else if a >= 1.1875 {
        high = 0.982793723247329
        low = 1.3903311031230998e-17
        t = (a - 1.5) / (1 + 1.5 * a)
      } else if a >= 0.6875 {
        high = 0.7853981633974483
        low = 3.061616997868383e-17
        t = (a - 1) / (a + 1)
      } else if a >= 0.4375 {
        high = 0.4636476090008061
        low = 2.2698777452961687e-17
        t = (2 * a - 1) / (2 + a)
      }
      let z: Double = t * t
      var p: Double = 0.014516414064844713
      p = p * z - 0.03286718587926995
      p = p * z + 0.044808310772007184
      p = p * z - 0.05213857773885634
      p = p * z + 0.0587651485492552
      p = p * z - 0.06666199637174926
      p = p * z + 0.07692282902494495
      p = p * z - 0.09090908252244904
      p = p * z + 0.11111111094304643
      p = p * z - 0.14285714285539747
      p = p * z + 0.19999999999999288
      p = p * z - 0.3333333333333333
      let y: Double = high + (t + (t * z * p + low))
      return x == x ? Double(signOf: x, magnitudeOf: y) : x
    }
    """

  private static let atan2 = """
    private static func atan2(_ y: Double, _ x: Double) -> Double {
      if x != x || y != y { return Double.nan }
      let isLeft: Bool = x.sign == .minus
      var angle: Double
      if y == 0 {
        angle = 0
      } else if x == 0 {
        return Double(signOf: y, magnitudeOf: 1.5707963267948966)
      } else if x.magnitude == Double.infinity {
        angle = y.magnitude == Double.infinity ? 0.7853981633974483 : 0
      } else {
        angle = atan((y / x).magnitude)
      }
      if isLeft { angle = 3.141592653589793 - (angle - 1.2246467991473532e-16) }
      return Double(signOf: y, magnitudeOf: angle)
    }
    """

  private static let sinh = """
    private static func sinh(_ x: Double) -> Double {
      let a: Double = x.magnitude
      if a < 1e-8 || a != a { return x }
      var y: Double
      if a < 22 {
        let t: Double = expm1(a)
        y = a < 1 ? t - 0.5 * (t * t / (t + 1)) : 0.5 * (t + t / (t + 1))
      } else if a < 709 {
        y = 0.5 * exp(a)
      } else {
        let root: Double = exp(0.5 * a)
        y = 0.5 * root * root
      }
      return Double(signOf: x, magnitudeOf: y)
    }
    """

  private static let cosh = """
    private static func cosh(_ x: Double) -> Double {
      let a: Double = x.magnitude
      if a < 0.35 {
        let t: Double = expm1(a)
        return 1 + t * t / (2 * (1 + t))
      }
      if a < 22 {
        let t: Double = exp(a)
        return 0.5 * t + 0.5 / t
      }
      if a < 709 { return 0.5 * exp(a) }
      let root: Double = exp(0.5 * a)
      return 0.5 * root * root
    }
    """

  private static let tanh = """
    private static func tanh(_ x: Double) -> Double {
      let a: Double = x.magnitude
      if a < 1e-9 || a != a { return x }
      if a >= 22 { return x < 0 ? -1 : 1 }
      if a >= 1 { return Double(signOf: x, magnitudeOf: 1 - 2 / (expm1(2 * a) + 2)) }
      let t: Double = expm1(-2 * a)
      return Double(signOf: x, magnitudeOf: t / (t + 2))
    }
    """

  private static let tanhSingle = """
    private static func tanh(_ x: Float) -> Float {
      let a: Float = x.magnitude
      let z: Float = x * x
      var p: Float = -0.0060968525
      p = p * z + 0.020997275
      p = p * z - 0.05385093
      p = p * z + 0.1333277
      p = p * z - 0.33333328
      let near: Float = a + a * z * p
      let far: Float = 1 - 2 / (exp(2 * a) + 1)
      let y: Float = a < 0.625 ? near : far
      return x == x ? Float(signOf: x, magnitudeOf: y) : x
    }
    """

  private static let sigmoid = """
    /// 1 / (1 + e^-x)
    @inline(__always)
    private static func sigmoid(_ x: #Type) -> #Type {
      let e: #Type = exp(-x.magnitude)
      let numerator: #Type = x < 0 ? e : 1
      return numerator / (1 + e)
    }
    """

  private static let softplus = """
    /// log(1 + e^x)
    private static func softplus(_ x: Double) -> Double {
      let positive: Double = x > 0 ? x : 0
      return positive + log1p(exp(-x.magnitude))
    }
    """

  private static let erf = """
    private static func erf(_ x: Double) -> Double {
      let a: Double = x.magnitude
      if a < 1 {
        let z: Double = x * x
        var p: Double = 5.957176147748911e-11
        p = p * z - 1.1372848856791674e-09
        p = p * z + 1.4659775274047436e-08
        p = p * z - 1.6350312701054695e-07
        p = p * z + 1.6461000484121368e-06
        p = p * z - 1.4925595266831182e-05
        p = p * z + 0.0001205533111164271
        p = p * z - 0.000854832698083379
        p = p * z + 0.0052239776248180145
        p = p * z - 0.026866170645076792
        p = p * z + 0.11283791670954879
        p = p * z - 0.3761263890318375
        p = p * z + 0.1283791670955126
        return x + x * p
      }
      if a >= 6 { return x < 0 ? -1 : 1 }
      if a != a { return x }
      // 1 - e^(-x^2) g(x), with g by a polynomial in each of three ranges.
      var g: Double
      if a < 2 {
        let t: Double = a - 1.5
        g = 1.3242541506849586e-08
        g = g * t - 4.9545807838901603e-08
        g = g * t + 1.6714292901928126e-07
        g = g * t - 5.944961119917664e-07
        g = g * t + 2.0670657912156654e-06
        g = g * t - 6.97536222785843e-06
        g = g * t + 2.2864299608127746e-05
        g = g * t - 7.265887301589559e-05
        g = g * t + 0.0002233099453004411
        g = g * t - 0.0006619300701084315
        g = g * t + 0.0018861348769919975
        g = g * t - 0.0051459575478377826
        g = g * t + 0.013377340953067394
        g = g * t - 0.03293090529956527
        g = g * t + 0.0761510398554774
        g = g * t - 0.16362291773256005
        g = g * t + 0.3215854164543175
      } else if a < 3.5 {
        let t: Double = a - 2.75
        g = 1.8069520510416326e-09
        g = g * t - 8.01181001890603e-09
        g = g * t + 3.105710607611476e-08
        g = g * t - 1.3192706697647487e-07
        g = g * t + 5.520418140550562e-07
        g = g * t - 2.247676321583971e-06
        g = g * t + 8.940140785092413e-06
        g = g * t - 3.469853951374473e-05
        g = g * t + 0.00013118180233874277
        g = g * t - 0.0004821950932829294
        g = g * t + 0.001719581885194874
        g = g * t - 0.005934337896564839
        g = g * t + 0.019758592987324287
        g = g * t - 0.06323763756064137
        g = g * t + 0.1936620962790687
      } else {
        let t: Double = a - 4.75
        g = 2.136625977914233e-10
        g = g * t - 1.2539231843294967e-09
        g = g * t + 6.184507649360792e-09
        g = g * t - 3.524796365868836e-08
        g = g * t + 2.0034698237166781e-07
        g = g * t - 1.1118981029544583e-06
        g = g * t + 6.08108930382966e-06
        g = g * t - 3.277562949007631e-05
        g = g * t + 0.0001739283089901235
        g = g * t - 0.0009080989267613732
        g = g * t + 0.004661326368695728
        g = g * t - 0.023503448596501476
        g = g * t + 0.11630270721024731
      }
      return Double(signOf: x, magnitudeOf: 1 - exp(-a * a) * g)
    }
    """

  private static let pow = """
    /// x^y
    private static func pow(_ x: Double, _ y: Double) -> Double {
      if y == 2 { return x * x }
      if y == 1 { return x }
      if y == 0 || x == 1 { return 1 }
      if x != x || y != y { return Double.nan }
      let a: Double = x.magnitude
      let isLarge: Bool = y.magnitude >= 9007199254740992
      let isWhole: Bool = isLarge || floor(y) == y
      let isOdd: Bool = isWhole && !isLarge && floor(0.5 * y) != 0.5 * y
      if x < 0 && a < Double.infinity && !isWhole { return Double.nan }
      var power: Double
      if a == 1 {
        power = 1
      } else if y.magnitude == Double.infinity {
        power = (a > 1) == (y > 0) ? Double.infinity : 0
      } else if a == 0 || a == Double.infinity {
        power = (a == 0) == (y < 0) ? Double.infinity : 0
      } else {
        let log: (high: Double, low: Double) = logarithm(a)
        // Beyond these the result is 0 or infinite.
        let low: Double = y < -1e21 ? -1e21 : y
        let exponent: Double = low > 1e21 ? 1e21 : low
        let product: (high: Double, low: Double) = multiplied(exponent, log.high)
        power = exponential(product.high, product.high.magnitude < 750 ? product.low + exponent * log.low : 0)
      }
      return isOdd && x.sign == .minus ? -power : power
    }
    """

  private static let squareRoot = """
    /// The square root, of the magnitude: the compiler then knows that it needs no library to report negative numbers.
    @inline(__always)
    private static func squareRoot<Number: BinaryFloatingPoint>(_ x: Number) -> Number {
      let root: Number = x.magnitude.squareRoot()
      return x > 0 ? root : x == 0 ? x : Number.nan
    }
    """

  private static let floor = """
    /// The greatest whole number that is not above x.
    @inline(__always)
    private static func floor(_ x: Double) -> Double {
      // From 4503599627370496 on every number is whole; adding it rounds.
      let a: Double = x.magnitude
      let rounded: Double = (a + 4503599627370496) - 4503599627370496
      let whole: Double = Double(signOf: x, magnitudeOf: a < 4503599627370496 ? rounded : a)
      return Double(signOf: x, magnitudeOf: whole > x ? whole - 1 : whole)
    }
    """

  private static let floorSingle = """
    /// The greatest whole number that is not above x.
    @inline(__always)
    private static func floor(_ x: Float) -> Float {
      // From 8388608 on every number is whole; adding it rounds.
      let a: Float = x.magnitude
      let rounded: Float = (a + 8388608) - 8388608
      let whole: Float = Float(signOf: x, magnitudeOf: a < 8388608 ? rounded : a)
      return Float(signOf: x, magnitudeOf: whole > x ? whole - 1 : whole)
    }
    """

  private static let ceil = """
    /// The least whole number that is not below x.
    @inline(__always)
    private static func ceil(_ x: Double) -> Double {
      // From 4503599627370496 on every number is whole; adding it rounds.
      let a: Double = x.magnitude
      let rounded: Double = (a + 4503599627370496) - 4503599627370496
      let whole: Double = Double(signOf: x, magnitudeOf: a < 4503599627370496 ? rounded : a)
      return Double(signOf: x, magnitudeOf: whole < x ? whole + 1 : whole)
    }
    """

  private static let ceilSingle = """
    /// The least whole number that is not below x.
    @inline(__always)
    private static func ceil(_ x: Float) -> Float {
      // From 8388608 on every number is whole; adding it rounds.
      let a: Float = x.magnitude
      let rounded: Float = (a + 8388608) - 8388608
      let whole: Float = Float(signOf: x, magnitudeOf: a < 8388608 ? rounded : a)
      return Float(signOf: x, magnitudeOf: whole < x ? whole + 1 : whole)
    }
    """

  private static let round = """
    /// The nearest whole number; halves go to the even one.
    @inline(__always)
    private static func round(_ x: Double) -> Double {
      // From 4503599627370496 on every number is whole; adding it rounds.
      let a: Double = x.magnitude
      let rounded: Double = (a + 4503599627370496) - 4503599627370496
      let whole: Double = Double(signOf: x, magnitudeOf: a < 4503599627370496 ? rounded : a)
      return whole
    }
    """

  private static let roundSingle = """
    /// The nearest whole number; halves go to the even one.
    @inline(__always)
    private static func round(_ x: Float) -> Float {
      // From 8388608 on every number is whole; adding it rounds.
      let a: Float = x.magnitude
      let rounded: Float = (a + 8388608) - 8388608
      let whole: Float = Float(signOf: x, magnitudeOf: a < 8388608 ? rounded : a)
      return whole
    }
    """

  private static let sign = """
    @inline(__always)
    private static func sign(_ x: #Type) -> #Type { x > 0 ? 1 : x < 0 ? -1 : x }
    """

  private static let step = """
    /// 1 above 0, 0 below, and `atZero` at 0.
    @inline(__always)
    private static func step(_ x: #Type, _ atZero: Int) -> #Type { x > 0 ? 1 : x == 0 ? #Type(atZero) : 0 }
    """

  private static let quotient = """
    /// The floored quotient.
    @inline(__always)
    private static func quotient(_ a: Int, _ b: Int) -> Int {
      let quotient: Int = a / b
      return a % b != 0 && (a < 0) != (b < 0) ? quotient &- 1 : quotient
    }
    """

  private static let modulo = """
    /// The remainder of the floored quotient.
    @inline(__always)
    private static func modulo(_ a: Int, _ b: Int) -> Int {
      let remainder: Int = a % b
      return remainder != 0 && (remainder < 0) != (b < 0) ? remainder &+ b : remainder
    }
    """

  private static let whole = """
    @inline(__always)
    private static func whole(_ x: #Type) -> Int { Int(floor(x)) }
    """

  private static let dot = """
    /// The sum of the products of two rows.
    @inline(__always)
    private static func dot(_ a: UnsafePointer<#Type>, _ b: UnsafePointer<#Type>, _ count: Int) -> #Type {
      let rawA: UnsafeRawPointer = UnsafeRawPointer(a)
      let rawB: UnsafeRawPointer = UnsafeRawPointer(b)
      let blocks: Int = count & ~15
      var first: SIMD8<#Type> = .zero
      var second: SIMD8<#Type> = .zero
      var i: Int = 0
      while i < blocks {
        let a0: SIMD8<#Type> = rawA.loadUnaligned(fromByteOffset: i &* #Bytes, as: SIMD8<#Type>.self)
        let b0: SIMD8<#Type> = rawB.loadUnaligned(fromByteOffset: i &* #Bytes, as: SIMD8<#Type>.self)
        first += a0 * b0
        let a1: SIMD8<#Type> = rawA.loadUnaligned(fromByteOffset: (i &+ 8) &* #Bytes, as: SIMD8<#Type>.self)
        let b1: SIMD8<#Type> = rawB.loadUnaligned(fromByteOffset: (i &+ 8) &* #Bytes, as: SIMD8<#Type>.self)
        second += a1 * b1
        i &+= 16
      }
      var sum: #Type = (first + second).sum()
      while i < count {
        sum += a[i] * b[i]
        i &+= 1
      }
      return sum
    }
    """

  private static let root = """
    /// The least whole number, from 1 on, whose power of `degree` reaches `size`.
    private static func root(_ degree: Int, of size: Int) -> Int {
      var root: Int = 1
      while true {
        var power: Int = 1
        for _ in 0..<degree { power &*= root }
        if power >= size { return root }
        root &+= 1
      }
    }
    """

  private static let add = """
    /// Adds one array to another.
    private static func #Name(_ source: UnsafeMutablePointer<#Stored>, to target: UnsafeMutablePointer<#Stored>, count: Int) {
      var i: Int = 0
      while i < count {
        target[i] += source[i]
        i &+= 1
      }
    }
    """

  private static let take = """
    /// Memory for so many elements, from `end` on, which moves behind them.
    private static func #Name(_ count: Int, at end: inout UnsafeMutableRawPointer) -> UnsafeMutablePointer<#Stored> {
      let start: UnsafeMutablePointer<#Stored> = end.assumingMemoryBound(to: #Stored.self)
      end += (count &* #Bytes &+ 63) & ~63
      return start
    }
    """

  private static let exponential = """
    /// e^(x + tail): x = n ln 2 + r, a polynomial in r, and n in the exponent.
    private static func exponential(_ x: Double, _ tail: Double) -> Double {
      let low: Double = x < -746 ? -746 : x
      let bounded: Double = low > 710 ? 710 : low
      // Adding 1.5 * 2^52 rounds to a whole number, which then stands in the low bits.
      let shifted: Double = bounded * 1.4426950408889634 + 6755399441055744
      let n: Double = shifted - 6755399441055744
      let high: Double = bounded - n * 0.6931471803691238
      let correction: Double = tail - n * 1.9082149292705877e-10
      let r: Double = high + correction
      var p: Double = 2.0915442297780116e-09
      p = p * r + 2.5106274733573296e-08
      p = p * r + 2.75572718102198e-07
      p = p * r + 2.755725283351691e-06
      p = p * r + 2.4801587327007187e-05
      p = p * r + 0.00019841269876864356
      p = p * r + 0.0013888888888883327
      p = p * r + 0.008333333333325544
      p = p * r + 0.04166666666666667
      p = p * r + 0.1666666666666667
      p = p * r + 0.5
      let y: Double = 1 + (r + r * r * p)
      // In two factors: the result may be subnormal.
      let exponent: Int64 = Int64(truncatingIfNeeded: Int32(truncatingIfNeeded: shifted.bitPattern))
      let half: Int64 = exponent &>> 1
      let first: Double = Double(bitPattern: UInt64(bitPattern: (half &+ 1023) &<< 52))
      let second: Double = Double(bitPattern: UInt64(bitPattern: (exponent &- half &+ 1023) &<< 52))
      return y * first * second
    }
    """

  private static let logarithm = """
    /// log(x) in two parts, for x > 0 and finite.
    private static func logarithm(_ x: Double) -> (high: Double, low: Double) {
      let isTiny: Bool = x < 2.2250738585072014e-308
      let normal: Double = isTiny ? x * 18014398509481984 : x
      let bits: Int64 = Int64(bitPattern: normal.bitPattern) &- 0x3FE6A09E667F3BCD
      let shift: Double = isTiny ? -54 : 0
      let k: Double = Double(bits &>> 52) + shift
      let m: Double = Double(bitPattern: UInt64(bitPattern: (bits & 0xFFFFFFFFFFFFF) &+ 0x3FE6A09E667F3BCD))
      // s = (m - 1) / (m + 1), with what rounding lost.
      let f: Double = m - 1
      let d: Double = m + 1
      let lostD: Double = m - (d - 1)
      let s: Double = f / d
      let back: (high: Double, low: Double) = multiplied(s, d)
      let lostS: Double = (((f - back.high) - back.low) - s * lostD) / d
      // log(m) = 2 s + 2/3 s^3 + s^5 p(s^2)
      let square: (high: Double, low: Double) = multiplied(s, s)
      let squareLow: Double = square.low + 2 * s * lostS
      let cube: (high: Double, low: Double) = multiplied(s, square.high)
      let cubeLow: Double = cube.low + (s * squareLow + lostS * square.high)
      let third: (high: Double, low: Double) = multiplied(cube.high, 0.6666666666666666)
      let thirdLow: Double = third.low + (cube.high * 3.700743415417188e-17 + cubeLow * 0.6666666666666666)
      let z: Double = square.high
      var p: Double = 0.11725771221811145
      p = p * z + 0.11705988156500907
      p = p * z + 0.13334813971292003
      p = p * z + 0.15384594791762352
      p = p * z + 0.1818181833699257
      p = p * z + 0.2222222222164882
      p = p * z + 0.2857142857142938
      p = p * z + 0.4
      let rest: Double = cube.high * z * p
      let a: Double = 2 * s
      let b: Double = a + third.high
      let lostB: Double = third.high - (b - a)
      let c: Double = b + rest
      let lostC: Double = rest - (c - b)
      let whole: Double = k * 0.6931471803691238
      let e: Double = whole + c
      let partC: Double = e - whole
      let lostE: Double = (whole - (e - partC)) + (c - partC)
      let small: Double = (2 * lostS + thirdLow) + (lostB + lostC)
      let tail: Double = lostE + (small + k * 1.9082149292705877e-10)
      let high: Double = e + tail
      return (high, (e - high) + tail)
    }
    """

  private static let reduced = """
    /// x = quadrant * pi / 2 + high + low, with |high| <= pi / 4; the quadrant modulo 4.
    private static func reduced(_ x: Double) -> (quadrant: Int, high: Double, low: Double) {
      if x.magnitude <= 0.7853981633974483 { return (0, x, 0) }
      if x.magnitude < 1e5 {
        // pi / 2 in four parts, whose products with n are exact.
        let n: Double = (x * 0.6366197723675814 + 6755399441055744) - 6755399441055744
        let a: Double = x - n * 1.5707963267341256
        let b: Double = n * 6.077100506303966e-11
        let c: Double = a - b
        let lostB: Double = (a - c) - b
        let d: Double = n * 2.0222662487111665e-21
        let tail: Double = (lostB - d) - n * 8.4784276603689e-32
        let high: Double = c + tail
        let low: Double = (c - high) + tail
        return (Int(n) & 3, high, low)
      }
      if !(x.magnitude < Double.infinity) { return (0, Double.nan, 0) }
      // x = m * 2^e; of 2 / pi only the 192 bits matter that do not make whole turns of it (Payne and Hanek).
      let bits: UInt64 = x.magnitude.bitPattern
      let m: UInt64 = bits & 0xFFFFFFFFFFFFF | 0x10000000000000
      let start: Int = Int(bits &>> 52) &- 1077
      var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
      if start >= 0 {
        let word: Int = start &>> 6
        words = (twoOverPi(word, start & 63), twoOverPi(word &+ 1, start & 63), twoOverPi(word &+ 2, start & 63))
      } else {
        let shift: Int = 0 &- start
        let first: UInt64 = twoOverPi(0, 0)
        let second: UInt64 = twoOverPi(1, 0)
        let third: UInt64 = twoOverPi(2, 0)
        words = (first &>> UInt64(shift), first &<< UInt64(64 &- shift) | second &>> UInt64(shift), second &<< UInt64(64 &- shift) | third &>> UInt64(shift))
      }
      // The product modulo 2^192: its first two bits are the quadrant, the rest the fraction.
      let lowest: (high: UInt64, low: UInt64) = m.multipliedFullWidth(by: words.2)
      let middle: (high: UInt64, low: UInt64) = m.multipliedFullWidth(by: words.1)
      let sum: (partialValue: UInt64, overflow: Bool) = middle.low.addingReportingOverflow(lowest.high)
      var top: UInt64 = m &* words.0 &+ middle.high &+ (sum.overflow ? 1 : 0)
      var next: UInt64 = sum.partialValue
      var quadrant: Int = Int(top &>> 62)
      top = top &<< 2 | next &>> 62
      next = next &<< 2 | lowest.low &>> 62
      var isNegative: Bool = false
      if top &>> 63 == 1 {
        // Nearer to the next quadrant, from below.
        quadrant &+= 1
        isNegative = true
        top = ~top
        next = ~next
      }
      let zeros: UInt64 = UInt64(top.leadingZeroBitCount)
      if zeros > 0 && zeros < 64 {
        top = top &<< zeros | next &>> (64 &- zeros)
        next = next &<< zeros
      }
      // The fraction in two parts of 53 bits.
      let scale: Double = Double(bitPattern: (1023 &- zeros) &<< 52)
      let first: Double = Double(top &>> 11) * 1.1102230246251565e-16
      let second: Double = Double((top & 0x7FF) &<< 42 | next &>> 22) * 1.232595164407831e-32
      let product: (high: Double, low: Double) = multiplied(first, 1.5707963267948966)
      let tail: Double = product.low + (first * 6.123233995736766e-17 + second * 1.5707963267948966)
      var high: Double = product.high + tail
      var low: Double = (product.high - high) + tail
      high *= isNegative ? -scale : scale
      low *= isNegative ? -scale : scale
      if x < 0 { return ((0 &- quadrant) & 3, -high, -low) }
      return (quadrant & 3, high, low)
    }
    """

  private static let sine = """
    /// sin(high + low), |high| <= pi / 4, and what its rounding lost.
    private static func sine(_ high: Double, _ low: Double) -> (high: Double, low: Double) {
      let z: Double = high * high
      var p: Double = 1.59153232122714e-10
      p = p * z - 2.5051092507061385e-08
      p = p * z + 2.755731591191116e-06
      p = p * z - 0.00019841269836387345
      p = p * z + 0.0083333333333307
      p = p * z - 0.16666666666666666
      let slope: Double = 1 - 0.5 * z
      let tail: Double = low * slope + high * z * p
      let y: Double = high + tail
      return (y, (high - y) + tail)
    }
    """

  private static let cosine = """
    /// cos(high + low), |high| <= pi / 4, and what its rounding lost.
    private static func cosine(_ high: Double, _ low: Double) -> (high: Double, low: Double) {
      let z: Double = high * high
      var p: Double = -1.1380876948169717e-11
      p = p * z + 2.087612165887116e-09
      p = p * z - 2.755731715246704e-07
      p = p * z + 2.4801587298533456e-05
      p = p * z - 0.0013888888888887241
      p = p * z + 0.041666666666666664
      let half: Double = 0.5 * z
      let top: Double = 1 - half
      let lost: Double = (1 - top) - half
      let tail: Double = lost + (z * z * p - high * low)
      let y: Double = top + tail
      return (y, (top - y) + tail)
    }
    """

  private static let twoOverPi = """
    /// The 64 bits of 2 / pi from bit `64 * word + shift` on.
    private static func twoOverPi(_ word: Int, _ shift: Int) -> UInt64 {
      if shift > 0 { return twoOverPi(word, 0) &<< UInt64(shift) | twoOverPi(word &+ 1, 0) &>> UInt64(64 &- shift) }
      switch word {
      case 0: return 0xA2F9836E4E441529
      case 1: return 0xFC2757D1F534DDC0
      case 2: return 0xDB6295993C439041
      case 3: return 0xFE5163ABDEBBC561
      case 4: return 0xB7246E3A424DD2E0
      case 5: return 0x06492EEA09D1921C
      case 6: return 0xFE1DEB1CB129A73E
      case 7: return 0xE88235F52EBB4484
      case 8: return 0xE99C7026B45F7E41
      case 9: return 0x3991D639835339F4
      case 10: return 0x9C845F8BBDF9283B
      case 11: return 0x1FF897FFDE05980F
      case 12: return 0xEF2F118B5A0A6D1F
      case 13: return 0x6D367ECF27CB09B7
      case 14: return 0x4F463F669E5FEA2D
      case 15: return 0x7527BAC7EBE5F17B
      case 16: return 0x3D0739F78A5292EA
      case 17: return 0x6BFB5FB11F8D5D08
      case 18: return 0x56033046FC7B6BAB
      default: return 0xF0CFBC209AF4361D
      }
    }
    """

  private static let multiplied = """
    /// The product and what its rounding lost (Dekker).
    private static func multiplied(_ a: Double, _ b: Double) -> (high: Double, low: Double) {
      let product: Double = a * b
      let scaledA: Double = a * 134217729
      let highA: Double = scaledA - (scaledA - a)
      let lowA: Double = a - highA
      let scaledB: Double = b * 134217729
      let highB: Double = scaledB - (scaledB - b)
      let lowB: Double = b - highB
      let first: Double = highA * highB - product
      let second: Double = first + highA * lowB
      let third: Double = second + lowA * highB
      return (product, third + lowA * lowB)
    }
    """
}
