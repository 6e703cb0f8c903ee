import ModelDSL

enum JacobianMode { case cheaper, forward }

extension Differentiation {
  /// The Jacobian of one result of a block with respect to one parameter: axes of the result, then of the parameter.
  /// Reverse mode row by row where the result is known to have no more elements than the parameter, else forward mode column by column.
  static func jacobian(
    of block: Block, arguments: [Value], wrt variable: Int, result: Int, rules: RuleTable, in builder: inout Builder,
    mode: JacobianMode = .cheaper
  ) throws(NonlinearRule) -> Value {
    let input = builder.values[block.parameters[variable]]
    let output = builder.values[block.results[result]]
    if mode == .cheaper && isReverseCheaper(input: input, output: output) {
      let indices = output.shape.map { _ in builder.fresh(.integer) }
      builder.openBlock()
      let seed = builder.oneHot(output, at: indices)
      let cotangents: [Value?] = block.results.indices.map { $0 == result ? seed : nil }
      let (_, gradients) = pullback(of: block, arguments: arguments, wrt: [variable], cotangents: cotangents, rules: rules, in: &builder)
      return builder.closeMap(indices, output.shape, results: gradients)[0]
    }
    func oneColumn(at indices: [Value], _ builder: inout Builder) throws(NonlinearRule) -> Value {
      let seed = builder.oneHot(input, at: indices)
      let tangents: [Value?] = block.parameters.indices.map { $0 == variable ? seed : nil }
      let (_, columns) = try pushforward(of: block, arguments: arguments, tangents: tangents, rules: rules, in: &builder)
      return columns[result] ?? builder.zeros(output)
    }
    if let places = separateColumns(input, output, block) {
      var columns: [Value] = []
      for place in places { columns.append(try oneColumn(at: place.map { builder.integer($0) }, &builder)) }
      return builder.elementwise(over: output.shape) { builder, row in
        let elements = columns.map { builder.read($0, row) }
        return [builder.packed(elements, input.shape)]
      }[0]
    }
    let indices = input.shape.map { _ in builder.fresh(.integer) }
    builder.openBlock()
    let column: Value
    do {
      column = try oneColumn(at: indices, &builder)
    } catch {
      _ = builder.closeBlock(results: [])
      throw error
    }
    if let elements = builder.elements(of: column) {
      // Few elements: a row of the Jacobian each, which is written where it belongs.
      let rows = builder.closeMap(indices, input.shape, results: elements)
      return builder.packed(rows, output.shape)
    }
    let columns = builder.closeMap(indices, input.shape, results: [column])[0]
    if input.shape.isEmpty || output.shape.isEmpty { return columns }
    return builder.map(output.shape + input.shape) { builder, all in
      let rows = Array(all.prefix(output.shape.count))
      let places = Array(all.dropFirst(output.shape.count))
      return [builder.read(columns, places + rows)]
    }[0]
  }

  /// The places of the variable, where its columns are computed one beside the other instead of by a loop over them: there are few, and the loops in
  /// the block are long, so that what the columns have in common is worth computing once and vectors are found in those loops.
  private static func separateColumns(_ input: ValueType, _ output: ValueType, _ block: Block) -> [[Int]]? {
    let counts = input.shape.compactMap(\.constant)
    guard counts.count == input.shape.count, !counts.isEmpty, block.hasLongLoop else { return nil }
    let count = counts.reduce(1, *)
    guard (1...8).contains(count), count * block.statementCount <= 2000 else { return nil }
    return counts.reduce([[]]) { places, count in places.flatMap { place in (0..<count).map { place + [$0] } } }
  }

  /// One pass of reverse mode costs a few of forward mode; sizes that are not known count as large.
  static func isReverseCheaper(input: ValueType, output: ValueType) -> Bool {
    func count(_ type: ValueType) -> Int? { type.shape.reduce(Size(1)) { $0 * $1 }.constant }
    switch (count(input), count(output)) {
    case (let inputs?, let outputs?): return outputs * 2 <= inputs
    case (nil, .some): return true
    case (.some, nil): return false
    case (nil, nil): return output.shape.count < input.shape.count
    }
  }
}

extension Block {
  /// Whether a loop in it has a number of iterations that is large, or known at the call alone.
  fileprivate var hasLongLoop: Bool {
    func isLong(_ axis: Axis) -> Bool { (axis.size.constant ?? .max) > 16 }
    return statements.contains { statement in
      switch statement.operation {
      case .map(let map): if map.axes.contains(where: isLong) { return true }
      case .reduce(let reduce): if reduce.axes.contains(where: isLong) { return true }
      case .scan(let scan): if isLong(scan.axis) { return true }
      case .whileLoop: return true
      case .constant, .size, .primitive, .read, .pack, .branch, .update, .accumulating, .accumulate, .ruled: break
      }
      return statement.operation.blocks.contains(where: \.hasLongLoop)
    }
  }

  fileprivate var statementCount: Int {
    statements.reduce(0) { sum, statement in statement.operation.blocks.reduce(sum + 1) { $0 + $1.statementCount } }
  }
}

extension Builder {
  /// 1 at the indices, 0 elsewhere; the number 1 for a number.
  mutating func oneHot(_ type: ValueType, at indices: [Value]) -> Value {
    if type.isScalar { return real(1) }
    let zeros = zeros(type)
    let one = real(1)
    return emit(.update(zeros, indices, one))[0]
  }

  /// The numbers of an array of fixed shape that has few; nil for any other.
  mutating func elements(of array: Value) -> [Value]? {
    let counts = values[array].shape.compactMap(\.constant)
    guard !counts.isEmpty, counts.count == values[array].shape.count, (1...Self.fewElements).contains(counts.reduce(1, *)) else {
      return nil
    }
    func read(_ indices: [Value], _ rest: ArraySlice<Int>, _ builder: inout Builder) -> [Value] {
      guard let count = rest.first else { return [builder.read(array, indices)] }
      return (0..<count).flatMap { read(indices + [builder.integer($0)], rest.dropFirst(), &builder) }
    }
    return read([], counts[...], &self)
  }

  /// So many elements are taken one by one.
  private static let fewElements = 16

  /// An array literal of the given shape, row by row.
  mutating func packed(_ elements: [Value], _ shape: [Size]) -> Value {
    var parts = elements
    for size in shape.reversed() {
      let count = size.constant!
      parts = stride(from: 0, to: parts.count, by: count).map { emit(.pack(Array(parts[$0..<($0 + count)])))[0] }
    }
    return parts[0]
  }

  /// Ends a block opened by hand as the body of a map; with no axes its statements stand as they are.
  mutating func closeMap(_ indices: [Value], _ sizes: [Size], results: [Value]) -> [Value] {
    let block = closeBlock(results: results)
    if indices.isEmpty {
      for statement in block.statements { append(statement) }
      return block.results
    }
    return emit(.map(Map(axes: zip(indices, sizes).map { Axis(index: $0, size: $1) }, body: block)))
  }
}

extension Differentiation {
  /// Results: those of `procedure`, then for each variable the Jacobian of each real result.
  public static func jacobian(of procedure: Procedure, wrt variables: [Int], rules: RuleTable) throws(NonlinearRule) -> Procedure {
    var builder = Builder(values: procedure.values)
    var result = procedure
    let values = builder.inline(procedure.body, procedure.body.parameters)
    var jacobians: [Value] = []
    for variable in variables {
      for place in procedure.body.results.indices where builder.values[procedure.body.results[place]].element == .real {
        jacobians.append(
          try jacobian(
            of: procedure.body, arguments: procedure.body.parameters, wrt: variable, result: place, rules: rules, in: &builder))
        result.resultNames.append("\(procedure.resultNames[place])\(procedure.inputs[variable].name)Jacobian")
      }
    }
    result.body = Block(parameters: procedure.body.parameters, statements: builder.takeStatements(), results: values + jacobians)
    result.values = builder.values
    return result
  }

  /// Forward over reverse. Inputs: those of `procedure`, then the tangents of the variables. Results: those of `procedure`, then the Hessian's
  /// product with the tangents, by variable.
  public static func hessianProduct(of procedure: Procedure, wrt variables: [Int], rules: RuleTable) throws(NonlinearRule) -> Procedure {
    let count = procedure.body.results.count
    let reverse = gradient(of: procedure, wrt: variables, rules: rules)
    var both = try jvp(of: reverse, wrt: variables, rules: rules)
    let realValues = procedure.body.results.filter { procedure.values[$0].element == .real }.count
    let first = count + variables.count + realValues
    both.body.results = Array(both.body.results.prefix(count)) + Array(both.body.results[first...])
    both.resultNames = procedure.resultNames + variables.map { procedure.inputs[$0].name + "Product" }
    return both
  }

  /// Forward over reverse, one direction for each element of each variable. Results: those of `procedure`, then the blocks of the Hessian,
  /// row variable by row variable.
  public static func hessian(of procedure: Procedure, wrt variables: [Int], rules: RuleTable) throws(NonlinearRule) -> Procedure {
    let reverse = gradient(of: procedure, wrt: variables, rules: rules)
    var builder = Builder(values: reverse.values)
    let count = procedure.body.results.count
    let values = builder.inline(procedure.body, procedure.body.parameters)
    var blocks: [Value] = []
    for row in variables.indices {
      for column in variables {
        blocks.append(
          try jacobian(
            of: reverse.body, arguments: reverse.body.parameters, wrt: column, result: count + row, rules: rules, in: &builder,
            mode: .forward))
      }
    }
    var result = procedure
    result.body = Block(parameters: procedure.body.parameters, statements: builder.takeStatements(), results: values + blocks)
    result.values = builder.values
    result.resultNames += variables.flatMap { row in
      variables.map { "\(procedure.inputs[row].name)\(procedure.inputs[$0].name)Hessian" }
    }
    return result
  }
}
