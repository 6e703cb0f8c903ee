import Codegen
import ModelDSL

/// How many operations on real numbers one call does, as polynomials in its sizes.
struct OperationCount {
  /// Additions, multiplications, divisions, comparisons and the like.
  var arithmetic = Size(0)
  /// Exponentials, logarithms, roots, circular functions.
  var functions = Size(0)
  /// A branch counts with both sides, a loop with as many iterations as it may have.
  var isUpperBound = false

  init(of procedure: Procedure) { count(procedure.body, times: Size(1), values: procedure.values) }

  private mutating func count(_ block: Block, times: Size, values: ValueTable) {
    for statement in block.statements { count(statement, times: times, values: values) }
  }

  private mutating func count(_ statement: Codegen.Statement, times: Size, values: ValueTable) {
    switch statement.operation {
    case .primitive(let primitive, let operands):
      guard operands.contains(where: { values[$0].element == .real }) else { return }
      if primitive.isFunction { functions = functions + times } else { arithmetic = arithmetic + times }
    case .map(let map): count(map.body, times: map.axes.reduce(times) { $0 * $1.size }, values: values)
    case .reduce(let reduce):
      let iterations = reduce.axes.reduce(times) { $0 * $1.size }
      if let condition = reduce.condition { count(condition, times: iterations, values: values) }
      count(reduce.body, times: iterations, values: values)
      for result in reduce.body.results where values[result].element == .real {
        arithmetic = arithmetic + values[result].shape.reduce(iterations, *)
      }
    case .scan(let scan):
      isUpperBound = isUpperBound || scan.trips != nil
      count(scan.body, times: times * scan.axis.size, values: values)
    case .whileLoop(let loop):
      isUpperBound = true
      count(loop.condition, times: times * loop.bound, values: values)
      count(loop.body, times: times * loop.bound, values: values)
    case .branch(_, let then, let otherwise):
      isUpperBound = true
      count(then, times: times, values: values)
      count(otherwise, times: times, values: values)
    case .accumulating(let scope): count(scope.body, times: times, values: values)
    case .accumulate(_, _, let value):
      if values[value].element == .real { arithmetic = arithmetic + values[value].shape.reduce(times, *) }
    case .constant, .size, .read, .pack, .update, .ruled: break
    }
  }
}

extension Primitive {
  /// Whether it costs many times what an addition does.
  fileprivate var isFunction: Bool {
    switch self {
    case .power, .exp, .expm1, .log, .log1p, .sqrt, .sin, .cos, .tan, .asin, .acos, .atan, .atan2, .sinh, .cosh, .tanh, .sigmoid, .softplus,
      .erf:
      true
    case .add, .subtract, .multiply, .negate, .minimum, .maximum, .abs, .divide, .floor, .ceil, .round, .sign, .step, .less, .lessOrEqual,
      .greater, .greaterOrEqual, .equal, .notEqual, .not, .and, .or, .quotient, .modulo, .realFromInteger, .realFromBoolean,
      .integerFromBoolean, .integerFromReal:
      false
    }
  }
}

/// The bytes of the rows that loops stack, for each sample where the batch is mapped over: what a derivative has more of than its function is kept
/// for the backward pass.
func stackedBytes(_ procedure: Procedure, precision: Precision) -> Size {
  func bytes(_ block: Block) -> Size {
    block.statements.reduce(Size(0)) { sum, statement in
      let inner = statement.operation.blocks.reduce(sum) { $0 + bytes($1) }
      let carried: Int
      switch statement.operation {
      case .scan(let scan): carried = scan.initial.count
      case .whileLoop(let loop): carried = loop.initial.count
      default: return inner
      }
      return statement.results.dropFirst(carried).reduce(inner) { sum, result in
        let type = procedure.values[result]
        return type.isScalar ? sum : sum + type.shape.reduce(Size(type.element.byteCount(precision)), *)
      }
    }
  }
  return bytes(procedure.body)
}

extension Element {
  fileprivate func byteCount(_ precision: Precision) -> Int {
    switch self {
    case .real: precision == .single ? 4 : 8
    case .integer: 4
    case .boolean: 1
    }
  }
}
