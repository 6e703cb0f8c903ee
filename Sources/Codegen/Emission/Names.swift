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

  /// Types that a generated structure uses: a group of parameters must not hide them.
  private static let usedTypes: Set<String> = [
    "Int", "Int32", "UInt64", "Float", "Double", "Bool", "String", "Array", "Never", "Self", "Type", "Protocol", "Any", "Swift", "Sendable",
    "Vector", "Matrix", "Generator", "Parameters", "Settings", "Failure", "StaticString",
  ]

  /// The type of a group of parameters or settings.
  static func groupType(_ name: String) -> String {
    let type = name.capitalizedFirst
    let isView = type.hasPrefix("Array") && type.dropFirst(5).allSatisfy(\.isNumber)
    return usedTypes.contains(type) || isView || !type.first!.isLetter ? type + "Group" : type
  }

  /// An argument `label: value`, or a parameter: most keywords may stand bare before the colon, where backticks bring a warning.
  static func argument(_ text: String) -> String {
    guard text.first == "`", let end = text.dropFirst().firstIndex(of: "`"), text[text.index(after: end)...].first == ":" else {
      return text
    }
    let label = text[text.index(after: text.startIndex)..<end]
    return ["inout", "var", "let"].contains(label) ? text : String(label + text[text.index(after: end)...])
  }

  /// A label as it stands in a call.
  static func argumentLabel(_ name: String) -> String { String(argument(written(name) + ":").dropLast()) }

  /// Words that a workspace or a stream has beside its sizes.
  private static let workspaceWords: Set<String> = [
    "memory", "isOwned", "byteCount", "threads", "isTraining", "purpose", "workspace", "parameters", "settings", "gradient", "count",
    "stateByteCount",
    "bytes", "start",
  ]

  /// The label of a size, without backticks.
  static func sizeLabel(_ name: String) -> String {
    let joined = joined(name)
    return workspaceWords.contains(joined) ? joined + "_" : joined
  }

  /// The name of a size.
  static func size(_ name: String) -> String { written(sizeLabel(name)) }

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

  /// A name like `wish` as a label, without backticks. One that is repeatable may meet an argument's: a tuple's labels are a world of their own.
  mutating func distinct(_ wish: String, isRepeatable: Bool = false) -> String {
    let base = Identifier.joined(wish)
    var name = base
    var number = 2
    while isRepeatable ? scopes.last!.contains("." + name) : isTaken(name) {
      name = base + (base.last!.isNumber ? "_" : "") + String(number)
      number += 1
    }
    scopes[scopes.count - 1].insert(isRepeatable ? "." + name : name)
    return name
  }

  /// A name like `wish`, from now on taken until the scope ends.
  mutating func take(_ wish: String) -> String {
    var base = Identifier.joined(wish)
    // Functions that kernels are cut into are called so.
    if base.hasPrefix("part") && base.dropFirst(4).allSatisfy(\.isNumber) && base.count > 4 { base += "_" }
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
