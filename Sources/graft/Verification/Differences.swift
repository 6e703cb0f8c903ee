/// A derivative along a line from values of the function alone, with how far it can be trusted.
struct DifferenceEstimate {
  var derivative: [Double]
  /// Of `derivative`, as a norm over its numbers: what two step sizes disagree by, or what rounding in the values makes of the smaller one.
  var error: Double
}

/// Central differences at shrinking steps, extrapolated to step 0 (Richardson's scheme; Ridders 1982), for each of `count` arrays on its own.
/// `values(h)` are the arrays at the point moved by `h` along the line; steps at which they are not finite are left out. Nil where fewer than
/// three steps remain. Steps end early where every estimate has settled. With `measuringNoise` none ends early, and rounding in the values is
/// measured: estimates at two steps may agree by chance, where the values move in stairs.
func differences(
  count: Int, measuringNoise: Bool = false, _ values: (Double) throws -> [[Double]]
) rethrows -> [DifferenceEstimate]? {
  let factor = 4.0
  var tableaus = [Tableau](repeating: Tableau(), count: count)
  var rows = 0
  var h = 0x1p-4
  for _ in 0..<7 {
    defer { h /= factor }
    let above = try values(h)
    let below = try values(-h)
    let slopes = zip(above, below).map { zip($0, $1).map { ($0 - $1) / (2 * h) } }
    if !slopes.allSatisfy({ $0.allSatisfy(\.isFinite) }) {
      tableaus = [Tableau](repeating: Tableau(), count: count)
      rows = 0
      continue
    }
    rows += 1
    for place in slopes.indices { tableaus[place].add(slopes[place], step: h, ratio: factor * factor) }
    if rows >= 3, !measuringNoise, tableaus.allSatisfy(\.isSettled) { break }
  }
  if rows < 3 { return nil }
  let noise = measuringNoise ? try noise(count: count, values) : [Double](repeating: 0, count: count)
  return zip(tableaus, noise).compactMap { $0.best(noise: $1) }
}

/// How much rounding moves each array, as a norm: sixth differences over steps so small that nothing else is left in them
/// (Moré and Wild, "Estimating computational noise", 2011). What is rounded inside may change in long stairs only, so a longer step is tried too.
private func noise(count: Int, _ values: (Double) throws -> [[Double]]) rethrows -> [Double] {
  // The variance of a sixth difference of independent errors is that of one of them times "12 over 6".
  let (order, variances) = (6, 924.0)
  var noise = [Double](repeating: 0, count: count)
  for step in [0x1p-36, 0x1p-12] {
    let samples = try (-5...5).map { try values(Double($0) * step) }
    for place in noise.indices {
      var table = samples.map { $0[place] }
      // A value is rounded once at least.
      let least = 0x1p-54 * table.reduce(0) { max($0, norm($1)) }
      for _ in 0..<order { table = zip(table.dropFirst(), table).map { difference($0, $1) } }
      let squares = table.reduce(0) { $0 + norm($1) * norm($1) }
      let measured = (squares / (Double(table.count) * variances)).squareRoot()
      noise[place] = max(noise[place], least.isFinite ? least : 0, measured.isFinite ? measured : 0)
    }
  }
  return noise
}

/// Neville's tableau in even powers of the step.
private struct Tableau {
  private struct Entry {
    var derivative: [Double]
    /// By how much its neighbours in the tableau are off.
    var disagreement: Double
    /// The smallest step that it is made from.
    var step: Double
  }

  private var last: [[Double]] = []
  private var entries: [Entry] = []

  var isSettled: Bool { entries.contains { $0.disagreement <= 1e-9 * norm($0.derivative) } }

  /// The entry with the smallest error. Neighbours may agree by chance, so none is better than rounding lets it be.
  func best(noise: Double) -> DifferenceEstimate? {
    entries.map { DifferenceEstimate(derivative: $0.derivative, error: max($0.disagreement, noise / $0.step)) }.min { $0.error < $1.error }
  }

  mutating func add(_ slope: [Double], step: Double, ratio: Double) {
    // row[k] has the terms of order h^2 … h^2k removed.
    var row = [slope]
    var weight = ratio
    for previous in last {
      let current = row[row.count - 1]
      row.append(zip(current, previous).map { $0 + ($0 - $1) / (weight - 1) })
      weight *= ratio
    }
    for k in row.indices.dropFirst() {
      let disagreement = max(norm(difference(row[k], row[k - 1])), norm(difference(row[k], last[k - 1])))
      entries.append(Entry(derivative: row[k], disagreement: disagreement, step: step))
    }
    last = row
  }
}

/// Scaled, so that squares of large numbers do not overflow.
func norm(_ numbers: [Double]) -> Double {
  let largest = numbers.reduce(0) { $1.isNaN ? .nan : max($0, abs($1)) }
  if largest == 0 || !largest.isFinite { return largest }
  return largest * numbers.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot()
}

func difference(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 - $1 } }

func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
