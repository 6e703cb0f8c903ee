import ModelDSL

/// A mathematical function on vectors of one type: every lane as the function on numbers.
struct EmittedVectorFunction: Hashable {
  var function: MathematicalFunction
  var precision: Precision
  var lanes: Int

  /// nil where there is no such text: then the caller goes lane by lane.
  init?(_ function: MathematicalFunction, _ precision: Precision, lanes: Int) {
    guard VectorMathematicsSource.text(function, isSingle: precision == .single) != nil else { return nil }
    self.function = function
    self.precision = precision
    self.lanes = lanes
  }

  /// The other functions on vectors that its text calls.
  var dependencies: [EmittedVectorFunction] {
    let isSingle = precision == .single
    let own = VectorMathematicsSource.dependencies(function, isSingle: isSingle).map { ($0, precision) }
    let wide = VectorMathematicsSource.dependenciesInDouble(function, isSingle: isSingle).map { ($0, Precision.double) }
    return (own + wide).map { EmittedVectorFunction($0, $1, lanes: lanes)! }
  }

  /// The functions on numbers that its text calls, for the few arguments that it leaves to them.
  var numberFunctions: [EmittedFunction] {
    VectorMathematicsSource.fallbacks(function, isSingle: precision == .single).map { EmittedFunction($0, precision) }
  }

  /// The function in Swift, from its documentation on.
  var text: String {
    VectorMathematicsSource.instantiated(
      VectorMathematicsSource.text(function, isSingle: precision == .single)!, isSingle: precision == .single, lanes: lanes)
  }

  /// What the functions on one type of vector call besides: `multiplyAdd` and how lanes are chosen. Once for each type in use.
  static func helpers(_ precision: Precision, lanes: Int) -> String {
    VectorMathematicsSource.instantiated(VectorMathematicsSource.helpers, isSingle: precision == .single, lanes: lanes)
  }

  /// The functions with everything that they call, in a fixed order.
  static func closure(_ functions: Set<EmittedVectorFunction>) -> [EmittedVectorFunction] {
    var all = functions
    var work = Array(functions)
    while let function = work.popLast() {
      for dependency in function.dependencies where all.insert(dependency).inserted { work.append(dependency) }
    }
    let order = Dictionary(uniqueKeysWithValues: MathematicalFunction.allCases.enumerated().map { ($1, $0) })
    return all.sorted { ($0.precision.rawValue, $0.lanes, order[$0.function]!) < ($1.precision.rawValue, $1.lanes, order[$1.function]!) }
  }
}
