extension VectorMathematicsSource {
  static let minimum = """
    /// The first where they are equal; NaN if either is.
    @inline(__always)
    private static func minimum(_ a: #Vector, _ b: #Vector) -> #Vector { chosen((a .<= b) .| (a .!= a), a, b) }
    """

  static let maximum = """
    /// The first where they are equal; NaN if either is.
    @inline(__always)
    private static func maximum(_ a: #Vector, _ b: #Vector) -> #Vector { chosen((a .>= b) .| (a .!= a), a, b) }
    """

  static let abs = """
    @inline(__always)
    private static func abs(_ x: #Vector) -> #Vector { signed(x, like: #Vector.zero) }
    """

  static let squareRoot = """
    /// The square root, of the magnitude: the compiler then knows that it needs no library to report negative numbers.
    @inline(__always)
    private static func squareRoot(_ x: #Vector) -> #Vector {
      let root: #Vector = abs(x).squareRoot()
      let other: #Vector = chosen(x .== #Vector.zero, x, #Vector(repeating: #Scalar.nan))
      return chosen(x .> #Vector.zero, root, other)
    }
    """

  /// Of numbers from 2^23 (2^52) on every one is whole, and adding that much rounds.
  private static func roundedToWhole(_ isSingle: Bool) -> String {
    let bound = VectorConstants.of(isSingle: isSingle).wholeFrom
    return """
      // From \(bound) on every number is whole; adding it rounds.
        let bound: #Vector = #Vector(repeating: \(bound))
        let a: #Vector = abs(x)
        let raised: #Vector = a + bound
        let rounded: #Vector = raised - bound
      """
  }

  static func floor(_ isSingle: Bool) -> String {
    """
    /// The greatest whole number that is not above x.
    @inline(__always)
    private static func floor(_ x: #Vector) -> #Vector {
      \(roundedToWhole(isSingle))
      let whole: #Vector = signed(rounded, like: x)
      let lower: #Vector = whole - #Vector(repeating: 1)
      let y: #Vector = chosen(whole .> x, lower, whole)
      return chosen(a .< bound, signed(y, like: x), x)
    }
    """
  }

  static func ceil(_ isSingle: Bool) -> String {
    """
    /// The least whole number that is not below x.
    @inline(__always)
    private static func ceil(_ x: #Vector) -> #Vector {
      \(roundedToWhole(isSingle))
      let whole: #Vector = signed(rounded, like: x)
      let higher: #Vector = whole + #Vector(repeating: 1)
      let y: #Vector = chosen(whole .< x, higher, whole)
      return chosen(a .< bound, signed(y, like: x), x)
    }
    """
  }

  static func round(_ isSingle: Bool) -> String {
    """
    /// The nearest whole number; halves go to the even one.
    @inline(__always)
    private static func round(_ x: #Vector) -> #Vector {
      \(roundedToWhole(isSingle))
      return chosen(a .< bound, signed(rounded, like: x), x)
    }
    """
  }

  static let sign = """
    @inline(__always)
    private static func sign(_ x: #Vector) -> #Vector {
      let one: #Vector = signed(#Vector(repeating: 1), like: x)
      return chosen((x .> #Vector.zero) .| (x .< #Vector.zero), one, x)
    }
    """

  static let step = """
    /// 1 above 0, 0 below, and `atZero` at 0.
    @inline(__always)
    private static func step(_ x: #Vector, _ atZero: Int) -> #Vector {
      let other: #Vector = chosen(x .== #Vector.zero, #Vector(repeating: #Scalar(atZero)), #Vector.zero)
      return chosen(x .> #Vector.zero, #Vector(repeating: 1), other)
    }
    """
}
