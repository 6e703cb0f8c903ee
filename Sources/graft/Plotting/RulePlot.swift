import Codegen

/// A curve with the words that stand above it.
struct LabelledCurve {
  let title: String
  let curve: RuleCurve
}

/// One row for each rule: on the left the value and the slope's integral, on the right the slope.
func rulePlot(_ curves: [LabelledCurve]) -> String {
  let rowHeight = 210.0
  var drawing = Drawing(width: 600, height: rowHeight * Double(curves.count))
  for (place, labelled) in curves.enumerated() {
    let top = rowHeight * Double(place)
    let curve = labelled.curve
    drawing.text(shortened(labelled.title), at: (12, top + 18), isTitle: true)
    let area = curve.area.map { ", area \(rounded($0))" } ?? ""
    panel(
      &drawing, left: 42, top: top + 46, variable: curve.variable, caption: "value (dashed) and the integral of the slope",
      lines: [(.value, curve.points.map { ($0.x, $0.value) }), (.integral, curve.points.map { ($0.x, $0.integral) })])
    panel(
      &drawing, left: 342, top: top + 46, variable: curve.variable, caption: "slope for \(curve.variable)" + area,
      lines: [(.slope, curve.points.map { ($0.x, $0.slope) })])
  }
  return drawing.svg
}

private func panel(
  _ drawing: inout Drawing, left: Double, top: Double, variable: String, caption: String,
  lines: [(stroke: Drawing.Stroke, points: [(x: Double, y: Double)])]
) {
  let (width, height) = (240.0, 120.0)
  let all = lines.flatMap(\.points)
  guard let first = all.first else { return }
  let xs = (low: all.reduce(first.x) { min($0, $1.x) }, high: all.reduce(first.x) { max($0, $1.x) })
  let bound = poleBound(all.map(\.y))
  var ys = (low: all.reduce(0.0) { min($0, max($1.y, -bound)) }, high: all.reduce(0.0) { max($0, min($1.y, bound)) })
  if ys.high == ys.low { ys.high = ys.low + 1 }
  let margin = 0.06 * (ys.high - ys.low)
  ys = (ys.low - margin, ys.high + margin)
  func place(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
    (left + width * (x - xs.low) / (xs.high - xs.low), top + height * (1 - (y - ys.low) / (ys.high - ys.low)))
  }
  for tick in ticks(ys.low, ys.high) {
    drawing.line([place(xs.low, tick), place(xs.high, tick)], tick == 0 ? .axis : .grid)
    let end = place(xs.low, tick)
    drawing.text(rounded(tick), at: (end.x - 6, end.y + 4), anchor: .end)
  }
  for tick in ticks(xs.low, xs.high) {
    drawing.line([place(tick, ys.low), place(tick, ys.high)], tick == 0 ? .axis : .grid)
    drawing.text(rounded(tick), at: (place(tick, ys.low).x, top + height + 14), anchor: .middle)
  }
  drawing.text(caption, at: (left, top - 8))
  drawing.text(variable, at: (left + width, top + height + 28), anchor: .end)
  for line in lines { drawing.line(line.points.map { place($0.x, max(-bound, min(bound, $0.y))) }, line.stroke) }
}

/// Beyond what a line is cut off: numbers near a pole would leave nothing else to see.
private func poleBound(_ numbers: [Double]) -> Double {
  let sorted = numbers.map { abs($0) }.sorted()
  guard let largest = sorted.last else { return 1 }
  let usual = sorted[sorted.count * 9 / 10]
  return usual > 0 && largest > 100 * usual ? 10 * usual : max(largest, .leastNormalMagnitude)
}

/// Three to six round numbers between two.
private func ticks(_ low: Double, _ high: Double) -> [Double] {
  var unit = 1.0
  while unit * 10 <= high - low { unit *= 10 }
  while unit > high - low { unit /= 10 }
  let step = [0.2, 0.25, 0.5, 1, 2].map { $0 * unit }.first { (high - low) / $0 <= 5 } ?? 2 * unit
  let first = Int((low / step).rounded(.up)), last = Int((high / step).rounded(.down))
  return first <= last ? (first...last).map { Double($0) * step } : []
}

/// To three digits.
func rounded(_ number: Double) -> String {
  if number == 0 { return "0" }
  var unit = 1.0
  while abs(number) * unit < 100 { unit *= 10 }
  let text = "\((number * unit).rounded() / unit)"
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

private func shortened(_ title: String) -> String { title.count <= 78 ? title : title.prefix(77) + "…" }
