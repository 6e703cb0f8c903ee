/// `graft plot FILE`
@Sendable func plot(_ invocation: Invocation, console: Console) throws -> ExitStatus {
  throw UsageError("plot cannot draw yet: it comes with the rules of the neuron library. See the rules in force with graft explain")
}
