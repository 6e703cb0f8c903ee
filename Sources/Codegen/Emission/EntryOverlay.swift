import ModelDSL

// The same function over arrays, for convenience.

extension Entry {
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
      documentation + ["The same over arrays, which are allocated for what is returned" + (makesWorkspace ? ", as is the workspace." : ".")]
    )
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
        let arguments = procedure.sizes.map { "\(sizeName($0)): \(sizeName($0))" }.joined(separator: ", ")
        text.line("var workspace: \(workspaceType!) = \(workspaceType!)(\(arguments))")
      }
      for (label, value) in filled {
        let type = type(value)
        let zero = type.element == .boolean ? "false" : "0"
        text.line(
          "var \(local(label + "Array")): [\(type.element.storedType(precision))] = "
            + "Array(repeating: \(zero), count: \(code(type.shape.elementCount).text))")
      }
      for (label, value) in filled {
        let stored = type(value).element.storedType(precision)
        text.line("var \(local(label + "Span")): MutableSpan<\(stored)> = \(local(label + "Array")).mutableSpan")
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
      for (label, _) in filled { arguments.append("\(Identifier.written(label)): &\(local(label + "Span"))") }
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
      case 1: text.call("let \(local(inner[0].label + "Number")): \(inner[0].type) = \(call)", arguments)
      default:
        text.call(
          "let \(local("numbers")): (" + inner.map { declared($0.label, $0.type) }.joined(separator: ", ") + ") = \(call)", arguments)
      }
      let values = zip(procedure.body.results, sinks).compactMap { _, sink -> String? in
        switch sink {
        case .returned(let label): inner.count == 1 ? local(label + "Number") : "\(local("numbers")).\(Identifier.written(label))"
        case .filled(let label): local(label + "Array")
        case .gradient: nil
        }
      }
      text.line("return " + (values.count == 1 ? values[0] : "(" + values.joined(separator: ", ") + ")"))
    }
    text.line("}")
  }
}
