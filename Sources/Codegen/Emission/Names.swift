/// Swift identifiers from the model's names.
enum Identifier {
  /// Words that must not stand bare where a name is declared or used.
  static let keywords: Set<String> = [
    "Any", "as", "associatedtype", "await", "break", "case", "catch", "class", "continue", "default", "defer", "deinit", "do", "else",
    "enum",
    "extension", "fallthrough", "false", "fileprivate", "for", "func", "guard", "if", "import", "in", "inout", "internal", "is", "let",
    "nil",
    "operator", "precedencegroup", "private", "protocol", "public", "repeat", "rethrows", "return", "static", "struct", "subscript",
    "super",
    "switch", "throw", "throws", "true", "try", "typealias", "var", "where", "while",
  ]
  /// Words that backticks do not free.
  private static let unfree: Set<String> = ["self", "Self", "init", "Type", "Protocol", "_", "$0"]

  /// A path such as `first.feed` or `stack[2].feed` as one word: `firstFeed`, `stack2Feed`.
  static func joined(_ path: String) -> String {
    var result = ""
    var startsWord = false
    for character in path {
      if character.isLetter || character.isNumber || character == "_" || character == "'" {
        if character == "'" {
          result += "Prime"
        } else {
          result += startsWord ? character.uppercased() : String(character)
        }
        startsWord = false
      } else {
        startsWord = !result.isEmpty
      }
    }
    if result.isEmpty { return "value" }
    if result.first!.isNumber { return "_" + result }
    return result
  }

  /// The components of a path: `stack[2].feed` is `stack2`, `feed`.
  static func components(_ path: String) -> [String] {
    path.split(separator: ".").map { joined(String($0)) }
  }

  /// The name as it is declared and used.
  static func written(_ name: String) -> String {
    if keywords.contains(name) { return "`" + name + "`" }
    if unfree.contains(name) { return name + "_" }
    return name
  }
}

/// Gives names that meet no other that is visible.
struct NameScopes {
  private var scopes: [Set<String>]

  init(reserved: Set<String> = []) { scopes = [reserved] }

  mutating func push() { scopes.append([]) }
  mutating func pop() { scopes.removeLast() }

  func isTaken(_ name: String) -> Bool { scopes.contains { $0.contains(name) } }

  /// A name like `wish`, from now on taken until the scope ends.
  mutating func take(_ wish: String) -> String {
    let base = Identifier.joined(wish)
    var name = base
    var number = 2
    while isTaken(name) {
      name = base + (base.last!.isNumber ? "_" : "") + String(number)
      number += 1
    }
    scopes[scopes.count - 1].insert(name)
    return Identifier.written(name)
  }
}
