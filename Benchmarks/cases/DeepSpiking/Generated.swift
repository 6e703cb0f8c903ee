final class Measured {
  let parameters: DeepSpiking.Parameters
  let x: [Float]
  let length: [Int32], label: [Int32]
  var outputs: (score: [Float], raster: [Float]) = ([], [])
  var loss: Float = 0
  var gradient = DeepSpiking.Parameters()
  var training: DeepSpiking.Workspace
  var forInference: DeepSpiking.Workspace

  init(_ side: Side) {
    let batch = side.size("batch"), time = side.size("time")
    var parameters = DeepSpiking.Parameters()
    for (name, shape, offset) in DeepSpiking.Parameters.layout {
      parameters.flat.replaceSubrange(offset..<offset + shape.reduce(1, *), with: side.read(name, as: Float.self))
    }
    self.parameters = parameters
    x = side.read("x")
    length = side.read("length")
    label = side.read("label")
    training = DeepSpiking.Workspace(batch: batch, time: time, for: .training, threads: side.threads)
    forInference = DeepSpiking.Workspace(batch: batch, time: time, for: .inference, threads: side.threads)
  }

  func inference() { outputs = DeepSpiking.predict(parameters, x: x, length: length, workspace: &forInference) }

  func trainingStep() {
    loss = try! DeepSpiking.lossAndGradient(parameters, x: x, length: length, label: label, gradient: &gradient, workspace: &training)
  }
}

@main enum Program {
  static func main() {
    let side = Side()
    let measured = Measured(side)
    measured.trainingStep()
    measured.inference()
    side.write([measured.loss], to: "loss")
    side.write(measured.outputs.score, to: "logits")
    for (name, shape, offset) in DeepSpiking.Parameters.layout {
      side.write(Array(measured.gradient.flat[offset..<offset + shape.reduce(1, *)]), to: "gradient." + name)
    }
    side.serve(
      facts: ["workspace bytes": measured.training.byteCount], [("inference", measured.inference), ("training", measured.trainingStep)])
  }
}
