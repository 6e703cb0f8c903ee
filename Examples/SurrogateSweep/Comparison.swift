import ExampleSupport
import Foundation

/// The surrogates by their mean accuracy, the best first, and their drawing.
struct Comparison {
  struct Row {
    let slope: String
    let accuracies: [Double]
    let losses: [Double]
    var mean: Double { accuracies.reduce(0, +) / Double(accuracies.count) }
    var meanLoss: Double { losses.reduce(0, +) / Double(losses.count) }
  }
  let rows: [Row]

  init(_ outcomes: [Outcome]) {
    rows = Dictionary(grouping: outcomes, by: \.run.slope).map { slope, own in
      Row(slope: slope, accuracies: own.map(\.accuracy).sorted(), losses: own.map(\.loss))
    }.sorted { ($1.mean, $0.slope) < ($0.mean, $1.slope) }
  }

  var table: String {
    let width = (rows.map(\.slope.count).max() ?? 0) + 2
    let lines = rows.map { row in
      row.slope.padding(toLength: width, withPad: " ", startingAt: 0) + fixed(row.mean) + "  "
        + row.accuracies.map(fixed).joined(separator: " ")
        + "  loss \(fixed(row.meanLoss))\n"
    }
    return "slope".padding(toLength: width, withPad: " ", startingAt: 0) + "mean   each seed\n" + lines.joined()
  }

  /// A row for each surrogate: a dot for each seed, a stroke for their mean. Rows far behind the best are only named, so that the others can be
  /// told apart.
  func drawing() -> Drawing {
    let rowHeight = 26.0
    let shown = rows.filter { $0.mean > (rows.first?.mean ?? 0) - 0.15 }
    let lowest = shown.flatMap(\.accuracies).min() ?? 0
    let low = (lowest * 50 - 0.25).rounded(.down) / 50
    let highest = shown.flatMap(\.accuracies).max() ?? 1
    let high = min(1, (highest * 50 + 0.25).rounded(.up) / 50)
    let height = rowHeight * Double(rows.count)
    var drawing = Drawing(width: 720, height: height + 100)
    let plot = Plot(left: 170, top: 40, width: 480, height: height, x: low...high, y: 0...Double(rows.count))
    let ticks = Array(stride(from: low, through: high + 1e-9, by: 0.02))
    plot.frame(
      in: &drawing, xTicks: ticks, yTicks: [], xLabel: "accuracy on the test images; a dot for each seed, a stroke for the mean",
      title: "Surrogate slopes")
    for tick in ticks { plot.line([(tick, 0), (tick, Double(rows.count))], in: &drawing, color: "#e1e0d9", width: 1) }
    for (place, row) in rows.enumerated() {
      let y = Double(rows.count - place) - 0.5
      let left = plot.place((low, y))
      drawing.text(row.slope, at: (left.x - 10, left.y + 4), anchor: .end)
      drawing.text(fixed(row.mean), at: (plot.left + plot.width + 12, left.y + 4))
      guard row.accuracies[0] >= low else {
        drawing.text("← " + row.accuracies.map(fixed).joined(separator: ", "), at: (left.x + 6, left.y + 4), color: "#184f95")
        continue
      }
      plot.line([(row.accuracies[0], y), (row.accuracies[row.accuracies.count - 1], y)], in: &drawing, color: "#9ec5f4", width: 3)
      plot.line([(row.mean, y - 0.32), (row.mean, y + 0.32)], in: &drawing, color: "#184f95", width: 2.5)
      for accuracy in row.accuracies { drawing.dot(plot.place((accuracy, y)), radius: 4, color: "#2a78d6", opacity: 0.85) }
    }
    return drawing
  }
}
