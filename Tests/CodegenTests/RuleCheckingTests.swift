import Codegen
import Foundation
import ModelDSL
import Testing

/// What `graft check` says of rules that are right and of rules that are wrong.
@Suite struct RuleCheckingTests {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static func models(in folder: String) -> [URL] {
    let files = FileManager.default.enumerator(at: root.appendingPathComponent(folder), includingPropertiesForKeys: nil)
    let all = files?.compactMap { $0 as? URL } ?? []
    return all.filter { $0.pathExtension == "graft" }.sorted { $0.path < $1.path }
  }

  /// As the verb `check` does it, but without generating code.
  static func check(_ text: String, path: String = "test.graft", folder: URL? = nil) -> Compilation {
    let (program, diagnostics, sources) = ModelDSL.check(path: path, options: CheckOptions()) { name in
      if name == path { return Array(text.utf8) }
      return (try? Data(contentsOf: (folder ?? root).appendingPathComponent(name))).map { Array($0) }
    }
    return Compilation(program: program, module: nil, diagnostics: diagnostics, sources: sources).withCheckedRules
  }

  static func check(_ url: URL) throws -> Compilation {
    check(try String(contentsOf: url, encoding: .utf8), path: url.lastPathComponent, folder: url.deletingLastPathComponent())
  }

  /// Tests/Cases/warned: each `NAME.graft` with the text of its diagnostics in `NAME.expected`. After a change of wording run once with
  /// GRAFT_UPDATE=1, and read the difference.
  @Test(arguments: models(in: "Tests/Cases/warned")) func faultIsReported(_ url: URL) throws {
    let compilation = try Self.check(url)
    let found = render(compilation.diagnostics, sources: compilation.sources, color: false)
    let expected = url.deletingPathExtension().appendingPathExtension("expected")
    if ProcessInfo.processInfo.environment["GRAFT_UPDATE"] == "1" { try found.write(to: expected, atomically: true, encoding: .utf8) }
    #expect(!compilation.hasErrors)
    #expect(try found == String(contentsOf: expected, encoding: .utf8))
  }

  /// None of the sample programs is warned of.
  @Test(arguments: models(in: "Examples") + models(in: "Tests/Cases/accepted")) func sampleIsNotWarnedOf(_ url: URL) throws {
    let compilation = try Self.check(url)
    let warnings = compilation.diagnostics.filter { $0.severity > .info }
    #expect(warnings.isEmpty, "\(render(warnings, sources: compilation.sources, color: false))")
  }

  /// Each function of the library's surrogates in a rule of its own.
  static let surrogates: [String] = {
    let url = root.appendingPathComponent("Sources/ModelDSL/Library/Surrogates.graft")
    let text = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
    return text.matches(of: /\nfunc (?<name>\w+)\(v: Float(?<threshold>, threshold: Float(?! =))?/).map { match in
      "\(match.name)(v\(match.threshold == nil ? "" : ", 1"))"
    } + [
      "tanhSlope(v, 3)", "sigmoidSlope(v, 4)", "fastSigmoid(v, 100)", "qPseudoSpike(v, 3)", "boxcar(v, 1000)", "triangle(v, 1e4)",
      "gaussianDensity(v, 0.3, 0.001)", "doubleGaussian(v, 0.15, 0.5, 3, 0.5)", "sparseFastSigmoid(v, 25, 0.2)", "erfSlope(v, 1000)",
      "25 * sigmoid'(25 * v)", "0.3 * arctan(v)", "1e6 * gaussian(1e6 * v)", "if abs(v - 0.37) < 0.0001 { 5000 } else { 0 }",
      "g -> g * triangle(v)", "exp(-abs(v)) / square(1 + exp(-abs(v)))", "1 / (exp(2 * v) + 2 + exp(-2 * v))", "silu'(v)",
    ]
  }()

  @Test(arguments: ["Float", "Double"]) func surrogatesAreNotWarnedOf(_ precision: String) {
    let functions = Self.surrogates.enumerated().map { place, slope in
      """
      func spikes\(place)(x: Float) -> Float {
        inject step'(v) = \(slope)
        return step(x)
      }
      derive gradient of spikes\(place) wrt x

      """
    }
    let compilation = Self.check("precision \(precision)\n" + functions.joined())
    let warnings = compilation.diagnostics.filter { $0.severity > .info }
    #expect(Self.surrogates.count > 40 && !compilation.hasErrors)
    #expect(warnings.isEmpty, "\(render(warnings, sources: compilation.sources, color: false))")
  }

  /// The library says in its comments what its functions compute; where a comment is a formula, it is held against the function.
  @Test(arguments: ["Surrogates.graft", "Neurons.graft", "Losses.graft"]) func libraryKeepsItsComments(_ name: String) throws {
    let compilation = try Self.check(Self.root.appendingPathComponent("Sources/ModelDSL/Library/\(name)"))
    #expect(compilation.diagnostics.isEmpty, "\(render(compilation.diagnostics, sources: compilation.sources, color: false))")
    if name == "Surrogates.graft" { #expect((compilation.program?.documentedFormulas.count ?? 0) > 15) }
  }

  /// Rules of several arguments, of vectors, with parameters, and of what is not hard, all right.
  @Test func rightRulesAreNotWarnedOf() {
    let compilation = Self.check(Self.right)
    let warnings = compilation.diagnostics.filter { $0.severity > .info }
    #expect(!compilation.hasErrors)
    #expect(warnings.isEmpty, "\(render(warnings, sources: compilation.sources, color: false))")
  }

  static let right = """
    func soft(z: Float[n]) -> Float[n] { return inject(softmax(z), z: g -> value * (g - dot(g, value))) }
    func hardSample(p: Float[n]) -> Float[n] { return inject(oneHot(argmax(p), n), like: softmax(p)) }
    func quantized(w: Float[n], scale: Float) -> Float[n] {
      let level = w / scale
      return scale * inject(round(level), level: Float(abs(level) <= 127))
    }
    func learnedScale(w: Float, s: Float) -> Float {
      return inject(
        clamp(round(w / s), -128, 127) * s, w: if abs(w / s) < 127 { 1 } else { 0 },
        s: if abs(w / s) < 127 { (value - w) / s } else { value / s })
    }
    func spike(v: Float, threshold: Float, w: Float) -> Float {
      return inject(
        step(v - threshold), v: exp(-abs(v - threshold) / w) / (2 * w), threshold: -exp(-abs(v - threshold) / w) / (2 * w))
    }
    func cubed(x: Float) -> Float { return inject(x ^ 3, x: 3 * x ^ 2) }
    func reciprocal(x: Float) -> Float { return inject(1 / x, x: -1 / x ^ 2) }
    func root(x: Float) -> Float { return inject(sqrt(x), x: 0.5 / value) }
    func logarithm(x: Float) -> Float { return inject(log(x), x: 1 / x) }
    func reversed(x: Float) -> Float { return inject(x, x: -0.1) }
    func hinge(x: Float) -> Float { return inject(max(0, x), like: softplus(4 * x) / 4) }
    func curved(x: Float) -> Float { return inject(max(0, x), like: gelu(x)) }
    func larger(a: Float, b: Float) -> Float { return inject(max(a, b), a: sigmoid(4 * (a - b)), b: sigmoid(4 * (b - a))) }
    func size(x: Float[n]) -> Float { return inject(sqrt(sum(x * x)), x: [i in n: x[i] / max(value, 1e-6)]) }
    func signed(x: Float) -> Float { return inject(sign(x), x: if abs(x) <= 1 { 1 } else { 0 }) }
    func learned(x: Float, k: Float) -> Float { return inject(sign(x), like: tanh(k * x)) }
    func heavy(x: Float, a: Float) -> Float { return inject(step(x), x: (1 + 2 * abs(x) / (a - 1)) ^ (-a)) }
    func scaled(x: Float) -> Float {
      let s = sigmoid(4 * x)
      return inject(step(x), x: 2 * s * (1 - s))
    }
    func aligned(w: Float[m, n], feedback: Float[n, m], x: Float[n]) -> Float[m] {
      return inject(w @ x, w: g -> outer(g, x), x: g -> feedback @ g)
    }
    func normalisedHeight(x: Float) -> Float { return inject(step(x), x: 1 - tanh(2 * x) ^ 2) }
    func activationClip(x: Float, alpha: Float) -> Float {
      return inject(clamp(x, 0, alpha), x: if x > 0 && x < alpha { 1 } else { 0 }, alpha: if x >= alpha { 1 } else { 0 })
    }
    func smoothed(x: Float) -> Float { return inject(abs(x), like: sqrt(x * x + 0.01)) }
    func gumbel(logits: Float[n], noise: Float[n], tau: Float) -> Float[n] {
      return inject(oneHot(argmax(logits + noise), n), like: softmax((logits + noise) / tau))
    }
    func weibull(v: Float) -> Float { return inject(step(v), v: if v > 0 { 0.5 * exp(-0.5 * v) } else { 0 }) }
    func bump(v: Float) -> Float { return inject(step(v), v: if abs(v) < 1 { exp(-1 / (1 - v ^ 2)) } else { 0 }) }
    func clippedNorm(x: Float[n]) -> Float[n] { return inject(x, x: g -> g / max(1, norm(g))) }
    func triangular(v: Float[n], h: Float[n]) -> Float[n] {
      return inject(step(v - h), v: max(0, 1 - abs(v - h)), h: -max(0, 1 - abs(v - h)))
    }
    """
}
