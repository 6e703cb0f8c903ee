/// What a name stands for.
enum Entity {
  case variable(VariableID)
  case size(Size)
  /// Index into `functionEntries`.
  case function(Int)
  case primitive(Primitive)
  /// A `let` of a file: index into `constantEntries`.
  case constant(Int)
  case cell(Int)
  case model(Int)
  case instance(InstanceID)
  case instances([InstanceID])
  /// Declared, but with an error that was reported: uses stay silent.
  case failed

  /// As a message calls it.
  var kindName: String {
    switch self {
    case .variable, .constant, .failed: "a value"
    case .size: "a size"
    case .function, .primitive: "a function"
    case .cell: "a cell"
    case .model: "a model"
    case .instance: "an instance of a cell"
    case .instances: "a list of instances"
    }
  }
}

/// The names of one block.
struct Frame {
  var names: [String: Entity] = [:]
  /// `let`s that deserve a warning when nothing reads them.
  var watched: [VariableID] = []
  /// What statements further down declare, for the message about a use before that.
  var later: [String: SourceRange] = [:]
}

/// The names that one file declares, and those it imports.
struct FileScope {
  var isLibrary: Bool
  var names: [String: Entity] = [:]
  var imports: [FileID] = []
  var declarations: FileTree
}

/// Names that the language itself gives a meaning where they are called.
enum Builtin: String, CaseIterable {
  case inject, gradient, jacobian, jvp
  case sum, product, mean, max, min, argmax, argmin
  case real = "Float"
  case integer = "Int"
  case boolean = "Bool"
}

extension Primitive {
  /// Functions that user files call by the primitive's own name.
  static let visibleToUsers: [Primitive] = [
    .abs, .exp, .expm1, .log, .log1p, .sqrt, .sin, .cos, .tan, .asin, .acos, .atan, .atan2, .sinh, .cosh, .tanh, .sigmoid, .softplus, .erf,
    .floor, .ceil, .round, .sign, .step,
  ]

  /// The names of the operands, as labels.
  var operandNames: [String] {
    switch self {
    case .step: ["v", "atZero"]
    case .atan2: ["y", "x"]
    default: signature.operands.count == 1 ? ["x"] : ["a", "b"]
    }
  }
}

extension Checker {
  mutating func pushFrame() { context.frames.append(Frame()) }

  /// Leaves a block; a `let` that nothing read is a warning.
  mutating func popFrame() {
    let frame = context.frames.removeLast()
    guard !isLibrary else { return }
    for id in frame.watched where !used.contains(id) {
      report(.unusedLet(name: variables[id.index].name, at: variables[id.index].range))
    }
  }

  mutating func inFrame<Result>(_ body: (inout Checker) -> Result) -> Result {
    pushFrame()
    let result = body(&self)
    popFrame()
    return result
  }

  /// Makes a name known in the innermost block; the same name twice in one block is an error.
  mutating func declare(_ name: String, _ entity: Entity, at range: SourceRange) {
    let last = context.frames.count - 1
    if let earlier = context.frames[last].names[name] {
      if case .failed = earlier {} else { report(.declaredTwice(name: name, first: place(of: earlier), at: range)) }
    }
    context.frames[last].names[name] = entity
  }

  mutating func declareVariable(_ name: Name, _ type: Type, _ role: Variable.Role, documentation: [String] = []) -> VariableID {
    let id = newVariable(name.text, type, role, name.range, documentation: documentation)
    declare(name.text, .variable(id), at: name.range)
    return id
  }

  /// Where a name that is not known yet is declared further down.
  func laterDeclaration(of name: String) -> SourceRange? {
    for frame in context.frames.reversed() { if let range = frame.later[name] { return range } }
    return nil
  }

  /// The message about a name without a meaning here.
  func unknown(_ name: String, at range: SourceRange) -> Diagnostic {
    if let declared = laterDeclaration(of: name) { return .usedBeforeDeclared(name: name, declared: declared, at: range) }
    return .unknownName(name: name, nearest: nearestName(to: name), at: range)
  }

  func place(of entity: Entity) -> SourceRange? {
    switch entity {
    case .variable(let id): variables[id.index].range
    case .function(let index): functionEntries[index].declaration.name.range
    case .constant(let index): constantEntries[index].declaration.value.range
    case .cell(let index): cellEntries[index].declaration.name.range
    case .model(let index): modelEntries[index].declaration.name.range
    case .size, .primitive, .instance, .instances, .failed: nil
    }
  }

  /// Innermost block first, then the file, its imports, and the library.
  mutating func lookUp(_ name: String) -> Entity? {
    for frame in context.frames.reversed() {
      if let entity = frame.names[name] { return entity }
    }
    return lookUp(name, in: context.file)
  }

  func lookUp(_ name: String, in file: FileID) -> Entity? {
    guard let scope = files[file] else { return nil }
    if let entity = scope.names[name] { return entity }
    for imported in scope.imports {
      if let entity = files[imported]?.names[name] { return entity }
    }
    if let entity = libraryNames[name] { return entity }
    if scope.isLibrary { return Primitive(rawValue: name).map { .primitive($0) } }
    return Primitive.visibleToUsers.first { $0.rawValue == name }.map { .primitive($0) }
  }

  /// Whether a name means what the language says: nobody has given it another meaning.
  mutating func builtin(_ name: String) -> Builtin? {
    guard let builtin = Builtin(rawValue: name), lookUp(name) == nil else { return nil }
    return builtin
  }

  /// The known name nearest to an unknown one, where it is near enough to have been meant.
  func nearestName(to name: String, where isWanted: (Entity) -> Bool = { _ in true }) -> String? {
    var candidates: Set<String> = []
    for frame in context.frames { for (key, entity) in frame.names where isWanted(entity) { candidates.insert(key) } }
    if let scope = files[context.file] {
      for (key, entity) in scope.names where isWanted(entity) { candidates.insert(key) }
      for file in scope.imports { for (key, entity) in files[file]?.names ?? [:] where isWanted(entity) { candidates.insert(key) } }
    }
    for (key, entity) in libraryNames where isWanted(entity) { candidates.insert(key) }
    for primitive in Primitive.visibleToUsers where isWanted(.primitive(primitive)) { candidates.insert(primitive.rawValue) }
    if isWanted(.primitive(.maximum)) { candidates.formUnion(["sum", "mean", "product", "max", "min", "argmax", "argmin"]) }
    return ModelDSL.nearestName(to: name, among: candidates.sorted())
  }
}
