import ExampleSupport

/// Loss and test accuracy by epoch, and their drawing.
struct LearningCurve {
  struct Epoch {
    var loss: Double
    var accuracy: Double
  }
  var epochs: [Epoch] = []

  /// Two panels, one above the other, over the same epochs.
  func drawing() -> Drawing {
    var drawing = Drawing(width: 640, height: 500)
    let losses = epochs.map(\.loss)
    let top = ((losses.max() ?? 1) * 2).rounded(.up) / 2
    panel(
      "training loss", losses, in: &drawing, from: 40, to: top, ticks: (0...4).map { top * Double($0) / 4 }, color: "#b3541e")
    panel("test accuracy", epochs.map(\.accuracy), in: &drawing, from: 290, to: 1, ticks: [0, 0.25, 0.5, 0.75, 1], color: "#1e6fb3")
    return drawing
  }

  private func panel(
    _ title: String, _ values: [Double], in drawing: inout Drawing, from y: Double, to top: Double, ticks: [Double], color: String
  ) {
    let last = Double(max(values.count, 2))
    let plot = Plot(top: y, width: 560, height: 150, x: 1...last, y: 0...top)
    let final = values.last.map { ", \(fixed($0, digits: 3)) at the end" } ?? ""
    plot.frame(in: &drawing, xTicks: [1, (last / 2).rounded(), last], yTicks: ticks, xLabel: "epoch", title: title + final)
    plot.line(values.enumerated().map { (Double($0.offset + 1), $0.element) }, in: &drawing, color: color, width: 2)
  }
}
