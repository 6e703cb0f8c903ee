import Foundation

/// Images of handwritten digits, split into those to learn from and those to be tested on; DATA.md says where they are from.
public struct Digits: Sendable {
  public static let side = 8
  public static let pixels = side * side

  /// Images one after the other, each row by row, with brightness from 0 to 1.
  public struct Images: Sendable {
    public var brightness: [Float]
    public var labels: [Int32]
    public var count: Int { labels.count }

    /// Black images that show a 0.
    public init(count: Int = 0) {
      brightness = [Float](repeating: 0, count: count * Digits.pixels)
      labels = [Int32](repeating: 0, count: count)
    }
  }

  public var training = Images()
  public var test = Images()

  public struct FormatError: Error, CustomStringConvertible {
    public let description: String
  }

  public static let bundledFile = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("digits.csv")

  public static func load(_ file: URL = bundledFile) throws -> Digits {
    let text = try String(contentsOf: file, encoding: .utf8)
    var digits = Digits()
    // The first line names the columns.
    for (index, line) in text.split(separator: "\n").enumerated().dropFirst() {
      let fields = line.split(separator: ",")
      let values = fields.dropFirst(2).compactMap { Float($0) }
      guard values.count == pixels, let label = Int32(fields[1]), 0..<10 ~= label else {
        throw FormatError(description: "\(file.lastPathComponent):\(index + 1): expected a split, a digit and \(pixels) numbers")
      }
      let image = values.map { $0 / 16 }
      switch fields[0] {
      case "train": digits.training.append(image, label)
      case "test": digits.test.append(image, label)
      default: throw FormatError(description: "\(file.lastPathComponent):\(index + 1): unknown split \(fields[0])")
      }
    }
    return digits
  }
}

extension Digits.Images {
  fileprivate mutating func append(_ image: [Float], _ label: Int32) {
    brightness += image
    labels.append(label)
  }

  /// Copies the chosen images into a batch of their number.
  public func copy(_ chosen: ArraySlice<Int>, into batch: inout Digits.Images) {
    for (place, image) in chosen.enumerated() {
      batch.labels[place] = labels[image]
      for pixel in 0..<Digits.pixels {
        batch.brightness[place * Digits.pixels + pixel] = brightness[image * Digits.pixels + pixel]
      }
    }
  }
}
