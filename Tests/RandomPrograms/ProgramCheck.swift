import ModelDSL

@testable import Codegen
@testable import graft

/// What is wrong with a program. Two failures of one kind are taken for the same while shrinking.
struct Failure: CustomStringConvertible {
  var kind: String
  var detail: String
  var description: String { "\(kind): \(detail)" }
}

/// What must hold of every program.
struct ProgramCheck {
  /// The file's name without its ending, and so the namespace.
  var name = "random"
  var points = 2
  /// A random program may have no point at which it can be checked; a case must have one.
  var isUnusablePointAFailure = false
  /// In place of the program's own.
  var precision: Precision?

  /// The passes of `prepared` and `optimized`, each to be verified by itself.
  private static let passes: [(name: String, pass: Pass)] = [
    ("eliminateDeadCode", eliminateDeadCode), ("simplify", simplify),
    ("eliminateCommonSubexpressionsWithinBranches", eliminateCommonSubexpressionsWithinBranches),
    ("hoistLoopInvariants", hoistLoopInvariants), ("sinkIntoBranches", sinkIntoBranches), ("eraseRules", eraseRules),
    ("simplify", simplify), ("eliminateCommonSubexpressions", eliminateCommonSubexpressions), ("narrowAccumulations", narrowAccumulations),
    ("fuseLoops", fuseLoops), ("simplify", simplify), ("hoistLoopInvariants", hoistLoopInvariants), ("fuseMaps", fuseMaps),
    ("inlineMaps", inlineMaps), ("gatherAccumulations", gatherAccumulations), ("simplify", simplify), ("fuseMaps", fuseMaps),
    ("eliminateDeadCode", eliminateDeadCode),
  ]

  func compiled(_ text: String) -> Compilation {
    compile(path: "\(name).graft", options: CheckOptions(precision: precision)) { $0 == "\(name).graft" ? Array(text.utf8) : nil }
  }

  /// The first thing that does not hold.
  func failure(of text: String) -> Failure? {
    if let failure = formatting(text) { return failure }
    let compilation = compiled(text)
    if let error = compilation.diagnostics.first(where: { $0.severity == .error }) {
      return Failure(kind: "diagnostic \(error.code)", detail: render([error], sources: compilation.sources, color: false))
    }
    guard let program = compilation.program, let module = compilation.module else {
      return Failure(kind: "no module", detail: "without an error")
    }
    // Rules of any form are judged, and drawn, without an end that is no diagnostic.
    _ = checkRules(program)
    _ = ruleCurves(program)
    let engine = Engine(rules: lowerRuleTable(program))
    for procedure in module.procedures {
      let problems = verify(procedure)
      if !problems.isEmpty { return Failure(kind: "verifier", detail: "\(procedure.name): \(problems)") }
    }
    // All that is to be seen of the text here is that it can be written.
    for cpu in TargetCPU.allCases { _ = emit(module, options: EmissionOptions(access: .internal, modelFile: "", cpu: cpu)) }
    for primal in module.primals { if let failure = passes(primal, engine) { return failure } }
    for claim in module.claims {
      let report = ClaimCheck(claim: claim, engine: engine, seed: 1, points: points).report()
      if case .differs(let details) = report.outcome {
        // Nothing to check at: the program is of no use, but not wrong.
        if !isUnusablePointAFailure, details.contains(where: { $0.hasPrefix("no point was found") && !$0.contains("outside") }) { continue }
        return Failure(kind: kind(of: details, claim), detail: "\(claim.name): " + details.joined(separator: "\n  "))
      }
    }
    return nil
  }

  private func kind(of details: [String], _ claim: Claim) -> String {
    let text = details[0]
    for word in [
      "finite differences", "reverse mode", "the value that comes", "the Jacobian times", "the sparse Jacobian", "malformed", "no sizes",
      "outside",
    ]
    where text.contains(word) { return "\(claim.kind.rawValue): \(word)" }
    return "\(claim.kind.rawValue): other"
  }

  // MARK: Formatter

  private func formatting(_ text: String) -> Failure? {
    let (formatted, diagnostics) = format(SourceFile(path: "\(name).graft", text: Array(text.utf8)))
    if let first = diagnostics.first { return Failure(kind: "syntax \(first.code)", detail: first.message) }
    let again = format(SourceFile(path: "\(name).graft", text: Array(formatted.utf8))).text
    if again != formatted { return Failure(kind: "format is not idempotent", detail: again) }
    func tree(_ text: String) -> String {
      dumpTree(parse(SourceFile(path: "\(name).graft", text: Array(text.utf8)), id: FileID(0)).tree)
    }
    if tree(formatted) != tree(text) { return Failure(kind: "format changes the tree", detail: formatted) }
    return nil
  }

  // MARK: Passes

  private func passes(_ primal: Procedure, _ engine: Engine) -> Failure? {
    var random = RandomNumbers(seed: 1, key: primal.name)
    let source = PointSource(procedure: primal, hints: [:])
    var points: [(point: Point, results: [ArrayValue])] = []
    for attempt in 0..<6 where points.count < self.points {
      guard let point = source.draw(attempt: attempt, &random) else { break }
      do {
        points.append((point, try engine.run(primal, point.inputs, point.sizes)))
      } catch let error as InterpreterError {
        if case .malformed = error { return Failure(kind: "interpreter", detail: "\(primal.name): \(error)") }
        if case .indexOutOfBounds = error { return Failure(kind: "interpreter: index", detail: "\(primal.name): \(error)") }
      } catch {}
    }
    func difference(_ procedure: Procedure, _ what: String) -> Failure? {
      for (point, expected) in points {
        do {
          let results = try engine.run(procedure, point.inputs, point.sizes)
          if !zip(results, expected).allSatisfy({ agree($0, $1, 1e-11) }) {
            return Failure(kind: "\(what) changes the values", detail: "\(primal.name): \(results) is not \(expected)")
          }
        } catch {
          return Failure(kind: "\(what) breaks the procedure", detail: "\(primal.name): \(error)")
        }
      }
      return nil
    }
    var current = primal
    for (name, pass) in Self.passes {
      current = pass(current)
      let problems = verify(current)
      if !problems.isEmpty { return Failure(kind: "verifier after \(name)", detail: "\(primal.name): \(problems)") }
      if let failure = difference(current, name) { return failure }
    }
    return difference(prepared(primal), "prepared") ?? difference(optimized(primal), "optimized")
  }
}

func agree(_ a: ArrayValue, _ b: ArrayValue, _ tolerance: Double) -> Bool {
  guard a.shape == b.shape else { return false }
  switch (a.elements, b.elements) {
  case (.real(let x), .real(let y)):
    return zip(x, y).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) || abs($0 - $1) <= tolerance * max(1, abs($0)) }
  case (.integer(let x), .integer(let y)): return x == y
  case (.boolean(let x), .boolean(let y)): return x == y
  default: return false
  }
}

extension Module {
  /// What is derived from, as lowered.
  var primals: [Procedure] {
    functions.map(\.primal.procedure) + models.flatMap { [$0.predict] + ($0.loss.map { [$0] } ?? []) }
  }

  var procedures: [Procedure] {
    primals + functions.flatMap { $0.emitted.map(\.procedure) }
      + models.flatMap { model in
        model.derived.map(\.procedure) + (model.lossAndGradient.map { [$0] } ?? []) + (model.stream.map { [$0.start, $0.step] } ?? [])
      }
  }
}
