// Lets an arm of seven joints draw a figure of eight, by damped least squares: `swift run -c release RobotArm`. Writes RobotArm.svg.

import ExampleSupport
import Foundation

/// A figure of eight, tilted in space.
let path: [[Double]] = (0...240).map { step in
  let t = 2 * .pi * Double(step) / 240
  return [0.48 + 0.06 * sin(2 * t), 0.28 * sin(t), 0.32 + 0.1 * sin(2 * t)]
}

/// Moves towards the target, in as many steps as it takes.
func follow(_ target: [Double], from start: [Double]) -> (angles: [Double], steps: Int) {
  var angles = start
  for step in 0..<100 {
    let (error, jacobian) = Arm.errorJacobian(angles: angles, target: target)
    if error.map({ $0 * $0 }).reduce(0, +) < 1e-16 { return (angles, step) }
    // Far away, a strong damping; it fades as the tip comes near.
    let damping = 0.2 * error.map { $0 * $0 }.reduce(0, +).squareRoot() + 1e-6
    let move = Arm.dampedStep(j: jacobian, error: error, damping: damping, n: 7)
    angles = zip(angles, move).map { $0 + $1 }
  }
  return (angles, 100)
}

var angles = [0.1, 0.6, -0.1, 1.6, 0.1, 0.9, 0]
var poses: [[Double]] = []
var steps = 0, worst = 0.0
for target in path {
  let found = follow(target, from: angles)
  angles = found.angles
  poses.append(angles)
  if poses.count > 1 { steps += found.steps }
  worst = max(worst, Arm.error(angles: angles, target: target)[0..<3].map { $0 * $0 }.reduce(0, +).squareRoot())
}
print("\(path.count) points, \(String(format: "%.1f", Double(steps) / Double(path.count - 1))) steps a point")
print("largest distance from the path: \(String(format: "%.1e", worst)) m")
try drawing(of: poses).write(to: "RobotArm.svg")
print("picture: RobotArm.svg")

/// The arm at some of its poses, seen from the side and from above.
func drawing(of poses: [[Double]]) -> Drawing {
  var drawing = Drawing(width: 900, height: 480)
  let side = Plot(left: 20, top: 60, width: 418, height: 380, x: -0.1...0.7, y: -0.02...0.71)
  let above = Plot(left: 450, top: 60, width: 418, height: 380, x: -0.1...0.7, y: -0.365...0.365)
  drawing.text("from the side", at: (240, 30), anchor: .middle, bold: true)
  drawing.text("from above", at: (690, 30), anchor: .middle, bold: true)
  for (number, index) in stride(from: 0, to: poses.count - 1, by: 30).enumerated() {
    let links = [[0, 0, 0]] + rows(Arm.pose(angles: poses[index]).links)
    let color = ["#b3541e", "#c9822e", "#8a9a3b", "#3f8f6b", "#1e6fb3", "#4a5fb0", "#7a4fa8", "#a8447f"][number % 8]
    for (plot, height) in [(side, 2), (above, 1)] {
      let points = links.map { plot.place(($0[0], $0[height])) }
      drawing.line(points, color: color, width: 5, opacity: 0.4)
      for point in points.dropLast() { drawing.dot(point, radius: 4, color: color, opacity: 0.5) }
    }
  }
  let tips = poses.map { rows(Arm.pose(angles: $0).links)[6] }
  for (plot, height) in [(side, 2), (above, 1)] {
    plot.line(path.map { ($0[0], $0[height]) }, in: &drawing, color: "#bbb", width: 6)
    plot.line(tips.map { ($0[0], $0[height]) }, in: &drawing, color: "#111", width: 1.5)
  }
  drawing.text("grey: the path; black: where the tip went; colours: the arm at every thirtieth point", at: (450, 465), anchor: .middle)
  return drawing
}

func rows(_ flat: [Double]) -> [[Double]] { stride(from: 0, to: flat.count, by: 3).map { Array(flat[$0..<$0 + 3]) } }
