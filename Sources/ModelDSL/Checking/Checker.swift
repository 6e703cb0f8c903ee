/// The state of one check: what was declared, what was found out, and where the checker stands. A value, so that a function whose `Int`
/// parameter turns out to be a size is checked again from a copy.
struct Checker {
  var sources: SourceMap
  let options: CheckOptions
  var diagnostics: [Diagnostic] = []
  var syntaxErrors: [SourceRange] = []

  var files: [FileID: FileScope] = [:]
  var libraryNames: [String: Entity] = [:]
  var rootFile = FileID(0)

  var functionEntries: [FunctionEntry] = []
  var constantEntries: [ConstantEntry] = []
  var cellEntries: [CellEntry] = []
  var modelEntries: [ModelEntry] = []

  var variables: [Variable] = []
  var functions: [Function] = []
  var instances: [Instance] = []
  var models: [Model] = []
  var derivations: [Derivation] = []
  var constants: [VariableID: TypedExpression] = [:]
  var primitiveRules: [RuleDeclaration] = []
  var fileRules: [FileID: [RuleDeclaration]] = [:]

  /// Declarations in check, for the message about recursion.
  var callStack: [Int] = []
  /// Sizes that the types of the parameters in check have bound so far.
  var boundSymbols: [SizeSymbol] = []
  /// Sizes of files that are known at run time only.
  var fileSizeSymbols: Set<SizeSymbol> = []
  /// Where the states in sight were declared.
  var stateInfo: [VariableID: StateInfo] = [:]
  /// The cell that is in check for all sizes, or whose instances are looked at for such a check.
  var genericCell: Int?
  /// The settings that the instance in elaboration is given, with the place where they are read.
  var givenSettings: [String: (Argument, Context)] = [:]
  var givenSettingVariables: Set<VariableID> = []
  /// Settings that are not given are bound to their own values too: those of an optimiser.
  var bindsAllSettings = false
  /// Whether the statements of a cell are elaborated for an instance.
  var isInstance = false
  /// Rules that each model declares, instances included.
  var modelRules: [[DeclaredRule]] = []
  var rulesInFiles: [FileID: [DeclaredRule]] = [:]
  var declaredPrecision: Precision?
  var rulesInFunctions: [FunctionID: [DeclaredRule]] = [:]
  /// Warnings that are silenced inside a range.
  var silences: [Silence] = []
  var documentedFormulas: [DocumentedFormula] = []
  var nextSymbol = 0
  var atoms = Atoms()
  /// Changes where a loop begins and ends: what was known of a state does not outlive it.
  var stateEpoch = 0
  /// `Int` values that are polynomials of sizes and other integers: `let`s and widened literals.
  var integerValues: [VariableID: Size] = [:]
  /// What a `Bool` let stands for, so that a condition given a name keeps its facts.
  var conditionValues: [VariableID: TypedExpression] = [:]
  /// What each `let`, and the end value of each state, reads.
  var reads: [VariableID: Set<VariableID>] = [:]
  /// What the value that a step gives to a state reads.
  var nextReads: [VariableID: Set<VariableID>] = [:]
  var used: Set<VariableID> = []
  var instanceRecords: [InstanceID: InstanceRecord] = [:]
  /// `--inject` declarations, by the function that they are for, and which of them replaced something.
  var injectionOverrides: [String: InjectDeclaration] = [:]
  var appliedOverrides: Set<String> = []
  var appliedSizes: Set<String> = []
  /// While cells are elaborated for an instance, what their generic check has said already is not said again.
  var isSilent = false

  var context = Context(file: FileID(0), owner: .file)

  init(options: CheckOptions) {
    self.options = options
    self.sources = SourceMap()
  }
}

/// Where the checker stands.
struct Context {
  enum Owner {
    case file
    case function(name: String)
    case cell(name: String)
    case model(name: String)
  }
  var file: FileID
  var owner: Owner
  var frames: [Frame] = [Frame()]
  /// Each is known not to be negative here.
  var facts: [Size] = []
  var loops: [LoopFrame] = []
  /// How many bodies of comprehensions, branches and function literals surround this place: `next` does not reach out of them.
  var blockLevel = 0
  /// How many conditions around this place are wrong: what they would say of indices is not known, and not asked for.
  var brokenConditions = 0
  var requirements: [SizeRequirement] = []
  /// `Int` parameters of the function in check, by variable, with the symbol of those that serve as a size.
  var integerParameters: [VariableID: Int] = [:]
  var sizeParameters: [VariableID: SizeSymbol] = [:]
  /// Positions of `Int` parameters that were used as a size without being one yet.
  var promotions: Set<Int> = []
  var rules: [DeclaredRule] = []
  /// Run-time sizes of the file that were used.
  var fileSizes: Set<SizeSymbol> = []
  /// Prefix of the paths of what an instance declares.
  var path = ""
  /// The value that a state has now, where an unrolled loop has given it one.
  var stateValues: [VariableID: VariableID] = [:]
  /// The parameters, settings and so on that are declared in a model or in the instances of its cells.
  var parts = ModelParts()

  init(file: FileID, owner: Owner) {
    self.file = file
    self.owner = owner
  }
}

/// A rule with the callee that it is for, for the search for rules without effect.
struct DeclaredRule {
  var target: Callee
  var range: SourceRange
  var name: String
}

extension Checker {
  mutating func report(_ diagnostic: Diagnostic) {
    if isSilent { return }
    diagnostics.append(diagnostic)
  }

  /// Reports that a name has no meaning, once for each function or model: it counts as declared from here on.
  mutating func reportMissing(_ name: String, _ diagnostic: Diagnostic) {
    report(diagnostic)
    if context.frames[0].names[name] == nil { context.frames[0].names[name] = .failed }
  }

  var errorCount: Int { diagnostics.filter { $0.severity == .error }.count }
  var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
  var isLibrary: Bool { files[context.file]?.isLibrary ?? false }

  mutating func newVariable(
    _ name: String, _ type: Type, _ role: Variable.Role, _ range: SourceRange, documentation: [String] = []
  ) -> VariableID {
    let id = VariableID(variables.count)
    variables.append(Variable(id: id, name: name, type: type, role: role, range: range, documentation: documentation))
    return id
  }

  mutating func newSymbol(_ name: String) -> SizeSymbol {
    nextSymbol += 1
    return SizeSymbol(id: nextSymbol, name: name)
  }

  func errorExpression(_ range: SourceRange) -> TypedExpression {
    TypedExpression(kind: .tuple([]), type: .error, range: range)
  }

  func read(_ id: VariableID, at range: SourceRange) -> TypedExpression {
    TypedExpression(kind: .variable(id), type: variables[id.index].type, range: range)
  }

  /// The text of an expression, without the parentheses around it.
  func text(_ range: SourceRange) -> String {
    let bytes = sources[range.file].text
    var (lower, upper) = (range.lower, range.upper)
    while upper - lower > 2, bytes[lower] == UInt8(ascii: "("), closing(from: lower, in: bytes, before: upper) == upper - 1 {
      (lower, upper) = (lower + 1, upper - 1)
      while lower < upper, bytes[lower] == UInt8(ascii: " ") { lower += 1 }
      while lower < upper, bytes[upper - 1] == UInt8(ascii: " ") { upper -= 1 }
    }
    return sources.text(of: SourceRange(file: range.file, lower: lower, upper: upper))
  }

  /// Where the parenthesis that opens at `place` is closed.
  func closing(from place: Int, in bytes: [UInt8], before end: Int) -> Int? {
    var depth = 0
    for at in place..<end {
      if bytes[at] == UInt8(ascii: "(") { depth += 1 }
      if bytes[at] == UInt8(ascii: ")") { depth -= 1 }
      if depth == 0 { return at }
    }
    return nil
  }

  /// Runs `body` in a context of its own, and returns that context.
  mutating func within<Result>(_ inner: Context, _ body: (inout Checker) -> Result) -> (result: Result, context: Context) {
    let outer = context
    context = inner
    let result = body(&self)
    let final = context
    context = outer
    return (result, final)
  }
}
