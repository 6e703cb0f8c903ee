import Foundation

/// What the file system refused, in words.
struct FileError: ReportedError {
  let message: String
  init(_ message: String) { self.message = message }

  fileprivate init(_ action: String, _ path: String) { self.init("cannot \(action) '\(path)': \(String(cString: strerror(errno)))") }
}

/// The only place that touches files.
enum Files {
  static func read(_ path: String) throws(FileError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY)
    if descriptor < 0 { throw FileError("read", path) }
    defer { close(descriptor) }
    return try readAll(descriptor, path)
  }

  static func readStandardInput() throws(FileError) -> [UInt8] { try readAll(STDIN_FILENO, "standard input") }

  private static func readAll(_ descriptor: Int32, _ path: String) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = chunk.withUnsafeMutableBytes { Foundation.read(descriptor, $0.baseAddress!, $0.count) }
      if count < 0 && errno == EINTR { continue }
      if count < 0 { throw FileError("read", path) }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
    }
  }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  static func createFolder(_ path: String) throws(FileError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw FileError(
        "cannot make the folder '\(path)': \(isFolder(path) ? "\(error)" : "something else is in the way, or it may not be made")")
    }
  }

  static func isFolder(_ path: String) -> Bool {
    var folder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &folder) && folder.boolValue
  }

  /// Puts `text` in the place of the file, at once: a reader sees the old file or the new one. A file that says the same is left alone.
  static func replace(_ path: String, with text: String) throws(FileError) {
    let bytes = Array(text.utf8)
    if exists(path), try read(path) == bytes { return }
    let temporary = path + ".\(getpid()).tmp"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    if descriptor < 0 { throw FileError("write", path) }
    var rest = bytes[...]
    var failed = false
    while !rest.isEmpty && !failed {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress!, $0.count) }
      if count < 0 && errno == EINTR { continue }
      failed = count <= 0
      rest = rest.dropFirst(max(0, count))
    }
    if !failed { failed = fsync(descriptor) != 0 }
    if !failed { failed = rename(temporary, path) != 0 }
    if failed {
      let error = FileError("write", path)
      close(descriptor)
      unlink(temporary)
      throw error
    }
    close(descriptor)
  }

  /// A new folder that only this run uses, removed after `body`.
  static func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    var template = Array((NSTemporaryDirectory() + "/graft-XXXXXX").utf8CString)
    guard let path = template.withUnsafeMutableBufferPointer({ mkdtemp($0.baseAddress!).map { String(cString: $0) } }) else {
      throw FileError("write", NSTemporaryDirectory())
    }
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
  }

  /// `models/ode.graft` gives `ode.graft`.
  static func name(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

  /// `models/ode.graft` gives `ode`.
  static func stem(of path: String) -> String {
    let name = name(of: path)
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
  }

  static func join(_ folder: String, _ name: String) -> String { folder.hasSuffix("/") ? folder + name : folder + "/" + name }
}
