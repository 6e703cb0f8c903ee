import ModelDSL

// Sums, products, extremes and their places.

extension Planner {
  mutating func run(_ reduce: Reduce, _ statement: Statement) {
    let results = statement.results
    if regionAxis(of: statement) != nil { return region(statement) }
    if let product = productSum(reduce) { return bind(results[0], product, name: "product") }
    switch reduce.op {
    case .sum: sum(reduce, results)
    case .product, .max, .min: fold(reduce, results[0])
    case .argmax, .argmin: place(reduce, results)
    }
  }

  /// A sum over one axis of products of two rows.
  mutating func productSum(_ reduce: Reduce) -> Plan.Expression? {
    let (limits, condition) = limits(of: reduce)
    guard reduce.op == .sum, condition == nil, reduce.axes.count == 1, reduce.body.results.count == 1, reduce.body.statements.count <= 3,
      (reduce.axes[0].size.constant ?? .max) >= 8, let last = reduce.body.statements.last,
      case .primitive(.multiply, let factors) = last.operation, last.results == reduce.body.results, type(factors[0]).element == .real
    else { return nil }
    let index = reduce.axes[0].index
    func row(_ factor: Value) -> Plan.Pointer? {
      for statement in reduce.body.statements.dropLast() where statement.results == [factor] {
        guard case .read(let source, let indices) = statement.operation, indices.last == index, !indices.dropLast().contains(index),
          case .array(let pointer)? = bindings[source], pointer.element == .real
        else { return nil }
        var places: [Plan.Expression] = []
        for place in indices.dropLast() {
          guard case .number(let expression)? = bindings[place] else { return nil }
          places.append(expression)
        }
        return pointer.advanced(by: offset(places, type(source).shape))
      }
      return nil
    }
    guard let first = row(factors[0]), let second = row(factors[1]) else { return nil }
    let (start, end) = range(of: reduce.axes[0], within: limits)
    guard let start else { return .dot(first, second, count: end) }
    return .dot(first.advanced(by: start), second.advanced(by: start), count: .primitive(.subtract, [end, start]))
  }

  /// Where the body counts: everywhere, or where the condition holds.
  mutating func guarded(_ condition: Block?, _ body: (inout Planner) -> Void) {
    guard let condition else { return body(&self) }
    run(condition)
    let test = number(condition.results[0])
    let inner = collect(body)
    steps.append(.branch(test, inner, []))
  }

  mutating func sum(_ reduce: Reduce, _ results: [Value]) {
    var locals: [Plan.Local?] = []
    var targets: [Target?] = []
    for result in results {
      let type = type(result)
      if type.isScalar {
        let local = local(.number(type.element), procedure.values.name(of: result) ?? "sum")
        steps.append(.variable(local, zero(type.element)))
        locals.append(local)
        targets.append(nil)
        bindings[result] = .number(.local(local))
      } else {
        let target = place(result)
        if !target.isAdding {
          steps.append(.fill(target.pointer, count: Plan.Expression(type.shape.elementCount), zero(type.element)))
        }
        locals.append(nil)
        targets.append(Target(pointer: target.pointer, isAdding: true))
        bindings[result] = .array(target.pointer)
      }
    }
    let (limits, condition) = limits(of: reduce)
    loops(reduce.axes[...], within: limits) { planner in
      planner.guarded(condition) { planner in
        planner.run(reduce.body, targets: targets)
        for (value, local) in zip(reduce.body.results, locals) {
          if let local { planner.steps.append(.increase(local, planner.number(value))) }
        }
      }
    }
  }

  mutating func fold(_ reduce: Reduce, _ result: Value) {
    let element = type(result).element
    let primitive: Primitive = reduce.op == .product ? .multiply : reduce.op == .max ? .maximum : .minimum
    let local = local(.number(element), procedure.values.name(of: result) ?? (reduce.op == .product ? "product" : "extreme"))
    steps.append(.variable(local, start(reduce.op, element)))
    let (limits, condition) = limits(of: reduce)
    loops(reduce.axes[...], within: limits) { planner in
      planner.guarded(condition) { planner in
        planner.run(reduce.body)
        let value = planner.number(reduce.body.results[0])
        planner.steps.append(.assign(local, .primitive(primitive, [.local(local), value])))
      }
    }
    bindings[result] = .number(.local(local))
  }

  func start(_ op: ReduceOperator, _ element: Element) -> Plan.Expression {
    switch (op, element) {
    case (.product, .real): .real(1)
    case (.product, _): .integer(1)
    case (.min, .real), (.argmin, .real): .real(.infinity)
    case (.min, _), (.argmin, _): .integer(.max)
    case (_, .real): .real(-.infinity)
    default: .integer(.min)
    }
  }

  /// The first place of the extreme. NaN counts as more extreme than any number, as it does in `max`.
  mutating func place(_ reduce: Reduce, _ results: [Value]) {
    let element = type(reduce.body.results[0]).element
    let best = local(.number(element), reduce.op == .argmax ? "greatest" : "least")
    let found = local(.number(.boolean), "isFound")
    steps.append(.variable(best, start(reduce.op, element)))
    steps.append(.variable(found, .constant(.boolean(false))))
    let places = results.map { local(.number(.integer), procedure.values.name(of: $0) ?? "place") }
    for place in places { steps.append(.variable(place, .integer(0))) }
    let (limits, condition) = limits(of: reduce)
    loops(reduce.axes[...], within: limits) { planner in
      planner.guarded(condition) { planner in
        planner.run(reduce.body)
        let value = planner.local(.number(element), "candidate")
        planner.steps.append(.define(value, planner.number(reduce.body.results[0])))
        let isBetter = planner.local(.number(.boolean), "isBetter")
        planner.steps.append(
          .define(isBetter, .primitive(reduce.op == .argmax ? .greater : .less, [.local(value), .local(best)])))
        var test: Plan.Expression = .primitive(.or, [.local(isBetter), .primitive(.not, [.local(found)])])
        if element == .real {
          let isFirstNaN = planner.local(.number(.boolean), "isFirstNaN")
          planner.steps.append(
            .define(
              isFirstNaN,
              .primitive(
                .and,
                [.primitive(.notEqual, [.local(value), .local(value)]), .primitive(.equal, [.local(best), .local(best)])])))
          test = .primitive(.or, [.primitive(.or, [.local(isBetter), .local(isFirstNaN)]), .primitive(.not, [.local(found)])])
        }
        var inner: [Plan.Step] = [.assign(best, .local(value)), .assign(found, .constant(.boolean(true)))]
        for (place, axis) in zip(places, reduce.axes) { inner.append(.assign(place, planner.number(axis.index))) }
        planner.steps.append(.branch(test, inner, []))
      }
    }
    for (result, place) in zip(results, places) { bindings[result] = .number(.local(place)) }
  }
}
