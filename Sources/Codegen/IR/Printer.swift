import ModelDSL

// The IR as text: for `explain --stage ir`, for tests, for whoever looks at what a pass has done. One line a statement, two spaces a block:
//
//   procedure f(x: real[n, d], i: integer in 0 ..< n) -> (value) where n, d requires n - 1 >= 0
//     a: real = 2.5                               constants; sizes: `size n * d`
//     b: real = a + a                             primitives: `exp(a)`, `a <= b`
//     c: real[d] = x[i]                           reads
//     e: real[2] = [a, b]                         packs
//     y: real[n] = map [i in n] { … yield a }
//     s: real = reduce sum [i in n] where { … yield c } { … yield a }
//     u: real, t: real[n] = scan [t in n down] trips k carry (u: real = a) { … yield u, a }
//     v: real, k: integer = while "the loop" at most 100 carry (v: real = a) condition (v: real) { … yield c } { … yield v }
//     w: real = if c { … yield a } else { … yield b }
//     z: real[n] = update y[i] = a
//     g: real[n] = accumulating (g: real[n] = z) { … accumulate g[i] += a … yield }
//     r: real = ruled a by b: slope (value: real) { … yield a } by c: cotangent (g: real, value: real) { … yield a }
//     return value: r
//
// A value that shares its name carries its number: `u.12`; one without a name is `%12`.

extension ValueType: CustomStringConvertible {
  public var description: String { "\(element)" + (shape.isEmpty ? "" : "[" + shape.map(\.description).joined(separator: ", ") + "]") }
}

extension Procedure: CustomStringConvertible {
  /// The same text for the same procedure on every run.
  public var description: String {
    var printer = Printer(self)
    printer.print()
    return printer.text
  }
}

/// What each value of a procedure is called in texts.
struct ValueNames {
  private let texts: [String]

  /// `same` gives values that a reader takes for one with another: they share its name. What passes have left in the table and nothing
  /// defines any more takes no name from others.
  init(_ procedure: Procedure, same: [Value: Value] = [:]) {
    func first(_ value: Value) -> Value { same[value].map(first) ?? value }
    let firsts = procedure.values.entries.indices.map { first(Value($0)) }
    let names = firsts.map { procedure.values.name(of: $0) }
    var holders: [String: Set<Value>] = [:]
    procedure.body.forEachDefinition { value in
      if value.id >= 0, value.id < firsts.count, let name = names[value.id] { holders[name, default: []].insert(firsts[value.id]) }
    }
    texts = zip(firsts, names).map { first, name in
      guard let name else { return "%\(first.id)" }
      return (holders[name]?.count ?? 0) <= 1 ? name : "\(name).\(first.id)"
    }
  }
  subscript(value: Value) -> String { value.id >= 0 && value.id < texts.count ? texts[value.id] : "%\(value.id)" }
}

extension Block {
  /// Visits all values that the block and those in it define.
  func forEachDefinition(_ visit: (Value) -> Void) {
    parameters.forEach(visit)
    for statement in statements {
      statement.results.forEach(visit)
      statement.operation.introduced.forEach(visit)
      for inner in statement.operation.blocks { inner.forEachDefinition(visit) }
    }
  }
}

extension Constant: CustomStringConvertible {
  public var description: String {
    switch self {
    case .real(let number): "\(number)"
    case .integer(let number): "\(number)"
    case .boolean(let truth): "\(truth)"
    }
  }
}

extension Operation {
  /// The word for the construct.
  var keyword: String {
    switch self {
    case .constant: "constant"
    case .size: "size"
    case .primitive(let primitive, _): primitive.rawValue
    case .read: "read"
    case .pack: "pack"
    case .map: "map"
    case .reduce(let reduce): "reduce \(reduce.op.rawValue)"
    case .scan: "scan"
    case .whileLoop: "while"
    case .branch: "if"
    case .update: "update"
    case .accumulating: "accumulating"
    case .accumulate: "accumulate"
    case .ruled: "ruled"
    }
  }
}

private struct Printer {
  let procedure: Procedure
  let values: ValueTable
  let names: ValueNames
  var text = ""
  var depth = 0

  init(_ procedure: Procedure) {
    self.procedure = procedure
    values = procedure.values
    names = ValueNames(procedure)
  }

  mutating func line(_ words: String) { text += String(repeating: "  ", count: depth) + words + "\n" }

  mutating func print() {
    let inputs = procedure.inputs.map { input in
      declaration(input.value) + (input.indexBound.map { " in 0 ..< \($0)" } ?? "") + (input.sizeSymbol.map { " as \($0.name)" } ?? "")
    }
    var head = "procedure \(procedure.name)(\(inputs.joined(separator: ", "))) -> (\(procedure.resultNames.joined(separator: ", ")))"
    if !procedure.sizes.isEmpty { head += " where " + procedure.sizes.map(\.name).joined(separator: ", ") }
    for root in procedure.roots { head += ", \(root.symbol.name) the root of degree \(root.degree) of \(root.radicand)" }
    if !procedure.requirements.isEmpty { head += " requires " + procedure.requirements.map { "\($0.size) >= 0" }.joined(separator: ", ") }
    line(head)
    depth = 1
    for statement in procedure.body.statements { print(statement) }
    let results = procedure.body.results.enumerated().map { place, value in
      (place < procedure.resultNames.count ? "\(procedure.resultNames[place]): " : "") + names[value]
    }
    line("return " + results.joined(separator: ", "))
  }

  func list(_ values: [Value]) -> String { values.map { names[$0] }.joined(separator: ", ") }
  func declaration(_ value: Value) -> String { "\(names[value]): \(values[value])" }
  func declarations(_ values: [Value]) -> String { "(" + values.map(declaration).joined(separator: ", ") + ")" }
  func axes(_ axes: [Axis], _ suffix: String = "") -> String {
    "[" + axes.map { "\(names[$0.index]) in \($0.size)" }.joined(separator: ", ") + suffix + "]"
  }
  func carry(_ parameters: [Value], _ initial: [Value]) -> String {
    initial.isEmpty ? "" : " carry (" + zip(parameters, initial).map { "\(declaration($0)) = \(names[$1])" }.joined(separator: ", ") + ")"
  }

  mutating func print(_ statement: Statement) {
    for note in statement.notes { line("// \(note.direction): \(note.equation)") }
    let definition = statement.results.isEmpty ? "" : statement.results.map(declaration).joined(separator: ", ") + " = "
    switch statement.operation {
    case .constant(let constant): line("\(definition)\(constant)")
    case .size(let size): line("\(definition)size \(size)")
    case .primitive(let primitive, let operands): line(definition + expression(primitive, operands))
    case .read(let array, let indices): line("\(definition)\(names[array])[\(list(indices))]")
    case .pack(let elements): line("\(definition)[\(list(elements))]")
    case .map(let map): print(map.body, after: "\(definition)map \(axes(map.axes))")
    case .reduce(let reduce):
      var head = "\(definition)reduce \(reduce.op.rawValue) \(axes(reduce.axes))"
      if let condition = reduce.condition {
        print(condition, after: "\(head) where", end: false)
        head = "}"
      }
      print(reduce.body, after: head)
    case .scan(let scan):
      let trips = scan.trips.map { " trips \(names[$0])" } ?? ""
      let head = "\(definition)scan \(axes([scan.axis], scan.down ? " down" : ""))\(trips)\(carry(scan.body.parameters, scan.initial))"
      print(scan.body, after: head)
    case .whileLoop(let loop):
      let head = "\(definition)while \"\(loop.name)\" at most \(loop.bound)\(carry(loop.body.parameters, loop.initial))"
      print(loop.condition, after: "\(head) condition \(declarations(loop.condition.parameters))", end: false)
      print(loop.body, after: "}")
    case .branch(let condition, let then, let otherwise):
      print(then, after: "\(definition)if \(names[condition])", end: false)
      print(otherwise, after: "} else")
    case .update(let array, let indices, let row): line("\(definition)update \(names[array])[\(list(indices))] = \(names[row])")
    case .accumulating(let scope):
      let tokens = scope.accumulators.map { declaration($0.token) + ($0.initial.map { " = \(names[$0])" } ?? "") }
      print(scope.body, after: "\(definition)accumulating (\(tokens.joined(separator: ", ")))")
    case .accumulate(let token, let indices, let value):
      line("accumulate \(names[token])\(indices.isEmpty ? "" : "[\(list(indices))]") += \(names[value])")
    case .ruled(let value, let rules):
      var head = "\(definition)ruled \(names[value])"
      for (place, rule) in rules.enumerated() {
        print(
          rule.block, after: "\(head) by \(names[rule.target]): \(rule.kind) \(declarations(rule.block.parameters))",
          end: place == rules.count - 1)
        head = "}"
      }
      if rules.isEmpty { line(head) }
    }
  }

  func expression(_ primitive: Primitive, _ operands: [Value]) -> String {
    guard let symbol = primitive.operatorSymbol else { return "\(primitive.rawValue)(\(list(operands)))" }
    if operands.count == 1 { return "\(symbol)\(names[operands[0]])" }
    return operands.map { names[$0] }.joined(separator: " \(symbol) ")
  }

  mutating func print(_ block: Block, after head: String, end: Bool = true) {
    line("\(head) {")
    depth += 1
    for statement in block.statements { print(statement) }
    line("yield" + (block.results.isEmpty ? "" : " \(list(block.results))"))
    depth -= 1
    if end { line("}") }
  }
}
