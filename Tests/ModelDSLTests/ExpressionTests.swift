import XCTest

@testable import ModelDSL

/// What an expression means, as an S-expression.
final class ExpressionTests: XCTestCase {
  private let table: [(source: String, tree: String)] = [
    // Operators: how tightly they bind.
    ("a + b * c", "(+ a (* b c))"),
    ("a - b - c", "(- (- a b) c)"),
    ("a / b * c % d @ e", "(@ (% (* (/ a b) c) d) e)"),
    ("n div 2 * m", "(* (div n 2) m)"),
    ("-x^2", "(- (^ x 2))"),
    ("2 ^ -1", "(^ 2 (- 1))"),
    ("2 ^ -x ^ 2", "(^ 2 (- (^ x 2)))"),
    ("a ^ b ^ c", "(^ a (^ b c))"),
    ("(-x)^2", "(^ (- x) 2)"),
    ("-a * b", "(* (- a) b)"),
    ("a * -b", "(* a (- b))"),
    ("a - -b", "(- a (- b))"),
    ("!a && b || c && !d", "(|| (&& (! a) b) (&& c (! d)))"),
    ("a + 1 < b * 2 && c >= d", "(&& (< (+ a 1) (* b 2)) (>= c d))"),
    ("a == b || a != c", "(|| (== a b) (!= a c))"),
    ("-f(x)[0]", "(- (f x)[0])"),
    ("w @ x + b", "(+ (@ w x) b)"),
    // Numbers and constants.
    ("1_000", "1000"), ("1e-12", "1e-12"), ("0.5", "0.5"), ("9.81", "9.81"), ("1E3", "1000.0"),
    ("9223372036854775807", "9223372036854775807"),
    ("true && false", "(&& true false)"),
    // Calls, members, subscripts.
    ("f(x, k: 2)", "(f x k: 2)"),
    ("f()", "(f)"),
    ("first.w[0, 1]", "(. first w)[0, 1]"),
    ("stack[layer](z)", "(stack[layer] z)"),
    ("x[..]", "x[..]"), ("x[.., 0]", "x[.., 0]"), ("x[a..<b]", "x[a..<b]"), ("x[..<n]", "x[..<n]"), ("x[a..]", "x[a..<]"),
    ("x[1..<2 * n]", "x[1..<(* 2 n)]"),
    ("25 * sigmoid'(25 * v)", "(* 25 (sigmoid' (* 25 v)))"),
    ("next u", "(next u)"), ("w @ next z", "(@ w (next z))"), ("next a[i]", "(next a)[i]"),
    ("gradient(f(x), next u)", "(gradient (f x) (next u))"),
    ("jvp(e, x: v, next u: w)", "(jvp e x: v next u: w)"),
    // Tuples and arrays.
    ("(a)", "a"), ("(a, b)", "(tuple a b)"), ("(z: a, u: b)", "(tuple z: a u: b)"),
    ("[1, 2]", "(array 1 2)"), ("[[1, 2], [3, 4],]", "(array (array 1 2) (array 3 4))"),
    // Comprehensions.
    ("[i in n: x[i]]", "(build (i n) x[i])"),
    ("[i in n, j in m + 1: i * j]", "(build (i n) (j (+ m 1)) (* i j))"),
    ("sum(i in n where i < k && c: x[i])", "(sum (i n) where (&& (< i k) c) x[i])"),
    ("max(i in n: { let a = x[i]; a * a })", "(max (i n) {let a = x[i]; (* a a)})"),
    ("argmin(i in n: x[i])", "(argmin (i n) x[i])"),
    ("sum(x)", "(sum x)"), ("max(a, b)", "(max a b)"),
    ("sum(i in n: (a, b))", "(sum (i n) (tuple a b))"),
    // Choices, functions, injections.
    ("if c { a } else { b }", "(if c {a} {b})"),
    ("if c { a } else if d { b } else { e }", "(if c {a} {(if d {b} {e})})"),
    ("1 + if c { a } else { b }", "(+ 1 (if c {a} {b}))"),
    ("y -> y * 2", "(-> (y) (* y 2))"), ("(a, b) -> a + b", "(-> (a b) (+ a b))"),
    ("y -> { let z = y; z }", "(-> (y) {let z = y; z})"),
    ("inject(x, x: g -> clamp(g, -1, 1))", "(inject x x: (-> (g) (clamp g (- 1) 1)))"),
    ("inject(w @ x, w: g -> outer(g, x), like: y)", "(inject (@ w x) w: (-> (g) (outer g x)) like: y)"),
    // Words are names where they stand as names.
    ("model + cell * size", "(+ model (* cell size))"), ("state * next", "(* state next)"), ("div(a, down: where)", "(div a down: where)"),
    ("in + as", "(+ in as)"), ("loss.output", "(. loss output)"), ("θ₁ * é", "(* θ₁ é)"),
    // Line breaks.
    ("a +\n  b *\n  c", "(+ a (* b c))"), ("f(\n  a\n  , b\n  - c)", "(f a (- b c))"), ("[\n1,\n2\n]", "(array 1 2)"), ("\n  a", "a"),
    ("n div\n  2", "(div n 2)"),
    ("if c {\n  a\n}\nelse {\n  b\n}", "(if c {a} {b})"),
    ("f(if c {\n  let d = a\n  d\n} else { b })", "(f (if c {let d = a; d} {b}))"),
  ]

  func testTable() throws {
    for (source, expected) in table {
      let (tree, diagnostics) = parse("let value = \(source)\n")
      XCTAssertEqual(diagnostics.map(\.message), [], source)
      XCTAssertEqual(dumpTree(tree), "let value = \(expected)\n", source)
    }
  }

  func testParenthesesBelongToTheRange() throws {
    let (tree, _) = parse("let y = (a + b) * c")
    guard case .constant(let declaration)? = tree.declarations.first?.kind, case .binary(.multiply, let left, _) = declaration.value.kind
    else { return XCTFail("no product") }
    XCTAssertEqual(left.range, SourceRange(file: FileID(0), lower: 8, upper: 15))
    XCTAssertEqual(declaration.value.range, SourceRange(file: FileID(0), lower: 8, upper: 19))
  }
}
