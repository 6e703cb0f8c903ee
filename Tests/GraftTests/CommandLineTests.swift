import XCTest

final class CommandLineTests: XCTestCase {
  private struct Row {
    let words: [String]
    let status: Int32
    /// Pieces of what is printed, in this order.
    var output: [String] = []
    var error: [String] = []
    var line: UInt = #line
  }

  private let files = [
    "square.graft": "precision Double\nfunc square2(x: Float) -> Float { return x * x }\nderive value, gradient of square2 wrt x\n",
    "wrong.graft": "func f(x: Float) -> Float { return y }\nderive gradient of f wrt x\n",
    "spike.graft": "inject step'(v) = triangle(v)\nfunc f(v: Float) -> Float { return step(v) }\nderive gradient of f wrt v\n",
    "sums.graft": """
    func sums(x: Float[n]) -> Float {
      state s: Float[64] = 0.5
      for i in n { next s = tanh(s + x[i] * s) }
      return sum(s)
    }
    derive gradient of sums wrt x

    """,
    "other/square.graft": "func f(x: Float) -> Float { return x }\nderive value of f\n",
  ]

  private let rows: [Row] = [
    Row(words: ["--version"], status: 0, output: ["graft 0.1.0\n"]),
    Row(words: ["--help"], status: 0, output: ["usage: graft VERB FILE… [options]", "generate", "format", "Exit status: 0 done"]),
    Row(words: ["-h"], status: 0, output: ["usage:"]),
    Row(words: ["help", "verify"], status: 0, output: ["graft verify:", "--seed NUMBER"]),
    Row(words: ["verify", "--help"], status: 0, output: ["graft verify:", "--points COUNT", "--compiled"]),
    Row(words: ["generate", "square.graft", "--help"], status: 0, output: ["--access public|package|internal"]),
    Row(words: [], status: 2, error: ["which verb?", "generate"]),
    Row(words: ["verfiy", "square.graft"], status: 2, error: ["there is no verb 'verfiy'; did you mean 'verify'?"]),
    Row(words: ["frobnicate"], status: 2, error: ["there is no verb 'frobnicate'; there are generate, check"]),
    Row(words: ["check", "--jsn", "square.graft"], status: 2, error: ["graft check has no option '--jsn'; did you mean '--json'?"]),
    Row(words: ["check"], status: 2, error: ["graft check needs a model file"]),
    Row(words: ["check", "--json=yes", "square.graft"], status: 2, error: ["--json takes no value"]),
    Row(words: ["check", "--size"], status: 2, error: ["--size needs a value"]),
    Row(words: ["check", "square.graft", "--size", "n"], status: 2, error: ["--size needs NAME=COUNT"]),
    Row(words: ["check", "square.graft", "--size", "n=-1"], status: 2, error: ["--size needs NAME=COUNT"]),
    Row(
      words: ["check", "square.graft", "--precision", "Duoble"], status: 2,
      error: ["Float or Double, found 'Duoble'; did you mean 'Double'?"]),
    Row(
      words: ["check", "--precision", "Float", "square.graft", "--precision", "Double"], status: 2, error: ["--precision was given twice"]),
    Row(words: ["generate", "square.graft"], status: 2, error: ["-o DIR is needed"]),
    Row(words: ["generate", "square.graft", "other/square.graft", "-o", "out"], status: 2, error: ["would both become square.swift"]),
    Row(words: ["generate", "square.graft", "-o", "out", "--name", "not a name"], status: 2, error: ["--name needs a name"]),
    Row(words: ["verify", "square.graft", "--points", "0"], status: 2, error: ["--points needs a whole number of at least 1, found '0'"]),
    Row(words: ["evaluate", "square.graft", "wrong.graft"], status: 2, error: ["graft evaluate takes one file, found 2"]),
    Row(words: ["evaluate", "square.graft", "--of", "sqare2"], status: 2, error: ["did you mean 'square2'?"]),
    Row(
      words: ["generate", "square.graft", "-o", "out", "--memory", "2XB"], status: 2,
      error: ["--memory needs a number of bytes above 0", "found '2XB'"]),
    Row(words: ["explain", "square.graft", "--memory", "0"], status: 2, error: ["--memory needs a number of bytes above 0", "found '0'"]),
    Row(
      words: ["generate", "sums.graft", "-o", "out", "--memory", "1KB"], status: 1,
      error: ["'sumsGradient' takes at least 2368 bytes", "is given 1024 by --memory"]),
    Row(
      words: ["explain", "sums.graft", "--memory", "32KB"], status: 0,
      output: ["sumsGradient keeps a loop of n iterations in part: segmentLength is the least whole number whose power of 2 reaches n"]),
    Row(words: ["check", "missing.graft"], status: 1, error: ["cannot read 'missing.graft': No such file or directory"]),
    Row(words: ["check", "other"], status: 1, error: ["cannot read 'other': Is a directory"]),
    Row(words: ["check", "square.graft"], status: 0),
    Row(words: ["check", "--", "square.graft"], status: 0),
    Row(words: ["plot", "square.graft"], status: 1, error: ["'square.graft' has no rule with a slope along a number"]),
    Row(
      words: ["plot", "spike.graft"], status: 0,
      output: ["<svg", "prefers-color-scheme", "inject step'(v) = triangle(v)", "slope for v, area 1", "</svg>"]),
    Row(words: ["plot", "wrong.graft"], status: 1, error: ["error[G"]),
    Row(words: ["check", "wrong.graft"], status: 1, error: ["error[G", "wrong.graft:1:36"]),
    Row(words: ["check", "--json", "square.graft"], status: 0, output: ["{\"diagnostics\": []}"]),
    Row(
      words: ["check", "square.graft", "wrong.graft", "--json"], status: 1,
      output: ["\"severity\": \"error\"", "\"file\": \"wrong.graft\""]),
  ]

  func testTable() throws {
    let folder = try Folder(files)
    for row in rows {
      let run = try GraftProcess(row.words, in: folder.url)
      XCTAssertEqual(run.status, row.status, "\(row.words): \(run.error)", line: row.line)
      for (expected, found) in [(row.output, run.output), (row.error, run.error)] {
        var rest = found[...]
        for piece in expected {
          guard let range = rest.firstRange(of: piece) else {
            XCTFail("\(row.words): '\(piece)' is missing in: \(found)", line: row.line)
            continue
          }
          rest = rest[range.upperBound...]
        }
      }
      XCTAssertFalse((run.output + run.error).contains("\u{1B}"), "\(row.words): colours without a terminal", line: row.line)
      if row.status == 2 { XCTAssertEqual(run.output, "", "\(row.words)", line: row.line) }
    }
  }

  /// Every verb and every option of the tables is in the help.
  func testHelpOfEveryVerb() throws {
    for name in ["generate", "check", "verify", "evaluate", "explain", "plot", "format"] {
      let run = try GraftProcess([name, "--help"])
      XCTAssertEqual(run.status, 0)
      XCTAssertTrue(run.output.hasPrefix("graft \(name): "), run.output)
    }
  }
}
