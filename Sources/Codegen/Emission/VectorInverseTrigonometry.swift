extension VectorMathematicsSource {
  static let atan = """
    @inline(never)
    private static func atan(_ x: #Vector) -> #Vector { atan2(x, #Vector(repeating: 1)) }
    """

  /// Coefficients of (atan(t) / t - 1) / t^2 in t^2, for |t| <= 0.5.
  private static func atanSeries(_ isSingle: Bool) -> [String] {
    isSingle
      ? ["-0.051356267", "0.10162197", "-0.14175558", "0.19994281", "-0.33333236"]
      : [
        "0.010136813764657963", "-0.02746479121689684", "0.04188453734649492", "-0.05122736504308296", "0.05858472356177616",
        "-0.0666383775319932", "0.07692076736452189", "-0.0909089643729019", "0.11111110667894716", "-0.14285714276591754",
        "0.1999999999990567", "-0.33333333333332993",
      ]
  }

  static func atan2(_ isSingle: Bool) -> String {
    let constants = VectorConstants.of(isSingle: isSingle)
    return """
      /// The angle of (x, y): from the nearest of 0, pi / 4 and pi / 2 on by a polynomial in the tangent of the rest.
      private static func atan2(_ y: #Vector, _ x: #Vector) -> #Vector {
        let one: #Vector = #Vector(repeating: 1)
        let infinity: #Vector = #Vector(repeating: #Scalar.infinity)
        let bothInfinite: #Mask = (abs(x) .== infinity) .& (abs(y) .== infinity)
        let largeX: #Vector = chosen(bothInfinite, one, abs(x))
        let largeY: #Vector = chosen(bothInfinite, one, abs(y))
        let isLarge: #Mask = (largeX + largeY) .> #Vector(repeating: \(isSingle ? "1e38" : "1e308"))
        let scale: #Vector = chosen(isLarge, #Vector(repeating: 0.25), one)
        let across: #Vector = largeX * scale
        let up: #Vector = largeY * scale
        let sum: #Vector = across + up
        let isSteep: #Mask = up .> (across + across)
        let isFlat: #Mask = .!((up + up) .> across)
        let difference: #Vector = up - across
        let numerator: #Vector = chosen(isFlat, up, chosen(isSteep, #Vector.zero - across, difference))
        let denominator: #Vector = chosen(isFlat, across, chosen(isSteep, up, sum))
        let t: #Vector = numerator / chosen(sum .== #Vector.zero, one, denominator)
        let raised: #Vector = chosen(isSteep, #Vector(repeating: \(constants.halfPi)), #Vector(repeating: \(constants.quarterPi)))
        let high: #Vector = chosen(isFlat, #Vector.zero, raised)
        let low: #Vector = high * #Vector(repeating: \(constants.lowOfPi))
        let z: #Vector = t * t
        \(polynomial("p", in: "z", atanSeries(isSingle)))
        let cube: #Vector = t * z
        let tail: #Vector = multiplyAdd(cube, p, low)
        let head: #Vector = high + t
        let lost: #Vector = (high - head) + t
        let angle: #Vector = head + (lost + tail)
        let pi: #Vector = #Vector(repeating: \(constants.pi))
        let left: #Vector = pi - multiplyAdd(pi, #Vector(repeating: -(\(constants.lowOfPi))), angle)
        let isLeft: #Mask = signed(one, like: x) .< #Vector.zero
        return signed(chosen(isLeft, left, angle), like: y)
      }
      """
  }

  /// Coefficients of (asin(x) / x - 1) / x^2 in x^2.
  private static func asinSeries(_ isSingle: Bool) -> [String] {
    isSingle
      ? ["0.042210594", "0.02415278", "0.045475915", "0.07495253", "0.16666754"]
      : [
        "0.028809360730767213", "-0.014925759768723432", "0.01744713144728327", "0.005440910449340162", "0.010326580981628952",
        "0.011478614420744116", "0.013971268926651485", "0.01735238907363553", "0.022372173092238483", "0.030381944134904228",
        "0.04464285714640047", "0.07499999999998411", "0.16666666666666669",
      ]
  }

  /// The arc sine of x, or of the root of (1 - |x|) / 2 for |x| > 0.5, is root + root * rest.
  private static func arcs(_ isSingle: Bool) -> String {
    """
    let a: #Vector = abs(x)
      let one: #Vector = #Vector(repeating: 1)
      let isSmall: #Mask = a .<= #Vector(repeating: 0.5)
      let complement: #Vector = (one - a) * #Vector(repeating: 0.5)
      let z: #Vector = chosen(isSmall, a * a, complement)
      let root: #Vector = chosen(isSmall, a, abs(complement).squareRoot())
      \(polynomial("p", in: "z", asinSeries(isSingle)))
      let rest: #Vector = root * (z * p)
    """
  }

  static func asin(_ isSingle: Bool) -> String {
    let constants = VectorConstants.of(isSingle: isSingle)
    return """
      @inline(never)
      private static func asin(_ x: #Vector) -> #Vector {
        \(arcs(isSingle))
        // pi / 2 - 2 asin(root)
        let quarter: #Vector = #Vector(repeating: \(constants.quarterPi))
        let low: #Vector = multiplyAdd(quarter, #Vector(repeating: \(constants.lowOfPi)), #Vector.zero - rest)
        let head: #Vector = quarter - root
        let lost: #Vector = (quarter - head) - root
        let half: #Vector = head + (lost + low)
        let large: #Vector = half + half
        let y: #Vector = chosen(isSmall, root + rest, large)
        return signed(chosen(a .> one, #Vector(repeating: #Scalar.nan), y), like: x)
      }
      """
  }

  static func acos(_ isSingle: Bool) -> String {
    let constants = VectorConstants.of(isSingle: isSingle)
    return """
      @inline(never)
      private static func acos(_ x: #Vector) -> #Vector {
        \(arcs(isSingle))
        let isNegative: #Mask = x .< #Vector.zero
        let twice: #Vector = (root + rest) * #Vector(repeating: 2)
        // pi - 2 asin(root), or pi / 2 - asin(x)
        let head: #Vector = chosen(isSmall, #Vector(repeating: \(constants.halfPi)), #Vector(repeating: \(constants.pi)))
        let low: #Vector = head * #Vector(repeating: \(constants.lowOfPi))
        let angle: #Vector = chosen(isSmall, signed(root, like: x), twice)
        let small: #Vector = chosen(isSmall, low - signed(rest, like: x), low)
        let fromHead: #Vector = head - (angle - small)
        let y: #Vector = chosen(isSmall .| isNegative, fromHead, twice)
        return chosen(a .> one, #Vector(repeating: #Scalar.nan), y)
      }
      """
  }
}
