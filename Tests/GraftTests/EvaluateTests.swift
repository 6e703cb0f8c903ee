import Foundation
import XCTest

@testable import graft

final class EvaluateTests: XCTestCase {
  private let source = """
    precision Double
    func quadratic(x: Float[n], k: Float) -> Float { return k * sum(x * x) }
    derive value, gradient of quadratic wrt x, k
    func pair(x: Float[n], i: Index<n>) -> (total: Float, scaled: Float[n]) { return (sum(x), x[i] * x) }
    derive vjp, jvp of pair wrt x
    func reciprocal(x: Float) -> Float { return 1 / x }
    derive value of reciprocal
    let half = 0.5
    func scaled(x: Float, k: Float = 3 * half, power: Int = 2, negated: Bool = false) -> Float {
      let y = k * sum(i in power: x)
      return if negated { -y } else { y }
    }
    derive value, gradient of scaled wrt x

    """

  private func evaluate(_ name: String, _ inputs: String, source: String? = nil) throws -> GraftProcess {
    let folder = try Folder(["m.graft": source ?? self.source])
    return try folder.graft("evaluate", "m.graft", "--of", name, "--inputs", "-", input: inputs)
  }

  func testValues() throws {
    let rows: [(name: String, inputs: String, output: String)] = [
      ("quadratic", #"{"x": [1, 2], "k": 3}"#, #"{"value": 15.0, "gradient": {"x": [6.0, 12.0], "k": 5.0}}"#),
      ("quadraticGradient", #"{"x": [], "k": 3}"#, #"{"value": 0.0, "gradient": {"x": [], "k": 0.0}}"#),
      (
        "pair", #"{"x": [1, 2], "i": 1, "cotangent": {"total": 10, "scaled": [1, 0]}, "tangent": {"x": [0, 1]}}"#,
        #"{"value": {"total": 3.0, "scaled": [2.0, 4.0]}, "vjp": {"x": [12.0, 11.0]}, "jvp": {"total": 1.0, "scaled": [1.0, 4.0]}}"#
      ),
      ("reciprocal", #"{"x": 0}"#, #"{"value": "inf"}"#),
      ("reciprocal", #"{"x": -0.0}"#, #"{"value": "-inf"}"#),
      ("reciprocal", #"{"x": "inf"}"#, #"{"value": 0.0}"#),
      ("reciprocal", #"{"x": "nan"}"#, #"{"value": "nan"}"#),
      ("reciprocal", #"{"x": 3}"#, #"{"value": 0.3333333333333333}"#),
      ("scaled", #"{"x": 2}"#, #"{"value": 6.0, "gradient": {"x": 3.0}}"#),
      ("scaled", #"{"x": 2, "k": 1, "power": 3, "negated": true}"#, #"{"value": -6.0, "gradient": {"x": -3.0}}"#),
    ]
    for (name, inputs, output) in rows {
      let run = try evaluate(name, inputs)
      XCTAssertEqual(run.status, 0, run.error)
      XCTAssertEqual(
        try JSON(parsing: Array(run.output.utf8)).compact, try JSON(parsing: Array(output.utf8)).compact, "\(name) of \(inputs)")
    }
  }

  /// The zero that comes back from a side not taken does not meet the infinite slope of what it would have used.
  func testDivisorsOfSidesNotTakenMayBeZero() throws {
    let source = """
      precision Double
      func f(x: Float[n], d: Int[n], e: Float[n]) -> Float {
        let rate = [i in n: x[i] / Float(d[i])]
        let first = sum(i in n: (if e[i] > 0 { sin(rate[i]) } else { 0 }))
        return first + sum(i in n: (if e[i] > 0.5 { cos(rate[i]) } else { x[i] }))
      }
      derive gradient of f wrt x

      """
    let run = try evaluate("f", #"{"x": [0.5, 1, 1], "d": [0, 1, 2], "e": [-1, 0.25, -1]}"#, source: source)
    XCTAssertEqual(run.status, 0, run.error)
    let gradient = try JSON(parsing: Array(run.output.utf8)).compact
    XCTAssertTrue(gradient.contains(#""gradient": {"x": [1.0, 1.5403023058681398, 1.0]}"#), gradient)
  }

  func testFloatDigits() throws {
    let run = try evaluate("f", #"{"x": 3}"#, source: "func f(x: Float) -> Float { return 1 / x }\nderive value of f\n")
    XCTAssertEqual(run.output, "{\"value\": 0.33333334}\n", run.error)
  }

  func testWhatIsLeftOutIsSaid() throws {
    let run = try evaluate("pair", #"{"x": [1], "i": 0, "tangent": {"x": [1]}}"#)
    XCTAssertEqual(run.status, 0)
    XCTAssertTrue(run.error.contains("vjp is left out: no \"cotangent\" is given"), run.error)
  }

  func testErrorsNameThePlace() throws {
    let rows: [(name: String, inputs: String, message: String)] = [
      ("quadratic", #"{"x": [1, 2]}"#, "k: missing"),
      ("quadratic", #"{"X": [1, 2], "k": 1}"#, "X: no such name; did you mean 'x'?"),
      ("quadratic", #"{"x": 3, "k": 1}"#, "x: expected an array of numbers, found 3"),
      ("quadratic", #"{"x": [1, "a"], "k": 1}"#, "x[1]: expected a number, found \"a\""),
      ("quadratic", #"{"x": [1, [2]], "k": 1}"#, "x[1]: expected a number, found an array"),
      ("quadratic", #"{"x": [1], "k": [1]}"#, "k: expected a number, found an array"),
      ("quadratic", #"[1]"#, "expected an object, found an array of 1"),
      ("quadratic", #"{"x": [1,"#, "standard input:1:10: the text ends where a value is expected"),
      ("quadratic", #"{"x": [1], "k": 1, "cotangent": 1}"#, "cotangent: nothing that is derived of quadratic takes a cotangent"),
      ("pair", #"{"x": [1, 2], "i": 2}"#, "i: expected an index in 0 ..< 2, found 2"),
      ("pair", #"{"x": [1, 2], "i": 0.5}"#, "i: expected a whole number, found 0.5"),
      ("pair", #"{"x": [1, 2], "i": 0, "tangent": {"x": [1]}}"#, "tangent.x: expected 2 numbers (n), found 1"),
      ("pair", #"{"x": [1, 2], "i": 0, "cotangent": {"total": 1}}"#, "cotangent.scaled: missing"),
    ]
    for (name, inputs, message) in rows {
      let run = try evaluate(name, inputs)
      XCTAssertEqual(run.status, 1, inputs)
      XCTAssertEqual(run.output, "", inputs)
      XCTAssertTrue(run.error.contains(message), "\(inputs): \(run.error)")
    }
  }

  func testModel() throws {
    let source = """
      precision Double
      model Line {
        param slope: Float ~ constant(1)
        param offset: Float[2] ~ constant(0)
        setting strength: Float = 2
        input x: Float
        input target: Float[2]
        output y = slope * x + offset
        loss = strength * sum(square(y - target))
      }

      """
    let run = try evaluate(
      "Line", #"{"parameters": {"slope": 3, "offset": [0, 1]}, "inputs": {"x": [1, 2], "target": [[3, 4], [6, 6]]}}"#, source: source)
    XCTAssertEqual(run.status, 0, run.error)
    XCTAssertEqual(
      try JSON(parsing: Array(run.output.utf8)).compact,
      #"{"outputs": {"y": [[3.0, 4.0], [6.0, 7.0]]}, "loss": 1.0, "gradient": {"slope": 4.0, "offset": [0.0, 2.0]}}"#)

    let wrong = try evaluate("Line", #"{"parameters": {"slop": 3}, "inputs": {"x": [1], "target": [[3, 4]]}}"#, source: source)
    XCTAssertTrue(wrong.error.contains("parameters.slop: no such name; did you mean 'slope'?"), wrong.error)
    let batch = try evaluate(
      "Line", #"{"parameters": {"slope": 3, "offset": [0, 1]}, "inputs": {"x": [1, 2], "target": [[3, 4]]}}"#, source: source)
    XCTAssertTrue(batch.error.contains("inputs.target: expected 2 rows (batch), found 1"), batch.error)
    let setting = try evaluate(
      "Line", #"{"parameters": {"slope": 3, "offset": [0, 1]}, "settings": {"strength": 0}, "inputs": {"x": [1], "target": [[3, 5]]}}"#,
      source: source)
    XCTAssertTrue(setting.output.contains("\"loss\": 0.0"), setting.output)
  }

  /// Generated code gives the same document, and draws the same parameters from a seed.
  func testCompiled() throws {
    let text = """
      model Line {
        size width = 3
        param slope: Float[width] ~ normal(mean: 1, deviation: 0.5)
        param offset: Float ~ uniform(low: 0, high: 1)
        setting strength: Float = 2
        input x: Float[width]
        input target: Float
        output y = dot(slope, x) + offset
        loss = strength * square(y - target)
      }
      func pick(table: Float[n, 2], i: Index<n>) -> (row: Float[2], total: Float) { return (table[i], sum(table)) }
      derive value, vjp of pick wrt table

      """
    let inputs = #"{"seed": 7, "settings": {"strength": 0.5}, "inputs": {"x": [[1, 2, 3], [0, 1, 0.5]], "target": [1, -1]}}"#
    let folder = try Folder(["m.graft": text, "line.json": inputs])
    let interpreted = try folder.graft("evaluate", "m.graft", "--of", "Line", "--inputs", "line.json")
    XCTAssertEqual(interpreted.status, 0, interpreted.error)
    let compiled = try folder.graft("evaluate", "m.graft", "--of", "Line", "--inputs", "line.json", "--compiled")
    XCTAssertEqual(compiled.status, 0, compiled.error)
    XCTAssertEqual(interpreted.output, compiled.output)

    let values = #"{"table": [[1, 2], [3, 4]], "i": 1, "cotangent": {"row": [1, 10], "total": 100}}"#
    for options in [[], ["--compiled"]] {
      let run = try GraftProcess(["evaluate", "m.graft", "--of", "pick", "--inputs", "-"] + options, input: values, in: folder.url)
      XCTAssertEqual(
        try JSON(parsing: Array(run.output.utf8)).compact,
        #"{"value": {"row": [3.0, 4.0], "total": 10.0}, "vjp": {"table": [[100.0, 100.0], [101.0, 110.0]]}}"#, run.error)
    }
  }

  /// A rule from the command line changes the gradient alone, and no file.
  func testInject() throws {
    let text = """
      precision Double
      model Spikes {
        param w: Float[2] ~ constant(1)
        input x: Float[2]
        inject step'(v) = gaussian(v)
        output z = step(dot(w, x) - 1)
        loss = square(z - 0.5)
      }

      """
    let folder = try Folder(["m.graft": text, "v.json": #"{"parameters": {"w": [1, 0.5]}, "inputs": {"x": [[0.5, 0.25], [2, 1]]}}"#])
    let plain = try folder.graft("evaluate", "m.graft", "--inputs", "v.json")
    let swept = try folder.graft("evaluate", "m.graft", "--inputs", "v.json", "--inject", "step'(v) = triangle(v)")
    XCTAssertEqual(plain.status, 0, plain.error)
    XCTAssertEqual(swept.status, 0, swept.error)
    let (a, b) = (try JSON(parsing: Array(plain.output.utf8)), try JSON(parsing: Array(swept.output.utf8)))
    XCTAssertEqual(a["outputs"], b["outputs"])
    XCTAssertEqual(a["loss"], b["loss"])
    XCTAssertNotEqual(a["gradient"], b["gradient"])
    XCTAssertEqual(try folder.read("m.graft"), text)
    XCTAssertEqual(folder.names, ["m.graft", "v.json"])
  }

  /// A sparse Jacobian is one matrix over the flattened results and variables.
  func testSparseJacobian() throws {
    let text = """
      precision Double
      func scaled(x: Float[n], k: Float, of: Index<n>[m]) -> Float[m] { return [i in m: k * x[of[i]] ^ 2] }
      derive sparse jacobian of scaled wrt x, k

      """
    let run = try evaluate("scaled", #"{"x": [1, 2, 3], "k": 10, "of": [2, 0]}"#, source: text)
    XCTAssertEqual(
      try JSON(parsing: Array(run.output.utf8)).compact,
      #"{"value": [90.0, 10.0], "jacobian": {"rows": [0, 0, 1, 1], "columns": [2, 3, 0, 3], "values": [60.0, 9.0, 20.0, 1.0]}}"#, run.error)
  }
}
