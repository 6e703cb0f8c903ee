// `x[i]`, `x[i, j]`, `x[a..<b]`, `x[.., 0]`.

extension Checker {
  mutating func checkSubscript(_ baseTree: Expression, _ subscripts: [Subscript], at range: SourceRange) -> TypedExpression {
    if case .name(let name) = baseTree.kind, case .instances? = lookUp(name) {
      report(.notAValue(name: name, kind: "a list of instances", at: baseTree.range))
      return errorExpression(range)
    }
    let base = check(baseTree)
    guard !base.type.containsError else {
      for item in subscripts { if case .index(let tree) = item { _ = check(tree) } }
      return errorExpression(range)
    }
    guard let result = subscripted(base, subscripts, at: range) else { return errorExpression(range) }
    return result
  }

  private mutating func subscripted(_ base: TypedExpression, _ subscripts: [Subscript], at range: SourceRange) -> TypedExpression? {
    guard case .array(let scalar, let shape) = base.type, !shape.isEmpty else {
      report(.notIndexable(type: base.type, text: text(base.range), at: range))
      return nil
    }
    guard subscripts.count <= shape.count else {
      report(.tooManyIndices(found: subscripts.count, type: base.type, at: range))
      return nil
    }
    let text = "`\(self.text(range))`"
    var typed: [TypedSubscript] = []
    var kept: [Size] = []
    var failed = false
    for (item, size) in zip(subscripts, shape) {
      switch item {
      case .all:
        typed.append(.all)
        kept.append(size)
      case .index(let tree):
        guard let index = checkIndex(tree, below: size, of: text) else {
          failed = true
          continue
        }
        typed.append(.index(index))
      case .range(let lower, let upper, let place):
        guard let slice = checkSlice(lower, upper, size, place, text) else {
          failed = true
          continue
        }
        typed.append(.range(lower: slice.lower, count: slice.count))
        kept.append(slice.count)
      }
    }
    if failed { return nil }
    while case .all? = typed.last { typed.removeLast() }
    if typed.isEmpty { return base }
    let type = Type.array(scalar, kept + shape.dropFirst(subscripts.count))
    return TypedExpression(kind: .subscripted(base, typed), type: type, range: range)
  }

  /// An index proven to lie in `0 ..< size`.
  mutating func checkIndex(_ tree: Expression, below size: Size, of what: String) -> TypedExpression? {
    let value = check(tree)
    if value.type.containsError { return nil }
    guard let index = asInteger(value) else {
      if value.type.isNumber && value.type.isReal {
        report(.realAsIndex(text: text(tree.range), at: tree.range))
      } else {
        report(.notAnIndex(type: value.type, at: tree.range))
      }
      return nil
    }
    proveIndex(index, below: size, of: what)
    return index
  }

  private mutating func checkSlice(
    _ lowerTree: Expression?, _ upperTree: Expression?, _ size: Size, _ range: SourceRange, _ what: String
  ) -> (lower: TypedExpression, count: Size)? {
    func constant(_ size: Size) -> TypedExpression {
      TypedExpression(kind: size.constant.map { .integer($0) } ?? .size(size), type: .integer, range: range)
    }
    var ends: [TypedExpression] = []
    for (tree, missing) in [(lowerTree, Size(0)), (upperTree, size)] {
      guard let tree else {
        ends.append(constant(missing))
        continue
      }
      let value = check(tree)
      if value.type.containsError { return nil }
      guard let end = asInteger(value) else {
        report(.realAsIndex(text: text(tree.range), at: tree.range))
        return nil
      }
      ends.append(end)
    }
    let (lower, upper) = (polynomial(of: ends[0]), polynomial(of: ends[1]))
    var count = upper - lower
    if count.symbols.contains(where: { atoms.all.contains($0) }) {
      // Ends that are `Int` parameters are sizes.
      guard let a = knownSize(ends[0]), let b = knownSize(ends[1]) else {
        report(.sliceLength(at: range))
        return nil
      }
      count = b - a
    }
    if let value = count.constant, value < 0 {
      report(.sliceBackwards(at: range))
      return nil
    }
    let holds = [
      establish(lower, reason: what, at: range), establish(count, reason: what, at: range),
      establish(size - upper, reason: what, at: range),
    ]
    if holds.contains(false) {
      report(.sliceOutOfRange(lower: lower, upper: upper, size: size, at: range))
      return nil
    }
    return (ends[0], count)
  }
}
