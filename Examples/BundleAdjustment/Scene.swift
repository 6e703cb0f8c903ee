import ExampleSupport
import Foundation

/// Cameras, points, and where points were seen: made up, but as a real one would be.
struct Scene {
  var cameras: [Double]
  var points: [Double]
  var seen: [Double]
  var cameraOf: [Int32]
  var pointOf: [Int32]

  static let cameraWidth = 11

  var cameraCount: Int { cameras.count / Self.cameraWidth }
  var pointCount: Int { points.count / 3 }

  /// Cameras on an arc around a cloud of points, each of which sees three points in five. What they see is off by `noise` pixels; cameras and
  /// points start away from where they were.
  init(cameraCount: Int, pointCount: Int, noise: Double, seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    cameras = []
    for index in 0..<cameraCount {
      let angle = -0.8 + 1.6 * Double(index) / Double(cameraCount - 1)
      let rotation = [0, angle, 0]
      let centre = [6 * sin(angle), random.normal(deviation: 0.3), -6 * cos(angle)]
      cameras += rotation + centre + [800, 0, 0, -0.1, 0.02]
    }
    points = (0..<pointCount * 3).map { _ in 3 * random.uniform() - 1.5 }
    (cameraOf, pointOf) = ([], [])
    for point in 0..<pointCount {
      for camera in 0..<cameraCount where random.uniform() < 0.6 {
        cameraOf.append(Int32(camera))
        pointOf.append(Int32(point))
      }
    }
    seen = [Double](repeating: 0, count: 2 * cameraOf.count)
    seen = try residuals().map { $0 + random.normal(deviation: noise) }
    let deviations = [0.08, 0.08, 0.08, 0.3, 0.3, 0.3, 60, 10, 10, 0.02, 0.005]
    for index in cameras.indices { cameras[index] += random.normal(deviation: deviations[index % Self.cameraWidth]) }
    for index in points.indices { points[index] += random.normal(deviation: 0.4) }
  }

  func residuals() throws -> [Double] {
    try BundleAdjustment.residuals(
      cameras: cameras, points: points, seen: seen, cameraOf: cameraOf, pointOf: pointOf, c: cameraCount, p: pointCount)
  }

  func moved(cameras cameraStep: [Double], points pointStep: [Double]) -> Scene {
    var result = self
    for index in cameras.indices { result.cameras[index] += cameraStep[index] }
    for index in points.indices { result.points[index] += pointStep[index] }
    return result
  }
}
