import ExampleSupport

/// The loss of a batch, and its gradient with respect to the flat parameters.
typealias Lesson = (_ parameters: [Float], _ batch: Digits.Images, _ gradient: inout [Float]) throws -> Float

/// One of the networks that `DigitsNetwork.variants` makes of the model. They compute the same, and differ in their gradients.
struct Surrogate: Sendable {
  /// As the rule has it.
  let slope: String
  let makeLesson: @Sendable () -> Lesson

  static let batch = 64

  static let all: [Surrogate] = [
    Surrogate(slope: "straightThrough(v)") {
      lesson(
        StraightThrough.DigitsNetwork.Workspace(batch: batch, time: Digits.side, for: .training),
        StraightThrough.DigitsNetwork.lossAndGradient)
    },
    Surrogate(slope: "boxcar(v)") {
      lesson(Boxcar.DigitsNetwork.Workspace(batch: batch, time: Digits.side, for: .training), Boxcar.DigitsNetwork.lossAndGradient)
    },
    Surrogate(slope: "triangle(v)") {
      lesson(Triangle.DigitsNetwork.Workspace(batch: batch, time: Digits.side, for: .training), Triangle.DigitsNetwork.lossAndGradient)
    },
    Surrogate(slope: "sigmoidSlope(v, 4)") {
      lesson(Sigmoid.DigitsNetwork.Workspace(batch: batch, time: Digits.side, for: .training), Sigmoid.DigitsNetwork.lossAndGradient)
    },
    Surrogate(slope: "tanhSlope(v)") {
      lesson(Tanh.DigitsNetwork.Workspace(batch: batch, time: Digits.side, for: .training), Tanh.DigitsNetwork.lossAndGradient)
    },
    Surrogate(slope: "fastSigmoid(v, 25)") {
      lesson(
        FastSigmoid.DigitsNetwork.Workspace(batch: batch, time: Digits.side, for: .training), FastSigmoid.DigitsNetwork.lossAndGradient)
    },
    Surrogate(slope: "arctan(v)") {
      lesson(Arctan.DigitsNetwork.Workspace(batch: batch, time: Digits.side, for: .training), Arctan.DigitsNetwork.lossAndGradient)
    },
    Surrogate(slope: "erfSlope(v)") {
      lesson(Erf.DigitsNetwork.Workspace(batch: batch, time: Digits.side, for: .training), Erf.DigitsNetwork.lossAndGradient)
    },
    Surrogate(slope: "gaussian(v, 0.5)") {
      lesson(Gaussian.DigitsNetwork.Workspace(batch: batch, time: Digits.side, for: .training), Gaussian.DigitsNetwork.lossAndGradient)
    },
    Surrogate(slope: "doubleGaussian(v)") {
      lesson(
        DoubleGaussian.DigitsNetwork.Workspace(batch: batch, time: Digits.side, for: .training),
        DoubleGaussian.DigitsNetwork.lossAndGradient)
    },
    Surrogate(slope: "multiGaussian(v)") {
      lesson(
        MultiGaussian.DigitsNetwork.Workspace(batch: batch, time: Digits.side, for: .training), MultiGaussian.DigitsNetwork.lossAndGradient)
    },
    Surrogate(slope: "slayer(v, 5)") {
      lesson(Slayer.DigitsNetwork.Workspace(batch: batch, time: Digits.side, for: .training), Slayer.DigitsNetwork.lossAndGradient)
    },
  ]
}

/// What the generated networks have in common; each has types of its own.
protocol FlatParameters {
  init()
  var flat: [Float] { get set }
}
protocol DefaultSettings {
  init()
}

extension StraightThrough.DigitsNetwork.Parameters: FlatParameters {}
extension Boxcar.DigitsNetwork.Parameters: FlatParameters {}
extension Triangle.DigitsNetwork.Parameters: FlatParameters {}
extension Sigmoid.DigitsNetwork.Parameters: FlatParameters {}
extension Tanh.DigitsNetwork.Parameters: FlatParameters {}
extension FastSigmoid.DigitsNetwork.Parameters: FlatParameters {}
extension Arctan.DigitsNetwork.Parameters: FlatParameters {}
extension Erf.DigitsNetwork.Parameters: FlatParameters {}
extension Gaussian.DigitsNetwork.Parameters: FlatParameters {}
extension DoubleGaussian.DigitsNetwork.Parameters: FlatParameters {}
extension MultiGaussian.DigitsNetwork.Parameters: FlatParameters {}
extension Slayer.DigitsNetwork.Parameters: FlatParameters {}

extension StraightThrough.DigitsNetwork.Settings: DefaultSettings {}
extension Boxcar.DigitsNetwork.Settings: DefaultSettings {}
extension Triangle.DigitsNetwork.Settings: DefaultSettings {}
extension Sigmoid.DigitsNetwork.Settings: DefaultSettings {}
extension Tanh.DigitsNetwork.Settings: DefaultSettings {}
extension FastSigmoid.DigitsNetwork.Settings: DefaultSettings {}
extension Arctan.DigitsNetwork.Settings: DefaultSettings {}
extension Erf.DigitsNetwork.Settings: DefaultSettings {}
extension Gaussian.DigitsNetwork.Settings: DefaultSettings {}
extension DoubleGaussian.DigitsNetwork.Settings: DefaultSettings {}
extension MultiGaussian.DigitsNetwork.Settings: DefaultSettings {}
extension Slayer.DigitsNetwork.Settings: DefaultSettings {}

/// A generated `lossAndGradient` with a workspace of its own, without the types of its network.
private func lesson<Parameters: FlatParameters, Settings: DefaultSettings, Workspace: ~Copyable, Failure: Error>(
  _ workspace: consuming Workspace,
  _ lossAndGradient: @escaping (Parameters, [Float], [Int32], inout Parameters, Settings, inout Workspace) throws(Failure) -> Float
) -> Lesson {
  let box = Box(workspace)
  var values = Parameters()
  var slopes = Parameters()
  return { parameters, batch, gradient in
    values.flat = parameters
    let loss = try lossAndGradient(values, batch.brightness, batch.labels, &slopes, Settings(), &box.content)
    gradient = slopes.flat
    return loss
  }
}

/// Lets a closure keep what cannot be copied.
private final class Box<Content: ~Copyable> {
  var content: Content
  init(_ content: consuming Content) { self.content = content }
}
