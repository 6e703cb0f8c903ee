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

  var curve = LearningCurve()
  var start = ContinuousClock.now
  var (epoch, step) = (1, 0)
  let steps = digits.training.count / batchSize

  _ = try digits.train(
    seed: options.seed, epochs: options.epochs, batch: batchSize, rate: settings.rate,
    afterEpoch: { done, loss in
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      let point = LearningCurve.Epoch(loss: loss, accuracy: accuracy(of: parameters, on: digits.test, workspace: &testWorkspace))
      curve.epochs.append(point)
      let rate = Int((Double(steps * batchSize) / seconds).rounded())
      say(
        "epoch \(done)/\(options.epochs)  loss \(fixed(point.loss, digits: 4))  accuracy \(fixed(point.accuracy, digits: 3))  \(rate) samples/s"
      )
      (epoch, step) = (done + 1, 0)
      start = .now
    }
  ) { batch, rate in
    settings.rate = rate
    step += 1
    let loss = try DigitsNetwork.lossAndGradient(
      parameters, x: batch.brightness, label: batch.labels, gradient: &gradient, settings: settings, workspace: &workspace)
    guard loss.isFinite else { throw Diverged(epoch: epoch, step: step, loss: loss) }
    optimizer.update(&parameters, gradient: gradient, settings: settings)
    return loss
  }
  return curve
}

/// On images for as many of which the workspace was made.
func accuracy(
  of parameters: DigitsNetwork.Parameters, on images: Digits.Images, workspace: inout DigitsNetwork.Workspace
) -> Double {
  images.accuracy(of: DigitsNetwork.predict(parameters, x: images.brightness, workspace: &workspace))
}
