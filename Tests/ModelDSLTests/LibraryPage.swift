import Foundation

/// What `Documentation/Library.md` says, made from the library's files: signatures, and the first paragraphs of doc comments.
enum LibraryPage {
  /// The files in the order of the page.
  static let titles: [(file: String, title: String)] = [
    ("Functions", "Functions"), ("LinearAlgebra", "Linear algebra"), ("Losses", "Losses"), ("Surrogates", "Surrogate slopes"),
    ("Neurons", "Neurons"), ("Cells", "Cells"), ("Optimizers", "Optimisers"), ("Primitives", "Primitives and their derivatives"),
  ]
  /// The line of a file below which there is nothing to call.
  static let endMark = "// What the functions above are made of."

  static func text(of files: [(name: String, text: String)]) -> String {
    var page = """
      # The library

      The library is always in scope. It is written in the language itself: the sources are in `Sources/ModelDSL/Library`. A name of yours hides
      the library's; library code goes on seeing its own. Functions of numbers apply to arrays element by element.

      This page is made from those files by `GRAFT_UPDATE=1 swift test --filter LibraryPageTests`.

      """
    for (file, title) in titles {
      let text = files.first { $0.name == file + ".graft" }?.text ?? ""
      page += "\n## \(title)\n" + section(text, header: file == "Primitives" ? "| primitive | derivative |" : "| signature | meaning |")
    }
    return page
  }

  /// One file: its opening comment, then a table for each group of declarations.
  static func section(_ text: String, header: String) -> String {
    var result = "", rows: [String] = [], comment: [String] = [], documentation: [String] = []
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)[...]

    func closeGroup() {
      closeTable()
      let paragraphs = comment.split(separator: "").map { $0.joined(separator: " ") }
      result += paragraphs.map { "\n" + heading($0) + "\n" }.joined()
      comment = []
    }
    func closeTable() {
      if !rows.isEmpty { result += "\n\(header)\n|---|---|\n" + rows.joined(separator: "\n") + "\n" }
      rows = []
    }
    while let line = lines.popFirst(), line != endMark {
      if line.hasPrefix("///") {
        documentation.append(line.dropFirst(3).trimmingCharacters(in: .whitespaces))
      } else if line.hasPrefix("//") {
        comment.append(line.dropFirst(2).trimmingCharacters(in: .whitespaces))
      } else if line.isEmpty {
        if !comment.isEmpty { closeGroup() }
      } else if let rule = line.firstMatch(of: /^inject (.+?)' *(\(.*?\)) *= (.*)$/) {
        if !comment.isEmpty { closeGroup() }
        rows.append(row("\(rule.1)\(rule.2)", code(String(rule.3))))
      } else {
        // A declaration: its first lines up to the brace, and for a cell the whole body.
        var head = line
        while !head.contains("{"), let next = lines.popFirst() { head += " " + next.trimmingCharacters(in: .whitespaces) }
        var body: [String] = []
        if !head.hasSuffix("}") { while let next = lines.popFirst(), next != "}" { body.append(next) } }
        let paragraph = documentation.prefix { !$0.isEmpty }.joined(separator: " ")
        let signature = head.hasPrefix("cell ") ? cell(head, body) : function(head)
        if !paragraph.isEmpty { rows.append(row(signature, escaped(paragraph))) }
        documentation = []
      }
    }
    closeTable()
    return result
  }

  /// A short sentence is the heading of a group, a longer one text.
  private static func heading(_ comment: String) -> String {
    comment.count < 60 && comment.hasSuffix(".") && !comment.dropLast().contains(".") ? "### " + comment.dropLast() : comment
  }

  private static func function(_ head: String) -> String {
    let signature = head.prefix { $0 != "{" }.dropFirst("func ".count)
    return signature.trimmingCharacters(in: .whitespaces)
      .replacingOccurrences(of: "( ", with: "(").replacingOccurrences(of: " )", with: ")")
  }

  /// A cell as it is put to use: its sizes and settings in one list.
  private static func cell(_ head: String, _ body: [String]) -> String {
    let name = head.dropFirst("cell ".count).prefix { $0 != " " }
    let arguments = body.compactMap { line -> String? in
      let words = line.trimmingCharacters(in: .whitespaces)
      return ["size ", "setting "].first { words.hasPrefix($0) }.map { String(words.dropFirst($0.count)) }
    }
    return name + "(" + arguments.joined(separator: ", ") + ")"
  }

  private static func row(_ signature: String, _ meaning: String) -> String { "| \(code(signature)) | \(meaning) |" }
  private static func code(_ text: String) -> String { "`\(escaped(text))`" }
  private static func escaped(_ text: String) -> String { text.replacingOccurrences(of: "|", with: "\\|") }
}
