/// The tree of a file as text, one declaration or statement a line, expressions as S-expressions: `(+ a (* b c))`.
public func dumpTree(_ tree: FileTree) -> String {
  var dump = TreeDump()
  for declaration in tree.declarations { dump.declaration(declaration) }
  return dump.text
}

/// An expression on one line.
func dumpExpression(_ expression: Expression) -> String { TreeDump.expression(expression) }

private struct TreeDump {
  var text = ""
  var indentation = 0

  private mutating func line(_ words: String...) {
    text += String(repeating: "  ", count: indentation) + words.filter { !$0.isEmpty }.joined(separator: " ") + "\n"
  }

  private mutating func documentation(_ lines: [String]) {
    for text in lines { text.isEmpty ? line("///") : line("///", text) }
  }

  // MARK: Declarations

  mutating func declaration(_ declaration: Declaration) {
    documentation(declaration.documentation)
    switch declaration.kind {
    case .precision(let name): line("precision", name.text)
    case .importFile(let path, _): line("import", Self.string(path))
    case .size(let sizes): line("size", Self.sizes(sizes))
    case .constant(let constant): line("let", Self.constant(constant))
    case .function(let function):
      let parameters = function.parameters.map { parameter in
        "\(parameter.name.text): \(Self.type(parameter.type))" + (parameter.defaultValue.map { " = " + Self.expression($0) } ?? "")
      }
      line("func \(function.name.text)(\(parameters.joined(separator: ", "))) -> \(Self.type(function.result))")
      block(function.body)
    case .inject(let inject): line("inject", Self.inject(inject))
    case .cell(let cell):
      line("cell", cell.name.text)
      block(cell.body)
    case .model(let model):
      line("model", model.name.text)
      block(model.body)
    case .derive(let derive):
      line(
        "derive", Self.names(derive.kinds), "of", derive.subject.map(\.text).joined(separator: "."),
        derive.variables.isEmpty ? "" : "wrt " + Self.names(derive.variables), derive.alias.map { "as " + $0.text } ?? "")
    case .silence(let code, let reason): line("silence", code.text, Self.string(reason))
    }
  }

  // MARK: Statements

  private mutating func block(_ block: BlockTree) {
    indentation += 1
    for statement in block.statements { self.statement(statement) }
    indentation -= 1
  }

  private mutating func statement(_ statement: Statement) {
    documentation(statement.documentation)
    switch statement.kind {
    case .forLoop(let variable, let count, let condition, let down, let body):
      line(
        "for", variable.text, "in", Self.expression(count), down ? "down" : "", condition.map { "where " + Self.expression($0) } ?? "")
      block(body)
    case .whileLoop(let condition, let atMost, let body):
      line("while", Self.expression(condition), atMost.map { "atMost " + Self.expression($0) } ?? "")
      block(body)
    default:
      line(Self.inline(statement.kind))
    }
  }

  /// A statement on one line, with the blocks in it in braces.
  private static func inline(_ kind: Statement.Kind) -> String {
    switch kind {
    case .constant(let constant): "let " + self.constant(constant)
    case .state(let names, let type, let initial): "state " + self.names(names) + typed(type) + " = " + expression(initial)
    case .next(let targets, let value):
      "next " + targets.map { $0.name.text + subscripts($0.indices) }.joined(separator: ", ") + " = " + expression(value)
    case .record(let name, let value): "record \(name.text) = " + expression(value)
    case .forLoop(let variable, let count, let condition, let down, let body):
      "for \(variable.text) in " + expression(count) + (down ? " down" : "") + (condition.map { " where " + expression($0) } ?? "") + " "
        + braces(body)
    case .whileLoop(let condition, let atMost, let body):
      "while " + expression(condition) + (atMost.map { " atMost " + expression($0) } ?? "") + " " + braces(body)
    case .inject(let inject): "inject " + self.inject(inject)
    case .returned(let value): "return " + expression(value)
    case .expression(let value): expression(value)
    case .size(let sizes): "size " + self.sizes(sizes)
    case .parameter(let names, let type, let initializer):
      "param " + self.names(names) + typed(type) + (initializer.map { " ~ " + expression($0) } ?? "")
    case .setting(let names, let type, let value):
      "setting " + self.names(names) + typed(type) + (value.map { " = " + expression($0) } ?? "")
    case .input(let names, let type): "input " + self.names(names) + typed(type)
    case .output(let name, let value): "output " + name.text + (value.map { " = " + expression($0) } ?? "")
    case .loss(let value): "loss = " + expression(value)
    case .optimizer(let value): "optimizer = " + expression(value)
    case .silence(let code, let reason): "silence \(code.text) " + string(reason)
    }
  }

  private static func braces(_ block: BlockTree) -> String {
    "{" + block.statements.map { inline($0.kind) }.joined(separator: "; ") + "}"
  }

  private static func constant(_ constant: LetDeclaration) -> String {
    pattern(constant.pattern) + typed(constant.type) + " = " + expression(constant.value)
  }

  private static func pattern(_ pattern: Pattern) -> String {
    switch pattern {
    case .name(let name): name.text
    case .tuple(let parts, _): "(" + parts.map { labelled($0.label, self.pattern($0.pattern)) }.joined(separator: ", ") + ")"
    }
  }

  private static func inject(_ inject: InjectDeclaration) -> String {
    "\(inject.function.text)'(\(names(inject.parameters))) = " + expression(inject.rule)
  }

  private static func sizes(_ sizes: [SizeDeclaration]) -> String {
    sizes.map { size in
      size.name.text + (size.value.map { " = " + expression($0) } ?? "") + typed(size.functionType)
    }.joined(separator: ", ")
  }

  // MARK: Types

  private static func typed(_ type: TypeTree?) -> String { type.map { ": " + self.type($0) } ?? "" }

  private static func type(_ type: TypeTree) -> String {
    switch type.kind {
    case .array(let element, let bound, let shape):
      element.text + (bound.map { "<" + expression($0) + ">" } ?? "")
        + (shape.isEmpty ? "" : "[" + shape.map(expression).joined(separator: ", ") + "]")
    case .tuple(let parts): "(" + parts.map { labelled($0.label, self.type($0.type)) }.joined(separator: ", ") + ")"
    case .function(let parameters, let result): "(" + parameters.map(self.type).joined(separator: ", ") + ") -> " + self.type(result)
    case .error: "<error>"
    }
  }

  // MARK: Expressions

  static func expression(_ expression: Expression) -> String {
    switch expression.kind {
    case .name(let name): name
    case .integer(let value): String(value)
    case .real(let value): String(value)
    case .boolean(let value): String(value)
    case .unary(let symbol, let operand): list(symbol.rawValue, self.expression(operand))
    case .binary(let symbol, let left, let right): list(symbol.rawValue, self.expression(left), self.expression(right))
    case .call(let callee, let arguments): list([self.expression(callee)] + arguments.map(argument))
    case .prime(let name): name.text + "'"
    case .member(let base, let name): list(".", self.expression(base), name.text)
    case .subscripted(let base, let indices): self.expression(base) + subscripts(indices)
    case .tuple(let parts): list(["tuple"] + parts.map(argument))
    case .array(let elements): list(["array"] + elements.map(self.expression))
    case .build(let comprehension): list("build", self.comprehension(comprehension))
    case .reduction(let name, let comprehension): list(name.text, self.comprehension(comprehension))
    case .conditional(let condition, let then, let otherwise):
      list("if", self.expression(condition), braces(then), braces(otherwise))
    case .block(let block): braces(block)
    case .function(let parameters, let body): list("->", "(" + names(parameters, " ") + ")", self.expression(body))
    case .next(let name): list("next", name.text)
    case .error: "<error>"
    }
  }

  private static func argument(_ argument: Argument) -> String { labelled(argument.label, expression(argument.value)) }

  private static func subscripts(_ indices: [Subscript]) -> String {
    guard !indices.isEmpty else { return "" }
    let items = indices.map { index in
      switch index {
      case .index(let value): expression(value)
      case .range(let lower, let upper, _): (lower.map(expression) ?? "") + "..<" + (upper.map(expression) ?? "")
      case .all: ".."
      }
    }
    return "[" + items.joined(separator: ", ") + "]"
  }

  private static func comprehension(_ comprehension: Comprehension) -> String {
    let axes = comprehension.axes.map { "(\($0.name.text) \(expression($0.size)))" }.joined(separator: " ")
    let condition = comprehension.condition.map { " where " + expression($0) } ?? ""
    return axes + condition + " " + expression(comprehension.body)
  }

  // MARK: Words

  private static func list(_ items: String...) -> String { list(items) }
  private static func list(_ items: [String]) -> String { "(" + items.joined(separator: " ") + ")" }
  private static func names(_ names: [Name], _ separator: String = ", ") -> String { names.map(\.text).joined(separator: separator) }
  private static func labelled(_ label: Name?, _ text: String) -> String { (label.map { $0.text + ": " } ?? "") + text }
  private static func string(_ text: String) -> String { "\"" + jsonEscaped(text) + "\"" }
}
