// Trains a network for handwritten digits with weights and activations of few bits, beside the same network in floating point:
// `swift run -c release QuantizedTraining`.

import ExampleSupport
import Foundation

let seeds: [UInt64] = [1, 2, 3]
let epochs = 40
let digits = try Digits.load()

/// The accuracies of one kind of network, for each seed.
struct Row {
  let name: String
  let accuracies: [Double]
  var mean: Double { accuracies.reduce(0, +) / Double(accuracies.count) }
}

func fixed(_ value: Double) -> String { String(format: "%.3f", value) }

func report(_ row: Row) {
  print(
    row.name.padding(toLength: 10, withPad: " ", startingAt: 0) + fixed(row.mean) + "   " + row.accuracies.map(fixed).joined(separator: " ")
  )
}

print("network   mean    seeds \(seeds.map(String.init).joined(separator: ", "))")
let float = Row(name: "float", accuracies: try seeds.map { try trainFloat(seed: $0, epochs: epochs, on: digits) })
report(float)

var rows: [(bits: Int, row: Row)] = []
var bytes: QuantizedResult?
for bits in [8, 4, 3, 2] {
  var accuracies: [Double] = []
  for seed in seeds {
    let result = try trainQuantized(bits: bits, seed: seed, epochs: epochs, on: digits)
    accuracies.append(result.accuracy)
    if bits == 8 && seed == seeds[0] { bytes = result }
  }
  rows.append((bits, Row(name: "\(bits) bits", accuracies: accuracies)))
  report(rows[rows.count - 1].row)
}

if let bytes {
  let network = IntegerNetwork(bytes.parameters)
  let integerLogits = (0..<digits.test.count).flatMap { image in
    network.logits(of: digits.test.brightness[image * Digits.pixels..<(image + 1) * Digits.pixels])
  }
  let furthest = zip(integerLogits, bytes.logits).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
  print(
    "8 bits, seed \(seeds[0]), in integers (\(network.weightBytes) bytes of weights): accuracy \(fixed(digits.test.accuracy(of: integerLogits))); "
      + "logits within \(String(format: "%.1g", furthest)) of the generated code's")
}

try comparison(float, rows).write(to: "QuantizedTraining.svg")
print("drawn in QuantizedTraining.svg")

/// Accuracy by bits, with the network in floating point as a band.
func comparison(_ float: Row, _ rows: [(bits: Int, row: Row)]) -> Drawing {
  var drawing = Drawing(width: 640, height: 330)
  let all = rows.flatMap(\.row.accuracies) + float.accuracies
  let low = ((all.min() ?? 0.9) * 20 - 0.4).rounded(.down) / 20
  let plot = Plot(width: 540, height: 220, x: 0.5...Double(rows.count) + 0.5, y: low...1)
  plot.frame(
    in: &drawing, xTicks: [], yTicks: (0...4).map { low + (1 - low) * Double($0) / 4 },
    xLabel: "bits of a weight and of an activation; a dot for each of three seeds, a stroke for their mean",
    title: "Test accuracy, beside the network in floating point (line)")
  plot.line([(plot.x.lowerBound, float.mean), (plot.x.upperBound, float.mean)], in: &drawing, color: "#eb6834", width: 2)
  for (place, entry) in rows.enumerated() {
    let x = Double(place + 1)
    plot.line([(x - 0.2, entry.row.mean), (x + 0.2, entry.row.mean)], in: &drawing, color: "#184f95", width: 2.5)
    for accuracy in entry.row.accuracies { drawing.dot(plot.place((x, accuracy)), radius: 4, color: "#2a78d6", opacity: 0.85) }
    drawing.text("\(entry.bits)", at: (plot.place((x, low)).x, plot.top + plot.height + 18), anchor: .middle)
  }
  return drawing
}
