import ModelDSL

/// `Parameters(seed:)`: how each parameter starts.
struct InitializersText {
  let layout: ModelLayout
  let access: String

  private var number: String { layout.precision.rawValue }

  /// How the numbers of one parameter are drawn.
  private enum Draw {
    case constant(Double)
    case uniform(low: Double, high: Double)
    case normal(mean: Double, deviation: Double)
    case orthogonal(gain: Double)

    init(_ initializer: Initializer) {
      switch initializer {
      case .constant(let value): self = .constant(value)
      case .normal(let mean, let deviation): self = .normal(mean: mean, deviation: deviation)
      case .uniform(let low, let high): self = .uniform(low: low, high: high)
      case .xavierUniform(let fanIn, let fanOut):
        let bound = (6 / Double(fanIn + fanOut)).squareRoot()
        self = .uniform(low: -bound, high: bound)
      case .xavierNormal(let fanIn, let fanOut): self = .normal(mean: 0, deviation: (2 / Double(fanIn + fanOut)).squareRoot())
      case .heUniform(let fanIn):
        let bound = (6 / Double(fanIn)).squareRoot()
        self = .uniform(low: -bound, high: bound)
      case .heNormal(let fanIn): self = .normal(mean: 0, deviation: (2 / Double(fanIn)).squareRoot())
      case .orthogonal(let gain): self = .orthogonal(gain: gain)
      }
    }
  }

  private static func words(_ initializer: Initializer) -> String {
    func number(_ value: Double) -> String { Precision.double.literal(value).text }
    return switch initializer {
    case .constant(let value): "constant(\(number(value)))"
    case .normal(let mean, let deviation): "normal(mean: \(number(mean)), deviation: \(number(deviation)))"
    case .uniform(let low, let high): "uniform(low: \(number(low)), high: \(number(high)))"
    case .xavierUniform(let fanIn, let fanOut): "xavierUniform(fanIn: \(fanIn), fanOut: \(fanOut))"
    case .xavierNormal(let fanIn, let fanOut): "xavierNormal(fanIn: \(fanIn), fanOut: \(fanOut))"
    case .heUniform(let fanIn): "heUniform(fanIn: \(fanIn))"
    case .heNormal(let fanIn): "heNormal(fanIn: \(fanIn))"
    case .orthogonal(let gain): gain == 1 ? "orthogonal" : "orthogonal(gain: \(number(gain)))"
    }
  }

  /// A number for a path (FNV-1a).
  static func key(_ path: String) -> UInt64 {
    path.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  private func isRandom(_ initializer: Initializer) -> Bool {
    if case .constant = initializer { return false }
    return true
  }

  func initializer(_ text: inout Text, _ functions: inout Set<EmittedFunction>) {
    text.documentation(["As the model says, from a seed: the same numbers on every machine."])
    text.block("\(access) init(seed: UInt64)") { text in
      text.line("self.init()")
      if layout.parameters.contains(where: { isRandom($0.parameter.initializer) }) { text.line("var generator: Generator") }
      for parameter in layout.parameters {
        text.line("// \(parameter.parameter.path) ~ \(Self.words(parameter.parameter.initializer))")
        let places = "\(parameter.offset)..<\(parameter.offset + parameter.parameter.count)"
        let draw = Draw(parameter.parameter.initializer)
        if isRandom(parameter.parameter.initializer) {
          text.line("generator = Generator(seed: seed, key: 0x\(String(Self.key(parameter.parameter.path), radix: 16, uppercase: true)))")
        }
        let cast = layout.precision == .single ? { "Float(\($0))" } : { (text: String) in text }
        switch draw {
        case .constant(let value):
          if value != 0 { text.line("for i in \(places) { flat[i] = \(layout.precision.literal(value).text) }") }
        case .uniform(let low, let high):
          let draw = "generator.uniform(\(Precision.double.literal(low).text), \(Precision.double.literal(high).text))"
          text.line("for i in \(places) { flat[i] = \(cast(draw)) }")
        case .normal(let mean, let deviation):
          let draw = "generator.normal(\(Precision.double.literal(mean).text), \(Precision.double.literal(deviation).text))"
          text.line("for i in \(places) { flat[i] = \(cast(draw)) }")
        case .orthogonal(let gain):
          let rows = parameter.parameter.shape.first ?? 1
          let columns = parameter.parameter.shape.dropFirst().reduce(1, *)
          text.line("let matrix\(parameter.offset): [Double] = generator.orthogonal(\(rows), \(columns))")
          let value = gain == 1 ? "matrix\(parameter.offset)[i]" : "\(Precision.double.literal(gain).text) * matrix\(parameter.offset)[i]"
          text.line("for i in 0..<\(parameter.parameter.count) { flat[\(parameter.offset) + i] = \(cast(value)) }")
        }
      }
    }
    guard layout.parameters.contains(where: { isRandom($0.parameter.initializer) }) else { return }
    let draws = layout.parameters.map { Draw($0.parameter.initializer) }
    let hasOrthogonal = draws.contains { if case .orthogonal = $0 { true } else { false } }
    let hasNormal = hasOrthogonal || draws.contains { if case .normal = $0 { true } else { false } }
    text.line()
    text.lines(Self.generator)
    if hasNormal {
      functions.formUnion([EmittedFunction(.log, .double), EmittedFunction(.squareRoot, .double)])
      text.line()
      text.lines(Self.normal)
    }
    if hasOrthogonal {
      text.line()
      text.lines(Self.orthogonal)
    }
    text.line("}")
  }

  private static let generator = """
    /// Random numbers for one parameter (SplitMix64).
    private struct Generator {
      private var state: UInt64

      init(seed: UInt64, key: UInt64) {
        state = seed
        state = next() ^ key
      }

      mutating func next() -> UInt64 {
        state &+= 0x9E3779B97F4A7C15
        var z: UInt64 = state
        z = (z ^ (z &>> 30)) &* 0xBF58476D1CE4E5B9
        z = (z ^ (z &>> 27)) &* 0x94D049BB133111EB
        return z ^ (z &>> 31)
      }

      mutating func uniform(_ low: Double, _ high: Double) -> Double {
        let unit: Double = Double(next() &>> 11) * 1.1102230246251565e-16
        return low + (high - low) * unit
      }
    """.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)

  private static let normal = """
      /// Marsaglia's polar method; of each pair the first is taken.
      mutating func normal(_ mean: Double, _ deviation: Double) -> Double {
        while true {
          let x: Double = uniform(-1, 1)
          let y: Double = uniform(-1, 1)
          let square: Double = x * x + y * y
          if square >= 1 || square == 0 { continue }
          let scale: Double = squareRoot(-2 * log(square) / square)
          return mean + deviation * (x * scale)
        }
      }
    """.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)

  private static let orthogonal = """
      /// A matrix whose rows or columns, whichever are fewer, are orthonormal: normal numbers, made orthogonal one after the other (Gram and
      /// Schmidt, twice).
      mutating func orthogonal(_ rows: Int, _ columns: Int) -> [Double] {
        let count: Int = Swift.min(rows, columns)
        let length: Int = Swift.max(rows, columns)
        var vectors: [Double] = []
        for _ in 0..<(count * length) { vectors.append(normal(0, 1)) }
        for v in 0..<count {
          for pass in 0..<(2 * v) {
            let other: Int = pass % v
            var product: Double = 0
            for i in 0..<length { product += vectors[v * length + i] * vectors[other * length + i] }
            for i in 0..<length { vectors[v * length + i] -= product * vectors[other * length + i] }
          }
          var square: Double = 0
          for i in 0..<length { square += vectors[v * length + i] * vectors[v * length + i] }
          let scale: Double = 1 / squareRoot(square)
          for i in 0..<length { vectors[v * length + i] *= scale }
        }
        if rows <= columns { return vectors }
        var transposed: [Double] = vectors
        for v in 0..<count {
          for i in 0..<length { transposed[i * count + v] = vectors[v * length + i] }
        }
        return transposed
      }
    """.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
}
