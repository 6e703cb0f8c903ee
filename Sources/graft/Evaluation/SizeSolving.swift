import ModelDSL

/// Finds run-time sizes from the shapes that were given: a size that is one symbol first, then whatever has one unknown left.
struct SizeSolver {
  private(set) var known: [SizeSymbol: Int]
  private var equations: [(size: Size, value: Int)] = []

  init(known: [SizeSymbol: Int] = [:]) { self.known = known }

  mutating func require(_ size: Size, equals value: Int) { equations.append((size, value)) }

  mutating func define(_ symbol: SizeSymbol, as value: Int) { if known[symbol] == nil { known[symbol] = value } }

  /// Solves until nothing more follows. Contradictions are left for the caller, who knows the names.
  mutating func solve() {
    var progress = true
    while progress {
      progress = false
      for (size, value) in equations {
        let rest = size.substituting(known.mapValues { Size($0) })
        let unknown = rest.symbols
        guard unknown.count == 1, let root = Self.root(of: rest, in: unknown[0], value) else { continue }
        known[unknown[0]] = root
        progress = true
      }
    }
  }

  /// The smallest number of at least 0 for which the polynomial takes the value.
  private static func root(of size: Size, in symbol: SizeSymbol, _ value: Int) -> Int? {
    if size.symbol == symbol { return value }
    return (0...(2 * abs(value) + 64)).first { size.evaluated([symbol: $0]) == value }
  }
}
