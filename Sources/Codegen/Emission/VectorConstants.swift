/// What the texts of functions on vectors differ in between the precisions.
struct VectorConstants {
  // The format.
  var significandBits: Int
  var bias: Int
  /// Adding 1.5 * 2^23 (2^52) rounds to a whole number, which then stands in the low bits.
  var shifter: Int
  /// What moves a whole number to the exponent.
  var exponentUnit: String
  var significandMask: String
  var smallestNormal: String
  /// 2^23 (2^52), and its bits.
  var wholeFrom: Int
  var bitsOfWholeFrom: String
  /// The bits of the root of 1/2, and of 1 less those.
  var bitsOfRoot: String
  var bitsFromRootToOne: String
  /// The power of 2 that makes subnormal numbers normal.
  var normalizer: Int

  // Logarithms and powers.
  var inverseOfLog2: String
  /// log(2) in two parts, the first with zeros at its end.
  var log2High: String
  var log2Low: String
  /// Coefficients of (e^r - 1 - r) / r^2 for |r| <= log(2) / 2.
  var exponentials: [String]
  /// Beyond these e^x is 0 or infinite.
  var lowest: String
  var highest: String

  // Angles.
  var quarterPi: String
  var halfPi: String
  var pi: String
  /// What their rounding lost, as a part of each.
  var lowOfPi: String
  /// Angles from here on go to the functions on numbers.
  var largestAngle: String
  /// What moves the lowest bit, and the one above it, to the sign.
  var parityUnit: String
  var secondBitUnit: String

  static func of(isSingle: Bool) -> VectorConstants { isSingle ? single : double }

  private static let single = VectorConstants(
    significandBits: 23, bias: 127, shifter: 12_582_912, exponentUnit: "0x800000", significandMask: "0x7FFFFF",
    smallestNormal: "1.1754944e-38", wholeFrom: 8_388_608, bitsOfWholeFrom: "0x4B000000", bitsOfRoot: "0x3F3504F3",
    bitsFromRootToOne: "0x4AFB0D", normalizer: 23,
    inverseOfLog2: "1.442695", log2High: "0.693115234375", log2Low: "3.1946183e-05",
    exponentials: ["0.0013926927", "0.008363774", "0.04166655", "0.16666573", "0.5"], lowest: "-104", highest: "89",
    quarterPi: "0.7853982", halfPi: "1.5707964", pi: "3.1415927", lowOfPi: "-2.782753e-08", largestAngle: "1e5",
    parityUnit: "0x80000000", secondBitUnit: "0x40000000")

  private static let double = VectorConstants(
    significandBits: 52, bias: 1023, shifter: 6_755_399_441_055_744, exponentUnit: "0x10000000000000", significandMask: "0xFFFFFFFFFFFFF",
    smallestNormal: "2.2250738585072014e-308", wholeFrom: 4_503_599_627_370_496, bitsOfWholeFrom: "0x4330000000000000",
    bitsOfRoot: "0x3FE6A09E667F3BCD", bitsFromRootToOne: "0x95F619980C433", normalizer: 54,
    inverseOfLog2: "1.4426950408889634", log2High: "0.6931471803691238", log2Low: "1.9082149292705877e-10",
    exponentials: [
      "2.0915442297780116e-09", "2.5106274733573296e-08", "2.75572718102198e-07", "2.755725283351691e-06", "2.4801587327007187e-05",
      "0.00019841269876864356", "0.0013888888888883327", "0.008333333333325544", "0.04166666666666667", "0.1666666666666667", "0.5",
    ], lowest: "-746", highest: "710",
    quarterPi: "0.7853981633974483", halfPi: "1.5707963267948966", pi: "3.141592653589793", lowOfPi: "3.8981718325193755e-17",
    largestAngle: "1e9", parityUnit: "0x8000000000000000", secondBitUnit: "0x4000000000000000")
}
