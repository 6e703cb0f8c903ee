// Visits of the typed tree: what an expression reads, in which statements.

extension TypedExpression {
  /// Calls `visit` for this expression and, where it says so, for all inside it.
  public func walk(_ visit: (TypedExpression) -> Bool) {
    guard visit(self) else { return }
    forEachChild { $0.walk(visit) }
  }

  /// The expressions directly inside this one, those in statements of its blocks included.
  public func forEachChild(_ visit: (TypedExpression) -> Void) {
    switch kind {
    case .real, .integer, .boolean, .size, .variable, .next: break
    case .primitive(_, let operands): operands.forEach(visit)
    case .shortCircuit(_, let a, let b), .contract(let a, let b), .bypass(let a, let b):
      visit(a)
      visit(b)
    case .call(_, let arguments, _, _): arguments.forEach(visit)
    case .prime(_, let a, _), .element(let a, _), .spread(let a, _), .fold(_, let a): visit(a)
    case .tuple(let items), .array(let items), .advance(_, let items): items.forEach(visit)
    case .subscripted(let base, let subscripts):
      visit(base)
      for item in subscripts {
        switch item {
        case .index(let e), .range(let e, _): visit(e)
        case .all: break
        }
      }
    case .build(_, let body), .block(let body): body.forEachExpression(visit)
    case .reduction(_, _, let condition, let body):
      if let condition { visit(condition) }
      body.forEachExpression(visit)
    case .conditional(let condition, let a, let b):
      visit(condition)
      a.forEachExpression(visit)
      b.forEachExpression(visit)
    case .function(.literal(_, let body)): visit(body)
    case .function(.named): break
    case .inject(let inject):
      visit(inject.value)
      for (_, clause) in inject.clauses { clause.forEachExpression(visit) }
    case .gradient(let e, _), .jacobian(let e, _): visit(e)
    case .jvp(let e, let tangents):
      visit(e)
      for (_, tangent) in tangents { visit(tangent) }
    }
  }
}

extension RuleClause {
  /// The slope, or what is done with the incoming gradient.
  public var expression: TypedExpression {
    switch self {
    case .slope(let e), .cotangent(_, let e): e
    }
  }

  func forEachExpression(_ visit: (TypedExpression) -> Void) {
    switch self {
    case .slope(let e), .cotangent(_, let e): visit(e)
    }
  }
}

extension TypedBlock {
  /// The expressions directly in the block's statements, then its value.
  public func forEachExpression(_ visit: (TypedExpression) -> Void) {
    for statement in statements { statement.forEachExpression(visit) }
    visit(value)
  }
}

extension TypedStatement {
  /// The expressions directly in this statement, those of a loop's body included.
  public func forEachExpression(_ visit: (TypedExpression) -> Void) {
    switch kind {
    case .binding(_, let e), .state(_, let e), .record(_, let e): visit(e)
    case .next(let targets, let value):
      for target in targets { target?.indices.forEach(visit) }
      visit(value)
    case .loop(let loop):
      if let condition = loop.condition { visit(condition) }
      for statement in loop.body { statement.forEachExpression(visit) }
    case .whileLoop(let loop):
      visit(loop.condition)
      for statement in loop.body { statement.forEachExpression(visit) }
    case .rule(let rule):
      for clause in rule.clauses { clause.forEachExpression(visit) }
    }
  }
}

/// What a piece of the typed tree reads.
public struct Reads {
  public private(set) var variables: Set<VariableID> = []
  public private(set) var nexts: Set<VariableID> = []

  /// In the order of their first mention.
  public private(set) var order: [VariableID] = []

  public mutating func add(_ expression: TypedExpression) {
    expression.walk { e in
      switch e.kind {
      case .variable(let id): note(id)
      case .next(let id): nexts.insert(id)
      case .gradient(_, let wrt), .jacobian(_, let wrt): note(wrt)
      case .jvp(_, let tangents): for (wrt, _) in tangents { note(wrt) }
      case .call(.variable(let id), _, _, _), .prime(.variable(let id), _, _), .function(.named(.variable(let id), _)): note(id)
      default: break
      }
      return true
    }
  }

  private mutating func note(_ id: VariableID) {
    if variables.insert(id).inserted { order.append(id) }
  }

  private mutating func note(_ wrt: DerivativeVariable) {
    switch wrt {
    case .variable(let id): note(id)
    case .next(let id): nexts.insert(id)
    }
  }

  public init(_ expressions: TypedExpression...) {
    for e in expressions { add(e) }
  }

  init(_ statement: TypedStatement) {
    statement.forEachExpression { add($0) }
  }
}

extension TypedPattern {
  public var variables: [VariableID] {
    switch self {
    case .variable(let id): [id]
    case .discard: []
    case .tuple(let items): items.flatMap(\.variables)
    }
  }
}
