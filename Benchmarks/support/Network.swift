/// A sequence classifier: `Network` is the generated model, named by a file of the case.
@main enum Program {
  static func main() throws {
    let side = Side()
    let measured = Measured(side)
    try measured.trainingStep()
    measured.inference()
    side.write([measured.loss], to: "loss")
    side.write(measured.logits, to: "logits")
    for (name, shape, offset) in Network.Parameters.layout {
      side.write(Array(measured.gradient.flat[offset..<offset + shape.reduce(1, *)]), to: "gradient." + name)
    }
    side.serve(
      facts: ["workspace bytes": measured.training.byteCount],
      [("inference", measured.inference), ("training", { try! measured.trainingStep() })])
  }
}

final class Measured {
  let parameters: Network.Parameters
  let x: [Float]
  let label: [Int32]
  var logits: [Float] = []
  var loss: Float = 0
  var gradient = Network.Parameters()
  var training: Network.Workspace
  var forInference: Network.Workspace

  init(_ side: Side) {
    let batch = side.size("batch"), time = side.size("time")
    var parameters = Network.Parameters()
    for (name, shape, offset) in Network.Parameters.layout {
      parameters.flat.replaceSubrange(offset..<offset + shape.reduce(1, *), with: side.read(name, as: Float.self))
    }
    self.parameters = parameters
    x = side.read("x")
    label = side.read("label")
    training = Network.Workspace(batch: batch, time: time, for: .training, threads: side.threads)
    forInference = Network.Workspace(batch: batch, time: time, for: .inference, threads: side.threads)
  }

  func inference() {
    logits = Network.predict(parameters, x: x, workspace: &forInference)
  }

  func trainingStep() throws {
    loss = try Network.lossAndGradient(parameters, x: x, label: label, gradient: &gradient, workspace: &training)
  }
}
