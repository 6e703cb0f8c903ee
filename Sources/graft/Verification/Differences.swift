/// A derivative along a line from values of the function alone, with how far it can be trusted.
struct DifferenceEstimate {
  var derivative: [Double]
  /// Of `derivative`, as a norm over its numbers.
  var error: Double
}

/// Central differences at shrinking steps, extrapolated to step 0 (Richardson's scheme; Ridders 1982), for each of `count` arrays on its own.
/// `values(h)` are the arrays at the point moved by `h` along the line; steps at which they are not finite are left out. Nil where fewer than
/// three steps remain. Steps end early where every estimate has settled.
func differences(count: Int, _ values: (Double) throws -> [[Double]]) rethrows -> [DifferenceEstimate]? {
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
    for place in slopes.indices { tableaus[place].add(slopes[place], ratio: factor * factor) }
    if rows >= 3, tableaus.allSatisfy(\.isSettled) { break }
  }
  return rows >= 3 ? tableaus.compactMap(\.best) : nil
}

/// Neville's tableau in even powers of the step, with the entry that agrees best with its neighbours.
private struct Tableau {
  private var last: [[Double]] = []
  private(set) var best: DifferenceEstimate?

  var isSettled: Bool { best.map { $0.error <= 1e-9 * norm($0.derivative) } ?? false }

  mutating func add(_ slope: [Double], ratio: Double) {
    // row[k] has the terms of order h^2 … h^2k removed.
    var row = [slope]
    var weight = ratio
    for previous in last {
      let current = row[row.count - 1]
      row.append(zip(current, previous).map { $0 + ($0 - $1) / (weight - 1) })
      weight *= ratio
    }
    for k in row.indices.dropFirst() {
      let error = max(norm(difference(row[k], row[k - 1])), norm(difference(row[k], last[k - 1])))
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
