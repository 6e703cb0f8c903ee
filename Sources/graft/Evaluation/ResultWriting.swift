import Codegen
import ModelDSL

extension JSON {
  /// Nested arrays of a result's numbers, in the digits of its precision.
  init(_ array: ArrayValue, precision: Precision) {
    var leaves: [JSON]
    switch array.elements {
    case .real(let numbers): leaves = numbers.map { precision == .single ? JSON.single(Float($0)) : JSON.real($0) }
    case .integer(let numbers): leaves = numbers.map(JSON.integer)
    case .boolean(let truths): leaves = truths.map(JSON.boolean)
    }
    if array.shape.isEmpty {
      self = leaves[0]
      return
    }
    // Innermost axis first; an axis of an empty array still shows its rows.
    for (axis, length) in array.shape.enumerated().reversed() {
      let rows = array.shape[..<axis].reduce(1, *)
      leaves = (0..<rows).map { row in .array(Array(leaves[(row * length)..<((row + 1) * length)])) }
    }
    self = leaves[0]
  }
}
