import Foundation

// How long gradients take, in times of their functions: processor time of one thread, medians of rounds in which the two take turns.

/// Seconds of processor time that this process has used.
func processorTime() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}

/// Numbers without a pattern, the same on every machine.
func numbers(_ count: Int, from low: Double = -1, to high: Double = 1) -> [Double] {
  var state: UInt64 = 1
  return (0..<count).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return low + (high - low) * Double(state >> 11) * 0x1p-53
  }
}

func indices(_ count: Int, below bound: Int) -> [Int32] { numbers(count, from: 0, to: Double(bound)).map { Int32($0) } }

func median(_ numbers: [Double]) -> Double { numbers.sorted()[numbers.count / 2] }

/// Repetitions fill a round of so many seconds, so that the clock's step does not matter.
func report(_ name: String, function: () -> Void, gradient: () -> Void, roundSeconds: Double = 0.05) {
  func repetitions(_ run: () -> Void) -> Int {
    run()
    let start = processorTime()
    var count = 0
    while processorTime() - start < roundSeconds {
      run()
      count += 1
    }
    return count
  }
  let counts = (repetitions(function), repetitions(gradient))
  func seconds(_ run: () -> Void, _ count: Int) -> Double {
    let start = processorTime()
    for _ in 0..<count { run() }
    return (processorTime() - start) / Double(count)
  }
  let rounds = (0..<15).map { _ in (seconds(function, counts.0), seconds(gradient, counts.1)) }
  let microseconds = [median(rounds.map(\.0)), median(rounds.map(\.1))].map { String(format: "%.1f", 1e6 * $0) }
  let ratio = String(format: "%.2f", median(rounds.map { $1 / $0 }))
  print("| \(name) | \(microseconds[0]) | \(microseconds[1]) | \(ratio) |")
}

/// Keeps results from being optimised away.
nonisolated(unsafe) var sum = 0.0

func mixture(d: Int, k: Int = 25, n: Int = 1000) {
  let alpha = numbers(k), mu = numbers(k * d), q = numbers(k * d), l = numbers(k * d * (d - 1) / 2), x = numbers(n * d)
  report("GaussianMixture, d \(d), k \(k), n \(n)") {
    sum += Subjects.logPosterior(alpha: alpha, mu: mu, q: q, l: l, x: x, gamma: 0.7, m: 2, d: d, n: n)
  } gradient: {
    sum += Subjects.logPosteriorGradient(alpha: alpha, mu: mu, q: q, l: l, x: x, gamma: 0.7, m: 2, d: d, n: n).value
  }
}

func ode(n: Int, steps: Int) {
  let x = numbers(n)
  report("ode, \(n) numbers, \(steps) steps") {
    sum += Subjects.last(x: x, steps: steps)
  } gradient: {
    sum += Subjects.lastGradient(x: x, steps: steps).value
  }
}

func bundle(c: Int = 49, p: Int = 7776, o: Int = 31843) {
  let cameras = numbers(11 * c, from: 0.5), points = numbers(3 * p, from: 2, to: 3), weights = numbers(o), seen = numbers(2 * o)
  let cameraOf = indices(o, below: c), pointOf = indices(o, below: p)
  report("BundleAdjustment, half the sum of squares, \(c), \(p), \(o)") {
    sum += try! Subjects.cost(
      cameras: cameras, points: points, weights: weights, seen: seen, cameraOf: cameraOf, pointOf: pointOf, c: c, p: p)
  } gradient: {
    sum += try! Subjects.costGradient(
      cameras: cameras, points: points, weights: weights, seen: seen, cameraOf: cameraOf, pointOf: pointOf, c: c, p: p
    ).value
  }
}

print("| function | function, µs | gradient, µs | gradient over function |\n|---|---|---|---|")
mixture(d: 10)
mixture(d: 32)
ode(n: 1000, steps: 100)
ode(n: 100, steps: 1000)
report("pendulum, a quarter of its period") {
  sum += try! Subjects.quarterPeriod(start: 0.9, length: 1.1)
} gradient: {
  sum += try! Subjects.quarterPeriodGradient(start: 0.9, length: 1.1).value
}
bundle()
if sum.isNaN { print("a result is not a number") }
