import ModelDSL

// Where along a line there may be something to see.

extension RuleStudy {
  /// Numbers that are written in the slopes: features stand near them.
  var centres: [Double] {
    var found: [Double] = []
    func visit(_ block: Block) {
      for statement in block.statements {
        if case .constant(.real(let number)) = statement.operation, abs(number) <= 1e4, abs(number) >= 1e-4 {
          for centre in [number, -number] where !found.contains(centre) { found.append(centre) }
        }
        for inner in statement.operation.blocks { visit(inner) }
      }
    }
    visit(values.body)
    if let smooth { visit(smooth.body) }
    return Array(found.prefix(8))
  }

  /// Places along a line that grids may miss: bounds of the slope over intervals say where it may be no finite number, or something else than
  /// 0 where it is 0 around. Halving goes on there until the places are told apart; where bounds prove that there is nothing, it ends at once.
  func suspects(_ line: RuleLine, assignment: Double) -> [Double] {
    guard let clause = line.clause, probe.inputs[line.place].type.isScalar, let body = values.body.statements.compactMap(\.mapBody).first
    else { return [] }
    let evaluation = IntervalEvaluation(values: values.values, precision: context.program.precision)
    let others = probe.scalarInputs(assignment: assignment)
    func slope(_ interval: Interval) -> Interval {
      var known: [Value: Interval] = [:]
      for (place, input) in values.inputs.enumerated() where probe.inputs[place].type.isScalar {
        known[input.value] = place == line.place ? interval : Interval(others[place])
      }
      return evaluation.results(body, known)[1 + clause]
    }
    enum Question { case finite, nonzero }
    func search(_ question: Question) -> Double? {
      func isOpen(_ bounds: Interval) -> Bool {
        switch question {
        case .finite: !bounds.isFinite
        case .nonzero: !bounds.isZero
        }
      }
      // The whole line first: most rules are proved at once.
      let whole = Interval(-LineJudgement.moderate, LineJudgement.moderate)
      if !isOpen(slope(whole)) { return nil }
      var open = [whole]
      for _ in 0..<Self.mostHalvings {
        // Depth first, nearest to 0: what is found is one place, not all of them.
        guard let interval = open.popLast() else { return nil }
        let middle = rounded(interval.low < 0 && interval.high > 0 ? 0 : (interval.low + interval.high) / 2)
        guard middle > interval.low, middle < interval.high else { return middle }
        for half in [Interval(interval.low, middle), Interval(middle, interval.high)] where isOpen(slope(half)) { open.append(half) }
        open.sort { min(abs($0.low), abs($0.high)) > min(abs($1.low), abs($1.high)) }
      }
      return nil
    }
    return [search(.finite), search(.nonzero)].compactMap { $0 }
  }

  private static let mostHalvings = 300
}

extension Statement {
  /// What runs at each point.
  fileprivate var mapBody: Block? {
    if case .map(let map) = operation { return map.body }
    return nil
  }
}
