import ModelDSL

/// What the numbers of a program's rules say: slopes that overflow, that are 0, that scale the gradient, that forgot a factor, comments that
/// say something else. Rules are tried in the reference interpreter, in the file's precision; messages that the file silences are left out.
public func checkRules(_ program: CheckedProgram) -> [Diagnostic] {
  let context = ProbeContext(program)
  let sites = ruleSites(of: program)
  let studies = sites.compactMap { RuleStudy($0, context) }
  var judgements: [LineJudgement] = []
  var diagnostics: [Diagnostic] = []
  for study in studies {
    let judged = study.lines.compactMap { LineJudgement(study, $0) }
    judgements += judged
    diagnostics += judged.flatMap(\.diagnostics)
    diagnostics += study.structuralDiagnostics
  }
  diagnostics += contradictions(judgements)
  diagnostics += undeclaredDependences(sites, context)
  diagnostics += commentMismatches(context)
  diagnostics += repeatedTerms(context)
  return diagnostics.filter { !program.silences($0) }.sorted { a, b in
    (a.range.file.index, a.range.lower, a.code) < (b.range.file.index, b.range.lower, b.code)
  }
}
