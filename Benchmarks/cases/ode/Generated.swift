@main enum Program {
  static func main() {
    let side = Side()
    let n = side.size("n"), steps = side.size("steps")
    let x: [Double] = side.read("x")
    let gradients = Outputs<Double>(["x": n])
    var workspace = Ode.LastGradientWorkspace(n: n, steps: steps)
    var forValue = Ode.LastWorkspace(n: n, steps: steps)
    var value = 0.0
    let gradient = {
      var dX = gradients["x"].mutableSpan
      value = Ode.lastGradient(x: x.span, steps: steps, xGradient: &dX, workspace: &workspace)
    }
    let function = { value = Ode.last(x: x.span, steps: steps, workspace: &forValue) }
    gradient()
    side.write([value], to: "value")
    gradients.write(to: side, prefix: "gradient.")
    side.serve([("function", function), ("gradient", gradient)])
  }
}
