// Visits of the syntax tree, for questions that come before types.

extension Expression {
  /// Calls `visit` for this expression and for all inside it.
  func walk(_ visit: (Expression) -> Void) {
    visit(self)
    func all(_ items: [Expression]) { for item in items { item.walk(visit) } }
    switch kind {
    case .name, .integer, .real, .boolean, .prime, .next, .error: break
    case .unary(_, let a), .member(let a, _), .function(_, let a): a.walk(visit)
    case .binary(_, let a, let b): all([a, b])
    case .call(let callee, let arguments):
      callee.walk(visit)
      all(arguments.map(\.value))
    case .subscripted(let base, let subscripts):
      base.walk(visit)
      for item in subscripts { item.walk(visit) }
    case .tuple(let arguments): all(arguments.map(\.value))
    case .array(let items): all(items)
    case .build(let comprehension), .reduction(_, let comprehension):
      all(comprehension.axes.map(\.size))
      comprehension.condition?.walk(visit)
      comprehension.body.walk(visit)
    case .conditional(let condition, let a, let b):
      condition.walk(visit)
      a.walk(visit)
      b.walk(visit)
    case .block(let block): block.walk(visit)
    }
  }
}

extension Subscript {
  func walk(_ visit: (Expression) -> Void) {
    switch self {
    case .index(let e): e.walk(visit)
    case .range(let a, let b, _):
      a?.walk(visit)
      b?.walk(visit)
    case .all: break
    }
  }
}

extension BlockTree {
  func walk(_ visit: (Expression) -> Void) {
    for statement in statements { statement.walk(visit) }
  }
}

extension Statement {
  func walk(_ visit: (Expression) -> Void) {
    switch kind {
    case .constant(let declaration): declaration.value.walk(visit)
    case .state(_, _, let e), .record(_, let e), .returned(let e), .expression(let e), .loss(let e), .optimizer(let e): e.walk(visit)
    case .next(let targets, let value):
      for target in targets { for item in target.indices { item.walk(visit) } }
      value.walk(visit)
    case .forLoop(_, let count, let condition, _, let body):
      count.walk(visit)
      condition?.walk(visit)
      body.walk(visit)
    case .whileLoop(let condition, let bound, let body):
      condition.walk(visit)
      bound?.walk(visit)
      body.walk(visit)
    case .inject(let declaration): declaration.rule.walk(visit)
    case .size(let items): for item in items { item.value?.walk(visit) }
    case .parameter(_, _, let e): e?.walk(visit)
    case .setting(_, _, let e): e?.walk(visit)
    case .output(_, let e): e?.walk(visit)
    case .input, .silence: break
    }
  }
}
