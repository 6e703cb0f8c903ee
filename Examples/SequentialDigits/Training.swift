import ExampleSupport
import Foundation

/// A loss that is no number any more: training cannot go on.
struct Diverged: Error, CustomStringConvertible {
  let epoch: Int, step: Int, loss: Float
  var description: String { "epoch \(epoch), step \(step): the loss is \(loss)" }
}

let batchSize = 64

/// Trains from the seed; one line is printed for each epoch. Images beyond the last whole batch sit that epoch out: the next one shuffles anew.
func train(on digits: Digits, _ options: Options) throws -> LearningCurve {
  var parameters = DigitsNetwork.Parameters(seed: options.seed)
  var gradient = DigitsNetwork.Parameters()
  var settings = DigitsNetwork.Settings()
  var optimizer = DigitsNetwork.Optimizer()
  var workspace = DigitsNetwork.Workspace(batch: batchSize, time: Digits.side, for: .training, threads: options.threads)
  var testWorkspace = DigitsNetwork.Workspace(batch: digits.test.count, time: Digits.side, for: .inference, threads: options.threads)

  var batch = Digits.Images(
    brightness: [Float](repeating: 0, count: batchSize * Digits.pixels), labels: [Int32](repeating: 0, count: batchSize))
  var random = SplitMix64(seed: options.seed)
  let firstRate = settings.rate
  let steps = digits.training.count / batchSize
  var curve = LearningCurve()

  for epoch in 1...options.epochs {
    let order = Array(0..<digits.training.count).shuffled(using: &random)
    let start = ContinuousClock.now
    var lossSum = 0.0
    for step in 0..<steps {
      digits.training.copy(order[step * batchSize..<(step + 1) * batchSize], into: &batch)
      let progress = Double((epoch - 1) * steps + step) / Double(options.epochs * steps)
      settings.rate = firstRate * Float(0.5 * (1 + cos(.pi * progress)))
      let loss = try DigitsNetwork.lossAndGradient(
        parameters, x: batch.brightness, label: batch.labels, gradient: &gradient, settings: settings, workspace: &workspace)
      guard loss.isFinite else { throw Diverged(epoch: epoch, step: step + 1, loss: loss) }
      optimizer.update(&parameters, gradient: gradient, settings: settings)
      lossSum += Double(loss)
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let point = LearningCurve.Epoch(
      loss: lossSum / Double(steps), accuracy: accuracy(of: parameters, on: digits.test, workspace: &testWorkspace))
    curve.epochs.append(point)
    let rate = Int((Double(steps * batchSize) / seconds).rounded())
    say(
      "epoch \(epoch)/\(options.epochs)  loss \(fixed(point.loss, digits: 4))  accuracy \(fixed(point.accuracy, digits: 3))  \(rate) samples/s"
    )
  }
  return curve
}

/// The part of the images whose digit gets the largest logit. The workspace is made for as many images.
func accuracy(
  of parameters: DigitsNetwork.Parameters, on images: Digits.Images, workspace: inout DigitsNetwork.Workspace
) -> Double {
  let classes = DigitsNetwork.classes
  let logits = DigitsNetwork.predict(parameters, x: images.brightness, workspace: &workspace)
  let right = images.labels.indices.count { image in
    let scores = logits[image * classes..<(image + 1) * classes]
    return scores[image * classes + Int(images.labels[image])] == scores.max()
  }
  return Double(right) / Double(images.count)
}
