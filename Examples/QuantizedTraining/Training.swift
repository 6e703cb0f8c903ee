import ExampleSupport
import Foundation

private let batchSize = 64

/// The test accuracy of the network in floating point.
func trainFloat(seed: UInt64, epochs: Int, on digits: Digits) throws -> Double {
  typealias Network = Networks.FloatNetwork
  var parameters = Network.Parameters(seed: seed)
  var gradient = Network.Parameters()
  var settings = Network.Settings()
  var optimizer = Network.Optimizer()
  var workspace = Network.Workspace(batch: batchSize, for: .training)
  _ = try digits.train(seed: seed, epochs: epochs, batch: batchSize, rate: settings.rate) { batch, rate in
    settings.rate = rate
    let loss = try Network.lossAndGradient(
      parameters, x: batch.brightness, label: batch.labels, gradient: &gradient, settings: settings, workspace: &workspace)
    optimizer.update(&parameters, gradient: gradient, settings: settings)
    return loss
  }
  var testWorkspace = Network.Workspace(batch: digits.test.count, for: .inference)
  return digits.test.accuracy(of: Network.predict(parameters, x: digits.test.brightness, workspace: &testWorkspace))
}

/// A trained network of few bits.
struct QuantizedResult {
  let parameters: Networks.QuantizedNetwork.Parameters
  /// Of the test images, from the generated code.
  let logits: [Float]
  let accuracy: Double
}

func trainQuantized(bits: Int, seed: UInt64, epochs: Int, on digits: Digits) throws -> QuantizedResult {
  typealias Network = Networks.QuantizedNetwork
  var settings = Network.Settings()
  settings.levels = levels(bits)
  var parameters = Network.Parameters(seed: seed)
  // Grids that fit the first weights; training moves them.
  parameters.firstScale = firstScale(of: parameters.first, settings.levels)
  parameters.secondScale = firstScale(of: parameters.second, settings.levels)
  parameters.activationScale = log(4 / (2 * settings.levels + 1))
  var gradient = Network.Parameters()
  var optimizer = Network.Optimizer()
  var workspace = Network.Workspace(batch: batchSize, for: .training)
  _ = try digits.train(seed: seed, epochs: epochs, batch: batchSize, rate: settings.rate) { batch, rate in
    settings.rate = rate
    let loss = try Network.lossAndGradient(
      parameters, x: batch.brightness, label: batch.labels, gradient: &gradient, settings: settings, workspace: &workspace)
    optimizer.update(&parameters, gradient: gradient, settings: settings)
    return loss
  }
  var testWorkspace = Network.Workspace(batch: digits.test.count, for: .inference)
  let logits = Network.predict(parameters, x: digits.test.brightness, settings: settings, workspace: &testWorkspace)
  return QuantizedResult(parameters: parameters, logits: logits, accuracy: digits.test.accuracy(of: logits))
}

/// How many steps a weight of so many bits has on each side of 0.
func levels(_ bits: Int) -> Float { Float(1 << (bits - 1) - 1) }

/// The logarithm of the width of a grid that suits the weights: `2 * mean(|w|) / sqrt(levels)` (Esser et al. 2020).
private func firstScale(of weights: Networks.QuantizedNetwork.Parameters.Matrix, _ levels: Float) -> Float {
  var sum: Float = 0
  for row in 0..<weights.rows { for column in 0..<weights.columns { sum += abs(weights[row, column]) } }
  return log(2 * sum / Float(weights.rows * weights.columns) / levels.squareRoot())
}
