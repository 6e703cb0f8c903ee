import ModelDSL

/// Writes expressions.
struct EquationText {
  /// Words with how tightly they hold together.
  struct Phrase {
    var words: String
    var strength: Int
    init(_ words: String, strength: Int = Phrase.atom) {
      self.words = words
      self.strength = strength
    }
    /// The language's precedences.
    static let or = 0, and = 1, comparison = 2, sum = 3, product = 4, unary = 5, power = 6, atom = 7

    func within(_ strength: Int) -> String { self.strength >= strength ? words : "(\(words))" }
  }

  let equations: Equations
  init(_ equations: Equations) { self.equations = equations }

  func text(_ value: Value, _ scope: EquationScope) -> Phrase {
    if let bound = scope[value] { return bound }
    guard let operation = equations.definition(of: value) else { return Phrase(equations.name(value)) }
    return text(operation, scope)
  }

  func list(_ values: [Value], _ scope: EquationScope) -> String { values.map { text($0, scope).words }.joined(separator: ", ") }

  func axes(_ axes: [Axis], _ scope: EquationScope) -> String {
    axes.map { "\(text($0.index, scope).words) in \($0.size)" }.joined(separator: ", ")
  }

  /// `value[indices]`; where the value is a map that stands here, its body at these indices.
  func text(_ value: Value, at indices: [Phrase], _ scope: EquationScope) -> Phrase {
    if indices.isEmpty { return text(value, scope) }
    if scope[value] == nil, let operation = equations.definition(of: value) {
      switch operation {
      case .map(let map) where indices.count >= map.axes.count && map.body.results.count == 1:
        var inner = scope
        for (axis, index) in zip(map.axes, indices) { inner.bind(axis.index, to: index) }
        return text(map.body.results[0], at: Array(indices.dropFirst(map.axes.count)), inner)
      case .read(let array, let first): return text(array, at: first.map { text($0, scope) } + indices, scope)
      default: break
      }
    }
    return Phrase("\(text(value, scope).within(Phrase.atom))[\(indices.map(\.words).joined(separator: ", "))]")
  }

  func text(_ operation: Operation, _ scope: EquationScope) -> Phrase {
    switch operation {
    case .constant(let constant): return Self.text(constant)
    case .size(let size): return Phrase("\(size)", strength: size.symbol != nil || size.constant != nil ? Phrase.atom : Phrase.sum)
    case .primitive(let primitive, let operands): return text(primitive, operands, scope)
    case .read(let array, let indices): return text(array, at: indices.map { text($0, scope) }, scope)
    case .pack(let elements): return Phrase("[\(list(elements, scope))]")
    case .map(let map):
      var inner = scope
      inner.bind(map.axes, equations)
      return Phrase("[\(axes(map.axes, inner)): \(text(map.body, inner))]")
    case .reduce(let reduce):
      var inner = scope
      inner.bind(reduce.axes, equations)
      let condition = reduce.condition.map { " where \(text($0, inner))" } ?? ""
      return Phrase("\(reduce.op.rawValue)(\(axes(reduce.axes, inner))\(condition): \(text(reduce.body, inner)))")
    case .branch(let condition, let then, let otherwise):
      return Phrase("if \(text(condition, scope).words) \(braced(then, scope)) else \(braced(otherwise, scope))", strength: -1)
    case .update(let array, let indices, let row):
      return Phrase("\(text(array, scope).words) with [\(list(indices, scope))] = \(text(row, scope).words)", strength: -1)
    case .ruled(let value, let rules):
      let parts = rules.map { rule in
        var inner = scope
        for (parameter, word) in zip(rule.block.parameters.reversed(), ["value", "g"]) { inner.bind(parameter, to: Phrase(word)) }
        return "\(text(rule.target, scope).words): \(rule.kind == .cotangent ? "g -> " : "")\(text(rule.block, inner))"
      }
      return Phrase("inject(\(([text(value, scope).words] + parts).joined(separator: ", ")))")
    case .scan, .whileLoop, .accumulating, .accumulate: return Phrase(operation.keyword)
    }
  }

  /// A body: its value, after the `let`s that it needs.
  func text(_ block: Block, _ scope: EquationScope) -> String {
    let lets = equations.lets(block)
    return lets.isEmpty ? value(of: block, scope) : braced(block, scope)
  }

  private func braced(_ block: Block, _ scope: EquationScope) -> String {
    let lets = equations.lets(block).map { statement in
      let names = statement.results.map(equations.name)
      return "let \(names.count == 1 ? names[0] : "(\(names.joined(separator: ", ")))") = \(text(statement.operation, scope).words)"
    }
    return "{ " + (lets + [value(of: block, scope)]).joined(separator: "; ") + " }"
  }

  private func value(of block: Block, _ scope: EquationScope) -> String {
    block.results.count == 1 ? text(block.results[0], scope).words : "(\(list(block.results, scope)))"
  }

  static func text(_ constant: Constant) -> Phrase {
    switch constant {
    case .boolean(let truth): return Phrase("\(truth)")
    case .integer(let number): return Phrase("\(number)", strength: number < 0 ? Phrase.unary : Phrase.atom)
    case .real(let number):
      let whole = number == number.rounded() && number.magnitude < 1e15
      return Phrase(whole ? "\(Int(number))" : "\(number)", strength: number < 0 ? Phrase.unary : Phrase.atom)
    }
  }

  // MARK: Primitives

  private func text(_ primitive: Primitive, _ operands: [Value], _ scope: EquationScope) -> Phrase {
    let phrases = operands.map { text($0, scope) }
    func call(_ name: String) -> Phrase { Phrase("\(name)(\(phrases.map(\.words).joined(separator: ", ")))") }
    func infix(_ left: Int, _ right: Int, _ strength: Int) -> Phrase {
      Phrase("\(phrases[0].within(left)) \(primitive.operatorSymbol ?? primitive.rawValue) \(phrases[1].within(right))", strength: strength)
    }
    switch primitive {
    case .or: return infix(Phrase.or, Phrase.and, Phrase.or)
    case .and: return infix(Phrase.and, Phrase.comparison, Phrase.and)
    case .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual: return infix(Phrase.sum, Phrase.sum, Phrase.comparison)
    case .add, .subtract: return infix(Phrase.sum, Phrase.product, Phrase.sum)
    case .multiply, .divide, .quotient, .modulo: return infix(Phrase.product, Phrase.unary, Phrase.product)
    case .power: return infix(Phrase.atom, Phrase.power, Phrase.power)
    case .negate: return Phrase("-\(phrases[0].within(Phrase.unary))", strength: Phrase.unary)
    case .not: return Phrase("!\(phrases[0].within(Phrase.unary))", strength: Phrase.unary)
    case .minimum: return call("min")
    case .maximum: return call("max")
    case .realFromInteger: return phrases[0]
    case .realFromBoolean: return call("Float")
    case .integerFromBoolean, .integerFromReal: return call("Int")
    case .step:
      return phrases[1].words == "0"
        ? Phrase("step(\(phrases[0].words))") : Phrase("step(\(phrases[0].words), atZero: \(phrases[1].words))")
    case .abs, .exp, .expm1, .log, .log1p, .sqrt, .sin, .cos, .tan, .asin, .acos, .atan, .atan2, .sinh, .cosh, .tanh, .sigmoid, .softplus,
      .erf, .floor, .ceil, .round, .sign:
      return call(primitive.rawValue)
    }
  }
}
