import XCTest

@testable import ModelDSL

/// Programs that are right, programs that are wrong, and what the checker says of them.
final class CheckingTests: XCTestCase {
  /// Tests/Cases/rejected: those whose syntax is right, each with the text of its diagnostics in `NAME.expected`. After a change of wording
  /// run once with GRAFT_UPDATE=1, and read the difference.
  func testRejectedPrograms() throws {
    let records = ProcessInfo.processInfo.environment["GRAFT_UPDATE"] == "1"
    var count = 0
    for url in try files(in: "Tests/Cases/rejected", ending: "graft") {
      let text = Array(try Data(contentsOf: url))
      if !rendered(text, path: url.lastPathComponent).isEmpty { continue }
      count += 1
      let found = checked(url).text
      let expected = url.deletingPathExtension().appendingPathExtension("expected")
      if records { try found.write(to: expected, atomically: true, encoding: .utf8) }
      XCTAssertFalse(found.isEmpty, url.lastPathComponent)
      XCTAssertEqual(found, try String(contentsOf: expected, encoding: .utf8), url.lastPathComponent)
    }
    XCTAssertGreaterThan(count, 100)
  }

  /// The checker adds nothing to an error of syntax that may only follow from it.
  func testSyntaxErrorsHaveNoConsequences() throws {
    for url in try files(in: "Tests/Cases/rejected", ending: "graft") {
      let parsed = rendered(Array(try Data(contentsOf: url)), path: url.lastPathComponent)
      if parsed.isEmpty { continue }
      XCTAssertEqual(checked(url).text, parsed, url.lastPathComponent)
    }
  }

  func testSilence() {
    let text =
      "func f(x: Float) -> Float {\n  silence \(Diagnostic.unusedLet(name: "", at: nowhere).code) \"kept for later\"\n  let y = x\n  return x\n}\n"
    XCTAssertEqual(check(text).text, "")
  }

  func testAcceptedPrograms() throws {
    let urls = try files(in: "Tests/Cases/accepted", ending: "graft") + files(in: "Examples/Models", ending: "graft")
    XCTAssertGreaterThan(urls.count, 7)
    for url in urls {
      let (program, text) = checked(url)
      XCTAssertEqual(text, "", url.lastPathComponent)
      XCTAssertNotNil(program, url.lastPathComponent)
    }
  }

  /// All of the library, not only what some program uses.
  func testLibrary() {
    var checker = Checker(options: CheckOptions())
    XCTAssertTrue(checker.loadRoot("empty.graft") { _ in [] })
    checker.loadLibrary()
    checker.declareNames()
    checker.checkPrimitiveRules()
    for index in checker.functionEntries.indices { _ = checker.checkedFunction(index, calledAt: nil) }
    for index in checker.cellEntries.indices { checker.checkCell(index) }
    XCTAssertEqual(render(checker.diagnostics, sources: checker.sources, color: false), "")
    let ruled = Set(checker.primitiveRules.map(\.target))
    for primitive in Primitive.allCases where primitive.signature.result != .boolean && primitive.signature.result != .integer {
      if primitive.signature.operands.contains(where: { $0 == .real || $0 == .number }) {
        XCTAssertTrue(ruled.contains(.primitive(primitive)), primitive.rawValue)
      }
    }
  }

  // MARK: Options

  func testSizeOption() throws {
    let text = "model M {\n  size n = 2\n  param w: Float[n] ~ constant(1)\n  loss = sum(w * w)\n}\n"
    let program = try XCTUnwrap(check(text, CheckOptions(sizes: ["n": 5])).program)
    XCTAssertEqual(program.models[0].fixedSizes.map(\.value), [5])
    XCTAssertEqual(program[program.models[0].parameters[0].variable].type, .array(.real, [Size(5)]))
    XCTAssertEqual(codes(text, CheckOptions(sizes: ["m": 5])), [Diagnostic.unknownSizeOption(name: "", nearest: nil, at: nowhere).code])
    let dynamic = "model M {\n  size time\n  param w: Float ~ constant(1)\n  input x: Float[time]\n  loss = w * sum(x)\n}\n"
    XCTAssertEqual(codes(dynamic, CheckOptions(sizes: ["time": 5])), [Diagnostic.sizeNotFixed(name: "", at: nowhere).code])
  }

  func testPrecisionOption() {
    let text = "precision Double\nfunc f(x: Float) -> Float { return x }\n"
    XCTAssertEqual(check(text).program?.precision, .double)
    XCTAssertEqual(check(text, CheckOptions(precision: .single)).program?.precision, .single)
  }

  private let spiking = """
    model M {
      size time
      param w: Float ~ constant(1)
      input x: Float[time]
      inject step'(v) = triangle(v)
      state u, total = 0
      for t in time {
        let (z, v) = lif(w * x[t], u, decay: 0.9)
        next u = v
        next total = total + z
      }
      loss = total
    }

    """

  func testInjectOptionReplacesTheDeclaration() throws {
    let program = try XCTUnwrap(check(spiking, CheckOptions(injections: ["step'(d) = arctan(d, 2)"])).program)
    let rules = program.models[0].statements.compactMap { statement -> RuleDeclaration? in
      if case .rule(let rule) = statement.kind { return rule }
      return nil
    }
    XCTAssertEqual(rules.count, 1)
    guard case .slope(let slope)? = rules.first?.clauses.first, case .call(.function(let id), _, _, _) = slope.kind else {
      return XCTFail("the slope is a call")
    }
    XCTAssertEqual(program[id].name, "arctan")
    XCTAssertTrue(program.fileRules.isEmpty)
  }

  func testInjectOptionIsAddedToTheFile() throws {
    let text = "func f(v: Float) -> Float { return fires(v, 1) }\nderive gradient of f wrt v\n"
    let (program, messages) = check(text, CheckOptions(injections: ["step'(d) = triangle(d)"]))
    XCTAssertEqual(messages, "")
    XCTAssertEqual(try XCTUnwrap(program).fileRules.values.map(\.count), [1])
  }

  func testInjectOptionWithoutEffect() {
    let hidden = "func f(v: Float) -> Float {\n  inject step'(d) = triangle(d)\n  return fires(v, 1)\n}\n"
    XCTAssertEqual(
      codes(hidden, CheckOptions(injections: ["step'(d) = arctan(d)"])), [Diagnostic.injectHidden(name: "", places: [], at: nowhere).code])
    XCTAssertEqual(
      codes("func f(v: Float) -> Float { return v }\n", CheckOptions(injections: ["step'(d) = arctan(d)"])),
      [Diagnostic.injectUnused(name: "", at: nowhere).code])
    XCTAssertEqual(
      codes(spiking, CheckOptions(injections: ["stp'(d) = arctan(d)"])),
      [Diagnostic.unknownFunction(name: "", nearest: nil, at: nowhere).code])
    XCTAssertFalse(codes(spiking, CheckOptions(injections: ["step = arctan"])).isEmpty)
  }

  // MARK: Imports

  func testImports() throws {
    let files = [
      "a/main.graft": "import \"../b/neurons.graft\"\nfunc f(v: Float) -> Float { return spike(v) }\nderive gradient of f wrt v\n",
      "b/neurons.graft":
        "import \"slopes.graft\"\ninject step'(v) = mine(v)\nfunc spike(v: Float) -> Float { return step(v) }\nderive gradient of spike wrt v\n",
      "b/slopes.graft": "func mine(v: Float) -> Float { return exp(-v * v) }\n",
    ]
    let (program, diagnostics, sources) = ModelDSL.check(path: "a/main.graft", options: CheckOptions()) { files[$0].map { Array($0.utf8) } }
    XCTAssertEqual(render(diagnostics, sources: sources, color: false), "")
    let checked = try XCTUnwrap(program)
    XCTAssertEqual(checked.derivations.count, 1)
    XCTAssertEqual(checked.fileRules.count, 1)
    XCTAssertNil(checked.fileRules[checked.rootFile])
  }

  func testImportCycle() {
    let files = ["a.graft": "import \"b.graft\"\n", "b.graft": "import \"a.graft\"\n"]
    let result = ModelDSL.check(path: "a.graft", options: CheckOptions()) { files[$0].map { Array($0.utf8) } }
    XCTAssertEqual(result.diagnostics.map(\.code), [Diagnostic.importCycle(path: "", at: nowhere).code])
    XCTAssertNil(result.program)
  }

  func testMissingRootFile() {
    let result = ModelDSL.check(path: "none.graft", options: CheckOptions()) { _ in nil }
    XCTAssertEqual(result.diagnostics.map(\.code), [Diagnostic.unreadableFile(path: "", at: nowhere).code])
  }

  // MARK: What the typed tree says

  /// `next u` stands before whatever reads it, all else stays in place.
  func testDataOrder() throws {
    let text = """
      func f(x: Float[n]) -> Float {
        state a, b, c = 0
        for i in n {
          next c = next b + 1
          let shifted = x[i] + next a
          next b = shifted * next a
          next a = a + x[i]
        }
        return a + b + c
      }

      """
    let program = try XCTUnwrap(check(text).program)
    let function = try XCTUnwrap(program.functions.first { $0.name == "f" })
    guard case .loop(let loop)? = function.body.statements.last?.kind else { return XCTFail("a loop") }
    let order = loop.body.map { statement -> String in
      switch statement.kind {
      case .next(let targets, _): targets.compactMap { $0.map { program[$0.state].name } }.joined()
      case .binding(let pattern, _): pattern.variables.map { program[$0].name }.joined()
      default: "?"
      }
    }
    XCTAssertEqual(order, ["a", "shifted", "b", "c"])
    XCTAssertEqual(loop.states.map { program[$0].name }, ["c", "b", "a"])
  }

  func testSizesOfACall() throws {
    let text = """
      func pack(l: Float[d * (d - 1) / 2], m: Int) -> Float[d, m] { return [i in d, j in m: sum(l)] }
      func f(x: Float[n, 3], y: Float[10]) -> Float[5, 7] { return pack(y, 7) }

      """
    let program = try XCTUnwrap(check(text).program)
    let function = try XCTUnwrap(program.functions.first { $0.name == "f" })
    guard case .call(_, _, let sizes, _) = function.body.value.kind else { return XCTFail("a call") }
    XCTAssertEqual(Dictionary(uniqueKeysWithValues: sizes.map { ($0.key.name, $0.value) }), ["d": Size(5), "m": Size(7)])
  }

  func testRequirements() throws {
    let text = """
      func last(x: Float[n]) -> Float { return x[n - 1] }
      func f(x: Float[n]) -> Float { return last(x) + max(x) + x[2] }

      """
    let program = try XCTUnwrap(check(text).program)
    let function = try XCTUnwrap(program.functions.first { $0.name == "f" })
    XCTAssertEqual(function.requirements.map(\.reason), ["`x[n - 1]` in `last` needs n >= 1", "`x[2]` needs n >= 3"])
  }

  /// A loop over a list of instances is written out, and each has parameters of its own.
  func testInstances() throws {
    let url = repository.appendingPathComponent("Tests/Cases/accepted/cells.graft")
    let program = try XCTUnwrap(checked(url).program)
    let model = try XCTUnwrap(program.models.first { $0.name == "Stack" })
    XCTAssertEqual(model.parameters.map(\.path).filter { $0.hasPrefix("layers") }, ["layers[0].w", "layers[1].w", "layers[2].w"])
    XCTAssertEqual(model.settings.map(\.path), ["hidden.gain"])
  }

  /// Deeply nested sources do not exhaust the stack.
  func testDeepNesting() {
    withLargeStack {
      let sum = Array(repeating: "x", count: 200).joined(separator: " + ")
      let calls = String(repeating: "sin(", count: 100) + "x" + String(repeating: ")", count: 100)
      XCTAssertEqual(check("func f(x: Float) -> Float { return \(sum) + \(calls) }\n").text, "")
    }
  }
}

private let nowhere = SourceRange(file: FileID(0), lower: 0, upper: 0)

/// Checks a text as a file of its own, and renders what there is to say.
private func check(_ text: String, _ options: CheckOptions = CheckOptions()) -> (program: CheckedProgram?, text: String) {
  let (program, diagnostics, sources) = ModelDSL.check(path: "test.graft", options: options) { $0 == "test.graft" ? Array(text.utf8) : nil }
  return (program, render(diagnostics, sources: sources, color: false))
}

private func codes(_ text: String, _ options: CheckOptions) -> [String] {
  ModelDSL.check(path: "test.graft", options: options) { $0 == "test.graft" ? Array(text.utf8) : nil }.diagnostics.map(\.code)
}

/// Checks a file of the repository, under its plain name.
private func checked(_ url: URL) -> (program: CheckedProgram?, text: String) {
  let folder = url.deletingLastPathComponent()
  let (program, diagnostics, sources) = ModelDSL.check(path: url.lastPathComponent, options: CheckOptions()) { path in
    (try? Data(contentsOf: folder.appendingPathComponent(path))).map { Array($0) }
  }
  return (program, render(diagnostics, sources: sources, color: false))
}
