import Codegen
import ModelDSL

/// Why a procedure could not be run to its end.
struct RunError: ReportedError {
  let message: String
  init(_ message: String) { self.message = message }
}

/// Runs a procedure in the reference interpreter, in the file's precision.
func interpret(_ procedure: Procedure, _ binding: Binding, precision: Precision) throws(RunError) -> [ArrayValue] {
  do {
    return try Interpreter(precision: precision).run(procedure, inputs: binding.inputs, sizes: binding.sizes)
  } catch {
    throw RunError("\(error)")
  }
}

extension ArrayValue {
  init(_ constant: Constant) {
    switch constant {
    case .real(let number): self = .real(number)
    case .integer(let number): self = .integer(number)
    case .boolean(let truth): self = .boolean(truth)
    }
  }
}
