import ExampleSupport
import Foundation

/// The trained network as an 8-bit processor would run it: weights of one signed byte, activations of one unsigned byte, sums in 32 bits, and one
/// floating-point product for each sum.
struct IntegerNetwork {
  private let first: [Int8], second: [Int8]
  private let firstBias: [Float], secondBias: [Float]
  /// What a sum of the first layer is in steps of the activations, and a sum of the second layer in logits.
  private let firstUnit: Float, secondUnit: Float
  private let activationScale: Float
  private let hidden = Networks.QuantizedNetwork.hidden, classes = Networks.QuantizedNetwork.classes

  /// Brightness comes in sixteenths.
  private static let brightnessScale: Float = 1 / 16

  init(_ parameters: Networks.QuantizedNetwork.Parameters) {
    func bytes(_ weights: Networks.QuantizedNetwork.Parameters.Matrix, _ scale: Float) -> [Int8] {
      (0..<weights.rows).flatMap { row in
        (0..<weights.columns).map { Int8(max(-127, min(127, weights[row, $0] / scale)).rounded(.toNearestOrEven)) }
      }
    }
    let firstScale = exp(parameters.firstScale), secondScale = exp(parameters.secondScale)
    activationScale = exp(parameters.activationScale)
    first = bytes(parameters.first, firstScale)
    second = bytes(parameters.second, secondScale)
    firstBias = (0..<hidden).map { parameters.firstBias[$0] }
    secondBias = (0..<classes).map { parameters.secondBias[$0] }
    firstUnit = firstScale * Self.brightnessScale
    secondUnit = secondScale * activationScale
  }

  /// Bytes of the weights.
  var weightBytes: Int { first.count + second.count }

  func logits(of image: ArraySlice<Float>) -> [Float] {
    let pixels = image.map { UInt8(($0 / Self.brightnessScale).rounded()) }
    let activations = sums(first, pixels).enumerated().map { place, sum in
      UInt8(max(0, min(255, ((Float(sum) * firstUnit + firstBias[place]) / activationScale).rounded(.toNearestOrEven))))
    }
    return sums(second, activations).enumerated().map { place, sum in Float(sum) * secondUnit + secondBias[place] }
  }

  /// Each row of the weights times the numbers, in integers alone.
  private func sums(_ weights: [Int8], _ numbers: [UInt8]) -> [Int32] {
    stride(from: 0, to: weights.count, by: numbers.count).map { start in
      var sum: Int32 = 0
      for place in numbers.indices { sum += Int32(weights[start + place]) * Int32(numbers[place]) }
      return sum
    }
  }
}
