import ModelDSL

// The function itself, over spans.

extension Entry {
  func declaration(_ text: inout Text, access: String, functions: inout Set<EmittedFunction>) {
    text.documentation(documentation)
    let list = returned(isOverlay: false)
    // A span stays valid for a call, not for what the call becomes where it is put in place.
    if !isInline && hasSpans { text.line("@inline(never)") }
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

  /// Whether arrays come in as spans, or go out.
  private var hasSpans: Bool {
    zip(procedure.inputs, sources).contains { input, source in
      if case .argument = source { return !type(input.value).isScalar }
      return false
    } || sinks.contains { if case .filled = $0 { true } else { false } }
  }

  var isInline: Bool {
    var unused: Set<EmittedFunction> = []
    return model == nil && kernel.inlineBody(depth: 0, functions: &unused) != nil
  }

  /// Sizes, counts, and what the data must hold to.
  func checks(_ text: inout Text) {
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
        for symbol in procedure.sizes {
          text.line(
            "if workspace.\(sizeName(symbol)) != \(sizeName(symbol)) { mismatch(\"workspace.\(symbol.name)\", workspace.\(sizeName(symbol)), \(sizeName(symbol))) }"
          )
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
      let (position, value) = (local("position"), local("value"))
      text.block("for \(position) in 0..<\(name).count") { text in
        text.line("let \(value): Int = Int(\(name)[\(position)])")
        text.line("if \(value) < 0 || \(value) >= \(bound.within(.sum)) { throw \(failure)position: \(position), value: \(value)) }")
      }
    }
  }

  func count(_ text: inout Text, _ label: String, _ shape: [Size]) {
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
  func run(_ text: inout Text) {
    // Spans, and arrays that are opened, with what the kernel calls them.
    var spans: [(span: String, name: String, isMutable: Bool)] = []
    var opened: [(open: String, name: String)] = []
    var fields: [Plan.FieldID: String] = [:]
    let tries = plan.mayFail ? "try " : ""
    // Whatever the function's own parameters are called stays what they are called.
    var taken = Set(procedure.sizes.map { Identifier.sizeLabel($0.name) } + ["parameters", "settings", "workspace", "gradient"])
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
          spans.append((written, name, false))
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
        spans.append((Identifier.written(label), name, true))
        fields[field] = "address(\(name))"
      case .gradient(let offset): fields[field] = "address(\(gradientName))" + (offset == 0 ? "" : " + \(offset)")
      case .returned: preconditionFailure("an array cannot be returned")
      }
    }
    let construction = kernel.construction(
      size: sizeName, field: { fields[$0]! }, threads: "workspace.threads", memory: "workspace.memory")
    let numbers = kernel.numbers
    let runType =
      numbers.isEmpty
      ? "Void"
      : numbers.count == 1
        ? numbers[0].swiftType(precision)
        : "(" + numbers.map { $0.swiftType(precision) }.joined(separator: ", ") + ")"
    let returnedList = returned(isOverlay: false)
    for span in spans {
      let access = span.isMutable ? "Mutable" : ""
      text.line(
        "let \(span.name): Unsafe\(access)BufferPointer<\(elementType(of: span.span))> = \(span.span).withUnsafe\(access)BufferPointer { $0 }"
      )
    }
    let isDirect = !usesGradient || !zip(plan.results, sinks).contains { if case (.number, .gradient) = $0 { true } else { false } }
    for (place, entry) in opened.enumerated() {
      let isMutable = entry.open.hasSuffix("withUnsafeMutableBufferPointer")
      let type = "Unsafe\(isMutable ? "Mutable" : "")BufferPointer<\(precision.rawValue)>"
      let failing = plan.mayFail ? " throws(Failure)" : ""
      let parameter = isMutable ? "inout \(type)" : type
      let lead = place == 0 && runType != "Void" ? "return " : ""
      text.line(
        "\(lead)\(tries)\(entry.open) { (\(entry.name): \(parameter))\(failing) -> \(isDirect ? publicRunType(returnedList, runType) : publicRunType(returnedList, runType)) in"
      )
    }
    let (callName, numbersName) = (local("call"), local("numbers"))
    func call(_ text: inout Text) {
      text.call("let \(callName): \(kernel.name) = \(kernel.name)", construction)
      if numbers.isEmpty {
        text.line(kernel.returnsWitness ? "if try \(callName).run() { fatalError() }" : "\(tries)\(callName).run()")
      } else if isDirect {
        text.line("return \(tries)\(callName).run()")
      } else {
        text.line("let \(numbersName): \(runType) = \(tries)\(callName).run()")
        var place = 0
        var values: [String] = []
        for (result, sink) in zip(plan.results, sinks) {
          guard case .number = result else { continue }
          let value = numbers.count == 1 ? numbersName : "\(numbersName).\(place)"
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

  func publicRunType(_ list: [(label: String, type: String)], _ runType: String) -> String {
    switch list.count {
    case 0: "Void"
    case 1: list[0].type
    default: "(" + list.map { declared($0.label, $0.type) }.joined(separator: ", ") + ")"
    }
  }

  func elementType(of name: String) -> String {
    for (input, source) in zip(procedure.inputs, sources) {
      if case .argument(let label) = source, Identifier.written(label) == name { return type(input.value).element.storedType(precision) }
    }
    for (value, sink) in zip(procedure.body.results, sinks) {
      if case .filled(let label) = sink, Identifier.written(label) == name { return type(value).element.storedType(precision) }
    }
    return precision.rawValue
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
