/// A sequence classifier: `Network` is the generated model, named by a file of the case.
@main enum Program {
  static func main() {
    let side = Side()
    let batch = side.size("batch"), time = side.size("time")
    let x: [Float] = side.read("x"), label: [Int32] = side.read("label")
    let outputs = Outputs<Float>(["logits": batch * Network.classes])
    var parameters = Network.Parameters(), gradient = Network.Parameters()
    for (name, shape, offset) in Network.Parameters.layout {
      parameters.flat.replaceSubrange(offset..<offset + shape.reduce(1, *), with: side.read(name, as: Float.self))
    }
    var forInference = Network.Workspace(batch: batch, time: time, for: .inference, threads: side.threads)
    var forTraining = Network.Workspace(batch: batch, time: time, for: .training, threads: side.threads)
    var loss: Float = 0
    let inference = {
      var logits = outputs["logits"].mutableSpan
      Network.predict(parameters, x: x.span, logits: &logits, workspace: &forInference)
    }
    let training = {
      loss = try! Network.lossAndGradient(parameters, x: x.span, label: label.span, gradient: &gradient, workspace: &forTraining)
    }
    training()
    inference()
    side.write([loss], to: "loss")
    outputs.write(to: side)
    for (name, shape, offset) in Network.Parameters.layout {
      side.write(Array(gradient.flat[offset..<offset + shape.reduce(1, *)]), to: "gradient." + name)
    }
    side.serve(facts: ["workspace bytes": forTraining.byteCount], [("inference", inference), ("training", training)])
  }
}
