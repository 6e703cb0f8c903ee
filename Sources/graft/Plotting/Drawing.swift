/// An SVG in the making. Colours are classes of a style sheet that has a light and a dark side; the background is the reader's.
struct Drawing {
  let width: Double
  let height: Double
  private var body = ""

  init(width: Double, height: Double) {
    (self.width, self.height) = (width, height)
  }

  enum Stroke: String {
    case grid = "g", axis = "a", value = "v", slope = "s", integral = "i"
  }

  enum Anchor: String { case start, middle, end }

  mutating func line(_ points: [(x: Double, y: Double)], _ stroke: Stroke) {
    let list = simplified(points).map { "\(tenths($0.x)),\(tenths($0.y))" }.joined(separator: " ")
    body += "<polyline class=\"\(stroke.rawValue)\" points=\"\(list)\"/>\n"
  }

  mutating func text(_ text: String, at point: (x: Double, y: Double), anchor: Anchor = .start, isTitle: Bool = false) {
    let escaped = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    let attributes = (anchor == .start ? "" : " text-anchor=\"\(anchor.rawValue)\"") + (isTitle ? " class=\"t\"" : "")
    body += "<text x=\"\(tenths(point.x))\" y=\"\(tenths(point.y))\"\(attributes)>\(escaped)</text>\n"
  }

  var svg: String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(tenths(width)) \(tenths(height))" width="\(tenths(width))" height="\(tenths(height))">
    <style>
    text{font:11px sans-serif;fill:#52514e}.t{font:bold 12px monospace;fill:#0b0b0b}
    polyline{fill:none;stroke-width:1.8;stroke-linejoin:round}
    .g{stroke:#e1e0d9;stroke-width:1}.a{stroke:#898781;stroke-width:1}
    .v{stroke:#898781;stroke-dasharray:5 3}.s{stroke:#2a78d6}.i{stroke:#eb6834}
    @media(prefers-color-scheme:dark){text{fill:#c3c2b7}.t{fill:#fff}.g{stroke:#3a3a37}.s{stroke:#3987e5}.i{stroke:#d95926}}
    </style>
    \(body)</svg>

    """
  }

  /// Without points that the eye cannot tell from the line between their neighbours.
  private func simplified(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
    guard points.count > 2 else { return points }
    // Douglas and Peucker, with a stack.
    var keeps = [Bool](repeating: false, count: points.count)
    keeps[0] = true
    keeps[points.count - 1] = true
    var open = [(0, points.count - 1)]
    while let (first, last) = open.popLast() {
      let (a, b) = (points[first], points[last])
      let length = ((b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y)).squareRoot()
      var (furthest, distance) = (first, 0.2)
      for place in first + 1..<max(first + 1, last) {
        let p = points[place]
        let own =
          length == 0
          ? ((p.x - a.x) * (p.x - a.x) + (p.y - a.y) * (p.y - a.y)).squareRoot()
          : abs((b.x - a.x) * (a.y - p.y) - (a.x - p.x) * (b.y - a.y)) / length
        if own > distance { (furthest, distance) = (place, own) }
      }
      guard furthest > first else { continue }
      keeps[furthest] = true
      open += [(first, furthest), (furthest, last)]
    }
    return zip(points, keeps).filter(\.1).map(\.0)
  }
}

/// To one place behind the point, and that only where it is needed.
private func tenths(_ number: Double) -> String {
  let text = "\((number * 10).rounded() / 10)"
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
