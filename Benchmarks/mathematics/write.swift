// Writes the vector functions for each type of vector into an enum of its own, with an entry that runs each over an array.

/// What only other functions call.
let parts: Set<MathematicalFunction> = [.exponential, .logarithm, .reduced, .sine, .cosine, .twoOverPi, .multiplied]
let functions: [(MathematicalFunction, operands: Int)] = MathematicalFunction.allCases.filter {
  VectorMathematicsSource.text($0, isSingle: true) != nil && !parts.contains($0)
}.map { ($0, [.minimum, .maximum, .atan2, .pow].contains($0) ? 2 : 1) }

func indented(_ text: String) -> String {
  text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.hasPrefix("#if") || $0.isEmpty ? String($0) : "  " + $0 }
    .joined(separator: "\n") + "\n"
}

/// The functions on numbers, as they stand beside the vectors' in generated code.
func numberText(_ function: MathematicalFunction, isSingle: Bool) -> String {
  let text = MathematicsSource.text(function, isSingle: isSingle, isInteger: false)
  return text.split(separator: "#Type", omittingEmptySubsequences: false).joined(separator: isSingle ? "Float" : "Double")
}

var output = ""
for (name, isSingle, lanes) in [
  ("Float4", true, 4), ("Float8", true, 8), ("Float16", true, 16), ("Double2", false, 2), ("Double4", false, 4), ("Double8", false, 8),
] {
  let scalar = isSingle ? "Float" : "Double"
  output += "enum \(name) {\n"
  for precision in isSingle ? [true, false] : [false] {
    output += indented(VectorMathematicsSource.instantiated(VectorMathematicsSource.helpers, isSingle: precision, lanes: lanes))
    for function in MathematicalFunction.allCases {
      guard let text = VectorMathematicsSource.text(function, isSingle: precision) else { continue }
      output += indented(VectorMathematicsSource.instantiated(text, isSingle: precision, lanes: lanes))
    }
  }
  let own: [MathematicalFunction] = [.sin, .cos, .tan]
  if isSingle {
    for function in own {
      output += "  private static func \(function.rawValue)(_ x: Float) -> Float { Float(\(function.rawValue)(Double(x))) }\n"
    }
  }
  for function in own + [.reduced, .sine, .cosine, .twoOverPi, .multiplied] { output += indented(numberText(function, isSingle: false)) }
  for (function, operands) in functions {
    let arguments =
      function == .step ? "a, 1" : operands == 2 ? "a, UnsafeRawPointer(y + i).loadUnaligned(as: SIMD\(lanes)<\(scalar)>.self)" : "a"
    output += """
        @inline(never)
        static func \(function.rawValue)Each(_ x: UnsafePointer<\(scalar)>, _ y: UnsafePointer<\(scalar)>, _ z: UnsafeMutablePointer<\(scalar)>, _ count: Int) {
          var i: Int = 0
          while i < count {
            let a: SIMD\(lanes)<\(scalar)> = UnsafeRawPointer(x + i).loadUnaligned(as: SIMD\(lanes)<\(scalar)>.self)
            UnsafeMutableRawPointer(z + i).storeBytes(of: \(function.rawValue)(\(arguments)), as: SIMD\(lanes)<\(scalar)>.self)
            i &+= \(lanes)
          }
        }

      """
  }
  output += "}\n\n"
}
for isSingle in [true, false] {
  let scalar = isSingle ? "Float" : "Double"
  output += "let \(isSingle ? "single" : "double")Kernels: [(name: String, operands: Int, kernels: [Kernel<\(scalar)>])] = [\n"
  for (function, operands) in functions {
    let names = (isSingle ? ["Float4", "Float8", "Float16"] : ["Double2", "Double4", "Double8"]).map { "\($0).\(function.rawValue)Each" }
    output += "  (\"\(function.rawValue)\", \(operands), [\(names.joined(separator: ", "))]),\n"
  }
  output += "]\n"
}
print(output)
