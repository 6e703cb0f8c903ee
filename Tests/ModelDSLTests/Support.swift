import Foundation
import XCTest

@testable import ModelDSL

/// The root of the repository.
let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// Parses a text as a file of its own.
func parse(_ text: String, path: String = "test.graft") -> (tree: FileTree, diagnostics: [Diagnostic]) {
  parse(SourceFile(path: path, text: text), id: FileID(0))
}

/// The diagnostics of a text, rendered without colours.
func rendered(_ text: [UInt8], path: String = "test.graft") -> String {
  var sources = SourceMap()
  let file = SourceFile(path: path, text: text)
  let id = sources.add(file)
  return render(parse(file, id: id).diagnostics, sources: sources, color: false)
}

func rendered(_ text: String, path: String = "test.graft") -> String { rendered(Array(text.utf8), path: path) }

/// Runs `body` with the stack that the command line gives to the compiler.
func withLargeStack(_ body: @escaping @Sendable () -> Void) {
  let done = DispatchSemaphore(value: 0)
  let thread = Thread {
    body()
    done.signal()
  }
  thread.stackSize = 512 << 20
  thread.start()
  done.wait()
}

/// The files with an ending in a folder of the repository, sorted by name.
func files(in folder: String, ending: String) throws -> [URL] {
  try FileManager.default.contentsOfDirectory(at: repository.appendingPathComponent(folder), includingPropertiesForKeys: nil)
    .filter { $0.pathExtension == ending }
    .sorted { $0.lastPathComponent < $1.lastPathComponent }
}
