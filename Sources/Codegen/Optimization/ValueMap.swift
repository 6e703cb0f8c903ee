/// A dictionary by values, as an array: values are numbered, and passes look up each many times.
struct ValueMap<Element> {
  private var storage: [Element?] = []

  subscript(value: Value) -> Element? {
    get { value.id < storage.count ? storage[value.id] : nil }
    set {
      grow(to: value)
      storage[value.id] = newValue
    }
  }

  subscript(value: Value, default fallback: @autoclosure () -> Element) -> Element {
    get { self[value] ?? fallback() }
    _modify {
      grow(to: value)
      if storage[value.id] == nil { storage[value.id] = fallback() }
      yield &storage[value.id]!
    }
  }

  private mutating func grow(to value: Value) {
    if value.id < storage.count { return }
    storage.append(contentsOf: repeatElement(nil, count: max(value.id + 1 - storage.count, storage.count, 64)))
  }
}
