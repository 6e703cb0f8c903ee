import ModelDSL

/// Where each value is used last: the place of a statement in the block that defines the value, or the count of its statements where the
/// block yields it. An array can be released there, and one that only an `update` uses still can be written in place.
struct Lifetimes {
  /// -1: never used.
  private(set) var lastUse: [Int]
  /// The depth of the block that defines the value; -1: none does.
  private var depth: [Int]
  /// The place of the current statement in each block around it.
  private var path: [Int] = []
  private let tangentBlocks: TangentBlocks

  init(of procedure: Procedure, tangentBlocks: TangentBlocks = [:]) throws(InterpreterError) {
    lastUse = Array(repeating: -1, count: procedure.values.entries.count)
    depth = lastUse
    self.tangentBlocks = tangentBlocks
    try visit(procedure.body)
  }

  private mutating func define(_ value: Value) throws(InterpreterError) {
    if depth[value.id] >= 0 { throw .malformed("%\(value.id) is defined twice") }
    depth[value.id] = path.count - 1
  }

  private mutating func use(_ value: Value) throws(InterpreterError) {
    let level = depth[value.id]
    if level < 0 { throw .malformed("%\(value.id) is used before it is defined") }
    if level >= path.count { throw .malformed("%\(value.id) is used outside of the block that defines it") }
    lastUse[value.id] = path[level]
  }

  private mutating func visit(_ block: Block) throws(InterpreterError) {
    path.append(0)
    for parameter in block.parameters { try define(parameter) }
    for (place, statement) in block.statements.enumerated() {
      path[path.count - 1] = place
      for operand in statement.operation.operands { try use(operand) }
      for value in statement.operation.introduced { try define(value) }
      for inner in statement.operation.blocks { try visit(inner) }
      for case let inner? in statement.results.first.flatMap({ tangentBlocks[$0] }) ?? [] { try visit(inner) }
      for result in statement.results { try define(result) }
    }
    path[path.count - 1] = block.statements.count
    for result in block.results { try use(result) }
    path.removeLast()
  }
}
