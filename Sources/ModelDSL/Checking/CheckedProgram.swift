// The typed tree: names resolved to variables and functions, every expression with its type, calls with their sizes solved, loop bodies in the
// order of the data. Functions are checked once, for all sizes; lowering inlines them and substitutes the sizes of the call.

public struct VariableID: Hashable, Sendable {
  public let index: Int
  public init(_ index: Int) { self.index = index }
}

public struct FunctionID: Hashable, Sendable {
  public let index: Int
  public init(_ index: Int) { self.index = index }
}

public struct InstanceID: Hashable, Sendable {
  public let index: Int
  public init(_ index: Int) { self.index = index }
}

/// Whatever a name can stand for that has a value at run time.
public struct Variable: Sendable {
  public enum Role: Hashable, Sendable {
    /// A parameter of a function, of a function literal, or of an `inject f'(x)`.
    case parameter
    case binding
    /// A loop's or comprehension's index; its type is `Index<n>`.
    case axis
    case state
    /// The stacked values of a `record`, read after the loop.
    case record
    /// A model's learned parameter.
    case learned
    case setting
    case input
    /// A `let` at file level: lowering inlines `CheckedProgram.constants`.
    case constant
    /// The incoming gradient `g` of a rule `g -> e`.
    case cotangent
    /// `value` inside a rule.
    case ruledValue
    /// A function that a function or a cell is given.
    case function
  }
  public let id: VariableID
  public let name: String
  public let type: Type
  public let role: Role
  public let range: SourceRange
  public let documentation: [String]
  public init(id: VariableID, name: String, type: Type, role: Role, range: SourceRange, documentation: [String] = []) {
    self.id = id
    self.name = name
    self.type = type
    self.role = role
    self.range = range
    self.documentation = documentation
  }
}

/// A condition on sizes that must hold when a generated function is entered: `size >= 0`.
public struct SizeRequirement: Hashable, Sendable {
  /// Not negative when the requirement holds.
  public let size: Size
  /// What it is for, in the user's words: `x[n - 1] needs n >= 1`.
  public let reason: String
  public let range: SourceRange
  public init(size: Size, reason: String, range: SourceRange) {
    self.size = size
    self.reason = reason
    self.range = range
  }
}

public struct Function: Sendable {
  public let id: FunctionID
  public let name: String
  public let documentation: [String]
  public let range: SourceRange
  public let isLibrary: Bool
  /// The file whose rules count as the function's own, where it is not the root file.
  public let file: FileID
  /// Symbols that the call binds: those in the types of the parameters, and those of `sizeParameters`.
  public let sizes: [SizeSymbol]
  /// `Int` parameters that serve as a size, with their symbol. A use of such a parameter as a number is a `.size`.
  public let sizeParameters: [VariableID: SizeSymbol]
  public let parameters: [VariableID]
  /// What parameters that are numbers are where a call leaves them out. They read constants of the file alone.
  public let defaults: [VariableID: TypedExpression]
  public let result: Type
  /// Ends with the function's value.
  public var body: TypedBlock
  public var requirements: [SizeRequirement]

  public init(
    id: FunctionID, name: String, documentation: [String], range: SourceRange, isLibrary: Bool, file: FileID, sizes: [SizeSymbol],
    sizeParameters: [VariableID: SizeSymbol], parameters: [VariableID], defaults: [VariableID: TypedExpression], result: Type,
    body: TypedBlock, requirements: [SizeRequirement]
  ) {
    self.id = id
    self.name = name
    self.documentation = documentation
    self.range = range
    self.isLibrary = isLibrary
    self.file = file
    self.sizes = sizes
    self.sizeParameters = sizeParameters
    self.parameters = parameters
    self.defaults = defaults
    self.result = result
    self.body = body
    self.requirements = requirements
  }
}

/// Statements and the value that they lead to. Where there is no value (a loop's body), `value` is the empty tuple.
public struct TypedBlock: Sendable {
  public var statements: [TypedStatement]
  public var value: TypedExpression
  public init(statements: [TypedStatement], value: TypedExpression) {
    self.statements = statements
    self.value = value
  }
}

public indirect enum TypedPattern: Sendable {
  case variable(VariableID)
  case discard
  case tuple([TypedPattern])
}

public struct TypedStatement: Sendable {
  public enum Kind: Sendable {
    case binding(TypedPattern, TypedExpression)
    /// `state u = e`: `u` starts at `e` here; the loop that carries it lists it in `states`.
    case state(VariableID, initial: TypedExpression)
    /// `next …`: the pattern's places match the value's; a plain target is `next u = e`, a discarded one is nil.
    case next(targets: [TypedNextTarget?], value: TypedExpression)
    case record(VariableID, TypedExpression)
    case loop(TypedLoop)
    case whileLoop(TypedWhile)
    /// In force in the whole block that it stands in, and in what is called there.
    case rule(RuleDeclaration)
  }
  public var kind: Kind
  public var range: SourceRange
  public init(kind: Kind, range: SourceRange) {
    self.kind = kind
    self.range = range
  }
}

public struct TypedNextTarget: Sendable {
  public var state: VariableID
  /// Empty: the whole state. Else one row is replaced and the rest is kept.
  public var indices: [TypedExpression]
  public init(state: VariableID, indices: [TypedExpression] = []) {
    self.state = state
    self.indices = indices
  }
}

/// `for t in count where condition { … }`
public struct TypedLoop: Sendable {
  public var axis: VariableID
  public var count: Size
  public var down: Bool
  /// Where it is false, states hold and recorded rows are 0.
  public var condition: TypedExpression?
  /// In the order of the data: a `next u` stands before whatever reads `next u`.
  public var body: [TypedStatement]
  /// The states that this loop carries, those of cell instances advanced in it included. A state that a loop inside this one carries too
  /// has a `next u = u` after that loop.
  public var states: [VariableID]
  public var records: [VariableID]
  public init(
    axis: VariableID, count: Size, down: Bool, condition: TypedExpression?, body: [TypedStatement], states: [VariableID],
    records: [VariableID]
  ) {
    self.axis = axis
    self.count = count
    self.down = down
    self.condition = condition
    self.body = body
    self.states = states
    self.records = records
  }
}

/// `while condition, atMost: bound { … }`
public struct TypedWhile: Sendable {
  public var condition: TypedExpression
  public var bound: Size
  public var body: [TypedStatement]
  public var states: [VariableID]
  public var range: SourceRange
  public init(condition: TypedExpression, bound: Size, body: [TypedStatement], states: [VariableID], range: SourceRange) {
    self.condition = condition
    self.bound = bound
    self.body = body
    self.states = states
    self.range = range
  }
}

public struct TypedExpression: Sendable {
  public indirect enum Kind: Sendable {
    case real(Double)
    case integer(Int)
    case boolean(Bool)
    /// A size, or a size polynomial, used as an `Int`.
    case size(Size)
    case variable(VariableID)
    /// `next u`, read after it was assigned in this step.
    case next(VariableID)
    /// Element by element: each operand is a number or has the shape of the result. Conversions that the language inserts are spelled out.
    case primitive(Primitive, [TypedExpression])
    /// `a && b`, `a || b`: the right side is evaluated only where it decides.
    case shortCircuit(isAnd: Bool, TypedExpression, TypedExpression)
    case call(Callee, arguments: [TypedExpression], sizes: [SizeSymbol: Size], mapped: [Size])
    /// `f'(e)`: the derivative of a function of one number at `e`, element by element over `mapped`.
    case prime(Callee, TypedExpression, mapped: [Size])
    case tuple([TypedExpression])
    case element(TypedExpression, Int)
    /// Leading axes; axes that are not mentioned are kept whole.
    case subscripted(TypedExpression, [TypedSubscript])
    case array([TypedExpression])
    /// A scalar spread over `shape` (`state u: Float[n] = 0`).
    case spread(TypedExpression, shape: [Size])
    case build(axes: [TypedAxis], body: TypedBlock)
    case reduction(Reduction, axes: [TypedAxis], condition: TypedExpression?, body: TypedBlock)
    /// `sum(x)`: over all elements.
    case fold(Reduction, TypedExpression)
    /// `a @ b`
    case contract(TypedExpression, TypedExpression)
    case conditional(TypedExpression, TypedBlock, TypedBlock)
    case block(TypedBlock)
    /// A function given as an argument.
    case function(FunctionValue)
    /// `inject(value, x: slope, …)`
    case inject(InjectExpression)
    /// `inject(value, like: smooth)`
    case bypass(value: TypedExpression, like: TypedExpression)
    /// `gradient(e, x)` (e a number), `jacobian(e, x)`.
    case gradient(TypedExpression, wrt: DerivativeVariable)
    case jacobian(TypedExpression, wrt: DerivativeVariable)
    /// `jvp(e, x: v, y: w)`
    case jvp(TypedExpression, tangents: [(DerivativeVariable, TypedExpression)])
    /// One step of a cell's instance: its outputs, a tuple where there are several.
    case advance(InstanceID, [TypedExpression])
  }
  public var kind: Kind
  public var type: Type
  public var range: SourceRange
  public init(kind: Kind, type: Type, range: SourceRange) {
    self.kind = kind
    self.type = type
    self.range = range
  }
}

public enum DerivativeVariable: Hashable, Sendable {
  case variable(VariableID)
  case next(VariableID)
}

public enum Reduction: String, Hashable, Sendable, CaseIterable {
  case sum, product, max, min, mean
  /// Give the place of the extreme as an index of the (single) axis.
  case argmax, argmin
}

public struct TypedAxis: Sendable {
  public var variable: VariableID
  public var size: Size
  public init(variable: VariableID, size: Size) {
    self.variable = variable
    self.size = size
  }
}

public enum TypedSubscript: Sendable {
  /// An integer proven to lie inside (or a size condition was added to the function's requirements).
  case index(TypedExpression)
  /// `lower ..< lower + count`
  case range(lower: TypedExpression, count: Size)
  case all
}

public enum Callee: Hashable, Sendable {
  case function(FunctionID)
  case primitive(Primitive)
  /// A parameter of function type.
  case variable(VariableID)
}

public indirect enum FunctionValue: Sendable {
  case named(Callee, sizes: [SizeSymbol: Size])
  case literal(parameters: [VariableID], body: TypedExpression)
}

/// How the derivative with respect to one variable is written.
public indirect enum RuleClause: Sendable {
  /// Multiplies the tangent, and the cotangent, element by element.
  case slope(TypedExpression)
  /// `g -> e`: the cotangent of the variable, `g` being that of the value.
  case cotangent(g: VariableID, TypedExpression)
}

public struct InjectExpression: Sendable {
  public var value: TypedExpression
  /// What `value` means inside the clauses.
  public var ruledValue: VariableID
  public var clauses: [(variable: VariableID, clause: RuleClause)]
  public init(value: TypedExpression, ruledValue: VariableID, clauses: [(variable: VariableID, clause: RuleClause)]) {
    self.value = value
    self.ruledValue = ruledValue
    self.clauses = clauses
  }
}

/// `inject f'(x) = …`
public struct RuleDeclaration: Sendable {
  public var target: Callee
  /// The names that the declaration gives to the target's parameters, by the parameter's position: first those with a derivative, each with
  /// a clause, then the others, which clauses may read.
  public var parameters: [(position: Int, variable: VariableID)]
  public var ruledValue: VariableID
  /// By position in `parameters`.
  public var clauses: [RuleClause]
  public var range: SourceRange
  public init(
    target: Callee, parameters: [(position: Int, variable: VariableID)], ruledValue: VariableID, clauses: [RuleClause], range: SourceRange
  ) {
    self.target = target
    self.parameters = parameters
    self.ruledValue = ruledValue
    self.clauses = clauses
    self.range = range
  }
}

/// A cell put to use: its text elaborated with the sizes, functions and settings that it was given.
public struct Instance: Sendable {
  public let id: InstanceID
  public let cell: String
  /// `first`, `stack[2]`; prefix of the paths of its parameters.
  public let path: String
  public var inputs: [VariableID]
  /// `let`s, rules, `state`s and `next`s in the order of the data. The `state`s stand among the model's statements once more (but for an
  /// optimiser's), where they begin; a step does not begin them again.
  public var statements: [TypedStatement]
  public var states: [VariableID]
  public var outputs: [(name: String, value: TypedExpression)]
  /// Functions that it was given.
  public var functions: [(variable: VariableID, value: FunctionValue)]
  public init(
    id: InstanceID, cell: String, path: String, inputs: [VariableID], statements: [TypedStatement], states: [VariableID],
    outputs: [(name: String, value: TypedExpression)], functions: [(variable: VariableID, value: FunctionValue)]
  ) {
    self.id = id
    self.cell = cell
    self.path = path
    self.inputs = inputs
    self.statements = statements
    self.states = states
    self.outputs = outputs
    self.functions = functions
  }
}

public struct LearnedParameter: Sendable {
  public var variable: VariableID
  /// `membrane`, `first.feed`
  public var path: String
  public var initializer: Initializer
  public init(variable: VariableID, path: String, initializer: Initializer) {
    self.variable = variable
    self.path = path
    self.initializer = initializer
  }
}

/// How a learned parameter starts, with its numbers worked out: fans are those given, or else taken from the shape
/// (last axis in, first axis out).
public enum Initializer: Hashable, Sendable {
  case constant(Double)
  case normal(mean: Double, deviation: Double)
  case uniform(low: Double, high: Double)
  /// Glorot and Bengio 2010: uniform in ±sqrt(6 / (fanIn + fanOut)), or normal of deviation sqrt(2 / (fanIn + fanOut)).
  case xavierUniform(fanIn: Int, fanOut: Int)
  case xavierNormal(fanIn: Int, fanOut: Int)
  /// He et al. 2015: uniform in ±sqrt(6 / fanIn), or normal of deviation sqrt(2 / fanIn).
  case heUniform(fanIn: Int)
  case heNormal(fanIn: Int)
  /// Saxe et al. 2014, times `gain`.
  case orthogonal(gain: Double)
}

public struct Setting: Sendable {
  public var variable: VariableID
  public var path: String
  /// A constant expression.
  public var value: TypedExpression
  public init(variable: VariableID, path: String, value: TypedExpression) {
    self.variable = variable
    self.path = path
    self.value = value
  }
}

public struct Model: Sendable {
  public var name: String
  public var documentation: [String]
  public var range: SourceRange
  /// Sizes fixed at generation, as written (their uses are constants already).
  public var fixedSizes: [(name: String, value: Int, documentation: [String])]
  /// Sizes known at the call, in the order of declaration, without the batch.
  public var sizes: [SizeSymbol]
  public var parameters: [LearnedParameter]
  public var settings: [Setting]
  public var inputs: [VariableID]
  /// Everything but outputs and loss: `let`s, states (those of instances first), rules and loops, in the order of the data.
  public var statements: [TypedStatement]
  public var outputs: [(name: String, value: TypedExpression, documentation: [String])]
  public var loss: TypedExpression?
  /// The optimiser's cell: inputs `parameter`, `gradient`, `count` (`Int`, 1 at the first update); one output, the new parameter.
  /// Its expressions may read the model's settings.
  public var optimizer: InstanceID?
  public var requirements: [SizeRequirement]
  public init(
    name: String, documentation: [String], range: SourceRange, fixedSizes: [(name: String, value: Int, documentation: [String])],
    sizes: [SizeSymbol], parameters: [LearnedParameter], settings: [Setting], inputs: [VariableID], statements: [TypedStatement],
    outputs: [(name: String, value: TypedExpression, documentation: [String])], loss: TypedExpression?, optimizer: InstanceID?,
    requirements: [SizeRequirement]
  ) {
    self.name = name
    self.documentation = documentation
    self.range = range
    self.fixedSizes = fixedSizes
    self.sizes = sizes
    self.parameters = parameters
    self.settings = settings
    self.inputs = inputs
    self.statements = statements
    self.outputs = outputs
    self.loss = loss
    self.optimizer = optimizer
    self.requirements = requirements
  }
}

public enum DerivativeKind: String, Hashable, Sendable, CaseIterable {
  case value, gradient, vjp, jvp, jacobian, hessian, hvp
  case sparseJacobian = "sparse jacobian"
  case stream
}

/// One `derive` line.
public struct Derivation: Sendable {
  public enum Subject: Hashable, Sendable {
    case function(FunctionID)
    /// Index into `CheckedProgram.models`.
    case model(Int)
    /// `M.loss` or an output.
    case modelValue(Int, name: String)
  }
  public var kinds: [DerivativeKind]
  public var subject: Subject
  /// Parameters of the function, or learned parameters and inputs of the model; empty where none are named (`value`, `stream`).
  public var variables: [VariableID]
  public var alias: String?
  public var range: SourceRange
  public init(kinds: [DerivativeKind], subject: Subject, variables: [VariableID], alias: String?, range: SourceRange) {
    self.kinds = kinds
    self.subject = subject
    self.variables = variables
    self.alias = alias
    self.range = range
  }
}

public enum Precision: String, Hashable, Sendable { case single = "Float", double = "Double" }

/// A compilation's meaning: input of code generation.
public struct CheckedProgram: Sendable {
  public var precision: Precision
  /// The root file's name in UpperCamelCase.
  public var namespace: String
  public var rootFile: FileID
  public var sources: SourceMap
  public var variables: [Variable]
  public var functions: [Function]
  public var instances: [Instance]
  public var models: [Model]
  public var derivations: [Derivation]
  /// File-level `let`s.
  public var constants: [VariableID: TypedExpression]
  /// THE rule table: the rule of each primitive, from `Library/Primitives.graft`.
  public var primitiveRules: [RuleDeclaration]
  /// The `inject` declarations at file level, the root file's included.
  public var fileRules: [FileID: [RuleDeclaration]]
  /// The default values of functions' parameters, where they have one; calls have them filled in.
  public var parameterDefaults: [VariableID: TypedExpression] = [:]
  /// What comments say that functions compute.
  public var documentedFormulas: [DocumentedFormula] = []
  /// Where the source silences which messages.
  public var silences: [Silence] = []

  public init(
    precision: Precision, namespace: String, rootFile: FileID, sources: SourceMap, variables: [Variable], functions: [Function],
    instances: [Instance], models: [Model], derivations: [Derivation], constants: [VariableID: TypedExpression],
    primitiveRules: [RuleDeclaration], fileRules: [FileID: [RuleDeclaration]]
  ) {
    self.precision = precision
    self.namespace = namespace
    self.rootFile = rootFile
    self.sources = sources
    self.variables = variables
    self.functions = functions
    self.instances = instances
    self.models = models
    self.derivations = derivations
    self.constants = constants
    self.primitiveRules = primitiveRules
    self.fileRules = fileRules
  }

  /// Whether the source silences the message: it is no error, and stands in a declaration or a statement behind a `silence` of its code.
  public func silences(_ diagnostic: Diagnostic) -> Bool {
    diagnostic.severity != .error && silences.contains { $0.reaches(diagnostic) }
  }

  public subscript(id: VariableID) -> Variable { variables[id.index] }
  public subscript(id: FunctionID) -> Function { functions[id.index] }
  public subscript(id: InstanceID) -> Instance { instances[id.index] }
}

/// `silence G0117 "reason"`, with the range of the declaration or the statement that follows.
public struct Silence: Sendable {
  public let code: String
  public let range: SourceRange
  public init(code: String, range: SourceRange) {
    self.code = code
    self.range = range
  }

  func reaches(_ diagnostic: Diagnostic) -> Bool {
    code == diagnostic.code && range.file == diagnostic.range.file && range.contains(diagnostic.range)
  }
}
