// The array IR. Single assignment: each `Value` is defined once, by a statement, as a parameter of a block, as the index of an axis, or as the
// token of an accumulator. Blocks see the values of the blocks around them. Primitives work on single numbers; an operation on arrays
// is a `map` whose body reads, computes and yields numbers. Every construct has one meaning, which `Interpreter` defines.

import ModelDSL

/// Names one value of a procedure; its type is in the procedure's `ValueTable`.
public struct Value: Hashable, Sendable, Comparable {
  public let id: Int
  public init(_ id: Int) { self.id = id }
  public static func < (a: Value, b: Value) -> Bool { a.id < b.id }
}

public enum Element: Hashable, Sendable { case real, integer, boolean }

/// A number (empty shape) or a row-major array.
public struct ValueType: Hashable, Sendable {
  public var element: Element
  public var shape: [Size]
  public init(_ element: Element, _ shape: [Size] = []) {
    self.element = element
    self.shape = shape
  }
  public static let real = ValueType(.real)
  public static let integer = ValueType(.integer)
  public static let boolean = ValueType(.boolean)
  public var isScalar: Bool { shape.isEmpty }
}

/// The types of a procedure's values and the words that a reader knows them by.
public struct ValueTable: Sendable {
  public struct Entry: Sendable {
    public var type: ValueType
    /// The model's own name for it, where it has one; not unique.
    public var name: String?
  }
  public private(set) var entries: [Entry] = []
  public init() {}

  public mutating func add(_ type: ValueType, name: String? = nil) -> Value {
    entries.append(Entry(type: type, name: name))
    return Value(entries.count - 1)
  }
  public subscript(value: Value) -> ValueType { entries[value.id].type }
  public func name(of value: Value) -> String? { entries[value.id].name }
  public mutating func setName(_ name: String?, of value: Value) { entries[value.id].name = name }
  public mutating func setType(_ type: ValueType, of value: Value) { entries[value.id].type = type }
}

/// One dimension of an iteration: `index` is an integer in scope of the body.
public struct Axis: Sendable {
  public var index: Value
  public var size: Size
  public init(index: Value, size: Size) {
    self.index = index
    self.size = size
  }
}

public struct Block: Sendable {
  public var parameters: [Value]
  public var statements: [Statement]
  public var results: [Value]
  public init(parameters: [Value] = [], statements: [Statement] = [], results: [Value] = []) {
    self.parameters = parameters
    self.statements = statements
    self.results = results
  }
}

/// What a statement computes in the model's notation: printed above the code that it becomes.
public struct Note: Hashable, Sendable {
  public enum Direction: Hashable, Sendable { case primal, tangent, adjoint }
  public var direction: Direction
  /// `next y = leak * y + (1 - leak) * (outputWeight @ next z)`
  public var equation: String
  public init(_ direction: Direction, _ equation: String) {
    self.direction = direction
    self.equation = equation
  }
}

public struct Statement: Sendable {
  public var results: [Value]
  public var operation: Operation
  public var notes: [Note]
  public init(results: [Value], operation: Operation, notes: [Note] = []) {
    self.results = results
    self.operation = operation
    self.notes = notes
  }
}

public enum Constant: Hashable, Sendable {
  case real(Double)
  case integer(Int)
  case boolean(Bool)

  /// Real numbers are equal if their bits are: 0 and -0 are two constants.
  public static func == (a: Constant, b: Constant) -> Bool {
    switch (a, b) {
    case (.real(let a), .real(let b)): a.bitPattern == b.bitPattern
    case (.integer(let a), .integer(let b)): a == b
    case (.boolean(let a), .boolean(let b)): a == b
    case (.real, _), (.integer, _), (.boolean, _): false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .real(let value): hasher.combine(value.bitPattern)
    case .integer(let value): hasher.combine(value)
    case .boolean(let value): hasher.combine(value)
    }
  }
}

public indirect enum Operation: Sendable {
  case constant(Constant)
  /// The size as an integer.
  case size(Size)
  /// On numbers.
  case primitive(Primitive, [Value])
  /// `a[i, j]`: indices for the leading axes; with fewer than all, a row (a view, not a copy).
  case read(Value, [Value])
  /// Equal types stacked along a new first axis: an array literal.
  case pack([Value])
  /// Independent iterations. Results are stacked: axes first, then the shape of what the body yields.
  case map(Map)
  case reduce(Reduce)
  case scan(Scan)
  case whileLoop(While)
  /// Evaluates one side.
  case branch(condition: Value, then: Block, otherwise: Block)
  /// The array with one element or row replaced.
  case update(Value, [Value], Value)
  /// Opens accumulators for its body; results are those of the body, then the sums.
  case accumulating(Accumulating)
  /// `token[indices] += value`, whose shape is what the indices leave. No result. Additions commute: order is free, but fixed.
  case accumulate(into: Value, [Value], Value)
  /// `value`, with a derivative rule that stands in its place: differentiation does not look behind it.
  case ruled(Value, [Rule])
}

public struct Map: Sendable {
  public var axes: [Axis]
  /// No parameters.
  public var body: Block
  public init(axes: [Axis], body: Block) {
    self.axes = axes
    self.body = body
  }
}

public enum ReduceOperator: String, Hashable, Sendable, CaseIterable {
  case sum, product, max, min
  /// One integer result for each axis: the first place of the extreme.
  case argmax, argmin
}

/// A reduction over axes. `sum` may yield several values of any shape, added element by element; the others yield one number.
/// Empty: sum 0, product 1, max -inf, min +inf, argmax and argmin 0.
public struct Reduce: Sendable {
  public var op: ReduceOperator
  public var axes: [Axis]
  /// Yields a boolean; points where it is false do not count. Evaluated first.
  public var condition: Block?
  public var body: Block
  public init(op: ReduceOperator, axes: [Axis], condition: Block? = nil, body: Block) {
    self.op = op
    self.axes = axes
    self.condition = condition
    self.body = body
  }
}

/// A sequential loop. The body's parameters are the carried values; it yields their successors, then the rows to stack.
/// Results: the last carried values, then the stacked arrays (row t is that of iteration t in either direction).
public struct Scan: Sendable {
  public var axis: Axis
  public var down: Bool
  /// Where given, only `0 ..< trips` of the axis is run, and rows beyond are 0.
  public var trips: Value?
  public var initial: [Value]
  public var body: Block
  public init(axis: Axis, down: Bool = false, trips: Value? = nil, initial: [Value], body: Block) {
    self.axis = axis
    self.down = down
    self.trips = trips
    self.initial = initial
    self.body = body
  }
}

/// Runs while the condition holds, `bound` times at most, else fails naming the loop. Both blocks have the carried values as parameters.
/// Body: successors, then rows to stack. Results: last carried values, stacked arrays (`bound` rows), the number of iterations (an integer).
public struct While: Sendable {
  public var name: String
  public var bound: Size
  public var initial: [Value]
  public var condition: Block
  public var body: Block
  public init(name: String, bound: Size, initial: [Value], condition: Block, body: Block) {
    self.name = name
    self.bound = bound
    self.initial = initial
    self.condition = condition
    self.body = body
  }
}

public struct Accumulating: Sendable {
  public struct Accumulator: Sendable {
    /// Written by `accumulate` in the body and never read there; its type is that of the sum.
    public var token: Value
    /// What the sum starts from; nil for zeros.
    public var initial: Value?
    public init(token: Value, initial: Value? = nil) {
      self.token = token
      self.initial = initial
    }
  }
  public var accumulators: [Accumulator]
  public var body: Block
  public init(accumulators: [Accumulator], body: Block) {
    self.accumulators = accumulators
    self.body = body
  }
}

/// The derivative of a `ruled` value with respect to one value. A block's captured values count as constants of the rule.
public struct Rule: Sendable {
  public enum Kind: Hashable, Sendable {
    /// Parameter: the ruled value. Yields the slope, of the value's shape, of the target's, or a number.
    case slope
    /// Parameters: the cotangent of the ruled value, and the ruled value. Yields the cotangent of the target.
    case cotangent
  }
  public var target: Value
  public var kind: Kind
  public var block: Block
  public init(target: Value, kind: Kind, block: Block) {
    self.target = target
    self.kind = kind
    self.block = block
  }
}

/// A size that follows from another at the call: the least whole number whose power of `degree` reaches `radicand`.
public struct SizeRoot: Hashable, Sendable {
  public var symbol: SizeSymbol
  public var radicand: Size
  public var degree: Int
  public init(symbol: SizeSymbol, radicand: Size, degree: Int) {
    self.symbol = symbol
    self.radicand = radicand
    self.degree = degree
  }

  /// At least 1.
  public static func value(of radicand: Int, degree: Int) -> Int {
    var root = 1
    while (0..<degree).reduce(1, { power, _ in power * root }) < radicand { root += 1 }
    return root
  }
}

/// A function of the IR: what one emitted function computes.
public struct Procedure: Sendable {
  public struct Input: Sendable {
    public var value: Value
    public var name: String
    /// Integers that must lie in `0 ..< bound`: checked at entry.
    public var indexBound: Size?
    /// Where the input is a number that serves as a size: the symbol that it defines.
    public var sizeSymbol: SizeSymbol?
    /// Of a number: what it is for a caller who leaves it out.
    public var standard: Constant?
    public init(value: Value, name: String, indexBound: Size? = nil, sizeSymbol: SizeSymbol? = nil, standard: Constant? = nil) {
      self.value = value
      self.name = name
      self.indexBound = indexBound
      self.sizeSymbol = sizeSymbol
      self.standard = standard
    }
  }
  public var name: String
  /// Sizes given at the call, all of them.
  public var sizes: [SizeSymbol]
  /// Further sizes, which follow from those given.
  public var roots: [SizeRoot] = []
  public var inputs: [Input]
  /// Names of the results, in the order of `body.results`; `x.gradient`-like names are the caller's affair.
  public var resultNames: [String]
  /// Parameters are the inputs' values.
  public var body: Block
  public var values: ValueTable
  public var requirements: [SizeRequirement]
  public init(
    name: String, sizes: [SizeSymbol], inputs: [Input], resultNames: [String], body: Block, values: ValueTable,
    requirements: [SizeRequirement]
  ) {
    self.name = name
    self.sizes = sizes
    self.inputs = inputs
    self.resultNames = resultNames
    self.body = body
    self.values = values
    self.requirements = requirements
  }
}

/// The rule of each primitive as a template, from the rule table; what differentiation knows of primitives.
public struct RuleTable: Sendable {
  public struct Entry: Sendable {
    /// Which operand.
    public var operand: Int
    public var kind: Rule.Kind
    /// Parameters: the operands, then (for `.cotangent`) the cotangent, then the result. All numbers; captures nothing.
    public var block: Block
    public init(operand: Int, kind: Rule.Kind, block: Block) {
      self.operand = operand
      self.kind = kind
      self.block = block
    }
  }
  public var entries: [Primitive: [Entry]]
  /// Types of the templates' values.
  public var values: ValueTable
  public init(entries: [Primitive: [Entry]], values: ValueTable) {
    self.entries = entries
    self.values = values
  }
}
