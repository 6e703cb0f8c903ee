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
      let estimate = try XCTUnwrap(differences(count: 1) { [[value($0)]] })[0]
      XCTAssertEqual(estimate.derivative[0], derivative, accuracy: 1e-9 * max(1, abs(derivative)))
      XCTAssertLessThanOrEqual(abs(estimate.derivative[0] - derivative), 10 * estimate.error + 1e-11 * abs(value(0)))
    }
  }

  /// Values of few bits: estimates at two steps agree by chance, and only the measured noise says how far they are off.
  func testStairs() throws {
    for exponent in 9...13 {
      let size = pow(10, -Double(exponent))
      for place in 0..<40 {
        let x = 0.1 * Double(place)
        let estimate = try XCTUnwrap(differences(count: 1, measuringNoise: true) { [[(1 + size * sin(3 * (x + $0))) - 1]] })[0]
        XCTAssertLessThanOrEqual(abs(estimate.derivative[0] - 3 * size * cos(3 * x)), 10 * estimate.error, "\(size) at \(x)")
      }
    }
  }

  /// Steps that leave the domain are left out.
  func testEdgeOfDomain() throws {
    let estimate = try XCTUnwrap(differences(count: 1) { [[log(0.01 + $0)]] })[0]
    XCTAssertEqual(estimate.derivative[0], 100, accuracy: 1e-4)
    XCTAssertNil(differences(count: 1) { [[log($0)]] })
  }
}
