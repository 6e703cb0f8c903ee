// The door of this folder: from texts to a checked program.

/// What a user may change about a file without editing it.
public struct CheckOptions: Sendable {
  /// New values for `size n = …` of the root file, by name.
  public var sizes: [String: Int]
  public var precision: Precision?
  /// Rules that replace those of the root file or its models: `step'(v) = triangle(v)`.
  public var injections: [String]
  public init(sizes: [String: Int] = [:], precision: Precision? = nil, injections: [String] = []) {
    self.sizes = sizes
    self.precision = precision
    self.injections = injections
  }
}

/// Checks a file with all that it imports. `read` gives the bytes of a file, or nil where there is none; paths of imports are relative to
/// the file that they stand in. There is a program only where there is no error.
public func check(
  path: String, options: CheckOptions, read: (_ path: String) -> [UInt8]?
) -> (program: CheckedProgram?, diagnostics: [Diagnostic], sources: SourceMap) {
  var checker = Checker(options: options)
  guard checker.loadRoot(path, read) else { return (nil, checker.diagnostics, checker.sources) }
  checker.loadLibrary()
  checker.loadInjections()
  checker.declareNames()

  checker.checkPrimitiveRules()
  checker.checkConstants()
  checker.checkFunctions()
  checker.checkFileRules()
  checker.checkCells()
  checker.checkModels()
  checker.checkDerivations()

  checker.checkOptionsApplied()
  if !checker.hasErrors {
    checker.checkGradientsReach()
    checker.checkRulesAreUsed()
    checker.checkRulesAreDifferentiated()
    checker.readDocumentedFormulas()
  }
  let diagnostics = checker.finalDiagnostics()
  return (checker.hasErrors ? nil : checker.program(path), diagnostics, checker.sources)
}

extension Checker {
  mutating func checkConstants() {
    for index in constantEntries.indices where isUserFile(constantEntries[index].file) {
      for name in constantEntries[index].declaration.pattern.names { _ = constant(index, named: name.text) }
    }
  }

  mutating func checkFunctions() {
    for index in functionEntries.indices where isUserFile(functionEntries[index].file) { _ = checkedFunction(index, calledAt: nil) }
  }

  mutating func checkCells() {
    for index in cellEntries.indices where isUserFile(cellEntries[index].file) { checkCell(index) }
  }

  mutating func checkModels() {
    for index in modelEntries.indices where modelEntries[index].file == rootFile { checkModel(index) }
  }

  /// THE rule table.
  mutating func checkPrimitiveRules() {
    for (file, scope) in files.sorted(by: { $0.key.index < $1.key.index }) where scope.isLibrary {
      let rules = checkRules(of: file)
      if sources[file].path.hasSuffix("/Primitives.graft") { primitiveRules = rules } else if !rules.isEmpty { fileRules[file] = rules }
    }
  }

  mutating func checkFileRules() {
    for (file, scope) in files.sorted(by: { $0.key.index < $1.key.index }) where !scope.isLibrary {
      let rules = checkRules(of: file)
      if !rules.isEmpty { fileRules[file] = rules }
    }
  }

  private mutating func checkRules(of file: FileID) -> [RuleDeclaration] {
    guard let scope = files[file] else { return [] }
    let (rules, final) = within(Context(file: file, owner: .file)) { checker -> [RuleDeclaration] in
      scope.declarations.declarations.compactMap { declaration in
        guard case .inject(let inject) = declaration.kind else { return nil }
        return checker.checkRule(inject)
      }
    }
    if !scope.isLibrary { rulesInFiles[file] = final.rules }
    return rules
  }

  func isUserFile(_ file: FileID) -> Bool { !(files[file]?.isLibrary ?? true) }

  /// Sorted by place; warnings that the file silences are left out.
  func finalDiagnostics() -> [Diagnostic] {
    // What an error left unread is no mistake of its own.
    let unused = Diagnostic.unusedLet(name: "", at: SourceRange(file: rootFile, lower: 0, upper: 0)).code
    let isBroken = hasErrors
    // A loop over instances is checked for each round: what is wrong in it is said once.
    var seen: Set<String> = []
    return sorted(
      diagnostics.filter { diagnostic in
        if isBroken && diagnostic.code == unused || followsFromSyntax(diagnostic) { return false }
        let range = diagnostic.range
        let message = diagnostic.message.filter { !$0.isNumber }
        if !seen.insert("\(range.file.index) \(range.lower) \(range.upper) \(message)").inserted { return false }
        return diagnostic.severity == .error || !silences.contains { $0.reaches(diagnostic) }
      })
  }

  /// Whether a message may be a consequence of an error of syntax: it stands in the same declaration, or a declaration was lost and the
  /// message misses a name.
  private func followsFromSyntax(_ diagnostic: Diagnostic) -> Bool {
    guard !syntaxErrors.isEmpty, !diagnostic.isOfSyntax else { return false }
    var isLost = false
    for (file, scope) in files where !scope.isLibrary {
      let errors = syntaxErrors.filter { $0.file == file }
      var inside = 0
      for declaration in scope.declarations.declarations {
        let own = errors.filter { declaration.range.lower <= $0.lower && $0.lower <= declaration.range.upper }.count
        inside += own
        let range = diagnostic.range
        if own > 0, range.file == file, declaration.range.lower <= range.lower, range.lower <= declaration.range.upper { return true }
      }
      if inside < errors.count { isLost = true }
    }
    return isLost && diagnostic.missesName
  }

  func program(_ path: String) -> CheckedProgram {
    var program = CheckedProgram(
      precision: options.precision ?? declaredPrecision ?? .single, namespace: upperCamelCase(path), rootFile: rootFile, sources: sources,
      variables: variables, functions: functions, instances: instances, models: models, derivations: derivations, constants: constants,
      primitiveRules: primitiveRules, fileRules: fileRules)
    program.parameterDefaults = parameterDefaults()
    program.documentedFormulas = documentedFormulas
    program.silences = silences
    return program
  }

  /// The default values of the parameters of the functions that were checked.
  private func parameterDefaults() -> [VariableID: TypedExpression] {
    var defaults: [VariableID: TypedExpression] = [:]
    var trial = self
    trial.isSilent = true
    for entry in functionEntries where isUserFile(entry.file) {
      guard case .checked(let id) = entry.state else { continue }
      for (parameter, declaration) in zip(functions[id.index].parameters, entry.declaration.parameters) {
        guard let tree = declaration.defaultValue else { continue }
        let value = trial.within(Context(file: entry.file, owner: .file)) { $0.widened($0.concrete($0.check(tree))) }.result
        if !value.type.containsError, value.type.isNumber { defaults[parameter] = value }
      }
    }
    return defaults
  }
}

/// The name of a file without its folder and extension, in UpperCamelCase: `gaussian-mixture.graft` is `GaussianMixture`.
func upperCamelCase(_ path: String) -> String {
  let file = path.split(separator: "/").last.map(String.init) ?? path
  let stem = file.hasSuffix(".graft") ? String(file.dropLast(6)) : file
  var result = ""
  var startsWord = true
  for character in stem {
    guard character.isLetter || character.isNumber else {
      startsWord = true
      continue
    }
    result += startsWord ? character.uppercased() : String(character)
    startsWord = false
  }
  guard let first = result.first else { return "Model" }
  return first.isNumber ? "Model" + result : result
}

extension Pattern {
  /// All names that it binds.
  var names: [Name] {
    switch self {
    case .name(let name): [name]
    case .tuple(let items, _): items.flatMap(\.pattern.names)
    }
  }
}
