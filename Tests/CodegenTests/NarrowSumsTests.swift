import ModelDSL
import Testing

@testable import Codegen

/// That a matrix is diagonal or triangular is a fact that products use.
@Suite struct NarrowSumsTests {
  private func text(_ body: String) throws -> String {
    let module = try compile(
      "precision Double\nfunc f(d: Float[n], l: Float[n, n], x: Float[n]) -> Float[n] { return \(body) }\nderive value of f")
    return optimized(try #require(module.functions.first).primal.procedure).description
  }

  @Test func aDiagonalIsWalkedAlong() throws {
    let text = try text("diagonal(d) @ x")
    #expect(!text.contains("reduce") && !text.contains("real[n, n] = map"), "\(text)")
  }

  @Test func aTriangleEndsAtItsDiagonal() throws {
    let text = try text("lowerTriangle(l) @ x")
    #expect(text.contains("where {") && !text.contains("real[n, n] = map"), "\(text)")
  }

  @Test func aSumOfBothIsATriangle() throws {
    let text = try text("(diagonal(d) + lowerTriangle(l)) @ x")
    #expect(text.contains("where {"), "\(text)")
  }

  /// Off the diagonal `x` is multiplied by a literal zero, which is no number's product.
  @Test func valuesAreThoseOfTheFullSum() throws {
    let module = try compile(
      """
      precision Double
      func f(d: Float[n], l: Float[n, n], x: Float[n]) -> Float {
        let a = diagonal(d) + lowerTriangle(l)
        return dot(x, a @ x) + sum(square(a @ transpose(a))) + sum(i in n, j in n: diagonal(d)[i, j] * diagonal(x)[j, i]) + trace(l @ diagonal(x))
      }
      derive value, gradient of f wrt d, l, x
      """)
    let function = try #require(module.functions.first)
    let n = 5
    let inputs: [ArrayValue] = [
      .reals((0..<n).map { 0.3 + 0.7 * Double($0) }), .reals((0..<n * n).map { 1 - 0.17 * Double($0 * $0 % 11) }, shape: [n, n]),
      .reals((0..<n).map { 1.5 - 0.4 * Double($0) }),
    ]
    let interpreter = Interpreter(precision: .double)
    for entry in [function.primal] + function.emitted {
      let expected = try interpreter.run(entry.procedure, inputs: inputs).flatMap(\.reals)
      let found = try interpreter.run(optimized(entry.procedure), inputs: inputs).flatMap(\.reals)
      #expect(found.count == expected.count && zip(found, expected).allSatisfy(isNear), "\(entry.name)")
    }
  }
}
