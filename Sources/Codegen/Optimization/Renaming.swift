/// Values that stand for others. Passes walk forward, so what a value is replaced by is itself resolved already.
struct Renaming {
  private var replacement: [Value: Value] = [:]

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
