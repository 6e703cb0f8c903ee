import ModelDSL

/// Replaces what is zero whatever the inputs, around loops too: the cotangent of a state that nothing depends on, carried as zeros, adds
/// nothing.
///
/// Everything is taken as zero until something that is not reaches it. For after differentiation, when a rule stands for nothing any more.
func propagateZeros(_ procedure: Procedure) -> Procedure {
  var analysis = ZeroAnalysis(values: procedure.values)
  for input in procedure.inputs { analysis.mark(input.value) }
  analysis.enter(procedure.body)
  analysis.run()
  var replacement = ZeroReplacement(analysis: analysis, values: procedure.values)
  var result = procedure
  result.body = replacement.replaced(procedure.body)
  result.values = replacement.values
  return result
}

/// Which real values may be other than zero.
private struct ZeroAnalysis {
  let values: ValueTable
  private var isNonzero: [Bool]
  private var work: [Value] = []
  /// Where a value that is not zero goes on to.
  private var targets = ValueMap<[Value]>()
  /// Products by their factors: not zero if both are not.
  private var products = ValueMap<[(other: Value, product: Value)]>()

  init(values: ValueTable) {
    self.values = values
    isNonzero = values.entries.map { $0.type.element != .real }
  }

  func isZero(_ value: Value) -> Bool { !isNonzero[value.id] }

  mutating func mark(_ value: Value) {
    if isNonzero[value.id] { return }
    isNonzero[value.id] = true
    work.append(value)
  }

  mutating func run() {
    while let value = work.popLast() {
      for target in targets[value] ?? [] { mark(target) }
      for (other, product) in products[value] ?? [] where isNonzero[other.id] { mark(product) }
    }
  }

  private mutating func flow(_ source: Value, _ target: Value) {
    if isNonzero[source.id] { mark(target) } else { targets[source, default: []].append(target) }
  }

  private mutating func flow(_ sources: some Sequence<Value>, _ targets: some Sequence<Value>) {
    for (source, target) in zip(sources, targets) { flow(source, target) }
  }

  mutating func enter(_ block: Block) {
    for statement in block.statements {
      for block in statement.operation.blocks { enter(block) }
      enter(statement)
    }
  }

  private mutating func enter(_ statement: Statement) {
    let results = statement.results
    switch statement.operation {
    case .constant(.real(let number)): if number != 0 { mark(results[0]) }
    case .constant, .size: break
    case .primitive(let primitive, let operands): enter(primitive, operands, results[0])
    case .read(let array, _): flow(array, results[0])
    case .pack(let elements): for element in elements { flow(element, results[0]) }
    case .update(let array, _, let row):
      flow(array, results[0])
      flow(row, results[0])
    case .map(let map): flow(map.body.results, results)
    case .reduce(let reduce):
      // Over nothing, the others are not zero.
      if reduce.op == .sum { flow(reduce.body.results, results) } else { for result in results { mark(result) } }
    case .scan(let scan):
      flow(scan.initial, scan.body.parameters)
      flow(scan.body.results, scan.body.parameters)
      flow(scan.initial, results)
      flow(scan.body.results, results)
    case .whileLoop(let loop):
      for block in [loop.condition, loop.body] {
        flow(loop.initial, block.parameters)
        flow(loop.body.results, block.parameters)
      }
      flow(loop.initial, results)
      flow(loop.body.results, results)
    case .branch(_, let then, let otherwise):
      flow(then.results, results)
      flow(otherwise.results, results)
    case .accumulating(let scope):
      flow(scope.body.results, results)
      for (accumulator, sum) in zip(scope.accumulators, results.dropFirst(scope.body.results.count)) {
        if let initial = accumulator.initial { flow(initial, sum) }
        flow(accumulator.token, sum)
      }
    case .accumulate(let token, _, let value): flow(value, token)
    case .ruled: mark(results[0])
    }
  }

  private mutating func enter(_ primitive: Primitive, _ operands: [Value], _ result: Value) {
    switch primitive {
    case .multiply:
      let (x, y) = (operands[0], operands[1])
      if isNonzero[x.id] && isNonzero[y.id] { return mark(result) }
      products[x, default: []].append((y, result))
      products[y, default: []].append((x, result))
    case .add, .subtract, .minimum, .maximum: for operand in operands { flow(operand, result) }
    case .negate, .divide, .abs, .expm1, .log1p, .sin, .tan, .asin, .atan, .sinh, .tanh, .erf, .floor, .ceil, .round, .sign, .sqrt:
      flow(operands[0], result)
    case .power, .exp, .log, .cos, .acos, .atan2, .cosh, .sigmoid, .softplus, .step, .less, .lessOrEqual, .greater, .greaterOrEqual, .equal,
      .notEqual, .not, .and, .or, .quotient, .modulo, .realFromInteger, .realFromBoolean, .integerFromBoolean, .integerFromReal:
      mark(result)
    }
  }
}

private struct ZeroReplacement {
  let analysis: ZeroAnalysis
  var values: ValueTable
  var renaming = Renaming()

  mutating func replaced(_ block: Block) -> Block {
    var statements: [Statement] = []
    for parameter in block.parameters where isZero(parameter) { statements += zero(for: parameter) }
    for statement in block.statements {
      let isPlain = statement.operation.isTrivial
      for result in statement.results where !isPlain && isZero(result) { statements += zero(for: result) }
      let operation = statement.operation.rewritten(value: { renaming.resolve($0) }, block: { replaced($0) })
      statements.append(statement.with(operation))
    }
    return Block(parameters: block.parameters, statements: statements, results: block.results.map(renaming.resolve))
  }

  private func isZero(_ value: Value) -> Bool { analysis.isZero(value) }

  /// Statements that make the zero, which from here on stands for the value.
  private mutating func zero(for value: Value) -> [Statement] {
    var builder = Builder(values: values)
    let zero = builder.zeros(values[value], name: values.name(of: value))
    values = builder.values
    renaming.replace(value, by: zero)
    return builder.takeStatements()
  }
}
