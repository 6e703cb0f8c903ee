/// Loss and test accuracy by epoch, and their drawing.
struct LearningCurve {
  struct Epoch {
    var loss: Double
    var accuracy: Double
  }
  var epochs: [Epoch] = []

  /// Two panels, one above the other, over the same epochs.
  func svg() -> String {
    let loss = Panel(
      title: "training loss", values: epochs.map(\.loss), top: (epochs.map(\.loss).max() ?? 1) * 1.05, y: 40, color: "#b3541e")
    let accuracy = Panel(title: "test accuracy", values: epochs.map(\.accuracy), top: 1, y: 230, color: "#1e6fb3")
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 430" font-family="sans-serif" font-size="12">
      <rect width="640" height="430" fill="white"/>
      \(loss.svg())
      \(accuracy.svg())
      <text x="345" y="420" text-anchor="middle">epoch (1 to \(epochs.count))</text>
      </svg>

      """
  }
}

private struct Panel {
  let title: String, values: [Double], top: Double, y: Double, color: String
  let x = 70.0, width = 550.0, height = 150.0

  func svg() -> String {
    let points = values.enumerated().map { index, value in
      let along = values.count > 1 ? Double(index) / Double(values.count - 1) : 0
      return "\(fixed(x + along * width, digits: 1)),\(fixed(y + height * (1 - value / top), digits: 1))"
    }
    let grid = (0...4).map { line in
      let value = top * Double(line) / 4
      let level = fixed(y + height * (1 - Double(line) / 4), digits: 1)
      return """
        <line x1="\(x)" x2="\(x + width)" y1="\(level)" y2="\(level)" stroke="#ddd"/>
        <text x="\(x - 8)" y="\(level)" dy="4" text-anchor="end" fill="#555">\(fixed(value, digits: 2))</text>
        """
    }
    let last = values.last.map { "\(title): \(fixed($0, digits: 3)) at the end" } ?? title
    return """
      <text x="\(x)" y="\(y - 10)" font-weight="bold" fill="\(color)">\(last)</text>
      \(grid.joined(separator: "\n"))
      <polyline points="\(points.joined(separator: " "))" fill="none" stroke="\(color)" stroke-width="2"/>
      """
  }
}
