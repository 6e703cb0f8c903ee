import ModelDSL

/// The blocks that one result's derivative with respect to one variable is made of: one block for each iteration of the comprehension that makes the
/// result. Block `i` has the rows `i * rowCount ..< (i + 1) * rowCount` of the flattened result, and `columnCount` columns from the one that
/// the column array gives for `i`.
public struct SparseBlock: Hashable, Sendable {
  /// The result's label where the value is a tuple.
  public var label: String?
  public var variable: String
  /// Sizes of the comprehension's axes.
  public var iterations: [Size]
  public var rowCount: Size
  public var columnCount: Size
}

extension SparseBlock {
  /// `reprojectionCameras`, or `cameras` where the value is no tuple; numbered from the second of one name on.
  public static func names(of blocks: [SparseBlock]) -> [String] {
    var counts: [String: Int] = [:]
    return blocks.map { block in
      let label = block.label.map { $0.allSatisfy(\.isNumber) ? "value" + $0 : $0 }
      let name = label.map { $0 + block.variable.prefix(1).uppercased() + block.variable.dropFirst() } ?? block.variable
      counts[name, default: 0] += 1
      return counts[name]! == 1 ? name : name + String(counts[name]!)
    }
  }
}

extension Differentiation {
  /// Results: those of `procedure`, then for each block (in order of results, variables and places of reading) the values, with the comprehension's axes
  /// first, then the block's rows and columns as shaped in result and variable; and the first column of each block, an integer array over the axes.
  /// Two blocks of one iteration may share columns (`x[i]` and `x[j]` with i == j): entries of the same place add.
  public static func sparseJacobian(
    of procedure: Procedure, wrt variables: [Int], labels: [String?], rules: RuleTable
  ) -> (procedure: Procedure, blocks: [SparseBlock]) {
    let inputs = variables.map { procedure.inputs[$0].value }
    let procedure = selfContained(procedure, variables: Set(inputs), rules)
    var builder = Builder(values: procedure.values)
    let imported = ImportedRules(rules, into: &builder)
    let varied = Activity.varied(in: procedure.body, from: Set(inputs), values: builder.values, rules: imported)
    var names: [Value: Value] = [:]
    let results = builder.inline(procedure.body, procedure.body.parameters, replacing: &names)
    var all = results
    var blocks: [SparseBlock] = []
    for (place, result) in procedure.body.results.enumerated() where varied.contains(result) {
      var definition = BlockwiseResult(result, in: procedure.body, inputs: inputs)
      // What the comprehension uses from before it stands there under new names.
      definition.rename(names)
      let made = builder.blocks(of: definition, values: builder.values, rules: imported)
      for (read, values, columns) in made {
        let type = builder.values[definition.yield]
        blocks.append(
          SparseBlock(
            label: labels[place], variable: procedure.inputs[variables[inputs.firstIndex(of: read.variable)!]].name,
            iterations: definition.axes.map(\.size), rowCount: type.shape.reduce(Size(1)) { $0 * $1 },
            columnCount: read.rowShape(builder.values).reduce(Size(1)) { $0 * $1 }))
        all += [values, columns]
      }
    }
    var sparse = procedure
    sparse.body = Block(parameters: procedure.body.parameters, statements: builder.takeStatements(), results: all)
    sparse.values = builder.values
    sparse.resultNames += SparseBlock.names(of: blocks).flatMap { [$0 + "Blocks", $0 + "Columns"] }
    return (sparse, blocks)
  }

  private static func selfContained(_ procedure: Procedure, variables: Set<Value>, _ rules: RuleTable) -> Procedure {
    var builder = Builder(values: procedure.values)
    let imported = ImportedRules(rules, into: &builder)
    let varied = Activity.varied(in: procedure.body, from: variables, values: builder.values, rules: imported)
    return withSelfContainedMaps(procedure, variables: variables, varied: varied)
  }
}

/// A part of a variable that one iteration reads: the row at `first`, or all of it where that index is not the iteration's own.
private struct BlockRead: Hashable {
  var variable: Value
  var first: Value?

  func rowShape(_ values: ValueTable) -> [Size] {
    first == nil ? values[variable].shape : Array(values[variable].shape.dropFirst())
  }
}

/// A result made by a self-contained comprehension, or by anything else, which is then one block.
private struct BlockwiseResult {
  var axes: [Axis]
  var body: Block
  var yield: Value
  var reads: [BlockRead]

  init(_ result: Value, in block: Block, inputs: [Value]) {
    let definition = block.statements.first { $0.results.contains(result) }
    switch definition?.operation {
    case .map(let map):
      axes = map.axes
      body = map.body
      yield = map.body.results[definition!.results.firstIndex(of: result)!]
    default:
      axes = []
      body = Block(statements: block.statements, results: [result])
      yield = result
    }
    let own = Set(axes.map(\.index) + body.statements.flatMap(\.results)).union(
      body.statements.reduce(into: Set<Value>()) { $0.formUnion($1.freeValues) })
    let definedInside = Set(body.statements.flatMap { $0.operation.allIntroduced })
    var found: [BlockRead] = []
    for input in inputs {
      var firsts: [Value?] = []
      for statement in body.statements { statement.collectReads(of: input, &firsts) }
      if firsts.isEmpty && !body.freeValues.contains(input) { continue }
      let isRowwise = !firsts.isEmpty && firsts.allSatisfy { $0.map { own.contains($0) && !definedInside.contains($0) } ?? false }
      if isRowwise && !body.results.contains(input) {
        for first in firsts where !found.contains(BlockRead(variable: input, first: first)) {
          found.append(BlockRead(variable: input, first: first))
        }
      } else {
        found.append(BlockRead(variable: input, first: nil))
      }
    }
    reads = found
  }

  /// Replaces what is defined outside of the body.
  mutating func rename(_ names: [Value: Value]) {
    let free = Block(statements: body.statements, results: [yield]).freeValues
    let outer = names.filter { free.contains($0.key) }
    body = body.substituting(outer)
    yield = outer[yield] ?? yield
    for place in reads.indices { if let first = reads[place].first { reads[place].first = outer[first] ?? first } }
  }
}

extension Operation {
  /// Every value that the operation's nested blocks define, at any depth.
  fileprivate var allIntroduced: [Value] {
    introduced
      + blocks.flatMap { block in block.parameters + block.statements.flatMap { $0.results + $0.operation.allIntroduced } }
  }
}

extension Statement {
  /// The first index of every read of the array, at any depth; nil for any other use.
  fileprivate func collectReads(of array: Value, _ firsts: inout [Value?]) {
    if case .read(let read, let indices) = operation, read == array {
      firsts.append(indices.first)
    } else if operation.operands.contains(array) {
      firsts.append(nil)
    }
    for block in operation.blocks {
      if block.results.contains(array) { firsts.append(nil) }
      for statement in block.statements { statement.collectReads(of: array, &firsts) }
    }
  }
}

extension Block {
  /// Reads of `array` at `first` become reads of `row`.
  fileprivate func readingRow(_ row: Value, of array: Value, at first: Value, _ values: ValueTable) -> Block {
    var aliases: [Value: Value] = [:]
    var kept: [Statement] = []
    for statement in statements {
      var operation = statement.operation
      if case .read(array, let indices) = operation, indices.first == first {
        if indices.count == 1 {
          aliases[statement.results[0]] = row
          continue
        }
        operation = .read(row, Array(indices.dropFirst()))
      } else {
        operation = operation.mapBlocks { $0.readingRow(row, of: array, at: first, values) }
      }
      kept.append(Statement(results: statement.results, operation: operation, notes: statement.notes))
    }
    return Block(parameters: parameters, statements: kept, results: results).substituting(aliases)
  }
}

extension Builder {
  /// Emits the comprehension once more, yielding for each read the block's values and its first column.
  fileprivate mutating func blocks(
    of result: BlockwiseResult, values table: ValueTable, rules: ImportedRules
  ) -> [(read: BlockRead, values: Value, columns: Value)] {
    let indices = result.axes.map { fresh(.integer, name: values.name(of: $0.index)) }
    openBlock()
    var names = Dictionary(uniqueKeysWithValues: zip(result.axes.map(\.index), indices))
    // The iteration's own index values, for the rows; the block proper takes the rows as parameters.
    _ = inline(Block(statements: result.body.statements), [], replacing: &names)
    var rows: [Value] = []
    var block = Block(statements: result.body.statements, results: [result.yield])
    var yields: [Value] = []
    for read in result.reads {
      guard let first = read.first else {
        rows.append(read.variable)
        block.parameters.append(read.variable)
        yields.append(integer(0))
        continue
      }
      let index = names[first] ?? first
      let row = self.read(read.variable, [index])
      let parameter = fresh(values[row])
      block = block.readingRow(parameter, of: read.variable, at: first, values)
      block.parameters.append(parameter)
      rows.append(row)
      let width = size(read.rowShape(values).reduce(Size(1)) { $0 * $1 })
      yields.append(primitive(.multiply, [index, width]))
    }
    // Indices inside the block are those of this iteration.
    let inside = block.substituting(names.filter { entry in result.axes.contains { $0.index == entry.key } })
    let type = values[result.yield]
    let places = type.shape.map { _ in fresh(.integer) }
    openBlock()
    let seed = oneHot(type, at: places)
    let (_, gradients) = Differentiation.pullback(
      of: inside, arguments: rows, wrt: Array(rows.indices), cotangents: [seed], rules: rules, in: &self)
    let jacobians = closeMap(places, type.shape, results: gradients)
    let all = closeMap(indices, result.axes.map(\.size), results: jacobians + yields)
    return result.reads.enumerated().map { place, read in (read, all[place], all[result.reads.count + place]) }
  }
}
