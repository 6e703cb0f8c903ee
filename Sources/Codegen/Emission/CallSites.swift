import ModelDSL

/// How a program calls one function of a generated file. Inputs and results are those of the procedure that the function runs, by place.
public struct CallSite: Sendable {
  public enum Argument: Sendable {
    /// `Parameters`, made of the inputs with their offsets in its flat buffer.
    case parameters([(input: Int, offset: Int)], count: Int)
    /// `Settings`, with the inputs that stand in it.
    case settings([(input: Int, path: String)])
    /// A span over an array.
    case array(input: Int)
    case number(input: Int)
    case size(SizeSymbol)
    /// A mutable span, which is filled.
    case filled(result: Int)
    /// `Parameters` that receive the gradient.
    case gradient([(result: Int, offset: Int)])
    /// Made for the call; `purpose` is `.training` where the type asks for one.
    case workspace(type: String, sizes: [(label: String, symbol: SizeSymbol)], purpose: String?)
  }
  /// Of the generated namespace, or of the model's in it: `SequentialALIF`.
  public var namespace: String
  public var function: String
  /// In order; a label is nil where there is none.
  public var arguments: [(label: String?, argument: Argument)]
  /// The results that are returned, with their labels where there are several.
  public var returned: [(label: String, result: Int)]
  public var mayFail: Bool
}

extension Module {
  /// How the functions of `models[place]` are called: `predict`, the loss with its gradient, what is derived.
  public struct ModelCallSites: Sendable {
    public var predict: CallSite
    public var lossAndGradient: CallSite?
    public var derived: [CallSite]
  }

  public var modelCallSites: [ModelCallSites] {
    let emitter = ModuleEmitter(module: self, options: EmissionOptions(modelFile: ""))
    return zip(models, emitter.models).map { model, layout in
      let namespace = Identifier.written(self.namespace) + (model.name == self.namespace ? "" : "." + Identifier.written(model.name))
      func site(_ name: String, _ procedure: Procedure) -> CallSite? {
        layout.entries.first { $0.name == name }.map { $0.callSite(namespace: namespace, original: procedure) }
      }
      return ModelCallSites(
        predict: site("predict", model.predict)!, lossAndGradient: model.lossAndGradient.flatMap { site("lossAndGradient", $0) },
        derived: model.derived.compactMap { site($0.name, $0.procedure) })
    }
  }

  /// How the emitted functions of `functions[place]` are called.
  public var functionCallSites: [[CallSite]] {
    let emitter = ModuleEmitter(module: self, options: EmissionOptions(modelFile: ""))
    return emitter.functions.map { entry, entries in
      zip(entry.emitted, entries).map { $1.callSite(namespace: Identifier.written(namespace), original: $0.procedure) }
    }
  }
}

extension Entry {
  /// `original` has the inputs that the function does without, too.
  fileprivate func callSite(namespace: String, original: Procedure) -> CallSite {
    let places = procedure.inputs.map { input in original.inputs.firstIndex { $0.name == input.name }! }
    var arguments: [(label: String?, argument: CallSite.Argument)] = []
    if let model, !model.parameters.isEmpty {
      // Also where the function reads none of them.
      let all = model.parameters.enumerated().map { (input: $0, offset: $1.offset) }
      arguments.append((nil, .parameters(all, count: model.parameterCount)))
    }
    for (source, place) in zip(sources, places) {
      switch source {
      case .argument(let label):
        let isScalar = original.values[original.inputs[place].value].isScalar
        arguments.append((Identifier.argumentLabel(label), isScalar ? .number(input: place) : .array(input: place)))
      case .size(let label): arguments.append((Identifier.argumentLabel(label), .number(input: place)))
      case .parameter, .setting: break
      }
    }
    for symbol in named { arguments.append((sizeName(symbol), .size(symbol))) }
    var returned: [(label: String, result: Int)] = []
    var gradient: [(result: Int, offset: Int)] = []
    for (place, sink) in sinks.enumerated() {
      switch sink {
      case .filled(let label): arguments.append((Identifier.argumentLabel(label), .filled(result: place)))
      case .returned(let label): returned.append((Identifier.written(label), place))
      case .gradient(let offset): gradient.append((place, offset))
      }
    }
    if !gradient.isEmpty { arguments.append(("gradient", .gradient(gradient))) }
    if let model, !model.settings.isEmpty {
      let first = model.parameters.count
      let paths = model.settings.enumerated().map { place, setting in
        (input: first + place, path: setting.components.map { Identifier.written($0) }.joined(separator: "."))
      }
      arguments.append(("settings", .settings(paths)))
    }
    if let workspaceType {
      let symbols = model?.sizes ?? procedure.sizes
      let purpose = model.flatMap { $0.isTrainable ? (needsTraining ? ".training" : ".inference") : nil }
      arguments.append(
        ("workspace", .workspace(type: workspaceType, sizes: symbols.map { (sizeName($0), $0) }, purpose: purpose)))
    }
    return CallSite(namespace: namespace, function: Identifier.written(name), arguments: arguments, returned: returned, mayFail: mayFail)
  }
}
