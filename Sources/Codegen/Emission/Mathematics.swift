import ModelDSL

/// A function for one type of number.
struct EmittedFunction: Hashable {
  var function: MathematicalFunction
  var precision: Precision
  var element: Element
  /// More than 1 for the function on vectors.
  var lanes = 1
  /// How many columns a function on rows is for, where that is known.
  var columns: Int?

  /// The function on vectors of real numbers.
  init(_ function: MathematicalFunction, _ precision: Precision, lanes: Int) {
    self.init(function, .real, precision)
    self.lanes = lanes
  }

  init(_ function: MathematicalFunction, _ precision: Precision, isInteger: Bool = false) {
    self.function = function
    self.precision = precision
    element = isInteger && function != .step ? .integer : .real
    if function == .whole { element = .real }
    // One for all types.
    if function == .squareRoot { self.precision = .double }
  }

  private init(_ function: MathematicalFunction, _ element: Element, _ precision: Precision) {
    self.function = function
    self.precision = precision
    self.element = element
  }

  /// Takes memory for so many elements from the front of what is left.
  static func take(_ element: Element, _ precision: Precision) -> EmittedFunction { EmittedFunction(.take, element, precision) }

  /// Finds the spikes among numbers or conditions.
  static func spikeBits(_ element: Element, _ precision: Precision) -> EmittedFunction { EmittedFunction(.spikeBits, element, precision) }

  /// The root of a size.
  static let root = EmittedFunction(.root, .integer, .double)

  /// Adds one array to another.
  static func addArrays(_ element: Element, _ precision: Precision) -> EmittedFunction { EmittedFunction(.add, element, precision) }

  var name: String {
    if function == .load || function == .gather { return function.rawValue + String(lanes) }
    if let columns { return function.swiftName + String(columns) }
    guard function == .take else { return function.swiftName }
    switch element {
    case .real: return precision == .single ? "floats" : "doubles"
    case .integer: return "integers"
    case .boolean: return "booleans"
    }
  }

  private func double(_ function: MathematicalFunction) -> EmittedFunction { EmittedFunction(function, .double) }
  private func own(_ function: MathematicalFunction) -> EmittedFunction { EmittedFunction(function, precision) }

  /// What its text calls.
  var dependencies: [EmittedFunction] {
    if lanes > 1 { return vectorDependencies }
    if precision == .single && isByDouble { return [double(function)] }
    switch function {
    case .load, .store, .select, .gather, .scatter, .multiplyAdd, .negativeMultiplyAdd, .greatestLane, .leastLane, .vectorHelpers,
      .multiply,
      .multiplyRows, .spikeBits, .addRows:
      return []
    case .minimum, .maximum, .abs, .quotient, .modulo, .root, .dot, .add, .take, .sign, .step, .squareRoot, .floor, .ceil, .round: return []
    case .asin, .acos: return [double(.squareRoot)]
    case .expm1, .log, .log1p, .atan, .sine, .cosine, .twoOverPi, .multiplied, .exponential: return []
    case .whole: return [own(.floor)]
    case .exp: return precision == .single ? [] : [double(.exponential)]
    case .sigmoid: return [own(.exp)]
    case .tanh: return precision == .single ? [own(.exp)] : [double(.expm1)]
    case .softplus: return [double(.exp), double(.log1p)]
    case .erf: return [double(.exp)]
    case .sinh, .cosh: return [double(.exp), double(.expm1)]
    case .atan2: return [double(.atan)]
    case .sin, .cos, .sineAndCosine: return [double(.reduced), double(.sine), double(.cosine)]
    case .tan: return [double(.reduced), double(.sine), double(.cosine), double(.multiplied)]
    case .reduced: return [double(.twoOverPi), double(.multiplied)]
    case .logarithm: return [double(.multiplied)]
    case .pow: return [double(.logarithm), double(.multiplied), double(.exponential), double(.floor)]
    }
  }

  private var vectorDependencies: [EmittedFunction] {
    let helpers = EmittedFunction(.vectorHelpers, precision, lanes: lanes)
    if VectorSource.text(function, lanes: lanes) != nil {
      switch function {
      case .greatestLane: return [own(.maximum)]
      case .leastLane: return [own(.minimum)]
      case .addRows, .multiply, .multiplyRows:
        let moves = ProductSource.widths(lanes).flatMap { width in
          [MathematicalFunction.load, .store, .vectorHelpers].map { EmittedFunction($0, precision, lanes: width) }
        }
        return (function == .addRows ? [.spikeBits(.real, precision)] : []) + moves
      default: return []
      }
    }
    switch function {
    case .vectorHelpers: return []
    case .select, .multiplyAdd: return [helpers]
    default: break
    }
    guard let known = EmittedVectorFunction(function, precision, lanes: lanes) else { return [own(function)] }
    return [helpers] + known.numberFunctions
      + known.dependencies.flatMap {
        [EmittedFunction($0.function, $0.precision, lanes: lanes), EmittedFunction(.vectorHelpers, $0.precision, lanes: lanes)]
      }
  }

  /// In single precision worked out in double: right but for the last rounding.
  private var isByDouble: Bool {
    switch function {
    case .expm1, .log1p, .sin, .cos, .sineAndCosine, .tan, .asin, .acos, .atan, .atan2, .sinh, .cosh, .softplus, .erf, .pow: true
    default: false
    }
  }

  /// The function in Swift, from its documentation on.
  var text: String {
    if lanes > 1 { return vectorText }
    let type = element == .integer ? "Int" : precision.rawValue
    let stored = element.storedType(precision)
    let source: String
    if precision == .single && function == .sineAndCosine {
      source = """
        private static func sineAndCosine(_ x: Float) -> (Float, Float) {
          let (s, c): (Double, Double) = sineAndCosine(Double(x))
          return (Float(s), Float(c))
        }
        """
    } else if precision == .single && isByDouble {
      let isPair = function == .atan2 || function == .pow
      let parameters = isPair ? "_ \(function == .pow ? "x" : "y"): Float, _ \(function == .pow ? "y" : "x"): Float" : "_ x: Float"
      let arguments = isPair ? (function == .pow ? "Double(x), Double(y)" : "Double(y), Double(x)") : "Double(x)"
      source = "private static func \(name)(\(parameters)) -> Float { Float(\(name)(\(arguments))) }"
    } else {
      source =
        MathematicsSource.text(function, isSingle: precision == .single, element: element)
    }
    return source.replacing("#Name", with: name).replacing("#Type", with: type).replacing("#Stored", with: stored)
      .replacing("#Bytes", with: String(element.bytes(precision))).replacing("#Width", with: String(precision.bytes * 8))
  }

  private var vectorText: String {
    if let known = EmittedVectorFunction(function, precision, lanes: lanes) { return known.text }
    if function == .vectorHelpers { return EmittedVectorFunction.helpers(precision, lanes: lanes) }
    if let columns {
      return VectorMathematicsSource.instantiated(
        SpikeSource.addRows(columns: columns, lanes: lanes), isSingle: precision == .single, lanes: lanes)
    }
    return VectorMathematicsSource.instantiated(
      VectorSource.text(function, lanes: lanes) ?? VectorSource.byLane(function, lanes: lanes), isSingle: precision == .single, lanes: lanes
    )
  }

  /// The functions with everything that they call, in a fixed order.
  static func closure(_ functions: Set<EmittedFunction>) -> [EmittedFunction] {
    var all = functions
    var work = Array(functions)
    while let function = work.popLast() {
      for dependency in function.dependencies where all.insert(dependency).inserted { work.append(dependency) }
    }
    let order = Dictionary(uniqueKeysWithValues: MathematicalFunction.allCases.enumerated().map { ($1, $0) })
    func key(_ f: EmittedFunction) -> (Int, String, Int, Int, Int) {
      (order[f.function]!, f.precision.rawValue, f.element == .real ? 0 : f.element == .integer ? 1 : 2, f.lanes, f.columns ?? 0)
    }
    var unique: [EmittedFunction] = []
    for function in all.sorted(by: { key($0) < key($1) }) {
      // What is on whole numbers, or memory for them, is the same in both precisions.
      if function.element != .real && unique.contains(where: { $0.function == function.function && $0.element == function.element }) {
        continue
      }
      // They stand among the helpers.
      if function.lanes > 1 && (function.function == .select || function.function == .multiplyAdd) { continue }
      unique.append(function)
    }
    return unique
  }
}

extension String {
  /// The text with every occurrence replaced (the standard library's own search is Foundation's, or slow to compile).
  fileprivate func replacing(_ pattern: String, with replacement: String) -> String {
    var result = ""
    var rest = self[...]
    while let place = rest.firstIndex(of: pattern.first!) {
      result += rest[..<place]
      if rest[place...].hasPrefix(pattern) {
        result += replacement
        rest = rest[place...].dropFirst(pattern.count)
      } else {
        result.append(rest[place])
        rest = rest[place...].dropFirst()
      }
    }
    return result + rest
  }
}
