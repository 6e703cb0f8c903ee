enum VectorMathematicsSource {
  static func text(_ function: MathematicalFunction, isSingle: Bool) -> String? {
    if function == .exp && isSingle {
      return """
    @inline(__always)
    private static func exp(_ x: #Vector) -> #Vector {
      let low: #Vector = select(x .< #Vector(repeating: -104), #Vector(repeating: -104), x)
      let bounded: #Vector = select(low .> #Vector(repeating: 89), #Vector(repeating: 89), low)
      let shifted: #Vector = multiplyAdd(bounded, #Vector(repeating: 1.442695), #Vector(repeating: 12582912))
      let n: #Vector = shifted - #Vector(repeating: 12582912)
      let high: #Vector = bounded - n * #Vector(repeating: 0.693115234375)
      let r: #Vector = high - n * #Vector(repeating: 3.1946183e-05)
      var p: #Vector = #Vector(repeating: 0.0013926927)
      p = multiplyAdd(p, r, #Vector(repeating: 0.008363774))
      p = multiplyAdd(p, r, #Vector(repeating: 0.04166655))
      p = multiplyAdd(p, r, #Vector(repeating: 0.16666573))
      p = multiplyAdd(p, r, #Vector(repeating: 0.5))
      let y: #Vector = #Vector(repeating: 1) + (r + r * r * p)
      let exponent: #Integers = unsafeBitCast(shifted, to: #Integers.self) &- #Integers(repeating: 0x4B400000)
      let half: #Integers = exponent &>> 1
      let first: #Vector = unsafeBitCast((half &+ 127) &<< 23, to: #Vector.self)
      let second: #Vector = unsafeBitCast((exponent &- half &+ 127) &<< 23, to: #Vector.self)
      return y * first * second
    }
    """
    }
    return nil
  }
  static func dependencies(_ function: MathematicalFunction, isSingle: Bool) -> [MathematicalFunction] { [.select, .multiplyAdd] }
}
