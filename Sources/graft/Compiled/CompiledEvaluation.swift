import Codegen
import ModelDSL

/// Runs calls through generated Swift, compiled in a folder of their own that is removed afterwards. What is not emitted is interpreted.
func runCompiled(_ calls: [Call], in module: Module) throws -> [[ArrayValue]] {
  var harness = CompiledHarness()
  harness.add(module)
  var numbers: [Int?] = []
  for call in calls {
    numbers.append(
      call.target.flatMap { module.site(of: $0) }.map { harness.add($0, procedure: call.procedure, precision: module.precision) })
  }
  return try Files.withTemporaryFolder { folder in
    try harness.compile(in: folder)
    return try zip(calls, numbers).map { call, number in
      guard let number else { return try interpret(call.procedure, call.binding, precision: module.precision) }
      return try harness.run([(number, call.binding)])[0].get()
    }
  }
}

/// The parameters that a model starts with: those of its generated code.
func initialParameters(of model: ModelEntry, in module: Module, seed: Int) throws -> [ArrayValue] {
  guard let place = module.models.firstIndex(where: { $0.name == model.name }) else { return [] }
  var harness = CompiledHarness()
  harness.add(module)
  let number = harness.addInitializer(of: module.modelCallSites[place].predict)
  let flat = try Files.withTemporaryFolder { folder in
    try harness.compile(in: folder)
    return try harness.initialParameters(number, seed: seed, precision: module.precision)
  }
  var offset = 0
  return model.parameters.map { parameter in
    defer { offset += parameter.count }
    return .reals(Array(flat[offset..<(offset + parameter.count)]), shape: parameter.shape)
  }
}

extension Module {
  /// How generated code is called for it.
  fileprivate func site(of target: Call.Target) -> CallSite? {
    func place(_ model: ModelEntry) -> Int? { models.firstIndex { $0.name == model.name } }
    switch target {
    case .function(let entry):
      for (function, sites) in zip(functions, functionCallSites) {
        if let place = function.emitted.firstIndex(where: { $0.name == entry.name }) { return sites[place] }
      }
      return nil
    case .predict(let model): return place(model).map { modelCallSites[$0].predict }
    case .lossAndGradient(let model): return place(model).flatMap { modelCallSites[$0].lossAndGradient }
    case .derived(let model, let entry):
      guard let place = place(model), let index = model.derived.firstIndex(where: { $0.name == entry.name }) else { return nil }
      return modelCallSites[place].derived[index]
    }
  }
}
