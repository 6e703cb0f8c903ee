import ModelDSL

// Several iterations side by side.

extension FunctionPrinter {
  /// How many numbers or conditions the expression holds side by side; nil for a single one.
  func lanes(_ expression: Plan.Expression) -> Int? {
    switch expression {
    case .constant, .size, .argument, .load, .dot, .lane, .total: nil
    case .vector(_, let lanes), .splat(_, let lanes), .gather(_, _, let lanes): lanes
    case .local(let local):
      switch plan[local].type {
      case .vector(let lanes), .mask(let lanes): lanes
      case .number, .pointer: nil
      }
    case .primitive(_, let operands): operands.compactMap { self.lanes($0) }.first
    case .select(_, let a, _): lanes(a)
    case .multiplyAdd(let a, _, _, _): lanes(a)
    }
  }

  private mutating func use(_ function: MathematicalFunction, _ lanes: Int) -> String {
    let function = EmittedFunction(function, precision, lanes: lanes)
    functions.insert(function)
    return function.name
  }

  private func vectorType(_ lanes: Int) -> String { Plan.LocalType.vector(lanes: lanes).swiftType(precision) }

  mutating func vectorCode(_ expression: Plan.Expression) -> Code {
    switch expression {
    case .vector(let pointer, let lanes): return Code("\(use(.load, lanes))(\(place(pointer)))")
    case .splat(.constant(.real(let number)), let lanes) where number == 0 && number.sign == .plus: return Code(vectorType(lanes) + ".zero")
    case .splat(let value, let lanes): return Code("\(vectorType(lanes))(repeating: \(code(value).text))")
    case .gather(let value, let lane, let lanes):
      let function = use(.gather, lanes)
      var text = ""
      scope { printer in
        let name = printer.declare(lane)
        text = "\(function) { (\(name): Int) -> \(printer.precision.rawValue) in \(printer.code(value).text) }"
      }
      return Code(text)
    case .lane(let vector, let place): return Code("\(name(vector))[\(code(place).text)]")
    case .total(let vector, let primitive):
      let lanes = lanes(vector)!
      switch primitive {
      case .maximum: return Code("\(use(.greatestLane, lanes))(\(code(vector).text))")
      case .minimum: return Code("\(use(.leastLane, lanes))(\(code(vector).text))")
      default: return Code(code(vector).within(.atom) + ".sum()")
      }
    case .multiplyAdd(let a, let b, let c, let isNegated):
      let function = use(isNegated ? .negativeMultiplyAdd : .multiplyAdd, lanes(a)!)
      return Code("\(function)(\([a, b, c].map { code($0).text }.joined(separator: ", ")))")
    case .constant, .size, .local, .argument, .load, .primitive, .select, .dot: return code(expression)
    }
  }

  mutating func vectorCode(_ primitive: Primitive, _ operands: [Code], lanes: Int) -> Code {
    switch PrimitiveForm(primitive) {
    case .infix(let symbol, _, let precedence):
      switch primitive {
      case .and: return .infix(operands[0], ".&", operands[1], .and)
      case .or: return .infix(operands[0], ".|", operands[1], .or)
      case .add, .subtract, .multiply, .divide: return .infix(operands[0], symbol, operands[1], precedence)
      default: return .infix(operands[0], "." + symbol, operands[1], precedence)
      }
    case .negation: return Code("-" + operands[0].within(.atom), .prefix)
    case .not: return Code(".!" + operands[0].within(.atom), .prefix)
    case .call(let function): return Code("\(use(function, lanes))(\(operands.map(\.text).joined(separator: ", ")))")
    case .conversion, .condition: preconditionFailure("\(primitive) has no form on vectors")
    }
  }

  mutating func storeVector(_ value: Plan.Expression, at pointer: Plan.Pointer, adding: Bool) {
    let lanes = lanes(value)!
    _ = use(.store, lanes)
    let value = code(value)
    let place = place(pointer)
    let sum = adding ? "\(use(.load, lanes))(\(place)) + \(value.within(.product))" : value.text
    text.line("store(\(sum), at: \(place))")
  }

  mutating func scatter(_ value: Plan.Expression, _ lane: Plan.Local, to pointer: Plan.Pointer, isAdding: Bool) {
    let function = use(.scatter, lanes(value)!)
    let value = code(value).text
    scope { printer in
      let name = printer.declare(lane)
      let number = printer.names.take("value")
      let store = "\(printer.subscripted(pointer)) \(isAdding ? "+=" : "=") \(number)"
      printer.text.line("\(function)(\(value)) { (\(name): Int, \(number): \(printer.precision.rawValue)) -> Void in \(store) }")
    }
  }

  // MARK: Products

  mutating func print(_ product: Plan.Product) {
    let function = use(.multiply, lanes)
    let a = [place(product.a), "row: " + size(product.aRow), "term: " + size(product.aTerm)]
    let b = [place(product.b), "term: " + size(product.bTerm)]
    let c = ["to: " + place(product.c), "row: " + size(product.cRow)]
    let counts = ["rows: " + code(product.rows).text, "columns: " + code(product.columns).text, "terms: " + code(product.terms).text]
    text.call(function, a + b + c + counts + ["adding: \(product.isAdding)"], "")
  }

  mutating func print(_ product: Plan.RowProduct) {
    let function = use(.multiplyRows, lanes)
    let operands = [
      place(product.a), place(product.b), "row: " + size(product.bRow), "to: " + place(product.c), "step: " + size(product.cStep),
    ]
    let counts = ["rows: " + code(product.rows).text, "terms: " + code(product.terms).text]
    text.call(function, operands + counts + ["adding: \(product.isAdding)"], "")
  }

  // MARK: Spikes

  mutating func print(_ sum: Plan.RowSum) {
    let function = use(.addRows, lanes)
    text.call(
      function,
      [
        "where: " + place(sum.spikes), "count: " + size(sum.count), place(sum.b), "row: " + size(sum.bRow), "to: " + place(sum.c),
        "columns: " + size(sum.columns),
      ])
  }

  /// A loop over the places where there is a spike: 64 at a time, as bits.
  mutating func print(_ loop: Plan.Loop, where spikes: Plan.Pointer, from group: Plan.Local) {
    functions.insert(EmittedFunction(.positives, precision))
    let (start, scope) = counter(group, start: "0")
    let count = code(loop.count)
    block("while \(start) < \(count.within(.sum))") { printer in
      let bits = printer.names.take("bits")
      let rest = Code.infix(count, "&-", Code(start), .sum).text
      printer.text.line("var \(bits): UInt64 = positives(\(printer.place(spikes)) + \(start), \(rest))")
      printer.block("while \(bits) != 0") { printer in
        printer.text.line("let \(printer.declare(loop.index)): Int = \(start) &+ \(bits).trailingZeroBitCount")
        printer.text.line("\(bits) &= \(bits) &- 1")
        printer.print(loop.body)
      }
      printer.text.line("\(start) &+= 64")
    }
    idleCounters[scope].append((plan[group].name, start))
  }
}
