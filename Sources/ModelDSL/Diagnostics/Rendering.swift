/// The diagnostics as text for people: each with its line and a caret, sorted by file and place, separated by empty lines.
public func render(_ diagnostics: [Diagnostic], sources: SourceMap, color: Bool) -> String {
  let renderer = Renderer(sources: sources, color: color)
  return sorted(diagnostics).map(renderer.render).joined(separator: "\n")
}

/// By file and place; what stands in one place keeps its order.
func sorted(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
  func key(_ d: (offset: Int, element: Diagnostic)) -> (Int, Int, Int) {
    (d.element.range.file.index, d.element.range.lower, d.offset)
  }
  return diagnostics.enumerated().sorted { key($0) < key($1) }.map(\.element)
}

/// Whether a terminal would not show a character, or would do something else with it: such characters are never printed.
func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: true
  default: false
  }
}

private struct Renderer {
  let sources: SourceMap
  let lines: [LineTable]
  let color: Bool

  /// How much of a line is printed.
  private static let widest = 120

  init(sources: SourceMap, color: Bool) {
    self.sources = sources
    self.color = color
    lines = sources.files.map { LineTable($0.text) }
  }

  func render(_ diagnostic: Diagnostic) -> String {
    let tint = Style(of: diagnostic.severity)
    let places = [diagnostic.range] + diagnostic.notes.compactMap(\.range)
    let width = places.map { String(position($0).line).count }.max() ?? 1
    let margin = String(repeating: " ", count: width)
    let bar = paint("\(margin) |", .gutter)

    var out = paint("\(diagnostic.severity.rawValue)[\(diagnostic.code)]", tint) + paint(": \(diagnostic.message)", .bold) + "\n"
    out += snippet(diagnostic.range, label: diagnostic.label, width: width, tint)
    var remarks: [String] = []
    for note in diagnostic.notes where note.range == nil {
      remarks.append(paint("\(margin) =", .gutter) + paint(" note", .bold) + ": \(note.message)\n")
    }
    if let help = diagnostic.help {
      remarks.append(paint("\(margin) =", .gutter) + paint(" help", .bold) + ": \(help)\n")
    }
    if !remarks.isEmpty { out += bar + "\n" + remarks.joined() }
    for note in diagnostic.notes {
      guard let range = note.range else { continue }
      out += paint("note", .bold) + ": \(note.message)\n" + snippet(range, label: "", width: width, .note)
    }
    return out
  }

  private func position(_ range: SourceRange) -> (line: Int, column: Int) {
    lines[range.file.index].position(of: range.lower)
  }

  /// The place, the line, and carets under the part of the range that is on it.
  private func snippet(_ range: SourceRange, label: String, width: Int, _ style: Style) -> String {
    let (line, column) = position(range)
    let margin = String(repeating: " ", count: width)
    let number = String(line)
    let (source, carets) = excerpt(range, label: label, style)
    var out = paint("\(margin)-->", .gutter) + " \(sources[range.file].path):\(line):\(column)\n"
    out += paint("\(margin) |", .gutter) + "\n"
    out += paint(String(repeating: " ", count: width - number.count) + number + " |", .gutter) + (source.isEmpty ? "" : " " + source) + "\n"
    out += paint("\(margin) |", .gutter) + " " + carets + "\n"
    return out
  }

  /// The line around the start of a range, and the line under it. Long lines are cut around the caret.
  private func excerpt(_ range: SourceRange, label: String, _ style: Style) -> (source: String, carets: String) {
    let text = sources[range.file].text
    let table = lines[range.file.index]
    let bytes = table.bytes(ofLine: table.line(of: range.lower))
    let start = min(max(range.lower, bytes.lowerBound), bytes.upperBound)
    let end = min(max(range.upper, start), bytes.upperBound)
    let (lower, upper) = window(around: start, to: end, in: bytes, text)

    var source = lower > bytes.lowerBound ? "…" : ""
    var carets = source.isEmpty ? "" : " "
    var marks = ""
    var index = lower
    while index < upper {
      let (scalar, length) = decodeScalar(text, at: index)
      let shown: Unicode.Scalar = scalar.map { $0 == "\t" || !isUnprintable($0) ? $0 : "\u{FFFD}" } ?? "\u{FFFD}"
      source.unicodeScalars.append(shown)
      let isMark = shown.properties.generalCategory == .nonspacingMark
      if index < start {
        carets += shown == "\t" ? "\t" : isMark ? "" : " "
      } else if index < end, !isMark {
        marks += "^"
      }
      index += length
    }
    if upper < bytes.upperBound { source += "…" }
    if marks.isEmpty { marks = "^" }
    return (source, carets + paint(label.isEmpty ? marks : marks + " " + label, style))
  }

  /// The part of a line to print: all of it where it is short, else what lies around the start of the range.
  private func window(around start: Int, to end: Int, in line: Range<Int>, _ text: [UInt8]) -> (Int, Int) {
    guard line.count > Self.widest else { return (line.lowerBound, line.upperBound) }
    func scalar(_ byte: Int, by step: Int, count: Int) -> Int {
      var (byte, count) = (byte, count)
      while count > 0, step < 0 ? byte > line.lowerBound : byte < line.upperBound {
        byte += step
        while byte > line.lowerBound, byte < line.upperBound, isContinuationByte(text[byte]) { byte += step }
        count -= 1
      }
      return byte
    }
    // Where the whole range fits, it is shown with as much before it as there is room for.
    let before = max(Self.widest / 3, Self.widest * 2 / 3 - (end - start))
    let lower = scalar(start, by: -1, count: before)
    let upper = scalar(lower, by: 1, count: Self.widest)
    return (lower, upper)
  }

  // MARK: Colours

  private enum Style: String {
    case error = "1;31", warning = "1;33", info = "1;36", note = "1;32", gutter = "1;34", bold = "1"

    init(of severity: Diagnostic.Severity) {
      switch severity {
      case .error: self = .error
      case .warning: self = .warning
      case .info: self = .info
      }
    }
  }

  private func paint(_ text: String, _ style: Style) -> String {
    color ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }
}
