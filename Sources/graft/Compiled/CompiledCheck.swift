import Codegen
import ModelDSL

/// A function of the generated code with the procedure that it runs.
struct CompiledFunction {
  let name: String
  let kind: DerivativeKind
  let variables: [String]
  let site: CallSite
  let procedure: Procedure
  let hints: [Int: PointSource.Hint]
}

extension Module {
  /// Everything that is emitted and takes values in and gives values out.
  var compiledFunctions: [CompiledFunction] {
    var list: [CompiledFunction] = []
    for (function, sites) in zip(functions, functionCallSites) {
      for (entry, site) in zip(function.emitted, sites) {
        list.append(
          CompiledFunction(
            name: entry.name, kind: entry.kind, variables: entry.variables, site: site, procedure: entry.procedure, hints: [:]))
      }
    }
    for (model, sites) in zip(models, modelCallSites) {
      func add(_ name: String, _ kind: DerivativeKind, _ variables: [String], _ site: CallSite?, _ procedure: Procedure?) {
        guard let site, let procedure else { return }
        list.append(
          CompiledFunction(
            name: "\(model.name).\(name)", kind: kind, variables: variables, site: site, procedure: procedure, hints: model.hints))
      }
      add("predict", .value, [], sites.predict, model.predict)
      add("lossAndGradient", .gradient, model.parameters.map(\.path), sites.lossAndGradient, model.lossAndGradient)
      for (entry, site) in zip(model.derived, sites.derived) { add(entry.name, entry.kind, entry.variables, site, entry.procedure) }
    }
    return list
  }
}

/// Compares compiled Swift with the interpreter, in the file's precision, at random points.
struct CompiledCheck {
  let module: Module
  let seed: Int
  let points: Int

  private static let mostAttempts = 60
  /// Relative to the norm of each array. In `Float`, sums in another order differ by so much.
  private var tolerance: Double { module.precision == .single ? 2e-5 : 1e-10 }

  /// One report for each function, by module. All are compiled together; their namespaces must differ. Code shaped for any processor runs here.
  static func reports(_ modules: [Module], seed: Int, points: Int, cpu: TargetCPU = .baseline) throws -> [[ClaimReport]] {
    var harness = CompiledHarness(cpu: cpu)
    var numbers: [[(function: CompiledFunction, number: Int)]] = []
    for module in modules {
      harness.add(module)
      numbers.append(module.compiledFunctions.map { ($0, harness.add($0.site, procedure: $0.procedure, precision: module.precision)) })
    }
    if numbers.allSatisfy(\.isEmpty) { return numbers.map { _ in [] } }
    return try Files.withTemporaryFolder { folder in
      try harness.compile(in: folder)
      return try zip(modules, numbers).map { module, functions in
        let check = CompiledCheck(module: module, seed: seed, points: points)
        return try functions.map { try check.report($0.function, number: $0.number, harness) }
      }
    }
  }

  private func report(_ function: CompiledFunction, number: Int, _ harness: CompiledHarness) throws -> ClaimReport {
    var report = ClaimReport(name: function.name, kind: function.kind, variables: function.variables)
    let samples = samples(of: function)
    report.points = samples.count
    if samples.isEmpty {
      report.outcome = .differs(["no point was found at which \(module.precision.rawValue) numbers settle the results"])
      return report
    }
    let runs = try harness.run(samples.map { (number, Binding(inputs: $0.point.inputs, sizes: $0.point.sizes)) })
    for (place, (sample, run)) in zip(samples, runs).enumerated() {
      switch run {
      case .failure(let error):
        report.outcome = .differs(["the compiled function throws \(error.message) (point \(place + 1) of seed \(seed))"])
      case .success(let results):
        for (name, (expected, found)) in zip(function.procedure.resultNames, zip(sample.results, results)) {
          let difference = relativeDifference(expected, found)
          report.compiledAgainstInterpreter = larger(report.compiledAgainstInterpreter, difference)
          if difference > tolerance, case .holds = report.outcome {
            report.outcome = .differs([
              "\(name): compiled Swift gives \(short(found.reals)), the interpreter \(short(expected.reals)) (point \(place + 1) of seed \(seed))"
            ])
          }
        }
      }
    }
    return report
  }

  private struct Sample {
    let point: Point
    let results: [ArrayValue]
  }

  /// Points at which rounding decides nothing: the interpreter gives the same in both precisions, and nearby. A spike at its threshold would
  /// not. Inputs are multiples of powers of two, so that most sums are exact.
  private func samples(of function: CompiledFunction) -> [Sample] {
    var random = RandomNumbers(seed: seed, key: function.name + " compiled")
    let source = PointSource(procedure: function.procedure, hints: function.hints)
    var samples: [Sample] = []
    for attempt in 1...Self.mostAttempts where samples.count < points {
      // Every second one fills vectors, with something left.
      let sizes = samples.count.isMultiple(of: 2) ? 2...7 : 5...21
      guard var point = source.draw(attempt: attempt, sizes: sizes, &random) else { break }
      point.inputs = point.inputs.map { value in
        guard case .real(let numbers) = value.elements else { return value }
        return .reals(numbers.map { ($0 * 64).rounded() / 64 }, shape: value.shape)
      }
      guard let results = run(function.procedure, point, module.precision), results.allSatisfy({ $0.reals.allSatisfy(\.isFinite) }) else {
        continue
      }
      var nearby = point
      nearby.inputs = point.inputs.map { value in
        guard case .real(let numbers) = value.elements else { return value }
        return .reals(numbers.map { $0 * (1 + 1e-7 * random.normal()) }, shape: value.shape)
      }
      let others = [run(function.procedure, point, .double), run(function.procedure, nearby, .double)]
      let isSettled = others.allSatisfy { other in
        guard let other else { return false }
        return zip(results, other).allSatisfy { relativeDifference($0, $1) <= (module.precision == .single ? 1e-5 : 1e-4) }
      }
      if isSettled { samples.append(Sample(point: point, results: results)) }
    }
    return samples
  }

  private func run(_ procedure: Procedure, _ point: Point, _ precision: Precision) -> [ArrayValue]? {
    try? Interpreter(precision: precision).run(procedure, inputs: point.inputs, sizes: point.sizes)
  }

  private func relativeDifference(_ a: ArrayValue, _ b: ArrayValue) -> Double {
    if a.shape != b.shape { return .infinity }
    let gap = norm(difference(a.reals, b.reals))
    if gap == 0 { return 0 }
    return gap.isFinite ? gap / max(norm(a.reals), norm(b.reals)) : .infinity
  }
}
