/// One message to the user. Every diagnostic is made by a named constructor in this folder, which fixes its code and its wording.
public struct Diagnostic: Sendable {
  public enum Severity: String, Sendable, Comparable {
    case info, warning, error
    public static func < (a: Self, b: Self) -> Bool {
      func rank(_ s: Self) -> Int {
        switch s {
        case .info: 0
        case .warning: 1
        case .error: 2
        }
      }
      return rank(a) < rank(b)
    }
  }
  public struct Note: Sendable {
    public var message: String
    public var range: SourceRange?
    public init(_ message: String, at range: SourceRange? = nil) {
      self.message = message
      self.range = range
    }
  }
  /// A remedy that a tool could apply: each edit replaces a range by a text.
  public struct Fix: Sendable {
    public var title: String
    public var edits: [(range: SourceRange, text: String)]
    public init(title: String, edits: [(range: SourceRange, text: String)]) {
      self.title = title
      self.edits = edits
    }
  }

  /// `G0123`: stable, listed in Documentation/Diagnostics.md.
  public var code: String
  public var severity: Severity
  /// One sentence, no full stop, naming what was found and what was expected.
  public var message: String
  public var range: SourceRange
  /// What stands under the caret, in a few words; may be empty.
  public var label: String
  public var notes: [Note]
  /// What to do about it, in the imperative; nil where nothing useful is known.
  public var help: String?
  public var fixes: [Fix]

  public init(
    code: String, severity: Severity = .error, message: String, range: SourceRange, label: String = "",
    notes: [Note] = [], help: String? = nil, fixes: [Fix] = []
  ) {
    self.code = code
    self.severity = severity
    self.message = message
    self.range = range
    self.label = label
    self.notes = notes
    self.help = help
    self.fixes = fixes
  }
}
