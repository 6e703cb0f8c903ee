import ModelDSL

/// A public function of the generated file: what its arguments and results are to whoever calls it.
struct Entry {
  enum Source {
    /// An argument of the function, by its label.
    case argument(String)
    /// A learned parameter, at its offset in `Parameters.flat`.
    case parameter(offset: Int)
    /// `settings.first.strength`
    case setting(String)
    /// A number that defines a size, by its label.
    case size(String)
  }
  enum Sink {
    /// What the function returns, or part of it, by its label.
    case returned(String)
    /// An array that the caller gives, by its label.
    case filled(String)
    /// The gradient of a learned parameter, at its offset in `Parameters.flat`.
    case gradient(offset: Int)
  }

  var name: String
  var documentation: [String]
  var procedure: Procedure
  /// What it was made from, where that is a function's entry.
  var point: EntryPoint?
  var sources: [Source]
  var sinks: [Sink]
  /// The model it belongs to; nil for a function.
  var model: ModelLayout?
  var needsTraining = false
  var kernel: Kernel

  /// A result's label in words: `value` and its kin where it has a name of its own.
  static func label(_ role: EntryPoint.ResultRole, isScalar: Bool, blocks: [SparseBlock]) -> String {
    func word(_ label: String?) -> String? {
      guard let label else { return nil }
      return label.allSatisfy(\.isNumber) ? "value" + label : Identifier.joined(label)
    }
    switch role {
    case .value(let label): return word(label) ?? "value"
    case .gradient(let variable): return Identifier.joined(variable) + (isScalar ? "" : "Gradient")
    case .tangent(let label): return word(label).map { $0 + "Tangent" } ?? "tangent"
    case .jacobian(let label, let variable):
      let name = Identifier.joined(variable)
      return (word(label).map { $0 + name.capitalizedFirst } ?? name) + "Jacobian"
    case .hessian(let a, let b): return Identifier.joined(a) + Identifier.joined(b).capitalizedFirst + "Hessian"
    case .product(let variable): return Identifier.joined(variable) + "Product"
    case .blockValues(let block): return SparseBlock.names(of: blocks)[block] + "Blocks"
    case .blockColumns(let block): return SparseBlock.names(of: blocks)[block] + "Columns"
    }
  }

  static func label(_ role: EntryPoint.InputRole, name: String) -> String {
    switch role {
    case .argument: return Identifier.joined(name)
    case .cotangent(let label):
      guard let label else { return "cotangent" }
      return (label.allSatisfy(\.isNumber) ? "value" + label : Identifier.joined(label)) + "Cotangent"
    case .tangent(let variable): return Identifier.joined(variable) + "Tangent"
    }
  }

  /// Sources and sinks with labels of which no two are equal, nor like a size or a word of the function's own.
  static func distinct(_ sources: [Source], _ sinks: [Sink], procedure: Procedure) -> (sources: [Source], sinks: [Sink]) {
    let sizes = procedure.sizes.map { Identifier.sizeLabel($0.name) }
    var names = NameScopes(reserved: Set(["parameters", "settings", "gradient", "workspace"] + sizes))
    let sources = sources.map { source -> Source in
      if case .argument(let label) = source { return .argument(names.distinct(label)) }
      return source
    }
    let sinks = sinks.map { sink -> Sink in
      switch sink {
      case .returned(let label): .returned(names.distinct(label, isRepeatable: true))
      case .filled(let label): .filled(names.distinct(label))
      case .gradient: sink
      }
    }
    return (sources, sinks)
  }

  /// A name for a local of the function's own text, like none that its caller sees.
  func local(_ wish: String) -> String {
    var names = NameScopes(
      reserved: Set(["parameters", "settings", "gradient", "workspace"] + procedure.sizes.map { Identifier.sizeLabel($0.name) }))
    for source in sources { if case .argument(let label) = source { _ = names.distinct(label) } }
    for sink in sinks { if case .filled(let label) = sink { _ = names.distinct(label) } }
    return names.take(wish)
  }

  var precision: Precision { kernel.precision }
  var plan: Plan { kernel.plan }

  /// Whether the function may throw: a label out of range, or a loop that does not end.
  var mayFail: Bool { plan.mayFail || !checkedIndices.isEmpty }

  var checkedIndices: [(label: String, isScalar: Bool, bound: Size)] {
    zip(procedure.inputs, sources).compactMap { input, source in
      guard let bound = input.indexBound, case .argument(let label) = source else { return nil }
      return (label, procedure.values[input.value].isScalar, bound)
    }
  }

  // MARK: Sizes

  /// Sizes that are read off the count of a vector, with its label.
  var inferred: [SizeSymbol: String] {
    var result: [SizeSymbol: String] = [:]
    for (input, source) in zip(procedure.inputs, sources) {
      let shape = procedure.values[input.value].shape
      guard case .argument(let label) = source, shape.count == 1, let symbol = shape[0].symbol, result[symbol] == nil else { continue }
      result[symbol] = label
    }
    return result
  }

  /// Whether the argument is the vector that a size is read off: there is nothing to check.
  func isMeasure(_ label: String, _ shape: [Size]) -> Bool {
    guard model == nil, shape.count == 1, let symbol = shape[0].symbol else { return false }
    return inferred[symbol] == label
  }

  /// Sizes that are `Int` inputs already.
  var given: Set<SizeSymbol> { Set(procedure.inputs.compactMap(\.sizeSymbol)) }

  /// Sizes that the caller of a function names.
  var named: [SizeSymbol] { model == nil ? procedure.sizes.filter { inferred[$0] == nil && !given.contains($0) } : [] }

  /// Sizes that the function's own text mentions: in checks, or as arguments of the kernel.
  var mentioned: [SizeSymbol] {
    var result = Set(plan.sizes)
    if model == nil && workspaceType != nil { result.formUnion(procedure.sizes) }
    for requirement in procedure.requirements { result.formUnion(requirement.size.symbols) }
    for index in checkedIndices { result.formUnion(index.bound.symbols) }
    for (input, source) in zip(procedure.inputs, sources) {
      guard case .argument(let label) = source, !isMeasure(label, type(input.value).shape) else { continue }
      result.formUnion(type(input.value).shape.flatMap(\.symbols))
    }
    for (value, sink) in zip(procedure.body.results, sinks) {
      if case .filled = sink { result.formUnion(type(value).shape.flatMap(\.symbols)) }
    }
    return procedure.sizes.filter(result.contains)
  }

  func sizeName(_ symbol: SizeSymbol) -> String { Identifier.size(symbol.name) }

  func code(_ size: Size) -> Code { size.code(sizeName) }

  // MARK: The signature

  /// A function of arrays whose sizes are known at the call takes a workspace whether or not it is planned to need one: what is public follows from the
  /// source. Others take one where what they compute with is too much for locals.
  var workspaceType: String? {
    if model != nil { return "Workspace" }
    let isSized = (procedure.inputs.map(\.value) + procedure.body.results).contains { !type($0).shape.flatMap(\.symbols).isEmpty }
    return kernel.hasMemory || isSized ? name.capitalizedFirst + "Workspace" : nil
  }

  struct Parameter {
    var label: String
    var type: String
    var isShownFirst = false
  }

  func type(_ value: Value) -> ValueType { procedure.values[value] }

  func declared(_ label: String, _ type: String) -> String { "\(Identifier.written(label)): \(type)" }

  /// The parameters of the function itself, over spans, or of the overlay over arrays.
  func parameters(isOverlay: Bool) -> [String] {
    var result: [String] = []
    if let model, !model.parameters.isEmpty { result.append("_ parameters: Parameters") }
    for (input, source) in zip(procedure.inputs, sources) {
      let type = type(input.value)
      switch source {
      case .argument(let label):
        if type.isScalar {
          let standard = input.standard.map { " = " + precision.written($0) } ?? ""
          result.append(declared(label, type.element.swiftType(precision)) + standard)
        } else {
          let stored = type.element.storedType(precision)
          result.append(declared(label, isOverlay ? "[\(stored)]" : "Span<\(stored)>"))
        }
      case .size(let label): result.append(declared(label, "Int") + (input.standard.map { " = " + precision.written($0) } ?? ""))
      case .parameter, .setting: break
      }
    }
    for symbol in named { result.append("\(sizeName(symbol)): Int") }
    var hasGradient = false
    for (value, sink) in zip(procedure.body.results, sinks) {
      switch sink {
      case .filled(let label) where !isOverlay:
        result.append(declared(label, "inout MutableSpan<\(type(value).element.storedType(precision))>"))
      case .gradient: hasGradient = true
      default: break
      }
    }
    if hasGradient { result.append("gradient: inout Parameters") }
    if let model, !model.settings.isEmpty { result.append("settings: Settings = Settings()") }
    if let workspaceType, model != nil || !isOverlay { result.append("workspace: inout \(workspaceType)") }
    return result
  }

  /// What is returned: label and type.
  func returned(isOverlay: Bool) -> [(label: String, type: String)] {
    zip(procedure.body.results, sinks).compactMap { value, sink in
      switch sink {
      case .returned(let label): (label, type(value).element.swiftType(precision))
      case .filled(let label): isOverlay ? (label, "[\(type(value).element.storedType(precision))]") : nil
      case .gradient: nil
      }
    }
  }

  func returnType(_ list: [(label: String, type: String)]) -> String {
    switch list.count {
    case 0: ""
    case 1: " -> " + list[0].type
    default: " -> (" + list.map { declared($0.label, $0.type) }.joined(separator: ", ") + ")"
    }
  }

  var throwing: String { mayFail ? " throws(Failure)" : "" }
}
