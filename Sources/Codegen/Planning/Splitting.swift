import ModelDSL

extension Plan {
  /// The plan with no function of more than about `limit` lines: runs of steps that are too long stand in functions of their own.
  func split(limit: Int = 200) -> Plan {
    var splitter = Splitter(limit: limit)
    var later: Set<Local> = []
    for case .number(let expression, _) in results { expression.visit { later.insert($0) } }
    var plan = self
    for step in body { step.visitDeclared { splitter.declared.insert($0) } }
    plan.body = splitter.split(body, later: later)
    return plan
  }
}

private struct Splitter {
  let limit: Int
  /// Constants that a branch gives their value: it must do so itself.
  var declared: Set<Plan.Local> = []
  var number = 0

  /// `later`: what is read or assigned after these steps.
  mutating func split(_ steps: [Plan.Step], later: Set<Plan.Local>) -> [Plan.Step] {
    if steps.lineCount <= limit { return steps }
    // What each step's successors mention.
    var mentioned: [Set<Plan.Local>] = Array(repeating: later, count: steps.count + 1)
    for place in steps.indices.reversed() {
      mentioned[place] = mentioned[place + 1]
      steps[place].visitMentioned { mentioned[place].insert($0) }
    }
    // What a nested list defines is mentioned in it alone, but for what the condition of a loop reads.
    let shorter = steps.map { step in
      var condition: Set<Plan.Local> = []
      if case .bounded(let loop) = step { loop.condition.visit { condition.insert($0) } }
      return step.mapNested { split($0, later: condition) }
    }
    if shorter.lineCount <= limit { return shorter }

    return grouped(outlined(shorter, mentioned), later: later)
  }

  /// The largest loops and branches in functions of their own, until the rest is short enough.
  private mutating func outlined(_ steps: [Plan.Step], _ mentioned: [Set<Plan.Local>]) -> [Plan.Step] {
    var steps = steps.map { [$0] }
    let units = units(steps.map { $0[0] })
    var total = steps.reduce(0) { $0 + $1.lineCount }
    let candidates = units.filter { unit in
      unit.contains { !steps[$0][0].nested.isEmpty } && !unit.contains { staysInPlace(steps[$0][0]) }
    }
    func count(_ unit: Range<Int>) -> Int { unit.reduce(0) { $0 + steps[$1].lineCount } }
    let sizes = candidates.map(count)
    for place in candidates.indices.sorted(by: { sizes[$0] != sizes[$1] ? sizes[$0] > sizes[$1] : $0 < $1 }) {
      if total <= limit || sizes[place] < limit / 5 { break }
      let unit = candidates[place]
      let part = part(unit.flatMap { steps[$0] }, later: mentioned[unit.upperBound])
      for index in unit { steps[index] = [] }
      steps[unit.lowerBound] = part
      total += part.lineCount - sizes[place]
    }
    return steps.flatMap { $0 }
  }

  /// Runs of steps in functions of their own, cut where the fewest values are alive.
  private mutating func grouped(_ steps: [Plan.Step], later: Set<Plan.Local>) -> [Plan.Step] {
    if steps.lineCount <= limit { return steps }
    var mentioned: [Set<Plan.Local>] = Array(repeating: later, count: steps.count + 1)
    for place in steps.indices.reversed() {
      mentioned[place] = mentioned[place + 1]
      steps[place].visitMentioned { mentioned[place].insert($0) }
    }
    var result: [Plan.Step] = []
    var run: [Range<Int>] = []
    func lines(_ unit: Range<Int>) -> Int { Array(steps[unit]).lineCount }

    /// Cuts a run of units that may be moved.
    func close(_ splitter: inout Splitter) {
      var rest = run[...]
      while let first = rest.first {
        var defined: Set<Plan.Local> = []
        var total = 0
        var best = (count: Int.max, end: rest.startIndex)
        for place in rest.indices {
          total += lines(rest[place])
          if total > splitter.limit && place > rest.startIndex { break }
          for step in steps[rest[place]] { step.visitDefinitions { defined.insert($0) } }
          let isLast = place == rest.index(before: rest.endIndex)
          let alive = isLast ? 0 : defined.intersection(mentioned[rest[place].upperBound]).count
          if isLast || total >= splitter.limit / 2, alive <= best.count { best = (alive, place) }
          if best.count == .max { best.end = place }
        }
        let end = rest[best.end].upperBound
        result += splitter.part(Array(steps[first.lowerBound..<end]), later: mentioned[end])
        rest = rest[rest.index(after: best.end)...]
      }
      run = []
    }

    for unit in units(steps) {
      if steps[unit].contains(where: staysInPlace) {
        close(&self)
        result += steps[unit]
      } else {
        run.append(unit)
      }
    }
    close(&self)
    return result
  }

  /// Whether it must not be moved into another function.
  private func staysInPlace(_ step: Plan.Step) -> Bool {
    switch step {
    case .parallel: true
    case .assign(let local, _): declared.contains(local)
    default: false
    }
  }

  /// Ranges of steps that must stay together: from where a variable is declared to where this list last assigns it.
  private func units(_ steps: [Plan.Step]) -> [Range<Int>] {
    var declared: [Plan.Local: Int] = [:]
    var reach = Array(steps.indices)
    for (place, step) in steps.enumerated() {
      switch step {
      case .declare(let local), .variable(let local, _), .pointer(let local, _, isVariable: true): declared[local] = place
      case .loop(let loop) where loop.continues: if let start = declared[loop.index] { reach[start] = max(reach[start], place) }
      case .loop(let loop):
        declared[loop.index] = place
        step.visitAssigned { if let start = declared[$0] { reach[start] = max(reach[start], place) } }
      default: step.visitAssigned { if let start = declared[$0] { reach[start] = max(reach[start], place) } }
      }
    }
    var units: [Range<Int>] = []
    var start = 0
    var end = 0
    for place in steps.indices {
      end = max(end, reach[place])
      if place == end {
        units.append(start..<(place + 1))
        start = place + 1
        end = place + 1
      }
    }
    return units
  }

  /// The steps as a function of their own, where that is shorter.
  private mutating func part(_ steps: [Plan.Step], later: Set<Plan.Local>) -> [Plan.Step] {
    if steps.lineCount < 8 { return steps }
    var defined: [Plan.Local] = []
    for step in steps {
      switch step {
      case .define(let local, _), .declare(let local), .variable(let local, _), .pointer(let local, _, _): defined.append(local)
      case .call(let part): defined += part.results
      case .loop(let loop): defined.append(loop.index)
      default: break
      }
    }
    var inner = Set(defined)
    for step in steps { step.visitNestedDefinitions { inner.insert($0) } }
    var mentioned: Set<Plan.Local> = []
    var assigned: Set<Plan.Local> = []
    for step in steps {
      step.visitMentioned { mentioned.insert($0) }
      step.visitAssigned { assigned.insert($0) }
    }
    let changed = assigned.subtracting(inner)
    number += 1
    let part = Plan.Part(
      name: "part\(number)", parameters: mentioned.subtracting(inner).subtracting(changed).sorted(), changed: changed.sorted(),
      results: defined.filter(later.contains), body: steps, mayFail: steps.contains(where: \.mayFail))
    return [.call(part)]
  }
}

extension Plan.Local: Comparable {
  static func < (a: Self, b: Self) -> Bool { a.id < b.id }
}

extension Plan.Region {
  /// What the iterations read of the function around.
  var captured: [Plan.Local] {
    var mentioned: Set<Plan.Local> = []
    var inner: Set<Plan.Local> = [index]
    if let samples { inner.insert(samples) }
    for step in body {
      step.visitMentioned { mentioned.insert($0) }
      step.visitDefinitions { inner.insert($0) }
    }
    return mentioned.subtracting(inner).sorted()
  }
}

extension Plan.Step {
  func visitMentioned(_ body: (Plan.Local) -> Void) {
    visitReads(body)
    visitAssigned(body)
    if case .call(let part) = self { for local in part.parameters + part.changed { body(local) } }
  }

  /// Every local that the step defines, at any depth.
  func visitDefinitions(_ body: (Plan.Local) -> Void) {
    switch self {
    case .define(let local, _), .declare(let local), .variable(let local, _), .pointer(let local, _, _): body(local)
    case .call(let part): for local in part.results { body(local) }
    default: break
    }
    visitNestedDefinitions(body)
  }

  func visitNestedDefinitions(_ body: (Plan.Local) -> Void) {
    switch self {
    case .loop(let loop):
      body(loop.index)
      if let samples = loop.samples { body(samples) }
    case .parallel(let region):
      body(region.index)
      if let samples = region.samples { body(samples) }
    default: break
    }
    for steps in nested { for step in steps { step.visitDefinitions(body) } }
  }

  var mayFail: Bool {
    switch self {
    case .bounded: true
    case .call(let part): part.mayFail
    case .parallel(let region): region.mayFail
    default: nested.contains { $0.contains(where: \.mayFail) }
    }
  }

  func visitDeclared(_ body: (Plan.Local) -> Void) {
    if case .declare(let local) = self { body(local) }
    for steps in nested { for step in steps { step.visitDeclared(body) } }
  }

  /// Lines of the function that it stands in.
  var lineCount: Int {
    switch self {
    case .call, .parallel: 1
    case .loop(let loop): 4 + loop.body.lineCount
    case .bounded(let loop): 5 + loop.conditionSteps.lineCount + loop.body.lineCount
    case .branch(_, let then, let otherwise): 3 + then.lineCount + otherwise.lineCount
    default: 1
    }
  }
}

extension Array where Element == Plan.Step {
  var lineCount: Int { reduce(0) { $0 + $1.lineCount } }
}
