import Codegen
import ModelDSL

/// A procedure built by hand, for tests of what stands on the IR alone.
func procedure(
  name: String = "f", sizes: [SizeSymbol] = [], _ inputs: [(name: String, type: ValueType)], requirements: [SizeRequirement] = [],
  _ body: (inout Builder, [Value]) -> [Value]
) -> Procedure {
  var builder = Builder()
  let parameters = inputs.map { builder.fresh($0.type, name: $0.name) }
  let block = builder.block(parameters: parameters) { body(&$0, parameters) }
  return Procedure(
    name: name, sizes: sizes, inputs: zip(parameters, inputs).map { Procedure.Input(value: $0, name: $1.name) },
    resultNames: block.results.indices.map { "result\($0)" }, body: block, values: builder.values, requirements: requirements)
}

let n = SizeSymbol(id: 0, name: "n")
let m = SizeSymbol(id: 1, name: "m")

extension ValueType {
  static func reals(_ shape: Size...) -> ValueType { ValueType(.real, shape) }
  static func integers(_ shape: Size...) -> ValueType { ValueType(.integer, shape) }
}

extension Size: ExpressibleByIntegerLiteral {
  public init(integerLiteral value: Int) { self.init(value) }
}
