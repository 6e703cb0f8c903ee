/// Which values and statements of a procedure have a part in its results: found from the results inwards, so that a carried value that only
/// computes itself, or an accumulator whose sum nobody reads, is seen to have none.
struct Liveness {
  /// A statement in the tree of blocks.
  struct Node {
    var operation: Operation
    var results: [Value]
    var parent: Int
    /// The nodes of each nested block.
    var children: [[Int]] = []
  }

  /// What defines a value.
  private enum Definition {
    case result(Int, Int)
    case carried(Int, Int)
    case token(Int, Int)
    /// An input, an index, or a parameter of a rule: needs nothing.
    case given
  }

  private(set) var nodes: [Node] = []
  private(set) var roots: [Int] = []
  private var definitions: [Definition]
  private var accumulations: [Value: [Int]] = [:]
  private var liveValues: [Bool]
  private var neededNodes: [Bool] = []
  private var work: [Value] = []

  init(_ procedure: Procedure) {
    let count = procedure.values.entries.count
    definitions = Array(repeating: .given, count: count)
    liveValues = Array(repeating: false, count: count)
    roots = enter(procedure.body, parent: -1)
    neededNodes = Array(repeating: false, count: nodes.count)
    for (number, node) in nodes.enumerated() {
      if case .whileLoop = node.operation { need(number) }
    }
    for value in procedure.body.results { mark(value) }
    while let value = work.popLast() { visit(value) }
  }

  func isLive(_ value: Value) -> Bool { liveValues[value.id] }
  func isNeeded(_ node: Int) -> Bool { neededNodes[node] }

  /// Whether a scan or while's carried value at `place` is needed, by the loop or after it.
  func isCarryLive(_ node: Int, _ place: Int) -> Bool {
    isLive(nodes[node].results[place])
      || nodes[node].operation.blocks.contains { place < $0.parameters.count && isLive($0.parameters[place]) }
  }

  private mutating func enter(_ block: Block, parent: Int) -> [Int] {
    block.statements.map { statement in
      let number = nodes.count
      nodes.append(Node(operation: statement.operation, results: statement.results, parent: parent))
      for (place, result) in statement.results.enumerated() { definitions[result.id] = .result(number, place) }
      switch statement.operation {
      case .scan, .whileLoop:
        for block in statement.operation.blocks {
          for (place, parameter) in block.parameters.enumerated() { definitions[parameter.id] = .carried(number, place) }
        }
      case .accumulating(let scope):
        for (place, accumulator) in scope.accumulators.enumerated() { definitions[accumulator.token.id] = .token(number, place) }
      case .accumulate(let token, _, _): accumulations[token, default: []].append(number)
      default: break
      }
      let children = statement.operation.blocks.map { enter($0, parent: number) }
      nodes[number].children = children
      return number
    }
  }

  private mutating func mark(_ value: Value) {
    if liveValues[value.id] { return }
    liveValues[value.id] = true
    work.append(value)
  }

  private mutating func mark(_ values: [Value]) {
    for value in values { mark(value) }
  }

  /// The statement is to be run: marks what it reads whichever of its results are used.
  private mutating func need(_ number: Int) {
    if number < 0 || neededNodes[number] { return }
    neededNodes[number] = true
    need(nodes[number].parent)
    let operation = nodes[number].operation
    switch operation {
    case .constant, .size, .primitive, .read, .pack, .update: mark(operation.operands)
    case .ruled(_, let rules):
      mark(operation.operands)
      for rule in rules { mark(rule.block.results) }
    case .map, .accumulating: break
    case .reduce(let reduce): mark(reduce.condition?.results ?? [])
    case .scan(let scan): mark(scan.trips.map { [$0] } ?? [])
    case .whileLoop(let loop): mark(loop.condition.results)
    case .branch(let condition, _, _): mark(condition)
    case .accumulate(_, let indices, let value): mark(indices + [value])
    }
  }

  private mutating func visit(_ value: Value) {
    switch definitions[value.id] {
    case .given: break
    case .carried(let number, let place): markCarry(number, place)
    case .token(let number, let place):
      if case .accumulating(let scope) = nodes[number].operation, let initial = scope.accumulators[place].initial { mark(initial) }
      for accumulation in accumulations[value] ?? [] { need(accumulation) }
    case .result(let number, let place):
      need(number)
      switch nodes[number].operation {
      case .constant, .size, .primitive, .read, .pack, .update, .ruled, .accumulate: break
      case .map(let map): mark(map.body.results[place])
      case .reduce(let reduce): mark(reduce.op == .sum ? [reduce.body.results[place]] : reduce.body.results)
      case .scan(let scan):
        if place < scan.initial.count { markCarry(number, place) } else { mark(scan.body.results[place]) }
      case .whileLoop(let loop):
        if place < loop.initial.count {
          markCarry(number, place)
        } else if place < loop.body.results.count {
          mark(loop.body.results[place])
        }
      case .branch(_, let then, let otherwise):
        mark(then.results[place])
        mark(otherwise.results[place])
      case .accumulating(let scope):
        let count = scope.body.results.count
        mark(place < count ? scope.body.results[place] : scope.accumulators[place - count].token)
      }
    }
  }

  private mutating func markCarry(_ number: Int, _ place: Int) {
    switch nodes[number].operation {
    case .scan(let scan): mark([scan.initial[place], scan.body.results[place]])
    case .whileLoop(let loop): mark([loop.initial[place], loop.body.results[place]])
    default: preconditionFailure("only loops carry values")
    }
  }
}
