/// A type of the language, as far as the generator needs it. Sizes are written as in a program: `n`, `3`, `2 * n`.
struct ProgramType: Hashable {
  enum Element: Hashable {
    case real, integer, boolean
    case index(String)
  }
  var element: Element
  var shape: [String]

  static let real = ProgramType(element: .real, shape: [])
  static let integer = ProgramType(element: .integer, shape: [])
  static let boolean = ProgramType(element: .boolean, shape: [])
  static func index(_ size: String) -> ProgramType { ProgramType(element: .index(size), shape: []) }
  static func reals(_ shape: [String]) -> ProgramType { ProgramType(element: .real, shape: shape) }

  var text: String {
    let name =
      switch element {
      case .real: "Float"
      case .integer: "Int"
      case .boolean: "Bool"
      case .index(let size): "Index<\(size)>"
      }
    return shape.isEmpty ? name : name + "[" + shape.joined(separator: ", ") + "]"
  }
}

/// A part of a program's text with what a shrinker may do to it: leave out a statement, or put a simpler expression of the same type.
struct Node {
  enum Role {
    case plain
    case statement
    case expression(ProgramType)
  }
  enum Part {
    case text(String)
    case node(Node)
  }
  var role = Role.plain
  var parts: [Part]
  /// What it names, where it is a name alone.
  var variable: String?

  var text: String {
    var out = ""
    write(to: &out)
    return out
  }

  private func write(to out: inout String) {
    for part in parts {
      switch part {
      case .text(let text): out += text
      case .node(let node): node.write(to: &out)
      }
    }
  }

  /// All names of variables in it.
  var variables: Set<String> {
    var found: Set<String> = variable.map { [$0] } ?? []
    for case .node(let node) in parts { found.formUnion(node.variables) }
    return found
  }
}

/// `"sin(\(x)) + \(y)"` with nodes in the holes.
struct NodeText: ExpressibleByStringInterpolation {
  var parts: [Node.Part]

  struct StringInterpolation: StringInterpolationProtocol {
    var parts: [Node.Part] = []
    init(literalCapacity: Int, interpolationCount: Int) {}
    mutating func appendLiteral(_ literal: String) { if !literal.isEmpty { parts.append(.text(literal)) } }
    mutating func appendInterpolation(_ node: Node) { parts.append(.node(node)) }
    mutating func appendInterpolation(_ nodes: [Node]) { parts += nodes.map(Node.Part.node) }
    mutating func appendInterpolation(_ text: String) { parts.append(.text(text)) }
  }

  init(stringLiteral text: String) { parts = [.text(text)] }
  init(stringInterpolation: StringInterpolation) { parts = stringInterpolation.parts }
}

extension Node {
  static func expression(_ type: ProgramType, _ text: NodeText) -> Node { Node(role: .expression(type), parts: text.parts) }
  static func real(_ text: NodeText) -> Node { expression(.real, text) }
  /// One line, or more with the block that they open.
  static func statement(_ text: NodeText) -> Node { Node(role: .statement, parts: text.parts + [.text("\n")]) }
  static func plain(_ text: NodeText) -> Node { Node(parts: text.parts) }
  static func name(_ variable: String, _ type: ProgramType) -> Node {
    Node(role: .expression(type), parts: [.text(variable)], variable: variable)
  }
  static func list(_ nodes: [Node]) -> Node {
    Node(parts: Array(nodes.map { [Part.node($0)] }.joined(separator: [.text(", ")])))
  }
}
