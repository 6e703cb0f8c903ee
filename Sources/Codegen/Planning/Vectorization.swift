import ModelDSL

extension Plan {
  /// The plan with innermost loops over several iterations at once, in vectors of up to so many lanes, where that is worth it. What is left of a
  /// loop's iterations is run one by one. Sums are added in another order.
  func vectorized(lanes: Int) -> Plan {
    var plan = self
    plan.body = plan.vectorized(body, lanes: lanes)
    return plan
  }

  private mutating func vectorized(_ steps: [Step], lanes: Int) -> [Step] {
    var result: [Step] = []
    for step in steps {
      if case .loop(let loop) = step, let (reals, others) = loop.separated, let loops = vectorized(reals, lanes: lanes) {
        result += loops + (others.map { [.loop($0)] } ?? [])
      } else {
        result.append(step.mapNested { vectorized($0, lanes: lanes) })
      }
    }
    return result
  }

  private mutating func vectorized(_ loop: Loop, lanes widest: Int) -> [Step]? {
    guard loop.isParallel, !loop.isDown, loop.spikes == nil else { return nil }
    if let few = overlapping(loop, lanes: widest) { return few }
    guard let lanes = VectorLoop.lanes(for: loop, widest: widest) else { return nil }
    var vectors = VectorLoop(self, loop, lanes: lanes)
    guard vectors.run(), vectors.isWorthIt else { return nil }
    locals = vectors.plan.locals
    var whole = loop
    whole.body = vectors.steps
    whole.stride = lanes
    var result = vectors.before + [.loop(whole)] + vectors.after
    if let start = loop.start?.integerConstant ?? (loop.start == nil ? 0 : nil), let end = loop.count.integerConstant,
      (end - start) % lanes == 0
    {
      return result
    }
    var rest = loop
    rest.continues = true
    result.append(.loop(rest))
    return result
  }

  /// All iterations of a loop at once, where there are so few that they fill no vectors: some lanes do what others do.
  private mutating func overlapping(_ loop: Loop, lanes widest: Int) -> [Step]? {
    guard let (lanes, distance) = VectorLoop.overlap(for: loop, widest: widest) else { return nil }
    var vectors = VectorLoop(self, loop, lanes: lanes, distance: distance)
    guard vectors.run(), vectors.isWorthIt, vectors.before.isEmpty else { return nil }
    locals = vectors.plan.locals
    return [.define(loop.index, loop.start ?? .integer(0))] + vectors.steps
  }
}

extension Plan.Loop {
  /// The loop without what it writes of integers and conditions, and a loop that writes those, if there are any; nil where iterations depend on
  /// each other.
  fileprivate var separated: (reals: Plan.Loop, others: Plan.Loop?)? {
    guard isParallel else { return nil }
    func writesReals(_ step: Plan.Step) -> Bool? {
      switch step {
      case .store(let pointer, _), .add(let pointer, _): pointer.element == .real
      case .increase, .assign: true
      default: nil
      }
    }
    if !body.contains(where: { writesReals($0) == false }) || !body.contains(where: { writesReals($0) == true }) { return (self, nil) }
    var (reals, others) = (self, self)
    reals.body = body.filter { writesReals($0) != false }
    others.body = body.filter { writesReals($0) != true }
    others.isParallel = false
    reals.body = reals.body.withoutUnread
    others.body = others.body.withoutUnread
    return (reals, others)
  }
}

extension [Plan.Step] {
  /// Without definitions that nothing reads.
  fileprivate var withoutUnread: [Plan.Step] {
    var steps = self
    while true {
      var read = Set<Plan.Local>()
      for step in steps {
        step.visitReads { read.insert($0) }
        // What is changed here may be read outside.
        if case .increase(let local, _) = step { read.insert(local) }
        if case .assign(let local, _) = step { read.insert(local) }
      }
      var isChanged = false
      steps = Plan.Step.pruned(steps, read, &isChanged)
      if !isChanged { return steps }
    }
  }
}
