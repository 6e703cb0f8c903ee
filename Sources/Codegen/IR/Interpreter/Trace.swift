import ModelDSL

/// What a run decided and where it was: enough to run again nearby as the smooth function that the derivatives at the point belong to.
public struct Trace: Hashable, Sendable {
  /// In order of execution: results of comparisons, sides of `minimum` and `maximum`, places of maxima, numbers made whole.
  var integers: [Int] = []
  /// In order of execution: results of `floor`, `step` and the like; of each ruled value: itself, its targets, its slopes.
  var reals: [Double] = []
  /// Results of `ruled` statements with a rule that could not be applied forward: it adds nothing when the trace is replayed.
  public internal(set) var uncheckedRules: Set<Value> = []
}

/// For `ruled` statements, by their result: for each rule in order, where it is of the kind `.cotangent`, the block that does forward
/// what the rule does backward. Parameters: the tangent of the target, and the ruled value; it yields the tangent of the value. Its
/// values are in the procedure's table.
public typealias TangentBlocks = [Value: [Block?]]
