// `~ normal(mean: 0, deviation: 0.1)`: how a learned parameter starts, as numbers.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension Initializer {
  /// All initialisers, with the labels of their arguments.
  static let arguments: [(name: String, labels: [String])] = [
    ("constant", ["value"]), ("normal", ["mean", "deviation"]), ("uniform", ["low", "high"]),
    ("xavierUniform", ["fanIn", "fanOut"]), ("xavierNormal", ["fanIn", "fanOut"]),
    ("heUniform", ["fanIn"]), ("heNormal", ["fanIn"]), ("orthogonal", ["gain"]),
  ]
  static var names: [String] { arguments.map(\.name) }
}

extension Checker {
  /// The initialiser of a parameter of a shape; nil after an error, or where its sizes are not fixed.
  mutating func checkInitializer(
    _ tree: Expression?, _ shape: [Size], _ parameter: Name, _ statement: Statement, evaluates: Bool
  ) -> Initializer? {
    guard let tree else {
      report(.initializerMissing(name: parameter.text, at: parameter.range))
      return nil
    }
    let (name, arguments): (String, [Argument])
    switch tree.kind {
    case .name(let text): (name, arguments) = (text, [])
    case .call(let callee, let list):
      guard case .name(let text) = callee.kind else { fallthrough }
      (name, arguments) = (text, list)
    case .error: return nil
    default:
      report(.unknownInitializer(name: text(tree.range), nearest: nil, at: tree.range))
      return nil
    }
    guard let labels = Initializer.arguments.first(where: { $0.name == name })?.labels else {
      report(.unknownInitializer(name: name, nearest: ModelDSL.nearestName(to: name, among: Initializer.names), at: tree.range))
      return nil
    }
    guard let values = initializerValues(name, labels, arguments, evaluates, at: tree.range), evaluates else { return nil }
    let sizes = shape.map { $0.constant ?? 1 }
    func fan(_ label: String, _ size: Int?) -> Int? {
      guard let value = values[label] else { return size ?? 1 }
      guard value >= 1, value < 1e9 else {
        report(.initializerRange(text: "`\(label)` is \(value)", at: tree.range))
        return nil
      }
      return Int(value.rounded())
    }
    switch name {
    case "constant": return values["value"].map { .constant($0) }
    case "normal":
      guard let mean = values["mean"], let deviation = values["deviation"] else { return nil }
      if deviation < 0 { report(.initializerRange(text: "the deviation is \(deviation)", at: tree.range)) }
      return .normal(mean: mean, deviation: deviation)
    case "uniform":
      guard let low = values["low"], let high = values["high"] else { return nil }
      if low > high { report(.initializerRange(text: "the range runs from \(low) down to \(high)", at: tree.range)) }
      return .uniform(low: low, high: high)
    case "orthogonal":
      if sizes.count != 2 { report(.initializerOrthogonal(name: parameter.text, rank: sizes.count, at: tree.range)) }
      return .orthogonal(gain: values["gain"] ?? 1)
    default:
      guard let fanIn = fan("fanIn", sizes.last), let fanOut = fan("fanOut", sizes.first) else { return nil }
      switch name {
      case "xavierUniform": return .xavierUniform(fanIn: fanIn, fanOut: fanOut)
      case "xavierNormal": return .xavierNormal(fanIn: fanIn, fanOut: fanOut)
      case "heUniform": return .heUniform(fanIn: fanIn)
      default: return .heNormal(fanIn: fanIn)
      }
    }
  }

  private mutating func initializerValues(
    _ name: String, _ labels: [String], _ arguments: [Argument], _ evaluates: Bool, at range: SourceRange
  ) -> [String: Double]? {
    var values: [String: Double] = [:]
    var failed = false
    for (place, argument) in arguments.enumerated() {
      let label = argument.label?.text ?? (place < labels.count ? labels[place] : "")
      guard labels.contains(label) else {
        if argument.label == nil {
          report(.initializerArguments(initializer: name, names: labels, at: range))
        } else {
          report(.initializerLabel(label: label, initializer: name, names: labels, at: argument.label?.range ?? range))
        }
        failed = true
        continue
      }
      let value = check(argument.value, as: .real, Destination(description: "`\(label)` of `\(name)`"))
      if value.type.containsError {
        failed = true
      } else if evaluates {
        if let number = constantValue(value) {
          values[label] = number
        } else {
          report(.initializerNotConstant(text: text(argument.value.range), at: argument.value.range))
          failed = true
        }
      }
    }
    let optional: Set<String> = ["fanIn", "fanOut", "gain"]
    let given = Set(arguments.enumerated().map { $1.label?.text ?? ($0 < labels.count ? labels[$0] : "") })
    if !failed, labels.contains(where: { !optional.contains($0) && !given.contains($0) }) {
      report(.initializerArguments(initializer: name, names: labels, at: range))
      failed = true
    }
    return failed ? nil : values
  }

  /// The value of an expression of numbers, fixed sizes and constants; nil where it is not one.
  func constantValue(_ e: TypedExpression) -> Double? {
    switch e.kind {
    case .real(let value): return value
    case .integer(let value): return Double(value)
    case .boolean(let value): return value ? 1 : 0
    case .size(let size): return size.constant.map(Double.init)
    case .variable(let id): return constants[id].flatMap { constantValue($0) }
    case .primitive(let primitive, let operands):
      var values: [Double] = []
      for operand in operands {
        guard let value = constantValue(operand) else { return nil }
        values.append(value)
      }
      return evaluate(primitive, values)
    case .conditional(let condition, let a, let b) where a.statements.isEmpty && b.statements.isEmpty:
      return constantValue(condition).flatMap { constantValue($0 != 0 ? a.value : b.value) }
    default: return nil
    }
  }

  private func evaluate(_ primitive: Primitive, _ v: [Double]) -> Double? {
    switch primitive {
    case .add: v[0] + v[1]
    case .subtract: v[0] - v[1]
    case .multiply: v[0] * v[1]
    case .divide: v[0] / v[1]
    case .negate: -v[0]
    case .minimum: Swift.min(v[0], v[1])
    case .maximum: Swift.max(v[0], v[1])
    case .abs: Swift.abs(v[0])
    case .power: pow(v[0], v[1])
    case .exp: exp(v[0])
    case .log: log(v[0])
    case .sqrt: v[0].squareRoot()
    case .sin: sin(v[0])
    case .cos: cos(v[0])
    case .tan: tan(v[0])
    case .tanh: tanh(v[0])
    case .floor, .integerFromReal: v[0].rounded(.down)
    case .ceil: v[0].rounded(.up)
    case .quotient: v[1] == 0 ? nil : (v[0] / v[1]).rounded(.down)
    case .modulo: v[1] == 0 ? nil : v[0] - v[1] * (v[0] / v[1]).rounded(.down)
    case .less: v[0] < v[1] ? 1 : 0
    case .lessOrEqual: v[0] <= v[1] ? 1 : 0
    case .greater: v[0] > v[1] ? 1 : 0
    case .greaterOrEqual: v[0] >= v[1] ? 1 : 0
    case .equal: v[0] == v[1] ? 1 : 0
    case .notEqual: v[0] != v[1] ? 1 : 0
    case .not: v[0] == 0 ? 1 : 0
    case .and: v[0] != 0 && v[1] != 0 ? 1 : 0
    case .or: v[0] != 0 || v[1] != 0 ? 1 : 0
    case .realFromInteger, .realFromBoolean, .integerFromBoolean: v[0]
    default: nil
    }
  }
}
