/// A derivative along a line from values of the function alone, with how far it can be trusted.
struct DifferenceEstimate {
  var derivative: [Double]
  /// Of `derivative`, as a norm over its numbers.
  var error: Double
}

/// Central differences at shrinking steps from `first` on, extrapolated to step 0 (Richardson's scheme; Ridders 1982), for each of `count` arrays
/// on its own. `values(h)` are the arrays at the point moved by `h` along the line; steps at which they are not finite are left out. Nil where
/// fewer than three steps remain. Steps end early where every estimate has settled. `rounding` is by how much the values of each array are rounded, as a norm.
func differences(
  count: Int, rounding: [Double], first: Double = 0x1p-4, endsEarly: Bool = true, _ values: (Double) throws -> [[Double]]
) rethrows -> [DifferenceEstimate]? {
  let factor = 4.0
  var tableaus = [Tableau](repeating: Tableau(), count: count)
  var rows = 0
  var h = first
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
    for place in slopes.indices { tableaus[place].add(slopes[place], rounding: rounding[place] / h, ratio: factor * factor) }
    if endsEarly, rows >= 3, tableaus.allSatisfy(\.isSettled) { break }
  }
  return rows >= 3 ? tableaus.compactMap(\.best) : nil
}

/// The same for values that may be rounded by more than `rounding`, to few bits, so that neighbours in one row agree by chance: the rounding is
/// measured, and several rows are made of steps that have none in common. By how much they differ is what rounding makes of them.
func carefulDifferences(
  count: Int, rounding: [Double], _ values: (Double) throws -> [[Double]]
) rethrows -> [DifferenceEstimate]? {
  let rounding = zip(rounding, try measuredRounding(count: count, values)).map(max)
  var all: [[DifferenceEstimate]] = []
  for scale in [1, 0.83, 0.67] {
    guard let row = try differences(count: count, rounding: rounding, first: scale * 0x1p-4, endsEarly: false, values) else { return nil }
    all.append(row)
  }
  return (0..<count).map { place in
    let estimates = all.map { $0[place] }.sorted { $0.error < $1.error }
    let spread = estimates.reduce(0) { max($0, norm(difference($1.derivative, estimates[0].derivative))) }
    return DifferenceEstimate(derivative: estimates[0].derivative, error: max(spread, estimates[0].error))
  }
}

/// By how much each array is rounded, as a norm, from its sixth differences: of a smooth function little else is left in them
/// (Moré and Wild, "Estimating computational noise", 2011). The step is long enough to cross the stairs that coarse values move in.
private func measuredRounding(count: Int, _ values: (Double) throws -> [[Double]]) rethrows -> [Double] {
  // The variance of a sixth difference of independent errors is that of one of them times "12 over 6".
  let (order, variances) = (6, 924.0)
  let samples = try (-5...5).map { try values(Double($0) * 0x1p-7) }
  return (0..<count).map { place in
    var table = samples.map { $0[place] }
    for _ in 0..<order { table = zip(table.dropFirst(), table).map { difference($0, $1) } }
    let squares = table.reduce(0) { $0 + norm($1) * norm($1) }
    let measured = (squares / (Double(table.count) * variances)).squareRoot()
    return measured.isFinite ? measured : 0
  }
}

/// Neville's tableau in even powers of the step, with the entry whose error is smallest: what it is off from its neighbours, or what rounding
/// makes of its smallest step.
private struct Tableau {
  private var last: [[Double]] = []
  private(set) var best: DifferenceEstimate?

  var isSettled: Bool { best.map { $0.error <= 1e-9 * norm($0.derivative) } ?? false }

  mutating func add(_ slope: [Double], rounding: Double, ratio: Double) {
    // row[k] has the terms of order h^2 … h^2k removed.
    var row = [slope]
    var weight = ratio
    for previous in last {
      let current = row[row.count - 1]
      row.append(zip(current, previous).map { $0 + ($0 - $1) / (weight - 1) })
      weight *= ratio
    }
    for k in row.indices.dropFirst() {
      let error = max(norm(difference(row[k], row[k - 1])), norm(difference(row[k], last[k - 1])), rounding)
      if best == nil || error < best!.error { best = DifferenceEstimate(derivative: row[k], error: error) }
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
