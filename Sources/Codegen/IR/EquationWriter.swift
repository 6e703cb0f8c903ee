import ModelDSL

/// Writes statements as lines, nested by two spaces.
struct EquationWriter {
  let equations: Equations
  let texts: EquationText

  init(_ equations: Equations) {
    self.equations = equations
    texts = EquationText(equations)
  }

  func lines(of statements: [Statement], _ scope: EquationScope) -> [String] { statements.flatMap { lines(of: $0, scope) } }

  private func lines(of statement: Statement, _ scope: EquationScope) -> [String] {
    let results = statement.results
    switch statement.operation {
    case .accumulate(let token, let indices, let value):
      return [assignment(token, indices.map { texts.text($0, scope) }, "+=", value, scope)]
    case _ where !results.isEmpty && results.allSatisfy({ equations.definition(of: $0) != nil }): return []
    case .map(let map): return lines(of: map, results, scope)
    case .scan(let scan): return lines(of: scan, results, scope)
    case .whileLoop(let loop): return lines(of: loop, results, scope)
    case .accumulating(let accumulating): return lines(of: accumulating, results, scope)
    case .branch(let condition, let then, let otherwise) where !equations.isExpression(statement.operation):
      return ["if \(texts.text(condition, scope).words) {"] + side(then, results, scope) + ["} else {"] + side(otherwise, results, scope)
        + ["}"]
    case .reduce(let reduce) where !equations.isExpression(statement.operation): return lines(of: reduce, results, scope)
    default:
      let names = results.map(equations.name)
      return ["\(names.count == 1 ? names[0] : "(\(names.joined(separator: ", ")))") = \(texts.text(statement.operation, scope).words)"]
    }
  }

  private func indented(_ lines: [String]) -> [String] { lines.map { "  " + $0 } }

  private func assignment(
    _ target: Value, _ indices: [EquationText.Phrase], _ sign: String, _ value: Value, _ scope: EquationScope
  ) -> String {
    // A row that is itself a map is written element by element.
    if case .map(let map)? = scope[value] == nil ? equations.definition(of: value) : nil, map.body.results.count == 1 {
      var inner = scope
      inner.bind(map.axes, equations)
      let all = indices + map.axes.map { texts.text($0.index, inner) }
      return assignment(target, all, sign, map.body.results[0], inner)
    }
    let place = indices.isEmpty ? "" : "[\(indices.map(\.words).joined(separator: ", "))]"
    return "\(equations.name(target))\(place) \(sign) \(texts.text(value, scope).words)"
  }

  /// A name for another value, where the two are called differently.
  private func alias(_ target: Value, _ value: Value, _ scope: EquationScope) -> [String] {
    let words = texts.text(value, scope).words
    return words == equations.name(target) ? [] : ["\(equations.name(target)) = \(words)"]
  }

  private func side(_ block: Block, _ results: [Value], _ scope: EquationScope) -> [String] {
    indented(lines(of: block.statements, scope) + zip(results, block.results).flatMap { alias($0, $1, scope) })
  }

  private func lines(of map: Map, _ results: [Value], _ scope: EquationScope) -> [String] {
    var inner = scope
    inner.bind(map.axes, equations)
    let indices = map.axes.map { texts.text($0.index, inner) }
    let rows = zip(results, map.body.results).map { assignment($0, indices, "=", $1, inner) }
    if equations.lets(map.body).isEmpty { return rows }
    return ["for \(texts.axes(map.axes, inner)) {"] + indented(lines(of: map.body.statements, inner) + rows) + ["}"]
  }

  private func lines(of reduce: Reduce, _ results: [Value], _ scope: EquationScope) -> [String] {
    var inner = scope
    inner.bind(reduce.axes, equations)
    let condition = reduce.condition.map { " where \(texts.text($0, inner))" } ?? ""
    let last = reduce.body.results.map { texts.text($0, inner).words }.joined(separator: ", ")
    let names = results.map(equations.name).joined(separator: ", ")
    return ["\(names) = \(reduce.op.rawValue)(\(texts.axes(reduce.axes, inner))\(condition): {"]
      + indented(lines(of: reduce.body.statements, inner) + [last]) + ["})"]
  }

  private func states(_ parameters: [Value], _ initial: [Value], _ scope: EquationScope) -> [String] {
    zip(parameters, initial).map { "state \(equations.name($0)) = \(texts.text($1, scope).words)" }
  }

  private func successors(_ body: Block, _ stacked: [Value], at index: EquationText.Phrase, _ scope: EquationScope) -> [String] {
    zip(body.parameters, body.results).map { parameter, value in
      // `next a[i] = row`
      if case .update(parameter, let indices, let row)? = equations.definition(of: value) {
        return "next " + assignment(parameter, indices.map { texts.text($0, scope) }, "=", row, scope)
      }
      return "next \(equations.name(parameter)) = \(texts.text(value, scope).words)"
    }
      + zip(stacked, body.results.dropFirst(body.parameters.count)).map { assignment($0, [index], "=", $1, scope) }
  }

  private func lines(of scan: Scan, _ results: [Value], _ scope: EquationScope) -> [String] {
    var inner = scope
    inner.bind([scan.axis], equations)
    let index = texts.text(scan.axis.index, inner)
    let trips = scan.trips.map { " where \(index.words) < \(texts.text($0, scope).words)" } ?? ""
    let stacked = Array(results.dropFirst(scan.initial.count))
    return states(scan.body.parameters, scan.initial, scope)
      + ["for \(texts.axes([scan.axis], inner))\(scan.down ? " down" : "")\(trips) {"]
      + indented(lines(of: scan.body.statements, inner) + successors(scan.body, stacked, at: index, inner)) + ["}"]
      + zip(results, scan.body.parameters).flatMap { alias($0, $1, scope) }
  }

  private func lines(of loop: While, _ results: [Value], _ scope: EquationScope) -> [String] {
    guard let iterations = results.last else { return [] }
    let count = equations.name(iterations)
    var condition = scope
    for (parameter, carried) in zip(loop.condition.parameters, loop.body.parameters) {
      condition.bind(parameter, to: texts.text(carried, scope))
    }
    let stacked = Array(results.dropFirst(loop.initial.count).dropLast())
    let isCounted = equations.uses[iterations] > 0 || !stacked.isEmpty
    return states(loop.body.parameters, loop.initial, scope)
      + ["while \(texts.text(loop.condition, condition)), atMost: \(loop.bound)\(isCounted ? ", counted by \(count)" : "") {"]
      + indented(
        lines(of: loop.body.statements, scope) + successors(loop.body, stacked, at: EquationText.Phrase(count), scope)) + ["}"]
      + zip(results, loop.body.parameters).flatMap { alias($0, $1, scope) }
  }

  private func lines(of accumulating: Accumulating, _ results: [Value], _ scope: EquationScope) -> [String] {
    let tokens = accumulating.accumulators.map(\.token)
    let starts = accumulating.accumulators.map { accumulator in
      "\(equations.name(accumulator.token)) = \(accumulator.initial.map { texts.text($0, scope).words } ?? "0")"
    }
    return starts + lines(of: accumulating.body.statements, scope)
      + zip(results, accumulating.body.results + tokens).flatMap { alias($0, $1, scope) }
  }
}
