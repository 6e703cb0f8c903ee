// Sizes as they are written: in types, as the counts of loops, in size declarations.

extension Checker {
  /// The size that an expression stands for; nil where it is none, which is reported.
  mutating func size(_ tree: Expression) -> Size? {
    switch tree.kind {
    case .error: return nil
    case .integer(let value):
      guard Size.isSafe(value) else {
        report(.sizeTooLarge(at: tree.range))
        return nil
      }
      return Size(value)
    case .name(let name): return size(named: name, at: tree.range)
    case .unary(.minus, let operand): return size(operand).map { Size(0) - $0 }
    case .binary(let op, let left, let right):
      guard [.add, .subtract, .multiply, .divide, .power].contains(op) else { break }
      guard let a = size(left), let b = size(right) else { return nil }
      switch op {
      case .add: return a + b
      case .subtract: return a - b
      case .multiply where a.degree + b.degree <= 6: return bounded(a * b, tree)
      case .divide:
        guard let divisor = b.constant, divisor > 0 else {
          report(.sizeDivisor(at: right.range))
          return nil
        }
        let quotient = a.divided(by: divisor)
        if a.constant != nil, quotient.constant == nil {
          report(.sizeNotWhole(a: a, divisor: divisor, at: tree.range))
          return nil
        }
        return quotient
      case .power:
        if let exponent = b.constant, (0...6).contains(exponent), a.degree * exponent <= 6 {
          return bounded((0..<exponent).reduce(Size(1)) { product, _ in bounded(product * a, nil) ?? Size(0) }, tree)
        }
      default: break
      }
    default: break
    }
    // Anything else that is an integer made of sizes: a `let`, a product in parentheses with a name.
    let value = check(tree)
    if value.type == .error { return nil }
    return size(of: value, as: tree)
  }

  private mutating func bounded(_ size: Size, _ tree: Expression?) -> Size? {
    guard size.terms.values.allSatisfy({ Size.isSafe($0.numerator) && Size.isSafe($0.denominator) }) else {
      if let tree { report(.sizeTooLarge(at: tree.range)) }
      return nil
    }
    return size
  }

  /// The size that a typed expression stands for, reported where it is none.
  private mutating func size(of value: TypedExpression, as tree: Expression) -> Size? {
    if let size = knownSize(value) { return size }
    report(.notASize(text: text(tree.range), type: value.type, at: tree.range))
    return nil
  }

  /// The size that a value stands for: a polynomial of sizes. An `Int` parameter that is read here serves as a size from now on.
  mutating func knownSize(_ value: TypedExpression) -> Size? {
    guard let number = asInteger(value) else { return nil }
    let polynomial = polynomial(of: number)
    let foreign = polynomial.symbols.filter { atoms.all.contains($0) }
    if foreign.isEmpty { return polynomial }
    // Parameters of the function in check may serve as sizes; it is then checked again with them as sizes.
    var promoted: Set<Int> = []
    for symbol in foreign {
      guard let place = context.integerParameters.first(where: { atoms.symbols["v\($0.key.index).0"] == symbol })?.value else { return nil }
      promoted.insert(place)
    }
    context.promotions.formUnion(promoted)
    return polynomial
  }

  private mutating func size(named name: String, at range: SourceRange) -> Size? {
    guard let entity = lookUp(name) else {
      if laterDeclaration(of: name) != nil {
        reportMissing(name, unknown(name, at: range))
      } else {
        reportMissing(name, .unknownSize(name: name, nearest: nearestName(to: name, where: mayBeSize), at: range))
      }
      return nil
    }
    switch entity {
    case .size(let size):
      noteUse(of: size)
      return size
    case .failed: return nil
    case .variable, .constant:
      let value = check(Expression(kind: .name(name), range: range))
      if value.type == .error { return nil }
      return size(of: value, as: Expression(kind: .name(name), range: range))
    default:
      report(.notASizeName(name: name, kind: entity.kindName, at: range))
      return nil
    }
  }

  private func mayBeSize(_ entity: Entity) -> Bool {
    switch entity {
    case .size: true
    case .variable(let id): variables[id.index].type.isIntegerNumber
    case .function, .primitive, .constant, .cell, .model, .instance, .instances, .failed: false
    }
  }

  /// A size of the file that is known only at run time belongs to the model that uses it.
  mutating func noteUse(of size: Size) {
    for symbol in size.symbols where fileSizeSymbols.contains(symbol) { context.fileSizes.insert(symbol) }
  }

  /// A count must not be negative.
  mutating func count(_ tree: Expression) -> Size? {
    guard let size = size(tree) else { return nil }
    if let value = size.constant, value < 0 {
      report(.negativeSize(size: size, at: tree.range))
      return nil
    }
    return size
  }
}
