import Codegen
import ModelDSL

/// `graft explain FILE`
@Sendable func explain(_ invocation: Invocation, console: Console) throws -> ExitStatus {
  var compilation = try compile(invocation.files[0], invocation)
  compilation.report(to: console)
  if let module = compilation.module {
    guard let fitted = module.fitting(try memoryBudget(invocation), console: console) else { return .failed }
    compilation.module = fitted
  }
  if let stage = invocation.value(.stage).flatMap(Stage.init(rawValue:)) {
    guard let text = compilation.text(of: stage) else { return .failed }
    console.print(
      invocation.has(.json) ? JSON.object([JSON.Member("stage", .string(stage.rawValue)), JSON.Member("text", .string(text))]).text : text)
    return compilation.hasErrors ? .failed : .done
  }
  guard let module = compilation.module, let program = compilation.program else { return .failed }
  let costs = module.costs
  let rules = compilation.rulesInForce(module.differentiated)
  let sums = module.eventDrivenSums
  if invocation.has(.json) {
    console.print(
      JSON.object([
        JSON.Member("procedures", .array(costs.map(\.document))), JSON.Member("rules", .array(rules.map(\.document))),
        JSON.Member("eventDriven", .array(sums.map { $0.document })),
      ]).text)
    return .done
  }
  var text = compilation.sources.files.first.map { String(decoding: $0.text, as: UTF8.self) } ?? ""
  if !text.hasSuffix("\n") { text += "\n" }
  let derivatives = module.claims.map { "\n" + Equations.text(of: $0.emitted.procedure) }.joined()
  let table = columns([["procedure", "arithmetic", "functions", "kept for the backward pass", "workspace"]] + costs.map(\.row))
  let sumTable = columns(sums.map { [$0.procedure, $0.sum.sum, "for each spike of \($0.sum.spikes)"] })
  let ruleTable = columns(rules.map { [$0.text, $0.place] })
  console.print(
    """
    == the model, \(compilation.sources.place(of: SourceRange(file: program.rootFile, lower: 0, upper: 0)))

    \(text)
    == its derivatives
    \(derivatives)
    == operations on real numbers, one call

    \(table)\(module.rootText)
    == event-driven sums, whose work is in proportion to the spikes

    \(sums.isEmpty ? "none\n" : sumTable)
    == rules in force

    \(ruleTable)
    """)
  return .done
}

private struct Cost {
  let name: String
  let operations: OperationCount
  /// For each sample, where the batch is mapped over.
  let kept: Size
  /// With one thread.
  let workspace: Size

  var row: [String] {
    let most = operations.isUpperBound ? "at most " : ""
    return [
      name, "\(most)\(operations.arithmetic)", "\(most)\(operations.functions)", kept == Size(0) ? "nothing" : "\(kept) bytes",
      "\(workspace) bytes",
    ]
  }

  var document: JSON {
    .object([
      JSON.Member("name", .string(name)), JSON.Member("arithmetic", .string("\(operations.arithmetic)")),
      JSON.Member("functions", .string("\(operations.functions)")), JSON.Member("atMost", .boolean(operations.isUpperBound)),
      JSON.Member("keptBytes", .string("\(kept)")), JSON.Member("workspaceBytes", .string("\(workspace)")),
    ])
  }
}

extension RuleInForce {
  fileprivate var document: JSON { .object([JSON.Member("rule", .string(text)), JSON.Member("from", .string(place))]) }
}

/// A sum that a function computes spike by spike.
private struct EventDriven {
  let procedure: String
  let sum: EventDrivenSum

  var document: JSON {
    .object([
      JSON.Member("procedure", .string(procedure)), JSON.Member("sum", .string(sum.sum)), JSON.Member("spikes", .string(sum.spikes)),
    ])
  }
}

extension Module {
  fileprivate var eventDrivenSums: [EventDriven] {
    emittedProcedures.flatMap { name, procedure in
      Codegen.eventDrivenSums(in: procedure).map { EventDriven(procedure: name, sum: $0) }
    }
  }

  /// What is emitted, by the names that it goes by here.
  private var emittedProcedures: [(name: String, procedure: Procedure)] {
    var list: [(name: String, procedure: Procedure)] = []
    for function in functions { list += function.emitted.map { ($0.name, $0.procedure) } }
    for model in models {
      list.append(("\(model.name).predict", model.predict))
      if let gradient = model.lossAndGradient { list.append(("\(model.name).lossAndGradient", gradient)) }
      list += model.derived.map { ("\(model.name).\($0.name)", $0.procedure) }
    }
    return list
  }

  /// What the sizes among them stand for that follow from others.
  fileprivate var rootText: String {
    emittedProcedures.flatMap { name, procedure in
      procedure.roots.map { root in
        "\n\(name) keeps a loop of \(root.radicand) iterations in part: "
          + "\(root.symbol.name) is the least whole number whose power of \(root.degree) reaches \(root.radicand)\n"
      }
    }.joined()
  }

  /// Of each emitted procedure; what a derivative stacks beyond what its function does is kept for the backward pass.
  fileprivate var costs: [Cost] {
    let memory = Dictionary(memoryPlans.map { ($0.function, $0.byteCount) }) { first, _ in first }
    func cost(_ name: String, _ procedure: Procedure, beyond primal: Procedure?) -> Cost {
      let own = stackedBytes(procedure, precision: precision)
      let more = primal.map { own - stackedBytes(optimized($0), precision: precision) } ?? Size(0)
      // A loop in segments gathers what its function stacks: less is left than before, and that is not kept for the backward pass.
      let kept = Size(terms: more.terms.filter { $0.value.numerator > 0 })
      return Cost(name: name, operations: OperationCount(of: procedure), kept: kept, workspace: memory[name] ?? Size(0))
    }
    var costs: [Cost] = []
    for function in functions {
      for entry in function.emitted {
        costs.append(cost(entry.name, entry.procedure, beyond: entry.kind.isDerivative ? function.primal.procedure : nil))
      }
    }
    for model in models {
      costs.append(cost("\(model.name).predict", model.predict, beyond: nil))
      if let gradient = model.lossAndGradient { costs.append(cost("\(model.name).lossAndGradient", gradient, beyond: model.loss)) }
      for entry in model.derived { costs.append(cost("\(model.name).\(entry.name)", entry.procedure, beyond: entry.primal)) }
    }
    return costs
  }
}

/// Cells aligned by column, a line for each row.
func columns(_ rows: [[String]]) -> String {
  let count = rows.map(\.count).max() ?? 0
  let widths = (0..<count).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
  return rows.map { row in
    var line = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
    while line.last == " " { line.removeLast() }
    return line + "\n"
  }.joined()
}
