import Foundation

extension Digits {
  /// Goes through the training images in batches, in an order that the seed decides and that is new in each epoch; images beyond the last whole
  /// batch sit that epoch out. `step` learns from a batch at a learning rate, which falls from `rate` along a cosine, and gives its loss. Returns
  /// the mean loss of the last epoch; `afterEpoch` hears of each.
  public func train(
    seed: UInt64, epochs: Int, batch size: Int, rate: Float, afterEpoch: (_ epoch: Int, _ loss: Double) -> Void = { _, _ in },
    _ step: (_ batch: Images, _ rate: Float) throws -> Float
  ) rethrows -> Double {
    var batch = Images(count: size)
    var random = SplitMix64(seed: seed)
    let steps = training.count / size
    var loss = 0.0
    for epoch in 0..<epochs {
      let order = Array(0..<training.count).shuffled(using: &random)
      loss = 0
      for place in 0..<steps {
        training.copy(order[place * size..<(place + 1) * size], into: &batch)
        let done = Double(epoch * steps + place) / Double(epochs * steps)
        loss += Double(try step(batch, rate * Float(0.5 * (1 + cos(.pi * done))))) / Double(steps)
      }
      afterEpoch(epoch + 1, loss)
    }
    return loss
  }
}

extension Digits.Images {
  /// The part of the images whose digit has the largest of its ten numbers.
  public func accuracy(of logits: [Float]) -> Double {
    let classes = logits.count / max(1, count)
    let right = labels.indices.count { image in
      let scores = logits[image * classes..<(image + 1) * classes]
      return scores[image * classes + Int(labels[image])] == scores.max()
    }
    return Double(right) / Double(max(1, count))
  }
}
