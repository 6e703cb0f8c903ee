import Codegen
import Foundation
import ModelDSL
import XCTest

/// Procedures made at random, emitted, compiled by one call of `swiftc -O`, and compared with the interpreter.
final class EmissionRandomTests: XCTestCase {
  func testRandomProceduresAgreeWithTheInterpreter() throws {
    let seeds = Array(1...24)
    var functions: [FunctionEntry] = []
    var cases: [(name: String, inputs: [ArrayValue], expected: [ArrayValue])] = []
    for seed in seeds {
      var (procedure, inputs) = RandomProgram.make(seed: UInt64(seed))
      if seed % 3 == 0 { procedure = optimized(procedure) }
      guard let expected = try? Interpreter(precision: .double).run(procedure, inputs: inputs, sizes: RandomProgram.sizeValues) else {
        continue
      }
      procedure.name = "random\(seed)"
      let point = EntryPoint(
        kind: .value, name: procedure.name, procedure: procedure, inputRoles: inputs.map { _ in .argument },
        resultRoles: expected.indices.map { .value(label: "r\($0)") })
      functions.append(FunctionEntry(name: procedure.name, documentation: [], primal: point, emitted: [point]))
      cases.append((procedure.name, inputs, expected))
    }
    let module = Module(namespace: "Random", precision: .double, functions: functions, models: [])
    let text = emit(module, options: EmissionOptions(access: .internal, modelFile: "Random.graft"))

    var main = ""
    let sites = module.functionCallSites
    for (place, test) in cases.enumerated() {
      let tries = sites[place][0].mayFail ? "try " : ""
      let sizes = functions[place].emitted[0].procedure.sizes.map { "\($0.name): \(RandomProgram.sizeValues[$0]!)" }
      let inputs = test.inputs.enumerated().map { "x\($0): \($1.literal)" }
      main += "do {\n  let r = \(tries)Random.\(test.name)(\((inputs + namedSizes(sizes, functions[place])).joined(separator: ", ")))\n"
      for result in test.expected.indices { main += "  show(\(test.expected.count == 1 ? "r" : "r.r\(result)"))\n" }
      main += "}\n"
    }
    let output = try runSwift(["Random.swift": text, "main.swift": showing + main])
    var lines = output.split(separator: "\n", omittingEmptySubsequences: false)[...]
    for test in cases {
      for (place, expected) in test.expected.enumerated() {
        let line = lines.popFirst() ?? ""
        let actual = line.split(separator: " ").map { Double($0) ?? .nan }
        XCTAssertEqual(actual.count, expected.count, "\(test.name), result \(place)")
        for (a, b) in zip(actual, expected.numbers) where !isClose(a, b) {
          XCTFail("\(test.name), result \(place): \(a), expected \(b)")
          break
        }
      }
    }
  }

  /// Sizes that the function asks for: all but those that a vector tells.
  private func namedSizes(_ sizes: [String], _ entry: FunctionEntry) -> [String] {
    let procedure = entry.emitted[0].procedure
    let told = Set(
      procedure.inputs.compactMap { procedure.values[$0.value].shape.count == 1 ? procedure.values[$0.value].shape[0].symbol : nil })
    return zip(procedure.sizes, sizes).filter { !told.contains($0.0) }.map(\.1)
  }

  private func isClose(_ a: Double, _ b: Double) -> Bool {
    a == b || a.isNaN && b.isNaN || abs(a - b) <= 1e-9 * max(1, abs(a), abs(b))
  }
}

/// Prints a result's numbers on one line.
let showing = """
  func show(_ x: Double) { print(x) }
  func show(_ x: Int) { print(x) }
  func show(_ x: Bool) { print(x ? 1 : 0) }
  func show(_ x: [Double]) { print(x.map { "\\($0)" }.joined(separator: " ")) }
  func show(_ x: [Float]) { print(x.map { "\\($0)" }.joined(separator: " ")) }
  func show(_ x: [Int32]) { print(x.map { "\\($0)" }.joined(separator: " ")) }
  func show(_ x: [Bool]) { print(x.map { $0 ? "1" : "0" }.joined(separator: " ")) }

  """

/// Compiles files as one program, without a warning, and gives what it prints.
func runSwift(_ files: [String: String], options: [String] = ["-O"]) throws -> String {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("graft-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  var paths: [String] = []
  for (name, text) in files.sorted(by: { $0.key < $1.key }) {
    let path = folder.appendingPathComponent(name).path
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    paths.append(path)
  }
  let program = folder.appendingPathComponent("program").path
  let compilation = try execute("/usr/bin/env", ["swiftc"] + options + ["-o", program] + paths)
  XCTAssertEqual(compilation.output, "", "the compiler has something to say")
  if compilation.status != 0 { throw CocoaError(.executableNotLoadable) }
  let outcome = try execute(program, [])
  XCTAssertEqual(outcome.status, 0)
  return outcome.output
}

private func execute(_ path: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: path)
  process.arguments = arguments
  let pipe = Pipe()
  process.standardOutput = pipe
  process.standardError = pipe
  try process.run()
  let data = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return (process.terminationStatus, String(decoding: data, as: UTF8.self))
}

extension ArrayValue {
  /// As it is written in Swift.
  var literal: String {
    let words: [String] =
      switch elements {
      case .real(let numbers): numbers.map { "\($0)" }
      case .integer(let numbers): numbers.map { "\($0)" }
      case .boolean(let truths): truths.map { "\($0)" }
      }
    return shape.isEmpty ? words[0] : "[" + words.joined(separator: ", ") + "]"
  }

  /// Its elements as numbers; truth is 1.
  var numbers: [Double] {
    switch elements {
    case .real(let numbers): numbers
    case .integer(let numbers): numbers.map(Double.init)
    case .boolean(let truths): truths.map { $0 ? 1 : 0 }
    }
  }
}
