import Foundation

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers everywhere for the same seed.
struct RandomNumbers: RandomNumberGenerator {
  private var state: UInt64
  fileprivate var spare: Double?

  /// A stream of its own for each key, so that one more check leaves the points of the others as they were.
  init(seed: Int, key: String) {
    state = UInt64(bitPattern: Int64(seed))
    for byte in key.utf8 { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// In `0 ..< 1`.
  mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  mutating func integer(in range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
}

extension RandomNumbers {
  /// Mean 0, deviation 1 (Box and Muller 1958).
  mutating func normal() -> Double {
    if let number = spare {
      spare = nil
      return number
    }
    let radius = (-2 * log(1 - uniform())).squareRoot()
    let angle = 2 * Double.pi * uniform()
    spare = radius * sin(angle)
    return radius * cos(angle)
  }
}
