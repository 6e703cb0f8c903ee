import Codegen
import ModelDSL

extension CallSite {
  /// A function of the harness that reads sizes and inputs, makes the call, and writes the results in the procedure's order.
  func harnessFunction(number: Int, procedure: Procedure, precision: Precision) -> String {
    let real = precision.rawValue
    func stored(_ element: Element) -> String { element == .real ? real : element == .integer ? "Int32" : "Bool" }
    func direct(_ element: Element) -> String { element == .real ? real : element == .integer ? "Int" : "Bool" }
    func type(input place: Int) -> ValueType { procedure.values[procedure.inputs[place].value] }
    func type(result place: Int) -> ValueType { procedure.values[procedure.body.results[place]] }

    var lines = ["func call\(number)(_ reader: inout HarnessReader, _ writer: inout HarnessWriter) throws {"]
    func add(_ line: String) { lines.append("  " + line) }
    for symbol in procedure.sizes { add("let \(name(symbol)): Int = reader.number()") }
    for place in procedure.inputs.indices {
      let type = type(input: place)
      add(
        "let input\(place): \(type.isScalar ? direct(type.element) : "[\(stored(type.element))]") = reader.\(type.isScalar ? "number" : "array")()"
      )
    }
    // How many elements each array of the results has.
    for place in procedure.body.results.indices where !type(result: place).isScalar { add("let count\(place): Int = reader.number()") }

    var words: [String] = []
    var outputs = [String](repeating: "", count: procedure.body.results.count)
    for (label, argument) in arguments {
      let prefix = label.map { $0 + ": " } ?? ""
      switch argument {
      case .parameters(let parts, let count):
        add("var parameters = \(namespace).Parameters()")
        for (input, offset) in parts {
          if type(input: input).isScalar {
            add("parameters.flat[\(offset)] = input\(input)")
          } else {
            add("parameters.flat.replaceSubrange(\(offset)..<(\(offset) + input\(input).count), with: input\(input))")
          }
        }
        add("precondition(parameters.flat.count == \(count))")
        words.append(prefix + "parameters")
      case .settings(let parts):
        add("var settings = \(namespace).Settings()")
        for (input, path) in parts { add("settings.\(path) = input\(input)") }
        words.append(prefix + "settings")
      case .array(let input): words.append(prefix + "input\(input).span")
      case .number(let input): words.append(prefix + "input\(input)")
      case .size(let symbol): words.append(prefix + name(symbol))
      case .filled(let result):
        let element = type(result: result).element
        let zero = element == .real ? ".nan" : element == .integer ? "-1" : "false"
        add("var result\(result) = [\(stored(element))](repeating: \(zero), count: count\(result))")
        add("var span\(result) = result\(result).mutableSpan")
        words.append(prefix + "&span\(result)")
        outputs[result] = "array(result\(result))"
      case .gradient(let parts):
        add("var gradient = \(namespace).Parameters()")
        words.append(prefix + "&gradient")
        for (result, offset) in parts {
          outputs[result] =
            type(result: result).isScalar
            ? "number(gradient.flat[\(offset)])" : "array(Array(gradient.flat[\(offset)..<(\(offset) + count\(result))]))"
        }
      case .workspace(let type, let sizes, let purpose):
        let list = sizes.map { "\($0.label): \(name($0.symbol))" } + (purpose.map { ["for: \($0)", "threads: 2"] } ?? [])
        add("var workspace = \(namespace).\(type)(\(list.joined(separator: ", ")))")
        words.append(prefix + "&workspace")
      }
    }
    for (place, value) in returned.enumerated() {
      outputs[value.result] = "number(\(returned.count == 1 ? "returned" : "returned.\(place)"))"
    }
    let call = "\(mayFail ? "try " : "")\(namespace).\(function)(\(words.joined(separator: ", ")))"
    add(returned.isEmpty ? call : "let returned = \(call)")
    for output in outputs { add("writer.\(output)") }
    lines.append("}")
    return lines.joined(separator: "\n") + "\n"
  }

  private func name(_ symbol: SizeSymbol) -> String { "size\(symbol.id < 0 ? "Batch" : String(symbol.id))" }
}
