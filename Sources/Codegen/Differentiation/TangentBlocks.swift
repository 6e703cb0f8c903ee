extension Differentiation {
  /// For the interpreter's traces: for each `ruled` statement, the transposes of its rules of the kind `.cotangent`. Nil for a rule that is not
  /// linear. The procedure comes back with the values of the new blocks in its table.
  public static func tangentBlocks(of procedure: Procedure, rules: RuleTable) -> (procedure: Procedure, blocks: TangentBlocks) {
    var builder = Builder(values: procedure.values)
    let imported = ImportedRules(rules, into: &builder)
    var blocks: TangentBlocks = [:]
    func visit(_ block: Block) {
      for statement in block.statements {
        if case .ruled(let value, let rules) = statement.operation {
          let hasTransposes = rules.contains { $0.kind == .cotangent }
          guard hasTransposes else { continue }
          blocks[statement.results[0]] = rules.map { rule in
            rule.kind == .cotangent ? transpose(rule, of: builder.values[value], rules: imported, in: &builder) : nil
          }
        } else {
          for inner in statement.operation.blocks { visit(inner) }
        }
      }
    }
    visit(procedure.body)
    var result = procedure
    result.values = builder.values
    return (result, blocks)
  }

  /// `g -> e` reversed with respect to `g`. Parameters: the target's tangent, and the ruled value.
  private static func transpose(_ rule: Rule, of type: ValueType, rules: ImportedRules, in builder: inout Builder) -> Block? {
    let tangent = builder.fresh(builder.values[rule.target])
    let ruledValue = builder.fresh(type)
    let g = builder.fresh(type)
    builder.openBlock()
    let body = builder.copied(rule.block)
    let (_, gradients) = pullback(of: body, arguments: [g, ruledValue], wrt: [0], cotangents: [tangent], rules: rules, in: &builder)
    let block = builder.closeBlock(parameters: [tangent, ruledValue], results: gradients).withoutDeadCode(builder.values)
    return block.freeValues.contains(g) ? nil : block
  }
}
