// Arguments matched with parameters, and the sizes that a call binds.

/// What a call needs to know of a parameter.
struct ParameterShape {
  var name: String
  var type: Type
  var hasDefault: Bool
  /// The symbol that the argument's value binds, for an `Int` that serves as a size.
  var sizeSymbol: SizeSymbol?
}

extension Checker {
  /// The arguments in the order of the parameters, nil where the default stands; nil as a whole after an error. Labels may be left out;
  /// a label says which parameter is meant, and those after it follow it.
  mutating func match(_ arguments: [Argument], to parameters: [ParameterShape], of name: String, at range: SourceRange) -> [Argument?]? {
    var matched: [Argument?] = parameters.map { _ in nil }
    var next = 0
    for argument in arguments {
      var place = next
      if let label = argument.label {
        guard let found = parameters.firstIndex(where: { $0.name == label.text }) else {
          let names = parameters.map(\.name)
          report(
            .unknownLabel(
              label: label.text, function: name, names: names, nearest: ModelDSL.nearestName(to: label.text, among: names), at: label.range)
          )
          return nil
        }
        place = found
      } else {
        while place < parameters.count, matched[place] != nil { place += 1 }
      }
      guard place < parameters.count else {
        report(.tooManyArguments(function: name, expected: parameters.map(\.name), found: arguments.count, at: argument.value.range))
        return nil
      }
      if matched[place] != nil {
        report(.argumentTwice(name: parameters[place].name, function: name, at: argument.value.range))
        return nil
      }
      matched[place] = argument
      next = place + 1
    }
    let missing = zip(parameters, matched).filter { $1 == nil && !$0.hasDefault }.map(\.0.name)
    guard missing.isEmpty else {
      report(.missingArguments(names: missing, function: name, expected: parameters.map(\.name), at: range))
      return nil
    }
    return matched
  }
}

/// Solves for the sizes that a call binds, from equations between sizes in the callee's symbols and sizes of the caller.
struct SizeSolver {
  enum Failure {
    /// The sides differ, everything known.
    case mismatch(Equation)
    /// The symbols cannot be solved for.
    case unsolved(Equation, [SizeSymbol])
    /// Nothing says what these symbols are.
    case unbound([SizeSymbol])
  }

  struct Equation {
    var formal: Size
    var actual: Size
    /// Which argument it comes from.
    var argument: Int
  }

  let unknowns: Set<SizeSymbol>
  private(set) var bindings: [SizeSymbol: Size] = [:]
  private(set) var pending: [Equation] = []

  init(unknowns: [SizeSymbol]) { self.unknowns = Set(unknowns) }

  mutating func add(_ formal: Size, _ actual: Size, argument: Int) {
    pending.append(Equation(formal: formal, actual: actual, argument: argument))
  }

  func isKnown(_ size: Size) -> Bool { size.symbols.allSatisfy { !unknowns.contains($0) || bindings[$0] != nil } }

  /// Uses every equation that can be used; what is left waits for more.
  mutating func solve() -> Failure? {
    var progress = true
    while progress {
      progress = false
      var waiting: [Equation] = []
      for equation in pending {
        let formal = equation.formal.substituting(bindings)
        let open = formal.symbols.filter { unknowns.contains($0) && bindings[$0] == nil }
        if open.isEmpty {
          if formal != equation.actual { return .mismatch(equation) }
          progress = true
        } else if open.count == 1, let value = Self.solution(of: formal, for: open[0], equalTo: equation.actual) {
          bindings[open[0]] = value
          progress = true
        } else {
          waiting.append(equation)
        }
      }
      if waiting.count == pending.count { progress = false }
      pending = waiting
    }
    return nil
  }

  /// Reports what is still open.
  func finish() -> Failure? {
    for equation in pending {
      let open = equation.formal.symbols.filter { unknowns.contains($0) && bindings[$0] == nil }
      return .unsolved(equation, open)
    }
    let unbound = unknowns.filter { bindings[$0] == nil }.sorted()
    return unbound.isEmpty ? nil : .unbound(unbound)
  }

  /// The value of `symbol` for which `formal` equals `actual`.
  static func solution(of formal: Size, for symbol: SizeSymbol, equalTo actual: Size) -> Size? {
    let (coefficient, rest) = formal.split(by: symbol)
    if coefficient.terms.count == 1, let factor = coefficient.terms[Size.Monomial([])], factor.numerator != 0 {
      let value = (actual - rest).scaled(by: Size.Coefficient(factor.denominator, over: factor.numerator))
      // The caller's sizes are whole; a part of one is only where it can be seen to be.
      let isWhole = abs(factor.numerator) == factor.denominator || value.terms.values.allSatisfy { $0.denominator == 1 }
      return isWhole && (value.constant ?? 0) >= 0 ? value : nil
    }
    if let goal = actual.constant, formal.symbols == [symbol] {
      // The largest root: `d * (d - 1) / 2 == 0` is a matrix of one row.
      var root: Int?
      for value in 0...(min(goal, 1 << 20) + 8) {
        guard let result = formal.evaluated([symbol: value]) else { continue }
        if result == goal { root = value }
        if result > goal, value > 8 { break }
      }
      return root.map { Size($0) }
    }
    // The same polynomial of one of the caller's symbols, shifted or doubled.
    for other in actual.symbols {
      for factor in 1...2 {
        for shift in -3...3 {
          let candidate = Size(other) * Size(factor) + Size(shift)
          if formal.substituting([symbol: candidate]) == actual { return candidate }
        }
      }
    }
    return nil
  }
}

extension SizeSolver {
  /// Equations that make `formal` the shape of `actual`; false where the ranks differ.
  mutating func equate(_ formal: [Size], _ actual: [Size], argument: Int) -> Bool {
    guard formal.count == actual.count else { return false }
    for (f, a) in zip(formal, actual) { add(f, a, argument: argument) }
    return true
  }

  /// Equations between two types of functions or tuples, as far as their structure agrees.
  mutating func equate(_ formal: Type, _ actual: Type, argument: Int) -> Bool {
    switch (formal, actual) {
    case (.array(let s, let f), .array(let t, let a)):
      if case .index(let bound) = s, case .index(let other) = t { add(bound, other, argument: argument) }
      return equate(f, a, argument: argument)
    case (.tuple(let f), .tuple(let a)):
      return f.count == a.count && zip(f, a).allSatisfy { equate($0.type, $1.type, argument: argument) }
    case (.function(let p, let r), .function(let q, let s)):
      return p.count == q.count && zip(p, q).allSatisfy { equate($0, $1, argument: argument) } && equate(r, s, argument: argument)
    case (.error, _), (_, .error): return true
    default: return false
    }
  }
}
