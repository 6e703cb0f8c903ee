import ModelDSL

/// What cannot be generated although it is right: "not yet", or a derivative that a rule does not allow.
public struct LoweringError: Error {
  public var diagnostic: Diagnostic
  public init(_ diagnostic: Diagnostic) { self.diagnostic = diagnostic }
}
