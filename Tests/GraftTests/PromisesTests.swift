import Foundation
import XCTest

/// What Documentation/GeneratedCode.md promises of generated files, held to with the compiler and at run time.
final class PromisesTests: XCTestCase {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  private static let network = root.appendingPathComponent("Examples/Models/SequentialALIF.graft")

  /// Swift 5 and 6, a module whose default isolation is the main actor, Embedded Swift: no warning in any.
  func testCompilesAloneWithoutWarningsEverywhere() throws {
    let folder = try generated(["SequentialALIF", "DeepSpiking", "injections", "pendulum"])
    let kinds: [(name: String, options: [String])] = [
      ("Swift 6", ["-swift-version", "6"]),
      ("Swift 5", ["-swift-version", "5"]),
      ("main actor", ["-swift-version", "6", "-default-isolation", "MainActor"]),
      ("embedded", ["-swift-version", "6", "-enable-experimental-feature", "Embedded", "-wmo"]),
    ]
    for file in folder.names where file.hasSuffix(".swift") {
      for kind in kinds {
        // Parsing as a library and checking types finds every warning of the front end; the optimiser's are found by `-O` below.
        let run = try swiftc(
          kind.options + ["-parse-as-library", "-module-name", "Check", "-Onone", "-c", file, "-o", "check.o"], in: folder)
        XCTAssertEqual(run.status, 0, "\(file), \(kind.name): \(run.error)")
        XCTAssertEqual(run.error, "", "\(file), \(kind.name)")
      }
    }
  }

  /// Nothing is allocated between the second and the hundredth call, with one thread; the same bits for one, two and three.
  func testAllocatesNothingAndGivesTheSameBitsForAnyThreads() throws {
    #if canImport(Glibc)
      let folder = try generated(["SequentialALIF"])
      try folder.write("main.swift", Self.countingProgram)
      let build = try swiftc(["-O", "-wmo", "main.swift", "SequentialALIF.swift", "-o", "count"], in: folder)
      XCTAssertEqual(build.status, 0, build.error)
      let run = try process(folder.url.appendingPathComponent("count").path, [], in: folder)
      XCTAssertEqual(run.status, 0, run.error)
      let lines = run.output.split(separator: "\n").map(String.init)
      XCTAssertEqual(lines.first, "on purpose: 1", run.output)
      XCTAssertEqual(lines.dropFirst().first, "in 98 calls: 0", run.output)
      XCTAssertEqual(Set(lines.dropFirst(2)).count, 1, "the bits depend on the number of threads: \(run.output)")
      XCTAssertEqual(lines.count, 5, run.output)
    #else
      throw XCTSkip("allocations are counted by an interposed malloc of glibc")
    #endif
  }

  /// `--memory` holds at the sizes of the paper, changes no bit, and what is beyond it ends the program.
  func testMemoryIsKept() throws {
    let folder = try Folder()
    for options in [["--name", "Whole"], ["--name", "Parts", "--memory", "2MB"]] {
      let run = try GraftProcess(["generate", Self.network.path, "-o", "."] + options, in: folder.url)
      XCTAssertEqual(run.status, 0, run.error)
    }
    let compared = ["Whole", "Parts"].map { file in
      """
      for threads in 1...2 {
        typealias Model = \(file).SequentialALIF
        var workspace = Model.Workspace(batch: 10, time: 50, for: .training, threads: threads)
        var gradient = Model.Parameters()
        let loss: Float = try Model.lossAndGradient(
          Model.Parameters(seed: 1), x: x, label: label, gradient: &gradient, workspace: &workspace)
        print(loss.bitPattern, gradient.flat.map(\\.bitPattern).hashValue)
      }

      """
    }
    try folder.write(
      "main.swift",
      """
      let x: [Float] = (0..<500).map { Float($0 * 37 % 101) / 16 }
      let label: [Int32] = (0..<10).map { Int32($0) }
      \(compared.joined())
      print(Parts.SequentialALIF.Workspace.byteCount(batch: 128, time: 784, for: .training, threads: 2))
      if CommandLine.arguments.count > 1 { _ = Parts.SequentialALIF.Workspace(batch: 1, time: 1_000_000, for: .training) }

      """)
    let build = try swiftc(["-Onone", "-lm", "main.swift", "Whole.swift", "Parts.swift", "-o", "compare"], in: folder)
    XCTAssertEqual(build.status, 0, build.error)
    let command = ["SWIFT_DETERMINISTIC_HASHING=1", folder.url.appendingPathComponent("compare").path]
    let run = try process("/usr/bin/env", command, in: folder)
    let lines = run.output.split(separator: "\n").map(String.init)
    XCTAssertEqual(lines.count, 5, run.output)
    XCTAssertEqual(Set(lines.prefix(4)).count, 1, run.output)
    XCTAssertLessThanOrEqual(Int(lines.last ?? "") ?? .max, 2 << 20)
    let shortage = try process("/usr/bin/env", command + ["beyond"], in: folder)
    XCTAssertTrue(shortage.error.contains("bytes; the code was generated for 2097152, by --memory"), shortage.error)
  }

  /// The number of steps is a number in the file, not a length of it.
  func testLengthDoesNotDependOnTheNumberOfSteps() throws {
    let text = try String(contentsOf: Self.network, encoding: .utf8).replacingOccurrences(of: "  size time\n", with: "  size time = 28\n")
    let folder = try Folder(["Network.graft": text])
    var lengths: [Int] = []
    for steps in [28, 784] {
      let run = try folder.graft("generate", "Network.graft", "-o", "out\(steps)", "--size", "time=\(steps)")
      XCTAssertEqual(run.status, 0, run.error)
      lengths.append(try folder.read("out\(steps)/Network.swift").split(separator: "\n", omittingEmptySubsequences: false).count)
    }
    XCTAssertEqual(lengths[0], lengths[1])
    XCTAssertGreaterThan(lengths[0], 100)
  }

  /// `--inject` changes the gradient and not the outputs, and no file.
  func testInjectFromTheCommandLine() throws {
    let before = try Data(contentsOf: Self.network)
    let folder = try Folder()
    let values =
      #"{"sizes": {"time": 6}, "seed": 5, "inputs": {"x": [[[9], [8], [9], [7], [9], [8]]], "label": [3]}}"#
    try folder.write("values.json", values)
    func evaluate(_ options: [String]) throws -> NSDictionary {
      let run = try GraftProcess(
        ["evaluate", Self.network.path, "--of", "SequentialALIF", "--inputs", "values.json"] + options, in: folder.url)
      XCTAssertEqual(run.status, 0, run.error)
      return try XCTUnwrap(JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? NSDictionary)
    }
    let paper = try evaluate([])
    let other = try evaluate(["--inject", "step'(v) = triangle(v)"])
    XCTAssertEqual(paper["outputs"] as? NSDictionary, other["outputs"] as? NSDictionary)
    XCTAssertEqual(paper["loss"] as? Double, other["loss"] as? Double)
    XCTAssertNotEqual(paper["gradient"] as? NSDictionary, other["gradient"] as? NSDictionary)
    XCTAssertEqual(try Data(contentsOf: Self.network), before)
  }

  // MARK: Helpers

  private func generated(_ models: [String]) throws -> Folder {
    let folder = try Folder()
    let files = models.map { Self.root.appendingPathComponent("Examples/Models/\($0).graft").path }
    let run = try GraftProcess(["generate"] + files + ["-o", "."], in: folder.url)
    XCTAssertEqual(run.status, 0, run.error)
    return folder
  }

  private func swiftc(_ arguments: [String], in folder: Folder) throws -> (status: Int32, output: String, error: String) {
    try process("/usr/bin/env", ["swiftc"] + arguments, in: folder)
  }

  private func process(_ path: String, _ arguments: [String], in folder: Folder) throws -> (status: Int32, output: String, error: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.currentDirectoryURL = folder.url
    let (output, error) = (folder.url.appendingPathComponent("stdout.txt"), folder.url.appendingPathComponent("stderr.txt"))
    for file in [output, error] { FileManager.default.createFile(atPath: file.path, contents: nil) }
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: error)
    try process.run()
    process.waitUntilExit()
    return (
      process.terminationStatus, try String(contentsOf: output, encoding: .utf8), try String(contentsOf: error, encoding: .utf8)
    )
  }

  private static let countingProgram = """
    import Glibc

    @_silgen_name("__libc_malloc") func libcMalloc(_ count: Int) -> UnsafeMutableRawPointer?
    @_silgen_name("__libc_calloc") func libcCalloc(_ count: Int, _ size: Int) -> UnsafeMutableRawPointer?
    @_silgen_name("__libc_realloc") func libcRealloc(_ old: UnsafeMutableRawPointer?, _ count: Int) -> UnsafeMutableRawPointer?
    @_silgen_name("__libc_memalign") func libcMemalign(_ alignment: Int, _ count: Int) -> UnsafeMutableRawPointer?

    struct Counter {
      nonisolated(unsafe) static var isOn: Bool = false
      nonisolated(unsafe) static var count: Int = 0
      static func note() { if isOn { count += 1 } }
    }

    @_cdecl("malloc") public func countedMalloc(_ count: Int) -> UnsafeMutableRawPointer? {
      Counter.note()
      return libcMalloc(count)
    }
    @_cdecl("calloc") public func countedCalloc(_ count: Int, _ size: Int) -> UnsafeMutableRawPointer? {
      Counter.note()
      return libcCalloc(count, size)
    }
    @_cdecl("realloc") public func countedRealloc(_ old: UnsafeMutableRawPointer?, _ count: Int) -> UnsafeMutableRawPointer? {
      Counter.note()
      return libcRealloc(old, count)
    }
    @_cdecl("aligned_alloc") public func countedAligned(_ alignment: Int, _ count: Int) -> UnsafeMutableRawPointer? {
      Counter.note()
      return libcMemalign(alignment, count)
    }
    @_cdecl("posix_memalign")
    public func countedPosix(_ result: UnsafeMutablePointer<UnsafeMutableRawPointer?>, _ alignment: Int, _ count: Int) -> Int32 {
      Counter.note()
      result.pointee = libcMemalign(alignment, count)
      return 0
    }

    let batch = 24, time = 12
    let parameters = SequentialALIF.Parameters(seed: 3)
    let x: [Float] = (0..<batch * time).map { Float(($0 &* 7919) % 101) / 8 }
    let label: [Int32] = (0..<batch).map { Int32($0 % 10) }
    var gradient = SequentialALIF.Parameters()
    var hash: [UInt64] = []
    for threads in 1...3 {
      var workspace = SequentialALIF.Workspace(batch: batch, time: time, for: .training, threads: threads)
      var loss: Float = 0
      for call in 1...(threads == 1 ? 100 : 3) {
        loss = try SequentialALIF.lossAndGradient(
          parameters, x: x.span, label: label.span, gradient: &gradient, workspace: &workspace)
        if call == 2 && threads == 1 {
          Counter.isOn = true
          free(malloc(100))
          let onPurpose = Counter.count
          Counter.count = 0
          Counter.isOn = false
          print("on purpose: \\(onPurpose)")
          Counter.isOn = true
        }
      }
      if threads == 1 {
        Counter.isOn = false
        print("in 98 calls: \\(Counter.count)")
      }
      var bits: UInt64 = UInt64(loss.bitPattern)
      for number in gradient.flat { bits = (bits ^ UInt64(number.bitPattern)) &* 1_099_511_628_211 }
      hash.append(bits)
    }
    for bits in hash { print(bits) }
    """
}
