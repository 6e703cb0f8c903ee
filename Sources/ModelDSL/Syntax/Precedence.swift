/// How tightly the binary operators bind, loosest first. Unary operators stand between `multiplication` and `power`.
enum Precedence: Int, Comparable {
  case disjunction, conjunction, comparison, addition, multiplication, power

  static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

  /// The next tighter one.
  var tighter: Precedence { Precedence(rawValue: rawValue + 1) ?? .power }
}

extension BinaryOperator {
  var precedence: Precedence {
    switch self {
    case .or: .disjunction
    case .and: .conjunction
    case .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual: .comparison
    case .add, .subtract: .addition
    case .multiply, .divide, .modulo, .quotient, .contract: .multiplication
    case .power: .power
    }
  }
}

/// Spellings of other languages, and the operator that is meant.
let foreignOperators: [String: BinaryOperator] = [
  "**": .power, "&": .and, "|": .or, "and": .and, "or": .or, "mod": .modulo, "===": .equal,
]

extension Token {
  /// The operator that the token spells where an operator is expected; `div` is a word.
  var binaryOperator: BinaryOperator? {
    switch kind {
    case .symbol(let symbol): BinaryOperator(rawValue: symbol.rawValue)
    case .identifier where text == BinaryOperator.quotient.rawValue: .quotient
    default: nil
    }
  }

  /// The operator that was meant by a spelling of another language.
  var foreignOperator: BinaryOperator? {
    foreignOperators[symbol?.rawValue ?? word ?? ""]
  }

  /// Whether a line that ends with this token goes on in the next one.
  var continuesLine: Bool {
    guard let symbol else { return binaryOperator != nil }
    switch symbol {
    case .comma, .colon, .assign, .arrow, .tilde, .not, .dot, .leftParenthesis, .leftBracket, .leftBrace: return true
    default: return BinaryOperator(rawValue: symbol.rawValue) != nil
    }
  }
}
