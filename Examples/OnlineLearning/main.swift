// Trains a recurrent spiking network online, by e-prop, beside backpropagation through time: `swift run -c release OnlineLearning`.

import ExampleSupport
import Foundation

let seeds: [UInt64] = [1, 2, 3]
let epochs = 30
let digits = try Digits.load()
func fixed(_ value: Double) -> String { String(format: "%.3f", value) }

// What training needs of memory, by the number of steps: nothing is run for it.
print("bytes of the workspace for training, batch \(batchSize)")
print("steps      e-prop   through time")
let steps = [8, 64, 512, 4096]
for count in steps {
  let online = Networks.Online.Workspace.byteCount(batch: batchSize, time: count, for: .training)
  let offline = Networks.Offline.Workspace.byteCount(batch: batchSize, time: count, for: .training)
  print("\(String(format: "%5d", count)) \(String(format: "%11d", online)) \(String(format: "%14d", offline))")
}
let needs = Set(steps.map { Networks.Online.Workspace.byteCount(batch: batchSize, time: $0, for: .training) })
print(needs.count == 1 ? "e-prop: the same for any number of steps" : "e-prop: memory DEPENDS on the number of steps")

print("\ncosine between the two gradients at the first weights, seed 1")
for (name, cosine) in try gradientCosines(seed: 1, on: digits) { print("  \(name): \(fixed(cosine))") }

print("\ntest accuracy after \(epochs) epochs\nseed   e-prop  through time")
var curves: [(online: [Double], offline: [Double])] = []
for seed in seeds {
  let curve = (
    online: try trainOnline(seed: seed, epochs: epochs, on: digits), offline: try trainOffline(seed: seed, epochs: epochs, on: digits)
  )
  print("\(seed)      \(fixed(curve.online.last ?? 0))   \(fixed(curve.offline.last ?? 0))")
  curves.append(curve)
}
func mean(_ curves: [[Double]]) -> [Double] {
  curves[0].indices.map { epoch in curves.reduce(0) { $0 + $1[epoch] } / Double(curves.count) }
}
let online = mean(curves.map(\.online)), offline = mean(curves.map(\.offline))
print("mean   \(fixed(online.last ?? 0))   \(fixed(offline.last ?? 0))")

try drawing().write(to: "OnlineLearning.svg")
print("drawn in OnlineLearning.svg")

/// On the left accuracy by epoch, on the right memory by steps.
func drawing() -> Drawing {
  var drawing = Drawing(width: 860, height: 320)
  let plot = Plot(width: 360, height: 220, x: 1...Double(epochs), y: 0...1)
  plot.frame(
    in: &drawing, xTicks: [1, Double(epochs / 2), Double(epochs)], yTicks: [0, 0.25, 0.5, 0.75, 1], xLabel: "epoch",
    title: "Test accuracy, mean of \(seeds.count) seeds")
  let memory = Plot(left: 520, width: 300, height: 220, x: 0...Double(steps.count - 1), y: 1e4...1e7, isLogarithmic: true)
  memory.frame(in: &drawing, xTicks: [], yTicks: [1e4, 1e5, 1e6, 1e7], xLabel: "steps", title: "Bytes for training, batch \(batchSize)")
  for (place, count) in steps.enumerated() {
    drawing.text("\(count)", at: (memory.place((Double(place), 1e4)).x, memory.top + memory.height + 18), anchor: .middle)
  }
  func bytes(_ need: (Int) -> Int) -> [(x: Double, y: Double)] { steps.enumerated().map { (Double($0.offset), Double(need($0.element))) } }
  let rows: [(name: String, color: String, curve: [Double], bytes: [(x: Double, y: Double)])] = [
    ("e-prop", "#2a78d6", online, bytes { Networks.Online.Workspace.byteCount(batch: batchSize, time: $0, for: .training) }),
    ("through time", "#eb6834", offline, bytes { Networks.Offline.Workspace.byteCount(batch: batchSize, time: $0, for: .training) }),
  ]
  for (place, row) in rows.enumerated() {
    plot.line(row.curve.enumerated().map { (Double($0.offset + 1), $0.element) }, in: &drawing, color: row.color, width: 2)
    memory.line(row.bytes, in: &drawing, color: row.color, width: 2)
    let y = plot.top + plot.height - 34 + 16 * Double(place)
    drawing.line([(plot.left + 220, y - 4), (plot.left + 244, y - 4)], color: row.color, width: 2)
    drawing.text(row.name, at: (plot.left + 252, y))
  }
  return drawing
}
