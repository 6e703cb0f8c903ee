import Codegen
import Foundation
import ModelDSL

/// A program made of generated files and a main of its own, compiled by one call of `swiftc -O`. It may hold many modules, which must have
/// different namespaces.
struct CompiledHarness {
  /// One function of one module.
  private struct Function {
    let procedure: Procedure
    let precision: Precision
    let text: String
  }
  private var sources: [(name: String, text: String)] = []
  private var functions: [Function] = []
  private var folder: String?

  /// Adds a module's generated Swift.
  mutating func add(_ module: Module) {
    sources.append(("\(module.namespace).swift", emit(module, options: EmissionOptions(access: .internal, modelFile: "\(module.namespace).graft"))))
  }

  /// Adds a call; the number that comes back stands for it in `run`.
  mutating func add(_ site: CallSite, procedure: Procedure, precision: Precision) -> Int {
    let number = functions.count
    let text = site.harnessFunction(number: number, procedure: procedure, precision: precision)
    functions.append(Function(procedure: procedure, precision: precision, text: text))
    return number
  }

  /// Compiles into a folder, which must outlive the runs.
  mutating func compile(in folder: String) throws {
    var paths: [String] = []
    let main = harnessRuntime + functions.map(\.text).joined(separator: "\n") + harnessMain(callCount: functions.count)
    for (name, text) in sources + [("main.swift", main)] {
      let path = Files.join(folder, name)
      try Files.replace(path, with: text)
      paths.append(path)
    }
    let result = try Subprocess.run(
      "swiftc", ["-O", "-whole-module-optimization", "-module-name", "Harness", "-o", Files.join(folder, "harness")] + paths)
    if result.status != 0 { throw RunError("the generated Swift does not compile:\n\(result.output)") }
    self.folder = folder
  }

  /// Runs calls one after the other in one process. A call that throws gives its error.
  func run(_ calls: [(number: Int, binding: Binding)]) throws -> [Result<[ArrayValue], RunError>] {
    guard let folder else { return [] }
    var writer = ByteWriter()
    for (number, binding) in calls {
      let function = functions[number]
      let procedure = function.procedure
      writer.number(number)
      for symbol in procedure.sizes { writer.number(binding.sizes[symbol] ?? 0) }
      for value in binding.inputs { writer.add(value, precision: function.precision) }
      for result in procedure.body.results {
        let type = procedure.values[result]
        if !type.isScalar { writer.number(try shape(of: type, binding).reduce(1, *)) }
      }
    }
    let (input, output) = (Files.join(folder, "request"), Files.join(folder, "response"))
    try Data(writer.bytes).write(to: URL(fileURLWithPath: input))
    let outcome = try Subprocess.run(Files.join(folder, "harness"), [input, output])
    if outcome.status != 0 { throw RunError("the compiled program stopped:\n\(outcome.output)") }
    var reader = ByteReader(bytes: try Files.read(output))
    return try calls.map { number, binding in
      if reader.integer() != 0 { return .failure(RunError(reader.text())) }
      let function = functions[number]
      return .success(
        try function.procedure.body.results.map { result in
          let type = function.procedure.values[result]
          return reader.value(type.element, shape: try shape(of: type, binding), isScalar: type.isScalar, precision: function.precision)
        })
    }
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
    case .integer(let numbers): for integer in numbers { if isScalar { number(integer) } else { number(Int32(truncatingIfNeeded: integer)) } }
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

  mutating func value(_ element: Element, shape: [Int], isScalar: Bool, precision: Precision) -> ArrayValue {
    let count = isScalar ? 1 : integer()
    switch element {
    case .real:
      return .reals((0..<count).map { _ in precision == .single ? Double(number(Float.self)) : number(Double.self) }, shape: shape)
    case .integer: return .integers((0..<count).map { _ in isScalar ? integer() : Int(number(Int32.self)) }, shape: shape)
    case .boolean: return .booleans((0..<count).map { _ in number(UInt8.self) != 0 }, shape: shape)
    }
  }
}
