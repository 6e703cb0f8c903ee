/// Functions, calls of them, and `derive` lines.
extension Generator {
  /// A function that later ones may call.
  mutating func helper() {
    switch below(6) {
    case 0, 1: numberFunction()
    case 2: arrayFunction()
    case 3: tupleFunction()
    case 4: functionOfFunction()
    default: packedFunction()
    }
  }

  private mutating func numberFunction() {
    var helper = Helper(name: fresh("f"), parameters: [], results: [.real])
    var scope = Scope(sizes: ["2", "3"])
    let count = 1 + below(3)
    for place in 0..<count {
      let name = fresh("x")
      helper.parameters.append(.init(name: name, kind: .value(.real), hasDefault: place > 0 && place == count - 1 && chance(40)))
      scope.add(name, .real)
    }
    declare(helper, scope)
  }

  private mutating func arrayFunction() {
    let (k, l) = (fresh("k"), fresh("l"))
    var helper = Helper(name: fresh("f"), parameters: [], results: [chance(50) ? .real : .reals([k])], sizes: [k, l])
    let types: [ProgramType] = [.reals([k]), .reals([k, l]), .reals([l]), .real]
    var scope = Scope(sizes: [k, l, "2"])
    for type in types.prefix(2) + types.dropFirst(2).filter({ _ in chance(50) }) {
      let name = fresh("x")
      helper.parameters.append(.init(name: name, kind: .value(type)))
      scope.add(name, type)
    }
    declare(helper, scope)
  }

  private mutating func tupleFunction() {
    let k = fresh("k")
    let helper = Helper(
      name: fresh("f"),
      parameters: [.init(name: fresh("x"), kind: .value(.reals([k]))), .init(name: fresh("x"), kind: .value(.real))],
      results: [.real, .reals([k])], sizes: [k])
    var scope = Scope(sizes: [k, "2"])
    for parameter in helper.parameters { if case .value(let type) = parameter.kind { scope.add(parameter.name, type) } }
    declare(helper, scope)
  }

  private mutating func functionOfFunction() {
    let (k, f, x) = (fresh("k"), fresh("g"), fresh("x"))
    let name = fresh("f")
    let ofArray = chance(50)
    let type: ProgramType = ofArray ? .reals([k]) : .real
    let parameters = [
      Helper.Parameter(name: f, kind: .function([type], type)), Helper.Parameter(name: x, kind: .value(.reals([k]))),
    ]
    let body: String =
      switch (ofArray, below(3)) {
      case (true, 0): "return \(x) + 0.5 * \(f)(\(x) + 0.25 * \(f)(\(x)))"
      case (true, 1): "state y: Float[\(k)] = \(x)\nfor t in 3 { next y = 0.5 * y + \(f)(y) }\nreturn y"
      case (true, _): "let y = \(f)(\(x))\nreturn tanh(y) * \(f)(y)"
      case (false, 0): "return [i in \(k): \(f)(\(x)[i]) + \(f)'(\(x)[i])]"
      case (false, 1): "return \(f)(\(x)) * \(x)"
      case (false, _): "return [i in \(k): \(f)(\(f)(\(x)[\(k) - 1 - i]))]"
      }
    declarations.append(
      .statement("func \(name)(\(f): (\(type.text)) -> \(type.text), \(x): Float[\(k)]) -> Float[\(k)] {\n\(body)\n}"))
    helpers.append(Helper(name: name, parameters: parameters, results: [.reals([k])], sizes: [k]))
  }

  /// Its size is solved for in the call.
  private mutating func packedFunction() {
    let d = fresh("d")
    let (l, q) = (fresh("x"), fresh("x"))
    let shape = one(of: ["\(d) * (\(d) - 1) / 2", "2 * \(d)", "\(d) + 1", "\(d) ^ 2"])
    let helper = Helper(
      name: fresh("f"),
      parameters: [.init(name: l, kind: .value(.reals([shape]))), .init(name: q, kind: .value(.reals([d])))].shuffledOnce(chance(50)),
      results: [chance(50) ? .real : .reals([d])], sizes: [d])
    var scope = Scope(sizes: [d, "2"])
    scope.add(l, .reals([shape]))
    scope.add(q, .reals([d]))
    declare(helper, scope)
  }

  private mutating func declare(_ helper: Helper, _ scope: Scope) {
    var (scope, outer) = (scope, scope)
    outer.variables = []
    let statements = block(&scope, below(3))
    let parameters = helper.parameters.map { parameter -> Node in
      guard case .value(let type) = parameter.kind else { return .plain("") }
      return .plain("\(parameter.name): \(type.text)\(parameter.hasDefault ? " = \(literal())" : "")")
    }
    let result: Node =
      helper.results.count == 1
      ? using(scope, since: outer, statements, expression(helper.results[0], scope, 3), helper.results[0])
      : .plain("(\(Node.list(helper.results.map { expression($0, scope, 2) })))")
    let type = helper.results.count == 1 ? helper.results[0].text : "(" + helper.results.map(\.text).joined(separator: ", ") + ")"
    declarations.append(.statement("func \(helper.name)(\(Node.list(parameters))) -> \(type) {\n\(statements)return \(result)\n}"))
    helpers.append(helper)
  }

  // MARK: Calls

  /// A call of a helper that gives the type; nil where there is none.
  mutating func call(_ type: ProgramType, _ scope: Scope, _ depth: Int) -> Node? {
    let fitting = helpers.filter { helper in
      guard helper.results.count == 1 else { return false }
      return helper.isOfNumbers || bindings(helper, giving: type) != nil
    }
    guard let helper = maybe(fitting) else { return nil }
    if helper.isOfNumbers {
      // Element by element: the arguments are arrays of one shape, or numbers.
      let place = below(helper.parameters.count)
      let arguments = helper.parameters.enumerated().compactMap { index, parameter -> Node? in
        if parameter.hasDefault, index != place, chance(60) { return nil }
        let value = index == place || (!type.shape.isEmpty && chance(50)) ? expression(type, scope, depth) : real(scope, depth)
        return parameter.hasDefault || chance(15) ? .plain("\(parameter.name): \(value)") : value
      }
      return .expression(type, "\(helper.name)(\(Node.list(arguments)))")
    }
    guard var binding = bindings(helper, giving: type) else { return nil }
    return .expression(type, "\(helper.name)(\(Node.list(arguments(helper, &binding, scope, depth))))")
  }

  mutating func callOfTuple(_ helper: Helper, _ scope: Scope, _ depth: Int) -> (Node, [ProgramType])? {
    var binding: [String: String] = [:]
    let arguments = arguments(helper, &binding, scope, depth)
    return (.plain("\(helper.name)(\(Node.list(arguments)))"), helper.results.map { substituted($0, binding) })
  }

  /// The sizes that follow from the result.
  private func bindings(_ helper: Helper, giving type: ProgramType) -> [String: String]? {
    let result = helper.results[0]
    guard result.shape.count == type.shape.count, type.element == .real else { return nil }
    // The triangle of 1 has no element, and one may be read.
    if type.shape.contains("1") { return nil }
    var binding: [String: String] = [:]
    for (own, wanted) in zip(result.shape, type.shape) { binding[own] = wanted }
    return binding
  }

  private mutating func arguments(_ helper: Helper, _ binding: inout [String: String], _ scope: Scope, _ depth: Int) -> [Node] {
    for size in helper.sizes where binding[size] == nil { binding[size] = one(of: scope.sizes) }
    let known = binding
    return helper.parameters.map { parameter in
      switch parameter.kind {
      case .value(let type): return expression(substituted(type, known), scope, depth)
      case .function(let parameters, let result):
        if result == .real, chance(40) {
          return .plain(
            "\(maybe(helpers.filter { $0.isOfNumbers && $0.parameters.count == 1 }.map(\.name)) ?? one(of: ["tanh", "sin", "sigmoid"]))")
        }
        var inner = scope
        inner.nesting += 1
        let names = parameters.map { _ in fresh("y") }
        for (name, type) in zip(names, parameters) { inner.add(name, substituted(type, known)) }
        let list = names.count == 1 ? names[0] : "(" + names.joined(separator: ", ") + ")"
        return .plain("\(list) -> \(expression(substituted(result, known), inner, max(1, depth)))")
      }
    }
  }

  private func substituted(_ type: ProgramType, _ binding: [String: String]) -> ProgramType {
    var type = type
    type.shape = type.shape.map { size in
      if let whole = binding[size] { return whole }
      var text = size
      var isComputed = true
      for (own, given) in binding {
        if text.contains(own) { text = text.replacing(own, with: given.contains(" ") ? "(\(given))" : given) }
        isComputed = isComputed && Int(given) != nil
      }
      // `3 * (3 - 1) / 2` is 3: shapes here are compared as they are written.
      return evaluated(text) ?? text
    }
    return type
  }

  /// The value of the few forms above, for constants.
  private func evaluated(_ text: String) -> String? {
    let parts = text.split(separator: " ").map { $0.filter { $0 != "(" && $0 != ")" } }
    let numbers = parts.compactMap { Int($0) }
    guard let first = numbers.first, parts.allSatisfy({ Int($0) != nil || "+-*/^".contains($0) }) else { return nil }
    switch numbers.count {
    case 1: return String(first)
    case 2: return String(parts[1] == "*" ? first * numbers[1] : parts[1] == "+" ? first + numbers[1] : first * first)
    default: return String(first * (first - 1) / 2)
    }
  }

  // MARK: Derived functions

  mutating func derivedFunction() {
    let (n, m) = (fresh("n"), fresh("m"))
    let name = fresh("main")
    var scope = Scope(sizes: [n, m, "2", "3"].filter { _ in chance(80) })
    if scope.sizes.isEmpty { scope.sizes = [n] }
    var types: [ProgramType] = [.real, .real]
    for size in scope.sizes { types.append(.reals([size])) }
    types.append(.reals([one(of: scope.sizes), one(of: scope.sizes)]))
    if chance(40) { types.append(ProgramType(element: .index(one(of: scope.sizes)), shape: [one(of: scope.sizes)])) }
    if chance(30) { types.append(one(of: [.integer, .boolean, .index(one(of: scope.sizes))])) }
    var parameters: [Node] = []
    var variables: [String] = []
    for type in types {
      let x = fresh("p")
      parameters.append(.plain("\(x): \(type.text)"))
      scope.add(x, type)
      if type.element == .real { variables.append(x) }
    }
    if chance(20) {
      // A number that serves as a size.
      let steps = fresh("c")
      parameters.append(.plain("\(steps): Int"))
      scope.add(steps, .integer)
      scope.sizes.append(steps)
    }
    let statements = block(&scope, 1 + below(6))
    budget = max(budget, 6)
    let results: [ProgramType] =
      chance(60) ? [.real] : chance(60) ? [.reals([one(of: scope.sizes)])] : [.real, .reals([one(of: scope.sizes)])]
    let outer = Scope(sizes: [])
    let first = using(scope, since: outer, statements, expression(results[0], scope, 3), results[0])
    let value: Node = results.count == 1 ? first : .plain("(first: \(first), second: \(expression(results[1], scope, 2)))")
    let type = results.count == 1 ? results[0].text : "(first: \(results[0].text), second: \(results[1].text))"
    declarations.append(.statement("func \(name)(\(Node.list(parameters))) -> \(type) {\n\(statements)return \(value)\n}"))
    derivations(name, variables, isNumber: results == [.real])
  }

  private mutating func derivations(_ name: String, _ variables: [String], isNumber: Bool) {
    let kinds = isNumber ? ["value", "gradient", "vjp", "jvp", "jacobian", "hessian", "hvp"] : ["value", "vjp", "jvp", "jacobian"]
    var chosen = kinds.filter { _ in chance(30) }
    if chosen.isEmpty { chosen = [isNumber ? "gradient" : "vjp"] }
    for kind in chosen {
      let some = variables.filter { _ in chance(60) }
      let list = (some.isEmpty ? variables : some).joined(separator: ", ")
      let alias = chance(20) ? " as \(fresh("named"))" : ""
      declarations.append(.statement("derive \(kind) of \(name)\(kind == "value" ? "" : " wrt \(list)")\(alias)"))
    }
  }

  /// A function whose Jacobian is made of blocks.
  mutating func residuals() {
    let (c, o, name) = (fresh("n"), fresh("o"), fresh("main"))
    let width = one(of: ["2", "3"])
    var scope = Scope(sizes: [c, o, width])
    scope.add("table", .reals([c, width]))
    scope.add("weights", .reals([o]))
    scope.add("seen", .reals([o, width]))
    scope.add("at", ProgramType(element: .index(c), shape: [o]))
    let i = fresh("i")
    var inner = Scope(sizes: [width])
    inner.nesting = 1
    inner.add(i, .index(o))
    inner.add("row", .reals([width]))
    inner.add("target", .reals([width]))
    inner.add("weight", .real)
    let outer = inner
    let statements = block(&inner, below(3))
    let shape = chance(50) ? [] : [width]
    let value = using(inner, since: outer, statements, expression(.reals(shape), inner, 3), .reals(shape))
    let body = Node.plain(
      "[\(i) in \(o): {\nlet row = table[at[\(i)]]\nlet target = seen[\(i)]\nlet weight = weights[\(i)]\n\(statements)(\(value) + 0.1 * weight * sum(row))\n}]"
    )
    declarations.append(
      .statement(
        "func \(name)(table: Float[\(c), \(width)], weights: Float[\(o)], seen: Float[\(o), \(width)], at: Index<\(c)>[\(o)]) -> Float[\(([o] + shape).joined(separator: ", "))] {\nreturn \(body)\n}"
      ))
    declarations.append(
      .statement("derive sparse jacobian of \(name) wrt \(one(of: ["table", "weights", "table, weights", "table, weights, seen"]))"))
    if chance(50) { declarations.append(.statement("derive vjp of \(name) wrt table, weights")) }
  }
}

extension Array {
  fileprivate func shuffledOnce(_ swap: Bool) -> [Element] { swap ? reversed() : self }
}
