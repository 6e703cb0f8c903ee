import Codegen
import ModelDSL
import Testing

/// Functions of numbers, written in the language, evaluated by the interpreter: for tests of the library's formulas.
struct LibraryEvaluation {
  private let procedures: [String: Procedure]

  struct Refused: Error, CustomStringConvertible { let description: String }

  /// One function for each body; `results` is its type, and the body ends with its `return`.
  init(bodies: [(name: String, parameters: [String], results: String, body: String)], declarations: [String] = []) throws {
    let text = bodies.map { entry in
      let parameters = entry.parameters.map { "\($0): Float" }.joined(separator: ", ")
      return "func \(entry.name)(\(parameters)) -> \(entry.results) {\n\(entry.body)\n}\nderive value of \(entry.name)\n"
    }.joined()
    let module = try compile(declarations.joined(separator: "\n") + "\n" + text)
    procedures = Dictionary(uniqueKeysWithValues: module.functions.map { ($0.name, $0.primal.procedure) })
  }

  func callAsFunction(_ name: String, _ inputs: [Double], precision: Precision = .double) throws -> [Double] {
    let procedure = try #require(procedures[name])
    let results = try Interpreter(precision: precision).run(procedure, inputs: inputs.map { .real($0) })
    return results.flatMap(\.reals)
  }
}

/// A file's text as a module, or what is wrong with it.
func compile(_ text: String, options: CheckOptions = CheckOptions()) throws -> Module {
  let (program, diagnostics, sources) = check(path: "Test.graft", options: options) { _ in Array(text.utf8) }
  guard let program else { throw LibraryEvaluation.Refused(description: render(diagnostics, sources: sources, color: false)) }
  let (module, more) = lower(program)
  guard let module else { throw LibraryEvaluation.Refused(description: render(more, sources: sources, color: false)) }
  return module
}

/// The names of the functions that a library file declares.
func declaredFunctions(in libraryFile: String) throws -> Set<String> {
  let text = try #require(BuiltinLibrary.files.first { $0.name == libraryFile }).text
  var sources = SourceMap()
  let file = SourceFile(path: libraryFile, text: text)
  let (tree, diagnostics) = parse(file, id: sources.add(file))
  #expect(diagnostics.isEmpty)
  return Set(
    tree.declarations.compactMap { declaration in
      if case .function(let function) = declaration.kind { function.name.text } else { nil }
    })
}

func isNear(_ found: Double, _ expected: Double) -> Bool {
  found == expected || abs(found - expected) <= 1e-12 * max(1, abs(expected))
}
