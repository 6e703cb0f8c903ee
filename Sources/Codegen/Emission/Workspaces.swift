import ModelDSL

/// The memory of one generated function.
struct FunctionWorkspace {
  let entry: Entry
  let memory: Int?

  func declaration(_ text: inout Text, access: String) {
    let name = entry.workspaceType!
    let kernel = entry.kernel
    let sizes = kernel.plan.sizes.map { entry.sizeName($0) }
    let parameters = sizes.map { "\($0): Int" }
    text.documentation(["The memory of `\(entry.name)`: made once, used by call after call."])
    text.block("\(access) struct \(name): ~Copyable, @unchecked Sendable") { text in
      WorkspaceText(
        access: access, sizes: sizes, parameters: parameters, arguments: sizes.map { "\($0): \($0)" },
        stored: sizes.map { ($0, "Int", $0) },
        checks: sizes.map { "if \($0) < 0 { fatalError(\"\($0) is negative\") }" }, memory: memory
      ).members(&text) { text in
        text.line("return " + kernel.byteCount(size: { entry.sizeName($0) }, threads: "1"))
      }
    }
  }
}

/// What every workspace has: memory of its own or of the caller's.
struct WorkspaceText {
  var access: String
  var sizes: [String]
  /// Of the initialisers, and of `byteCount`.
  var parameters: [String]
  var arguments: [String]
  /// Properties: name, type, value.
  var stored: [(name: String, type: String, value: String)]
  var checks: [String]
  /// The most bytes that it may take.
  var memory: Int?

  func members(_ text: inout Text, count: (inout Text) -> Void) {
    text.line("fileprivate let memory: UnsafeMutableRawPointer")
    text.line("private let isOwned: Bool")
    text.line("/// The bytes that it takes.")
    text.line("\(access) let byteCount: Int")
    for property in stored { text.line("\(access) let \(property.name): \(property.type)") }
    text.line()
    text.documentation(["The bytes that a workspace for these sizes takes."])
    text.call("\(access) static func byteCount", parameters, " -> Int {")
    text.indented { count(&$0) }
    text.line("}")
    text.line()
    text.documentation(["Allocates the memory, all that is ever needed."])
    text.call("\(access) init", parameters, " {")
    text.indented { text in
      text.lines(checks)
      text.call("byteCount = Self.byteCount", arguments)
      if let memory { text.line("if byteCount > \(memory) { shortage(byteCount, \(memory)) }") }
      text.line("memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)")
      text.line("isOwned = true")
      for property in stored { text.line("self.\(property.name) = \(property.value)") }
    }
    text.line("}")
    text.line()
    text.documentation(["Lives in memory of the caller's, which outlives it: at least `byteCount` bytes, aligned to 64."])
    text.call("\(access) init", parameters + ["in memory: UnsafeMutableRawBufferPointer"], " {")
    text.indented { text in
      text.lines(checks)
      text.call("byteCount = Self.byteCount", arguments)
      if let memory { text.line("if byteCount > \(memory) { shortage(byteCount, \(memory)) }") }
      text.line("guard let start = memory.baseAddress, memory.count >= byteCount, Int(bitPattern: start) & 63 == 0 else {")
      text.line("  fatalError(\"the memory for a workspace is too small, or not aligned to 64 bytes\")")
      text.line("}")
      text.line("self.memory = start")
      text.line("isOwned = false")
      for property in stored { text.line("self.\(property.name) = \(property.value)") }
    }
    text.line("}")
    text.line()
    text.line("deinit { if isOwned { memory.deallocate() } }")
  }
}
