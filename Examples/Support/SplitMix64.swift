import Foundation

/// A small generator (Steele, Lea and Flood 2014), so that a seed means the same numbers on every machine.
public struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64
  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// From 0 to 1.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// From the normal distribution (Box and Muller 1958).
  public mutating func normal(deviation: Double = 1) -> Double {
    deviation * (-2 * log(1 - uniform())).squareRoot() * cos(2 * .pi * uniform())
  }
}
