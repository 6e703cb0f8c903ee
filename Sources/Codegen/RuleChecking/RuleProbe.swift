import ModelDSL

/// A rule as something that can be evaluated: its inputs are what its value, slopes and bodies read, and its procedures compute all of them
/// at many points in one run. Along a *line* one input takes the points' values in all of its elements, and the others stay.
struct RuleProbe {
  struct Input {
    enum Source: Hashable {
      case variable(VariableID)
      case next(VariableID)
      /// An argument of the rule's function that the rule does not name.
      case argument(Int)
    }
    let source: Source
    let name: String
    /// At one point.
    let type: ValueType
    let isIndex: Bool
    /// What the source says of its value: a default, a setting's value, the middle of where a parameter starts.
    let known: Double?
  }

  let inputs: [Input]
  private let context: ProbeContext
  /// What `let`s stand for that depend on the inputs, each after those that it reads.
  private let definitions: [(variable: VariableID, value: TypedExpression)]
  private let interpreter: Interpreter

  /// What one run gave of one result.
  struct Column {
    /// The first element of the result, at each point.
    var first: [Double]
    /// Whether all elements are finite, at each point.
    var isFinite: [Bool]
    /// Whether all elements are 0, at each point.
    var isZero: [Bool]
    /// Whether all elements but the first are 0, at each point.
    var restIsZero: [Bool]
  }

  /// Nil where something in the rule cannot be evaluated on its own. `kept` are inputs whatever the source says that they stand for;
  /// `arguments` are those of the rule's function that the rule does not name.
  init?(
    _ expressions: [TypedExpression], arguments: [(place: Int, type: Type, known: Double?)], kept: Set<VariableID>,
    bound: Set<VariableID>, _ context: ProbeContext
  ) {
    var free = FreeVariables(context, kept: kept, bound: bound)
    for variable in kept.sorted(by: { $0.index < $1.index }) { free.addInput(variable) }
    for expression in expressions { free.add(expression) }
    for case .literal(let parameters, let body) in context.functions.map(\.value) { free.add(body, declaring: parameters) }
    var inputs: [Input] = []
    func add(_ source: Input.Source, _ name: String, _ type: Type, _ known: Double?) -> Bool {
      guard case .array(let scalar, let shape) = type else { return false }
      let isIndex = if case .index = scalar { true } else { false }
      inputs.append(Input(source: source, name: name, type: ValueType(Element(scalar), shape), isIndex: isIndex, known: known))
      return true
    }
    if free.isBroken { return nil }
    for source in free.sources {
      switch source {
      case .variable(let id), .next(let id):
        let variable = context.program[id]
        let isUnit = variable.role == .cotangent && variable.type == .real
        guard add(source, variable.name, variable.type, isUnit ? 1 : context.knownValues[id]) else { return nil }
      case .argument: break
      }
    }
    for argument in arguments {
      guard add(.argument(argument.place), "argument \(argument.place)", argument.type, argument.known) else { return nil }
    }
    self.inputs = inputs
    definitions = free.definitions
    self.context = context
    interpreter = Interpreter(precision: context.program.precision)
    // Beyond that a run costs more than it tells.
    if elementCount > 20_000 { return nil }
  }

  /// How many numbers one point has.
  var elementCount: Int { inputs.reduce(1) { $0 + Self.extents($1.type.shape).reduce(1, *) } }

  private static func extents(_ shape: [Size]) -> [Int] {
    shape.map { size in max(0, size.evaluated(Dictionary(uniqueKeysWithValues: size.symbols.map { ($0, runTimeSize) })) ?? 0) }
  }

  /// What sizes are that are known at run time only.
  private static let runTimeSize = 3

  func place(of variable: VariableID) -> Int? { inputs.firstIndex { $0.source == .variable(variable) } }

  /// The places of inputs of which the source says nothing.
  var unknown: [Int] { inputs.indices.filter { inputs[$0].known == nil } }

  // MARK: Procedures

  /// A procedure over all points. `body` has every input bound, and gets the arguments by place; it gives the results at one point.
  func procedure(under rules: [[RuleDeclaration]], _ body: (inout Lowerer, [Int: Value]) throws -> [Value]) -> Procedure? {
    var lowerer = Lowerer(context.program, primitiveRules: context.table)
    let scope = Scope(parent: nil, sizes: [:])
    let inForce = rules.reduce(RulesInForce()) { $0.adding($1, scope: scope) }
    let arrays = inputs.map { input in
      lowerer.builder.fresh(ValueType(input.type.element, [Size(ProbeContext.points)] + input.type.shape), name: input.name)
    }
    let index = lowerer.builder.fresh(.integer)
    do {
      let block = try lowerer.within(scope, inForce) { lowerer in
        try lowerer.block { lowerer in
          var arguments: [Int: Value] = [:]
          for (input, array) in zip(inputs, arrays) {
            let value = lowerer.builder.read(array, [index], name: input.name)
            switch input.source {
            case .variable(let id): scope.bind(id, .value(value))
            case .next(let id): scope.setSuccessor(of: id, value)
            case .argument(let place): arguments[place] = value
            }
          }
          for (variable, function) in context.functions { scope.bind(variable, .function(lowerer.closure(function))) }
          for (variable, definition) in definitions { scope.bind(variable, try lowerer.lower(definition)) }
          return try body(&lowerer, arguments)
        }
      }
      let results = lowerer.builder.emit(.map(Map(axes: [Axis(index: index, size: Size(ProbeContext.points))], body: block)))
      let whole = Block(parameters: arrays, statements: lowerer.builder.takeStatements(), results: results)
      let symbols = arrays.reduce(whole.sizeSymbols) { $0.union(lowerer.builder.values[$1].shape.flatMap(\.symbols)) }
      return Procedure(
        name: "rule", sizes: symbols.sorted(), inputs: zip(arrays, inputs).map { Procedure.Input(value: $0, name: $1.name) },
        resultNames: results.indices.map { "result\($0)" }, body: whole, values: lowerer.builder.values, requirements: [])
    } catch {
      return nil
    }
  }

  // MARK: Runs

  /// The values of the inputs that stay, of which there are several sets where the source does not say.
  static let assignments: [Double] = [1, 0.5, 2]

  /// What one number of an input is, where the source does not say. Numbers differ a little, so that nothing cancels by chance.
  private func guess(_ place: Int, element: Int, _ assignment: Double) -> Double {
    assignment * (1 + 0.015625 * Double((place * 5 + element * 3) % 16))
  }

  /// The values of the inputs that are numbers; of others, something.
  func scalarInputs(assignment: Double) -> [Double] {
    inputs.enumerated().map { place, input in
      if let known = input.known { return known }
      switch input.type.element {
      case .real: return guess(place, element: 0, assignment)
      case .integer: return Double(input.isIndex ? 0 : Int(assignment * 2))
      case .boolean: return 0
      }
    }
  }

  /// What a derivative along a line is taken for.
  enum Tangent { case none, allElements, firstElement }

  /// One column for each result; nil where the interpreter refuses. With `spreads` the elements of the line's input differ, the first being the
  /// point, and so do their tangents: what is 0 for equal elements alone is not taken for 0.
  func run(
    _ procedure: Procedure, line: Int?, at points: [Double], assignment: Double, tangent: Tangent = .none, spreads: Bool = false
  ) -> [Column]? {
    var values: [ArrayValue] = []
    for (place, input) in inputs.enumerated() {
      let shape = Self.extents(input.type.shape)
      let elements = shape.reduce(1, *)
      let total = [points.count] + shape
      switch input.type.element {
      case .real:
        var numbers: [Double] = []
        numbers.reserveCapacity(points.count * elements)
        for point in points {
          for element in 0..<elements {
            if place == line {
              numbers.append(spreads ? point + 0.375 * Double(element) : point)
            } else {
              numbers.append(input.known ?? guess(place, element: element, assignment))
            }
          }
        }
        values.append(.reals(numbers, shape: total))
      case .integer:
        let number = input.known.map { Int($0) } ?? (input.isIndex ? 0 : Int(assignment * 2))
        values.append(.integers([Int](repeating: number, count: points.count * elements), shape: total))
      case .boolean: values.append(.booleans([Bool](repeating: (input.known ?? 0) != 0, count: points.count * elements), shape: total))
      }
    }
    if tangent != .none, let line {
      let elements = max(1, values[line].count / max(1, points.count))
      let tangents = (0..<values[line].count).map { place -> Double in
        let element = place % elements
        return spreads ? 1 - 0.3125 * Double(element) : tangent == .allElements || element == 0 ? 1 : 0
      }
      values.append(.reals(tangents, shape: values[line].shape))
    }
    var given = Dictionary(uniqueKeysWithValues: procedure.sizes.map { ($0, Self.runTimeSize) })
    given[ProbeContext.points] = points.count
    guard let results = try? interpreter.run(procedure, inputs: values, sizes: given) else { return nil }
    return results.map { result in
      let numbers = result.reals
      let elements = points.isEmpty ? 0 : numbers.count / points.count
      var column = Column(first: [], isFinite: [], isZero: [], restIsZero: [])
      for point in points.indices {
        let range = point * elements..<(point + 1) * elements
        column.first.append(range.isEmpty ? 0 : numbers[range.lowerBound])
        column.isFinite.append(numbers[range].allSatisfy(\.isFinite))
        column.isZero.append(numbers[range].allSatisfy { $0 == 0 })
        column.restIsZero.append(numbers[range].dropFirst().allSatisfy { $0 == 0 })
      }
      return column
    }
  }

  /// The derivative of a procedure's results along a line: a procedure whose last results are the tangents, and how many there are.
  func derivative(of procedure: Procedure, line: Int) -> Procedure? {
    try? Differentiation.jvp(of: prepared(procedure), wrt: [line], rules: context.table)
  }
}

/// What the rules of one program share when they are looked at.
struct ProbeContext {
  /// How many points a run has.
  static let points = SizeSymbol(id: -1, name: "points")

  let program: CheckedProgram
  let table: RuleTable
  /// What each `let` of a single name stands for.
  let definitions: [VariableID: TypedExpression]
  let knownValues: [VariableID: Double]
  /// Functions that the cell's instance was given, where the rule stands in one.
  var functions: [(variable: VariableID, value: FunctionValue)] = []
}

extension Block {
  /// The sizes in it that are known at run time only.
  var sizeSymbols: Set<SizeSymbol> {
    var found: Set<SizeSymbol> = []
    for statement in statements {
      _ = statement.operation.rewritten(
        value: { $0 },
        size: { size in
          found.formUnion(size.symbols)
          return size
        },
        block: { block in
          found.formUnion(block.sizeSymbols)
          return block
        })
    }
    return found
  }
}
