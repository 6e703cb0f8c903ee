import ModelDSL

extension Lowerer {
  mutating func value(_ expression: TypedExpression) throws -> Value { try lower(expression).value }

  mutating func lower(_ expression: TypedExpression) throws -> Lowered {
    switch expression.kind {
    case .real(let number): return .value(builder.real(number))
    case .integer(let number): return .value(builder.integer(number))
    case .boolean(let truth): return .value(builder.boolean(truth))
    case .size(let size): return .value(builder.size(self.size(size)))
    case .variable(let variable): return try lower(variable)
    case .next(let state):
      guard let value = scope.successor(of: state) else { preconditionFailure("`next \(program[state].name)` before it is assigned") }
      return .value(value)
    case .primitive: return .value(try elementwise(expression))
    case .shortCircuit(let isAnd, let left, let right):
      let condition = try value(left)
      let decided = builder.block { [$0.boolean(!isAnd)] }
      let undecided = try block { [try $0.value(right)] }
      let operation = Operation.branch(condition: condition, then: isAnd ? undecided : decided, otherwise: isAnd ? decided : undecided)
      return .value(builder.emit(operation)[0])
    case .call(let callee, let arguments, let sizes, let mapped):
      let lowered = try arguments.map { try lower($0) }
      return try call(callee, lowered, sizes: sizes, mapped: self.sizes(mapped), resultType: expression.type, range: expression.range)
    case .prime(let callee, let argument, let mapped):
      return .value(try prime(callee, try value(argument), mapped: sizes(mapped), range: expression.range))
    case .tuple(let elements): return .tuple(try elements.map { try lower($0) })
    case .element(let tuple, let place):
      guard case .tuple(let parts) = try lower(tuple) else { preconditionFailure("an element of what is no tuple") }
      return parts[place]
    case .subscripted(let array, let subscripts): return .value(try subscripted(try value(array), subscripts))
    case .array(let elements):
      return .value(builder.emit(.pack(try elements.map { try value($0) }))[0])
    case .spread(let number, let shape): return .value(builder.fill(try value(number), sizes(shape)))
    case .build(let axes, let body): return try build(axes, body, type: expression.type)
    case .reduction(let reduction, let axes, let condition, let body): return try reduce(reduction, axes, condition, body)
    case .fold(let reduction, let array): return try fold(reduction, try value(array))
    case .contract(let left, let right): return .value(contract(try value(left), try value(right)))
    case .conditional(let condition, let then, let otherwise):
      let holds = try value(condition)
      let first = try block { try $0.lower($0.newScope(), then).values }
      let second = try block { try $0.lower($0.newScope(), otherwise).values }
      return Lowered(expression.type, builder.emit(.branch(condition: holds, then: first, otherwise: second)))
    case .block(let block): return try lower(newScope(), block)
    case .function(let function): return .function(closure(function))
    case .inject(let inject): return .value(try lower(inject))
    case .bypass(let value, let like):
      let value = try self.value(value)
      let smooth = try self.value(like)
      let parameter = builder.fresh(builder.values[value])
      let block = builder.block(parameters: [parameter]) { [$0.real(1)] }
      return .value(builder.emit(.ruled(value, [Rule(target: smooth, kind: .slope, block: block)]))[0])
    case .gradient(let result, let variable): return .value(try gradient(of: result, wrt: variable, range: expression.range))
    case .jacobian(let result, let variable): return .value(try jacobian(of: result, wrt: variable, range: expression.range))
    case .jvp(let result, let tangents): return .value(try jvp(of: result, tangents: tangents, range: expression.range))
    case .advance(let instance, let arguments): return try advance(instance, arguments)
    }
  }

  private mutating func lower(_ variable: VariableID) throws -> Lowered {
    if let bound = scope.lookup(variable) { return bound }
    if let constant = program.constants[variable] { return try lower(constant) }
    preconditionFailure("no value for '\(program[variable].name)'")
  }

  func newScope() -> Scope { Scope(parent: scope, sizes: scope.sizes) }

  // MARK: Element by element

  /// A tree of primitives over one shape as one map: what is no primitive is computed before.
  private mutating func elementwise(_ expression: TypedExpression) throws -> Value {
    var leaves: [Value] = []
    try collectLeaves(expression, &leaves)
    let shape = sizes(expression.type.shape ?? [])
    if shape.isEmpty {
      var rest = leaves[...]
      return try scalarTree(expression, [], &rest)
    }
    let indices = shape.map { _ in builder.fresh(.integer) }
    let body = try block { lowerer in
      var rest = leaves[...]
      return [try lowerer.scalarTree(expression, indices, &rest)]
    }
    return builder.emit(.map(Map(axes: zip(indices, shape).map { Axis(index: $0, size: $1) }, body: body)))[0]
  }

  private mutating func collectLeaves(_ expression: TypedExpression, _ leaves: inout [Value]) throws {
    switch expression.kind {
    case .primitive(_, let operands):
      for operand in operands { try collectLeaves(operand, &leaves) }
    case .real, .integer, .boolean, .size: break
    default: leaves.append(try value(expression))
    }
  }

  private mutating func scalarTree(_ expression: TypedExpression, _ indices: [Value], _ leaves: inout ArraySlice<Value>) throws -> Value {
    switch expression.kind {
    case .primitive(let primitive, let operands):
      var numbers: [Value] = []
      for operand in operands { numbers.append(try scalarTree(operand, indices, &leaves)) }
      return try apply(primitive, numbers)
    case .real, .integer, .boolean, .size: return try value(expression)
    default:
      let leaf = leaves.removeFirst()
      return builder.values[leaf].isScalar ? leaf : builder.read(leaf, indices)
    }
  }

  // MARK: Arrays

  private mutating func subscripted(_ array: Value, _ subscripts: [TypedSubscript]) throws -> Value {
    var leading: [Value] = []
    var rest = subscripts[...]
    while case .index(let index)? = rest.first {
      leading.append(try value(index))
      rest = rest.dropFirst()
    }
    let view = builder.read(array, leading)
    if rest.allSatisfy({ if case .all = $0 { true } else { false } }) { return view }
    enum Place { case fixed(Value), moved(by: Value), same }
    var places: [Place] = []
    var shape: [Size] = []
    let viewShape = builder.values[view].shape
    for (axis, item) in rest.enumerated() {
      switch item {
      case .index(let index): places.append(.fixed(try value(index)))
      case .range(let lower, let count):
        places.append(.moved(by: try value(lower)))
        shape.append(size(count))
      case .all:
        places.append(.same)
        shape.append(viewShape[axis])
      }
    }
    return builder.map(shape) { builder, indices in
      var next = indices[...]
      let all = places.map { place in
        switch place {
        case .fixed(let index): index
        case .moved(let offset): builder.primitive(.add, [offset, next.removeFirst()])
        case .same: next.removeFirst()
        }
      }
      return [builder.read(view, all)]
    }[0]
  }

  private mutating func bindAxes(_ axes: [TypedAxis], in inner: Scope) -> [Axis] {
    axes.map { axis in
      let index = builder.fresh(.integer, name: program[axis.variable].name)
      inner.bind(axis.variable, .value(index))
      return Axis(index: index, size: size(axis.size))
    }
  }

  private mutating func build(_ axes: [TypedAxis], _ body: TypedBlock, type: Type) throws -> Lowered {
    let inner = newScope()
    let bound = bindAxes(axes, in: inner)
    let block = try block { try $0.lower(inner, body).values }
    return Lowered(type, builder.emit(.map(Map(axes: bound, body: block))))
  }

  private mutating func reduce(
    _ reduction: Reduction, _ axes: [TypedAxis], _ condition: TypedExpression?, _ body: TypedBlock
  ) throws -> Lowered {
    let inner = newScope()
    let bound = bindAxes(axes, in: inner)
    let conditionBlock = try condition.map { condition in
      try block { lowerer in try lowerer.within(inner, lowerer.rules) { [try $0.value(condition)] } }
    }
    let bodyBlock = try block { try $0.lower(inner, body).values }
    let op = ReduceOperator(reduction)
    let results = builder.emit(.reduce(Reduce(op: op, axes: bound, condition: conditionBlock, body: bodyBlock)))
    if reduction != .mean { return Lowered(body.value.type.reduced(by: reduction), results) }

    let count: Value
    if let conditionBlock {
      let points = builder.block { [$0.real(1)] }
      let again = Reduce(op: .sum, axes: bound, condition: conditionBlock, body: points)
      let statement = Statement(results: [builder.fresh(.real)], operation: .reduce(again))
      var names: [Value: Value] = [:]
      builder.copy(statement, replacing: &names)
      count = names[statement.results[0]]!
    } else {
      count = builder.primitive(.realFromInteger, [builder.size(bound.map(\.size).reduce(Size(1)) { $0 * $1 })])
    }
    return Lowered(body.value.type, results.map { divided($0, by: count) })
  }

  private mutating func divided(_ value: Value, by count: Value) -> Value {
    builder.elementwise(over: builder.values[value].shape) { [$0.primitive(.divide, [$0.read(value, $1), count])] }[0]
  }

  private mutating func fold(_ reduction: Reduction, _ array: Value) throws -> Lowered {
    let shape = builder.values[array].shape
    if shape.isEmpty { return .value(array) }
    let results = builder.reduce(ReduceOperator(reduction), shape) { [$0.read(array, $1)] }
    if reduction != .mean { return .value(results[0]) }
    let count = builder.primitive(.realFromInteger, [builder.size(shape.reduce(Size(1)) { $0 * $1 })])
    return .value(builder.primitive(.divide, [results[0], count]))
  }

  private mutating func contract(_ left: Value, _ right: Value) -> Value {
    let leftShape = builder.values[left].shape
    let rightShape = builder.values[right].shape
    let outer = Array(leftShape.dropLast()) + Array(rightShape.dropFirst())
    return builder.elementwise(over: outer) { builder, indices in
      let first = indices.prefix(leftShape.count - 1)
      let second = indices.dropFirst(leftShape.count - 1)
      return builder.reduce(.sum, [leftShape.last!]) { builder, k in
        [builder.primitive(.multiply, [builder.read(left, first + k), builder.read(right, k + second)])]
      }
    }[0]
  }
}

extension ReduceOperator {
  init(_ reduction: Reduction) {
    switch reduction {
    case .sum, .mean: self = .sum
    case .product: self = .product
    case .max: self = .max
    case .min: self = .min
    case .argmax: self = .argmax
    case .argmin: self = .argmin
    }
  }
}

extension Type {
  /// The type of a reduction whose body has this type.
  func reduced(by reduction: Reduction) -> Type {
    switch reduction {
    case .argmax, .argmin: .integer
    case .sum, .product, .max, .min, .mean: self
    }
  }
}
