/// Values that stand for others. Passes walk forward, so what a value is replaced by is itself resolved already.
struct Renaming {
  private var replacement = ValueMap<Value>()

  /// The value to use in place of `value`.
  func resolve(_ value: Value) -> Value { replacement[value] ?? value }

  mutating func replace(_ value: Value, by other: Value) { replacement[value] = resolve(other) }
}

extension ValueTable {
  /// `new` takes the place of `old`: the model's word for it lives on, where `new` has none of its own.
  mutating func inheritName(of old: Value, by new: Value) {
    if name(of: new) == nil, let name = name(of: old) { setName(name, of: new) }
  }
}

extension Statement {
  /// The statement with another operation of the same results.
  func with(_ operation: Operation) -> Statement { Statement(results: results, operation: operation, notes: notes) }

  /// The statement with its nested blocks replaced.
  func mapBlocks(_ transform: (Block) -> Block) -> Statement { with(operation.mapBlocks(transform)) }
}
