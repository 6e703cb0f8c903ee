import ModelDSL

/// Prints the steps of one function.
struct FunctionPrinter {
  let plan: Plan
  let precision: Precision
  /// Of the widest vectors.
  let lanes: Int
  /// What the fields and sizes are called where the function stands.
  let fieldNames: [String]
  let sizeNames: [SizeSymbol: String]
  /// How `Failure` names a loop.
  let loopNames: [String: String]
  var names: NameScopes
  var text: Text
  var localNames: [Plan.Local: String] = [:]
  /// Loop counters declared in each open scope that no running loop uses, by name: a later loop takes them up.
  var idleCounters: [[(wish: String, name: String)]] = [[]]
  var functions: Set<EmittedFunction> = []
  /// What is known of integers with a name: see `magnitude`.
  var magnitudes: [Plan.Local: Int] = [:]
  var isInOffset = false
  var lastNotes: [Note] = []
  /// Those that stand in each open scope: elementwise loops mix the lines of an equation and of its adjoint, and each is said once.
  var printedNotes: [Set<[Note]>] = [[]]
  /// Functions that the one being printed calls, still to be printed.
  var parts: [Plan.Part] = []
  var regions: [PrintedRegion] = []

  // MARK: Expressions

  func name(_ local: Plan.Local) -> String {
    guard let name = localNames[local] else { preconditionFailure("\(plan[local].name) is not in scope") }
    return name
  }

  func element(of expression: Plan.Expression) -> Element {
    switch expression {
    case .constant(.real), .dot, .multiplyAdd, .vector, .overlapping, .half, .splat, .gather, .lane, .total: .real
    case .constant(.integer), .size: .integer
    case .constant(.boolean): .boolean
    case .local(let local): if case .number(let element) = plan[local].type { element } else { .real }
    case .argument(let field): plan[field].element
    case .load(let pointer): pointer.element
    case .select(_, let a, _): element(of: a)
    case .primitive(let primitive, let operands):
      switch primitive.signature.result {
      case .real: .real
      case .integer: .integer
      case .boolean: .boolean
      case .number: element(of: operands[0])
      }
    }
  }

  mutating func code(_ expression: Plan.Expression) -> Code {
    switch expression {
    case .constant(.real(let value)): return precision.literal(value)
    case .constant(.integer(let value)): return Code(String(value), value < 0 ? .prefix : .atom)
    case .constant(.boolean(let value)): return Code(value ? "true" : "false")
    case .size(let size): return size.code { sizeNames[$0]! }
    case .local(let local): return Code(name(local))
    case .argument(let field): return Code(fieldNames[field.index])
    case .load(let pointer):
      let load = subscripted(pointer)
      return Code(pointer.element == .integer ? "Int(\(load))" : load)
    case .select(let test, let a, let b):
      if let lanes = lanes(expression) {
        functions.insert(EmittedFunction(.select, precision, lanes: lanes))
        return Code("chosen(\([test, a, b].map { code($0).text }.joined(separator: ", ")))")
      }
      let sides = code(a).within(.or) + " : " + code(b).within(.or)
      return Code(code(test).within(.or) + " ? " + sides, .ternary)
    case .dot(let a, let b, let count):
      functions.insert(EmittedFunction(.dot, precision))
      return Code("dot(\(place(a)), \(place(b)), \(code(count).text))")
    case .primitive(let primitive, let operands): return code(primitive, operands)
    case .multiplyAdd, .vector, .overlapping, .half, .splat, .gather, .lane, .total: return vectorCode(expression)
    }
  }

  private mutating func code(_ primitive: Primitive, _ operands: [Plan.Expression]) -> Code {
    let element = element(of: operands[0])
    let form = PrimitiveForm(primitive)
    let wraps = element == .integer && (isInOffset || cannotOverflow(primitive, operands))
    let wasInOffset = isInOffset
    if case .infix = form {} else { isInOffset = false }
    defer { isInOffset = wasInOffset }
    let codes = operands.map { code($0) }
    if let lanes = operands.compactMap({ lanes($0) }).first { return vectorCode(primitive, codes, lanes: lanes) }
    switch form {
    case .infix(let sign, let wrapping, let precedence):
      return .infix(codes[0], wraps ? wrapping ?? sign : sign, codes[1], precedence)
    case .negation:
      return element == .integer ? .infix(Code("0"), wraps ? "&-" : "-", codes[0], .sum) : Code("-" + codes[0].within(.atom), .prefix)
    case .not: return Code("!" + codes[0].within(.atom), .prefix)
    case .conversion: return Code("\(precision.rawValue)(\(codes[0].text))")
    case .condition: return Code(codes[0].within(.or) + " ? 1 : 0", .ternary)
    case .call(let function):
      functions.insert(EmittedFunction(function, precision, isInteger: element == .integer))
      return Code("\(function.swiftName)(\(codes.map(\.text).joined(separator: ", ")))")
    }
  }

  func base(_ pointer: Plan.Pointer) -> String {
    switch pointer.base {
    case .field(let field): fieldNames[field.index]
    case .local(let local): name(local)
    }
  }

  /// `base[offset]`
  mutating func subscripted(_ pointer: Plan.Pointer) -> String {
    base(pointer) + "[" + (pointer.offset.map { offsetCode($0).text } ?? "0") + "]"
  }

  /// `base + offset`
  mutating func place(_ pointer: Plan.Pointer) -> String { placeCode(pointer).text }

  mutating func placeCode(_ pointer: Plan.Pointer) -> Code {
    guard let offset = pointer.offset, offset.integerConstant != 0 else { return Code(base(pointer)) }
    return Code(base(pointer) + " + " + offsetCode(offset).within(.product), .sum)
  }

  func size(_ size: Size) -> String { size.code { sizeNames[$0]! }.text }

  // MARK: Steps

  mutating func declare(_ local: Plan.Local) -> String {
    let name = names.take(plan[local].name)
    localNames[local] = name
    return name
  }

  func type(_ local: Plan.Local) -> String { plan[local].type.swiftType(precision) }

  mutating func scope(_ body: (inout FunctionPrinter) -> Void) {
    enterScope()
    body(&self)
    leaveScope()
  }

  mutating func enterScope() {
    names.push()
    idleCounters.append([])
    printedNotes.append([])
  }

  mutating func leaveScope() {
    printedNotes.removeLast()
    idleCounters.removeLast()
    names.pop()
  }

  /// `head {`, the steps in a scope of their own, `}`.
  mutating func block(_ head: String, _ body: (inout FunctionPrinter) -> Void) {
    text.open(head)
    scope(body)
    lastNotes = []
    text.close()
  }

  mutating func print(_ steps: [Plan.Step]) {
    var printed: Set<Int> = []
    for (place, step) in steps.enumerated() where !printed.contains(place) {
      if step.isNote && (place + 1 == steps.count || steps[place + 1].isNote) { continue }
      if let (other, sine, cosine, angle) = steps.sineAndCosine(from: place) {
        printed.insert(other)
        printSineAndCosine(sine, cosine, of: angle)
      } else {
        print(step)
      }
    }
  }

  private mutating func printSineAndCosine(_ sine: Plan.Local, _ cosine: Plan.Local, of angle: Plan.Local) {
    let function = EmittedFunction(.sineAndCosine, precision, lanes: lanes(.local(angle)) ?? 1)
    functions.insert(function)
    let type = type(sine)
    let value = "\(function.name)(\(name(angle)))"
    text.line("let (\(declare(sine)), \(declare(cosine))): (\(type), \(type)) = \(value)")
  }

  mutating func print(_ step: Plan.Step) {
    switch step {
    case .notes(let notes):
      if notes == lastNotes || printedNotes[printedNotes.count - 1].contains(notes) { return }
      lastNotes = notes
      printedNotes[printedNotes.count - 1].insert(notes)
      for note in notes { text.line("// " + note.text) }
    case .define(let local, let value):
      if plan[local].type == .number(.integer) { magnitudes[local] = magnitude(value) }
      let value = code(value).text
      text.line("let \(declare(local)): \(type(local)) = \(value)")
    case .declare(let local): text.line("let \(declare(local)): \(type(local))")
    case .variable(let local, let value):
      let value = code(value).text
      text.line("var \(declare(local)): \(type(local)) = \(value)")
    case .assign(let local, let value): text.line("\(name(local)) = \(code(value).text)")
    case .increase(let local, let value):
      text.line("\(name(local)) += \(code(value).text)")
    case .pointer(let local, let pointer, let isVariable):
      let value = place(pointer)
      text.line("\(isVariable ? "var" : "let") \(declare(local)): \(type(local)) = \(value)")
    case .repoint(let local, let pointer): text.line("\(name(local)) = \(place(pointer))")
    case .swap(let a, let b): text.line("(\(name(a)), \(name(b))) = (\(name(b)), \(name(a)))")
    case .store(let pointer, let value) where lanes(value) != nil: storeVector(value, at: pointer, adding: false)
    case .add(let pointer, let value) where lanes(value) != nil: storeVector(value, at: pointer, adding: true)
    case .scatter(let value, let lane, let pointer, let isAdding): scatter(value, lane, to: pointer, isAdding: isAdding)
    case .store(let pointer, let value):
      text.line("\(subscripted(pointer)) = \(stored(value, in: pointer))")
    case .add(let pointer, let value):
      text.line("\(subscripted(pointer)) += \(stored(value, in: pointer))")
    case .fill(let pointer, let count, let value):
      text.line("\(placeCode(pointer).within(.atom)).update(repeating: \(stored(value, in: pointer)), count: \(code(count).text))")
    case .copy(let from, let to, let count):
      text.line("\(placeCode(to).within(.atom)).update(from: \(place(from)), count: \(size(count)))")
    case .product(let product): print(product)
    case .rowProduct(let product): print(product)
    case .rowSum(let sum): print(sum)
    case .loop(let loop): print(loop)
    case .bounded(let loop): print(loop)
    case .branch(let test, let then, let otherwise): print(test, then, otherwise)
    case .parallel(let region): print(region)
    case .call(let part): print(part)
    }
  }

  private mutating func stored(_ value: Plan.Expression, in pointer: Plan.Pointer) -> String {
    let text = code(value).text
    if pointer.element != .integer { return text }
    if case .constant = value { return text }
    return "Int32(\(text))"
  }

  private mutating func print(_ test: Plan.Expression, _ then: [Plan.Step], _ otherwise: [Plan.Step]) {
    if then.allSatisfy(\.isNote) {
      return block("if \(Code("!" + code(test).within(.atom)).text)") { $0.print(otherwise) }
    }
    if otherwise.allSatisfy(\.isNote) { return block("if \(code(test).text)") { $0.print(then) } }
    text.open("if \(code(test).text)")
    scope { $0.print(then) }
    text.close("} else {")
    scope { $0.print(otherwise) }
    lastNotes = []
    text.close()
  }

  /// A counter for a loop: one that an earlier loop of this scope has left, else a new one.
  mutating func counter(_ local: Plan.Local, start: String) -> (name: String, scope: Int) {
    magnitudes[local] = Self.sizeMagnitude
    let wish = plan[local].name
    let scope = idleCounters.count - 1
    if let place = idleCounters[scope].firstIndex(where: { $0.wish == wish }) {
      let name = idleCounters[scope].remove(at: place).name
      text.line("\(name) = \(start)")
      localNames[local] = name
      return (name, scope)
    }
    let name = declare(local)
    text.line("var \(name): Int = \(start)")
    return (name, scope)
  }

  /// The counter of the loop before, as it stands.
  private mutating func continued(_ local: Plan.Local) -> (name: String, scope: Int) {
    let name = name(local)
    let scope = idleCounters.count - 1
    idleCounters[scope].removeAll { $0.name == name }
    return (name, scope)
  }

  private mutating func print(_ loop: Plan.Loop) {
    if let spikes = loop.spikes { return print(loop, where: spikes.array, from: spikes.start) }
    let count = code(loop.count)
    let start = loop.start.map { code($0).text } ?? "0"
    let (name, scope) = loop.continues ? continued(loop.index) : counter(loop.index, start: loop.isDown ? count.text : start)
    let test =
      loop.isDown
      ? "\(name) > \(start)"
      : loop.stride > 1 ? "\(name) &+ \(loop.stride) <= \(count.within(.sum))" : "\(name) < \(count.within(.sum))"
    block("while \(test)") { printer in
      if loop.isDown { printer.text.line("\(name) &-= 1") }
      if let samples = loop.samples {
        let width = BatchTile.width
        let rest = Code.infix(count, "&-", Code(name), .sum).text
        printer.text.line("let \(printer.declare(samples)): Int = \(rest) < \(width) ? \(rest) : \(width)")
      }
      printer.print(loop.body)
      if !loop.isDown { printer.text.line("\(name) &+= \(loop.samples.map { printer.name($0) } ?? String(loop.stride))") }
    }
    idleCounters[scope].append((plan[loop.index].name, name))
  }

  /// A call of a function of its own.
  private mutating func print(_ part: Plan.Part) {
    let arguments = part.parameters.map { name($0) } + part.changed.map { "&" + name($0) }
    let call = (part.mayFail ? "try " : "") + "\(part.name)(\(arguments.joined(separator: ", ")))"
    parts.append(part)
    switch part.results.count {
    case 0: text.line(part.mayFail && witness != nil ? "if \(call) { fatalError() }" : call)
    case 1: text.line("let \(declare(part.results[0])): \(type(part.results[0])) = \(call)")
    default:
      let types = part.results.map { type($0) }.joined(separator: ", ")
      text.line("let (\(part.results.map { declare($0) }.joined(separator: ", "))): (\(types)) = \(call)")
    }
  }

  private mutating func print(_ region: Plan.Region) {
    let captured = region.captured
    let name = "runBatch" + (regions.isEmpty ? "" : String(regions.count + 1))
    regions.append(PrintedRegion(name: name, region: region, captured: captured))
    text.line("\(region.mayFail ? "try " : "")\(name)(\(captured.map { self.name($0) }.joined(separator: ", ")))")
  }

  private mutating func print(_ loop: Plan.BoundedLoop) {
    let counter = name(loop.counter)
    let failure = ".bound(loop: .\(loopNames[loop.name]!))"
    let bound = loop.bound.code { sizeNames[$0]! }.within(.sum)
    let isPlain = loop.conditionSteps.allSatisfy(\.isNote)
    let head = isPlain ? "while \(code(loop.condition).text)" : "while true"
    block(head) { printer in
      if !isPlain {
        printer.print(loop.conditionSteps)
        printer.text.line("if \(Code("!" + printer.code(loop.condition).within(.atom)).text) { break }")
      }
      printer.text.line("if \(counter) == \(bound) { throw \(failure) }")
      printer.print(loop.body)
      printer.text.line("\(counter) &+= 1")
    }
  }
}

extension [Plan.Step] {
  /// Where the step defines the sine or the cosine of a number and a later one, before that number changes, the other: the place of that one, and
  /// the three numbers.
  fileprivate func sineAndCosine(from place: Int) -> (other: Int, sine: Plan.Local, cosine: Plan.Local, angle: Plan.Local)? {
    guard case .define(let first, .primitive(let function, let operands)) = self[place], case .local(let angle)? = operands.first,
      function == .sin || function == .cos
    else { return nil }
    let wanted: Primitive = function == .sin ? .cos : .sin
    for other in indices.dropFirst(place + 1) {
      if case .define(let second, .primitive(wanted, operands)) = self[other] {
        return function == .sin ? (other, first, second, angle) : (other, second, first, angle)
      }
      var isChanged = false
      self[other].visitAssigned { if $0 == angle { isChanged = true } }
      if isChanged { return nil }
    }
    return nil
  }
}

extension Plan.LocalType {
  func swiftType(_ precision: Precision) -> String {
    switch self {
    case .number(let element): element.swiftType(precision)
    case .vector(let lanes): "SIMD\(lanes)<\(precision.rawValue)>"
    case .mask(let lanes): "SIMDMask<SIMD\(lanes)<Int\(precision.bytes * 8)>>"
    case .pointer(let element, let isMutable): "Unsafe\(isMutable ? "Mutable" : "")Pointer<\(element.storedType(precision))>"
    }
  }
}

extension Note {
  var text: String {
    switch direction {
    case .primal: equation
    case .tangent: "tangent of: " + equation
    case .adjoint: "adjoint of: " + equation
    }
  }
}

/// A loop over the batch, still to be printed.
struct PrintedRegion {
  var name: String
  var region: Plan.Region
  var captured: [Plan.Local]
}
