import ModelDSL

extension Primitive {
  /// Arithmetic and comparisons: no dearer than reading the result from memory.
  var isCheap: Bool {
    switch self {
    case .add, .subtract, .multiply, .negate, .minimum, .maximum, .abs, .divide: true
    case .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual, .not, .and, .or: true
    case .floor, .ceil, .round, .sign, .step: true
    case .realFromInteger, .realFromBoolean, .integerFromBoolean, .integerFromReal: true
    case .quotient, .modulo: true
    case .power, .exp, .expm1, .log, .log1p, .sqrt, .sigmoid, .softplus, .erf: false
    case .sin, .cos, .tan, .asin, .acos, .atan, .atan2, .sinh, .cosh, .tanh: false
    }
  }

  /// Whether it has a finite value and slope wherever its operands are finite.
  var isTotal: Bool {
    switch self {
    case .divide, .power, .log, .log1p, .sqrt, .asin, .acos, .atan2, .tan, .quotient, .modulo, .integerFromReal: false
    default: true
    }
  }
}

extension Primitive {
  /// Whether its value or slope may be infinite where its operands are finite, if only by overflow.
  var mayBeInfinite: Bool {
    switch self {
    case .exp, .expm1, .sinh, .cosh: true
    default: !isTotal
    }
  }
}

extension Primitive {
  /// The operand that alone makes its value or slope infinite, and that only at 0.
  var divisor: Int? {
    switch self {
    case .divide: 1
    default: nil
    }
  }

  /// Whether it gives the number that it takes, as another type.
  var isConversion: Bool {
    switch self {
    case .realFromInteger: true
    default: false
    }
  }
}

extension Operation {
  /// Not worth a place of its own: a constant, a view, or an array that is one number throughout.
  var isTrivial: Bool {
    switch self {
    case .constant, .size, .read: true
    case .map(let map): map.body.statements.isEmpty
    default: false
    }
  }

  /// Whether it takes more than arithmetic, for one point of the iterations around it.
  var isCostly: Bool {
    switch self {
    case .constant, .size, .read, .pack, .update, .accumulate, .ruled: false
    case .primitive(let primitive, _): !primitive.isCheap
    case .reduce, .scan, .whileLoop: true
    case .map, .branch, .accumulating: blocks.contains { $0.statements.contains(where: \.operation.isCostly) }
    }
  }
}
