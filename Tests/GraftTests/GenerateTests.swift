import Foundation
import XCTest

final class GenerateTests: XCTestCase {
  private let right = "func f(x: Float[n]) -> Float { return sum(x * x) }\nderive value, gradient of f wrt x\n"
  private let wrong = "func f(x: Float[n]) -> Float { return sum(y * x) }\nderive value, gradient of f wrt x\n"

  func testWritesOneFileForEach() throws {
    let folder = try Folder(["a.graft": right, "models/b.graft": right])
    let run = try folder.graft("generate", "a.graft", "models/b.graft", "--output", "deep/out")
    XCTAssertEqual(run.status, 0, run.error)
    XCTAssertEqual(run.output + run.error, "")
    XCTAssertTrue(try folder.read("deep/out/a.swift").contains("enum A"))
    XCTAssertTrue(try folder.read("deep/out/b.swift").contains("enum B"))
  }

  /// An error leaves the old output as it was; the other files are written.
  func testErrorsLeaveOldOutput() throws {
    let folder = try Folder(["a.graft": wrong, "b.graft": right, "out/a.swift": "// old\n"])
    let run = try folder.graft("generate", "a.graft", "b.graft", "-o", "out")
    XCTAssertEqual(run.status, 1)
    XCTAssertTrue(run.error.contains("a.graft:1:"), run.error)
    XCTAssertEqual(try folder.read("out/a.swift"), "// old\n")
    XCTAssertTrue(folder.exists("out/b.swift"))
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.appendingPathComponent("out").path)
    XCTAssertEqual(names.sorted(), ["a.swift", "b.swift"])
  }

  func testDefaultsOfNumbersAreKept() throws {
    let folder = try Folder([
      "a.graft": """
      let half = 0.5
      func f(x: Float[n], k: Float = 3 * half, power: Int = 2, negated: Bool = false, shift: Float[2] = 0) -> Float {
        return if negated { -k } else { k * sum(x ^ power) + sum(shift) }
      }
      derive gradient of f wrt x

      """
    ])
    let run = try folder.graft("generate", "a.graft", "-o", "out")
    XCTAssertEqual(run.status, 0, run.error)
    let text = try folder.read("out/a.swift")
    XCTAssertTrue(text.contains("x: [Float], k: Float = 1.5, power: Int = 2, negated: Bool = false, shift: [Float]"), text)
  }

  /// Whether a function of arrays of any size takes a workspace does not depend on how it is planned.
  func testSizesKnownAtTheCallMakeAWorkspace() throws {
    let folder = try Folder([
      "a.graft": """
      func doubled(x: Float[n], y: Float[m]) -> Float[n] { return 2 * x }
      func turned(x: Float[2]) -> Float[2] { return [-x[1], x[0]] }
      derive value of doubled
      derive value of turned

      """
    ])
    let run = try folder.graft("generate", "a.graft", "-o", "out")
    XCTAssertEqual(run.status, 0, run.error)
    let text = try folder.read("out/a.swift")
    XCTAssertTrue(text.contains("workspace: inout DoubledWorkspace"), text)
    XCTAssertTrue(text.contains("public init(n: Int, m: Int) {"), text)
    XCTAssertFalse(text.contains("TurnedWorkspace"), text)
  }

  func testUnwritableFolder() throws {
    let folder = try Folder(["a.graft": right, "out": "a file"])
    let run = try folder.graft("generate", "a.graft", "-o", "out")
    XCTAssertEqual(run.status, 1)
    XCTAssertTrue(run.error.contains("cannot make the folder 'out'"), run.error)
    XCTAssertEqual(try folder.read("out"), "a file")
  }

  func testCheckSaysWhatIsStale() throws {
    let folder = try Folder(["a.graft": right])
    let missing = try folder.graft("generate", "a.graft", "-o", "out", "--check")
    XCTAssertEqual(missing.status, 1)
    XCTAssertTrue(missing.error.contains("'out/a.swift' is missing"), missing.error)
    XCTAssertFalse(folder.exists("out"))

    XCTAssertEqual(try folder.graft("generate", "a.graft", "-o", "out").status, 0)
    let fresh = try folder.graft("generate", "a.graft", "-o", "out", "--check")
    XCTAssertEqual(fresh.status, 0, fresh.error)
    XCTAssertEqual(fresh.output + fresh.error, "")

    let stale = try folder.read("out/a.swift") + "// by hand\n"
    try folder.write("out/a.swift", stale)
    let run = try folder.graft("generate", "a.graft", "--check", "-o", "out")
    XCTAssertEqual(run.status, 1)
    XCTAssertTrue(run.output.hasPrefix("--- out/a.swift\n+++ out/a.swift (generated)\n@@ "), run.output)
    XCTAssertTrue(run.output.contains("\n-// by hand\n"), run.output)
    XCTAssertEqual(try folder.read("out/a.swift"), stale)
  }

  /// The bytes depend on the file and the options alone: not on the run, the folder or the path.
  func testSameBytes() throws {
    let text = try String(contentsOf: URL(fileURLWithPath: samplePath("SequentialALIF")), encoding: .utf8)
    let folder = try Folder(["SequentialALIF.graft": text, "elsewhere/SequentialALIF.graft": text])
    for (place, path) in ["SequentialALIF.graft", "SequentialALIF.graft", "elsewhere/SequentialALIF.graft"].enumerated() {
      let run = try folder.graft("generate", path, "-o", "out\(place)")
      XCTAssertEqual(run.status, 0, run.error)
      XCTAssertEqual(try folder.read("out\(place)/SequentialALIF.swift"), try folder.read("out0/SequentialALIF.swift"))
    }
  }

  func testOptions() throws {
    let folder = try Folder(["a.graft": "/// Twice.\nfunc f(x: Float) -> Float { return 2 * x }\nderive value of f\n"])
    let run = try folder.graft("generate", "a.graft", "-o", ".", "--name", "Other", "--access", "package", "--precision=Double")
    XCTAssertEqual(run.status, 0, run.error)
    let text = try folder.read("Other.swift")
    for piece in ["package enum Other", "package static func f(", "Double", "/// Twice."] {
      XCTAssertTrue(text.contains(piece), "\(piece): \(text)")
    }
  }

  /// Several names make a file each, with the rules behind them; rules before the first are for all.
  func testVariants() throws {
    let model =
      "inject step'(v) = triangle(v)\ninject round'(x) = 1\nfunc f(v: Float) -> Float { return step(v) + round(v) }\nderive gradient of f wrt v\n"
    let folder = try Folder(["a.graft": model])
    let words = [
      "generate", "a.graft", "-o", "out", "--inject", "round'(x) = 0.25", "--name", "Arctan", "--inject", "step'(v) = arctan(v)", "--name",
      "Boxcar", "--inject", "step'(v) = boxcar(v)", "--name", "Plain",
    ]
    let run = try GraftProcess(words, in: folder.url)
    XCTAssertEqual(run.status, 0, run.error)
    var texts: [String] = []
    for name in ["Arctan", "Boxcar", "Plain"] {
      let text = try folder.read("out/\(name).swift")
      XCTAssertTrue(text.contains("enum \(name)") && text.contains("0.25"), text)
      texts.append(text)
    }
    XCTAssertTrue(texts[0].contains("--inject \"round'(x) = 0.25\" --inject \"step'(v) = arctan(v)\" --name Arctan"), texts[0])
    XCTAssertEqual(Set(texts).count, 3)
    // One of several is what it would be alone.
    let alone = try folder.graft(
      "generate", "a.graft", "-o", "alone", "--name", "Boxcar", "--inject", "round'(x) = 0.25", "--inject", "step'(v) = boxcar(v)")
    XCTAssertEqual(alone.status, 0, alone.error)
    XCTAssertEqual(try folder.read("alone/Boxcar.swift"), texts[1])
    XCTAssertEqual(try GraftProcess(words + ["--check"], in: folder.url).status, 0)

    let twice = try folder.graft("generate", "a.graft", "-o", "out", "--name", "A", "--name", "A")
    XCTAssertEqual(twice.status, 2)
    XCTAssertTrue(twice.error.contains("--name A was given twice"), twice.error)
  }
}
