// Fits the conductances of a Hodgkin-Huxley neuron to a noisy recording: `swift run -c release Calibration`. Writes Calibration.svg.

import ExampleSupport
import Foundation

let dt = 0.02
let steps = 2000
/// A weak current, a pause, and a strong one.
let current = (0..<steps).map { step in
  let time = Double(step) * dt
  return time < 3 ? 0 : time < 18 ? 7 : time < 23 ? 0.0 : 12
}

// The recording: the classical conductances, and noise of 2 mV.
let truth = [120.0, 36, 0.3]
var random = SplitMix64(seed: 1)
let recording = Neuron.potential(logConductance: truth.map { log($0) }, current: current).map { $0 + random.normal(deviation: 2) }

func rootMeanSquare(_ residuals: [Double]) -> Double { (residuals.map { $0 * $0 }.reduce(0, +) / Double(residuals.count)).squareRoot() }

func residuals(_ potential: [Double]) -> [Double] { zip(potential, recording).map { $0 - $1 } }

/// The Levenberg-Marquardt method: a step that makes things worse is taken again, damped more.
func fit(from start: [Double]) -> [Double] {
  var parameters = start
  var damping = 1e-2
  for iteration in 1...60 {
    let (potential, jacobian) = Neuron.potentialJacobian(logConductance: parameters, current: current)
    let before = residuals(potential)
    var step: [Double]
    repeat {
      step = Neuron.dampedStep(j: jacobian, r: before, damping: damping, n: 3)
      let moved = zip(parameters, step).map { $0 + $1 }
      let after = residuals(Neuron.potential(logConductance: moved, current: current))
      // A wild step may leave the numbers; that counts as worse.
      if rootMeanSquare(after) < rootMeanSquare(before) {
        parameters = moved
        damping = max(damping / 5, 1e-12)
        let words = parameters.map { String(format: "%.3f", exp($0)) }.joined(separator: "  ")
        print("\(iteration): conductances \(words), off by \(String(format: "%.3f", rootMeanSquare(after))) mV")
        break
      }
      damping *= 4
    } while damping < 1e12
    if step.allSatisfy({ abs($0) < 1e-7 }) || damping >= 1e12 { break }
  }
  return parameters
}

let start = [80.0, 24, 0.6].map { log($0) }
let fitted = fit(from: start)

for (name, (found, real)) in zip(["sodium", "potassium", "leak"], zip(fitted.map { exp($0) }, truth)) {
  print("\(name): \(String(format: "%.3f", found)) mS/cm², of which the recording was made with \(real)")
}

var drawing = Drawing(width: 860, height: 420)
let plot = Plot(width: 780, height: 310, x: 0...Double(steps) * dt, y: -100...60)
plot.frame(
  in: &drawing, xTicks: [0, 10, 20, 30, 40], yTicks: [-100, -80, -60, -40, -20, 0, 20, 40], xLabel: "time (ms)",
  title: "membrane potential (mV)")
let times = (0..<steps).map { Double($0 + 1) * dt }
for index in stride(from: 0, to: steps, by: 5) {
  drawing.dot(plot.place((times[index], recording[index])), radius: 1.6, color: "#999", opacity: 0.7)
}
for (parameters, color, name, left) in [(start, "#b3541e", "start", 560.0), (fitted, "#1e6fb3", "fit", 640)] {
  let curve = Neuron.potential(logConductance: parameters, current: current)
  plot.line(stride(from: 1, to: steps, by: 4).map { (times[$0], curve[$0]) }, in: &drawing, color: color)
  drawing.text(name, at: (left, 26), color: color, bold: true)
}
drawing.text("recording", at: (700, 26), color: "#999", bold: true)
try drawing.write(to: "Calibration.svg")
print("picture: Calibration.svg")
