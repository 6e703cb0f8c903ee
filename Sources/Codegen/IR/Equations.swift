import ModelDSL

/// The IR as a person would write the mathematics, in the notation of the language: `current[i] = sum(k in 128: weight[i, k] * z[k])`.
/// What is used once and has no name of its own stands where it is used. For `explain`, and for the comments in generated code.
public struct Equations {
  let values: ValueTable
  /// What a value is called, unless it is the index of a loop that is written out here.
  let name: (Value) -> String
  /// By value: the operation whose only result it is, and whether it stands where it is used.
  private var definitions: [Operation?]
  private var inlined: [Bool]
  /// Names that indices must not take.
  let taken: Set<String>
  let uses: UseCounts

  /// Expressions grow no larger than this many operations; beyond, a part gets a line of its own.
  static let limit = 24

  public init(_ procedure: Procedure, names: ((Value) -> String)? = nil) {
    values = procedure.values
    let table = ValueNames(procedure, same: Equations.sameThings(procedure.body, procedure.values))
    name = names ?? { table[$0] }
    var taken: Set<String> = []
    procedure.body.forEachDefinition { [values] value in
      if let name = values.name(of: value) { taken.insert(name) }
    }
    self.taken = taken
    uses = UseCounts(procedure)
    definitions = Array(repeating: nil, count: values.entries.count)
    inlined = Array(repeating: false, count: values.entries.count)
    var weights = Array(repeating: 1, count: values.entries.count)
    analyze(procedure.body, &weights)
  }

  /// What a loop carries and what it leaves behind, an accumulator and its sum: where the model calls them by one name, so do equations.
  private static func sameThings(_ block: Block, _ values: ValueTable) -> [Value: Value] {
    var same: [Value: Value] = [:]
    for statement in block.statements {
      let first: [Value]
      switch statement.operation {
      case .scan(let scan): first = scan.body.parameters
      case .whileLoop(let loop): first = loop.body.parameters
      case .accumulating(let scope): first = scope.body.results.map { _ in Value(-1) } + scope.accumulators.map(\.token)
      default: first = []
      }
      for (value, result) in zip(first, statement.results) where value.id >= 0 {
        if let name = values.name(of: result), name == values.name(of: value) { same[result] = value }
      }
      for inner in statement.operation.blocks { same.merge(sameThings(inner, values)) { first, _ in first } }
    }
    return same
  }

  // MARK: What stands where it is used

  @discardableResult
  private mutating func analyze(_ block: Block, _ weights: inout [Int]) -> Int {
    var total = block.results.reduce(0) { $0 + weights[$1.id] }
    for statement in block.statements {
      var weight = 1
      for inner in statement.operation.blocks { weight += analyze(inner, &weights) }
      for operand in statement.operation.operands { weight += inlined[operand.id] ? weights[operand.id] : 1 }
      guard statement.results.count == 1, let result = statement.results.first else {
        total += weight
        continue
      }
      definitions[result.id] = statement.operation
      let stands = standsInline(statement.operation, named: values.name(of: result) != nil, uses: uses[result], weight: weight)
      inlined[result.id] = stands
      weights[result.id] = stands ? weight : 1
      if !stands { total += weight }
    }
    for result in block.results where inlined[result.id] { total += weights[result.id] }
    return total
  }

  private func standsInline(_ operation: Operation, named: Bool, uses: Int, weight: Int) -> Bool {
    switch operation {
    case .constant, .size: return true
    case .read(_, let indices): return !named && (uses <= 1 || weight <= 2 + indices.count) && weight <= Equations.limit
    case .map(let map): return !named && uses <= 1 && weight <= Equations.limit && isExpression(operation) && lets(map.body).isEmpty
    default: return !named && uses <= 1 && weight <= Equations.limit && isExpression(operation)
    }
  }

  /// Whether the language has an expression for it: loops with states and additions into accumulators are statements.
  func isExpression(_ operation: Operation) -> Bool {
    switch operation {
    case .scan, .whileLoop, .accumulating, .accumulate: false
    default: operation.blocks.allSatisfy { $0.statements.allSatisfy { isExpression($0.operation) } }
    }
  }

  func definition(of value: Value) -> Operation? { inlined[value.id] ? definitions[value.id] : nil }

  /// The statements of a block that need a line.
  func lets(_ block: Block) -> [Statement] {
    block.statements.filter { statement in statement.results.isEmpty || !statement.results.allSatisfy { inlined[$0.id] } }
  }

  // MARK: Lines

  /// The equations that a statement stands for; none where it stands inside another.
  public func lines(of statement: Statement) -> [String] { EquationWriter(self).lines(of: [statement], EquationScope()) }

  /// The equations of a block's statements.
  public func lines(of block: Block) -> [String] { EquationWriter(self).lines(of: block.statements, EquationScope()) }

  /// The expression for a value.
  public func text(of value: Value) -> String { EquationText(self).text(value, EquationScope()).words }

  /// A whole procedure.
  public static func text(of procedure: Procedure) -> String {
    let equations = Equations(procedure)
    let inputs = procedure.inputs.map { "\(equations.name($0.value)): \(procedure.values[$0.value])" }
    var lines = ["func \(procedure.name)(\(inputs.joined(separator: ", "))) {"]
    lines += equations.lines(of: procedure.body).map { "  " + $0 }
    let results = procedure.body.results.enumerated().map { place, value in
      (place < procedure.resultNames.count ? "\(procedure.resultNames[place]): " : "") + equations.text(of: value)
    }
    lines.append(
      "  return " + (results.count == 1 ? equations.text(of: procedure.body.results[0]) : "(\(results.joined(separator: ", ")))"))
    return (lines + ["}"]).joined(separator: "\n") + "\n"
  }
}

/// How often each value is written in a procedure.
struct UseCounts {
  private var counts: [Int]

  init(_ procedure: Procedure) {
    counts = Array(repeating: 0, count: procedure.values.entries.count)
    count(procedure.body)
  }
  private mutating func count(_ block: Block) {
    for statement in block.statements {
      for operand in statement.operation.operands { counts[operand.id] += 1 }
      for inner in statement.operation.blocks { count(inner) }
    }
    for result in block.results { counts[result.id] += 1 }
  }
  subscript(value: Value) -> Int { counts[value.id] }
}

/// What is known where an expression is written: how indices and parameters are called here.
struct EquationScope {
  private var names: [Value: EquationText.Phrase] = [:]
  private var indexNames: Set<String> = []

  subscript(value: Value) -> EquationText.Phrase? { names[value] }

  mutating func bind(_ value: Value, to phrase: EquationText.Phrase) { names[value] = phrase }

  /// Names the indices of axes, by their own names where those are free.
  mutating func bind(_ axes: [Axis], _ equations: Equations) {
    for axis in axes {
      let own = equations.values.name(of: axis.index)
      let candidates = (own.map { [$0] } ?? []) + ["i", "j", "k", "l"] + (2...99).map { "i\($0)" }
      let free = candidates.first { ($0 == own || !equations.taken.contains($0)) && !indexNames.contains($0) }
      let chosen = free ?? equations.name(axis.index)
      indexNames.insert(chosen)
      names[axis.index] = EquationText.Phrase(chosen)
    }
  }
}
