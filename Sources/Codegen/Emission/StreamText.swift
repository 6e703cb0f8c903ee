import ModelDSL

/// `Stream`: one step of the model's loop at a time, for live data.
struct StreamText {
  let layout: ModelLayout
  let stream: ModelEntry.Stream
  let start: Kernel
  let step: Kernel
  let access: String

  private var precision: Precision { layout.precision }

  private func bytes(_ state: ModelEntry.Stream.State) -> Size {
    state.type.shape.elementCount * Size(state.type.element.bytes(precision))
  }

  private func name(_ symbol: SizeSymbol) -> String { Identifier.size(symbol.name) }

  private func rounded(_ size: Size) -> String {
    if let constant = size.constant { return String((constant + 63) / 64 * 64) }
    return "(\(size.code(name).text) &+ 63) & ~63"
  }

  /// What a stream is made for: the sizes known at run time, but for the number of steps, which each step knows.
  private var sizes: [SizeSymbol] {
    var result = start.plan.sizes
    for symbol in step.plan.sizes where !result.contains(symbol) { result.append(symbol) }
    return result.filter { $0 != steps }
  }

  /// The loop's size, which is the number of steps so far. It stands in no shape, or a stream would need memory without end.
  private let steps: SizeSymbol?

  private func memorySize(_ symbol: SizeSymbol) -> String { symbol == steps ? "1" : name(symbol) }

  private var inputs: [(index: Int, input: Procedure.Input, type: ValueType)] { stepInputs }
  private let stepInputs: [(index: Int, input: Procedure.Input, type: ValueType)]
  /// Of the states, each another.
  private let stateNames: [String]

  init(layout: ModelLayout, stream: ModelEntry.Stream, start: Kernel, step: Kernel, access: String) {
    self.layout = layout
    self.stream = stream
    self.start = start
    self.step = step
    self.access = access
    let first = layout.parameters.count + layout.settings.count + stream.states.count + 1
    let loop = stream.step.inputs[first - 1].sizeSymbol
    let shapes =
      stream.states.flatMap(\.type.shape) + stream.step.inputs.dropFirst(first).flatMap { stream.step.values[$0.value].shape }
      + stream.step.body.results.flatMap { stream.step.values[$0].shape } + (start.plan.slots + step.plan.slots).map(\.count)
    steps = loop.flatMap { symbol in shapes.contains { $0.symbols.contains(symbol) } ? nil : symbol }
    var names = NameScopes()
    stateNames = stream.states.map { names.take($0.name).filter { $0 != "`" }.capitalizedFirst }
    var labels = NameScopes(
      reserved: Set([
        "parameters", "settings", "memory", "count", "call", "numbers", "stateByteCount", "value", "position", "parameterValues",
        "stateEnd", "nextEnd",
      ]).union(stateNames.flatMap { ["state" + $0, "next" + $0] }).union(
        (start.plan.sizes + step.plan.sizes).map { Identifier.sizeLabel($0.name) }))
    var inputLabels: [Int: String] = [:]
    for place in stream.step.inputs.indices where place >= first { inputLabels[place] = labels.distinct(stream.step.inputs[place].name) }
    var outputLabels: [Int: String] = [:]
    for place in stream.step.body.results.indices.dropFirst(stream.states.count) {
      let isScalar = stream.step.values[stream.step.body.results[place]].isScalar
      outputLabels[place] = labels.distinct(stream.step.resultNames[place], isRepeatable: isScalar)
    }
    self.inputLabels = inputLabels
    self.outputLabels = outputLabels
    stepInputs = stream.step.inputs.indices.filter { $0 >= first }.map {
      ($0, stream.step.inputs[$0], stream.step.values[stream.step.inputs[$0].value])
    }
  }

  /// Of the step's inputs and outputs, by their places in the procedure.
  private let inputLabels: [Int: String]
  private let outputLabels: [Int: String]

  var checkedLabels: [String] { checkedInputs.map { inputLabels[$0.index]! } }

  private var outputs: [(label: String, type: ValueType, place: Int)] {
    stream.step.body.results.indices.dropFirst(stream.states.count).map {
      (outputLabels[$0]!, stream.step.values[stream.step.body.results[$0]], $0)
    }
  }

  private var hasSettings: Bool { !layout.settings.isEmpty }
  private var throwsOfStart: String { start.plan.mayFail ? " throws(Failure)" : "" }
  private var checkedInputs: [(index: Int, input: Procedure.Input, type: ValueType)] { inputs.filter { $0.input.indexBound != nil } }
  private var throwsOfStep: String { step.plan.mayFail || !checkedInputs.isEmpty ? " throws(Failure)" : "" }

  func declaration(_ text: inout Text) {
    text.documentation([
      "The model's loop, one step at a time, for one sample: a fixed few bytes of state. The parameters are given at each step, so that they may be",
      "shared by many streams.",
    ])
    let sizeNames = sizes.map(name)
    let parameters = sizeNames.map { "\($0): Int" }
    text.block("\(access) struct Stream: ~Copyable, @unchecked Sendable") { text in
      var stored = sizeNames.map { (name: $0, type: "Int", value: $0) }
      stored.append(
        (name: "stateByteCount", type: "Int", value: "Self.stateByteCount(\(sizeNames.map { "\($0): \($0)" }.joined(separator: ", ")))"))
      text.documentation(["Steps so far."])
      text.line("\(access) private(set) var count: Int = 0")
      WorkspaceText(
        access: access, sizes: sizeNames, parameters: parameters, arguments: sizeNames.map { "\($0): \($0)" }, stored: stored,
        checks: sizeNames.map { "if \($0) < 0 { fatalError(\"\($0) is negative\") }" }
      ).members(&text) { text in
        text.line("let states: Int = 2 &* stateByteCount(\(sizeNames.map { "\($0): \($0)" }.joined(separator: ", ")))")
        let kernels = [start, step].filter(\.hasMemory).map { $0.byteCount(size: memorySize, threads: "1") }
        switch kernels.count {
        case 0: text.line("return states")
        case 1: text.line("return states &+ \(kernels[0])")
        default: text.line("return states &+ Swift.max(\(kernels[0]), \(kernels[1]))")
        }
      }
      text.line()
      text.block("private static func stateByteCount(\(parameters.joined(separator: ", "))) -> Int") { text in
        text.line("var bytes: Int = 0")
        for state in stream.states { text.line("bytes &+= \(rounded(bytes(state)))") }
        text.line("return bytes")
      }
      text.line()
      reset(&text)
      text.line()
      stepFunction(&text)
    }
  }

  /// Pointers to the states: those in force, or the next ones.
  private func pointers(_ text: inout Text, prefix: String, from start: String) {
    text.line("\(stream.states.count > 1 ? "var" : "let") \(prefix)End: UnsafeMutableRawPointer = \(start)")
    for (place, state) in stream.states.enumerated() {
      let stored = state.type.element.storedType(precision)
      let name = prefix + stateNames[place]
      text.line("let \(name): UnsafeMutablePointer<\(stored)> = \(prefix)End.assumingMemoryBound(to: \(stored).self)")
      if place < stream.states.count - 1 { text.line("\(prefix)End += \(rounded(bytes(state)))") }
    }
  }

  private func pointer(_ prefix: String, _ place: Int) -> String { prefix + stateNames[place] }

  private func source(_ place: Int, isPointer: Bool) -> String {
    if place < layout.parameters.count {
      let offset = layout.parameters[place].offset
      return isPointer ? "address(parameterValues)" + (offset == 0 ? "" : " + \(offset)") : "parameterValues[\(offset)]"
    }
    return "settings." + layout.settings[place - layout.parameters.count].components.map { Identifier.written($0) }.joined(separator: ".")
  }

  private var hasParameters: Bool { !layout.parameters.isEmpty }
  private var parametersParameter: [String] { hasParameters ? ["_ parameters: Parameters"] : [] }
  private var settingsParameter: [String] { hasSettings ? ["settings: Settings = Settings()"] : [] }

  private func reset(_ text: inout Text) {
    text.documentation(["Back to before the first step. A new stream starts with this."])
    text.call("\(access) mutating func reset", parametersParameter + settingsParameter, throwsOfStart + " {")
    text.indented { text in
      if hasParameters { text.line("parameters.check()") }
      text.line("count = 0")
      run(
        &text, kernel: start, procedure: stream.start, opened: [], states: ("state", "memory"), next: nil, throwing: throwsOfStart,
        scratch: "memory + 2 &* stateByteCount")
    }
    text.line("}")
  }

  private func stepFunction(_ text: inout Text) {
    let scalars = outputs.filter { $0.type.isScalar }
    var list = parametersParameter
    for entry in inputs {
      let label = Identifier.written(inputLabels[entry.index]!)
      let element = entry.type.element
      list.append("\(label): " + (entry.type.isScalar ? element.swiftType(precision) : "Span<\(element.storedType(precision))>"))
    }
    for output in outputs where !output.type.isScalar {
      list.append("\(Identifier.written(output.label)): inout MutableSpan<\(output.type.element.storedType(precision))>")
    }
    let types = scalars.map { "\(Identifier.written($0.label)): \($0.type.element.swiftType(precision))" }
    let result =
      scalars.isEmpty
      ? "" : " -> " + (scalars.count == 1 ? scalars[0].type.element.swiftType(precision) : "(\(types.joined(separator: ", ")))")
    text.documentation(["One step: the outputs are those of the model, if its loop ended here."])
    text.call("\(access) mutating func step", list + settingsParameter, throwsOfStep + result + " {")
    text.indented { text in
      if hasParameters { text.line("parameters.check()") }
      for entry in inputs where !entry.type.isScalar { count(&text, inputLabels[entry.index]!, entry.type.shape) }
      for output in outputs where !output.type.isScalar { count(&text, output.label, output.type.shape) }
      for entry in checkedInputs {
        let label = Identifier.written(inputLabels[entry.index]!)
        let bound = entry.input.indexBound!.code(name).within(.sum)
        if entry.type.isScalar {
          text.line("if \(label) < 0 || \(label) >= \(bound) { throw .index(input: .\(label), position: 0, value: \(label)) }")
        } else {
          text.block("for position in 0..<\(label).count") { text in
            text.line("let value: Int = Int(\(label)[position])")
            text.line("if value < 0 || value >= \(bound) { throw .index(input: .\(label), position: position, value: value) }")
          }
        }
      }
      text.line("let count: Int = self.count &+ 1")
      text.line("let memory: UnsafeMutableRawPointer = self.memory")
      text.line("let stateByteCount: Int = self.stateByteCount")
      for symbol in sizes { text.line("let \(name(symbol)): Int = self.\(name(symbol))") }
      if let steps, step.plan.sizes.contains(steps) { text.line("let \(name(steps)): Int = count") }
      var opened: [(String, String, String)] = []
      for entry in inputs where !entry.type.isScalar {
        let label = inputLabels[entry.index]!
        opened.append(
          (
            "\(Identifier.written(label)).withUnsafeBufferPointer", label + "Values",
            "UnsafeBufferPointer<\(entry.type.element.storedType(precision))>"
          ))
      }
      for output in outputs where !output.type.isScalar {
        opened.append(
          (
            "\(Identifier.written(output.label)).withUnsafeMutableBufferPointer", output.label + "Values",
            "UnsafeMutableBufferPointer<\(output.type.element.storedType(precision))>"
          ))
      }
      run(
        &text, kernel: step, procedure: stream.step, opened: opened, states: ("state", "memory"), next: ("next", "memory + stateByteCount"),
        throwing: throwsOfStep, scratch: "memory + 2 &* stateByteCount")
    }
    text.line("}")
  }

  private func count(_ text: inout Text, _ label: String, _ shape: [Size]) {
    let expected = shape.elementCount.code(name)
    let words = shape.map(\.description).joined(separator: ", ")
    let written = Identifier.written(label)
    text.line("if \(written).count != \(expected.within(.sum)) { mismatch(\"\(label), [\(words)]\", \(written).count, \(expected.text)) }")
  }

  /// Opens everything and runs a kernel; `next` is where new states go, or the states themselves.
  private func run(
    _ text: inout Text, kernel: Kernel, procedure: Procedure, opened: [(String, String, String)], states: (prefix: String, start: String),
    next: (prefix: String, start: String)?, throwing: String, scratch: String
  ) {
    let isStep = next != nil
    let scalars = isStep ? outputs.filter { $0.type.isScalar } : []
    let resultType =
      scalars.isEmpty
      ? "Void"
      : scalars.count == 1
        ? scalars[0].type.element.swiftType(precision)
        : "(" + scalars.map { "\(Identifier.written($0.label)): \($0.type.element.swiftType(precision))" }.joined(separator: ", ") + ")"
    let tries = kernel.plan.mayFail ? "try " : ""
    let failing = kernel.plan.mayFail ? " throws(Failure)" : ""
    pointers(&text, prefix: states.prefix, from: states.start)
    if let next { pointers(&text, prefix: next.prefix, from: next.start) }
    let parameters = ("parameters.flat.withUnsafeBufferPointer", "parameterValues", "UnsafeBufferPointer<\(precision.rawValue)>")
    let all = (hasParameters ? [parameters] : []) + opened
    for (place, entry) in all.enumerated() {
      let lead = place == 0 && resultType != "Void" ? "return " : ""
      text.line("\(lead)\(tries)\(entry.0) { (\(entry.1): \(entry.2))\(failing) -> \(resultType) in")
    }
    func statements(_ text: inout Text) {
      let plan = kernel.plan
      let stateStart = layout.parameters.count + layout.settings.count
      func input(_ place: Int) -> String {
        let field = plan.inputs[place]!
        let isPointer = plan[field].isPointer
        if place < stateStart { return source(place, isPointer: isPointer) }
        if place < stateStart + stream.states.count {
          let pointer = pointer(states.prefix, place - stateStart)
          if isPointer { return "UnsafePointer(\(pointer))" }
          return plan[field].element == .integer ? "Int(\(pointer)[0])" : "\(pointer)[0]"
        }
        if place == stateStart + stream.states.count { return "count" }
        let label = inputLabels[place]!
        return isPointer ? "address(\(label)Values)" : Identifier.written(label)
      }
      let target = next?.prefix ?? states.prefix
      let construction = kernel.construction(
        size: name,
        field: { field in
          for (place, own) in plan.inputs.enumerated() where own == field { return input(place) }
          for (place, result) in plan.results.enumerated() {
            guard case .array(let own) = result, own == field else { continue }
            if place < stream.states.count { return pointer(target, place) }
            return "address(\(outputLabels[place]!)Values)"
          }
          preconditionFailure("an argument of the stream without a source")
        }, threads: "1", memory: scratch)
      text.call("let call: \(kernel.name) = \(kernel.name)", construction)
      let numbers = kernel.numbers
      if numbers.isEmpty {
        text.line(kernel.returnsWitness ? "if try call.run() { fatalError() }" : "\(tries)call.run()")
      } else {
        let type =
          numbers.count == 1 ? numbers[0].swiftType(precision) : "(" + numbers.map { $0.swiftType(precision) }.joined(separator: ", ") + ")"
        text.line("let numbers: \(type) = \(tries)call.run()")
      }
      var place = 0
      var values: [String] = []
      for (index, result) in plan.results.enumerated() {
        guard case .number(_, let element) = result else { continue }
        let value = numbers.count == 1 ? "numbers" : "numbers.\(place)"
        place += 1
        if index < stream.states.count {
          text.line("\(pointer(target, index))[0] = \(element == .integer ? "Int32(\(value))" : value)")
        } else {
          values.append(value)
        }
      }
      if let next {
        for (place, state) in stream.states.enumerated() {
          text.line(
            "\(pointer(states.prefix, place)).update(from: \(pointer(next.prefix, place)), count: \(state.type.shape.elementCount.code(name).text))"
          )
        }
        // Last: a step that fails does not count, and no function that may fail ends in a copy (see `witness`).
        text.line("self.count = count")
      }
      if !values.isEmpty { text.line("return " + (values.count == 1 ? values[0] : "(\(values.joined(separator: ", ")))")) }
    }
    if all.isEmpty { return statements(&text) }
    text.indented { statements(&$0) }
    text.line(Array(repeating: "}", count: all.count).joined(separator: " "))
  }
}
