/// One text that takes part in a compilation: a model file, an imported file, or a file of the library.
public struct SourceFile: Sendable {
  /// The path as the user wrote it; for the library, `library/NAME.graft`.
  public let path: String
  /// The text in UTF-8. Every `SourceRange` counts these bytes.
  public let text: [UInt8]

  public init(path: String, text: [UInt8]) {
    self.path = path
    self.text = text
  }

  public init(path: String, text: String) {
    self.init(path: path, text: Array(text.utf8))
  }
}

/// Identifies a `SourceFile` within one compilation: its place in `SourceMap.files`.
public struct FileID: Hashable, Sendable {
  public let index: Int
  public init(_ index: Int) { self.index = index }
}

/// A half-open range of bytes of one file.
public struct SourceRange: Hashable, Sendable {
  public var file: FileID
  public var lower: Int
  public var upper: Int

  public init(file: FileID, lower: Int, upper: Int) {
    self.file = file
    self.lower = lower
    self.upper = upper
  }

  /// Whether the other range lies in this one; both must be of one file.
  public func contains(_ other: SourceRange) -> Bool { lower <= other.lower && other.upper <= upper }

  /// The smallest range that covers both; both must be of one file.
  public func union(_ other: SourceRange) -> SourceRange {
    SourceRange(file: file, lower: min(lower, other.lower), upper: max(upper, other.upper))
  }
}

/// The files of one compilation, in the order in which they were read.
public struct SourceMap: Sendable {
  public private(set) var files: [SourceFile] = []
  public init() {}

  public mutating func add(_ file: SourceFile) -> FileID {
    files.append(file)
    return FileID(files.count - 1)
  }

  public subscript(id: FileID) -> SourceFile { files[id.index] }

  /// The source text of a range.
  public func text(of range: SourceRange) -> String {
    String(decoding: self[range.file].text[range.lower..<range.upper], as: UTF8.self)
  }
}
