import XCTest

@testable import ModelDSL

/// Declarations and statements, as `dumpTree` shows them.
final class DeclarationTests: XCTestCase {
  func testTheWholeGrammar() {
    let source = """
      precision Double
      import "neurons.graft"
      silence G0117 "known \\"here\\""
      size hidden = 2 * 64, time
      let k: Float = 25

      /// Two lines,
      ///   the second indented.
      func f(x: Float[n, 2 * n], i: Index<n - 1>[m], g: (Float, Float[n]) -> (z: Float, u: Float), k: Float = 25) -> (Float, Float) {
        let (a, _) = g(1, x[0]); let (z: b, u: (c, d)) = h(a)
        state s, t: Float = 0
        for j in n down where j > 0 { next (s, t) = (t, s) }
        for j in n where j > 0 down { next a[j] = a[j] + 1 }
        while s < 1, atMost: 100 { next s = s + 1; record trace = s }
        inject step'(v) = triangle(v)
        silence G0001 "x"
        return (a, b)
      }
      func single(x: Float) -> Float { x * 2 }
      inject fires'(v, threshold) = (v: 1, threshold: g -> -g)

      cell C {
        size inputs, neuron: (Float, Float) -> (z: Float, u: Float),
          width
        /// Documented.
        param a, b: Float[width] ~ normal(mean: 0)
        param c: Float
        setting d: Float = 1
        setting e: Int
        input x: Float[inputs]
        state z: Float = 0
        next z = z + 1
        output y = next z
      }
      model M {
        size time
        let stack = [layer in 4: C(inputs: 1)]
        loss = 1
        output raster
        optimizer = adam(rate: 0.1)
      }
      derive value, sparse jacobian of M.loss wrt a, first.w,
        b
      derive stream of M as live
      """
    let expected = #"""
      precision Double
      import "neurons.graft"
      silence G0117 "known \"here\""
      size hidden = (* 2 64), time
      let k: Float = 25
      /// Two lines,
      ///   the second indented.
      func f(x: Float[n, (* 2 n)], i: Index<(- n 1)>[m], g: (Float, Float[n]) -> (z: Float, u: Float), k: Float = 25) -> (Float, Float)
        let (a, _) = (g 1 x[0])
        let (z: b, u: (c, d)) = (h a)
        state s, t: Float = 0
        for j in n down where (> j 0)
          next s, t = (tuple t s)
        for j in n down where (> j 0)
          next a[j] = (+ a[j] 1)
        while (< s 1) atMost 100
          next s = (+ s 1)
          record trace = s
        inject step'(v) = (triangle v)
        silence G0001 "x"
        return (tuple a b)
      func single(x: Float) -> Float
        (* x 2)
      inject fires'(v, threshold) = (tuple v: 1 threshold: (-> (g) (- g)))
      cell C
        size inputs, neuron: (Float, Float) -> (z: Float, u: Float), width
        /// Documented.
        param a, b: Float[width] ~ (normal mean: 0)
        param c: Float
        setting d: Float = 1
        setting e: Int
        input x: Float[inputs]
        state z: Float = 0
        next z = (+ z 1)
        output y = (next z)
      model M
        size time
        let stack = (build (layer 4) (C inputs: 1))
        loss = 1
        output raster
        optimizer = (adam rate: 0.1)
      derive value, sparse jacobian of M.loss wrt a, first.w, b
      derive stream of M as live

      """#
    let (tree, diagnostics) = parse(source)
    XCTAssertEqual(diagnostics.map(\.message), [])
    XCTAssertEqual(dumpTree(tree), expected)
  }

  func testWordsOfTheLanguageAreNamesElsewhere() {
    let source = """
      func model(cell: Float, size: Float, in: Float) -> Float {
        let state = cell
        let next = state * 2
        let input = next
        state output = input
        for where in down { next output = output + state }
        return output + loss - optimizer
      }
      """
    XCTAssertEqual(parse(source).diagnostics.map(\.message), [])
  }

  func testDocumentationIsTheLastGroup() {
    let (tree, _) = parse("/// of the file\n\n/// of a\n// plain\n/// and more\nlet a = 1 /// not of b\nlet b = 2\n")
    XCTAssertEqual(tree.declarations.map(\.documentation), [["of a", "and more"], []])
  }

  func testLineEnds() {
    for end in ["\n", "\r\n", "\r"] {
      let (tree, diagnostics) = parse("\u{FEFF}let a = 1\(end)let b =\(end)\t2\(end)// c\(end)let d = 3")
      XCTAssertEqual(diagnostics.map(\.message), [])
      XCTAssertEqual(dumpTree(tree), "let a = 1\nlet b = 2\nlet d = 3\n")
    }
  }

  func testEmptyFiles() {
    for text in ["", "\n\n", "// nothing", "\u{FEFF}"] {
      XCTAssertEqual(dumpTree(parse(text).tree), "")
      XCTAssertEqual(parse(text).diagnostics.count, 0)
    }
  }
}
