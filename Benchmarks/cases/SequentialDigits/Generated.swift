/// An epoch from the same first weights, in batches that are cut beforehand.
final class Epoch {
  let start: DigitsNetwork.Parameters
  let batches: [(x: [Float], label: [Int32])]
  var gradient = DigitsNetwork.Parameters()
  var workspace: DigitsNetwork.Workspace

  init(_ side: Side) {
    let batch = side.size("batch"), time = side.size("time")
    var start = DigitsNetwork.Parameters()
    for (name, shape, offset) in DigitsNetwork.Parameters.layout {
      start.flat.replaceSubrange(offset..<offset + shape.reduce(1, *), with: side.read(name, as: Float.self))
    }
    self.start = start
    let x: [Float] = side.read("x"), label: [Int32] = side.read("label")
    let numbers = batch * time * DigitsNetwork.inputs
    batches = (0..<label.count / batch).map {
      (Array(x[$0 * numbers..<($0 + 1) * numbers]), Array(label[$0 * batch..<($0 + 1) * batch]))
    }
    workspace = DigitsNetwork.Workspace(batch: batch, time: time, for: .training, threads: side.threads)
  }

  func step(_ parameters: DigitsNetwork.Parameters, _ index: Int) -> Float {
    try! DigitsNetwork.lossAndGradient(
      parameters, x: batches[index].x, label: batches[index].label, gradient: &gradient, workspace: &workspace)
  }

  func run() -> Float {
    var parameters = start, optimizer = DigitsNetwork.Optimizer(), total: Float = 0
    let settings = DigitsNetwork.Settings()
    for index in batches.indices {
      total += step(parameters, index)
      optimizer.update(&parameters, gradient: gradient, settings: settings)
    }
    return total / Float(batches.count)
  }
}

@main enum Program {
  static func main() {
    let side = Side()
    let epoch = Epoch(side)
    side.write([epoch.step(epoch.start, 0)], to: "first.loss")
    for (name, shape, offset) in DigitsNetwork.Parameters.layout {
      side.write(Array(epoch.gradient.flat[offset..<offset + shape.reduce(1, *)]), to: "first.gradient." + name)
    }
    side.write([epoch.run()], to: "epoch")
    side.serve([("epoch", { _ = epoch.run() })])
  }
}
