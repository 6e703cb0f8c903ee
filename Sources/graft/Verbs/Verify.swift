import Codegen
import ModelDSL

/// `graft verify FILE…`: every derivative of every file, in the reference interpreter.
@Sendable func verify(_ invocation: Invocation, console: Console) throws -> ExitStatus {
  let seed = try invocation.count(.seed, least: 0, default: 1)
  let points = try invocation.count(.points, least: 1, default: 3)
  var statuses: [ExitStatus] = []
  var documents: [JSON] = []
  for file in invocation.files {
    let compilation = try compile(file, invocation)
    if !invocation.has(.json) || compilation.hasErrors { compilation.report(to: console) }
    guard let program = compilation.program, let module = compilation.module else {
      statuses.append(.failed)
      continue
    }
    let engine = Engine(rules: lowerRuleTable(program))
    var reports = module.claims.map { ClaimCheck(claim: $0, engine: engine, seed: seed, points: points).report() }
    if invocation.has(.compiled) { reports.merge(try CompiledCheck.reports([module], seed: seed, points: points)[0]) }
    statuses.append(reports.allSatisfy(\.holds) ? .done : .failed)
    if invocation.has(.json) {
      documents += reports.map { $0.document(file: file) }
    } else {
      if invocation.files.count > 1 { console.print("\(file)\n") }
      console.print(table(reports, withCompiled: invocation.has(.compiled)))
    }
  }
  let status = ExitStatus.worst(statuses)
  if invocation.has(.json) {
    console.print(JSON.object([JSON.Member("holds", .boolean(status == .done)), JSON.Member("derivatives", .array(documents))]).text)
  }
  return status
}

extension [ClaimReport] {
  /// Adds what the comparison with compiled code found; functions without a derivative come last.
  fileprivate mutating func merge(_ compiled: [ClaimReport]) {
    for report in compiled {
      guard let place = firstIndex(where: { $0.name == report.name }) else {
        append(report)
        continue
      }
      self[place].compiledAgainstInterpreter = report.compiledAgainstInterpreter
      if case .differs(let details) = report.outcome {
        if case .differs(let others) = self[place].outcome {
          self[place].outcome = .differs(others + details)
        } else {
          self[place].outcome = report.outcome
        }
      }
    }
  }
}

extension ClaimReport {
  var holds: Bool {
    if case .differs = outcome { return false }
    return true
  }

  fileprivate var summary: String {
    switch outcome {
    case .holds:
      let exceptions =
        unchecked.isEmpty ? "" : "; not checked for \(listed(unchecked, by: "and")): a rule is not linear in the incoming gradient"
      return (zero.isEmpty ? "holds" : "holds; 0 everywhere for \(listed(zero, by: "and"))") + exceptions + leftOutText
    case .differs: return "DIFFERS"
    case .notChecked(let reason): return "not checked: \(reason)"
    }
  }

  /// `; 2 points left out: the values were not finite`
  private var leftOutText: String {
    let causes = UnusablePoint.allCases.compactMap { cause in leftOut[cause].map { (cause: cause.rawValue, count: $0) } }
    if causes.isEmpty { return "" }
    let count = causes.reduce(0) { $0 + $1.count }
    return "; \(count) \(count == 1 ? "point" : "points") left out: \(listed(causes.map(\.cause), by: "or"))"
  }

  fileprivate func document(file: String) -> JSON {
    func number(_ value: Double?) -> JSON { value.map(JSON.real) ?? .null }
    var members = [
      JSON.Member("file", .string(file)), JSON.Member("name", .string(name)), JSON.Member("kind", .string(kind.rawValue)),
      JSON.Member("wrt", .array(variables.map(JSON.string))), JSON.Member("points", .integer(points)),
      JSON.Member("pointsLeftOut", .integer(leftOut.values.reduce(0, +))),
      JSON.Member("reverseAgainstForward", number(reverseAgainstForward)),
      JSON.Member("forwardAgainstDifferences", number(forwardAgainstDifferences)),
      JSON.Member("compiledAgainstInterpreter", number(compiledAgainstInterpreter)),
    ]
    switch outcome {
    case .holds: members.append(JSON.Member("outcome", .string("holds")))
    case .differs(let details):
      members += [JSON.Member("outcome", .string("differs")), JSON.Member("details", .array(details.map(JSON.string)))]
    case .notChecked(let reason):
      members += [JSON.Member("outcome", .string("not checked")), JSON.Member("details", .array([.string(reason)]))]
    }
    members.append(JSON.Member("notChecked", .array(unchecked.map(JSON.string))))
    members.append(JSON.Member("zero", .array(zero.map(JSON.string))))
    return .object(members)
  }
}

/// One aligned line for each derivative, and the details of those that differ.
private func table(_ reports: [ClaimReport], withCompiled: Bool) -> String {
  if reports.isEmpty { return "nothing to check: the file derives nothing and has no model with a loss\n" }
  let header =
    ["derivative", "with respect to", "points", "reverse-forward", "forward-differences"] + (withCompiled ? ["compiled-interpreter"] : [])
    + [""]
  let rows = reports.map { report in
    [
      report.name, abbreviated(report.variables), "\(report.points)", scientific(report.reverseAgainstForward),
      scientific(report.forwardAgainstDifferences),
    ] + (withCompiled ? [scientific(report.compiledAgainstInterpreter)] : []) + [report.summary]
  }
  let lines = columns([header] + rows).split(separator: "\n", omittingEmptySubsequences: false)
  var text = lines[0] + "\n"
  for (report, line) in zip(reports, lines.dropFirst()) {
    text += line + "\n"
    if case .differs(let details) = report.outcome { text += details.map { "    \($0)\n" }.joined() }
  }
  return String(text)
}

private func abbreviated(_ names: [String]) -> String {
  let all = names.joined(separator: ", ")
  return all.count <= 40 || names.count <= 2 ? all : "\(names[0]), … \(names[names.count - 1]) (\(names.count))"
}

/// `3e-16`, `0`, `-` where nothing was compared.
private func scientific(_ value: Double?) -> String {
  guard let value else { return "-" }
  if value == 0 { return "0" }
  if !value.isFinite { return "inf" }
  var exponent = 0
  var digit = abs(value)
  while digit.rounded() < 1 {
    digit *= 10
    exponent -= 1
  }
  while digit.rounded() >= 10 {
    digit /= 10
    exponent += 1
  }
  return "\(Int(digit.rounded()))e\(exponent)"
}
