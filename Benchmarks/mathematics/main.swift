import Glibc

typealias Kernel<T> = (UnsafePointer<T>, UnsafePointer<T>, UnsafeMutablePointer<T>, Int) -> Void

/// The truth in more digits than the result has: in double precision for Float, in the C library's 80 bits for Double.
let references: [String: (single: (Double, Double) -> Double, double: (Float80, Float80) -> Float80)] = [
  "minimum": ({ x, y in x != x || x <= y ? x : y }, { x, y in x != x || x <= y ? x : y }),
  "maximum": ({ x, y in x != x || x >= y ? x : y }, { x, y in x != x || x >= y ? x : y }),
  "abs": ({ x, _ in x.magnitude }, { x, _ in x.magnitude }),
  "exp": ({ x, _ in exp(x) }, { x, _ in expl(x) }),
  "expm1": ({ x, _ in expm1(x) }, { x, _ in expm1l(x) }),
  "log": ({ x, _ in log(x) }, { x, _ in logl(x) }),
  "log1p": ({ x, _ in log1p(x) }, { x, _ in log1pl(x) }),
  "sin": ({ x, _ in sin(x) }, { x, _ in sinl(x) }),
  "cos": ({ x, _ in cos(x) }, { x, _ in cosl(x) }),
  "tan": ({ x, _ in tan(x) }, { x, _ in tanl(x) }),
  "asin": ({ x, _ in asin(x) }, { x, _ in asinl(x) }),
  "acos": ({ x, _ in acos(x) }, { x, _ in acosl(x) }),
  "atan": ({ x, _ in atan(x) }, { x, _ in atanl(x) }),
  "atan2": ({ y, x in atan2(y, x) }, { y, x in atan2l(y, x) }),
  "sinh": ({ x, _ in sinh(x) }, { x, _ in sinhl(x) }),
  "cosh": ({ x, _ in cosh(x) }, { x, _ in coshl(x) }),
  "tanh": ({ x, _ in tanh(x) }, { x, _ in tanhl(x) }),
  "sigmoid": ({ x, _ in 1 / (1 + exp(-x)) }, { x, _ in 1 / (1 + expl(-x)) }),
  "softplus": ({ x, _ in (x > 0 ? x : 0) + log1p(exp(-x.magnitude)) }, { x, _ in (x > 0 ? x : 0) + log1pl(expl(-x.magnitude)) }),
  "erf": ({ x, _ in erf(x) }, { x, _ in erfl(x) }),
  "pow": ({ x, y in pow(x, y) }, { x, y in powl(x, y) }),
  "squareRoot": ({ x, _ in x.squareRoot() }, { x, _ in x.squareRoot() }),
  "floor": ({ x, _ in floor(x) }, { x, _ in floorl(x) }),
  "ceil": ({ x, _ in ceil(x) }, { x, _ in ceill(x) }),
  "round": ({ x, _ in rint(x) }, { x, _ in rintl(x) }),
  "sign": ({ x, _ in x > 0 ? 1 : x < 0 ? -1 : x }, { x, _ in x > 0 ? 1 : x < 0 ? -1 : x }),
  "step": ({ x, _ in x >= 0 ? 1 : 0 }, { x, _ in x >= 0 ? 1 : 0 }),
]
let trigonometric: Set<String> = ["sin", "cos", "tan"]

/// SplitMix64.
struct Numbers {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z: UInt64 = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A double of any magnitude, or of a common one.
  mutating func double(upTo bound: Double) -> Double {
    let sign: Double = next() & 1 == 0 ? 1 : -1
    switch next() & 7 {
    case 0: return sign * unit() * 2
    case 1: return sign * unit() * 20
    case 2: return sign * unit() * 800
    case 3: return sign * unit() * min(bound, 1e9)
    case 4: return sign * (1 + (unit() - 0.5) * 0x1p-10)
    case 5:
      let magnitude = 0.5 + unit()
      return sign * magnitude * exp2((unit() - 0.5) * 40)
    default:
      let value = Double(bitPattern: next())
      return value.magnitude <= bound ? value : sign * unit()
    }
  }
}

func worst(
  _ operands: Int, _ kernel: Kernel<Float>, _ reference: (Double, Double) -> Double, stride: UInt64, bound: Float
) -> (ulp: Double, at: Float, and: Float) {
  let count = 4096
  var x = [Float](repeating: 0, count: count)
  var y = [Float](repeating: 0, count: count)
  var z = [Float](repeating: 0, count: count)
  var result = (ulp: 0.0, at: Float(0), and: Float(0))
  var random = Numbers(state: 7)
  var bits: UInt64 = 0
  while bits < 1 << 32 {
    for i in 0..<count {
      let value = Float(bitPattern: UInt32(truncatingIfNeeded: bits))
      x[i] = value.magnitude <= bound || value != value ? value : 0
      if operands == 2 { y[i] = Float(bitPattern: UInt32(truncatingIfNeeded: random.next())) }
      if operands == 2 && bits & 1 == 1 {
        x[i] = Float(random.double(upTo: Double(bound)))
        y[i] = Float(random.double(upTo: Double(bound)))
      }
      bits += stride
    }
    kernel(x, y, &z, count)
    for i in 0..<count {
      let exact = reference(Double(x[i]), Double(y[i]))
      let actual = z[i]
      let rounded = Float(exact)
      if rounded == actual && rounded.sign == actual.sign && rounded.magnitude < 1 {
        // The common case, and at most half a unit.
      } else if exact != exact && actual != actual {
        continue
      }
      var error = ((Double(actual) - exact).magnitude / Double(rounded.magnitude < 1e-38 ? Float.leastNonzeroMagnitude : rounded.ulp))
      if exact != exact || actual != actual { error = .infinity }
      if rounded.isInfinite || actual.isInfinite {
        error = rounded == actual ? 0 : rounded.isInfinite && actual.nextUp.isInfinite ? 1 : .infinity
      }
      if rounded == 0 && actual == 0 { error = rounded.sign == actual.sign ? 0 : .infinity }
      if !(error <= result.ulp) { result = (error, x[i], y[i]) }
    }
  }
  return result
}

func worst(
  _ operands: Int, _ kernel: Kernel<Double>, _ reference: (Float80, Float80) -> Float80, samples: Int, bound: Double
) -> (ulp: Double, at: Double, and: Double) {
  let count = 4096
  var x = [Double](repeating: 0, count: count)
  var y = [Double](repeating: 0, count: count)
  var z = [Double](repeating: 0, count: count)
  var result = (ulp: 0.0, at: 0.0, and: 0.0)
  var random = Numbers(state: 3)
  let special: [Double] = [
    0, Double.leastNonzeroMagnitude, 2.2250738585072014e-308, 1e-300, 0x1p-52, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 100, 1e5, 1e15,
    4503599627370495.5, 4503599627370496, 1e300,
    709.78, 709.79, 710, 744.4, 745, 745.2, 746, .greatestFiniteMagnitude, .infinity, 0.7853981633974483, 1.5707963267948966,
    3.141592653589793, .nan,
  ].flatMap { [$0, -$0] }
  var done = 0
  while done < samples {
    for i in 0..<count {
      let k = done + i
      x[i] = k < 4096 ? special[k % 64] : random.double(upTo: bound)
      y[i] = k < 4096 ? special[k / 64] : random.double(upTo: bound)
      if k & 3 == 3 && operands == 2 { y[i] = (random.unit() - 0.5) * 40 }
      if !(x[i].magnitude <= bound) && x[i].magnitude < .infinity { x[i] = 0 }
    }
    kernel(x, y, &z, count)
    for i in 0..<count {
      let exact = reference(Float80(x[i]), Float80(y[i]))
      let actual = z[i]
      if exact != exact && actual != actual { continue }
      let rounded = Double(exact)
      var error = Double((Float80(actual) - exact).magnitude / Float80(rounded.ulp))
      if exact != exact || actual != actual { error = .infinity }
      if rounded.isInfinite || actual.isInfinite {
        error = rounded == actual ? 0 : rounded.isInfinite && actual.nextUp.isInfinite ? 1 : .infinity
      }
      if rounded == 0 && actual == 0 { error = rounded.sign == actual.sign ? 0 : .infinity }
      if !(error <= result.ulp) { result = (error, x[i], y[i]) }
    }
    done += count
  }
  return result
}

/// Nanoseconds for an element of an array in the nearest cache: the best of several.
func time<T: BinaryFloatingPoint>(_ kernel: Kernel<T>, _ name: String) -> Double {
  let count = 1024
  var random = Numbers(state: 5)
  let isPositive: Bool = ["log", "squareRoot", "pow"].contains(name)
  let isUnit: Bool = ["asin", "acos"].contains(name)
  let x: [T] = (0..<count).map { _ in T((random.unit() - (isPositive ? 0 : 0.5)) * (isUnit ? 2 : 10)) }
  let y: [T] = (0..<count).map { _ in T((random.unit() - 0.5) * 10) }
  var z = [T](repeating: 0, count: count)
  var best = Double.infinity
  for _ in 0..<30 {
    var start = timespec()
    clock_gettime(CLOCK_MONOTONIC, &start)
    for _ in 0..<20 { kernel(x, y, &z, count) }
    var end = timespec()
    clock_gettime(CLOCK_MONOTONIC, &end)
    let elapsed = Double(end.tv_sec - start.tv_sec) * 1e9 + Double(end.tv_nsec - start.tv_nsec)
    best = min(best, elapsed / Double(20 * count))
  }
  return best
}

func rounded(_ x: Double) -> String {
  let hundredths = x.isFinite ? Int((x * 100).rounded()) : -1
  return hundredths < 0 ? "inf" : "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
}

var only: Set<String> = []
var stride: UInt64 = 7
var samples = 10_000_000
var measures = true
var arguments = CommandLine.arguments.dropFirst()
while let argument = arguments.popFirst() {
  switch argument {
  case "--all": stride = 1
  case "--quick":
    stride = 1009
    samples = 1_000_000
  case "--time": measures = false
  default: only.insert(argument)
  }
}
print("| function | ULP, Float | at | ns, 4 / 8 / 16 lanes | ULP, Double | at | ns, 2 / 4 / 8 lanes |\n|---|---|---|---|---|---|---|")
for (single, double) in zip(singleKernels, doubleKernels) where only.isEmpty || only.contains(single.name) {
  let reference = references[single.name]!
  let isTrigonometric = trigonometric.contains(single.name)
  var row = "| \(single.name) |"
  if measures {
    let error = worst(single.operands, single.kernels[1], reference.single, stride: stride, bound: isTrigonometric ? 1e5 : .infinity)
    row += " \(rounded(error.ulp)) | \(error.at)" + (single.operands == 2 ? ", \(error.and)" : "") + " |"
  } else {
    row += " | |"
  }
  row += " " + single.kernels.map { rounded(time($0, single.name)) }.joined(separator: " / ") + " |"
  if measures {
    let error = worst(double.operands, double.kernels[1], reference.double, samples: samples, bound: isTrigonometric ? 1e9 : .infinity)
    row += " \(rounded(error.ulp)) | \(error.at)" + (double.operands == 2 ? ", \(error.and)" : "") + " |"
  } else {
    row += " | |"
  }
  row += " " + double.kernels.map { rounded(time($0, double.name)) }.joined(separator: " / ") + " |"
  print(row)
  fflush(nil)
}
