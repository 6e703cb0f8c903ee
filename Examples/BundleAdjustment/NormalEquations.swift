/// `transpose(J) @ J` and `transpose(J) @ r`, in the blocks that the sparse Jacobian `J` is made of. Each residual sees one camera and one point,
/// so between cameras there are no blocks, nor between points.
struct NormalEquations {
  static let width = Scene.cameraWidth
  let scene: Scene
  /// By camera, 11x11; by point, 3x3; by observation, the 11x3 between its camera and its point.
  var cameraBlocks: [Double], pointBlocks: [Double], mixedBlocks: [Double]
  var cameraGradient: [Double], pointGradient: [Double]
  /// The observations of each point.
  var observations: [[Int]]

  init(_ scene: Scene) throws {
    let width = Self.width
    let jacobian = try BundleAdjustment.residualsSparseJacobian(
      cameras: scene.cameras, points: scene.points, seen: scene.seen, cameraOf: scene.cameraOf, pointOf: scene.pointOf,
      c: scene.cameraCount,
      p: scene.pointCount)
    self.scene = scene
    cameraBlocks = [Double](repeating: 0, count: scene.cameraCount * width * width)
    pointBlocks = [Double](repeating: 0, count: scene.pointCount * 9)
    mixedBlocks = [Double](repeating: 0, count: scene.cameraOf.count * width * 3)
    cameraGradient = [Double](repeating: 0, count: scene.cameras.count)
    pointGradient = [Double](repeating: 0, count: scene.points.count)
    observations = [[Int]](repeating: [], count: scene.pointCount)
    for index in scene.cameraOf.indices {
      let camera = Int(scene.cameraOf[index]), point = Int(scene.pointOf[index])
      observations[point].append(index)
      for row in 2 * index..<2 * index + 2 {
        // The columns of row `row` of the Jacobian that are not 0.
        let ofCamera = jacobian.camerasBlocks[row * width..<(row + 1) * width], ofPoint = jacobian.pointsBlocks[row * 3..<(row + 1) * 3]
        for (i, a) in ofCamera.enumerated() {
          for (j, b) in ofCamera.enumerated() { cameraBlocks[(camera * width + i) * width + j] += a * b }
          for (j, b) in ofPoint.enumerated() { mixedBlocks[(index * width + i) * 3 + j] += a * b }
          cameraGradient[camera * width + i] += a * jacobian.value[row]
        }
        for (i, a) in ofPoint.enumerated() {
          for (j, b) in ofPoint.enumerated() { pointBlocks[(point * 3 + i) * 3 + j] += a * b }
          pointGradient[point * 3 + i] += a * jacobian.value[row]
        }
      }
    }
  }

  /// The step that solves the equations, their diagonal multiplied by `1 + damping`. Points are eliminated first: what is left are equations in
  /// the cameras alone, whose matrix is the Schur complement.
  func step(damping: Double) -> (cameras: [Double], points: [Double]) {
    let width = Self.width, count = scene.cameras.count
    let inverses = BundleAdjustment.inverses(blocks: Self.damped(pointBlocks, width: 3, by: damping), p: scene.pointCount)
    let damped = Self.damped(cameraBlocks, width: width, by: damping)
    var schur = [Double](repeating: 0, count: count * count)
    for row in 0..<count {
      let start = row / width * width
      for column in 0..<width { schur[row * count + start + column] = damped[row * width + column] }
    }
    var right = cameraGradient.map { -$0 }
    for point in 0..<scene.pointCount {
      for index in observations[point] {
        let first = Int(scene.cameraOf[index]) * width
        for i in 0..<width {
          // Row `i` of the mixed block times the inverse of the point's block.
          let row = (0..<3).map { k in
            (0..<3).reduce(0.0) { $0 + mixedBlocks[(index * width + i) * 3 + $1] * inverses[(point * 3 + $1) * 3 + k] }
          }
          for k in 0..<3 { right[first + i] += row[k] * pointGradient[point * 3 + k] }
          for other in observations[point] {
            let second = Int(scene.cameraOf[other]) * width
            for j in 0..<width {
              let block = (other * width + j) * 3
              schur[(first + i) * count + second + j] -=
                row[0] * mixedBlocks[block] + row[1] * mixedBlocks[block + 1] + row[2] * mixedBlocks[block + 2]
            }
          }
        }
      }
    }
    let cameraStep = BundleAdjustment.solvePositive(a: schur, b: right)
    var pointStep = [Double](repeating: 0, count: scene.points.count)
    for point in 0..<scene.pointCount {
      var right = (0..<3).map { -pointGradient[point * 3 + $0] }
      for index in observations[point] {
        let first = Int(scene.cameraOf[index]) * width
        for i in 0..<width { for k in 0..<3 { right[k] -= mixedBlocks[(index * width + i) * 3 + k] * cameraStep[first + i] } }
      }
      for i in 0..<3 { for k in 0..<3 { pointStep[point * 3 + i] += inverses[(point * 3 + i) * 3 + k] * right[k] } }
    }
    return (cameraStep, pointStep)
  }

  private static func damped(_ blocks: [Double], width: Int, by damping: Double) -> [Double] {
    var result = blocks
    for row in 0..<blocks.count / width { result[row * width + row % width] *= 1 + damping }
    return result
  }
}
