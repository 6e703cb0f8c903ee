import ModelDSL

/// Turns typed trees into IR: inlines calls, maps functions of numbers over arrays, and wraps what an `inject` is in force for.
struct Lowerer {
  let program: CheckedProgram
  var builder = Builder()
  /// The rule of each primitive, for derivatives inside expressions; empty while the table itself is lowered.
  let primitiveRules: RuleTable
  /// Conditions on sizes met on the way, in terms of the entry's symbols.
  var requirements: [SizeRequirement] = []
  var rules = RulesInForce()
  var scope: Scope
  /// States that start from a value of the caller's instead of what the model says.
  var givenStates: [VariableID: Value] = [:]
  /// How many rules of each function are being lowered, one inside the other.
  var ruleDepth: [Callee: Int] = [:]
  /// The values inside of functions of the library that were inlined, by number.
  var libraryValues: [Range<Int>] = []

  /// The order of the highest derivative that a rule which uses its own function gives; those above are NaN.
  static let highestDerivative = 4

  init(_ program: CheckedProgram, primitiveRules: RuleTable) {
    self.program = program
    self.primitiveRules = primitiveRules
    scope = Scope(parent: nil, sizes: [:])
    rules = rules.adding(program.fileRules[program.rootFile] ?? [], scope: scope)
  }

  func size(_ size: Size) -> Size { size.substituting(scope.sizes) }
  func sizes(_ sizes: [Size]) -> [Size] { sizes.map(size) }

  func valueType(_ type: Type) -> ValueType {
    guard case .array(let scalar, let shape) = type else { preconditionFailure("a value of \(type)") }
    return ValueType(Element(scalar), sizes(shape))
  }

  /// Runs `body` with another scope and other rules.
  mutating func within<R>(_ inner: Scope, _ innerRules: RulesInForce, _ body: (inout Lowerer) throws -> R) rethrows -> R {
    let saved = (scope, rules)
    scope = inner
    rules = innerRules
    defer { (scope, rules) = saved }
    return try body(&self)
  }

  /// A block of the IR, built by `body`.
  mutating func block(parameters: [Value] = [], _ body: (inout Lowerer) throws -> [Value]) rethrows -> Block {
    builder.openBlock()
    do {
      let results = try body(&self)
      return builder.closeBlock(parameters: parameters, results: results)
    } catch {
      _ = builder.closeBlock(results: [])
      throw error
    }
  }

  func notYet(_ what: String, _ range: SourceRange) -> LoweringError { LoweringError(.notYet(what, at: range)) }

  /// Adds a condition that must hold at entry, unless it always does.
  mutating func require(_ requirement: SizeRequirement) throws {
    let size = size(requirement.size)
    if let constant = size.constant {
      if constant < 0 { throw LoweringError(.sizeRequirementFails(requirement.reason, at: requirement.range)) }
      return
    }
    let resolved = SizeRequirement(size: size, reason: requirement.reason, range: requirement.range)
    if !requirements.contains(where: { $0.size == size }) { requirements.append(resolved) }
  }

  /// The source text of a range on one line.
  func equation(_ range: SourceRange) -> String {
    var words: [Substring] = []
    for line in program.sources.text(of: range).split(whereSeparator: \.isNewline) {
      let code = line.range(ofComment: "//").map { line[..<$0] } ?? line
      words += code.split(whereSeparator: { $0 == " " || $0 == "\t" })
    }
    return words.joined(separator: " ")
  }
}

extension Substring {
  fileprivate func range(ofComment marker: String) -> Index? {
    var index = startIndex
    while index < endIndex {
      if self[index...].hasPrefix(marker) { return index }
      index = self.index(after: index)
    }
    return nil
  }
}

extension Element {
  init(_ scalar: Scalar) {
    switch scalar {
    case .real: self = .real
    case .integer, .index: self = .integer
    case .boolean: self = .boolean
    }
  }
}

extension Diagnostic {
  static func notYet(_ what: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0900", message: "\(what) cannot be generated yet", range: range, label: "not yet",
      notes: [Note("the language has it, and `graft check` accepts it; this version's code generation does not")])
  }

  static func sizeRequirementFails(_ reason: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0901", message: "\(reason), which the sizes given here do not satisfy", range: range, label: "out of bounds for these sizes")
  }

  static func nonlinearRule(_ name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0902", message: "forward mode cannot use a rule of '\(name)': it is not linear in the incoming gradient", range: range,
      label: "needs forward mode", help: "derive 'vjp' or 'gradient' instead, or write the rule as a slope")
  }
}
