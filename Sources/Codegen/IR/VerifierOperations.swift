import ModelDSL

// What each construct demands of its operands and blocks.
extension Verifier {
  func checkMeaning(_ operation: Operation) {
    switch operation {
    case .constant: break
    case .size(let size): for symbol in size.symbols { check(Size(symbol)) }
    case .primitive(let primitive, let operands): checkOperands(primitive, operands)
    case .read(let array, let indices):
      require(!indices.isEmpty, "a read of \(name(array)) without indices")
      checkIndices(indices, into: array)
    case .pack(let elements):
      require(!elements.isEmpty, "a pack of nothing")
      if let first = elements.first {
        for element in elements where values[element] != values[first] {
          report("\(name(element)) is \(typeText(element)), packed with \(typeText(first))")
        }
      }
    case .map(let map):
      checkAxes(map.axes)
      requireParameters(map.body, [], "the body")
      check(map.body, introducing: map.axes.map(\.index))
    case .reduce(let reduce): checkReduce(reduce)
    case .scan(let scan): checkScan(scan)
    case .whileLoop(let loop): checkWhile(loop)
    case .branch(let condition, let then, let otherwise):
      requireNumber(condition, .boolean, "the condition")
      requireParameters(then, [], "a side")
      requireParameters(otherwise, [], "a side")
      let sound = check(then)
      if check(otherwise) && sound {
        let (first, second) = (then.results.map { values[$0] }, otherwise.results.map { values[$0] })
        require(first == second, "the sides yield \(list(first)) and \(list(second))")
      }
    case .update(let array, let indices, let row):
      require(!indices.isEmpty, "an update of \(name(array)) without indices")
      checkIndices(indices, into: array)
      checkRow(row, of: array, indices)
    case .accumulating(let scope): checkAccumulating(scope)
    case .accumulate(let token, let indices, let value):
      checkIndices(indices, into: token)
      checkRow(value, of: token, indices)
    case .ruled(let value, let rules):
      require(values[value].element == .real, "\(name(value)) has rules, but is \(typeText(value))")
      for rule in rules { checkRule(rule, of: value) }
    }
  }

  private func requireNumber(_ value: Value, _ element: Element, _ what: String) {
    require(values[value] == ValueType(element), "\(what) is \(typeText(value)), not \(ValueType(element))")
  }

  private func checkOperands(_ primitive: Primitive, _ operands: [Value]) {
    let signature = primitive.signature.operands
    guard operands.count == signature.count else {
      return report("\(primitive.rawValue) takes \(signature.count) operands, not \(operands.count)")
    }
    for (operand, expected) in zip(operands, signature) {
      let type = values[operand]
      let fits =
        switch expected {
        case .real: type == .real
        case .integer: type == .integer
        case .boolean: type == .boolean
        case .number: (type == .real || type == .integer) && type == values[operands[0]]
        }
      require(fits, "\(primitive.rawValue) does not take \(name(operand)): \(type)")
    }
  }

  private func checkIndices(_ indices: [Value], into array: Value) {
    require(
      indices.count <= values[array].shape.count, "\(indices.count) indices into \(name(array)), which is \(typeText(array))")
    for index in indices { requireNumber(index, .integer, "the index \(name(index))") }
  }

  private func checkRow(_ row: Value, of array: Value, _ indices: [Value]) {
    let expected = ValueType(values[array].element, Array(values[array].shape.dropFirst(indices.count)))
    require(values[row] == expected, "\(name(row)) is \(typeText(row)), but \(name(array)) has place for \(expected)")
  }

  private func checkAxes(_ axes: [Axis]) {
    for axis in axes {
      check(axis.size)
      if exists(axis.index) { requireNumber(axis.index, .integer, "the index \(name(axis.index))") }
    }
  }

  private func checkReduce(_ reduce: Reduce) {
    checkAxes(reduce.axes)
    requireParameters(reduce.body, [], "the body")
    if let condition = reduce.condition { requireParameters(condition, [], "the condition") }
    guard check(reduce.body, after: reduce.condition, introducing: reduce.axes.map(\.index)) else { return }
    let types = reduce.body.results.map { values[$0] }
    switch reduce.op {
    case .sum: require(types.allSatisfy { $0.element != .boolean }, "a sum of \(list(types))")
    case .product, .max, .min, .argmax, .argmin:
      require(types == [.real] || types == [.integer], "\(reduce.op.rawValue) of \(list(types)), not of one number")
    }
  }

  private func checkScan(_ scan: Scan) {
    checkAxes([scan.axis])
    if let trips = scan.trips { requireNumber(trips, .integer, "the number of trips") }
    let carried = scan.initial.map { values[$0] }
    requireParameters(scan.body, carried, "the body")
    if check(scan.body, introducing: [scan.axis.index]) { checkSuccessors(scan.body, carried) }
  }

  private func checkWhile(_ loop: While) {
    check(loop.bound)
    let carried = loop.initial.map { values[$0] }
    requireParameters(loop.condition, carried, "the condition")
    requireParameters(loop.body, carried, "the body")
    if check(loop.condition, seesTokens: false) { requireOneBoolean(loop.condition) }
    if check(loop.body) { checkSuccessors(loop.body, carried) }
  }

  func requireOneBoolean(_ condition: Block) {
    let types = condition.results.map { values[$0] }
    require(types == [.boolean], "the condition yields \(list(types)), not one boolean")
  }

  private func checkSuccessors(_ body: Block, _ carried: [ValueType]) {
    let types = body.results.prefix(carried.count).map { values[$0] }
    require(types == carried, "the body yields successors \(list(types)) of \(list(carried))")
  }

  private func checkAccumulating(_ scope: Accumulating) {
    requireParameters(scope.body, [], "the body")
    for accumulator in scope.accumulators where exists(accumulator.token) {
      let token = accumulator.token
      require(values[token].element != .boolean, "the token \(name(token)) is \(typeText(token))")
      if let initial = accumulator.initial {
        require(values[initial] == values[token], "\(name(token)) is \(typeText(token)), but starts from \(typeText(initial))")
      }
    }
    _ = check(scope.body, tokens: scope.accumulators.map(\.token))
  }

  private func checkRule(_ rule: Rule, of value: Value) {
    let (type, target) = (values[value], values[rule.target])
    require(target.element == .real, "a rule for \(name(rule.target)), which is \(target)")
    switch rule.kind {
    case .slope:
      requireParameters(rule.block, [type], "the slope for \(name(rule.target))")
      require(
        type.isScalar || target.isScalar || type.shape == target.shape,
        "a slope of \(type) for \(name(rule.target)), which is \(target): their shapes do not go together")
      guard check(rule.block, seesTokens: false) else { return }
      let types = rule.block.results.map { values[$0] }
      require(
        types == [type] || types == [target] || types == [.real],
        "the slope for \(name(rule.target)) is \(list(types)): neither \(type) nor \(target) nor real")
    case .cotangent:
      requireParameters(rule.block, [type, type], "the cotangent for \(name(rule.target))")
      guard check(rule.block, seesTokens: false) else { return }
      let types = rule.block.results.map { values[$0] }
      require(types == [target], "the cotangent for \(name(rule.target)) is \(list(types)), not \(target)")
    }
  }
}
