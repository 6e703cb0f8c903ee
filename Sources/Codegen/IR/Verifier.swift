import ModelDSL

/// What is wrong with a procedure, in sentences; nothing for a well-formed one. To be run after every pass in debug builds and in tests.
/// That indices lie inside their arrays is not looked at: the checker has proven it, and the interpreter watches it.
public func verify(_ procedure: Procedure) -> [String] {
  let verifier = Verifier(procedure)
  verifier.checkProcedure()
  return verifier.problems
}

/// The state of one verification. A class, so that messages are only made where they are needed.
final class Verifier {
  let procedure: Procedure
  let values: ValueTable
  let names: ValueNames
  let sizes: Set<SizeSymbol>
  var problems: [String] = []
  /// By value: whether it has been defined anywhere before, whether it is visible now, whether it is the token of an accumulator.
  private var defined: [Bool]
  private var visible: [Bool]
  private var isToken: [Bool]
  /// Tokens of accumulators that may be added to here; rules and conditions have none of the outside.
  private var openTokens: Set<Value> = []
  /// The statement that is being checked, for the messages.
  private var place = ""

  init(_ procedure: Procedure) {
    self.procedure = procedure
    values = procedure.values
    names = ValueNames(procedure)
    sizes = Set(procedure.sizes + procedure.roots.map(\.symbol))
    defined = Array(repeating: false, count: values.entries.count)
    visible = defined
    isToken = defined
  }

  // MARK: Messages

  func report(_ problem: String) { problems.append("\(procedure.name): \(place.isEmpty ? "" : "\(place): ")\(problem)") }

  func require(_ condition: Bool, _ problem: @autoclosure () -> String) { if !condition { report(problem()) } }

  func name(_ value: Value) -> String { exists(value) ? names[value] : "%\(value.id)" }
  func exists(_ value: Value) -> Bool { value.id >= 0 && value.id < values.entries.count }
  func typeText(_ value: Value) -> String { values[value].description }

  // MARK: The procedure

  func checkProcedure() {
    require(sizes.count == procedure.sizes.count + procedure.roots.count, "a size is listed twice")
    require(procedure.body.parameters == procedure.inputs.map(\.value), "the body's parameters are not the inputs")
    require(
      procedure.body.results.count == procedure.resultNames.count,
      "\(procedure.body.results.count) results have \(procedure.resultNames.count) names")
    for input in procedure.inputs where exists(input.value) {
      let type = values[input.value]
      if let bound = input.indexBound {
        require(type.element == .integer, "the input \(input.name) has a bound, but is \(type)")
        check(bound)
      }
      if let symbol = input.sizeSymbol {
        require(type == .integer, "the input \(input.name) serves as a size, but is \(type)")
        require(sizes.contains(symbol), "the size \(symbol.name) of the input \(input.name) is not one of the procedure's")
      }
    }
    for requirement in procedure.requirements { check(requirement.size) }
    check(procedure.body)
    for result in procedure.body.results where exists(result) && isToken[result.id] {
      report("the token \(name(result)) is a result")
    }
  }

  func check(_ size: Size) {
    for symbol in size.symbols where !sizes.contains(symbol) { report("the size \(symbol.name) in \(size) is not one of the procedure's") }
    if let constant = size.constant, constant < 0 { report("a size is negative: \(constant)") }
  }

  // MARK: Scope

  private func define(_ value: Value) {
    guard exists(value) else { return report("%\(value.id) is not in the table of values") }
    require(!defined[value.id], "\(name(value)) is defined twice")
    for size in values[value].shape { check(size) }
    defined[value.id] = true
    visible[value.id] = true
  }

  /// Whether the value may be used here, as anything but the target of `accumulate`.
  @discardableResult
  func use(_ value: Value) -> Bool {
    guard exists(value) else {
      report("%\(value.id) is not in the table of values")
      return false
    }
    if !visible[value.id] {
      report(defined[value.id] ? "\(name(value)) is out of scope" : "\(name(value)) is used before it is defined")
      return false
    }
    if isToken[value.id] {
      report("the token \(name(value)) is read")
      return false
    }
    return true
  }

  /// Checks a block with what it sees; gives whether its results can be trusted to have types.
  @discardableResult
  func check(_ block: Block, introducing introduced: [Value] = [], seesTokens: Bool = true) -> Bool {
    let outerPlace = place
    let outerTokens = openTokens
    if !seesTokens { openTokens = [] }
    var own = introduced + block.parameters
    for value in own { define(value) }
    for statement in block.statements {
      check(statement)
      for result in statement.results { define(result) }
      own += statement.results
      place = outerPlace
    }
    var sound = true
    for result in block.results { sound = use(result) && sound }
    for value in own where exists(value) { visible[value.id] = false }
    openTokens = outerTokens
    return sound
  }

  /// A body and the condition that is evaluated before it: both see the indices, and the body nothing of the condition.
  func check(_ body: Block, after condition: Block?, introducing indices: [Value]) -> Bool {
    guard let condition else { return check(body, introducing: indices) }
    for index in indices { define(index) }
    if check(condition, seesTokens: false) { requireOneBoolean(condition) }
    let sound = check(body)
    for index in indices where exists(index) { visible[index.id] = false }
    return sound
  }

  func check(_ body: Block, tokens: [Value]) -> Bool {
    for token in tokens where exists(token) { isToken[token.id] = true }
    openTokens.formUnion(tokens)
    defer { openTokens.subtract(tokens) }
    return check(body, introducing: tokens)
  }

  // MARK: Statements

  private func check(_ statement: Statement) {
    let outer = place
    let subject = statement.results.isEmpty ? statement.operation.keyword : statement.results.map(name).joined(separator: ", ")
    place = outer.isEmpty ? subject : "\(outer) > \(subject)"
    let before = problems.count
    if case .accumulate(let token, let indices, let value) = statement.operation {
      for operand in indices + [value] { use(operand) }
      require(openTokens.contains(token), "\(name(token)) is no token of an accumulator that can be added to here")
      if !exists(token) { return }
    } else {
      for operand in statement.operation.operands { use(operand) }
    }
    // What does not exist has no type to look at.
    if problems.count > before { return }
    checkMeaning(statement.operation)
    if problems.count > before { return }
    let types = statement.operation.resultTypes(values)
    guard types.count == statement.results.count else {
      return report("\(types.count) results, but \(statement.results.count) names for them")
    }
    for (result, type) in zip(statement.results, types) where exists(result) {
      require(values[result] == type, "\(name(result)) is \(typeText(result)) in the table, but \(type) by its operation")
    }
  }

  func requireParameters(_ block: Block, _ expected: [ValueType], _ what: String) {
    let types = block.parameters.filter(exists).map { values[$0] }
    require(types == expected, "\(what) has parameters \(list(types)), not \(list(expected))")
  }

  func list(_ types: [ValueType]) -> String { "(" + types.map(\.description).joined(separator: ", ") + ")" }
}
