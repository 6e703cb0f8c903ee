import Foundation
import XCTest

@testable import graft

final class DifferencesTests: XCTestCase {
  func testPrecision() throws {
    let functions: [(value: (Double) -> Double, derivative: Double)] = [
      ({ exp(1 + $0) }, exp(1)), ({ sin(3 * (0.5 + $0)) }, 3 * cos(1.5)), ({ 1 / (0.3 + $0) }, -1 / 0.09), ({ pow(2 + $0, 7) }, 7 * 64),
      ({ _ in 5 }, 0),
    ]
    for (value, derivative) in functions {
      let estimate = try XCTUnwrap(differences(count: 1, rounding: [0]) { [[value($0)]] })[0]
      XCTAssertEqual(estimate.derivative[0], derivative, accuracy: 1e-9 * max(1, abs(derivative)))
      XCTAssertLessThanOrEqual(abs(estimate.derivative[0] - derivative), 10 * estimate.error + 1e-11 * abs(value(0)))
    }
  }

  /// Values of few bits: estimates at two steps agree by chance, and only rows without a step in common say how far they are off.
  func testStairs() throws {
    var isOverconfident = false
    for exponent in 9...13 {
      let size = pow(10, -Double(exponent))
      for place in 0..<40 {
        let x = 0.1 * Double(place)
        func values(_ h: Double) -> [[Double]] { [[(1 + size * sin(3 * (x + h))) - 1]] }
        func isOff(_ estimate: DifferenceEstimate) -> Bool {
          abs(estimate.derivative[0] - 3 * size * cos(3 * x)) > 10 * estimate.error
        }
        XCTAssertFalse(isOff(try XCTUnwrap(carefulDifferences(count: 1, rounding: [0], values))[0]), "\(size) at \(x)")
        if isOff(try XCTUnwrap(differences(count: 1, rounding: [0], values))[0]) { isOverconfident = true }
      }
    }
    XCTAssertTrue(isOverconfident)
  }

  /// Steps that leave the domain are left out.
  func testEdgeOfDomain() throws {
    let estimate = try XCTUnwrap(differences(count: 1, rounding: [0]) { [[log(0.01 + $0)]] })[0]
    XCTAssertEqual(estimate.derivative[0], 100, accuracy: 1e-4)
    XCTAssertNil(differences(count: 1, rounding: [0]) { [[log($0)]] })
  }
}
