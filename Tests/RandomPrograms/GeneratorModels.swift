/// Cells and models.
extension Generator {
  private mutating func cell() -> (name: String, setting: String, parameters: [String]) {
    let name = fresh("Cell")
    var scope = Scope(sizes: ["inputs", "width"])
    for (variable, type) in [
      ("feed", ProgramType.reals(["width", "inputs"])), ("bias", .reals(["width"])), ("x", .reals(["inputs"])), ("u", .reals(["width"])),
      ("z", .reals(["width"])),
    ] { scope.add(variable, type) }
    scope.variables.append(Variable(name: "strength", type: .real, isDifferentiable: false))
    let rules = chance(30) ? [rule(scope)] : []
    // No loop may stand in a cell.
    scope.nesting = 3
    let statements = block(&scope, below(2))
    let current = fresh("a")
    scope.add(current, .reals(["width"]))
    let nextU: Node =
      chance(50)
      ? .plain("next u = tanh(0.6 * u + \(array(["width"], scope, 2)))")
      : .plain("next (z, u) = lif(\(array(["width"], scope, 1)), u, decay: sigmoid(bias))")
    scope.variables.append(Variable(name: "next u", type: .reals(["width"]), isDifferentiable: true))
    let setsZ = nextU.text.contains("(z, u)")
    let nextZ: [Node] = setsZ ? [] : [.statement("next z = tanh(\(array(["width"], scope, 2)))")]
    if !setsZ { scope.variables.append(Variable(name: "next z", type: .reals(["width"]), isDifferentiable: true)) }
    declarations.append(
      .statement(
        """
        cell \(name) {
        size inputs, width
        setting strength: Float = 0.4
        param feed: Float[width, inputs] ~ xavierUniform
        param bias: Float[width] ~ normal(mean: 0.1, deviation: 0.5)
        input x: Float[inputs]
        state u, z: Float[width] = 0
        \(rules)\(statements)let \(current) = feed @ x + strength * bias
        \(nextU)
        \(nextZ)output y = \(array(["width"], scope, 2)) + next u
        }
        """))
    return (name, "strength", ["feed", "bias"])
  }

  mutating func model() {
    let cell = chance(50) ? cell() : nil
    let isStreamed = chance(20)
    let name = fresh("Model")
    var scope = Scope(sizes: ["hidden", "classes"] + (isStreamed ? [] : ["time"]))
    // What is streamed has one loop.
    if isStreamed { scope.nesting = 3 }
    var head: [Node] = [
      .plain("size inputs = 2, hidden = 3, classes = 2\nsize time\n"),
      .plain("param w: Float[hidden, inputs] ~ xavierUniform\n"), .plain("param b: Float[hidden] ~ normal(mean: 0, deviation: 0.4)\n"),
      .plain("param readout: Float[classes, hidden] ~ heNormal\n"),
    ]
    scope.add("w", .reals(["hidden", "inputs"]))
    scope.add("b", .reals(["hidden"]))
    scope.add("readout", .reals(["classes", "hidden"]))
    var parameters = ["w", "b", "readout"]
    if chance(40) {
      head.append(.plain("param gain: Float ~ constant(0.5)\n"))
      scope.add("gain", .real)
      parameters.append("gain")
    }
    if chance(50) {
      head.append(.plain("setting strength: Float = 0.3\n"))
      scope.variables.append(Variable(name: "strength", type: .real, isDifferentiable: false))
    }
    head.append(.plain("input x: Float[time, inputs]\ninput label: Index<classes>\n"))
    if !isStreamed { scope.variables.append(Variable(name: "x", type: .reals(["time", "inputs"]), isDifferentiable: false)) }
    scope.add("label", .index("classes"))
    let hasLength = chance(40)
    if hasLength {
      head.append(.plain("input length: Int\n"))
      scope.add("length", .integer)
    }
    if chance(50) { head.append(rule(scope)) }
    if let cell {
      head.append(.plain("let layer = \(cell.name)(inputs: inputs, width: hidden\(chance(30) ? ", strength: 0.7" : ""))\n"))
      parameters += cell.parameters.map { "layer.\($0)" }
    }
    var statements = chance(40) ? block(&scope, 1) : []
    statements.append(.plain("state h: Float[hidden] = 0\nstate score: Float[classes] = 0\n"))
    scope.add("h", .reals(["hidden"]))
    scope.add("score", .reals(["classes"]))
    var inner = scope
    if !isStreamed { inner.nesting = 1 }
    inner.add("t", .index("time"))
    inner.add("now", .reals(["inputs"]))
    var loop: [Node] = [.plain("let now = x[t]\n")]
    if cell != nil {
      loop.append(.plain("let layered = layer(now)\n"))
      inner.add("layered", .reals(["hidden"]))
    }
    loop += block(&inner, below(3))
    loop.append(.plain("next h = tanh(w @ now + 0.5 * h + \(array(["hidden"], inner, 2)))\n"))
    inner.variables.append(Variable(name: "next h", type: .reals(["hidden"]), isDifferentiable: true))
    loop.append(.plain("next score = 0.8 * score + tanh(readout @ next h + \(array(["classes"], inner, 2)))\n"))
    let records = !isStreamed && chance(50)
    if records { loop.append(.plain("record raster = \(array(["hidden"], inner, 1))\n")) }
    let condition: Node = hasLength ? .plain(" where t < length") : chance(15) ? .plain(" where \(truth(scope, 0))") : .plain("")
    statements.append(.plain("for t in time\(condition) {\n\(loop)}\n"))
    if records { scope.add("raster", .reals(["time", "hidden"])) }
    statements += block(&scope, below(2))
    budget = max(budget, 5)
    statements.append(.plain("output logits = \(array(["classes"], scope, 2)) + score\n"))
    if records { statements.append(.plain("output raster\n")) }
    statements.append(
      .plain(
        "loss = crossEntropy(score, label) + \(real(scope, 3)) + 0.1 * (\(parameters.map { $0 == "gain" ? "square(gain)" : "mean(square(\($0)))" }.joined(separator: " + ")))\n"
      ))
    if chance(50) {
      statements.append(
        .plain("optimizer = \(one(of: ["adam(rate: 0.01)", "sgd(rate: 0.1)", "adamW(rate: 0.01, decay: 0.1)", "lion()"]))\n"))
    }
    declarations.append(.statement("model \(name) {\n\(head)\(statements)}"))
    for kind in ["vjp", "jvp", "jacobian", "hvp"] where chance(20) {
      let some = parameters.filter { _ in chance(50) }
      let subject = kind == "hvp" || chance(50) ? "loss" : "logits"
      declarations.append(
        .statement("derive \(kind) of \(name).\(subject) wrt \((some.isEmpty ? parameters : some).joined(separator: ", "))"))
    }
    if isStreamed { declarations.append(.statement("derive stream of \(name)")) }
  }
}
