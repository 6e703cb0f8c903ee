import ModelDSL

/// Finds the values whose derivative with respect to given values is not zero by structure: the only ones that differentiation follows.
struct Activity {
  private(set) var varied: Set<Value>
  private let values: ValueTable
  private let rules: ImportedRules

  /// The varied values of `block`, nested blocks included. `seeds` are varied to begin with.
  static func varied(in block: Block, from seeds: Set<Value>, values: ValueTable, rules: ImportedRules) -> Set<Value> {
    var activity = Activity(varied: seeds, values: values, rules: rules)
    activity.visit(block)
    return activity.varied
  }

  private init(varied: Set<Value>, values: ValueTable, rules: ImportedRules) {
    self.varied = varied
    self.values = values
    self.rules = rules
  }

  private mutating func mark(_ value: Value, if condition: Bool) {
    if condition && values[value].element == .real { varied.insert(value) }
  }

  private mutating func visit(_ block: Block) {
    for statement in block.statements { visit(statement) }
  }

  private mutating func visit(_ statement: Statement) {
    let results = statement.results
    switch statement.operation {
    case .constant, .size: break
    case .primitive(let primitive, let operands):
      mark(results[0], if: rules.entries[primitive, default: []].contains { varied.contains(operands[$0.operand]) })
    case .read(let array, _): mark(results[0], if: varied.contains(array))
    case .pack(let elements): mark(results[0], if: elements.contains(where: varied.contains))
    case .update(let array, _, let row): mark(results[0], if: varied.contains(array) || varied.contains(row))
    case .map(let map):
      visit(map.body)
      markResults(results, like: map.body.results)
    case .reduce(let reduce):
      visit(reduce.body)
      switch reduce.op {
      case .sum, .product, .max, .min: markResults(results, like: reduce.body.results)
      case .argmax, .argmin: break
      }
    case .scan(let scan): visitLoop(initial: scan.initial, body: scan.body, results: results)
    case .whileLoop(let loop): visitLoop(initial: loop.initial, body: loop.body, results: results)
    case .branch(_, let then, let otherwise):
      visit(then)
      visit(otherwise)
      markResults(results, like: then.results)
      markResults(results, like: otherwise.results)
    case .accumulating(let scope):
      for accumulator in scope.accumulators { mark(accumulator.token, if: accumulator.initial.map(varied.contains) ?? false) }
      visit(scope.body)
      markResults(results, like: scope.body.results + scope.accumulators.map(\.token))
    case .accumulate(let token, _, let value): mark(token, if: varied.contains(value))
    case .ruled(_, let rules): mark(results[0], if: rules.contains { varied.contains($0.target) && $0.block.constantResult != 0 })
    }
  }

  private mutating func markResults(_ results: [Value], like sources: [Value]) {
    for (result, source) in zip(results, sources) { mark(result, if: varied.contains(source)) }
  }

  /// A carried value that varies in one iteration varies in all that follow: repeat until nothing is added.
  private mutating func visitLoop(initial: [Value], body: Block, results: [Value]) {
    for (parameter, value) in zip(body.parameters, initial) { mark(parameter, if: varied.contains(value)) }
    while true {
      visit(body)
      let before = varied.count
      for (parameter, next) in zip(body.parameters, body.results) { mark(parameter, if: varied.contains(next)) }
      if varied.count == before { break }
    }
    markResults(results, like: body.results)
    // A loop that runs no iteration gives the initial values.
    markResults(Array(results.prefix(initial.count)), like: initial)
  }
}
