/// A pass: the same meaning in another form.
typealias Pass = @Sendable (Procedure) -> Procedure

extension Procedure {
  func applying(_ passes: [Pass]) -> Procedure { passes.reduce(self) { $1($0) } }
}

/// The form in which differentiation takes a procedure: what only one side of a branch needs stands in that side, nothing is computed twice
/// or in vain. Rules are respected: no `ruled` value is seen through.
public func prepared(_ procedure: Procedure) -> Procedure {
  // Sinking comes last, so that nothing merges a copy in a branch with its original.
  procedure.applying([
    eliminateDeadCode, simplify, eliminateCommonSubexpressionsWithinBranches, simplify, eliminateDeadCode, sinkIntoBranches,
  ])
}

/// The form in which a procedure is planned and emitted, once all derivatives are taken: rules are erased.
public func optimized(_ procedure: Procedure) -> Procedure {
  procedure.applying([eraseRules, eliminateDeadCode] + cleaning + cleaning)
}

private let cleaning: [Pass] = [simplify, eliminateCommonSubexpressions, eliminateDeadCode]
