import Codegen
import ModelDSL

/// `graft plot FILE`: an SVG of the rules that the file writes.
@Sendable func plot(_ invocation: Invocation, console: Console) throws -> ExitStatus {
  let compilation = try compile(invocation.files[0], invocation)
  compilation.report(to: console)
  guard !compilation.hasErrors, let program = compilation.program else { return .failed }
  let curves = ruleCurves(program)
  guard !curves.isEmpty else {
    console.error("'\(invocation.files[0])' has no rule with a slope along a number: nothing to draw")
    return .failed
  }
  console.print(rulePlot(curves.map { LabelledCurve(title: compilation.sources.text(of: $0.range).oneLine, curve: $0) }))
  return .done
}
