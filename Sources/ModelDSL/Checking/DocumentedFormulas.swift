// Comments that give a formula: what they say can be held against what the function computes.

/// A formula with which the comment of a function or of a rule begins, or of which it says that this is the slope.
public struct DocumentedFormula: Sendable {
  /// What the comment belongs to.
  public enum Subject: Sendable {
    case function(FunctionID)
    /// The one slope of a rule.
    case slope(TypedExpression)
  }
  public enum Meaning: Sendable {
    /// What is computed.
    case value
    /// Something whose derivative by the first parameter is what is computed.
    case antiderivative
  }
  public let subject: Subject
  public let parameters: [VariableID]
  public let meaning: Meaning
  /// As written.
  public let text: String
  /// Over the parameters.
  public let expression: TypedExpression
  /// Of the name of the function.
  public let range: SourceRange
}

extension Checker {
  /// Reads the formulas in the comments of functions of numbers and of rules. A text that is no expression over the parameters is no formula.
  mutating func readDocumentedFormulas() {
    for entry in functionEntries where !entry.documentation.isEmpty && isUserFile(entry.file) {
      guard case .checked(let id) = entry.state else { continue }
      let function = functions[id.index]
      guard function.result == .real, function.parameters.allSatisfy({ variables[$0.index].type.isNumber }) else { continue }
      readFormulas(
        in: entry.documentation, of: .function(id), called: entry.declaration.name, parameters: function.parameters, file: entry.file)
    }
    for (file, scope) in files.sorted(by: { $0.key.index < $1.key.index }) where !scope.isLibrary {
      for declaration in scope.declarations.declarations where !declaration.documentation.isEmpty {
        guard case .inject(let written) = declaration.kind,
          let rule = fileRules[file]?.first(where: { $0.range == written.range }), rule.clauses.count == 1,
          case .slope(let slope) = rule.clauses[0], slope.type == .real, !Reads(slope).variables.contains(rule.ruledValue)
        else { continue }
        readFormulas(
          in: declaration.documentation, of: .slope(slope), called: written.function, parameters: rule.parameters.map(\.variable),
          file: file)
      }
    }
  }

  private mutating func readFormulas(
    in documentation: [String], of subject: DocumentedFormula.Subject, called name: Name, parameters: [VariableID], file: FileID
  ) {
    for (meaning, text) in formulas(in: documentation, of: name.text) {
      guard let expression = formula(text, in: "comment of \(name.text)", parameters, file) else { continue }
      documentedFormulas.append(
        DocumentedFormula(
          subject: subject, parameters: parameters, meaning: meaning, text: text, expression: expression, range: name.range))
    }
  }

  private mutating func formula(_ text: String, in place: String, _ parameters: [VariableID], _ file: FileID) -> TypedExpression? {
    let source = SourceFile(path: place, text: "let formula = " + inLanguage(text))
    let id = FileID(sources.files.count)
    let (tree, messages) = parse(source, id: id)
    guard messages.isEmpty, tree.declarations.count == 1, case .constant(let declaration) = tree.declarations[0].kind else { return nil }
    var trial = self
    trial.diagnostics = []
    let read = trial.sources.add(source)
    assert(read == id)
    let expression = trial.within(Context(file: file, owner: .file)) { checker -> TypedExpression in
      for parameter in parameters {
        checker.context.frames[0].names[checker.variables[parameter.index].name] = .variable(parameter)
      }
      return checker.widened(checker.concrete(checker.check(declaration.value)))
    }.result
    guard !trial.hasErrors, expression.type == .real else { return nil }
    // What was declared while reading, and the file that ranges point into, stay.
    let diagnostics = diagnostics
    self = trial
    self.diagnostics = diagnostics
    return expression
  }
}

/// The formulas of a comment: text in backquotes that is followed by the end of a sentence or of a part of it, where the comment begins with
/// it, or says `slope of` or `derivative of` before it.
private func formulas(in documentation: [String], of name: String) -> [(DocumentedFormula.Meaning, String)] {
  let words = documentation.joined(separator: " ")
  let parts = words.split(separator: "`", omittingEmptySubsequences: false).map(String.init)
  var found: [(DocumentedFormula.Meaning, String)] = []
  // Every second part stands in backquotes.
  for place in stride(from: 1, to: parts.count - 1, by: 2) {
    let before = parts[place - 1], after = parts[place + 1]
    let next = after.first { $0 != " " }
    guard next.map({ ".:,;(".contains($0) }) ?? true else { continue }
    var text = parts[place]
    // A formula may repeat the function's head: `f(v) = v ^ 2`.
    if let equals = text.firstIndex(of: "="), text.hasPrefix(name + "(") || text.hasPrefix(name + " ") {
      text = String(text[text.index(after: equals)...])
    }
    // A name, or a number, is no formula.
    guard text.contains(where: { "+-*/^(|".contains($0) }) else { continue }
    if place == 1, before.allSatisfy({ $0 == " " }) {
      found.append((.value, text))
    } else if before.hasSuffix("slope of ") || before.hasSuffix("derivative of ") {
      found.append((.antiderivative, text))
    }
  }
  return found
}

/// Mathematical notation as the language writes it: `|x|` is `abs(x)`.
private func inLanguage(_ formula: String) -> String {
  var result = ""
  var isInside = false
  for character in formula {
    switch character {
    case "|":
      result += isInside ? ")" : "abs("
      isInside.toggle()
    case "·", "×": result += "*"
    case "²": result += "^2"
    case "³": result += "^3"
    case "π": result += "pi"
    default: result.append(character)
    }
  }
  return result
}
