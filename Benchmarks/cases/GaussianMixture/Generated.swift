@main enum Program {
  static func main() {
    let side = Side()
    let d = side.size("d"), k = side.size("k"), n = side.size("n")
    let alpha: [Double] = side.read("alpha"), mu: [Double] = side.read("mu"), q: [Double] = side.read("q")
    let l: [Double] = side.read("l"), x: [Double] = side.read("x")
    let gradients = Outputs<Double>(["alpha": k, "mu": k * d, "q": k * d, "l": k * d * (d - 1) / 2])
    var workspace = GaussianMixture.LogPosteriorGradientWorkspace(k: k, d: d, n: n)
    var forValue = GaussianMixture.LogPosteriorWorkspace(k: k, d: d, n: n)
    var value = 0.0
    let gradient = {
      var dAlpha = gradients["alpha"].mutableSpan, dMu = gradients["mu"].mutableSpan
      var dQ = gradients["q"].mutableSpan, dL = gradients["l"].mutableSpan
      value = GaussianMixture.logPosteriorGradient(
        alpha: alpha.span, mu: mu.span, q: q.span, l: l.span, x: x.span, gamma: 0.7, m: 2, d: d, n: n, alphaGradient: &dAlpha,
        muGradient: &dMu, qGradient: &dQ, lGradient: &dL, workspace: &workspace)
    }
    let function = {
      value = GaussianMixture.logPosterior(
        alpha: alpha.span, mu: mu.span, q: q.span, l: l.span, x: x.span, gamma: 0.7, m: 2, d: d, n: n, workspace: &forValue)
    }
    gradient()
    side.write([value], to: "value")
    gradients.write(to: side, prefix: "gradient.")
    side.serve([("function", function), ("gradient", gradient)])
  }
}
