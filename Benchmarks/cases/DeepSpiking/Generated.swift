@main enum Program {
  static func main() {
    let side = Side()
    let batch = side.size("batch"), time = side.size("time")
    let x: [Float] = side.read("x"), length: [Int32] = side.read("length"), label: [Int32] = side.read("label")
    let scores = Outputs<Float>(["logits": batch * DeepSpiking.classes]),
      rasters = Outputs<Float>(["raster": batch * time * DeepSpiking.width])
    var parameters = DeepSpiking.Parameters(), gradient = DeepSpiking.Parameters()
    for (name, shape, offset) in DeepSpiking.Parameters.layout {
      parameters.flat.replaceSubrange(offset..<offset + shape.reduce(1, *), with: side.read(name, as: Float.self))
    }
    var forInference = DeepSpiking.Workspace(batch: batch, time: time, for: .inference, threads: side.threads)
    var forTraining = DeepSpiking.Workspace(batch: batch, time: time, for: .training, threads: side.threads)
    var loss: Float = 0
    let inference = {
      var score = scores["logits"].mutableSpan, raster = rasters["raster"].mutableSpan
      DeepSpiking.predict(parameters, x: x.span, length: length.span, score: &score, raster: &raster, workspace: &forInference)
    }
    let training = {
      loss = try! DeepSpiking.lossAndGradient(
        parameters, x: x.span, length: length.span, label: label.span, gradient: &gradient, workspace: &forTraining)
    }
    training()
    inference()
    side.write([loss], to: "loss")
    scores.write(to: side)
    for (name, shape, offset) in DeepSpiking.Parameters.layout {
      side.write(Array(gradient.flat[offset..<offset + shape.reduce(1, *)]), to: "gradient." + name)
    }
    side.serve(facts: ["workspace bytes": forTraining.byteCount], [("inference", inference), ("training", training)])
  }
}
