import ModelDSL
import XCTest

@testable import Codegen

/// Products with spikes sum columns; what is no spike is left alone; the results stay.
final class EventDrivenTests: XCTestCase {
  /// `weight @ z` where `z` is a step of `x`, or a tangent hyperbolic.
  private func product(spiking: Bool) -> Procedure {
    procedure(sizes: [n, m], [("weight", .reals(Size(m), Size(n))), ("x", .reals(Size(n)))]) { b, inputs in
      let z = b.map([Size(n)]) { b, i in
        let x = b.read(inputs[1], i)
        return [spiking ? b.primitive(.step, [x, b.integer(0)]) : b.primitive(.tanh, [x])]
      }[0]
      return b.map([Size(m)]) { b, i in
        b.reduce(.sum, [Size(n)]) { b, k in [b.primitive(.multiply, [b.read(inputs[0], i + k), b.read(z, k)])] }
      }
    }
  }

  func testSpikesAreSummedAndOthersAreNot() throws {
    let inputs = [
      ArrayValue.reals([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], shape: [4, 3]), ArrayValue.reals([0.5, -1, 2]),
    ]
    for spiking in [true, false] {
      let before = product(spiking: spiking)
      let after = eventDriven(before)
      XCTAssertEqual(verify(after), [])
      XCTAssertEqual(after.description.contains("weightTransposed"), spiking)
      let interpreter = Interpreter(precision: .double)
      XCTAssertEqual(try interpreter.run(after, inputs: inputs), try interpreter.run(before, inputs: inputs))
    }
    XCTAssertEqual(
      eventDrivenSums(in: eventDriven(product(spiking: true))).map(\.sum), ["rows of weightTransposed"])
    XCTAssertEqual(eventDrivenSums(in: eventDriven(product(spiking: false))), [])
    XCTAssertEqual(try Interpreter(precision: .double).run(eventDriven(product(spiking: true)), inputs: inputs)[0].reals, [4, 10, 16, 22])
  }
}
