import ModelDSL

extension Simplifier {
  /// `array[indices]`, where it is known without a read.
  mutating func element(of array: Value, _ indices: [Value]) -> Value? {
    if indices.isEmpty { return array }
    guard let origin = definition(of: array) else { return nil }
    switch origin.operation {
    case .pack(let elements):
      guard case .integer(let place)? = constant(of: indices[0]), elements.indices.contains(place) else { return nil }
      return read(elements[place], Array(indices.dropFirst()))
    case .map(let map):
      let depth = map.axes.count
      guard indices.count >= depth else { return nil }
      let value = map.body.results[origin.place]
      let rest = Array(indices.dropFirst(depth))
      if let axis = map.axes.firstIndex(where: { $0.index == value }) { return indices[axis] }
      if isOutside(value, of: map.axes) { return read(value, rest) }
      switch definition(of: value)?.operation {
      case .constant(let constant): return self.constant(constant)
      case .size(let size): return emit(.size(size))
      case .read(let source, let places) where isOutside(source, of: map.axes):
        // A row, a transpose: the same element read at its source.
        let own = map.axes.map(\.index)
        let found = places.map { place in own.firstIndex(of: place).map { indices[$0] } ?? place }
        guard zip(found, places).allSatisfy({ $0 != $1 || isOutside($1, of: map.axes) }) else { return nil }
        return read(source, found + rest)
      default: return nil
      }
    case .update(let before, let places, let row):
      if indices.starts(with: places) { return read(row, Array(indices.dropFirst(places.count))) }
      let differ = zip(indices, places).contains { a, b in
        guard let a = size(of: a), let b = size(of: b), let difference = (a - b).constant else { return false }
        return difference != 0
      }
      if differ { return read(before, indices) }
      return indicator(indices, places, row: row, before: before)
    default: return nil
    }
  }

  /// An element, at a known place, of an array that is 1 at one place and 0 elsewhere: whether that is the place.
  private mutating func indicator(_ indices: [Value], _ places: [Value], row: Value, before: Value) -> Value? {
    guard indices.count == places.count, (indices + places).contains(where: { constant(of: $0) != nil }), isZero(before),
      case .real(1)? = constant(of: row)
    else { return nil }
    let conditions = zip(indices, places).map { make(.equal, [$0, $1]) }
    let isThere = conditions.dropFirst().reduce(conditions[0]) { make(.and, [$0, $1]) }
    return make(.realFromBoolean, [isThere])
  }

  mutating func read(_ array: Value, _ indices: [Value]) -> Value {
    if let value = element(of: array, indices) { return value }
    if case .read(let whole, let leading)? = definition(of: array)?.operation { return emit(.read(whole, leading + indices)) }
    return emit(.read(array, indices))
  }
}
