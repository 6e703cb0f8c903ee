import ModelDSL

/// What cannot be generated although it is right: "not yet", or a derivative that a rule does not allow.
public struct LoweringError: Error {
  public var diagnostic: Diagnostic
  public init(_ diagnostic: Diagnostic) { self.diagnostic = diagnostic }
}

/// A model file on its way to Swift: the stages' results as far as it came.
public struct Compilation: Sendable {
  /// Nil where the file has errors.
  public var program: CheckedProgram?
  /// Nil where the file has errors, or asks for what cannot be generated.
  public var module: Module?
  public var diagnostics: [Diagnostic]
  public var sources: SourceMap
  public init(program: CheckedProgram?, module: Module?, diagnostics: [Diagnostic], sources: SourceMap) {
    self.program = program
    self.module = module
    self.diagnostics = diagnostics
    self.sources = sources
  }

  /// With what `checkRules` says of the program.
  public var withCheckedRules: Compilation {
    guard let program else { return self }
    var result = self
    result.diagnostics += checkRules(program)
    return result
  }

  public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}

/// The compiler: text in, procedures out. `name` replaces the namespace that follows from the file's name; `read` gives the bytes of a file.
/// What is left to do is `emit(_:options:)`.
public func compile(
  path: String, name: String? = nil, options: CheckOptions, read: (String) -> [UInt8]?
) -> Compilation {
  var (program, diagnostics, sources) = check(path: path, options: options, read: read)
  if let name { program?.namespace = name }
  guard let program, !diagnostics.contains(where: { $0.severity == .error }) else {
    return Compilation(program: nil, module: nil, diagnostics: diagnostics, sources: sources)
  }
  let (module, more) = lower(program)
  return Compilation(program: program, module: module, diagnostics: diagnostics + more, sources: sources)
}
