// G0001 to G0019: characters, numbers, strings, comments.

extension Diagnostic {
  static func fileTooLarge(bytes: Int, limit: Int, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0001", message: "the file has \(bytes) bytes, more than the \(limit >> 20) MB that a model file may have", range: range,
      help: "split it into files that `import` each other, and keep data out of model files")
  }

  static func utf16(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0002", message: "the file is in UTF-16, a model file is in UTF-8", range: range, label: "the byte order mark of UTF-16",
      help: "save the file as UTF-8")
  }

  static func notUTF8(byte: UInt8, _ range: SourceRange) -> Diagnostic {
    let digits = String(byte, radix: 16, uppercase: true)
    return Diagnostic(
      code: "G0002", message: "the file is not valid UTF-8", range: range, label: "the byte 0x\(digits) is out of place",
      help: "save the file as UTF-8; more such bytes may follow")
  }

  static func unexpectedCharacter(_ scalar: Unicode.Scalar, remedy: String?, _ range: SourceRange) -> Diagnostic {
    let isVisible = !isUnprintable(scalar) && scalar != "`"
    let name = isVisible ? "`\(scalar)` (\(codePoint(scalar)))" : codePoint(scalar)
    return Diagnostic(
      code: "G0003", message: "the character \(name) is no part of the language", range: range, label: "not expected anywhere",
      help: remedy.map { "write `\($0)`" } ?? "remove it")
  }

  static func invisibleCharacter(_ scalar: Unicode.Scalar, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0003", message: "the invisible character \(codePoint(scalar)) stands where a space may stand", range: range,
      label: "looks like a space, or like nothing", help: "replace it by a space; more may follow",
      fixes: [Fix(title: "Replace it by a space", edits: [(range, " ")])])
  }

  static func lookalike(_ scalar: Unicode.Scalar, meant: String, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0004", message: "`\(scalar)` (\(codePoint(scalar))) is not the symbol `\(meant)`", range: range,
      label: "looks like `\(meant)`",
      help: "symbols are written in ASCII: `\(meant)`", fixes: [Fix(title: "Replace it by `\(meant)`", edits: [(range, meant)])])
  }

  static func blockComment(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0005", message: "`/* … */` is not a comment here", range: range, label: "a comment of another language",
      help: "start each line of the comment with `//`")
  }

  static func hashComment(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0005", message: "`#` does not start a comment here", range: range, label: "a comment of another language",
      help: "start a comment with `//`")
  }

  static func unterminatedString(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0006", message: "the string has no end on its line", range: range, label: "starts here",
      help: "end it with `\"`; a string stands on one line")
  }

  static func unknownEscape(_ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0007", message: "only `\\\"` and `\\\\` can stand after a backslash in a string", range: range, label: "unknown escape",
      help: "for a backslash itself write `\\\\`; paths use `/`")
  }

  static func numberTooLarge(_ digits: String, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0008", message: "the number \(quoted(digits)) is too large for a `Double`", range: range, label: "more than 1.797e308",
      help: "for infinity write `inf`")
  }

  static func numberTooSmall(_ digits: String, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0008", message: "the number \(quoted(digits)) is too small for a `Double` and would be 0", range: range,
      label: "less than 4.9e-324", help: "if zero is meant, write `0`")
  }

  static func integerTooLarge(_ digits: String, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0009", message: "the integer \(quoted(digits)) is too large: the largest `Int` is \(Int64.max)", range: range,
      label: "does not fit into 64 bits", help: "if a `Float` is meant, write it with a point or an exponent, as in `1e20`")
  }

  static func numberNeedsDigit(before: Bool, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0010", message: "a number has digits on both sides of its point", range: range,
      label: before ? "no digit before the point" : "no digit after the point",
      help: before ? "write `0.5`, not `.5`" : "write `1.0` or `1`, not `1.`")
  }

  static func numberSuffix(number: String, suffix: String, _ range: SourceRange) -> Diagnostic {
    let help: String
    switch suffix.lowercased() {
    case let digits where number == "0" && ["x", "b", "o"].contains(digits.prefix(1)): help = "numbers are written in decimal digits"
    case "f", "d", "l", "u", "lf", "f32", "f64": help = "leave out `\(suffix)`: a number has the type that its use asks for"
    case "e": help = "an exponent has digits: `\(number)e-3`"
    default: help = "if a product is meant, write `\(number) * \(suffix)`"
    }
    return Diagnostic(
      code: "G0011", message: "\(quoted(suffix)) directly follows the number \(quoted(number))", range: range,
      label: "a number ends with a digit",
      help: quoted(suffix).count + number.count > 80 ? nil : help)
  }

  static func nameTooLong(limit: Int, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0012", message: "the name that starts here is longer than \(limit) bytes", range: range, label: "starts here",
      help: "give it a shorter name")
  }
}
