import ModelDSL

/// A procedure as straight imperative code over flat memory: what emission prints. Every array has a place, every loop an order.
struct Plan {
  /// A number or a pointer of the emitted function's own. Its name is found where it is printed.
  struct Local: Hashable {
    let id: Int
  }

  enum LocalType: Hashable {
    case number(Element)
    case pointer(Element, isMutable: Bool)
    /// So many real numbers side by side.
    case vector(lanes: Int)
    /// So many conditions side by side.
    case mask(lanes: Int)
  }

  struct LocalInfo {
    var type: LocalType
    /// The wish; made unique among what is visible.
    var name: String
  }

  struct FieldID: Hashable {
    let index: Int
  }

  /// Something that a call has from its beginning: an argument, or memory.
  struct Field {
    enum Role: Hashable {
      /// A number that is given at the call.
      case argument
      /// An array that is given at the call.
      case input
      /// An array that the call fills.
      case result
      /// Memory that all threads see.
      case shared
      /// Memory of one thread.
      case lane
    }
    var name: String
    var element: Element
    /// Number of elements; 1 for an argument.
    var count: Size
    var role: Role
    /// For memory: the slot of the workspace; fields of one slot are never alive together.
    var slot: Int?
    /// Whether a thread's part of a parallel region adds into a copy of its own, to be added to this field afterwards.
    var isSummed = false
    var isPointer: Bool { role != .argument }
  }

  struct Slot {
    var element: Element
    var count: Size
    var isLane: Bool
  }

  enum Base: Hashable {
    case field(FieldID)
    case local(Local)
  }

  struct Pointer: Hashable {
    var base: Base
    var offset: Expression?
    var element: Element
    init(_ base: Base, offset: Expression? = nil, element: Element) {
      self.base = base
      self.offset = offset
      self.element = element
    }
    func advanced(by distance: Expression?) -> Pointer {
      var result = self
      result.offset = Expression.sum(offset, distance)
      return result
    }
  }

  indirect enum Expression: Hashable {
    case constant(Constant)
    case size(Size)
    case local(Local)
    case argument(FieldID)
    case load(Pointer)
    case primitive(Primitive, [Expression])
    case select(Expression, Expression, Expression)
    /// The sum of the products of so many elements.
    case dot(Pointer, Pointer, count: Expression)
    /// `c + a * b`, or `c - a * b`, rounded once where the target can.
    case multiplyAdd(Expression, Expression, Expression, isNegated: Bool)
    /// Neighbouring elements side by side.
    case vector(Pointer, lanes: Int)
    /// One number in every lane.
    case splat(Expression, lanes: Int)
    /// A number for each lane, which the expression mentions.
    case gather(Expression, lane: Local, lanes: Int)
    /// One lane of a vector.
    case lane(Local, Expression)
    /// The sum, the greatest or the least of a vector's lanes.
    case total(Expression, Primitive)
  }

  struct Loop {
    var index: Local
    /// Runs over `0 ..< count`, or from `start` up to `count`.
    var start: Expression?
    var count: Expression
    var isDown = false
    /// Whether the iterations may run in any order: none reads what another writes.
    var isParallel = false
    /// Runs only where an element of this array is above 0; the local is where a group of them starts.
    var spikes: (array: Pointer, start: Local)?
    /// How many iterations one run of the body takes: up to a tile. nil: `stride`.
    var samples: Local?
    /// How many iterations a run of the body stands for: only whole groups are run.
    var stride = 1
    /// Begins where the loop before it, over the same index, has ended.
    var continues = false
    var body: [Step]
  }

  struct BoundedLoop {
    var name: String
    var counter: Local
    var bound: Size
    var conditionSteps: [Step]
    var condition: Expression
    var body: [Step]
  }

  /// Independent iterations over the batch, in fixed chunks.
  struct Region {
    var index: Local
    /// How many samples one iteration takes: up to a tile. nil: one.
    var samples: Local?
    /// Of the iterations of one chunk.
    var body: [Step]
    var sums: [FieldID]
    var batch: SizeSymbol
    var mayFail: Bool
    /// Where each chunk notes that it failed.
    var failed: FieldID?
  }

  indirect enum Step {
    case notes([Note])
    case define(Local, Expression)
    /// A `let` that is given its value in a branch.
    case declare(Local)
    case variable(Local, Expression)
    case assign(Local, Expression)
    /// `local += e`
    case increase(Local, Expression)
    case pointer(Local, Pointer, isVariable: Bool)
    case repoint(Local, Pointer)
    case swap(Local, Local)
    case store(Pointer, Expression)
    /// `pointer[…] += e`
    case add(Pointer, Expression)
    /// Lane after lane to places of their own, which mention the lane.
    case scatter(Expression, lane: Local, to: Pointer, isAdding: Bool)
    case fill(Pointer, count: Expression, Expression)
    case copy(from: Pointer, to: Pointer, count: Size)
    case product(Product)
    case rowProduct(RowProduct)
    case rowSum(RowSum)
    case loop(Loop)
    case bounded(BoundedLoop)
    case branch(Expression, [Step], [Step])
    case parallel(Region)
    /// A part of the function that stands in a function of its own.
    case call(Part)
  }

  /// Steps in a function of their own.
  struct Part {
    var name: String
    var parameters: [Local]
    /// Locals that it changes.
    var changed: [Local]
    /// Numbers and pointers that it defines for what follows.
    var results: [Local]
    var body: [Step]
    var mayFail: Bool
  }

  var name: String
  var locals: [LocalInfo] = []
  var fields: [Field] = []
  var slots: [Slot] = []
  /// Size symbols that the code may mention.
  var sizes: [SizeSymbol] = []
  /// Sizes that follow from them.
  var roots: [SizeRoot] = []
  /// One field for each input of the procedure; nil for one that defines a size.
  var inputs: [FieldID?] = []
  /// One for each result: a field where it is an array, else the number's expression at the end.
  var results: [ResultPlace] = []
  var body: [Step] = []
  var mayFail = false
  /// Whether something is compared with a threshold: what stands before it is rounded as it is everywhere, so that decisions are the same.
  var hasThresholds = false
  /// Loops that may end the call, by name.
  var loops: [String] = []

  enum ResultPlace {
    case array(FieldID)
    case number(Expression, Element)
  }

  subscript(field: FieldID) -> Field { fields[field.index] }
  subscript(local: Local) -> LocalInfo { locals[local.id] }

  var hasMemory: Bool { !slots.isEmpty }
  var isParallel: Bool { body.contains { if case .parallel = $0 { true } else { false } } }
}

extension Plan.Expression {
  static func integer(_ value: Int) -> Self { .constant(.integer(value)) }
  static func real(_ value: Double) -> Self { .constant(.real(value)) }

  /// The size as an expression.
  init(_ size: Size) { self = size.constant.map { .constant(.integer($0)) } ?? .size(size) }

  var integerConstant: Int? {
    if case .constant(.integer(let value)) = self { return value }
    return nil
  }

  /// The sum of two offsets; nil is 0.
  static func sum(_ a: Self?, _ b: Self?) -> Self? {
    guard let a else { return b }
    guard let b else { return a }
    if a.integerConstant == 0 { return b }
    if b.integerConstant == 0 { return a }
    if let x = a.integerConstant, let y = b.integerConstant { return .integer(x + y) }
    return .primitive(.add, [a, b])
  }

  static func product(_ a: Self, _ size: Size) -> Self {
    if size.constant == 1 { return a }
    if let x = a.integerConstant {
      if x == 0 { return .integer(0) }
      if x == 1 { return Self(size) }
      if let y = size.constant { return .integer(x * y) }
    }
    return .primitive(.multiply, [a, Self(size)])
  }

  /// How many operations the expression prints as, those of indices not counted.
  var weight: Int {
    switch self {
    case .constant, .size, .local, .argument, .load: 0
    case .primitive(_, let operands): operands.reduce(1) { $0 + $1.weight }
    case .select(let a, let b, let c): 1 + a.weight + b.weight + c.weight
    case .dot, .gather, .total: 1
    case .multiplyAdd(let a, let b, let c, _): 1 + a.weight + b.weight + c.weight
    case .vector, .splat, .lane: 0
    }
  }

  /// Free to be written again wherever it is used.
  var isAtom: Bool {
    switch self {
    case .constant, .local, .argument: true
    case .size(let size): size.symbol != nil
    case .load, .primitive, .select, .dot, .vector, .splat, .gather, .lane, .total, .multiplyAdd: false
    }
  }

  /// Whether it reads memory.
  var loads: Bool {
    switch self {
    case .constant, .size, .local, .argument: false
    case .load, .dot, .vector: true
    case .splat(let value, _), .gather(let value, _, _), .lane(_, let value), .total(let value, _): value.loads
    case .primitive(_, let operands): operands.contains(where: \.loads)
    case .select(let a, let b, let c), .multiplyAdd(let a, let b, let c, _): a.loads || b.loads || c.loads
    }
  }

  /// Every local that it mentions.
  func visit(_ body: (Plan.Local) -> Void) {
    switch self {
    case .constant, .size, .argument: break
    case .local(let local): body(local)
    case .load(let pointer): pointer.visit(body)
    case .primitive(_, let operands): for operand in operands { operand.visit(body) }
    case .select(let a, let b, let c), .multiplyAdd(let a, let b, let c, _):
      a.visit(body)
      b.visit(body)
      c.visit(body)
    case .dot(let a, let b, let count):
      a.visit(body)
      b.visit(body)
      count.visit(body)
    case .vector(let pointer, _): pointer.visit(body)
    case .splat(let value, _), .total(let value, _): value.visit(body)
    case .gather(let value, let lane, _): value.visit { if $0 != lane { body($0) } }
    case .lane(let vector, let place):
      body(vector)
      place.visit(body)
    }
  }
}

extension Plan.Pointer {
  func visit(_ body: (Plan.Local) -> Void) {
    if case .local(let local) = base { body(local) }
    offset?.visit(body)
  }
}
