import ModelDSL

/// Transposed copies of a procedure's matrices, made once a call, before everything else.
struct TransposedCopies {
  private let inputs: Set<Value>
  private var present: [Value: Value] = [:]
  private var added: [(matrix: Value, transposed: Value)] = []

  /// Knows the copies that an earlier pass made.
  init(_ procedure: Procedure) {
    inputs = Set(procedure.inputs.map(\.value))
    for statement in procedure.body.statements {
      if case .map(let map) = statement.operation, map.axes.count > 1, map.body.statements.count == 1,
        case .read(let matrix, let indices) = map.body.statements[0].operation, map.body.results == map.body.statements[0].results,
        indices == map.axes.dropFirst().map(\.index) + [map.axes[0].index]
      {
        present[matrix] = statement.results[0]
      }
    }
  }

  /// Whether a copy can be made: of an input with several axes.
  func isPossible(_ matrix: Value) -> Bool { present[matrix] != nil || inputs.contains(matrix) }

  /// The copy of an input with its last axis first; nil for anything else.
  mutating func copy(of matrix: Value, in builder: inout Builder) -> Value? {
    if let found = present[matrix] { return found }
    let type = builder.values[matrix]
    guard inputs.contains(matrix), type.shape.count > 1 else { return nil }
    let name = builder.values.name(of: matrix).map { $0 + "Transposed" }
    let transposed = builder.fresh(ValueType(type.element, [type.shape[type.shape.count - 1]] + type.shape.dropLast()), name: name)
    present[matrix] = transposed
    added.append((matrix, transposed))
    return transposed
  }

  /// The statements that make the copies added here.
  func prologue(in builder: inout Builder) -> [Statement] {
    builder.openBlock()
    for (matrix, transposed) in added { builder.transpose(matrix, as: transposed) }
    return builder.closeBlock(results: []).statements
  }
}

extension Builder {
  /// Defines `transposed`, whose type is given already, as the array with its last axis first.
  mutating func transpose(_ matrix: Value, as transposed: Value) {
    let axes = values[transposed].shape.map { Axis(index: fresh(.integer), size: $0) }
    let element = block { [$0.read(matrix, axes.dropFirst().map(\.index) + [axes[0].index])] }
    append(Statement(results: [transposed], operation: .map(Map(axes: axes, body: element))))
  }
}
