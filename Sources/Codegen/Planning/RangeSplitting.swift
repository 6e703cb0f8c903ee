import ModelDSL

extension Plan {
  /// The plan with innermost loops cut where a condition on their index changes: what is left of each has no such condition, and runs on vectors.
  /// The iterations and their order stay the same.
  func withSplitRanges() -> Plan {
    var splitter = RangeSplitter(plan: self)
    splitter.plan.body = splitter.split(body)
    return splitter.plan
  }
}

private struct RangeSplitter {
  var plan: Plan
  /// Places that were worked out already, by open list of steps: those that stay what they are.
  private var limits: [[Plan.Expression: Plan.Local]] = []
  /// The loops around, by index: where each runs.
  private var ranges: [Plan.Local: (start: Plan.Expression?, count: Plan.Expression)] = [:]
  /// A loop becomes at most so many, and so many lines.
  private static let mostPieces = 4
  private static let mostLines = 400

  init(plan: Plan) { self.plan = plan }

  mutating func split(_ steps: [Plan.Step]) -> [Plan.Step] {
    var result: [Plan.Step] = []
    limits.append([:])
    defer { limits.removeLast() }
    for step in steps {
      guard case .loop(let loop) = step else {
        result.append(step.mapNested { split($0) })
        continue
      }
      if loop.isInnermost && loop.isParallel && !loop.isDown && loop.spikes == nil {
        result += pieces(loop)
      } else {
        let outer = ranges[loop.index]
        ranges[loop.index] = (loop.start, loop.count)
        result.append(step.mapNested { split($0) })
        ranges[loop.index] = outer
      }
    }
    return result
  }

  /// A comparison of the loop's index: `index comparison base + offset`.
  private struct Condition {
    var comparison: Primitive
    var base: Plan.Expression?
    var offset: Int
  }

  /// Where a piece of the loop runs: bounds relative to what the index is compared with.
  private struct Bounds {
    var base: Plan.Expression?
    var least: Int?
    /// The first beyond.
    var end: Int?
  }

  private struct Piece {
    var start: Plan.Expression?
    var end: Plan.Expression
    var body: [Plan.Step]
    /// Holds one index at most.
    var isPoint = false
  }

  private mutating func pieces(_ loop: Plan.Loop) -> [Plan.Step] {
    var before: [Plan.Step] = []
    var done: [Piece] = []
    var work = [Piece(start: loop.start, end: loop.count, body: loop.body)]
    while let piece = work.first {
      work.removeFirst()
      let count = done.count + work.count
      // One iteration is no loop for vectors.
      guard !piece.isPoint, count + 2 < Self.mostPieces, (count + 3) * loop.body.lineCount < Self.mostLines,
        let found = condition(piece.body, loop.index),
        let cut = cut(piece, found, loop.index, &before)
      else {
        done.append(piece)
        continue
      }
      work = cut + work
    }
    if done.count == 1 && done[0].body.lineCount == loop.body.lineCount { return [.loop(loop)] }
    // A condition that is left would keep a piece from vectors, and the cuts would be for nothing.
    if done.allSatisfy({ $0.body.contains { if case .branch = $0 { true } else { false } } }) { return [.loop(loop)] }
    return before
      + done.map { piece in
        var part = loop
        // An index of its own: what follows is another loop.
        part.index = newLocal(plan[loop.index].name)
        part.isParallel = !piece.isPoint
        part.start = piece.start?.integerConstant == 0 ? nil : piece.start
        part.count = piece.end
        part.body = specialized(piece.body, loop.index, renamed: part.index)
        return .loop(part)
      }
  }

  // MARK: Conditions

  /// The first comparison of the index that a branch or a choice asks for.
  private func condition(_ body: [Plan.Step], _ index: Plan.Local) -> Condition? {
    var definitions: [Plan.Local: Plan.Expression] = [:]
    var own: Set<Plan.Local> = [index]
    for step in body { step.visitDefinitions { own.insert($0) } }
    var found: Condition?
    func visit(_ test: Plan.Expression) {
      if found != nil { return }
      switch test {
      case .local(let local): if let definition = definitions[local] { visit(definition) }
      case .primitive(.and, let sides), .primitive(.or, let sides), .primitive(.not, let sides): for side in sides { visit(side) }
      default: found = condition(test, index, own)
      }
    }
    func choices(_ expression: Plan.Expression) {
      switch expression {
      case .select(let test, let a, let b):
        visit(test)
        for part in [test, a, b] { choices(part) }
      case .primitive(.realFromBoolean, let operands), .primitive(.integerFromBoolean, let operands): visit(operands[0])
      case .primitive(_, let operands): for operand in operands { choices(operand) }
      default: break
      }
    }
    func walk(_ steps: [Plan.Step]) {
      for step in steps {
        if case .define(let local, let value) = step { definitions[local] = value }
        if case .branch(let test, _, _) = step { visit(test) }
        step.visitOwn(expression: { choices($0) }, pointer: { _ in })
        for nested in step.nested { walk(nested) }
      }
    }
    walk(body)
    return found
  }

  private func condition(_ test: Plan.Expression, _ index: Plan.Local, _ own: Set<Plan.Local>) -> Condition? {
    guard case .primitive(let comparison, let sides) = test, let mirrored = Self.mirrored[comparison] else { return nil }
    for (left, right, comparison) in [(sides[0], sides[1], comparison), (sides[1], sides[0], mirrored)] {
      let (base, offset) = parts(left)
      guard base == .local(index) else { continue }
      let (other, distance) = parts(right)
      var isFixed = !(other?.loads ?? false)
      other?.visit { if own.contains($0) { isFixed = false } }
      if isFixed { return Condition(comparison: comparison, base: other, offset: distance - offset) }
    }
    return nil
  }

  private static let mirrored: [Primitive: Primitive] = [
    .less: .greater, .lessOrEqual: .greaterOrEqual, .greater: .less, .greaterOrEqual: .lessOrEqual, .equal: .equal, .notEqual: .notEqual,
  ]

  /// An integer as something and a constant.
  private func parts(_ expression: Plan.Expression) -> (base: Plan.Expression?, offset: Int) {
    if let constant = expression.integerConstant { return (nil, constant) }
    switch expression {
    case .primitive(.add, let operands):
      if let constant = operands[1].integerConstant {
        let inner = parts(operands[0])
        return (inner.base, inner.offset + constant)
      }
      if let constant = operands[0].integerConstant {
        let inner = parts(operands[1])
        return (inner.base, inner.offset + constant)
      }
    case .primitive(.subtract, let operands):
      if let constant = operands[1].integerConstant {
        let inner = parts(operands[0])
        return (inner.base, inner.offset - constant)
      }
    default: break
    }
    return (expression, 0)
  }

  /// Whether the condition holds throughout, or nowhere; nil where that is not known.
  private func value(_ condition: Condition, _ bounds: Bounds) -> Bool? {
    guard condition.base == bounds.base else { return nil }
    let place = condition.offset
    let isBelow = bounds.end.map { $0 <= place } ?? false
    let isAtMost = bounds.end.map { $0 <= place + 1 } ?? false
    let isAtLeast = bounds.least.map { $0 >= place } ?? false
    let isAbove = bounds.least.map { $0 > place } ?? false
    switch condition.comparison {
    case .less: return isBelow ? true : isAtLeast ? false : nil
    case .lessOrEqual: return isAtMost ? true : isAbove ? false : nil
    case .greater: return isAbove ? true : isAtMost ? false : nil
    case .greaterOrEqual: return isAtLeast ? true : isBelow ? false : nil
    case .equal: return isAtMost && isAtLeast ? true : isBelow || isAbove ? false : nil
    default: return isAtMost && isAtLeast ? false : isBelow || isAbove ? true : nil
    }
  }

  // MARK: Cutting

  /// The piece as two or three, on whose indices the condition is known.
  private mutating func cut(_ piece: Piece, _ condition: Condition, _ index: Plan.Local, _ before: inout [Plan.Step]) -> [Piece]? {
    let isPoint = condition.comparison == .equal || condition.comparison == .notEqual
    let isAfter = condition.comparison == .lessOrEqual || condition.comparison == .greater
    let first = condition.offset + (isAfter ? 1 : 0)
    var cuts: [(place: Plan.Expression, offset: Int)] = []
    for offset in isPoint ? [first, first + 1] : [first] {
      guard let place = place(condition, offset, piece, &before) else { return nil }
      cuts.append((place, offset))
    }
    var result: [Piece] = []
    var start = piece.start ?? .integer(0)
    var least: Int?
    for (number, (place, offset)) in (cuts + [(piece.end, nil)] as [(Plan.Expression, Int?)]).enumerated() {
      if start != place {
        let bounds = Bounds(base: condition.base, least: least, end: offset)
        result.append(
          Piece(start: start, end: place, body: specialized(piece.body, index, bounds), isPoint: isPoint && number == 1 || piece.isPoint))
      }
      start = place
      least = offset
    }
    return result
  }

  /// `base + offset`, moved into the piece's range. The offset is that of the condition, or one more.
  private mutating func place(_ condition: Condition, _ offset: Int, _ piece: Piece, _ before: inout [Plan.Step]) -> Plan.Expression? {
    let start = piece.start ?? .integer(0)
    guard let base = condition.base else {
      if let low = start.integerConstant, offset <= low { return start }
      if let high = piece.end.integerConstant { return offset >= high ? piece.end : .integer(offset) }
      if start.integerConstant != nil { return named(.primitive(.minimum, [.integer(offset), piece.end]), &before) }
      return named(.primitive(.minimum, [.primitive(.maximum, [.integer(offset), start]), piece.end]), &before)
    }
    let place: Plan.Expression = .sum(base, .integer(offset)) ?? .integer(0)
    // The index of a loop around over the same range: its place, and the one after it, lie inside.
    if case .local(let local) = base, let range = ranges[local], range.start == nil, start.integerConstant == 0, offset == 0 || offset == 1,
      range.count == piece.end
    {
      return offset == 0 ? base : named(place, &before)
    }
    if case .local(let local) = base, before.contains(where: { if case .define(local, _) = $0 { true } else { false } }) { return nil }
    var bounded = place
    if case .size = base {
    } else if offset > condition.offset {
      // Bounded before one is added: the model may compare with the largest integer.
      let written: Plan.Expression = .sum(base, .integer(condition.offset)) ?? .integer(0)
      bounded = .sum(named(.primitive(.minimum, [written, piece.end]), &before), .integer(1)) ?? .integer(0)
    }
    return named(.primitive(.minimum, [named(.primitive(.maximum, [bounded, start]), &before), piece.end]), &before)
  }

  private mutating func named(_ expression: Plan.Expression, _ before: inout [Plan.Step]) -> Plan.Expression {
    for case .define(let local, expression) in before { return .local(local) }
    for known in limits { if let local = known[expression] { return .local(local) } }
    let local = newLocal("limit")
    before.append(.define(local, expression))
    var isConstant = !expression.loads
    expression.visit { _ in isConstant = false }
    if isConstant { limits[limits.count - 1][expression] = local }
    return .local(local)
  }

  private mutating func newLocal(_ name: String) -> Plan.Local {
    plan.locals.append(Plan.LocalInfo(type: .number(.integer), name: name))
    return Plan.Local(id: plan.locals.count - 1)
  }

  // MARK: Bodies

  private func specialized(
    _ body: [Plan.Step], _ index: Plan.Local, _ bounds: Bounds? = nil, renamed: Plan.Local? = nil
  ) -> [Plan.Step] {
    var own: Set<Plan.Local> = [index]
    for step in body { step.visitDefinitions { own.insert($0) } }
    var known: [Plan.Local: Plan.Expression] = renamed.map { [index: .local($0)] } ?? [:]
    func rewritten(_ expression: Plan.Expression) -> Plan.Expression {
      switch expression {
      case .constant, .size, .argument, .vector, .overlapping, .half, .splat, .gather, .lane, .total, .multiplyAdd: return expression
      case .local(let local): return known[local] ?? expression
      case .load(let pointer): return .load(rewritten(pointer))
      case .dot(let a, let b, let count): return .dot(rewritten(a), rewritten(b), count: rewritten(count))
      case .select(let test, let a, let b):
        switch rewritten(test) {
        case .constant(.boolean(let value)): return rewritten(value ? a : b)
        case let test: return .select(test, rewritten(a), rewritten(b))
        }
      case .primitive(let primitive, let operands):
        if let bounds, let condition = condition(expression, index, own), let value = value(condition, bounds) {
          return .constant(.boolean(value))
        }
        let operands = operands.map { rewritten($0) }
        var truths: [Bool?] = []
        for operand in operands { if case .constant(.boolean(let value)) = operand { truths.append(value) } else { truths.append(nil) } }
        switch primitive {
        case .not: if let value = truths[0] { return .constant(.boolean(!value)) }
        case .and:
          if truths.contains(false) { return .constant(.boolean(false)) }
          if truths[0] == true { return operands[1] }
          if truths[1] == true { return operands[0] }
        case .or:
          if truths.contains(true) { return .constant(.boolean(true)) }
          if truths[0] == false { return operands[1] }
          if truths[1] == false { return operands[0] }
        case .realFromBoolean: if let value = truths[0] { return .real(value ? 1 : 0) }
        case .integerFromBoolean: if let value = truths[0] { return .integer(value ? 1 : 0) }
        default: break
        }
        return .primitive(primitive, operands)
      }
    }
    func rewritten(_ pointer: Plan.Pointer) -> Plan.Pointer {
      Plan.Pointer(pointer.base, offset: pointer.offset.map { rewritten($0) }, element: pointer.element)
    }
    func rewritten(_ steps: [Plan.Step]) -> [Plan.Step] {
      var result: [Plan.Step] = []
      for step in steps {
        switch step {
        case .define(let local, let value):
          let value = rewritten(value)
          if case .constant(.boolean) = value { known[local] = value } else { result.append(.define(local, value)) }
        case .branch(let test, let then, let otherwise):
          switch rewritten(test) {
          case .constant(.boolean(let value)): result += rewritten(value ? then : otherwise)
          case let test: result.append(.branch(test, rewritten(then), rewritten(otherwise)))
          }
        case .variable(let local, let value): result.append(.variable(local, rewritten(value)))
        case .assign(let local, let value): result.append(.assign(local, rewritten(value)))
        case .increase(let local, let value): result.append(.increase(local, rewritten(value)))
        case .store(let place, let value): result.append(.store(rewritten(place), rewritten(value)))
        case .add(let place, let value): result.append(.add(rewritten(place), rewritten(value)))
        case .pointer(let local, let place, let isVariable): result.append(.pointer(local, rewritten(place), isVariable: isVariable))
        case .fill(let place, let count, let value): result.append(.fill(rewritten(place), count: rewritten(count), rewritten(value)))
        case .copy(let from, let to, let count): result.append(.copy(from: rewritten(from), to: rewritten(to), count: count))
        case .repoint(let local, let place): result.append(.repoint(local, rewritten(place)))
        case .notes, .declare, .swap, .scatter, .product, .rowProduct, .rowSum, .loop, .bounded, .parallel, .call:
          result.append(step)
        }
      }
      return result.withDefinitions
    }
    return rewritten(body)
  }
}

extension Plan.Loop {
  fileprivate var isInnermost: Bool {
    func isFlat(_ steps: [Plan.Step]) -> Bool {
      steps.allSatisfy { step in
        switch step {
        case .loop, .bounded, .parallel, .call, .product, .rowProduct, .rowSum: false
        case .branch(_, let then, let otherwise): isFlat(then) && isFlat(otherwise)
        default: true
        }
      }
    }
    return isFlat(body)
  }
}

extension [Plan.Step] {
  /// What is declared, and then given its value in the same list, is defined there.
  fileprivate var withDefinitions: [Plan.Step] {
    var declared: Set<Plan.Local> = []
    for case .declare(let local) in self { declared.insert(local) }
    var assigned: Set<Plan.Local> = []
    for case .assign(let local, _) in self where declared.contains(local) { assigned.insert(local) }
    if assigned.isEmpty { return self }
    return compactMap { step in
      switch step {
      case .declare(let local) where assigned.contains(local): nil
      case .assign(let local, let value) where assigned.contains(local): .define(local, value)
      default: step
      }
    }
  }
}
