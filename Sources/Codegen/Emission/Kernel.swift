import ModelDSL

/// The private structure that runs one procedure: its arguments and its memory as properties, its code as methods.
struct Kernel {
  let plan: Plan
  let precision: Precision
  private let lanes: Int
  /// `PredictCall`
  let name: String
  let fieldNames: [String]
  let sizeNames: [SizeSymbol: String]
  let loopNames: [String: String]
  private let reserved: Set<String>

  /// Words that the structure uses itself.
  private static let ownNames: Set<String> = [
    "memory", "lane", "threads", "end", "call", "chunk", "chunks", "sums", "run", "byteCount", "sharedByteCount", "laneByteCount",
    "sumByteCount",
    "onLane", "add", "bytes", "failed", "total", "Int", "Int32", "Float", "Double", "Bool",
  ]

  init(_ procedure: Procedure, name: String, batch: SizeSymbol?, context: KernelContext) {
    precision = context.precision
    lanes = context.cpu.lanes(context.precision)
    plan = Planner.plan(procedure, batch: batch).withSplitRanges().vectorized(lanes: lanes).split()
    self.name = name
    loopNames = context.loopNames
    let reserved = context.reserved
    var names = NameScopes(reserved: reserved.union(Self.ownNames))
    var sizes: [SizeSymbol: String] = [:]
    for size in plan.sizes + plan.roots.map(\.symbol) { sizes[size] = names.take(size.name) }
    sizeNames = sizes
    fieldNames = plan.fields.map { $0.slot == nil && ($0.role == .shared || $0.role == .lane) ? "" : names.take($0.name) }
    var taken = reserved.union(Self.ownNames).union(sizes.values).union(fieldNames)
    // Backticks do not make another name.
    taken.formUnion(taken.map { $0.filter { $0 != "`" } })
    self.reserved = taken
  }

  var isParallel: Bool { plan.isParallel }
  var hasMemory: Bool { plan.hasMemory }
  var hasLanes: Bool { plan.slots.contains(where: \.isLane) || hasSums }
  var hasSums: Bool { plan.fields.contains { $0.isSummed } }
  private var sizeList: [String] { plan.sizes.map { sizeNames[$0]! } }

  /// The types of what `run` returns.
  var numbers: [Element] {
    plan.results.compactMap { if case .number(_, let element) = $0 { element } else { nil } }
  }

  private var resultType: String {
    let types = numbers.map { $0.swiftType(precision) }
    return types.isEmpty ? "" : " -> " + (types.count == 1 ? types[0] : "(" + types.joined(separator: ", ") + ")")
  }

  /// Parameters of the initialiser, as `label: type`.
  private var parameters: [(label: String, type: String)] {
    var result = sizeList.map { (label: $0, type: "Int") }
    if isParallel { result.append((label: "threads", type: "Int")) }
    for (field, name) in zip(plan.fields, fieldNames) {
      switch field.role {
      case .argument: result.append((label: name, type: field.element.swiftType(precision)))
      case .input: result.append((label: name, type: "UnsafePointer<\(field.element.storedType(precision))>"))
      case .result: result.append((label: name, type: "UnsafeMutablePointer<\(field.element.storedType(precision))>"))
      case .shared, .lane: break
      }
    }
    if hasMemory { result.append((label: "memory", type: "UnsafeMutableRawPointer")) }
    return result
  }

  /// The expression that makes one, from the expressions for sizes, fields, threads and memory.
  func construction(size: (SizeSymbol) -> String, field: (Plan.FieldID) -> String, threads: String, memory: String) -> [String] {
    var arguments = plan.sizes.map { "\(sizeNames[$0]!): \(size($0))" }
    if isParallel { arguments.append("threads: \(threads)") }
    for (index, value) in plan.fields.enumerated() where value.role == .argument || value.role == .input || value.role == .result {
      arguments.append("\(fieldNames[index]): \(field(Plan.FieldID(index: index)))")
    }
    if hasMemory { arguments.append("memory: \(memory)") }
    return arguments
  }

  /// `PredictCall.byteCount(batch: …)`
  func byteCount(size: (SizeSymbol) -> String, threads: String) -> String {
    let arguments = plan.sizes.map { "\(sizeNames[$0]!): \(size($0))" } + (isParallel ? ["threads: \(threads)"] : [])
    return "\(name).byteCount(\(arguments.map { Identifier.argument($0) }.joined(separator: ", ")))"
  }

  // MARK: Printing

  private func printer(_ depth: Int) -> FunctionPrinter {
    FunctionPrinter(
      plan: plan, precision: precision, lanes: lanes, fieldNames: fieldNames, sizeNames: sizeNames, loopNames: loopNames,
      names: NameScopes(reserved: reserved), text: Text(depth: depth))
  }

  /// The body of `run` alone, for a procedure on numbers that needs no structure; nil where it needs one.
  func inlineBody(depth: Int, functions: inout Set<EmittedFunction>) -> Text? {
    guard plan.fields.allSatisfy({ $0.role == .argument || $0.slot == nil && ($0.role == .shared || $0.role == .lane) }), !hasMemory else {
      return nil
    }
    var printer = printer(depth)
    printer.scope { printer in
      printer.print(plan.body)
      printer.printReturn()
    }
    if !printer.parts.isEmpty { return nil }
    functions.formUnion(printer.functions)
    return printer.text
  }

  func declaration(_ text: inout Text, title: String, functions: inout Set<EmittedFunction>) {
    text.documentation(["One call of `\(title)`: its arguments, its memory and its code."])
    text.block("private struct \(name): @unchecked Sendable") { text in
      properties(&text)
      text.line()
      initializer(&text, &functions)
      text.line()
      methods(&text, &functions)
      if hasMemory {
        text.line()
        byteCounts(&text, &functions)
      }
      if hasLanes {
        text.line()
        lanes(&text, &functions)
      }
    }
  }

  private func properties(_ text: inout Text) {
    let numbers = sizeList + plan.roots.map { sizeNames[$0.symbol]! } + (isParallel ? ["threads"] : [])
    if !numbers.isEmpty { text.line("let \(numbers.map { "\($0): Int" }.joined(separator: ", "))") }
    for (field, name) in zip(plan.fields, fieldNames) {
      let stored = field.element.storedType(precision)
      switch field.role {
      case .argument: text.line("let \(name): \(field.element.swiftType(precision))")
      case .input: text.line("let \(name): UnsafePointer<\(stored)>")
      case .result: text.line("\(field.isSummed ? "var" : "let") \(name): UnsafeMutablePointer<\(stored)>")
      case .shared, .lane:
        if field.slot == nil { continue }
        text.line("\(field.isSummed ? "var" : "let") \(name): UnsafeMutablePointer<\(stored)>")
      }
    }
    if isParallel && hasMemory { text.line("let memory: UnsafeMutableRawPointer") }
  }

  private func initializer(_ text: inout Text, _ functions: inout Set<EmittedFunction>) {
    var list = parameters.map { "\($0.label): \($0.type)" }
    let hasLane = isParallel && plan.slots.contains(where: \.isLane)
    if hasLane { list.append("lane: Int = 0") }
    // Not inlined: so many fields would slow the compiler down wherever they went.
    text.line("@inline(never)")
    text.call("init", list, " {")
    text.indented { text in
      for parameter in parameters where parameter.label != "memory" || isParallel {
        text.line("self.\(parameter.label) = \(parameter.label)")
      }
      for root in roots(plan.roots, &text, &functions) { text.line("self.\(root) = \(root)") }
      guard hasMemory else { return }
      text.line("var end: UnsafeMutableRawPointer = memory")
      place(&text, isLane: false, &functions)
      if hasLane {
        text.line("end = memory + (Self.sharedByteCount(\(sizeArguments)) &+ lane &* Self.laneByteCount(\(sizeArguments)))")
        place(&text, isLane: true, &functions)
      }
    }
    text.line("}")
  }

  private var sizeArguments: String { sizeList.map { Identifier.argument("\($0): \($0)") }.joined(separator: ", ") }

  /// Works out the sizes that follow from those given; gives their names.
  private func roots(_ roots: [SizeRoot], _ text: inout Text, _ functions: inout Set<EmittedFunction>) -> [String] {
    roots.map { root in
      functions.insert(.root)
      text.line("let \(sizeNames[root.symbol]!): Int = root(\(root.degree), of: \(size(root.radicand)))")
      return sizeNames[root.symbol]!
    }
  }

  /// The pointers into one part of memory, slot by slot.
  private func place(_ text: inout Text, isLane: Bool, _ functions: inout Set<EmittedFunction>) {
    var first: [Int: String] = [:]
    for (field, name) in zip(plan.fields, fieldNames) {
      guard let slot = field.slot, plan.slots[slot].isLane == isLane else { continue }
      if let other = first[slot] {
        // Never alive at the same time.
        text.line("\(name) = \(other)")
        continue
      }
      first[slot] = name
      text.line("\(name) = \(take(field, &functions))")
    }
  }

  private func take(_ field: Plan.Field, _ functions: inout Set<EmittedFunction>) -> String {
    let function = EmittedFunction.take(field.element, precision)
    functions.insert(function)
    return "\(function.name)(\(size(field.count)), at: &end)"
  }

  private func size(_ size: Size) -> String { size.code { sizeNames[$0]! }.text }

  /// Whether `run` returns what its caller must look at: see `witness`.
  var returnsWitness: Bool { plan.mayFail && numbers.isEmpty && plan.fields.contains(where: \.isPointer) }

  private func methods(_ text: inout Text, _ functions: inout Set<EmittedFunction>) {
    var printer = printer(text.level)
    printer.text.line("@inline(never)")
    let witness = plan.mayFail && numbers.isEmpty ? printer.witness : nil
    printer.text.open("func run()\(plan.mayFail ? " throws(Failure)" : "")\(witness == nil ? resultType : " -> Bool")")
    printer.scope { printer in
      printer.print(plan.body)
      printer.printReturn()
      if let witness { printer.text.line("return \(witness)") }
    }
    printer.text.close()
    while !printer.parts.isEmpty || !printer.regions.isEmpty {
      printer.lastNotes = []
      printer.text.line()
      if !printer.regions.isEmpty {
        printer.printRegion(printer.regions.removeFirst(), self)
      } else {
        printer.printPart(printer.parts.removeFirst())
      }
    }
    functions.formUnion(printer.functions)
    text.append(printer.text)
  }

  // MARK: Memory

  private func byteCounts(_ text: inout Text, _ functions: inout Set<EmittedFunction>) {
    let arguments = sizeList.map { "\($0): Int" }
    let lane = plan.slots.filter(\.isLane)
    let shared = plan.slots.filter { !$0.isLane }
    let sums = plan.fields.filter(\.isSummed).map { Plan.Slot(element: $0.element, count: $0.count, isLane: false) }
    if !isParallel {
      text.documentation(["The size of `memory`."])
      text.block("static func byteCount(\(arguments.joined(separator: ", "))) -> Int") { count(&$0, shared, &functions) }
      return
    }
    text.documentation(["The size of `memory`: what all threads share, what each has of its own, and the sums of chunks."])
    let call = sizeArguments
    text.block("static func byteCount(\((arguments + ["threads: Int"]).joined(separator: ", "))) -> Int") { text in
      text.line("var bytes: Int = sharedByteCount(\(call))")
      text.line("bytes &+= threads &* laneByteCount(\(call))")
      if !sums.isEmpty { text.line("bytes &+= (threads > 1 ? \(Kernel.chunks) : 1) &* sumByteCount(\(call))") }
      text.line("return bytes")
    }
    for (name, slots) in [("shared", shared), ("lane", lane)] + (sums.isEmpty ? [] : [("sum", sums)]) {
      text.line()
      text.block("static func \(name)ByteCount(\(arguments.joined(separator: ", "))) -> Int") { count(&$0, slots, &functions) }
    }
  }

  /// The batch is cut into so many parts, whatever the number of threads.
  static let chunks = 8

  private func count(_ text: inout Text, _ slots: [Plan.Slot], _ functions: inout Set<EmittedFunction>) {
    if slots.isEmpty { return text.line("return 0") }
    _ = roots(plan.roots.filter { root in slots.contains { $0.count.symbols.contains(root.symbol) } }, &text, &functions)
    text.line("var bytes: Int = 0")
    for slot in slots {
      let bytes = slot.count * Size(slot.element.bytes(precision))
      if let constant = bytes.constant {
        text.line("bytes &+= \((constant + 63) / 64 * 64)")
      } else {
        text.line("bytes &+= (\(size(bytes)) &+ 63) & ~63")
      }
    }
    text.line("return bytes")
  }

  // MARK: Sums over chunks

  private func lanes(_ text: inout Text, _ functions: inout Set<EmittedFunction>) {
    let lane = plan.slots.contains(where: \.isLane) ? ["lane: lane"] : []
    if !hasSums {
      text.documentation(["The call as one thread makes it: with memory of its own."])
      text.block("func onLane(_ lane: Int) -> Self") { text in
        text.call("Self", parameters.map { "\($0.label): \($0.label)" } + lane)
      }
      return
    }
    let summed = zip(plan.fields, fieldNames).filter { $0.0.isSummed }
    text.documentation(["The call as one thread makes it for one chunk: with memory and sums of its own."])
    text.block("func onLane(_ lane: Int, sums: Int) -> Self") { text in
      let arguments = parameters.map { "\($0.label): \($0.label)" } + lane
      text.call("var call: Self = Self", arguments)
      text.line("let start: Int = Self.byteCount(\(sizeArguments), threads: threads)")
      text.line("let bytes: Int = Self.sumByteCount(\(sizeArguments))")
      text.line("var end: UnsafeMutableRawPointer = memory + (start &- ((threads > 1 ? \(Kernel.chunks) : 1) &- sums) &* bytes)")
      for (field, name) in summed { text.line("call.\(name) = \(take(field, &functions))") }
      text.line("return call")
    }
    text.line()
    text.documentation(["Adds the sums of one chunk to those of the call."])
    text.block("func add(_ chunk: Self)") { text in
      for (field, name) in summed {
        if field.count.constant == 1 {
          text.line("\(name)[0] += chunk.\(name)[0]")
          continue
        }
        let function = EmittedFunction.addArrays(field.element, precision)
        functions.insert(function)
        text.line("\(function.name)(chunk.\(name), to: \(name), count: \(size(field.count)))")
      }
    }
  }

  func clearing(_ text: inout Text, _ sums: [Plan.FieldID]) {
    for sum in sums {
      text.line("\(fieldNames[sum.index]).update(repeating: 0, count: \(size(plan[sum].count)))")
    }
  }
}

extension FunctionPrinter {
  mutating func printReturn() {
    var numbers: [String] = []
    for case .number(let expression, _) in plan.results { numbers.append(code(expression).text) }
    if numbers.isEmpty { return }
    text.line("return " + (numbers.count == 1 ? numbers[0] : "(" + numbers.joined(separator: ", ") + ")"))
  }

  /// What a function that may fail returns where it has no result: whether an address is impossible, which its caller looks at. Without a result
  /// a copy at its end would be a jump to `memmove`, from which, in Swift 6.3 with optimisation, the register that says whether an error was
  /// thrown comes back in any state. Nil where there is nothing to copy.
  var witness: String? {
    guard let place = plan.fields.indices.first(where: { plan.fields[$0].isPointer }) else { return nil }
    return "Int(bitPattern: \(fieldNames[place])) == 1"
  }

  private mutating func parameter(_ local: Plan.Local) -> String { "_ \(declare(local)): \(type(local))" }

  mutating func printPart(_ part: Plan.Part) {
    enterScope()
    let list = part.parameters.map { parameter($0) } + part.changed.map { "_ \(declare($0)): inout \(type($0))" }
    let types = part.results.map { type($0) }
    let result = types.isEmpty ? "" : " -> " + (types.count == 1 ? types[0] : "(" + types.joined(separator: ", ") + ")")
    let witness = part.mayFail && types.isEmpty ? witness : nil
    text.call("func \(part.name)", list, "\(part.mayFail ? " throws(Failure)" : "")\(witness == nil ? result : " -> Bool") {")
    text.enter()
    print(part.body)
    if !types.isEmpty {
      let names = part.results.map { name($0) }
      text.line("return " + (names.count == 1 ? names[0] : "(" + names.joined(separator: ", ") + ")"))
    } else if let witness {
      text.line("return \(witness)")
    }
    text.close()
    leaveScope()
  }

  /// The loop over the batch: chunk by chunk, on one thread or several.
  mutating func printRegion(_ printed: PrintedRegion, _ kernel: Kernel) {
    let region = printed.region
    let batch = sizeNames[region.batch]!
    let hasSums = !region.sums.isEmpty
    let tries = region.mayFail ? "try " : ""
    let throwing = region.mayFail ? " throws(Failure)" : ""
    func lane(_ number: String, _ sums: String) -> String {
      kernel.hasLanes ? (kernel.hasSums ? "onLane(\(number), sums: \(sums))" : "onLane(\(number))") : "self"
    }
    names.push()
    let list = printed.captured.map { parameter($0) }
    let samples = "\(printed.name)Samples(" + (["chunk", "of: chunks"] + printed.captured.map { name($0) }).joined(separator: ", ") + ")"
    text.documentation(["The batch in fixed chunks, added up in order, so that the bits are the same for every number of threads."])
    text.call("func \(printed.name)", list, throwing + " {")
    text.indented { text in
      text.line("let chunks: Int = \(batch) < \(Kernel.chunks) ? \(batch) : \(Kernel.chunks)")
      text.directive("#if canImport(Dispatch) && !hasFeature(Embedded)")
      text.block("if threads > 1") { text in
        let failed = region.failed.map { fieldNames[$0.index] }
        if let failed { text.line("\(failed).update(repeating: false, count: \(Kernel.chunks))") }
        text.block("DispatchQueue.concurrentPerform(iterations: threads)", parameters: "thread in") { text in
          text.line("var chunk: Int = thread")
          text.block("while chunk < chunks") { text in
            if let failed {
              text.line("do throws(Failure) { try \(lane("thread", "chunk")).\(samples) } catch { \(failed)[chunk] = true }")
            } else {
              text.line("\(lane("thread", "chunk")).\(samples)")
            }
            text.line("chunk &+= threads")
          }
        }
        if hasSums || failed != nil {
          text.line("var chunk: Int = 0")
          if let failed {
            text.block("while chunk < chunks") { text in
              // Again, for the error itself.
              text.line("if \(failed)[chunk] { try \(lane("0", "chunk")).\(samples) }")
              text.line("chunk &+= 1")
            }
            if hasSums { text.line("chunk = 0") }
          }
          if hasSums {
            text.block("while chunk < chunks") { text in
              text.line("add(\(lane("0", "chunk")))")
              text.line("chunk &+= 1")
            }
          }
        }
        text.line("return")
      }
      text.directive("#endif")
      text.line("var chunk: Int = 0")
      text.block("while chunk < chunks") { text in
        if hasSums {
          text.line("let part: Self = \(lane("0", "0"))")
          text.line("\(tries)part.\(samples)")
          text.line("add(part)")
        } else {
          text.line("\(tries)\(lane("0", "0")).\(samples)")
        }
        text.line("chunk &+= 1")
      }
    }
    text.line("}")
    names.pop()

    text.line()
    enterScope()
    let inner = ["_ chunk: Int", "of chunks: Int"] + printed.captured.map { parameter($0) }
    text.documentation(["The samples of one chunk."])
    text.call("func \(printed.name)Samples", inner, throwing + " {")
    text.enter()
    kernel.clearing(&text, region.sums)
    let index = declare(region.index)
    text.line("var \(index): Int = chunk &* \(batch) / chunks")
    text.line("let end: Int = (chunk &+ 1) &* \(batch) / chunks")
    text.open("while \(index) < end")
    if let samples = region.samples {
      let width = BatchTile.width
      let name = declare(samples)
      text.line("let \(name): Int = end &- \(index) < \(width) ? end &- \(index) : \(width)")
      scope { $0.print(region.body) }
      text.line("\(index) &+= \(name)")
    } else {
      scope { $0.print(region.body) }
      text.line("\(index) &+= 1")
    }
    text.close()
    text.close()
    leaveScope()
  }
}
