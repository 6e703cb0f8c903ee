import Codegen
import ModelDSL
import Testing

/// The comparisons of `SurrogateTests` and `NeuronTests` notice a change of any number in the library's sources: each is changed in turn, in a copy
/// of its function under another name.
@Suite struct LibraryMutationTests {
  @Test func everyNumberOfTheSurrogatesMatters() throws {
    let rows = SurrogateTests.rows.map { row in
      Mutation.Row(
        function: row.name, call: row.call, parameters: ["v"], results: 1,
        points: (0..<500).map { [-3.713 + 0.0153 * Double($0)] } + [[1], [0]], formula: { [row.formula($0[0])] })
    }
    try check("Surrogates.graft", rows, atLeast: 70)
  }

  @Test func everyNumberOfTheNeuronsMatters() throws {
    // A grid that visits the neighbourhood of every threshold.
    let dense = (0..<400).map { place -> [Double] in
      func part(_ step: Double) -> Double { (Double(place) * step).truncatingRemainder(dividingBy: 1) }
      return [-1 + 6 * part(0.6180339887), 1.6 * part(0.7548776662), -0.5 + 2 * part(0.5698402910), 0.5 * part(0.8191725134)]
    }
    let rows = NeuronTests.rows.map { row in
      Mutation.Row(
        function: row.name, call: row.call, parameters: ["x", "p", "q", "r"], results: row.results, points: NeuronTests.points + dense,
        formula: { row.formula($0[0], Array($0.dropFirst())) })
    }
    try check("Neurons.graft", rows, atLeast: 65)
  }

  private func check(_ file: String, _ rows: [Mutation.Row], atLeast least: Int) throws {
    let text = try #require(BuiltinLibrary.files.first { $0.name == file }).text
    let mutations = Mutation.all(of: text)
    #expect(mutations.count >= least)
    let survivors = try Mutation.survivors(mutations, rows)
    #expect(survivors.isEmpty, "no comparison notices: \(survivors.map(\.description).joined(separator: "; "))")
  }
}

/// A copy of a library function with one number changed.
private struct Mutation: CustomStringConvertible {
  let function: String
  /// The copy's own name.
  let name: String
  let declaration: String
  let description: String

  /// One comparison with a formula.
  struct Row {
    let function: String
    let call: String
    let parameters: [String]
    let results: Int
    let points: [[Double]]
    let formula: ([Double]) -> [Double]
  }

  static func all(of text: String) -> [Mutation] {
    declarations(of: text).flatMap { function, declaration in
      declaration.matches(of: /\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b/).enumerated().map { place, match in
        var changed = declaration
        let replacement = mutated(String(match.output))
        changed.replaceSubrange(match.range, with: replacement)
        let name = "\(function)_\(place)"
        return Mutation(
          function: function, name: name, declaration: changed.replacing("func \(function)(", with: "func \(name)("),
          description: "\(function): \(match.output) (number \(place + 1)) as \(replacement)")
      }
    }
  }

  /// A tenth more; whole numbers that may be counts, or say what happens at 0, become other whole numbers.
  private static func mutated(_ number: String) -> String {
    if number == "0" { return "1" }
    guard let value = Double(number), number.contains(".") || value > 9 else { return number == "1" ? "2" : "\((Int(number) ?? 0) + 1)" }
    return "\(value * 1.1)"
  }

  /// Each function with its name, without comments.
  private static func declarations(of text: String) -> [(name: String, text: String)] {
    let lines = text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("//") }
    var found: [(name: String, text: String)] = []
    for line in lines {
      let code = line.firstRange(of: "//").map { String(line[..<$0.lowerBound]) } ?? line
      if let match = code.firstMatch(of: /^func (\w+)\(/) {
        found.append((String(match.1), code))
      } else if !found.isEmpty {
        found[found.count - 1].text += "\n" + code
      }
    }
    return found
  }

  static func survivors(_ mutations: [Mutation], _ rows: [Row]) throws -> [Mutation] {
    let pairs = mutations.flatMap { mutation in
      rows.filter { $0.function == mutation.function }.enumerated().map { (mutation: mutation, row: $1, name: "\(mutation.name)_row\($0)") }
    }
    let bodies = pairs.map { pair in
      let call = pair.row.call.replacing(pair.row.function + "(", with: pair.mutation.name + "(")
      let names = (0..<pair.row.results).map { "s\($0)" }.joined(separator: ", ")
      let results = Array(repeating: "Float", count: pair.row.results).joined(separator: ", ")
      let body = pair.row.results == 1 ? "return \(call)" : "let (\(names)) = \(call)\nreturn (\(names))"
      return (
        name: pair.name, parameters: pair.row.parameters, results: pair.row.results == 1 ? "Float" : "(\(results))", body: body
      )
    }
    let evaluation = try LibraryEvaluation(bodies: bodies, declarations: mutations.map(\.declaration))
    var noticed: Set<String> = []
    for pair in pairs where !noticed.contains(pair.mutation.name) {
      let differs = try pair.row.points.contains { point in
        let found = try evaluation(pair.name, point)
        return !zip(found, pair.row.formula(point)).allSatisfy(isNear)
      }
      if differs { noticed.insert(pair.mutation.name) }
    }
    return mutations.filter { !noticed.contains($0.name) }
  }
}
