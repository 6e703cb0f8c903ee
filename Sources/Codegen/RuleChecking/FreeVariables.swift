import ModelDSL

/// What expressions read from outside of them, with `let`s followed back to what they stand for.
struct FreeVariables {
  private let context: ProbeContext
  private let kept: Set<VariableID>
  private(set) var sources: [RuleProbe.Input.Source] = []
  private(set) var definitions: [(variable: VariableID, value: TypedExpression)] = []
  /// Whether something is read that has no value of its own: a function that a caller gives, a step of a cell.
  private(set) var isBroken = false
  private var seen: Set<VariableID> = []

  /// `kept` are not followed back; `bound` are declared around the expressions.
  init(_ context: ProbeContext, kept: Set<VariableID>, bound: Set<VariableID>) {
    self.context = context
    self.kept = kept
    seen = bound
  }

  /// `parameters` are declared by the function that the expression is the body of.
  mutating func add(_ expression: TypedExpression, declaring parameters: [VariableID] = []) {
    if !expression.isAlone { isBroken = true }
    let reads = Reads(expression)
    let bound = expression.boundVariables.union(parameters)
    for id in reads.order where !bound.contains(id) { add(id) }
    for id in reads.nexts.sorted(by: { $0.index < $1.index }) where !bound.contains(id) {
      if !sources.contains(.next(id)) { sources.append(.next(id)) }
    }
  }

  /// An input, whether it is read or not.
  mutating func addInput(_ id: VariableID) {
    seen.insert(id)
    if !sources.contains(.variable(id)) { sources.append(.variable(id)) }
  }

  private mutating func add(_ id: VariableID) {
    guard seen.insert(id).inserted, context.program.constants[id] == nil else { return }
    if context.program[id].role == .function {
      if !context.functions.contains(where: { $0.variable == id }) { isBroken = true }
      return
    }
    if !kept.contains(id), let definition = context.definitions[id], definition.isAlone, isFollowed(id, definition) {
      add(definition)
      definitions.append((id, definition))
    } else {
      sources.append(.variable(id))
    }
  }

  /// A number is followed back; an array only where it depends on what is varied, for it may be the work of a whole model.
  private func isFollowed(_ id: VariableID, _ definition: TypedExpression) -> Bool {
    if context.program[id].type.shape?.isEmpty ?? false { return true }
    var open = [definition]
    var met: Set<VariableID> = []
    while let next = open.popLast() {
      for read in Reads(next).variables where met.insert(read).inserted {
        if kept.contains(read) { return true }
        if let further = context.definitions[read] { open.append(further) }
      }
    }
    return false
  }
}

extension TypedExpression {
  /// Whether it can be evaluated without the loop around it: it advances no cell.
  fileprivate var isAlone: Bool {
    var result = true
    walk { e in
      if case .advance = e.kind { result = false }
      return result
    }
    return result
  }

  /// The variables that blocks, comprehensions, functions and rules inside of it declare.
  fileprivate var boundVariables: Set<VariableID> {
    var bound: Set<VariableID> = []
    func add(_ statements: [TypedStatement]) {
      for statement in statements {
        switch statement.kind {
        case .binding(let pattern, _): bound.formUnion(pattern.variables)
        case .state(let id, _), .record(let id, _): bound.insert(id)
        case .next: break
        case .loop(let loop):
          bound.insert(loop.axis)
          add(loop.body)
        case .whileLoop(let loop): add(loop.body)
        case .rule(let rule):
          bound.insert(rule.ruledValue)
          bound.formUnion(rule.parameters.map(\.variable))
          for clause in rule.clauses { if case .cotangent(let g, _) = clause { bound.insert(g) } }
        }
      }
    }
    walk { e in
      switch e.kind {
      case .build(let axes, let body), .reduction(_, let axes, _, let body):
        bound.formUnion(axes.map(\.variable))
        add(body.statements)
      case .block(let body): add(body.statements)
      case .conditional(_, let a, let b):
        add(a.statements)
        add(b.statements)
      case .function(.literal(let parameters, _)): bound.formUnion(parameters)
      case .inject(let inject):
        bound.insert(inject.ruledValue)
        for (_, clause) in inject.clauses { if case .cotangent(let g, _) = clause { bound.insert(g) } }
      default: break
      }
      return true
    }
    return bound
  }
}
