/// A private function that generated code brings along, so that it needs neither a C library nor Foundation.
enum MathematicalFunction: String, CaseIterable {
  // On numbers, real or whole.
  case minimum, maximum, abs
  // On real numbers.
  case exp, expm1, log, log1p, sin, cos, tan, asin, acos, atan, atan2, sinh, cosh, tanh, sigmoid, softplus, erf, pow
  case squareRoot, floor, ceil, round, sign, step
  // On whole numbers, and to them.
  case quotient, modulo, whole, root
  // On arrays.
  case dot, add
  // Memory.
  case take
  // On vectors.
  case load, store, select, gather, scatter, multiplyAdd, negativeMultiplyAdd, greatestLane, leastLane, vectorHelpers
  // Products of matrices.
  case multiply, multiplyRows
  // Spikes.
  case positives, addRows
  // Parts of the above.
  case exponential, logarithm, reduced, sine, cosine, twoOverPi, multiplied

  var swiftName: String {
    switch self {
    case .add: "addElements"
    case .select: "chosen"
    case .greatestLane: "greatest"
    case .leastLane: "least"
    default: rawValue
    }
  }
}
