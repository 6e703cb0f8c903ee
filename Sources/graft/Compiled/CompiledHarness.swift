import Codegen
import Foundation
import ModelDSL

/// A program made of generated files and a main of its own, compiled by one call of `swiftc -O`. It may hold many modules, which must have
/// different namespaces.
struct CompiledHarness {
  private struct Function {
    let procedure: Procedure
    let precision: Precision
  }
  private var sources: [(name: String, text: String)] = []
  private var texts: [String] = []
  private var functions: [Int: Function] = [:]
  private var folder: String?
  private let cpu: TargetCPU

  init(cpu: TargetCPU = .baseline) { self.cpu = cpu }

  /// Adds a module's generated Swift.
  mutating func add(_ module: Module) {
    let options = EmissionOptions(access: .internal, modelFile: "\(module.namespace).graft", cpu: cpu)
    sources.append(("\(module.namespace).swift", emit(module, options: options)))
  }

  /// Adds a call; the number that comes back stands for it in `run`.
  mutating func add(_ site: CallSite, procedure: Procedure, precision: Precision) -> Int {
    let number = texts.count
    texts.append(site.harnessFunction(number: number, procedure: procedure, precision: precision))
    functions[number] = Function(procedure: procedure, precision: precision)
    return number
  }

  /// Adds `Parameters(seed:)` of a model; the number that comes back stands for it in `initialParameters`.
  mutating func addInitializer(of site: CallSite) -> Int {
    texts.append(
      """
      func call\(texts.count)(_ reader: inout HarnessReader, _ writer: inout HarnessWriter) throws {
        let seed: Int = reader.number()
        writer.array(\(site.namespace).Parameters(seed: UInt64(bitPattern: Int64(seed))).flat)
      }

      """)
    return texts.count - 1
  }

  /// Compiles into a folder, which must outlive the runs.
  mutating func compile(in folder: String) throws {
    var paths: [String] = []
    let sanitizer = try Sanitizer.requested()
    if let sanitizer { sources = sources.map { ($0.name, sanitizer.prepared($0.text)) } }
    let main =
      harnessRuntime + (sanitizer == nil ? "" : Sanitizer.support) + texts.joined(separator: "\n") + harnessMain(callCount: texts.count)
    for (name, text) in sources + [("main.swift", main)] {
      let path = Files.join(folder, name)
      try Files.replace(path, with: text)
      paths.append(path)
    }
    let result = try Subprocess.run(
      "swiftc",
      ["-O", "-whole-module-optimization", "-suppress-warnings", "-module-name", "Harness", "-o", Files.join(folder, "harness")]
        + (sanitizer?.options ?? []) + paths)
    if result.status != 0 {
      let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
      throw RunError("the generated Swift does not compile:\n" + lines.prefix(20).joined(separator: "\n"))
    }
    self.folder = folder
  }

  /// Runs calls one after the other in one process. A call that throws gives its error.
  func run(_ calls: [(number: Int, binding: Binding)]) throws -> [Result<[ArrayValue], RunError>] {
    var writer = ByteWriter()
    for (number, binding) in calls {
      guard let function = functions[number] else { throw RunError("no call has the number \(number)") }
      let procedure = function.procedure
      writer.number(number)
      for symbol in procedure.sizes { writer.number(binding.sizes[symbol] ?? 0) }
      for value in binding.inputs { writer.add(value, precision: function.precision) }
      for result in procedure.body.results {
        let type = procedure.values[result]
        if !type.isScalar { writer.number(try shape(of: type, binding).reduce(1, *)) }
      }
    }
    var reader = ByteReader(bytes: try exchange(writer.bytes))
    return try calls.map { number, binding in
      if reader.integer() != 0 { return .failure(RunError(reader.text())) }
      let function = functions[number]!
      return .success(
        try function.procedure.body.results.map { result in
          let type = function.procedure.values[result]
          return reader.value(type.element, shape: try shape(of: type, binding), isScalar: type.isScalar, precision: function.precision)
        })
    }
  }

  /// The parameters that a model starts with, one after the other.
  func initialParameters(_ number: Int, seed: Int, precision: Precision) throws -> [Double] {
    var writer = ByteWriter()
    writer.number(number)
    writer.number(seed)
    var reader = ByteReader(bytes: try exchange(writer.bytes))
    if reader.integer() != 0 { throw RunError(reader.text()) }
    let count = reader.integer()
    return reader.reals(count, precision: precision)
  }

  private func exchange(_ request: [UInt8]) throws -> [UInt8] {
    guard let folder else { throw RunError("the harness is not compiled") }
    let (input, output) = (Files.join(folder, "request"), Files.join(folder, "response"))
    try Data(request).write(to: URL(fileURLWithPath: input))
    let outcome = try Subprocess.run(Files.join(folder, "harness"), [input, output])
    if outcome.status != 0 { throw RunError("the compiled program stopped:\n\(outcome.output)") }
    return try Files.read(output)
  }

  private func shape(of type: ValueType, _ binding: Binding) throws -> [Int] {
    try type.shape.map { size in
      guard let count = size.evaluated(binding.sizes), count >= 0 else { throw RunError("the size \(size) of a result is not known") }
      return count
    }
  }
}

private struct ByteWriter {
  var bytes: [UInt8] = []

  mutating func number<Number: BitwiseCopyable>(_ number: Number) { withUnsafeBytes(of: number) { bytes += $0 } }

  mutating func add(_ value: ArrayValue, precision: Precision) {
    let isScalar = value.shape.isEmpty
    if !isScalar { number(value.count) }
    switch value.elements {
    case .real(let numbers): for real in numbers { if precision == .single { number(Float(real)) } else { number(real) } }
    case .integer(let numbers):
      for integer in numbers { if isScalar { number(integer) } else { number(Int32(truncatingIfNeeded: integer)) } }
    case .boolean(let truths): for truth in truths { number(truth) }
    }
  }
}

private struct ByteReader {
  let bytes: [UInt8]
  var place = 0

  mutating func number<Number: BitwiseCopyable>(_: Number.Type) -> Number {
    let number = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: Number.self) }
    place += MemoryLayout<Number>.size
    return number
  }

  mutating func integer() -> Int { number(Int.self) }

  mutating func text() -> String {
    let count = integer()
    return String(decoding: (0..<count).map { _ in number(UInt8.self) }, as: UTF8.self)
  }

  mutating func reals(_ count: Int, precision: Precision) -> [Double] {
    (0..<count).map { _ in precision == .single ? Double(number(Float.self)) : number(Double.self) }
  }

  mutating func value(_ element: Element, shape: [Int], isScalar: Bool, precision: Precision) -> ArrayValue {
    let count = isScalar ? 1 : integer()
    switch element {
    case .real: return .reals(reals(count, precision: precision), shape: shape)
    case .integer: return .integers((0..<count).map { _ in isScalar ? integer() : Int(number(Int32.self)) }, shape: shape)
    case .boolean: return .booleans((0..<count).map { _ in number(UInt8.self) != 0 }, shape: shape)
    }
  }
}
