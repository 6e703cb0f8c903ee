import ModelDSL

/// A model with the places of its parameters and settings.
struct ModelLayout {
  struct Parameter {
    var parameter: ModelEntry.Parameter
    var offset: Int
    /// `["first", "feed"]`
    var components: [String]
  }

  let model: ModelEntry
  let parameters: [Parameter]
  let settings: [(setting: ModelEntry.Setting, components: [String])]
  let precision: Precision
  var parameterCount: Int { parameters.last.map { $0.offset + $0.parameter.count } ?? 0 }
  var isTrainable: Bool { model.lossAndGradient != nil }
  /// The batch, then the other sizes known at the call.
  var sizes: [SizeSymbol] { [model.batch] + model.sizes }

  init(_ model: ModelEntry, precision: Precision) {
    self.model = model
    self.precision = precision
    var offset = 0
    parameters = model.parameters.map { parameter in
      defer { offset += parameter.count }
      return Parameter(parameter: parameter, offset: offset, components: Identifier.components(parameter.path))
    }
    settings = model.settings.map { ($0, Identifier.components($0.path)) }
  }

  /// Where each input of a procedure of the model comes from; `kept` are their places among all inputs.
  func sources(_ procedure: Procedure, _ kept: [Int], _ roles: [EntryPoint.InputRole]) -> [Entry.Source] {
    zip(zip(procedure.inputs, roles), kept).map { pair, place in
      if place < parameters.count { return .parameter(offset: parameters[place].offset) }
      if place < parameters.count + settings.count {
        return .setting(settings[place - parameters.count].components.map { Identifier.written($0) }.joined(separator: "."))
      }
      return .argument(Entry.label(pair.1, name: pair.0.name))
    }
  }
}

/// A model with the functions that it becomes.
struct ModelFunctions {
  let layout: ModelLayout
  private(set) var entries: [Entry] = []
  private(set) var start: Kernel?
  private(set) var step: Kernel?
  private(set) var optimizer: OptimizerText?
  private(set) var stream: StreamText?

  var model: ModelEntry { layout.model }
  var otherKernels: [Kernel] { [optimizer?.kernel, start, step].compactMap { $0 } }

  init(_ model: ModelEntry, access: String, context: KernelContext) {
    let layout = ModelLayout(model, precision: context.precision)
    self.layout = layout
    let prefix = context.isOnlyModel ? "" : model.name
    func entry(
      _ name: String, _ documentation: [String], _ procedure: Procedure, needsTraining: Bool, roles: [EntryPoint.InputRole]? = nil,
      results: [EntryPoint.ResultRole]? = nil, kernelName: String? = nil
    ) -> Entry {
      let (used, kept) = procedure.withoutUnusedInputs()
      var inputRoles: [EntryPoint.InputRole] = []
      for place in kept { inputRoles.append(roles?[place] ?? .argument) }
      let sources = layout.sources(used, kept, inputRoles)
      let sinks = used.body.results.enumerated().map { place, value -> Entry.Sink in
        let isScalar = used.values[value].isScalar
        if let results {
          let label = Entry.label(results[place], isScalar: isScalar, blocks: [])
          return isScalar ? .returned(label) : .filled(label)
        }
        if name == "lossAndGradient" {
          if place == 0 { return .returned("loss") }
          if place <= layout.parameters.count { return .gradient(offset: layout.parameters[place - 1].offset) }
          // What follows are the states after a part of a sequence.
          return .filled("next" + Identifier.joined(used.resultNames[place]).capitalizedFirst)
        }
        let label = Identifier.joined(used.resultNames[place])
        return isScalar ? .returned(label) : .filled(label)
      }
      let kernel = context.kernel(used, name: prefix + (kernelName ?? name.capitalizedFirst) + "Call", title: name, batch: model.batch)
      let distinct = Entry.distinct(sources, sinks, procedure: used)
      return Entry(
        name: name, documentation: documentation, procedure: used, sources: distinct.sources, sinks: distinct.sinks, model: layout,
        needsTraining: needsTraining, kernel: kernel)
    }
    entries.append(entry("predict", ["The outputs for a batch."], model.predict, needsTraining: false))
    if let loss = model.loss {
      entries.append(entry("loss", ["The loss, a mean over the batch."], optimized(prepared(loss)), needsTraining: true))
    }
    if let gradient = model.lossAndGradient {
      entries.append(
        entry(
          "lossAndGradient",
          ["The loss, a mean over the batch, and its gradient with respect to every parameter, which replaces what `gradient` held."],
          gradient, needsTraining: true))
    }
    if let segment = model.segment {
      entries.append(
        entry(
          "lossAndGradient",
          [
            "The same over a part of a sequence, from the states given to those after it: truncated backpropagation through time.",
            "The states given count as constants: no gradient flows into the part before. Each has one row for each sample.",
          ],
          segment, needsTraining: true, kernelName: "Part"))
    }
    for point in model.derived {
      entries.append(
        entry(point.name, [], point.procedure, needsTraining: true, roles: point.inputRoles, results: point.resultRoles))
    }
    optimizer = model.optimizer.map { OptimizerText(layout: layout, optimizer: $0, access: access, context: context) }
    if let stream = model.stream {
      start = context.kernel(stream.start, name: prefix + "StreamStart", title: "the stream's start")
      step = context.kernel(stream.step, name: prefix + "StreamStep", title: "the stream's step")
      self.stream = StreamText(layout: layout, stream: stream, start: start!, step: step!, access: access)
    }
  }

  // MARK: Printing

  func members(_ text: inout Text, _ emitter: ModuleEmitter, _ functions: inout Set<EmittedFunction>) {
    let access = emitter.access
    for size in model.fixedSizes {
      text.documentation(size.documentation)
      text.line("\(access) static let \(Identifier.written(size.name)): Int = \(size.value)")
    }
    if !layout.parameters.isEmpty {
      text.line()
      ParametersText(layout: layout, access: access).declaration(&text, &functions)
    }
    if !layout.settings.isEmpty {
      text.line()
      SettingsText(layout: layout, access: access).declaration(&text)
    }
    text.line()
    workspace(&text, access, memory: emitter.options.memory)
    for entry in entries {
      text.line()
      entry.declaration(&text, access: access, functions: &functions)
      entry.overlay(&text, access: access)
    }
    if let optimizer {
      text.line()
      optimizer.declaration(&text)
    }
    if let stream {
      text.line()
      stream.declaration(&text)
    }
  }

  private func workspace(_ text: inout Text, _ access: String, memory: Int?) {
    let sizes = layout.sizes.map { entries[0].sizeName($0) }
    let purpose = layout.isTrainable
    var parameters = sizes.map { "\($0): Int" }
    var arguments = sizes.map { "\($0): \($0)" }
    if purpose {
      parameters.append("for purpose: Purpose")
      arguments.append("for: purpose")
    }
    parameters.append("threads: Int = 1")
    arguments.append("threads: threads")
    text.documentation([
      "The memory of the model's functions: made once, used by call after call. With more than one thread, the batch is shared among so many."
    ])
    text.block("\(access) struct Workspace: ~Copyable, @unchecked Sendable") { text in
      if purpose {
        text.line("\(access) enum Purpose: Sendable { case training, inference }")
        text.line()
      }
      var stored = sizes.map { (name: $0, type: "Int", value: $0) }
      if purpose { stored.append((name: "isTraining", type: "Bool", value: "purpose == .training")) }
      stored.append((name: "threads", type: "Int", value: "threads"))
      var checks = sizes.map { "if \($0) < 0 { fatalError(\"\($0) is negative\") }" }
      checks.append("if threads < 1 { fatalError(\"a workspace needs at least one thread\") }")
      WorkspaceText(
        access: access, sizes: sizes, parameters: parameters, arguments: arguments, stored: stored, checks: checks, memory: memory
      )
      .members(&text) { text in
        text.line("var bytes: Int = 64")
        func line(_ entry: Entry) -> String {
          let count = entry.kernel.byteCount(size: { entry.sizeName($0) }, threads: "threads")
          return "bytes = Swift.max(bytes, \(count))"
        }
        for entry in entries where entry.kernel.hasMemory && !(purpose && entry.needsTraining) { text.line(line(entry)) }
        let training = entries.filter { $0.kernel.hasMemory && purpose && $0.needsTraining }
        if !training.isEmpty {
          text.block("if purpose == .training") { text in for entry in training { text.line(line(entry)) } }
        }
        text.line("return bytes")
      }
    }
  }
}

extension Procedure {
  /// Without inputs that the body does not mention; with the places of those that stay.
  func withoutUnusedInputs() -> (Procedure, kept: [Int]) {
    let used = body.freeValuesOfParameters
    let kept = inputs.indices.filter { used.contains(inputs[$0].value) || inputs[$0].sizeSymbol != nil }
    var result = self
    result.inputs = kept.map { inputs[$0] }
    result.body.parameters = result.inputs.map(\.value)
    return (result, kept)
  }
}

extension Block {
  /// Which parameters are used.
  var freeValuesOfParameters: Set<Value> {
    Block(statements: statements, results: results).freeValues
  }
}
