import Codegen
import Foundation
import ModelDSL
import Testing

/// The library's linear algebra: values against NumPy's, first and second derivatives against differences of the values.
@Suite struct LinearAlgebraTests {
  static let matrices = """
    let a = [[2, -1, 0.5, 3], [0, 1.5, 2, -1], [4, -2, -3, 0.25], [1, 1, 0.5, -2]]
    let b = [1, -2, 3, 0.5]
    let many = [[1, 0.5], [-2, 1], [3, -1.5], [0.5, 2]]
    let definite = [[4, 1, -0.5], [1, 3, 0.75], [-0.5, 0.75, 2]]
    let full = [[2, 9, 9], [1, -3, 9], [0.5, 4, 1.5]]
    let c = [1, -2, 0.5]
    let two = [[1, 0.5], [-2, 1], [0.5, 2]]
    let nearHilbert = [i in 12, j in 12: 1 / (i + j + 1) + Float(i == j)]
    let singular = [[1, 2, 3], [2, 4, 6], [1, 0, 1]]
    """

  struct Row: Sendable {
    let call: String, type: String, expected: [Double]
    init(_ call: String, _ type: String, _ expected: [Double]) { (self.call, self.type, self.expected) = (call, type, expected) }
    /// Every name that is written.
    var names: Set<String> { Set(call.split { !($0.isLetter || $0.isNumber) }.map(String.init)) }
  }

  static let rows: [Row] = [
    Row("solve(a, b)", "Float[4]", [91 / 6, 772 / 3, -144, 100]),
    Row("solveMatrix(a, many)", "Float[4, 2]", [91 / 6, 107 / 6, 772 / 3, 914 / 3, -144, -169, 100, 118]),
    Row("inverse(a)", "Float[4, 4]", [11 / 3, -28 / 3, -4, 29 / 3, 184 / 3, -494 / 3, -72, 496 / 3, -34, 92, 40, -92, 24, -64, -28, 64]),
    Row("inverse([[0, 1], [2, 0]])", "Float[2, 2]", [0, 0.5, 1, 0]),
    Row("determinant(a)", "Float", [-0.1875]),
    Row("determinant(nearHilbert)", "Float", [4.046995907978674]),
    Row("determinant(singular)", "Float", [0]),
    Row("determinant([[0, 0], [0, 0]])", "Float", [0]),
    Row("logDeterminant(a)", "Float", [-1.6739764335716716]),
    Row("logDeterminant(1000 * nearHilbert)", "Float", [84.29103820255425]),
    Row("logDeterminant(singular)", "Float", [-.infinity]),
    Row("cholesky(definite)", "Float[3, 3]", [2, 0, 0, 0.5, 1.6583123951777, 0, -0.25, 0.5276448530110863, 1.2880570286640687]),
    Row(
      "cholesky(lowerTriangle(definite) + lowerTriangle(definite) - diagonal(diagonalElements(definite)))", "Float[3, 3]",
      [2, 0, 0, 0.5, 1.6583123951777, 0, -0.25, 0.5276448530110863, 1.2880570286640687]),
    Row("solveCholesky(cholesky(definite), c)", "Float[3]", [0.6198630136986301, -1.0753424657534245, 0.8082191780821917]),
    Row("solveLower(full, c)", "Float[3]", [0.5, 5 / 6, -37 / 18]),
    Row("solveUpper(full, c)", "Float[3]", [-8.5, 5 / 3, 1 / 3]),
    Row("solveLowerMatrix(full, two)", "Float[3, 2]", [0.5, 0.25, 5 / 6, -0.25, -37 / 18, 23 / 12]),
    Row("solveUpperMatrix(full, two)", "Float[3, 2]", [-8.5, -22.25, 5 / 3, 11 / 3, 1 / 3, 4 / 3]),
    Row("solveLowerTransposedMatrix(full, two)", "Float[3, 2]", [-5 / 36, -29 / 36, 10 / 9, 13 / 9, 1 / 3, 4 / 3]),
    Row("trace(a)", "Float", [-1.5]),
    Row("symmetricPart(full)", "Float[3, 3]", [2, 5, 4.75, 5, -3, 6.5, 4.75, 6.5, 1.5]),
  ]

  static let evaluation = Result {
    try LibraryEvaluation(
      bodies: rows.enumerated().map { index, row in
        (name: "f\(index)", parameters: ["unused"], results: row.type, body: "let _ = unused\n\(matrices)\nreturn \(row.call)")
      })
  }

  @Test(arguments: rows.indices) func agreesWithNumPy(index: Int) throws {
    let row = Self.rows[index]
    let found = try Self.evaluation.get()("f\(index)", [0])
    #expect(
      found.count == row.expected.count && zip(found, row.expected).allSatisfy(isNear), "\(row.call): \(found), expected \(row.expected)")
  }

  /// A system without a solution, and a matrix without a Cholesky factor, give what is no number, and go on.
  @Test func singularMatricesGiveNoNumbers() throws {
    let evaluation = try LibraryEvaluation(
      bodies: [
        ("solution", ["x"], "Float[2]", "return solve([[x, 2], [2, 4]], [1, 1])"),
        ("factor", ["x"], "Float[2, 2]", "return cholesky([[x, 2], [2, 1]])"),
        ("slope", ["x"], "Float", "return gradient(determinant([[x, 2], [2, 4]]), x)"),
        ("nothing", ["x"], "Float[2]", "return solve([[x, x], [x, x]], [inf, 1])"),
      ])
    #expect(try evaluation("solution", [1]).allSatisfy { !$0.isFinite })
    #expect(try evaluation("factor", [1])[3].isNaN)
    #expect(try !evaluation("slope", [1])[0].isFinite)
    #expect(try evaluation("nothing", [.nan]).allSatisfy { $0.isNaN })
  }

  // MARK: Derivatives

  /// Functions of a matrix `a`, each with a scalar that sees all of the result.
  static let scalars: [(name: String, body: String)] = [
    ("ofSolve", "dot(weight(n), square(solve(a, weight(n))))"),
    ("ofSolveMatrix", "sum(square(solveMatrix(a, transpose(a) + identity(n))))"),
    ("ofInverse", "sum([i in n, j in n: inverse(a)[i, j] * (i + 2 * j + 1)])"),
    ("ofDeterminant", "determinant(a)"),
    ("ofLogDeterminant", "logDeterminant(a)"),
    ("ofCholesky", "sum([i in n, j in n: (i + 1) * square(cholesky(a @ transpose(a) + identity(n))[i, j])])"),
    ("ofSolveCholesky", "dot(weight(n), square(solveCholesky(a, weight(n))))"),
    ("ofTriangles", "dot(weight(n), square(solveLower(a, weight(n)) + solveUpper(a, weight(n))))"),
    (
      "ofMatrixTriangles", "sum(square(solveLowerMatrix(a, a)) + square(solveUpperMatrix(a, a)) + square(solveLowerTransposedMatrix(a, a)))"
    ),
    ("ofRows", "sum(i in n: norm(a[i]) ^ 3)"),
  ]

  static let derivatives = Result {
    try compile(
      "precision Double\nfunc weight(n: Int) -> Float[n] { return [i in n: 1 + 0.5 * i] }\n"
        + scalars.map { "func \($0.name)(a: Float[n, n]) -> Float { return \($0.body) }\nderive gradient, hessian of \($0.name) wrt a\n" }
        .joined())
  }

  @Test(arguments: scalars.map(\.name), [2, 3, 5]) func derivativesAreThoseOfTheValue(name: String, n: Int) throws {
    let function = try #require(Self.derivatives.get().functions.first { $0.name == name })
    let interpreter = Interpreter(precision: .double)
    func run(_ procedure: Procedure, _ a: [Double]) throws -> [[Double]] {
      try interpreter.run(procedure, inputs: [.reals(a, shape: [n, n])]).map(\.reals)
    }
    func entry(_ kind: DerivativeKind) throws -> Procedure { try #require(function.emitted.first { $0.kind == kind }).procedure }
    let (gradient, hessian) = (try entry(.gradient), try entry(.hessian))
    // Far from singular, and in no way symmetric.
    let a = (0..<n * n).map { place in sin(3.7 * Double(place) + 0.4) + (place % (n + 1) == 0 ? 2.5 : 0) }
    let slopes = try run(gradient, a)[1], curvature = try #require(run(hessian, a).last)
    /// Of fourth order.
    func difference(_ place: Int, _ f: ([Double]) throws -> [Double]) rethrows -> [Double] {
      let step = 2e-3
      func moved(_ steps: Double) throws -> [Double] {
        var b = a
        b[place] += steps * step
        return try f(b)
      }
      let (p1, m1, p2, m2) = (try moved(1), try moved(-1), try moved(2), try moved(-2))
      return p1.indices.map { (8 * (p1[$0] - m1[$0]) - (p2[$0] - m2[$0])) / (12 * step) }
    }
    let scale = (slopes + curvature).map(abs).max()!
    for place in 0..<n * n {
      let first = try difference(place) { try run(function.primal.procedure, $0)[0] }[0]
      #expect(abs(first - slopes[place]) < 1e-7 * scale, "\(name), n \(n), place \(place): \(slopes[place]), differences \(first)")
      let second = try difference(place) { try run(gradient, $0)[1] }
      for (other, expected) in second.enumerated() {
        let found = curvature[other * n * n + place]
        #expect(abs(expected - found) < 1e-7 * scale, "\(name), n \(n), \(other) by \(place): \(found), differences \(expected)")
      }
    }
  }

  @Test func everyFunctionIsCovered() throws {
    let written = Self.rows.reduce(into: Set<String>()) { $0.formUnion($1.names) }
    // What the others are made of.
    let parts: Set = [
      "column", "eliminate", "solvePlain", "solveTransposedPlain", "solveOnce", "solveTransposedOnce", "determinantPlain",
      "logDeterminantPlain",
      "solveLowerPlain", "solveLowerTransposedPlain", "solveLowerOnce", "solveLowerTransposedOnce", "choleskyPlain",
    ]
    #expect(try declaredFunctions(in: "LinearAlgebra.graft").subtracting(written) == parts)
  }

  // MARK: Accuracy

  struct Stable: Sendable {
    let call: String, at: [Double], expected: [Double]
    init(_ call: String, _ at: [Double], _ expected: [Double]) { (self.call, self.at, self.expected) = (call, at, expected) }
  }

  /// In Float, at arguments of any size: of the numbers `x` and `y`.
  static let stable: [Stable] = [
    Stable("logSumExp([x, y])", [1e4, -1e4], [1e4]),
    Stable("logSumExp([x, y])", [-1e4, -1e4], [-1e4 + log(2)]),
    Stable("gradient(logSumExp([x, y]), x)", [1e4, -1e4], [1]),
    Stable("gradient(gradient(logSumExp([x, y]), x), y)", [1e4, 1e4], [-0.25]),
    Stable("softmax([x, y])[0]", [1e4, -1e4], [1]),
    Stable("gradient(softmax([x, y])[0], x)", [-1e4, -1e4], [0.25]),
    Stable("logSoftmax([x, y])[1]", [1e4, -1e4], [-2e4]),
    Stable("logSoftmax([x, y])[0]", [1e4 + 1, 1e4], [-log1p(exp(-1))]),
    Stable("crossEntropy([x, y], 1)", [1e4, -1e4], [2e4]),
    Stable("crossEntropy([x, y], 0)", [1e4 + 1, 1e4], [log1p(exp(-1))]),
    Stable("gradient(crossEntropy([x, y], 1), y)", [1e4, -1e4], [-1]),
    Stable("binaryCrossEntropy(x, 1)", [-1e4, 0], [1e4]),
    Stable("binaryCrossEntropy(x, 1)", [1e4, 0], [0]),
    Stable("gradient(binaryCrossEntropy(x, 0), x)", [1e4, 0], [1]),
    Stable("gradient(gradient(binaryCrossEntropy(x, 0), x), x)", [-1e4, 0], [0]),
    Stable("softplus(x)", [1e4, 0], [1e4]),
    Stable("softplus(x)", [-1e4, 0], [0]),
    Stable("softplus'(x)", [-1e4, 0], [0]),
    Stable("sigmoid(x)", [-1e4, 0], [0]),
    Stable("sigmoid'(x)", [-1e4, 0], [0]),
    Stable("gradient(sigmoid'(x), x)", [1e4, 0], [0]),
    Stable("log(sigmoid(x))", [1e4, 0], [0]),
    Stable("-softplus(-x)", [-1e4, 0], [-1e4]),
    Stable("mish(x) + silu(x) + gelu(x) + elu(x) + softsign(x)", [-1e4, 0], [-1 - 1e4 / (1 + 1e4)]),
    Stable("mish(x) + silu(x) + gelu(x) + elu(x) + softsign(x)", [1e4, 0], [40001]),
    Stable("gradient(mish(x) + silu(x) + gelu(x) + elu(x), x)", [1e4, 0], [4]),
    Stable("gradient(mish(x) + silu(x) + gelu(x) + elu(x), x)", [-1e4, 0], [0]),
    Stable("norm([x, y])", [3e30, 4e30], [5e30]),
    Stable("norm([x, y])", [3e-30, 4e-30], [5e-30]),
    Stable("gradient(norm([x, y]), x)", [3e30, 4e30], [0.6]),
    Stable("gradient(norm([x, y]), y)", [3e-30, -4e-30], [-0.8]),
    Stable("gradient(norm([x, y]), x)", [0, 0], [0]),
    Stable("gradient(gradient(norm([x, y]), x), x)", [0, 0], [0]),
    Stable("norm([x, y])", [.infinity, 1], [.infinity]),
  ]

  static let stableEvaluation = Result {
    try LibraryEvaluation(
      bodies: stable.enumerated().map { index, row in
        (name: "f\(index)", parameters: ["x", "y"], results: "Float", body: "let _ = y\nreturn \(row.call)")
      })
  }

  @Test(arguments: stable.indices) func isStableInFloat(index: Int) throws {
    let row = Self.stable[index]
    let found = try Self.stableEvaluation.get()("f\(index)", row.at, precision: .single)
    let isNear = zip(found, row.expected).allSatisfy { $0 == $1 || abs($0 - $1) <= 1e-6 * max(abs($1), row.expected == [0] ? 1e-30 : 0) }
    #expect(isNear, "\(row.call) at \(row.at): \(found), expected \(row.expected)")
  }
}
