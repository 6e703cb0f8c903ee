import ExampleSupport

/// One training run of the sweep.
struct Run: Hashable, Sendable {
  let slope: String
  let seed: UInt64
  let epochs: Int
}

/// What a run came to.
struct Outcome: Sendable {
  let run: Run
  /// Of the last epoch.
  let loss: Double
  /// On the test images.
  let accuracy: Double
}

/// All networks have the same values, so any of them starts, updates and tests the parameters.
private typealias Network = Gaussian.DigitsNetwork

/// Trains from the seed, on one thread. `progress` hears of each epoch.
func train(_ surrogate: Surrogate, _ run: Run, on digits: Digits, progress: (_ epoch: Int) -> Void) throws -> Outcome {
  let lesson = surrogate.makeLesson()
  var parameters = Network.Parameters(seed: run.seed)
  var gradient = Network.Parameters()
  var settings = Network.Settings()
  var optimizer = Network.Optimizer()
  let loss = try digits.train(
    seed: run.seed, epochs: run.epochs, batch: Surrogate.batch, rate: settings.rate, afterEpoch: { epoch, _ in progress(epoch) }
  ) { batch, rate in
    settings.rate = rate
    let loss = try lesson(parameters.flat, batch, &gradient.flat)
    optimizer.update(&parameters, gradient: gradient, settings: settings)
    return loss
  }
  var workspace = Network.Workspace(batch: digits.test.count, time: Digits.side, for: .inference)
  let logits = Network.predict(parameters, x: digits.test.brightness, workspace: &workspace)
  return Outcome(run: run, loss: loss, accuracy: digits.test.accuracy(of: logits))
}
