import ExampleSupport

let batchSize = 64

/// The test accuracy after each epoch.
func trainOnline(seed: UInt64, epochs: Int, on digits: Digits) throws -> [Double] {
  typealias Network = Networks.Online
  var parameters = Network.Parameters(seed: seed)
  var gradient = Network.Parameters()
  var settings = Network.Settings()
  var optimizer = Network.Optimizer()
  var workspace = Network.Workspace(batch: batchSize, time: Digits.side, for: .training, threads: 2)
  var testWorkspace = Network.Workspace(batch: digits.test.count, time: Digits.side, for: .inference)
  var accuracies: [Double] = []
  _ = try digits.train(
    seed: seed, epochs: epochs, batch: batchSize, rate: settings.rate,
    afterEpoch: { _, _ in
      let logits = Network.predict(parameters, x: digits.test.brightness, workspace: &testWorkspace)
      accuracies.append(digits.test.accuracy(of: logits))
    }
  ) { batch, rate in
    settings.rate = rate
    let loss = try Network.lossAndGradient(
      parameters, x: batch.brightness, label: batch.labels, gradient: &gradient, settings: settings, workspace: &workspace)
    optimizer.update(&parameters, gradient: gradient, settings: settings)
    return loss
  }
  return accuracies
}

/// The same by backpropagation through time.
func trainOffline(seed: UInt64, epochs: Int, on digits: Digits) throws -> [Double] {
  typealias Network = Networks.Offline
  var parameters = Network.Parameters(seed: seed)
  var gradient = Network.Parameters()
  var settings = Network.Settings()
  var optimizer = Network.Optimizer()
  var workspace = Network.Workspace(batch: batchSize, time: Digits.side, for: .training, threads: 2)
  var testWorkspace = Network.Workspace(batch: digits.test.count, time: Digits.side, for: .inference)
  var accuracies: [Double] = []
  _ = try digits.train(
    seed: seed, epochs: epochs, batch: batchSize, rate: settings.rate,
    afterEpoch: { _, _ in
      let logits = Network.predict(parameters, x: digits.test.brightness, workspace: &testWorkspace)
      accuracies.append(digits.test.accuracy(of: logits))
    }
  ) { batch, rate in
    settings.rate = rate
    let loss = try Network.lossAndGradient(
      parameters, x: batch.brightness, label: batch.labels, gradient: &gradient, settings: settings, workspace: &workspace)
    optimizer.update(&parameters, gradient: gradient, settings: settings)
    return loss
  }
  return accuracies
}

/// For each parameter, the cosine of the angle between the gradients of the two networks over the first batch.
func gradientCosines(seed: UInt64, on digits: Digits) throws -> [(name: String, cosine: Double)] {
  var batch = Digits.Images(count: batchSize)
  digits.training.copy(Array(0..<batchSize)[...], into: &batch)
  let online = Networks.Online.Parameters(seed: seed)
  var offline = Networks.Offline.Parameters()
  offline.flat = online.flat
  var onlineGradient = Networks.Online.Parameters()
  var offlineGradient = Networks.Offline.Parameters()
  var onlineWorkspace = Networks.Online.Workspace(batch: batchSize, time: Digits.side, for: .training)
  var offlineWorkspace = Networks.Offline.Workspace(batch: batchSize, time: Digits.side, for: .training)
  _ = try Networks.Online.lossAndGradient(
    online, x: batch.brightness, label: batch.labels, gradient: &onlineGradient, workspace: &onlineWorkspace)
  _ = try Networks.Offline.lossAndGradient(
    offline, x: batch.brightness, label: batch.labels, gradient: &offlineGradient, workspace: &offlineWorkspace)
  return Networks.Online.Parameters.layout.map { name, shape, offset in
    let range = offset..<offset + shape.reduce(1, *)
    let (a, b) = (onlineGradient.flat[range], offlineGradient.flat[range])
    func product(_ x: ArraySlice<Float>, _ y: ArraySlice<Float>) -> Double { zip(x, y).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
    return (name, product(a, b) / (product(a, a) * product(b, b)).squareRoot())
  }
}
