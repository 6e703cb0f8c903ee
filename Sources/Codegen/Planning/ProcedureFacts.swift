import ModelDSL

/// What planning asks about the values of a whole procedure.
struct ProcedureFacts {
  /// How often an array is what a loop or an accumulator starts from.
  private(set) var startUses: [Value: Int] = [:]
  /// For loops over the first so many steps of an axis: the number of steps, by index.
  private var trips: [Value: Value] = [:]
  /// Reads of an array at the index of such a loop, by the number of its steps.
  private var readsWithin: [Value: [Value: Int]] = [:]
  private var names: [Value: String] = [:]
  private let values: ValueTable

  init(_ procedure: Procedure) {
    values = procedure.values
    visit(procedure.body)
  }

  /// Whether nobody reads a row that a loop of `trips` steps has not written.
  func isReadWithin(_ stack: Value, _ trips: Value, uses: Int) -> Bool { readsWithin[stack]?[trips] == uses }

  /// The model's own name, else one after what the value is made of.
  func name(of value: Value) -> String? { values.name(of: value) ?? names[value] }

  private mutating func visit(_ block: Block) {
    for statement in block.statements { visit(statement) }
  }

  private mutating func visit(_ statement: Statement) {
    switch statement.operation {
    case .scan(let scan):
      if let count = scan.trips { trips[scan.axis.index] = count }
      for value in scan.initial { startUses[value, default: 0] += 1 }
    case .whileLoop(let loop): for value in loop.initial { startUses[value, default: 0] += 1 }
    case .accumulating(let scope):
      for value in scope.accumulators.compactMap(\.initial) { startUses[value, default: 0] += 1 }
    case .read(let source, let indices):
      if let first = indices.first, let count = trips[first] { readsWithin[source, default: [:]][count, default: 0] += 1 }
    default: break
    }
    for block in statement.operation.emittedBlocks { visit(block) }
    name(statement)
  }

  /// A name for results without one.
  private mutating func name(_ statement: Statement) {
    func set(_ place: Int, _ name: String?) {
      guard place < statement.results.count, let name, name.count <= 40 else { return }
      if self.name(of: statement.results[place]) == nil { names[statement.results[place]] = name }
    }
    switch statement.operation {
    case .primitive(let primitive, let operands):
      if operands.count == 1, let operand = name(of: operands[0]) {
        set(0, primitive == .realFromInteger || primitive == .realFromBoolean ? operand : operand + primitive.resultName.capitalizedFirst)
      } else {
        set(0, primitive.resultName)
      }
    case .read(let source, _): set(0, name(of: source))
    case .ruled(let value, _): set(0, name(of: value))
    case .map(let map): for (place, value) in map.body.results.enumerated() { set(place, name(of: value)) }
    case .reduce(let reduce):
      if reduce.op != .argmax && reduce.op != .argmin {
        for (place, value) in reduce.body.results.enumerated() {
          set(place, reduce.op == .sum && name(of: value) == "product" ? factors(of: value, in: reduce.body) : name(of: value))
        }
      }
    case .accumulating(let scope):
      let count = scope.body.results.count
      for (place, value) in scope.body.results.enumerated() { set(place, name(of: value)) }
      for (place, accumulator) in scope.accumulators.enumerated() {
        if values.name(of: accumulator.token) == nil { names[accumulator.token] = "cotangent" }
        set(count + place, name(of: accumulator.token))
      }
    case .branch(_, let then, let otherwise):
      for (place, value) in then.results.enumerated() { set(place, name(of: value) ?? name(of: otherwise.results[place])) }
    case .update(let source, _, _): set(0, name(of: source))
    case .constant, .size, .pack, .scan, .whileLoop, .accumulate: break
    }
  }

  /// `weightProduct` for what sums up products with the elements of `weight`.
  private func factors(of value: Value, in block: Block) -> String? {
    for statement in block.statements where statement.results == [value] {
      guard case .primitive(.multiply, let operands) = statement.operation else { return nil }
      return operands.lazy.compactMap { name(of: $0) }.first.map { $0 + "Product" }
    }
    return nil
  }
}
