import Foundation
import XCTest

/// The `graft` that was built with the tests, run as a user runs it.
struct GraftProcess {
  let status: Int32
  let output: String
  let error: String

  static var executable: URL {
    #if os(macOS)
      let products = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }!.bundleURL.deletingLastPathComponent()
    #else
      let products = Bundle.main.bundleURL
    #endif
    return products.appendingPathComponent("graft")
  }

  init(_ arguments: [String], input: String = "", in folder: URL? = nil, environment: [String: String] = [:]) throws {
    let process = Process()
    process.executableURL = Self.executable
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let (outPipe, errorPipe, inPipe) = (Pipe(), Pipe(), Pipe())
    process.standardOutput = outPipe
    process.standardError = errorPipe
    process.standardInput = inPipe
    try process.run()
    inPipe.fileHandleForWriting.write(Data(input.utf8))
    try inPipe.fileHandleForWriting.close()
    // Standard error is read beside standard output: a full pipe would stop the process.
    let collected = Collected()
    let reader = Thread { collected.finish(errorPipe.fileHandleForReading.readDataToEndOfFile()) }
    reader.start()
    output = String(decoding: outPipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    error = String(decoding: collected.wait(), as: UTF8.self)
    process.waitUntilExit()
    status = process.terminationStatus
  }

  private final class Collected: @unchecked Sendable {
    private let done = DispatchSemaphore(value: 0)
    private var data = Data()
    func finish(_ data: Data) {
      self.data = data
      done.signal()
    }
    func wait() -> Data {
      done.wait()
      return data
    }
  }
}

/// A folder for one test, with files of the given texts.
final class Folder {
  let url: URL

  init(_ files: [String: String] = [:]) throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("graft-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    for (name, text) in files { try write(name, text) }
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func write(_ name: String, _ text: String) throws {
    let file = url.appendingPathComponent(name)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: file, atomically: true, encoding: .utf8)
  }

  func read(_ name: String) throws -> String { try String(contentsOf: url.appendingPathComponent(name), encoding: .utf8) }
  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: url.appendingPathComponent(name).path) }
  var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []).sorted() }

  func graft(_ arguments: String..., input: String = "") throws -> GraftProcess { try GraftProcess(arguments, input: input, in: url) }
}

/// The repository's root.
let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

func samplePath(_ name: String) -> String { repository.appendingPathComponent("Examples/Models/\(name).graft").path }
