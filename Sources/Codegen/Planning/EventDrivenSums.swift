import ModelDSL

/// A sum that generated code computes spike by spike: work in proportion to how many spikes there are.
public struct EventDrivenSum: Hashable, Sendable {
  /// The name of the spikes, and that of the sum or else of what is added up.
  public let spikes: String
  public let sum: String
}

/// The sums of an optimised procedure that are computed spike by spike, each once.
public func eventDrivenSums(in procedure: Procedure) -> [EventDrivenSum] {
  let facts = SpikeFacts(procedure)
  var found: [EventDrivenSum] = []
  /// What the accumulators around are the sums of.
  var sums: [Value: Value] = [:]

  func visit(_ block: Block) {
    for statement in block.statements {
      if case .accumulating(let scope) = statement.operation {
        for (accumulator, result) in zip(scope.accumulators, statement.results.suffix(scope.accumulators.count)) {
          sums[accumulator.token] = result
        }
      }
      if case .branch(let condition, let then, _) = statement.operation, let spikes = spikes(condition, in: block) {
        for addition in then.additions {
          let sum = name(sums[addition.token] ?? addition.token) ?? addition.array.flatMap(name).map { "rows of \($0)" } ?? "a sum"
          let entry = EventDrivenSum(spikes: name(spikes) ?? "a value without a name", sum: sum)
          if !found.contains(entry) { found.append(entry) }
        }
      }
      for inner in statement.operation.blocks { visit(inner) }
    }
  }

  /// The spikes whose presence `condition` asks for.
  func spikes(_ condition: Value, in block: Block) -> Value? {
    for statement in block.statements where statement.results == [condition] {
      if case .read(let conditions, _) = statement.operation { return conditions }
      guard case .primitive(.greater, let operands) = statement.operation else { return nil }
      for source in block.statements where source.results == [operands[0]] {
        if case .read(let array, _) = source.operation, facts.contains(array) { return array }
      }
    }
    return nil
  }

  func name(_ value: Value) -> String? { procedure.values.name(of: value) }

  visit(procedure.body)
  return found
}

extension Block {
  /// What is added to accumulators in it, with the array that the added number is read from.
  fileprivate var additions: [(token: Value, array: Value?)] {
    statements.flatMap { statement -> [(token: Value, array: Value?)] in
      guard case .accumulate(let token, _, let value) = statement.operation else { return statement.operation.blocks.flatMap(\.additions) }
      let source = statements.first { $0.results == [value] }?.operation
      if case .read(let array, _)? = source { return [(token, array)] }
      return [(token, nil)]
    }
  }
}
