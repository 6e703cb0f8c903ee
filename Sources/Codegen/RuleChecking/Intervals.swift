#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif
import ModelDSL

/// All that a number may be, infinities included, and whether it may be NaN.
struct Interval: Hashable {
  var low: Double
  var high: Double
  var mayBeNaN = false

  init(_ low: Double, _ high: Double, mayBeNaN: Bool = false) {
    (self.low, self.high, self.mayBeNaN) = (low, high, mayBeNaN)
  }
  init(_ number: Double) {
    self.init(number, number)
    if number.isNaN { self = .anything }
  }

  static let anything = Interval(-.infinity, .infinity, mayBeNaN: true)
  static let truth = Interval(0, 1)

  var isFinite: Bool { !mayBeNaN && low > -.infinity && high < .infinity }
  var isZero: Bool { !mayBeNaN && low == 0 && high == 0 }
  func contains(_ number: Double) -> Bool { low <= number && number <= high }

  func union(_ other: Interval) -> Interval {
    Interval(min(low, other.low), max(high, other.high), mayBeNaN: mayBeNaN || other.mayBeNaN)
  }

  /// Wider by what rounding may add, in the file's precision.
  fileprivate func widened(_ precision: Precision) -> Interval {
    let unit = precision == .single ? 0x1p-22 : 0x1p-50
    let largest = precision == .single ? Double(Float.greatestFiniteMagnitude) : Double.greatestFiniteMagnitude
    func out(_ bound: Double, _ sign: Double) -> Double {
      if bound == 0 || !bound.isFinite || bound == bound.rounded() && abs(bound) < 1e6 { return bound }
      let moved = bound + sign * abs(bound) * unit
      return abs(moved) > largest ? (moved > 0 ? .infinity : -.infinity) : moved
    }
    return Interval(out(low, -1), out(high, 1), mayBeNaN: mayBeNaN)
  }
}

/// Bounds of a procedure's results over boxes of its inputs. What has no row here may be anything.
struct IntervalEvaluation {
  let values: ValueTable
  let precision: Precision

  /// The results of a block of numbers; `known` has the values of the outside.
  func results(_ block: Block, _ known: [Value: Interval]) -> [Interval] {
    var known = known
    for statement in block.statements {
      let found = results(statement.operation, known)
      for (place, result) in statement.results.enumerated() {
        known[result] = place < found.count ? found[place] : .anything
      }
    }
    return block.results.map { known[$0] ?? .anything }
  }

  private func results(_ operation: Operation, _ known: [Value: Interval]) -> [Interval] {
    func at(_ value: Value) -> Interval { known[value] ?? .anything }
    switch operation {
    case .constant(.real(let number)): return [Interval(precision == .single ? Double(Float(number)) : number)]
    case .constant(.integer(let number)): return [Interval(Double(number))]
    case .constant(.boolean(let truth)): return [Interval(truth ? 1 : 0)]
    case .primitive(let primitive, let operands):
      return [result(primitive, operands.map(at), isSame: operands.count == 2 && operands[0] == operands[1]).widened(precision)]
    case .read(let array, let indices): return indices.isEmpty ? [at(array)] : known[array].map { [$0] } ?? []
    case .branch(let condition, let then, let otherwise):
      let holds = at(condition)
      if holds == Interval(1) { return results(then, known) }
      if holds == Interval(0) { return results(otherwise, known) }
      return zip(results(then, known), results(otherwise, known)).map { $0.union($1) }
    case .ruled(let value, _): return [at(value)]
    case .size, .pack, .map, .reduce, .scan, .whileLoop, .update, .accumulating, .accumulate: return []
    }
  }

  private func result(_ primitive: Primitive, _ x: [Interval], isSame: Bool) -> Interval {
    let mayBeNaN = x.contains(where: \.mayBeNaN)
    /// A function that rises.
    func rising(_ f: (Double) -> Double) -> Interval { Interval(f(x[0].low), f(x[0].high), mayBeNaN: mayBeNaN) }
    func corners(_ f: (Double, Double) -> Double) -> Interval {
      let all = [f(x[0].low, x[1].low), f(x[0].low, x[1].high), f(x[0].high, x[1].low), f(x[0].high, x[1].high)]
      if all.contains(where: \.isNaN) { return .anything }
      return Interval(all.min()!, all.max()!, mayBeNaN: mayBeNaN)
    }
    func truth(_ holds: Bool, _ fails: Bool) -> Interval {
      mayBeNaN ? .truth : holds ? Interval(1) : fails ? Interval(0) : .truth
    }
    switch primitive {
    case .add: return corners(+)
    case .subtract: return corners(-)
    case .multiply:
      if isSame { return squared(x[0]) }
      if (x[0].isZero && x[1].isFinite) || (x[1].isZero && x[0].isFinite) { return Interval(0) }
      // An end that is infinite may meet a 0 inside of the other.
      if x.contains(where: { !$0.isFinite }) && x.contains(where: { $0.contains(0) }) { return .anything }
      return corners(*)
    case .divide:
      if x[1].contains(0) { return .anything }
      if !x[0].isFinite && !x[1].isFinite { return .anything }
      return corners(/)
    case .negate: return Interval(-x[0].high, -x[0].low, mayBeNaN: mayBeNaN)
    case .minimum: return Interval(min(x[0].low, x[1].low), min(x[0].high, x[1].high), mayBeNaN: mayBeNaN)
    case .maximum: return Interval(max(x[0].low, x[1].low), max(x[0].high, x[1].high), mayBeNaN: mayBeNaN)
    case .abs:
      let ends = [abs(x[0].low), abs(x[0].high)]
      return Interval(x[0].contains(0) ? 0 : ends.min()!, ends.max()!, mayBeNaN: mayBeNaN)
    case .power:
      if x[1] == Interval(2) { return squared(x[0]) }
      if x[0].low > 0 { return corners(pow) }
      return .anything
    case .exp: return rising(exp)
    case .expm1: return rising(expm1)
    case .log, .log1p:
      let limit: Double = primitive == .log ? 0 : -1
      if x[0].low < limit { return .anything }
      return rising(primitive == .log ? log : log1p)
    case .sqrt: return x[0].low < 0 ? .anything : rising { $0.squareRoot() }
    case .tanh: return rising(tanh)
    case .atan: return rising(atan)
    case .erf: return rising(erf)
    case .sigmoid: return rising { $0 > 0 ? 1 / (1 + exp(-$0)) : exp($0) / (1 + exp($0)) }.clamped(0, 1)
    case .softplus: return rising { max($0, 0) + log1p(exp(-abs($0))) }
    case .floor: return rising { $0.rounded(.down) }
    case .ceil: return rising { $0.rounded(.up) }
    case .round: return rising { $0.rounded(.toNearestOrEven) }
    case .sign: return rising { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }
    case .step: return Interval(x[0].low > 0 ? 1 : 0, x[0].high < 0 ? 0 : 1)
    case .sin, .cos: return mayBeNaN || !x[0].isFinite ? .anything : Interval(-1, 1)
    case .less: return truth(x[0].high < x[1].low, x[0].low >= x[1].high)
    case .lessOrEqual: return truth(x[0].high <= x[1].low, x[0].low > x[1].high)
    case .greater: return truth(x[0].low > x[1].high, x[0].high <= x[1].low)
    case .greaterOrEqual: return truth(x[0].low >= x[1].high, x[0].high < x[1].low)
    case .equal: return truth(x[0] == x[1] && x[0].low == x[0].high, x[0].high < x[1].low || x[1].high < x[0].low)
    case .notEqual: return truth(x[0].high < x[1].low || x[1].high < x[0].low, x[0] == x[1] && x[0].low == x[0].high)
    case .not: return Interval(1 - x[0].high, 1 - x[0].low)
    case .and: return Interval(min(x[0].low, x[1].low), min(x[0].high, x[1].high))
    case .or: return Interval(max(x[0].low, x[1].low), max(x[0].high, x[1].high))
    case .realFromInteger, .realFromBoolean, .integerFromBoolean: return x[0]
    case .integerFromReal: return mayBeNaN ? .anything : rising { $0.rounded(.down) }
    case .tan, .asin, .acos, .atan2, .sinh, .cosh, .quotient, .modulo: return .anything
    }
  }

  private func squared(_ x: Interval) -> Interval {
    let ends = [x.low * x.low, x.high * x.high]
    return Interval(x.contains(0) ? 0 : ends.min()!, ends.max()!, mayBeNaN: x.mayBeNaN)
  }
}

extension Interval {
  fileprivate func clamped(_ low: Double, _ high: Double) -> Interval {
    Interval(max(low, self.low), min(high, self.high), mayBeNaN: mayBeNaN)
  }
}
