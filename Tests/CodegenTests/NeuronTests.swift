import Codegen
import Foundation
import ModelDSL
import Testing

/// The library's neurons against the formulas of Tests/Reference/neurons.md, over some steps from some states.
@Suite struct NeuronTests {
  /// Input, then three numbers that states are taken from.
  typealias Formula = @Sendable (_ x: Double, _ s: [Double]) -> [Double]

  struct Row: Sendable {
    /// An expression of `x` and of the states `p`, `q`, `r`.
    let call: String
    let results: Int
    let formula: Formula
    var name: String { String(call.prefix { $0 != "(" }) }
  }

  static let rows: [Row] = [
    Row(call: "leaky(x, p, decay: 0.9)", results: 1) { x, s in [0.9 * s[0] + (1 - 0.9) * x] },
    Row(call: "lif(x, p, decay: 0.9, threshold: 0.3)", results: 2) { x, s in
      let v = 0.9 * s[0] + (1 - 0.9) * x, z = spike(v, 0.3)
      return [z, v - z * 0.3]
    },
    Row(call: "lif(x, p, decay: 0.2)", results: 2) { x, s in
      let v = 0.2 * s[0] + 0.8 * x, z = spike(v, 1)
      return [z, v - z]
    },
    Row(call: "lifDelayed(x, p, decay: 0.9)", results: 2) { x, s in
      let u = 0.9 * s[0] + x - spike(s[0], 1)
      return [spike(u, 1), u]
    },
    Row(call: "lifDelayedToZero(x, p, decay: 0.9)", results: 2) { x, s in
      let u = s[0] > 1 ? x : 0.9 * s[0] + x
      return [spike(u, 1), u]
    },
    Row(call: "lifHardReset(x, p)", results: 2) { x, s in
      let h = s[0] + (x - s[0]) / 2, z = spike(h, 1, atZero: 1)
      return [z, z == 1 ? 0 : h]
    },
    Row(call: "lifHardReset(x, p, tau: 3, threshold: 0.5, rest: 0.1)", results: 2) { x, s in
      let h = s[0] + (x - (s[0] - 0.1)) / 3, z = spike(h, 0.5, atZero: 1)
      return [z, z == 1 ? 0.1 : h]
    },
    Row(call: "lifSoftReset(x, p)", results: 2) { x, s in
      let h = s[0] + (x - s[0]) / 2, z = spike(h, 1, atZero: 1)
      return [z, h - z]
    },
    Row(call: "lifSoftReset(x, p, tau: 3, threshold: 0.5, rest: 0.1)", results: 2) { x, s in
      let h = s[0] + (x - (s[0] - 0.1)) / 3, z = spike(h, 0.5, atZero: 1)
      return [z, h - 0.5 * z]
    },
    Row(call: "plif(x, p, q)", results: 2) { x, s in
      let h = s[0] + (x - s[0]) / (1 + exp(-s[1])), z = spike(h, 1, atZero: 1)
      return [z, z == 1 ? 0 : h]
    },
    Row(call: "plif(x, p, q, threshold: 0.5, rest: 0.1)", results: 2) { x, s in
      let h = s[0] + (x - (s[0] - 0.1)) / (1 + exp(-s[1])), z = spike(h, 0.5, atZero: 1)
      return [z, z == 1 ? 0.1 : h]
    },
    Row(call: "cuba(x, p, q, synapse: 0.8, decay: 0.7)", results: 3) { x, s in
      let i = 0.8 * s[0] + x, u = 0.7 * s[1] + i - spike(s[1], 1)
      return [spike(u, 1), i, u]
    },
    Row(call: "alif(x, p, q, decay: 0.9, adaptation: 0.95)", results: 3) { x, s in
      let threshold = 0.1 + 0.8 * s[1], v = 0.9 * s[0] + (1 - 0.9) * x, z = spike(v, threshold)
      return [z, v - z * threshold, 0.95 * s[1] + (1 - 0.95) * z]
    },
    Row(call: "alif(x, p, q, 0.4, 0.7, threshold: 0.3, strength: 1.2)", results: 3) { x, s in
      let threshold = 0.3 + 1.2 * s[1], v = 0.4 * s[0] + 0.6 * x, z = spike(v, threshold)
      return [z, v - z * threshold, 0.7 * s[1] + 0.3 * z]
    },
    Row(call: "izhikevich(x, 40 * p, 10 * q)", results: 3) { x, s in
      let v = 40 * s[0], u = 10 * s[1]
      let next = v + 0.25 * (0.04 * v * v + 5 * v + 140 - u + x), recovery = u + 0.25 * 0.02 * (0.2 * v - u), z = spike(next, 30)
      return [z, z == 1 ? -65 : next, recovery + z * 8]
    },
    Row(call: "izhikevich(x, 100 * p - 90, 10 * q)", results: 3) { x, s in
      let v = 100 * s[0] - 90, u = 10 * s[1]
      let next = v + 0.25 * (0.04 * v * v + 5 * v + 140 - u + x), recovery = u + 0.25 * 0.02 * (0.2 * v - u), z = spike(next, 30)
      return [z, z == 1 ? -65 : next, recovery + z * 8]
    },
    Row(call: "qif(x, p)", results: 2) { x, s in
      let h = s[0] + (x + s[0] * (s[0] - 0.8)) / 2, z = spike(h, 1, atZero: 1)
      return [z, z == 1 ? -0.1 : h]
    },
    Row(call: "qif(x, p, tau: 3, critical: 0.7, slope: 2, threshold: 0.6, rest: 0.1, reset: -0.2)", results: 2) { x, s in
      let h = s[0] + (x + 2 * (s[0] - 0.1) * (s[0] - 0.7)) / 3, z = spike(h, 0.6, atZero: 1)
      return [z, z == 1 ? -0.2 : h]
    },
    Row(call: "eif(x, p)", results: 2) { x, s in
      let h = s[0] + (x - s[0] + exp(s[0] - 0.8)) / 2, z = spike(h, 1, atZero: 1)
      return [z, z == 1 ? -0.1 : h]
    },
    // So sharp that nothing of the exponential is left.
    Row(call: "eif(x, p, sharpness: 0.001, onset: 9)", results: 2) { x, s in
      let h = s[0] + (x - s[0]) / 2, z = spike(h, 1, atZero: 1)
      return [z, z == 1 ? -0.1 : h]
    },
    Row(call: "eif(x, p, tau: 3, sharpness: 0.5, onset: 0.7, threshold: 0.9, rest: 0.1, reset: -0.2)", results: 2) { x, s in
      let h = s[0] + (x - (s[0] - 0.1) + 0.5 * exp((s[0] - 0.7) / 0.5)) / 3, z = spike(h, 0.9, atZero: 1)
      return [z, z == 1 ? -0.2 : h]
    },
    Row(call: "adex(x, p, q)", results: 3) { x, s in
      let h = s[0] + 0.1 * (-s[0] + 0.5 * exp((s[0] - 1) / 0.5) + x - s[1]), a = s[1] + 0.002 * (4 * s[0] - s[1])
      let z = spike(h, 1)
      return [z, z == 1 ? 0 : h, a + 0.02 * z]
    },
    Row(
      call: "adex(x, p, q, membrane: 0.2, recovery: 0.1, sharpness: 1, coupling: 2, jump: 0.3, threshold: 0.5, leak: 0.1, reset: -0.1)",
      results: 3
    ) { x, s in
      let h = s[0] + 0.2 * (0.1 - s[0] + exp(s[0] - 0.5) + x - s[1]), a = s[1] + 0.1 * (2 * (s[0] - 0.1) - s[1])
      let z = spike(h, 0.5)
      return [z, z == 1 ? -0.1 : h, a + 0.3 * z]
    },
    Row(call: "resonate(x, p, q, w: 10, b: -1)", results: 3) { x, s in
      let u = s[0] + 0.01 * (-s[0] - 10 * s[1] + x), v = s[1] + 0.01 * (10 * s[0] - s[1])
      return [spike(u, 1), u, v]
    },
    Row(call: "divergenceBoundary(20 + x)", results: 1) { x, _ in [(-1 + (1 - pow(0.01 * (20 + x), 2)).squareRoot()) / 0.01] },
    Row(call: "balancedResonate(x, p, q, r, w: 10, b0: -1)", results: 4) { x, s in
      let b = (-1 + (1 - 0.01).squareRoot()) / 0.01 - 1 - s[2]
      let u = s[0] + 0.01 * (b * s[0] - 10 * s[1] + x), v = s[1] + 0.01 * (10 * s[0] + b * s[1]), z = spike(u, 1 + s[2])
      return [z, u, v, 0.9 * s[2] + z]
    },
    Row(call: "harmonicResonate(x, p, q, r, w: 10, b0: -1)", results: 4) { x, s in
      let b = 0.005 * 100 + 1 + s[2], v = s[1] + 0.01 * s[0], u = s[0] + 0.01 * (x - 2 * b * s[0] - 100 * v)
      let z = spike(u, 1 + s[2])
      return [z, u, v, 0.9 * s[2] + z]
    },
    Row(call: "harmonicResonate(x, p, q, r, w: 10, b0: -1, dt: 0.05, threshold: 0.5)", results: 4) { x, s in
      let b = 0.005 * 100 + 1 + s[2], v = s[1] + 0.05 * s[0], u = s[0] + 0.05 * (x - 2 * b * s[0] - 100 * v)
      let z = spike(u, 0.5 + s[2])
      return [z, u, v, 0.9 * s[2] + z]
    },
  ]

  static let evaluation = Result {
    try LibraryEvaluation(
      bodies: rows.enumerated().map { index, row in
        let results = Array(repeating: "Float", count: row.results).joined(separator: ", ")
        let names = (0..<row.results).map { "s\($0)" }.joined(separator: ", ")
        let body = row.results == 1 ? "return \(row.call)" : "let (\(names)) = \(row.call)\nreturn (\(names))"
        return (name: "f\(index)", parameters: ["x", "p", "q", "r"], results: row.results == 1 ? "Float" : "(\(results))", body: body)
      })
  }

  static let states: [[Double]] = [0.113, 0.571, 0.957, 1.291].flatMap { p in
    [-0.517, 0.131, 0.733, 1.177].flatMap { q in [0.037, 0.419].map { [p, q, $0] } }
  }

  /// Away from thresholds, but for some exactly at the threshold of 1 of neurons that halve the way to their input.
  static let points: [[Double]] =
    [-1.3, 0.217, 0.853, 1.9, 7.7].flatMap { x in states.map { [x] + $0 } } + [[1, 1, 0.5, 0], [1, 1, 0, 0], [2, 0, 0, 0]]

  @Test(arguments: rows.indices) func agreesWithItsFormula(index: Int) throws {
    let evaluation = try Self.evaluation.get()
    let row = Self.rows[index]
    var spikes = 0.0
    for point in Self.points {
      let found = try evaluation("f\(index)", point), expected = row.formula(point[0], Array(point.dropFirst()))
      #expect(
        zip(found, expected).allSatisfy(isNear) && found.count == expected.count,
        "\(row.call) at \(point): \(found), expected \(expected)")
      spikes += expected[0]
    }
    if row.results > 1 { #expect(spikes > 0, "the points never make \(row.call) spike") }
  }

  @Test func everyNeuronHasARow() throws {
    #expect(try declaredFunctions(in: "Neurons.graft") == Set(Self.rows.map(\.name)))
  }
}

/// A spike above the threshold alone, or at it too.
private func spike(_ v: Double, _ threshold: Double, atZero: Double = 0) -> Double { v > threshold ? 1 : v == threshold ? atZero : 0 }
