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

  /// The derivative of the real results named by `places`, each on its own, by finite differences along one direction of some inputs.
  func differences(
    _ recording: Recording, results places: [Int], along direction: [Int: [Double]], carefully: Bool
  ) throws -> [DifferenceEstimate]? {
    func values(_ step: Double) throws -> [[Double]] {
      var inputs = recording.inputs
      for (input, numbers) in direction {
        inputs[input] = .reals(zip(inputs[input].reals, numbers).map { $0 + step * $1 }, shape: inputs[input].shape)
      }
      let results = try interpreter.replay(
        recording.procedure, inputs: inputs, sizes: recording.sizes, trace: recording.trace, tangentBlocks: recording.blocks)
      return places.map { results[$0].reals }
    }
    // A number that is 0 but for cancellation is as inexact as what comes with it.
    let rounding = [Double](repeating: 0x1p-52 * recording.results.reduce(0) { max($0, norm($1.reals)) }, count: places.count)
    return carefully
      ? try carefulDifferences(count: places.count, rounding: rounding, values)
      : try graft.differences(count: places.count, rounding: rounding, values)
  }
}
