// Sizes and indices.

extension Diagnostic {
  static func notASize(text: String, type: Type, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0200", message: "`\(text)` is no size", range: range,
      label: "\(type.isInteger ? "known only while the computation runs" : "`\(type)`")",
      help: "sizes are whole numbers, names of sizes, `Int` parameters, and `+ - * / ^` of them")
  }

  static func notASizeName(name: String, kind: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0201", message: "`\(name)` is \(kind), not a size", range: range, label: "no size")
  }

  static func sizeTooLarge(at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0202", message: "this size is too large", range: range, label: "more than 2147483647")
  }

  static func sizeDivisor(at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0203", message: "a size is divided by a positive whole number only", range: range, label: "not a positive number")
  }

  static func sizeNotWhole(a: Size, divisor: Int, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0204", message: "\(a) / \(divisor) does not come out even", range: range, label: "not whole")
  }

  static func negativeSize(size: Size, at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0205", message: "a size cannot be negative", range: range, label: "this is \(size)")
  }

  static func sliceLength(at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0206", message: "the length of a slice must be a size", range: range,
      label: "depends on a value that is known only while the computation runs",
      help: "write both ends with the same index: `x[i..<i + 3]`")
  }

  static func sliceBackwards(at range: SourceRange) -> Diagnostic {
    Diagnostic(code: "G0207", message: "the slice ends before it starts", range: range, label: "its length is negative")
  }

  static func sliceOutOfRange(lower: Size, upper: Size, size: Size, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0208", message: "the slice \(lower)..<\(upper) does not lie in 0..<\(size)", range: range, label: "may reach outside")
  }

  static func indexOutOfRange(index: Int, size: Int, what: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0209", message: "\(what) is out of range: the axis has \(size == 1 ? "one element" : "\(size) elements")", range: range,
      label: "\(index) is not in 0..<\(size)")
  }

  static func indexNotProven(text: String, bound: Size, isLow: Bool, isHigh: Bool, at range: SourceRange) -> Diagnostic {
    let trouble =
      switch (isLow, isHigh) {
      case (true, true): "be negative, or too large"
      case (true, false): "be negative"
      default: "be too large"
      }
    let conditions = (isLow ? ["\(text) >= 0"] : []) + (isHigh ? ["\(text) < \(bound)"] : [])
    return Diagnostic(
      code: "G0210", message: "`\(text)` is not known to lie in 0..<\(bound)", range: range, label: "may \(trouble)",
      help: "hold it in range, `clamp(\(text), 0, \(bound - Size(1)))`, or ask first: `if \(conditions.joined(separator: " && ")) { … }`",
      fixes: [Fix(title: "clamp the index", edits: [(range: range, text: "clamp(\(text), 0, \(bound - Size(1)))")])])
  }

  static func indexBoundMismatch(found: Size, expected: Size, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0211", message: "an `Index<\(found)>` may be too large for an `Index<\(expected)>`", range: range,
      label: "below \(found), not \(expected)", help: "hold it in range: `clamp(…, 0, \(expected - Size(1)))`")
  }

  static func integersAsIndices(bound: Size, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0212", message: "whole numbers are not known to lie in 0..<\(bound)", range: range,
      label: "`Int`s, where `Index<\(bound)>` is wanted", help: "make each an index: `[k in n: clamp(x[k], 0, \(bound - Size(1)))]`")
  }

  static func sizeNotFixed(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0213", message: "`size \(name)` is known only when the generated code is called, so `--size \(name)=…` cannot set it",
      range: range, help: "write `size \(name) = …` in the file, or leave the option out")
  }

  static func unknownSizeOption(name: String, nearest: String?, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0214", message: "`--size \(name)=…` names no size with a value in this file", range: range,
      help: didYouMean(nearest) ?? "sizes that can be set are declared by `size n = …`")
  }

  static func sizeOverrideNegative(name: String, value: Int, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0215", message: "`--size \(name)=\(value)` is out of range", range: range,
      help: "a size is a whole number from 0 to 2147483647")
  }

  static func functionSizeInModel(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0216", message: "`\(name)` is a function: only a cell is given functions with its sizes", range: range,
      label: "not in a model or a file", help: "call the function by its name")
  }
}
