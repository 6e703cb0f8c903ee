/// A pass: the same meaning in another form.
typealias Pass = @Sendable (Procedure) -> Procedure

extension Procedure {
  /// The passes one after the other; in debug builds, each result is verified.
  func applying(_ passes: [Pass]) -> Procedure {
    passes.enumerated().reduce(self) { procedure, pass in
      let result = pass.element(procedure)
      assert(verify(result).isEmpty, "pass \(pass.offset) breaks \(name): \(verify(result))")
      return result
    }
  }
}

/// The form in which differentiation takes a procedure: what only one side of a branch needs stands in that side, nothing is computed twice
/// or in vain. Rules are respected: no `ruled` value is seen through.
public func prepared(_ procedure: Procedure) -> Procedure {
  // Sinking comes first, so that no loop-invariant of one side leaves a loop, and last, so that nothing merges a copy in a branch with its
  // original.
  procedure.applying([
    eliminateDeadCode, sinkIntoBranches, simplify, eliminateCommonSubexpressionsWithinBranches, hoistLoopInvariants,
    simplify, eliminateCommonSubexpressionsWithinBranches, eliminateDeadCode, inlineMapsIntoBranches, sinkIntoBranches,
  ])
}

/// The form in which a procedure is planned and emitted, once all derivatives are taken: rules are erased.
public func optimized(_ procedure: Procedure) -> Procedure {
  var result = procedure.applying(
    [eraseRules, propagateZeros, eliminateDeadCode] + cleaning + [hoistLoopInvariants, narrowAccumulations] + cleaning)
  // One level of nesting a round: when outer loops have become one, inner ones stand side by side.
  for _ in 0..<4 {
    guard let fused = fusingLoops(result) else { break }
    // Carried values become one first, then what they are computed by.
    result = fused.applying([simplify, eliminateCommonSubexpressions, eliminateCommonSubexpressions, eliminateDeadCode])
  }
  result = result.applying(
    [hoistLoopInvariants, eliminateCommonSubexpressions, eliminateDeadCode, fuseMaps, narrowSums] + cleaning
      + [inlineMaps, gatherAccumulations] + cleaning + [narrowSums] + cleaning + [fuseMaps] + cleaning
      + [unrollSmallArrays] + cleaning + [unrollSmallArrays] + cleaning)
  // The order of loops comes last: fusion and simplification would read through the transposed copies again.
  return result.applying(
    [
      eventDriven, eliminateDeadCode, removeCopies, eliminateCommonSubexpressions, eliminateDeadCode, joinSpikeSums,
      eliminateCommonSubexpressions, eliminateDeadCode, keepSpikesAsConditions, eliminateDeadCode,
    ])
}

/// What leaves a tidy procedure behind; again, as each pass makes work for the others.
private let cleaning: [Pass] = [simplify, eliminateCommonSubexpressions, eliminateDeadCode]
