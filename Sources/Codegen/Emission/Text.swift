/// Lines of Swift on their way out.
struct Text {
  private(set) var lines: [String] = []
  private var depth: Int

  init(depth: Int = 0) { self.depth = depth }

  mutating func line(_ text: String = "") {
    lines.append(text.isEmpty ? "" : String(repeating: "  ", count: depth) + text)
  }

  /// A conditional compilation directive, which stands at the margin.
  mutating func directive(_ text: String) { lines.append(text) }

  mutating func lines(_ texts: [String]) {
    for text in texts { line(text) }
  }

  mutating func open(_ head: String) {
    line(head + " {")
    depth += 1
  }

  mutating func enter() { depth += 1 }

  /// The indentation, in steps.
  var level: Int { depth }

  /// Closes what `open` opened; `} else {` opens again.
  mutating func close(_ end: String = "}") {
    depth -= 1
    line(end)
    if end.hasSuffix("{") { depth += 1 }
  }

  /// `head {`, the body one step further in, `}`.
  mutating func block(_ head: String, parameters: String? = nil, _ body: (inout Text) -> Void) {
    line(head + " {" + (parameters.map { " " + $0 } ?? ""))
    depth += 1
    body(&self)
    depth -= 1
    line("}")
  }

  mutating func indented(_ body: (inout Text) -> Void) {
    depth += 1
    body(&self)
    depth -= 1
  }

  /// A documentation comment.
  mutating func documentation(_ texts: [String]) {
    for text in texts { line(text.isEmpty ? "///" : "/// " + text) }
  }

  mutating func append(_ other: Text) { lines += other.lines }

  /// `head(a, b, c) tail`, on several lines where it is too long for one.
  mutating func call(_ head: String, _ list: [String], _ tail: String = "") {
    let arguments = list.map { Identifier.argument($0) }
    let whole = head + "(" + arguments.joined(separator: ", ") + ")" + tail
    if depth * 2 + whole.count <= 140 { return line(whole) }
    line(head + "(")
    depth += 1
    var row = ""
    for (place, argument) in arguments.enumerated() {
      let piece = argument + (place == arguments.count - 1 ? "" : ",")
      if !row.isEmpty && depth * 2 + row.count + 1 + piece.count > 140 {
        line(row)
        row = ""
      }
      row += (row.isEmpty ? "" : " ") + piece
    }
    line(row)
    depth -= 1
    line(")" + tail)
  }

  var string: String { lines.joined(separator: "\n") + "\n" }
}
