// Finds cameras and points from where the points were seen, by the Levenberg-Marquardt method on the sparse Jacobian of
// BundleAdjustment.graft: `swift run -c release BundleAdjustment`. Writes BundleAdjustment.svg.

import ExampleSupport
import Foundation

let noise = 0.5
var scene = try Scene(cameraCount: 10, pointCount: 400, noise: noise, seed: 1)
print("\(scene.cameraCount) cameras, \(scene.pointCount) points, \(scene.cameraOf.count) observations")

/// Of the distances between where points were seen and where they should be, in pixels.
func rootMeanSquare(_ residuals: [Double]) -> Double { (residuals.map { $0 * $0 }.reduce(0, +) / Double(residuals.count)).squareRoot() }

var errors = [rootMeanSquare(try scene.residuals())]
print("start: \(String(format: "%.3f", errors[0])) pixels")
var damping = 1e-3
search: for iteration in 1...50 {
  let equations = try NormalEquations(scene)
  while true {
    let step = equations.step(damping: damping)
    let moved = scene.moved(cameras: step.cameras, points: step.points)
    let error = rootMeanSquare(try moved.residuals())
    // Where the step led nowhere, or out of the numbers, it is damped more.
    guard error < errors[errors.count - 1] else {
      damping *= 10
      if damping > 1e8 { break search }
      continue
    }
    let change = errors[errors.count - 1] - error
    scene = moved
    errors.append(error)
    damping = max(damping / 10, 1e-10)
    print("\(iteration): \(String(format: "%.6f", error)) pixels")
    if change < 1e-6 * error { break search }
    break
  }
}
// Parameters take some of the noise away: this is what a perfect fit leaves. Seven of them only move or scale the whole scene.
let freedom = Double(scene.seen.count - (scene.cameras.count + scene.points.count - 7)) / Double(scene.seen.count)
let expected = noise * freedom.squareRoot()
print("expected from the noise: \(String(format: "%.3f", expected)) pixels")

var drawing = Drawing(width: 640, height: 400)
let last = Double(errors.count - 1)
let plot = Plot(width: 550, height: 290, x: 0...last, y: 0.2...500, isLogarithmic: true)
plot.frame(
  in: &drawing, xTicks: (0...Int(last)).map(Double.init), yTicks: [0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500], xLabel: "iteration",
  title: "reprojection error (root mean square, pixels)")
plot.line([(0, expected), (last, expected)], in: &drawing, color: "#1e6fb3")
drawing.text("expected from the noise", at: (605, plot.place((0, expected)).y - 6), anchor: .end, color: "#1e6fb3")
let points = errors.enumerated().map { (x: Double($0), y: $1) }
plot.line(points, in: &drawing, color: "#b3541e", width: 2)
for point in points { drawing.dot(plot.place(point), radius: 3.5, color: "#b3541e") }
try drawing.write(to: "BundleAdjustment.svg")
print("picture: BundleAdjustment.svg")
