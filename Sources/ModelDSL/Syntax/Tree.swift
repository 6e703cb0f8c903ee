// The syntax tree: what was written, without names resolved or shapes known. Ranges cover the whole construct.

/// An identifier with its place.
public struct Name: Hashable, Sendable {
  public var text: String
  public var range: SourceRange
  public init(_ text: String, _ range: SourceRange) {
    self.text = text
    self.range = range
  }
}

/// A parsed file.
public struct FileTree: Sendable {
  public var declarations: [Declaration]
  public init(declarations: [Declaration]) { self.declarations = declarations }
}

public struct Declaration: Sendable {
  public enum Kind: Sendable {
    /// `precision Double`
    case precision(Name)
    /// `import "neurons.graft"`: the path between the quotes.
    case importFile(path: String, range: SourceRange)
    /// `size n, m = 3`
    case size([SizeDeclaration])
    /// `let k = …`
    case constant(LetDeclaration)
    case function(FunctionDeclaration)
    case inject(InjectDeclaration)
    /// `cell C { … }`
    case cell(ModelDeclaration)
    /// `model M { … }`
    case model(ModelDeclaration)
    case derive(DeriveDeclaration)
    /// `silence G0117 "reason"`: belongs to the next declaration.
    case silence(code: Name, reason: String)
  }
  public var kind: Kind
  /// The lines of the `///` comment before it, without the slashes and one leading space.
  public var documentation: [String]
  public var range: SourceRange
  public init(kind: Kind, documentation: [String], range: SourceRange) {
    self.kind = kind
    self.documentation = documentation
    self.range = range
  }
}

/// One item of a `size` line: `n`, `n = e`, or in a cell `neuron: (Float) -> Float`, a function that the instance is given.
public struct SizeDeclaration: Sendable {
  public var name: Name
  public var value: Expression?
  public var functionType: TypeTree?
  public init(name: Name, value: Expression?, functionType: TypeTree? = nil) {
    self.name = name
    self.value = value
    self.functionType = functionType
  }
}

/// What a `let` binds: a name, `_` (a name whose text is `_`), or a tuple of patterns.
public indirect enum Pattern: Sendable {
  case name(Name)
  case tuple([(label: Name?, pattern: Pattern)], SourceRange)
}

public struct LetDeclaration: Sendable {
  public var pattern: Pattern
  public var type: TypeTree?
  public var value: Expression
  public init(pattern: Pattern, type: TypeTree?, value: Expression) {
    self.pattern = pattern
    self.type = type
    self.value = value
  }
}

public struct ParameterDeclaration: Sendable {
  public var name: Name
  public var type: TypeTree
  public var defaultValue: Expression?
  public init(name: Name, type: TypeTree, defaultValue: Expression?) {
    self.name = name
    self.type = type
    self.defaultValue = defaultValue
  }
}

public struct FunctionDeclaration: Sendable {
  public var name: Name
  public var parameters: [ParameterDeclaration]
  public var result: TypeTree
  public var body: BlockTree
  public init(name: Name, parameters: [ParameterDeclaration], result: TypeTree, body: BlockTree) {
    self.name = name
    self.parameters = parameters
    self.result = result
    self.body = body
  }
}

/// `inject f'(x, y) = e`; for several arguments `e` is a labelled tuple of slopes or of functions `g -> e`.
public struct InjectDeclaration: Sendable {
  public var function: Name
  public var parameters: [Name]
  public var rule: Expression
  public var range: SourceRange
  public init(function: Name, parameters: [Name], rule: Expression, range: SourceRange) {
    self.function = function
    self.parameters = parameters
    self.rule = rule
    self.range = range
  }
}

/// A cell or a model.
public struct ModelDeclaration: Sendable {
  public var name: Name
  public var body: BlockTree
  public init(name: Name, body: BlockTree) {
    self.name = name
    self.body = body
  }
}

/// `derive value, gradient of M.loss wrt a, b as name`
public struct DeriveDeclaration: Sendable {
  /// `value`, `gradient`, `sparse jacobian` (one name with one space), …
  public var kinds: [Name]
  /// `f`, or `M` and `loss` for `M.loss`.
  public var subject: [Name]
  /// The variables; a dotted path such as `first.feed` is one name.
  public var variables: [Name]
  public var alias: Name?
  public init(kinds: [Name], subject: [Name], variables: [Name], alias: Name?) {
    self.kinds = kinds
    self.subject = subject
    self.variables = variables
    self.alias = alias
  }
}

/// `{ … }`: the statements in order. Where a value is wanted, the last one is an `expression` (or, in a function, a `return`).
public struct BlockTree: Sendable {
  public var statements: [Statement]
  public var range: SourceRange
  public init(statements: [Statement], range: SourceRange) {
    self.statements = statements
    self.range = range
  }
}

public struct Statement: Sendable {
  public indirect enum Kind: Sendable {
    case constant(LetDeclaration)
    /// `state u, a: Float[n] = 0`
    case state(names: [Name], type: TypeTree?, initial: Expression)
    /// `next u = e`, `next (z, u) = e`, `next a[i] = e`
    case next(targets: [NextTarget], value: Expression)
    /// `record trace = e`
    case record(Name, Expression)
    /// `for t in time where c down { … }`
    case forLoop(variable: Name, count: Expression, condition: Expression?, down: Bool, body: BlockTree)
    /// `while c, atMost: k { … }`
    case whileLoop(condition: Expression, atMost: Expression?, body: BlockTree)
    case inject(InjectDeclaration)
    case returned(Expression)
    case expression(Expression)
    // The rest stands in cells and models only.
    case size([SizeDeclaration])
    /// `param w: Float[m, n] ~ normal(mean: 0, deviation: 0.1)`
    case parameter(names: [Name], type: TypeTree, initializer: Expression?)
    /// `setting strength: Float = 0`
    case setting(names: [Name], type: TypeTree, value: Expression?)
    case input(names: [Name], type: TypeTree)
    /// `output y = e`, or `output raster` alone
    case output(Name, Expression?)
    case loss(Expression)
    case optimizer(Expression)
    case silence(code: Name, reason: String)
  }
  public var kind: Kind
  public var documentation: [String]
  public var range: SourceRange
  public init(kind: Kind, documentation: [String], range: SourceRange) {
    self.kind = kind
    self.documentation = documentation
    self.range = range
  }
}

/// The left side of a `next`: a state, or some of its elements. The name `_` discards.
public struct NextTarget: Sendable {
  public var name: Name
  public var indices: [Subscript]
  public init(name: Name, indices: [Subscript]) {
    self.name = name
    self.indices = indices
  }
}

public struct TypeTree: Sendable {
  public indirect enum Kind: Sendable {
    /// `Float`, `Float[a, b]`, `Index<n>[m]`: the element's name, what stands in `< >`, and the sizes.
    case array(element: Name, bound: Expression?, shape: [Expression])
    case tuple([(label: Name?, type: TypeTree)])
    case function(parameters: [TypeTree], result: TypeTree)
    /// Stands where a type was expected and an error was reported.
    case error
  }
  public var kind: Kind
  public var range: SourceRange
  public init(kind: Kind, range: SourceRange) {
    self.kind = kind
    self.range = range
  }
}

public enum UnaryOperator: String, Sendable { case minus = "-", not = "!" }

public enum BinaryOperator: String, Sendable, CaseIterable {
  case power = "^"
  case multiply = "*", divide = "/", modulo = "%", quotient = "div", contract = "@"
  case add = "+", subtract = "-"
  case less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">=", equal = "==", notEqual = "!="
  case and = "&&", or = "||"
}

public struct Argument: Sendable {
  public var label: Name?
  public var value: Expression
  public init(label: Name?, value: Expression) {
    self.label = label
    self.value = value
  }
}

public enum Subscript: Sendable {
  case index(Expression)
  /// `a..<b`; either side may be left out.
  case range(Expression?, Expression?, SourceRange)
  /// `..`
  case all(SourceRange)
}

/// `i in n, j in m where c: body`, of an array or of a reduction.
public struct Comprehension: Sendable {
  public var axes: [(name: Name, size: Expression)]
  public var condition: Expression?
  /// An expression, or a `.block`.
  public var body: Expression
  public init(axes: [(name: Name, size: Expression)], condition: Expression?, body: Expression) {
    self.axes = axes
    self.condition = condition
    self.body = body
  }
}

public struct Expression: Sendable {
  public indirect enum Kind: Sendable {
    case name(String)
    case integer(Int)
    case real(Double)
    case boolean(Bool)
    case unary(UnaryOperator, Expression)
    case binary(BinaryOperator, Expression, Expression)
    /// `f(x, k: 2)`. `inject`, `gradient`, `jacobian`, `jvp`, `sum` over one array and instances of cells are calls too.
    case call(Expression, [Argument])
    /// `f'`; stands only as what is called.
    case prime(Name)
    /// `first.w`
    case member(Expression, Name)
    /// `x[i, a..<b, ..]`
    case subscripted(Expression, [Subscript])
    /// `(a, b)`, `(z: a, u: b)`; a parenthesised single expression is that expression itself.
    case tuple([Argument])
    /// `[1, 2]`
    case array([Expression])
    /// `[i in n: e]`
    case build(Comprehension)
    /// `sum(i in n where c: e)`: `sum`, `mean`, `product`, `max`, `min`, `argmax`, `argmin`
    case reduction(Name, Comprehension)
    /// `if c { a } else { b }`; a chain of `else if` is nested in the last block.
    case conditional(Expression, then: BlockTree, otherwise: BlockTree)
    case block(BlockTree)
    /// `y -> e`, `(a, b) -> e`
    case function(parameters: [Name], body: Expression)
    /// `next u`
    case next(Name)
    /// Stands where an expression was expected and an error was reported: whoever meets it stays silent.
    case error
  }
  public var kind: Kind
  public var range: SourceRange
  public init(kind: Kind, range: SourceRange) {
    self.kind = kind
    self.range = range
  }
}
