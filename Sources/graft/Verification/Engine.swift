import Codegen
import ModelDSL

/// Runs procedures in the reference interpreter, in double, at a point and near it.
struct Engine {
  let rules: RuleTable
  private let interpreter = Interpreter(precision: .double)

  init(rules: RuleTable) { self.rules = rules }

  func run(_ procedure: Procedure, _ inputs: [ArrayValue], _ sizes: [SizeSymbol: Int]) throws -> [ArrayValue] {
    try interpreter.run(procedure, inputs: inputs, sizes: sizes)
  }

  /// One run, with what it decided: the function near the point is the smooth one that the derivatives belong to.
  struct Recording {
    let results: [ArrayValue]
    fileprivate let procedure: Procedure
    fileprivate let inputs: [ArrayValue]
    fileprivate let sizes: [SizeSymbol: Int]
    fileprivate let trace: Trace
    fileprivate let blocks: TangentBlocks
  }

  func record(_ procedure: Procedure, _ inputs: [ArrayValue], _ sizes: [SizeSymbol: Int]) throws -> Recording {
    let (procedure, blocks) = Differentiation.tangentBlocks(of: procedure, rules: rules)
    let (results, trace) = try interpreter.record(procedure, inputs: inputs, sizes: sizes, tangentBlocks: blocks)
    return Recording(results: results, procedure: procedure, inputs: inputs, sizes: sizes, trace: trace, blocks: blocks)
  }

  /// The derivative of the real results named by `places`, one after the other, by finite differences along a direction of one input.
  func differences(_ recording: Recording, results places: [Int], variable: Int, along direction: [Double]) throws -> [DifferenceEstimate]? {
    let base = recording.inputs[variable]
    var inputs = recording.inputs
    return try graft.differences(count: places.count) { step in
      inputs[variable] = ArrayValue.reals(zip(base.reals, direction).map { $0 + step * $1 }, shape: base.shape)
      let results = try interpreter.replay(
        recording.procedure, inputs: inputs, sizes: recording.sizes, trace: recording.trace, tangentBlocks: recording.blocks)
      return places.map { results[$0].reals }
    }
  }
}
