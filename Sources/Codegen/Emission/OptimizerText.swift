import ModelDSL

/// `Optimizer`: the model's optimiser with its state.
struct OptimizerText {
  let layout: ModelLayout
  let optimizer: ModelEntry.Optimizer
  let access: String
  let kernel: Kernel

  private var number: String { layout.precision.rawValue }
  /// Of the states, each another.
  private let states: [String]

  init(layout: ModelLayout, optimizer: ModelEntry.Optimizer, access: String, context: KernelContext) {
    self.layout = layout
    self.optimizer = optimizer
    self.access = access
    var names = NameScopes(reserved: ["parameter", "parameters", "gradient", "count", "settings", "update", "call"])
    states = optimizer.states.map { names.distinct($0) }
    let prefix = context.isOnlyModel ? "" : layout.model.name
    kernel = context.kernel(
      Self.arrayed(optimizer, count: layout.parameterCount), name: prefix + "OptimizerCall", title: "Optimizer.update")
  }

  /// The update of all parameters at once: what does not depend on the parameter stands before the loop.
  static func arrayed(_ optimizer: ModelEntry.Optimizer, count: Int) -> Procedure {
    let update = optimizer.update
    let numbers = 2 + optimizer.states.count
    var builder = Builder(values: update.values)
    var replacement: [Value: Value] = [:]
    var inputs = update.inputs
    for place in 0..<numbers {
      inputs[place].value = builder.fresh(ValueType(.real, [Size(count)]), name: update.inputs[place].name)
    }
    var varying = Set(update.inputs[..<numbers].map(\.value))
    var inner: [Statement] = []
    for statement in update.body.statements {
      if statement.usedValues.isDisjoint(with: varying) && !statement.mayFail {
        builder.append(statement)
      } else {
        varying.formUnion(statement.results)
        inner.append(statement)
      }
    }
    let results = builder.map([Size(count)], indexNames: ["i"]) { builder, index in
      for place in 0..<numbers {
        replacement[update.inputs[place].value] = builder.read(inputs[place].value, index, name: update.inputs[place].name)
      }
      return builder.inline(Block(statements: inner, results: update.body.results), [], replacing: &replacement)
    }
    var result = update
    result.inputs = inputs
    result.resultNames = ["newParameter"] + optimizer.states.map { "new" + Identifier.joined($0).capitalizedFirst }
    result.body = Block(parameters: inputs.map(\.value), statements: builder.takeStatements(), results: results)
    result.values = builder.values
    return result
  }

  func declaration(_ text: inout Text) {
    let hasSettings = !layout.settings.isEmpty
    text.documentation(["The state of `\(optimizer.name)`. It allocates when it is made, and never again."])
    text.block("\(access) struct Optimizer: Sendable") { text in
      for state in states { text.line("\(access) var \(Identifier.written(state)): [\(number)]") }
      text.documentation(["Updates so far."])
      text.line("\(access) var count: Int = 0")
      text.line()
      text.block("\(access) init()") { text in
        for (state, initial) in zip(states, optimizer.initial) {
          text.line(
            "\(Identifier.written(state)) = [\(number)](repeating: \(layout.precision.literal(initial).text), count: \(layout.parameterCount))"
          )
        }
      }
      text.line()
      text.documentation(["Moves the parameters by one step."])
      let settings = hasSettings ? ["settings: Settings = Settings()"] : []
      text.call("\(access) mutating func update", ["_ parameters: inout Parameters", "gradient: borrowing Parameters"] + settings, " {")
      text.indented { text in
        text.line("parameters.check()")
        text.line("gradient.check()")
        for state in states {
          text.line(
            "if \(Identifier.written(state)).count != \(layout.parameterCount) { mismatch(\"Optimizer.\(state)\", \(Identifier.written(state)).count, \(layout.parameterCount)) }"
          )
        }
        text.line("count &+= 1")
        let arguments =
          ["&parameters.flat", "gradient.flat"] + states.map { "&\(Identifier.written($0))" } + ["count"]
          + (hasSettings ? ["settings"] : [])
        text.call("Self.update", arguments)
      }
      text.line("}")
      text.line()
      loop(&text, hasSettings)
    }
  }

  private func loop(_ text: inout Text, _ hasSettings: Bool) {
    let parameters =
      ["_ parameter: inout [\(number)]", "_ gradient: [\(number)]"]
      + states.map { "_ \(Identifier.written($0)): inout [\(number)]" } + ["_ count: Int"] + (hasSettings ? ["_ settings: Settings"] : [])
    text.call("private static func update", parameters, " {")
    text.indented { text in
      let mutable = ["parameter"] + states
      for name in mutable {
        text.line(
          "\(Identifier.written(name)).withUnsafeMutableBufferPointer { (\(name)Values: inout UnsafeMutableBufferPointer<\(number)>) in")
      }
      text.line("gradient.withUnsafeBufferPointer { (gradientValues: UnsafeBufferPointer<\(number)>) in")
      text.indented { text in
        for name in mutable {
          text.line("let \(name)Start: UnsafeMutablePointer<\(number)> = address(\(name)Values)")
        }
        let plan = kernel.plan
        let construction = kernel.construction(
          size: { $0.name },
          field: { field in
            for (place, input) in plan.inputs.enumerated() where input == field { return self.input(place) }
            for (place, result) in plan.results.enumerated() {
              if case .array(let own) = result, own == field { return mutable[place] + "Start" }
            }
            preconditionFailure("an argument of the optimiser without a source")
          }, threads: "1", memory: "")
        text.call("let call: \(kernel.name) = \(kernel.name)", construction)
        text.line("call.run()")
      }
      text.line(Array(repeating: "}", count: mutable.count + 1).joined(separator: " "))
    }
    text.line("}")
  }

  /// Where an input of the update comes from.
  private func input(_ place: Int) -> String {
    switch place {
    case 0: return "UnsafePointer(parameterStart)"
    case 1: return "address(gradientValues)"
    case 2..<(2 + states.count): return "UnsafePointer(\(states[place - 2])Start)"
    case 2 + states.count: return "count"
    default: return "settings." + layout.settings[place - 3 - states.count].components.map { Identifier.written($0) }.joined(separator: ".")
    }
  }
}
