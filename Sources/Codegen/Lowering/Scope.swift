import ModelDSL

/// What an expression of the typed tree stands for in the IR.
indirect enum Lowered {
  case value(Value)
  case tuple([Lowered])
  case function(Closure)

  /// The values in order, tuples flattened.
  var values: [Value] {
    switch self {
    case .value(let value): [value]
    case .tuple(let parts): parts.flatMap(\.values)
    case .function: []
    }
  }

  /// The single value; only tuples and functions have none.
  var value: Value {
    guard case .value(let value) = self else { preconditionFailure("a tuple or function where the checker saw an array") }
    return value
  }

  /// Builds what a type describes from its flattened values.
  init(_ type: Type, _ values: [Value]) {
    var rest = values[...]
    func take(_ type: Type) -> Lowered {
      if case .tuple(let fields) = type { return .tuple(fields.map { take($0.type) }) }
      return .value(rest.removeFirst())
    }
    self = take(type)
  }
}

/// A function handed to a function, with the rules in force where it was written.
struct Closure {
  enum Kind {
    case named(Callee, sizes: [SizeSymbol: Size])
    case literal(parameters: [VariableID], body: TypedExpression, scope: Scope)
  }
  var kind: Kind
  var rules: RulesInForce
}

/// The variables of one inlined call, or of a block in it that binds its own. A class, since a closure or a rule keeps seeing the scope
/// that it was written in.
final class Scope {
  let parent: Scope?
  /// What the size symbols of the function stand for at this call.
  let sizes: [SizeSymbol: Size]
  private var bindings: [VariableID: Lowered] = [:]
  private var successors: [VariableID: Value] = [:]

  init(parent: Scope?, sizes: [SizeSymbol: Size]) {
    self.parent = parent
    self.sizes = sizes
  }

  func bind(_ variable: VariableID, _ value: Lowered) { bindings[variable] = value }

  func lookup(_ variable: VariableID) -> Lowered? { bindings[variable] ?? parent?.lookup(variable) }

  /// Assigns `next u` in this step, in the scope of the loop that carries `u`.
  func setSuccessor(of state: VariableID, _ value: Value) {
    if bindings[state] == nil, let parent, parent.lookup(state) != nil {
      parent.setSuccessor(of: state, value)
    } else {
      successors[state] = value
    }
  }

  func successor(of state: VariableID) -> Value? { successors[state] ?? parent?.successor(of: state) }
}

/// The derivative rules that apply at a place: those of the callee win over those of its caller, a function's over its model's, a model's
/// over its file's.
struct RulesInForce {
  final class Rule {
    let declaration: RuleDeclaration
    /// Where its slopes find their variables.
    let scope: Scope
    /// The rules at the declaration, this one included: they are in force inside its slopes.
    private(set) var rules: RulesInForce

    init(_ declaration: RuleDeclaration, scope: Scope, outer: RulesInForce) {
      self.declaration = declaration
      self.scope = scope
      rules = outer
      rules.byTarget[declaration.target] = self
    }
  }

  private(set) var byTarget: [Callee: Rule] = [:]

  init() {}

  subscript(target: Callee) -> Rule? { byTarget[target] }

  func adding(_ declarations: [RuleDeclaration], scope: Scope) -> RulesInForce {
    var result = self
    for declaration in declarations { result.byTarget[declaration.target] = Rule(declaration, scope: scope, outer: self) }
    return result
  }
}
