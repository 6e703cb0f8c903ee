import Codegen
import ModelDSL

/// Where derivatives are tried: values of a procedure's inputs, and its sizes.
struct Point {
  var inputs: [ArrayValue]
  var sizes: [SizeSymbol: Int]
}

/// Draws points for one procedure.
struct PointSource {
  let procedure: Procedure
  /// What is known of the inputs beyond their types; by place.
  let hints: [Int: Hint]

  enum Hint {
    /// A learned parameter: near where it would start.
    case initializer(Initializer)
    /// A setting: its value, a little changed where it is a real number.
    case near(Constant)
  }

  /// How real numbers are drawn: a later attempt leaves the normal distribution, for functions that are defined on less than the line.
  private enum Spread: CaseIterable {
    case normal, positive, unit, wide
  }

  /// Run-time sizes are drawn from `range`, or where that does not satisfy the requirements, from a wider one. Nil where no sizes were found.
  func draw(attempt: Int, sizes range: ClosedRange<Int> = 2...7, _ random: inout RandomNumbers) -> Point? {
    guard let sizes = drawSizes(from: range, &random) else { return nil }
    var inputs: [ArrayValue] = []
    for (place, input) in procedure.inputs.enumerated() {
      let type = procedure.values[input.value]
      let shape = type.shape.compactMap { $0.evaluated(sizes) }
      let count = shape.reduce(1, *)
      let isParameter = if case .initializer? = hints[place] { true } else { false }
      let spread: Spread =
        isParameter ? (attempt.isMultiple(of: 3) ? .normal : .wide) : attempt < 4 ? .normal : Spread.allCases.randomElement(using: &random)!
      switch type.element {
      case .real:
        let numbers = (0..<count).map { _ in real(place, shape, spread, &random) }
        inputs.append(ArrayValue.reals(numbers, shape: shape))
      case .integer:
        inputs.append(ArrayValue.integers((0..<count).map { _ in integer(place, sizes, &random) }, shape: shape))
      case .boolean:
        let truths = (0..<count).map { _ in
          if case .near(.boolean(let value))? = hints[place] { return value }
          return Bool.random(using: &random)
        }
        inputs.append(ArrayValue.booleans(truths, shape: shape))
      }
    }
    return Point(inputs: inputs, sizes: sizes)
  }

  private func drawSizes(from range: ClosedRange<Int>, _ random: inout RandomNumbers) -> [SizeSymbol: Int]? {
    for range in [range, 1...16, 0...64] {
      for _ in 0..<200 {
        var sizes: [SizeSymbol: Int] = [:]
        for symbol in procedure.sizes { sizes[symbol] = random.integer(in: range) }
        if isConsistent(sizes) { return sizes }
      }
    }
    return nil
  }

  private func isConsistent(_ sizes: [SizeSymbol: Int]) -> Bool {
    for input in procedure.inputs {
      for size in procedure.values[input.value].shape {
        guard let length = size.evaluated(sizes), length >= 0 else { return false }
      }
      if let bound = input.indexBound {
        guard let limit = bound.evaluated(sizes), limit > 0 else { return false }
      }
    }
    return procedure.requirements.allSatisfy { ($0.size.evaluated(sizes) ?? -1) >= 0 }
  }

  private func real(_ place: Int, _ shape: [Int], _ spread: Spread, _ random: inout RandomNumbers) -> Double {
    switch hints[place] {
    case .initializer(let initializer):
      // Where training starts many a network is silent: other points are further away.
      if spread == .normal { return initializer.typicalValue(shape, &random) + 0.1 * random.normal() }
      return shape.count < 2 ? random.normal() : 2 * random.normal() / Double(shape[shape.count - 1]).squareRoot()
    case .near(.real(let value)): return value + 0.1 * random.normal() * max(abs(value), 0.1)
    case .near(.integer), .near(.boolean), nil: break
    }
    switch spread {
    case .normal: return random.normal()
    case .positive: return 0.2 + abs(random.normal())
    case .unit: return 0.05 + 0.9 * random.uniform()
    case .wide: return 3 * random.normal()
    }
  }

  private func integer(_ place: Int, _ sizes: [SizeSymbol: Int], _ random: inout RandomNumbers) -> Int {
    let input = procedure.inputs[place]
    if let symbol = input.sizeSymbol { return sizes[symbol] ?? 0 }
    if let limit = input.indexBound?.evaluated(sizes) { return random.integer(in: 0...max(0, limit - 1)) }
    if case .near(.integer(let value))? = hints[place] { return value }
    return random.integer(in: 1...5)
  }
}

extension Initializer {
  /// A number as the initialiser might give it; an orthogonal matrix's entries are about normal.
  func typicalValue(_ shape: [Int], _ random: inout RandomNumbers) -> Double {
    func symmetric(_ bound: Double) -> Double { bound * (2 * random.uniform() - 1) }
    switch self {
    case .constant(let value): return value
    case .normal(let mean, let deviation): return mean + deviation * random.normal()
    case .uniform(let low, let high): return low + (high - low) * random.uniform()
    case .xavierUniform(let fanIn, let fanOut): return symmetric((6 / Double(fanIn + fanOut)).squareRoot())
    case .xavierNormal(let fanIn, let fanOut): return (2 / Double(fanIn + fanOut)).squareRoot() * random.normal()
    case .heUniform(let fanIn): return symmetric((6 / Double(fanIn)).squareRoot())
    case .heNormal(let fanIn): return (2 / Double(fanIn)).squareRoot() * random.normal()
    case .orthogonal(let gain): return gain / Double(max(1, shape.max() ?? 1)).squareRoot() * random.normal()
    }
  }
}
