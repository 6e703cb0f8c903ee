import ModelDSL

extension JSON {
  /// The document with line breaks where it is longer than a line, ended by a newline.
  var text: String { written(indent: "") + "\n" }

  /// The document on one line.
  var compact: String {
    switch self {
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .number(let digits): digits
    case .string(let text): quoted(text)
    case .array(let elements): "[" + elements.map(\.compact).joined(separator: ", ") + "]"
    case .object(let members): "{" + members.map { "\(quoted($0.name)): \($0.value.compact)" }.joined(separator: ", ") + "}"
    }
  }

  private func written(indent: String) -> String {
    switch self {
    case .null, .boolean, .number, .string: return compact
    case .array(let elements):
      if isRow { return compact }
      return broken("[", elements.map { $0.written(indent: indent + "  ") }, "]", indent)
    case .object(let members):
      if isRow { return compact }
      return broken("{", members.map { "\(quoted($0.name)): \($0.value.written(indent: indent + "  "))" }, "}", indent)
    }
  }

  private func broken(_ open: String, _ parts: [String], _ close: String, _ indent: String) -> String {
    open + "\n" + parts.map { indent + "  " + $0 }.joined(separator: ",\n") + "\n" + indent + close
  }

  /// Whether it stays on one line: an array of numbers of any length, and whatever is short.
  private var isRow: Bool {
    if case .array(let elements) = self, elements.allSatisfy(\.isLeaf) { return true }
    return width(atMost: 100) != nil
  }

  private var isLeaf: Bool {
    switch self {
    case .null, .boolean, .number, .string: true
    case .array(let elements): elements.isEmpty
    case .object(let members): members.isEmpty
    }
  }

  /// The length of `compact`, counted no further than the limit.
  private func width(atMost limit: Int) -> Int? {
    switch self {
    case .null, .boolean, .number, .string:
      let width = compact.count
      return width <= limit ? width : nil
    case .array(let elements):
      var rest = limit - 2
      for element in elements {
        guard rest >= 0, let width = element.width(atMost: rest) else { return nil }
        rest -= width + 2
      }
      return limit - rest
    case .object(let members):
      var rest = limit - 2
      for member in members {
        guard rest >= 0, let width = member.value.width(atMost: rest) else { return nil }
        rest -= width + member.name.count + 6
      }
      return rest >= -2 ? limit - rest : nil
    }
  }
}

private func quoted(_ text: String) -> String { "\"" + jsonEscaped(text) + "\"" }
