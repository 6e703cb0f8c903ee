import ModelDSL

extension Builder {
  /// The tangent of a ruled value, from a rule `g -> e` for the target's cotangent: `e` reversed with respect to `g`. Nil where what comes out
  /// depends on `g`: then `e` is not linear in it. `rule` has the parameters `g` and the ruled value.
  mutating func transposed(_ rule: Block, value: Value, tangent: Value, _ rules: ImportedRules) -> Value? {
    let g = fresh(values[value])
    openBlock()
    let given = Block(statements: rule.statements, results: rule.results).substituting([rule.parameters[1]: value])
    let block = Block(parameters: [rule.parameters[0]], statements: given.statements, results: given.results)
    let (_, gradients) = Differentiation.pullback(of: block, arguments: [g], wrt: [0], cotangents: [tangent], rules: rules, in: &self)
    let emitted = closeBlock(results: gradients)
    // The block runs again before it is reversed: what that leaves unused may still read `g`.
    let needed = eliminateDeadCode(
      Procedure(name: "", sizes: [], inputs: [], resultNames: [""], body: emitted, values: values, requirements: [])
    ).body
    if needed.freeValues.contains(g) { return nil }
    for statement in needed.statements { append(statement) }
    return needed.results[0]
  }
}

extension Differentiation {
  /// For each `ruled` statement with rules `g -> e`: the blocks that do forward what the rules do backward, where they are linear. The blocks' values
  /// are in the table of the procedure returned, which is otherwise the one given.
  public static func tangentBlocks(of procedure: Procedure, rules: RuleTable) -> (procedure: Procedure, blocks: TangentBlocks) {
    var builder = Builder(values: procedure.values)
    let imported = ImportedRules(rules, into: &builder)
    var blocks: TangentBlocks = [:]
    func visit(_ block: Block) {
      for statement in block.statements {
        if case .ruled(let value, let clauses) = statement.operation, clauses.contains(where: { $0.kind == .cotangent }) {
          blocks[statement.results[0]] = clauses.map { clause in
            clause.kind == .cotangent ? builder.tangentBlock(clause, value: value, imported) : nil
          }
        }
        for inner in statement.operation.blocks { visit(inner) }
      }
    }
    visit(procedure.body)
    var result = procedure
    result.values = builder.values
    return (result, blocks)
  }
}

extension Builder {
  fileprivate mutating func tangentBlock(_ rule: Rule, value: Value, _ rules: ImportedRules) -> Block? {
    let tangent = fresh(values[rule.target])
    let result = fresh(values[value])
    openBlock()
    let transposed = transposed(rule.block, value: result, tangent: tangent, rules)
    let block = closeBlock(parameters: [tangent, result], results: transposed.map { [$0] } ?? [])
    if transposed == nil { return nil }
    // It is computed, never differentiated: rules in it, such as those of a function that the rule calls, have done their work.
    return eraseRules(Procedure(name: "", sizes: [], inputs: [], resultNames: [""], body: block, values: values, requirements: [])).body
  }
}
