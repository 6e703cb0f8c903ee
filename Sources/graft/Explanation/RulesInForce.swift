import Codegen
import ModelDSL

/// A derivative rule and where it was written.
struct RuleInForce {
  /// As written: `inject step'(v) = gaussian(v)`.
  let text: String
  /// `SequentialALIF.graft:21`
  let place: String
}

extension Compilation {
  /// The rules that the root file and the functions that it calls put over the table, by `inject f'(x) = …` and in expressions, then the lines
  /// of the table that are left in force.
  func rulesInForce(_ procedures: [Procedure]) -> [RuleInForce] {
    guard let program else { return [] }
    var declared: [SourceRange] = (program.fileRules[program.rootFile] ?? []).map(\.range)
    for function in program.functions where function.file == program.rootFile || !function.isLibrary {
      declared += function.body.statements.rules.map(\.range)
    }
    for model in program.models { declared += model.statements.rules.map(\.range) }
    for instance in program.instances { declared += instance.statements.rules.map(\.range) }

    var used: Set<Primitive> = []
    for procedure in procedures { procedure.body.collectPrimitives(&used) }
    let table = program.primitiveRules.filter { rule in
      if case .primitive(let primitive) = rule.target { return used.contains(primitive) }
      return false
    }
    var seen: Set<SourceRange> = []
    return (declared + program.injections + table.map(\.range)).filter { seen.insert($0).inserted }.map { range in
      RuleInForce(text: sources.text(of: range).oneLine, place: sources.place(of: range))
    }
  }
}

extension SourceMap {
  /// `neurons.graft:12`
  func place(of range: SourceRange) -> String {
    "\(self[range.file].path):\(position(of: range).line)"
  }
}

extension String {
  /// Runs of white space as one space.
  var oneLine: String { split(whereSeparator: \.isWhitespace).joined(separator: " ") }
}

extension [TypedStatement] {
  fileprivate var rules: [RuleDeclaration] {
    flatMap { statement -> [RuleDeclaration] in
      switch statement.kind {
      case .rule(let rule): [rule]
      case .loop(let loop): loop.body.rules
      case .whileLoop(let loop): loop.body.rules
      case .binding, .state, .next, .record: []
      }
    }
  }
}

extension Block {
  /// The primitives whose line of the table is in force somewhere: not those that only stand behind a rule of their own.
  fileprivate func collectPrimitives(_ found: inout Set<Primitive>) {
    let ruled = Set(
      statements.compactMap { statement -> Value? in
        if case .ruled(let value, _) = statement.operation { return value }
        return nil
      })
    for statement in statements {
      if case .primitive(let primitive, _) = statement.operation, !statement.results.contains(where: ruled.contains) {
        found.insert(primitive)
      }
      for block in statement.operation.blocks { block.collectPrimitives(&found) }
    }
  }
}
