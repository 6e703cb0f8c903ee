import ModelDSL

/// Which values are spikes: real numbers, or arrays of them, that are 0 or 1 whatever the inputs.
struct SpikeFacts {
  private(set) var spikes: Set<Value> = []
  private var units: Set<Value> = []
  private let values: ValueTable

  init(_ procedure: Procedure) {
    values = procedure.values
    visit(procedure.body)
  }

  func contains(_ value: Value) -> Bool { spikes.contains(value) }

  private mutating func mark(_ results: [Value], like sources: [Value]) {
    for (result, source) in zip(results, sources) { mark(result, spikes.contains(source)) }
  }

  private mutating func mark(_ result: Value, _ isSpike: Bool) {
    if isSpike && values[result].element == .real { spikes.insert(result) } else { spikes.remove(result) }
  }

  private mutating func visit(_ block: Block) {
    for statement in block.statements { visit(statement) }
  }

  private mutating func visit(_ statement: Statement) {
    let results = statement.results
    switch statement.operation {
    case .constant(.real(let number)): mark(results[0], number == 0 || number == 1)
    case .constant(.integer(let number)): if number == 0 || number == 1 { units.insert(results[0]) }
    case .constant, .size, .accumulate: break
    case .primitive(let primitive, let operands):
      switch primitive {
      case .step: mark(results[0], units.contains(operands[1]))
      case .realFromBoolean: mark(results[0], true)
      case .multiply, .minimum, .maximum: mark(results[0], operands.allSatisfy(spikes.contains))
      default: mark(results[0], false)
      }
    case .read(let array, _): mark(results[0], spikes.contains(array))
    case .pack(let elements): mark(results[0], elements.allSatisfy(spikes.contains))
    case .update(let array, _, let row): mark(results[0], spikes.contains(array) && spikes.contains(row))
    case .map(let map):
      visit(map.body)
      mark(results, like: map.body.results)
    case .reduce(let reduce):
      if let condition = reduce.condition { visit(condition) }
      visit(reduce.body)
      switch reduce.op {
      case .max, .min, .product: mark(results, like: reduce.body.results)
      case .sum, .argmax, .argmin: break
      }
    case .scan(let scan): visitLoop(scan.initial, scan.body, results)
    case .whileLoop(let loop): visitLoop(loop.initial, loop.body, results)
    case .branch(_, let then, let otherwise):
      visit(then)
      visit(otherwise)
      for (place, result) in results.enumerated() {
        mark(result, spikes.contains(then.results[place]) && spikes.contains(otherwise.results[place]))
      }
    case .accumulating(let scope):
      visit(scope.body)
      mark(results, like: scope.body.results)
    case .ruled(let value, _): mark(results[0], spikes.contains(value))
    }
  }

  /// A carried value is a spike if it starts as one and each step makes one of it: assumed first, and withdrawn until it holds.
  private mutating func visitLoop(_ initial: [Value], _ body: Block, _ results: [Value]) {
    mark(body.parameters, like: initial)
    while true {
      visit(body)
      let broken = zip(body.parameters, body.results).filter { spikes.contains($0) && !spikes.contains($1) }
      if broken.isEmpty { break }
      for (parameter, _) in broken { spikes.remove(parameter) }
    }
    mark(results, like: body.parameters + body.results.dropFirst(initial.count))
  }
}
