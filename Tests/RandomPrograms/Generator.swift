/// Makes well-typed programs of the language at random, the same for the same seed. Values stay tame: what may grow goes through bounded
/// functions, and what may be singular is held away from there.
struct Generator {
  private var state: UInt64
  /// How many more constructs with parts of their own may be made; leaves alone are left afterwards.
  var budget = 70
  private var names = 0
  /// Functions written so far, from the first.
  var helpers: [Helper] = []
  var declarations: [Node] = []

  struct Variable {
    var name: String
    var type: ProgramType
    /// Whether it may be named by `gradient`, `jvp` and (unless it is `next u`) `inject`.
    var isDifferentiable: Bool
  }

  /// What may be used at a place.
  struct Scope {
    var variables: [Variable] = []
    /// Names of sizes and small constants that arrays here may have.
    var sizes: [String]
    /// How many loops and comprehensions are around.
    var nesting = 0
    /// Whether blocks, loops, derivatives and injections may stand here.
    var isSimple = false
    var derivativeOrder = 0

    mutating func add(_ name: String, _ type: ProgramType) {
      variables.append(Variable(name: name, type: type, isDifferentiable: type.element == .real))
    }
  }

  /// A function that may be called.
  struct Helper {
    struct Parameter {
      enum Kind {
        case value(ProgramType)
        case function([ProgramType], ProgramType)
      }
      var name: String
      var kind: Kind
      var hasDefault = false
    }
    var name: String
    var parameters: [Parameter]
    /// More than one are a tuple.
    var results: [ProgramType]
    /// Sizes that a call binds.
    var sizes: [String] = []

    /// Whether it applies element by element.
    var isOfNumbers: Bool {
      results == [.real] && parameters.allSatisfy { if case .value(.real) = $0.kind { true } else { false } }
    }
  }

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678 }

  // MARK: Chance

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
  mutating func below(_ count: Int) -> Int { Int(next() % UInt64(count)) }
  mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
  mutating func one<T>(of list: [T]) -> T { list[below(list.count)] }
  mutating func maybe<T>(_ list: [T]) -> T? { list.isEmpty ? nil : list[below(list.count)] }
  /// Late ones more often.
  mutating func late<T>(_ list: [T]) -> T? { list.isEmpty ? nil : list[max(below(list.count), below(list.count))] }
  mutating func fresh(_ stem: String) -> String {
    names += 1
    return "\(stem)\(names)"
  }
  mutating func literal() -> String { one(of: ["0.5", "1", "2", "0.25", "1.5", "0.1", "0", "3e-1", "0.7"]) }

  /// Whether something with parts may be made; takes one from the budget.
  mutating func spend() -> Bool {
    budget -= 1
    return budget > 0
  }

  // MARK: A program

  static func program(seed: UInt64) -> Node {
    var generator = Generator(seed: seed)
    generator.budget = 25 + generator.below(70)
    return generator.program()
  }

  private mutating func program() -> Node {
    declarations.append(.statement("precision Double"))
    if chance(20) { fileRule() }
    if chance(20) { declarations.append(.statement("let \(constantName) = \(Node.real("\(literal())"))")) }
    for _ in 0..<below(4) { helper() }
    let kind = below(10)
    if kind < 6 { derivedFunction() }
    if kind == 6 { residuals() }
    if kind > 6 { model() }
    if chance(20) { derivedFunction() }
    return Node(parts: declarations.map(Node.Part.node))
  }

  /// The constant of the file, where it has one.
  let constantName = "shift"
  var hasConstant: Bool { declarations.contains { $0.text.hasPrefix("let shift") } }
}
