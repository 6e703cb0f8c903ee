import Foundation

/// An SVG in the making.
public struct Drawing {
  public let width: Double, height: Double
  private var body = ""

  public init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }

  public var svg: String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(number(width)) \(number(height))" font-family="sans-serif" font-size="12">
    <rect width="\(number(width))" height="\(number(height))" fill="white"/>
    \(body)</svg>

    """
  }

  public func write(to path: String) throws { try Data(svg.utf8).write(to: URL(fileURLWithPath: path)) }

  public mutating func line(_ points: [(x: Double, y: Double)], color: String, width: Double = 1.5, opacity: Double = 1) {
    let list = points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
    body +=
      "<polyline points=\"\(list)\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"\(number(width))\" opacity=\"\(number(opacity))\" "
    body += "stroke-linejoin=\"round\" stroke-linecap=\"round\"/>\n"
  }

  public mutating func dot(_ point: (x: Double, y: Double), radius: Double, color: String, opacity: Double = 1) {
    body +=
      "<circle cx=\"\(number(point.x))\" cy=\"\(number(point.y))\" r=\"\(number(radius))\" fill=\"\(color)\" opacity=\"\(number(opacity))\"/>\n"
  }

  public enum Anchor: String { case start, middle, end }

  public mutating func text(
    _ text: String, at point: (x: Double, y: Double), anchor: Anchor = .start, color: String = "#444", bold: Bool = false
  ) {
    let weight = bold ? " font-weight=\"bold\"" : ""
    body +=
      "<text x=\"\(number(point.x))\" y=\"\(number(point.y))\" text-anchor=\"\(anchor.rawValue)\" fill=\"\(color)\"\(weight)>\(text)</text>\n"
  }

  private func number(_ value: Double) -> String { String(format: "%.6g", (value * 100).rounded() / 100) }
}

/// A rectangle of a drawing that shows a range of numbers; `isLogarithmic` says how the second is measured.
public struct Plot {
  public var left: Double, top: Double, width: Double, height: Double
  public var x: ClosedRange<Double>, y: ClosedRange<Double>
  public var isLogarithmic = false

  public init(
    left: Double = 60, top: Double = 40, width: Double, height: Double, x: ClosedRange<Double>, y: ClosedRange<Double>,
    isLogarithmic: Bool = false
  ) {
    (self.left, self.top, self.width, self.height) = (left, top, width, height)
    (self.x, self.y, self.isLogarithmic) = (x, y, isLogarithmic)
  }

  public func place(_ point: (x: Double, y: Double)) -> (x: Double, y: Double) {
    let along = (point.x - x.lowerBound) / (x.upperBound - x.lowerBound)
    let up =
      isLogarithmic
      ? log(point.y / y.lowerBound) / log(y.upperBound / y.lowerBound) : (point.y - y.lowerBound) / (y.upperBound - y.lowerBound)
    return (left + width * along, top + height * (1 - up))
  }

  public func line(_ points: [(x: Double, y: Double)], in drawing: inout Drawing, color: String, width: Double = 1.5, opacity: Double = 1) {
    drawing.line(points.map(place), color: color, width: width, opacity: opacity)
  }

  /// Lines and numbers at the ticks, and what is measured.
  public func frame(in drawing: inout Drawing, xTicks: [Double], yTicks: [Double], xLabel: String, title: String) {
    for tick in yTicks {
      line([(x.lowerBound, tick), (x.upperBound, tick)], in: &drawing, color: "#ddd", width: 1)
      let end = place((x.lowerBound, tick))
      drawing.text(String(format: "%g", tick), at: (end.x - 8, end.y + 4), anchor: .end)
    }
    for tick in xTicks {
      let end = place((tick, y.lowerBound))
      drawing.text(String(format: "%g", tick), at: (end.x, end.y + 18), anchor: .middle)
    }
    drawing.text(xLabel, at: (left + width / 2, top + height + 36), anchor: .middle)
    drawing.text(title, at: (left, top - 14), bold: true)
  }
}
