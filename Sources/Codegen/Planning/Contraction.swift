import ModelDSL

/// Sums of products of two arrays' elements, for every point of some axes: `c[i, j] = sum [k] a[i, k] * b[k, j]`, and whatever else the indices say.
struct Contraction {
  struct Factor {
    var array: Value
    var indices: [Value]
  }

  /// Every loop, those that are summed over included.
  var axes: [Axis]
  var first: Factor
  var second: Factor
  /// Where the sums are added to; nil where they are the results of a map over `free`.
  var target: Factor?
  /// The axes of the results, in order.
  var free: [Axis]

  /// The map, where it is nothing else.
  init?(_ map: Map) {
    if map.body.results.count == 1, map.body.statements.count == 1, case .reduce(let reduce) = map.body.statements[0].operation,
      reduce.op == .sum, reduce.condition == nil, reduce.body.results.count == 1, map.body.results == map.body.statements[0].results,
      let (first, second) = Contraction.product(reduce.body.statements, reduce.body.results[0])
    {
      axes = map.axes + reduce.axes
      (self.first, self.second) = (first, second)
      free = map.axes
      return
    }
    guard map.body.results.isEmpty, let last = map.body.statements.last,
      case .accumulate(let token, let indices, let value) = last.operation,
      let (first, second) = Contraction.product(Array(map.body.statements.dropLast()), value)
    else { return nil }
    axes = map.axes
    (self.first, self.second) = (first, second)
    target = Factor(array: token, indices: indices)
    free = map.axes.filter { indices.contains($0.index) }
  }

  /// The factors, where the statements are two reads and their product and nothing more.
  private static func product(_ statements: [Statement], _ result: Value) -> (Factor, Factor)? {
    guard let last = statements.last, last.results == [result], case .primitive(.multiply, let operands) = last.operation,
      statements.count == (operands[0] == operands[1] ? 2 : 3)
    else { return nil }
    func factor(_ value: Value) -> Factor? {
      for statement in statements where statement.results == [value] {
        if case .read(let array, let indices) = statement.operation { return Factor(array: array, indices: indices) }
      }
      return nil
    }
    guard let first = factor(operands[0]), let second = factor(operands[1]) else { return nil }
    return (first, second)
  }

  init(axes: [Axis], first: Factor, second: Factor, target: Factor?, free: [Axis]) {
    self.axes = axes
    self.first = first
    self.second = second
    self.target = target
    self.free = free
  }
}

/// A loop of a contraction, and how far each array moves with it.
struct ContractionAxis {
  /// The indices that it runs through, the last fastest.
  var indices: [Value]
  var size: Size
  var a: Size
  var b: Size
  var c: Size
}

/// What kernel a contraction is for.
struct ContractionRoles {
  enum Kind {
    /// Along the columns, `b` and `c` are neighbours.
    case columns
    /// Along the terms, `a` and `b` are neighbours.
    case terms
  }
  var kind: Kind
  /// Whether the first factor is `b`.
  var isSwapped: Bool
  var columns: ContractionAxis
  var rows: ContractionAxis?
  var terms: ContractionAxis?
  /// Loops around the kernel, outermost first.
  var outer: [ContractionAxis]
}

extension Contraction {
  /// How the loops are shared out; nil where no kernel fits, or the whole is too small for one.
  func roles(_ values: ValueTable) -> ContractionRoles? {
    for factor in [first, second] where values[factor.array].element != .real || values[factor.array].shape.count != factor.indices.count {
      return nil
    }
    if let target, values[target.array].shape.count != target.indices.count || values[target.array].element != .real { return nil }
    let known = axes.map { $0.size.constant ?? 16 }
    if axes.count < 2 || known.reduce(1, *) < 64 { return nil }
    let targetFactor = target ?? Factor(array: first.array, indices: free.map(\.index))
    let targetShape = target.map { values[$0.array].shape } ?? free.map(\.size)
    var all = axes.map { axis in
      ContractionAxis(
        indices: [axis.index], size: axis.size, a: first.stride(axis.index, values[first.array].shape),
        b: second.stride(axis.index, values[second.array].shape), c: targetFactor.stride(axis.index, targetShape))
    }
    all = merged(all)
    let zero = Size(0)
    let one = Size(1)
    let results = all.indices.filter { all[$0].c != zero }
    let sums = all.indices.filter { all[$0].c == zero }
    func weight(_ place: Int) -> Int { all[place].size.constant ?? 1_000 }

    for isSwapped in [false, true] {
      func a(_ place: Int) -> Size { isSwapped ? all[place].b : all[place].a }
      func b(_ place: Int) -> Size { isSwapped ? all[place].a : all[place].b }
      guard let columns = results.first(where: { all[$0].c == one && b($0) == one && a($0) == zero && weight($0) >= 4 }) else { continue }
      let rows = results.filter { $0 != columns && b($0) == zero }.max { weight($0) < weight($1) }
      let terms = sums.filter { a($0) != zero && b($0) != zero }.max { weight($0) < weight($1) }
      let outer = all.indices.filter { $0 != columns && $0 != rows && $0 != terms }
      if terms == nil && !sums.isEmpty { continue }
      return ContractionRoles(
        kind: .columns, isSwapped: isSwapped, columns: all[columns], rows: rows.map { all[$0] }, terms: terms.map { all[$0] },
        outer: outer.map { all[$0] })
    }
    for isSwapped in [false, true] {
      func a(_ place: Int) -> Size { isSwapped ? all[place].b : all[place].a }
      func b(_ place: Int) -> Size { isSwapped ? all[place].a : all[place].b }
      guard let terms = sums.first(where: { a($0) == one && b($0) == one && weight($0) >= 4 }),
        let columns = results.filter({ a($0) == zero && b($0) != zero }).max(by: { weight($0) < weight($1) })
      else { continue }
      let outer = all.indices.filter { $0 != columns && $0 != terms }
      return ContractionRoles(
        kind: .terms, isSwapped: isSwapped, columns: all[columns], rows: nil, terms: all[terms], outer: outer.map { all[$0] })
    }
    return nil
  }

  /// Neighbouring axes that every array runs through as if they were one.
  private func merged(_ axes: [ContractionAxis]) -> [ContractionAxis] {
    var result: [ContractionAxis] = []
    for axis in axes {
      if let last = result.last, (last.c == Size(0)) == (axis.c == Size(0)), last.a == axis.a * axis.size, last.b == axis.b * axis.size,
        last.c == axis.c * axis.size
      {
        result[result.count - 1] = ContractionAxis(
          indices: last.indices + axis.indices, size: last.size * axis.size, a: axis.a, b: axis.b, c: axis.c)
      } else {
        result.append(axis)
      }
    }
    return result
  }
}

extension Contraction.Factor {
  /// How many elements lie between neighbours along an index.
  fileprivate func stride(_ index: Value, _ shape: [Size]) -> Size {
    var sum = Size(0)
    for (place, other) in indices.enumerated() where other == index { sum = sum + Array(shape.dropFirst(place + 1)).elementCount }
    return sum
  }
}
