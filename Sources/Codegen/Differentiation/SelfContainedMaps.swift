import ModelDSL

/// The procedure with each comprehension that gives a result made to compute for itself what it reads of arrays and numbers that were computed
/// from the variables before: one of its iterations then depends on the variables alone, by the rows that it reads.
func withSelfContainedMaps(_ procedure: Procedure, variables: Set<Value>, varied: Set<Value>) -> Procedure {
  let definitions = procedure.body.statements.enumerated().reduce(into: [Value: (place: Int, statement: Statement)]()) { found, entry in
    for result in entry.element.results where varied.contains(result) && !variables.contains(result) {
      found[result] = (entry.offset, entry.element)
    }
  }
  var completion = Completion(builder: Builder(values: procedure.values), definitions: definitions)
  var result = procedure
  for (place, statement) in procedure.body.statements.enumerated() {
    guard case .map(let map) = statement.operation, statement.results.contains(where: procedure.body.results.contains),
      map.body.freeValues.contains(where: { definitions[$0] != nil })
    else { continue }
    let body = tidied(completion.completed(map.body), axes: map.axes, of: procedure, &completion.builder)
    result.body.statements[place].operation = .map(Map(axes: map.axes, body: body))
  }
  result.values = completion.builder.values
  return result
}

private struct Completion {
  var builder: Builder
  /// What computes the values that must not be read from outside.
  let definitions: [Value: (place: Int, statement: Statement)]

  mutating func completed(_ body: Block) -> Block {
    var block = computingElements(body)
    // What is left is needed whole: the last one first, as it may need those before it.
    while let (_, statement) = block.freeValues.compactMap({ definitions[$0] }).max(by: { $0.place < $1.place }) {
      builder.openBlock()
      var names: [Value: Value] = [:]
      builder.copy(statement, replacing: &names)
      let copy = computingElements(builder.closeBlock(results: []))
      block = block.substituting(names)
      block.statements = copy.statements + block.statements
    }
    return block
  }

  /// Reads of elements (or rows) of a map become its body at that place.
  private mutating func computingElements(_ block: Block) -> Block {
    var names: [Value: Value] = [:]
    var statements: [Statement] = []
    for statement in block.statements {
      guard case .read(let array, let indices) = statement.operation, let (_, definition) = definitions[array],
        case .map(let map) = definition.operation, let place = definition.results.firstIndex(of: array)
      else {
        statements.append(statement.mapBlocks { computingElements($0) })
        continue
      }
      builder.openBlock()
      let element = element(place, of: map, at: indices)
      let inlined = computingElements(builder.closeBlock(results: [element]))
      statements += inlined.statements
      names[statement.results[0]] = inlined.results[0]
    }
    return Block(parameters: block.parameters, statements: statements, results: block.results).substituting(names)
  }

  private mutating func element(_ place: Int, of map: Map, at indices: [Value]) -> Value {
    func yielded(_ indices: [Value], _ builder: inout Builder) -> Value {
      var names = Dictionary(uniqueKeysWithValues: zip(map.axes.map(\.index), indices))
      return builder.inline(map.body, [], replacing: &names)[place]
    }
    let count = map.axes.count
    if indices.count < count {
      return builder.map(map.axes.dropFirst(indices.count).map(\.size)) { [yielded(indices + $1, &$0)] }[0]
    }
    let row = yielded(Array(indices.prefix(count)), &builder)
    return indices.count == count ? row : builder.read(row, Array(indices.dropFirst(count)))
  }
}

/// The body in the form in which differentiation takes a procedure: what is the same for its inner loops stands before them, once.
private func tidied(_ body: Block, axes: [Axis], of procedure: Procedure, _ builder: inout Builder) -> Block {
  let sizes = Dictionary(axes.map { ($0.index, $0.size) }) { first, _ in first }
  let bounds = Dictionary(procedure.inputs.map { ($0.value, $0.indexBound) }) { first, _ in first }
  var inner = procedure
  inner.inputs = body.freeValues.sorted().map { value in
    Procedure.Input(value: value, name: "value\(value.id)", indexBound: sizes[value] ?? bounds[value] ?? nil)
  }
  inner.body = Block(parameters: inner.inputs.map(\.value), statements: body.statements, results: body.results)
  inner.resultNames = body.results.indices.map { "result\($0)" }
  inner.values = builder.values
  inner = prepared(inner)
  builder.values = inner.values
  return Block(statements: inner.body.statements, results: inner.body.results)
}
