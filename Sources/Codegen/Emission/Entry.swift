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
  private func isMeasure(_ label: String, _ shape: [Size]) -> Bool {
    guard model == nil, shape.count == 1, let symbol = shape[0].symbol else { return false }
    return inferred[symbol] == label
  }

  /// Sizes that are `Int` inputs already.
  var given: Set<SizeSymbol> { Set(procedure.inputs.compactMap(\.sizeSymbol)) }

  /// Sizes that the caller of a function names.
  var named: [SizeSymbol] { model == nil ? procedure.sizes.filter { inferred[$0] == nil && !given.contains($0) } : [] }

  /// Sizes that the function's own text mentions: in checks, or as arguments of the kernel.
  private var mentioned: [SizeSymbol] {
    var result = Set(plan.sizes)
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

  func sizeName(_ symbol: SizeSymbol) -> String { Identifier.written(Identifier.joined(symbol.name)) }

  func code(_ size: Size) -> Code { size.code(sizeName) }

  // MARK: The signature

  var workspaceType: String? {
    if model != nil { return "Workspace" }
    return kernel.hasMemory ? name.capitalizedFirst + "Workspace" : nil
  }

  private struct Parameter {
    var label: String
    var type: String
    var isShownFirst = false
  }

  private func type(_ value: Value) -> ValueType { procedure.values[value] }

  private func declared(_ label: String, _ type: String) -> String { "\(Identifier.written(label)): \(type)" }

  /// The parameters of the function itself, over spans, or of the overlay over arrays.
  func parameters(isOverlay: Bool) -> [String] {
    var result: [String] = []
    if let model, !model.parameters.isEmpty { result.append("_ parameters: Parameters") }
    for (input, source) in zip(procedure.inputs, sources) {
      let type = type(input.value)
      switch source {
      case .argument(let label):
        if type.isScalar {
          result.append(declared(label, type.element.swiftType(precision)))
        } else {
          let stored = type.element.storedType(precision)
          result.append(declared(label, isOverlay ? "[\(stored)]" : "Span<\(stored)>"))
        }
      case .size(let label): result.append(declared(label, "Int"))
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

  private func returnType(_ list: [(label: String, type: String)]) -> String {
    switch list.count {
    case 0: ""
    case 1: " -> " + list[0].type
    default: " -> (" + list.map { declared($0.label, $0.type) }.joined(separator: ", ") + ")"
    }
  }

  private var throwing: String { mayFail ? " throws(Failure)" : "" }

  // MARK: Printing

  func declaration(_ text: inout Text, access: String, functions: inout Set<EmittedFunction>) {
    text.documentation(documentation)
    let list = returned(isOverlay: false)
    text.call("\(access) static func \(Identifier.written(name))", parameters(isOverlay: false), throwing + returnType(list) + " {")
    text.indented { text in
      if model == nil, let body = kernel.inlineBody(depth: text.level, functions: &functions) {
        checks(&text)
        text.append(body)
        return
      }
      checks(&text)
      run(&text)
    }
    text.line("}")
  }

  var isInline: Bool {
    var unused: Set<EmittedFunction> = []
    return model == nil && kernel.inlineBody(depth: 0, functions: &unused) != nil
  }

  /// Sizes, counts, and what the data must hold to.
  private func checks(_ text: inout Text) {
    let usesWorkspace = workspaceType != nil
    if let model {
      if needsTraining && model.isTrainable {
        text.line("if !workspace.isTraining { fatalError(\"\(name) needs a workspace made for .training\") }")
      }
      for symbol in mentioned { text.line("let \(sizeName(symbol)): Int = workspace.\(sizeName(symbol))") }
      if !model.parameters.isEmpty { text.line("parameters.check()") }
      if sinks.contains(where: { if case .gradient = $0 { true } else { false } }) { text.line("gradient.check()") }
    } else {
      for symbol in mentioned {
        if let label = inferred[symbol] { text.line("let \(sizeName(symbol)): Int = \(Identifier.written(label)).count") }
      }
      let signed = procedure.sizes.filter { inferred[$0] == nil }
      for symbol in signed { text.line("if \(sizeName(symbol)) < 0 { fatalError(\"\(symbol.name) is negative\") }") }
      if usesWorkspace {
        for symbol in plan.sizes {
          text.line("if workspace.\(sizeName(symbol)) != \(sizeName(symbol)) { mismatch(\"workspace.\(symbol.name)\", workspace.\(sizeName(symbol)), \(sizeName(symbol))) }")
        }
      }
    }
    var checked: Set<Size> = []
    for requirement in procedure.requirements where checked.insert(requirement.size).inserted {
      text.line("if \(code(requirement.size).within(.sum)) < 0 { fatalError(\"\(requirement.reason.swiftEscaped)\") }")
    }
    for (input, source) in zip(procedure.inputs, sources) {
      guard case .argument(let label) = source else { continue }
      count(&text, label, type(input.value).shape)
    }
    for (value, sink) in zip(procedure.body.results, sinks) {
      guard case .filled(let label) = sink else { continue }
      count(&text, label, type(value).shape)
    }
    for index in checkedIndices {
      let name = Identifier.written(index.label)
      let bound = code(index.bound)
      let failure = ".index(input: .\(name), "
      if index.isScalar {
        text.line("if \(name) < 0 || \(name) >= \(bound.within(.sum)) { throw \(failure)position: 0, value: \(name)) }")
        continue
      }
      text.block("for position in 0..<\(name).count") { text in
        text.line("let value: Int = Int(\(name)[position])")
        text.line("if value < 0 || value >= \(bound.within(.sum)) { throw \(failure)position: position, value: value) }")
      }
    }
  }

  private func count(_ text: inout Text, _ label: String, _ shape: [Size]) {
    if shape.isEmpty { return }
    if isMeasure(label, shape) { return }
    let name = Identifier.written(label)
    for size in shape where size.hasDenominator {
      let denominator = size.terms.values.reduce(1) { max($0, $1.denominator) }
      let whole = code(size.scaled(by: Size.Coefficient(denominator)))
      text.line("if \(whole.within(.product)) % \(denominator) != 0 { fatalError(\"\(label): \(size) is not a whole number\") }")
    }
    let expected = code(shape.elementCount)
    let words = shape.map(\.description).joined(separator: ", ")
    text.line("if \(name).count != \(expected.within(.sum)) { mismatch(\"\(label), [\(words)]\", \(name).count, \(expected.text)) }")
  }

  /// Pointers to everything, and the call.
  private func run(_ text: inout Text) {
    // Spans and arrays that are opened, with what the kernel calls them.
    var opened: [(open: String, name: String)] = []
    var fields: [Plan.FieldID: String] = [:]
    let tries = plan.mayFail ? "try " : ""
    // Whatever the function's own parameters are called stays what they are called.
    var taken = Set(procedure.sizes.map { Identifier.joined($0.name) } + ["parameters", "settings", "workspace", "gradient"])
    for case .argument(let label) in sources { taken.insert(label) }
    for case .filled(let label) in sinks { taken.insert(label) }
    var names = NameScopes(reserved: taken)
    let usesParameters = sources.contains { if case .parameter = $0 { true } else { false } }
    let usesGradient = sinks.contains { if case .gradient = $0 { true } else { false } }
    var parameterName = ""
    var gradientName = ""
    if usesParameters {
      parameterName = names.take("parameterValues")
      opened.append(("parameters.flat.withUnsafeBufferPointer", parameterName))
    }
    for (place, source) in sources.enumerated() {
      guard let field = plan.inputs[place] else { continue }
      let isScalar = !plan[field].isPointer
      switch source {
      case .argument(let label):
        let written = Identifier.written(label)
        if isScalar {
          fields[field] = written
        } else {
          let name = names.take(label + "Values")
          opened.append(("\(written).withUnsafeBufferPointer", name))
          fields[field] = "address(\(name))"
        }
      case .parameter(let offset):
        fields[field] = isScalar ? "\(parameterName)[\(offset)]" : "address(\(parameterName))" + (offset == 0 ? "" : " + \(offset)")
      case .setting(let path): fields[field] = "settings." + path
      case .size(let label): fields[field] = Identifier.written(label)
      }
    }
    if usesGradient {
      gradientName = names.take("gradientValues")
      opened.append(("gradient.flat.withUnsafeMutableBufferPointer", gradientName))
    }
    for (result, sink) in zip(plan.results, sinks) {
      guard case .array(let field) = result else { continue }
      switch sink {
      case .filled(let label):
        let name = names.take(label + "Values")
        opened.append(("\(Identifier.written(label)).withUnsafeMutableBufferPointer", name))
        fields[field] = "address(\(name))"
      case .gradient(let offset): fields[field] = "address(\(gradientName))" + (offset == 0 ? "" : " + \(offset)")
      case .returned: preconditionFailure("an array cannot be returned")
      }
    }
    let construction = kernel.construction(
      size: sizeName, field: { fields[$0]! }, threads: "workspace.threads", memory: "workspace.memory")
    let numbers = kernel.numbers
    let runType = numbers.isEmpty ? "Void" : numbers.count == 1 ? numbers[0].swiftType(precision)
      : "(" + numbers.map { $0.swiftType(precision) }.joined(separator: ", ") + ")"
    let returnedList = returned(isOverlay: false)
    let isDirect = !usesGradient || !zip(plan.results, sinks).contains { if case (.number, .gradient) = $0 { true } else { false } }
    for (place, entry) in opened.enumerated() {
      let isMutable = entry.open.hasSuffix("withUnsafeMutableBufferPointer")
      let element = elementType(of: entry.open)
      let type = "Unsafe\(isMutable ? "Mutable" : "")BufferPointer<\(element)>"
      let failing = plan.mayFail ? " throws(Failure)" : ""
      let parameter = isMutable && entry.open.hasPrefix("gradient.flat") ? "inout \(type)" : type
      let lead = place == 0 && runType != "Void" ? "return " : ""
      text.line("\(lead)\(tries)\(entry.open) { (\(entry.name): \(parameter))\(failing) -> \(isDirect ? publicRunType(returnedList, runType) : publicRunType(returnedList, runType)) in")
    }
    func call(_ text: inout Text) {
      text.call("let call: \(kernel.name) = \(kernel.name)", construction)
      if numbers.isEmpty {
        text.line("\(tries)call.run()")
      } else if isDirect {
        text.line("return \(tries)call.run()")
      } else {
        text.line("let numbers: \(runType) = \(tries)call.run()")
        var place = 0
        var values: [String] = []
        for (result, sink) in zip(plan.results, sinks) {
          guard case .number = result else { continue }
          let value = numbers.count == 1 ? "numbers" : "numbers.\(place)"
          place += 1
          if case .gradient(let offset) = sink { text.line("\(gradientName)[\(offset)] = \(value)") } else { values.append(value) }
        }
        text.line("return " + (values.count == 1 ? values[0] : "(" + values.joined(separator: ", ") + ")"))
      }
    }
    if opened.isEmpty { return call(&text) }
    text.indented(call)
    text.line(String(repeating: "} ", count: opened.count).trimmed)
  }

  private func publicRunType(_ list: [(label: String, type: String)], _ runType: String) -> String {
    switch list.count {
    case 0: "Void"
    case 1: list[0].type
    default: "(" + list.map { declared($0.label, $0.type) }.joined(separator: ", ") + ")"
    }
  }

  private func elementType(of open: String) -> String {
    if open.hasPrefix("parameters.flat") || open.hasPrefix("gradient.flat") { return precision.rawValue }
    let name = String(open.prefix { $0 != "." })
    for (input, source) in zip(procedure.inputs, sources) {
      if case .argument(let label) = source, Identifier.written(label) == name { return type(input.value).element.storedType(precision) }
    }
    for (value, sink) in zip(procedure.body.results, sinks) {
      if case .filled(let label) = sink, Identifier.written(label) == name { return type(value).element.storedType(precision) }
    }
    return precision.rawValue
  }

  // MARK: The overlay

  /// The same over arrays, for convenience; nil where it would be the same function.
  func overlay(_ text: inout Text, access: String) {
    let filled = zip(procedure.body.results, sinks).compactMap { value, sink -> (label: String, value: Value)? in
      if case .filled(let label) = sink { (label, value) } else { nil }
    }
    let hasArrays = zip(procedure.inputs, sources).contains { input, source in
      if case .argument = source { !type(input.value).isScalar } else { false }
    }
    let makesWorkspace = model == nil && workspaceType != nil
    if filled.isEmpty && !hasArrays && !makesWorkspace { return }
    text.line()
    text.documentation(
      documentation + ["The same over arrays, which are allocated for what is returned" + (makesWorkspace ? ", as is the workspace." : ".")])
    let list = returned(isOverlay: true)
    text.call("\(access) static func \(Identifier.written(name))", parameters(isOverlay: true), throwing + returnType(list) + " {")
    text.indented { text in
      let sizes = model == nil ? Set<SizeSymbol>() : Set(filled.flatMap { type($0.value).shape.flatMap(\.symbols) })
      for symbol in procedure.sizes where sizes.contains(symbol) {
        text.line("let \(sizeName(symbol)): Int = workspace.\(sizeName(symbol))")
      }
      if model == nil {
        let needed = makesWorkspace ? Set(procedure.sizes) : Set(filled.flatMap { type($0.value).shape.flatMap(\.symbols) })
        for symbol in procedure.sizes where needed.contains(symbol) {
          if let label = inferred[symbol] { text.line("let \(sizeName(symbol)): Int = \(Identifier.written(label)).count") }
        }
      }
      if makesWorkspace {
        let arguments = plan.sizes.map { "\(sizeName($0)): \(sizeName($0))" }.joined(separator: ", ")
        text.line("var workspace: \(workspaceType!) = \(workspaceType!)(\(arguments))")
      }
      for (label, value) in filled {
        let type = type(value)
        let zero = type.element == .boolean ? "false" : "0"
        text.line(
          "var \(Identifier.joined(label))Array: [\(type.element.storedType(precision))] = "
            + "Array(repeating: \(zero), count: \(code(type.shape.elementCount).text))")
      }
      for (label, value) in filled {
        let stored = type(value).element.storedType(precision)
        text.line("var \(Identifier.joined(label))Span: MutableSpan<\(stored)> = \(Identifier.joined(label))Array.mutableSpan")
      }
      var arguments: [String] = []
      if let model, !model.parameters.isEmpty { arguments.append("parameters") }
      for (input, source) in zip(procedure.inputs, sources) {
        switch source {
        case .argument(let label):
          arguments.append("\(Identifier.written(label)): \(Identifier.written(label))\(type(input.value).isScalar ? "" : ".span")")
        case .size(let label): arguments.append("\(Identifier.written(label)): \(Identifier.written(label))")
        case .parameter, .setting: break
        }
      }
      for symbol in named { arguments.append("\(sizeName(symbol)): \(sizeName(symbol))") }
      for (label, _) in filled { arguments.append("\(Identifier.written(label)): &\(Identifier.joined(label))Span") }
      if sinks.contains(where: { if case .gradient = $0 { true } else { false } }) { arguments.append("gradient: &gradient") }
      if let model, !model.settings.isEmpty { arguments.append("settings: settings") }
      if workspaceType != nil { arguments.append("workspace: &workspace") }
      let inner = returned(isOverlay: false)
      let call = "\(mayFail ? "try " : "")\(Identifier.written(name))"
      if filled.isEmpty {
        text.call((inner.isEmpty ? "" : "return ") + call, arguments)
        return
      }
      switch inner.count {
      case 0: text.call(call, arguments)
      case 1: text.call("let \(Identifier.joined(inner[0].label))Number: \(inner[0].type) = \(call)", arguments)
      default:
        text.call("let numbers: (" + inner.map { declared($0.label, $0.type) }.joined(separator: ", ") + ") = \(call)", arguments)
      }
      let values = zip(procedure.body.results, sinks).compactMap { _, sink -> String? in
        switch sink {
        case .returned(let label): inner.count == 1 ? Identifier.joined(label) + "Number" : "numbers.\(Identifier.written(label))"
        case .filled(let label): Identifier.joined(label) + "Array"
        case .gradient: nil
        }
      }
      text.line("return " + (values.count == 1 ? values[0] : "(" + values.joined(separator: ", ") + ")"))
    }
    text.line("}")
  }
}

extension String {
  var trimmed: String {
    var result = self
    while result.last == " " { result.removeLast() }
    return result
  }

  /// As it stands between quotes.
  var swiftEscaped: String {
    var result = ""
    for character in self {
      switch character {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "\n": result += "\\n"
      default: result.append(character)
      }
    }
    return result
  }
}
