@main enum Program {
  static func main() {
    let side = Side()
    let c = side.size("cameras"), p = side.size("points"), o = side.size("observations")
    let cameras: [Double] = side.read("cameras"), points: [Double] = side.read("points"), weights: [Double] = side.read("weights")
    let seen: [Double] = side.read("seen"), cameraOf: [Int32] = side.read("cameraOf"), pointOf: [Int32] = side.read("pointOf")
    let values = Outputs<Double>(["reprojection": 2 * o, "weight": o])
    let blocks = Outputs<Double>(["cameras": 22 * o, "points": 6 * o, "weights": 2 * o, "weight": o])
    let columns = Outputs<Int32>(["cameras": o, "points": o, "weights": o, "weight": o])
    var workspace = BundleAdjustment.ResidualsSparseJacobianWorkspace(c: c, p: p, o: o)
    var forValue = BundleAdjustment.ResidualsWorkspace(c: c, p: p, o: o)
    let jacobian = {
      var reprojection = values["reprojection"].mutableSpan, weight = values["weight"].mutableSpan
      var ofCameras = blocks["cameras"].mutableSpan, ofPoints = blocks["points"].mutableSpan
      var ofWeights = blocks["weights"].mutableSpan, ofWeight = blocks["weight"].mutableSpan
      var cameraColumns = columns["cameras"].mutableSpan, pointColumns = columns["points"].mutableSpan
      var weightsColumns = columns["weights"].mutableSpan, weightColumns = columns["weight"].mutableSpan
      try! BundleAdjustment.residualsSparseJacobian(
        cameras: cameras.span, points: points.span, weights: weights.span, seen: seen.span, cameraOf: cameraOf.span,
        pointOf: pointOf.span, c: c, p: p, reprojection: &reprojection, weight: &weight, reprojectionCamerasBlocks: &ofCameras,
        reprojectionCamerasColumns: &cameraColumns, reprojectionPointsBlocks: &ofPoints, reprojectionPointsColumns: &pointColumns,
        reprojectionWeightsBlocks: &ofWeights, reprojectionWeightsColumns: &weightsColumns, weightWeightsBlocks: &ofWeight,
        weightWeightsColumns: &weightColumns, workspace: &workspace)
    }
    let function = {
      var reprojection = values["reprojection"].mutableSpan, weight = values["weight"].mutableSpan
      try! BundleAdjustment.residuals(
        cameras: cameras.span, points: points.span, weights: weights.span, seen: seen.span, cameraOf: cameraOf.span,
        pointOf: pointOf.span, c: c, p: p, reprojection: &reprojection, weight: &weight, workspace: &forValue)
    }
    jacobian()
    values.write(to: side, prefix: "value.")
    blocks.write(to: side, prefix: "jacobian.")
    side.serve([("function", function), ("jacobian", jacobian)])
  }
}
