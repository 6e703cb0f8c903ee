import ModelDSL
import XCTest

@testable import Codegen

/// Loops on vectors, kernels for products, loops over spikes and tiles of the batch: small programs for every processor and both precisions, compiled
/// together and compared with the interpreter. Sizes are multiples of vectors, blocks and groups of 64 spikes, a little more, and a little less.
final class PlannedCodeTests: XCTestCase {
  func testFunctionsAgreeWithTheInterpreter() throws {
    for entry in try compile(PlannedCases.functions).functions {
      XCTAssertNotNil(PlannedCases.calls[entry.name], "\(entry.name) is not called")
    }
    try check(PlannedCases.functions)
  }

  func testModelsAgreeWithTheInterpreter() throws {
    try check(PlannedCases.models)
  }

  /// The same with loops cut into segments: five steps in three segments of three at most, one of them empty.
  func testModelsInSegmentsAgreeWithTheInterpreter() throws {
    try check(PlannedCases.models, memory: 1 << 30)
  }

  private func check(_ text: String, memory: Int? = nil) throws {
    var program = PlannedProgram()
    for precision in memory == nil ? ["", "precision Double\n"] : [""] {
      let module = try compile(precision + text)
      try program.add(memory.map { try module.fitting(memory: $0) } ?? module)
    }
    // Optimising six files takes minutes; other tests of emitted code do.
    let output = try runSwift(program.files, options: ["-Onone", "-wmo", "-num-threads", "2"])
    var lines = output.split(separator: "\n", omittingEmptySubsequences: false)[...]
    for result in program.results {
      let found = (lines.popFirst() ?? "").split(separator: " ").map { Double($0) ?? .nan }
      XCTAssertEqual(found.count, result.expected.count, result.name)
      if let place = zip(found, result.expected).enumerated().first(where: { !result.accepts($1.0, $1.1) })?.offset {
        XCTFail("\(result.name)[\(place)]: \(found[place]), expected \(result.expected[place])")
      }
    }
    XCTAssertEqual(lines.joined(), "", "the program says more")
  }

  /// Otherwise the tests above are about nothing.
  func testThePlanHasWhatIsTested() throws {
    let text = emit(
      try compile(PlannedCases.functions + PlannedCases.models), options: EmissionOptions(modelFile: "Test.graft", cpu: .x86_64_v3))
    for part in ["multiply(", "multiplyRows(", "addRows(where", "= positives(", "SIMD8<Float>", "scatter("] {
      XCTAssert(text.contains(part), "no \(part) in the generated code")
    }
    for name in ["GatedPredictCall", "WideLossAndGradientCall"] {
      let kernel = text.components(separatedBy: "private struct ").first { $0.hasPrefix(name) }
      XCTAssert(try XCTUnwrap(kernel).contains("let samples: Int"), "no tiles in \(name)")
    }
  }
}

/// The program that makes all calls, and what it has to print.
struct PlannedProgram {
  struct Result {
    var name: String
    var expected: [Double]
    var tolerance: Double

    func accepts(_ found: Double, _ expected: Double) -> Bool {
      found == expected || found.isNaN && expected.isNaN || abs(found - expected) <= tolerance * max(1, abs(expected))
    }
  }

  private(set) var results: [Result] = []
  private var modules: [String: String] = [:]
  private var data: [String] = []
  private var calls: [String] = []

  var files: [String: String] {
    var files = modules
    files["main.swift"] =
      Self.harness + "let data: [Substring] = \"\"\"\n" + data.joined(separator: "\n")
      + "\n\"\"\".split(separator: \"\\n\", omittingEmptySubsequences: false)\n" + calls.joined(separator: "\n") + "\n"
    return files
  }

  /// The module for every processor; those that become the same text once.
  mutating func add(_ module: Module) throws {
    var module = module
    var texts: Set<String> = []
    let cases = try self.cases(module)
    for cpu in TargetCPU.allCases {
      module.namespace = "Subject"
      guard texts.insert(emit(module, options: EmissionOptions(access: .internal, modelFile: "", cpu: cpu))).inserted else { continue }
      module.namespace = "\(module.precision.rawValue)For\(cpu)"
      modules[module.namespace + ".swift"] = emit(module, options: EmissionOptions(access: .internal, modelFile: "", cpu: cpu))
      for (call, expected) in cases {
        calls.append(call(module.namespace))
        results += expected.map { result in
          var result = result
          result.name = module.namespace + "." + result.name
          return result
        }
      }
    }
  }

  private typealias Case = (call: (String) -> String, expected: [Result])

  private mutating func cases(_ module: Module) throws -> [Case] {
    let tolerance = module.precision == .single ? 2e-5 : 1e-11
    let interpreter = Interpreter(precision: module.precision)
    var cases: [Case] = []
    for (function, sites) in zip(module.functions, module.functionCallSites) {
      for call in PlannedCases.calls[function.name] ?? [] {
        for (entry, site) in zip(function.emitted, sites) {
          let procedure = entry.procedure
          var data = PlannedData(call: call, procedure: procedure)
          let inputs = procedure.inputs.map { data.value(of: $0) }
          let results = try interpreter.run(procedure, inputs: inputs, sizes: data.sizes)
          let arguments = site.arguments.compactMap { label, argument -> String? in
            let prefix = label.map { $0 + ": " } ?? ""
            switch argument {
            case .array(let input): return prefix + line(inputs[input])
            case .number(let input): return prefix + inputs[input].literal
            case .size(let symbol): return prefix + "\(data.sizes[symbol]!)"
            case .parameters, .settings, .filled, .gradient, .workspace: return nil
            }
          }
          let text = "\(entry.name)(\(arguments.joined(separator: ", ")))"
          let tries = site.mayFail ? "try! " : ""
          cases.append(
            (
              { "show(\(tries)\($0).\(text))" },
              zip(procedure.resultNames, results).map {
                Result(name: "\(entry.name), \(call), \($0)", expected: $1.reals, tolerance: tolerance)
              }
            ))
        }
      }
    }
    for (model, sites) in zip(module.models, module.modelCallSites) {
      for call in PlannedCases.modelCalls { cases.append(try self.call(model, sites, call, interpreter, tolerance)) }
    }
    return cases
  }

  /// Outputs, loss and gradient by one thread and by three.
  private mutating func call(
    _ model: ModelEntry, _ sites: Module.ModelCallSites, _ call: PlannedCases.Call, _ interpreter: Interpreter, _ tolerance: Double
  ) throws -> Case {
    let procedure = model.lossAndGradient!
    var data = PlannedData(call: call, procedure: procedure)
    let inputs = procedure.inputs.map { data.value(of: $0) }
    let outputs = try interpreter.run(model.predict, inputs: inputs, sizes: data.sizes)
    let loss = try interpreter.run(procedure, inputs: inputs, sizes: data.sizes)
    let parameters = line(.reals(inputs.prefix(model.parameters.count).flatMap(\.reals)))
    let arguments = zip(procedure.inputs, inputs).dropFirst(model.parameters.count).map { ($0.name, line($1)) }
    // `predict` does without the labels.
    let outputArguments = arguments.filter { name, _ in sites.predict.arguments.contains { $0.label == name } }
    func list(_ arguments: [(String, String)]) -> String { arguments.map { "\($0): \($1)" }.joined(separator: ", ") }
    let (forOutputs, all) = (list(outputArguments), list(arguments))
    let batch = call.sizes["batch"]!, time = call.sizes["time"]!
    let text = { (namespace: String) -> String in
      """
      do {
        typealias Model = \(namespace).\(model.name)
        var parameters = Model.Parameters()
        parameters.flat = \(parameters)
        func run(_ threads: Int) -> String {
          var workspace = Model.Workspace(batch: \(batch), time: \(time), for: .training, threads: threads)
          var gradient = Model.Parameters()
          let outputs = Model.predict(parameters, \(forOutputs), workspace: &workspace)
          let loss = try! Model.lossAndGradient(parameters, \(all), gradient: &gradient, workspace: &workspace)
          return text(outputs) + text(loss) + text(gradient.flat)
        }
        let alone = run(1)
        print(alone, terminator: "")
        if run(3) != alone { print("other bits with three threads: \(namespace).\(model.name)") }
      }
      """
    }
    let expected =
      zip(model.predict.resultNames, outputs).map { ("\($0)", $1.reals) }
      + [("loss", loss[0].reals), ("gradient", loss.dropFirst().flatMap(\.reals))]
    return (text, expected.map { Result(name: "\(model.name), \(call), \($0)", expected: $1, tolerance: tolerance) })
  }

  /// How the program reads the array.
  private mutating func line(_ value: ArrayValue) -> String {
    let text = value.elementWords.joined(separator: " ")
    if let place = data.firstIndex(of: text) { return "numbers(\(place))" }
    data.append(text)
    return "numbers(\(data.count - 1))"
  }

  private static let harness = """
    func numbers<T: LosslessStringConvertible>(_ line: Int) -> [T] { data[line].split(separator: " ").map { T(String($0))! } }
    func text(_ value: Any) -> String {
      switch value {
      case let row as [Float]: row.map { "\\($0)" }.joined(separator: " ") + "\\n"
      case let row as [Double]: row.map { "\\($0)" }.joined(separator: " ") + "\\n"
      case is Float, is Double: "\\(value)\\n"
      default: Mirror(reflecting: value).children.map { text($0.value) }.joined()
      }
    }
    func show(_ value: Any) { print(text(value), terminator: "") }

    """
}

extension ArrayValue {
  fileprivate var elementWords: [String] {
    switch elements {
    case .real(let numbers): numbers.map { "\($0)" }
    case .integer(let numbers): numbers.map { "\($0)" }
    case .boolean(let truths): truths.map { "\($0)" }
    }
  }
}

/// Inputs of a call: multiples of powers of two, of which sums are exact, with what the call says about them.
struct PlannedData {
  let call: PlannedCases.Call
  let procedure: Procedure
  let sizes: [SizeSymbol: Int]
  private var state: UInt64 = 7

  init(call: PlannedCases.Call, procedure: Procedure) {
    self.call = call
    self.procedure = procedure
    // Those of a call are all named.
    sizes = Dictionary(uniqueKeysWithValues: procedure.sizes.compactMap { size in call.sizes[size.name].map { (size, $0) } })
  }

  mutating func value(of input: Procedure.Input) -> ArrayValue {
    let type = procedure.values[input.value]
    let shape = type.shape.map { $0.evaluated(sizes)! }
    let count = shape.reduce(1, *)
    if type.element == .integer {
      if type.isScalar, let number = call.numbers[input.name] { return .integer(number) }
      if let bound = input.indexBound?.evaluated(sizes) { return .integers((0..<count).map { _ in below(bound) }, shape: shape) }
      return .integers((0..<count).map { _ in below(5) - 2 }, shape: shape)
    }
    let numbers = (0..<count).map { place in call.reals[input.name]?(place) ?? Double(below(257) - 128) / 64 }
    return .reals(numbers, shape: shape)
  }

  private mutating func below(_ count: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % count
  }
}
