@main enum Program {
  static func main() {
    let side = Side()
    let poses = side.size("poses")
    let angles: [Double] = side.read("angles"), target: [Double] = side.read("target")
    let values = Outputs<Double>(["value": 6 * poses, "jacobian": 42 * poses])
    let value = values["value"], jacobian = values["jacobian"]
    #if ErrorJacobianWorkspace
      var workspace = Arm.ErrorJacobianWorkspace()
    #endif
    #if ErrorWorkspace
      var forValue = Arm.ErrorWorkspace()
    #endif
    func part(_ buffer: UnsafeMutableBufferPointer<Double>, _ pose: Int, _ width: Int) -> UnsafeMutableBufferPointer<Double> {
      UnsafeMutableBufferPointer(rebasing: buffer[pose * width..<(pose + 1) * width])
    }
    let derivative = {
      for pose in 0..<poses {
        var error = part(value, pose, 6).mutableSpan, ofAngles = part(jacobian, pose, 42).mutableSpan
        #if ErrorJacobianWorkspace
          Arm.errorJacobian(
            angles: angles.span.extracting(pose * 7..<(pose + 1) * 7), target: target.span.extracting(pose * 3..<(pose + 1) * 3),
            value: &error, anglesJacobian: &ofAngles, workspace: &workspace)
        #else
          Arm.errorJacobian(
            angles: angles.span.extracting(pose * 7..<(pose + 1) * 7), target: target.span.extracting(pose * 3..<(pose + 1) * 3),
            value: &error, anglesJacobian: &ofAngles)
        #endif
      }
    }
    let function = {
      for pose in 0..<poses {
        var error = part(value, pose, 6).mutableSpan
        #if ErrorWorkspace
          Arm.error(
            angles: angles.span.extracting(pose * 7..<(pose + 1) * 7), target: target.span.extracting(pose * 3..<(pose + 1) * 3),
            value: &error, workspace: &forValue)
        #else
          Arm.error(
            angles: angles.span.extracting(pose * 7..<(pose + 1) * 7), target: target.span.extracting(pose * 3..<(pose + 1) * 3),
            value: &error)
        #endif
      }
    }
    derivative()
    values.write(to: side)
    side.serve([("function", function), ("jacobian", derivative)])
  }
}
