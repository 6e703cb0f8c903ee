/// Programs whose loops are of every kind that planning has a form for, and the calls of them.
enum PlannedCases {
  struct Call: CustomStringConvertible {
    var sizes: [String: Int] = [:]
    var numbers: [String: Int] = [:]
    /// The elements of an array, by place; nil leaves one to chance.
    var reals: [String: @Sendable (Int) -> Double?] = [:]
    var note = ""

    var description: String {
      let words = (Array(sizes) + Array(numbers)).sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }
      return (words + (note.isEmpty ? [] : [note])).joined(separator: ", ")
    }
  }

  static let functions = """
    func product(a: Float[n, k], b: Float[k, m]) -> Float[n, m] { return a @ b }
    derive value, vjp of product wrt a, b

    func productOfRows(a: Float[n, k], b: Float[m, k]) -> Float[n, m] { return [i in n, j in m: sum(l in k: a[i, l] * b[j, l])] }
    derive value of productOfRows

    func ofVector(a: Float[n, k], x: Float[k]) -> Float[n] { return a @ x }
    derive value, vjp of ofVector wrt a, x

    func fixedProduct(a: Float[9, 35], b: Float[35, 7]) -> Float[9, 7] { return a @ b }
    derive value, vjp of fixedProduct wrt a, b

    func neighbours(x: Float[n]) -> Float[n] {
      return [i in n: if i == 0 { 3 * x[i] } else if i == n - 1 { x[i] * x[i] - 1 } else if i > 0 { x[i] * x[i - 1] + 2 } else { 0 }]
    }
    derive value, vjp of neighbours wrt x

    func below(x: Float[n], m: Int) -> Float[n] { return [i in n: if i < m { x[i] * x[i] + 1 } else { 0.5 * x[i] - 2 }] }
    derive value, vjp of below wrt x

    func atMost(x: Float[n], m: Int) -> Float[n] { return [i in n: if i <= m { x[i] * x[i] + 1 } else { 0.5 * x[i] - 2 }] }
    derive value of atMost

    func window(x: Float[n], m: Int) -> Float { return sum(i in n where i >= m && i != m + 2: x[i] * x[i] + x[i]) }
    derive value, vjp of window wrt x

    func triangle(x: Float[n, n]) -> Float[n, n] {
      return [i in n, j in n: if i > j { 3 * x[i, j] + 1 } else if i == j { x[i, j] * x[i, j] } else { x[i, j] - 2 }]
    }
    derive value, vjp of triangle wrt x

    func gathered(table: Float[k], at: Index<k>[n]) -> Float[n] {
      return [i in n: {
        let y = table[at[i]]
        y * y * y + exp(0.5 * y) + tanh(y)
      }]
    }
    derive value, vjp of gathered wrt table

    func roughness(x: Float[n, m]) -> Float {
      return sum(i in n - 1, j in m - 1: square(x[i + 1, j] - x[i, j]) + square(x[i, j + 1] - x[i, j]))
    }
    derive gradient of roughness wrt x

    func extremes(x: Float[n], y: Float[n]) -> (greatest: Float, least: Float, larger: Float[n]) {
      return (greatest: max(i in n: 3 * x[i]), least: min(i in n: x[i] - 1), larger: [i in n: max(x[i], y[i]) + 1])
    }
    derive value of extremes

    func guarded(x: Float[n]) -> Float[n] { return [i in n: if x[i] > 1 { log(x[i] - 1) } else { exp(x[i]) / (x[i] - 2) }] }
    derive value, vjp of guarded wrt x

    func guardedIntegers(x: Float[n], d: Int[n]) -> Float[n] {
      return [i in n: if d[i] != 0 && abs(x[i]) < 100 { x[i] * (7 div d[i]) + Int(x[i]) } else { 2 * x[i] }]
    }
    derive value of guardedIntegers

    /// Few steps, and few columns side by side: too few for whole vectors.
    func chain(a: Float[7], b: Float[3]) -> Float[2, 3] {
      state y = b
      state total: Float[3] = 0
      for k in 7 {
        next y = if k % 2 == 0 { [y[0] * cos(a[k]) - y[1] * a[k], 0.5 * y[2], y[0] + y[1]] } else { y + a[k] * y * y }
        next total = total + next y
      }
      return [y, total]
    }
    derive value, jacobian of chain wrt a, b

    /// Sums from both sides, of which the adjoint is again one.
    func stencil(x: Float[n], c: Float) -> Float[n] {
      return [i in n: if i == 0 { c * x[i] } else if i < n - 1 { x[i - 1] * x[i] - 2 * x[i + 1] * x[i] } else { x[i] + x[i - 1] }]
    }
    derive value, vjp of stencil wrt x, c

    func plane(x: Float[n, m]) -> Float[n, m] { return [i in n, j in m: if i > 0 && j + 1 < m { x[i - 1, j + 1] * x[i, j] } else { 2 * x[i, j] }] }
    derive value, vjp of plane wrt x

    /// Columns beside each other in long loops.
    func decay(p: Float[3], t: Float[n]) -> Float[n] { return [i in n: p[0] * exp(-p[1] * t[i]) + p[2]] }
    derive value, jacobian of decay wrt p

    func pursuit(p: Float[2], x: Float[n]) -> Float[n] {
      state y: Float[2] = 0.5
      for k in n {
        next y = [y[0] + 0.1 * y[1] * p[0], 0.5 * y[1] + p[1] * sin(y[0] + x[k])]
        record trace = y[0] * y[1]
      }
      return trace
    }
    derive value, jacobian of pursuit wrt p
    derive hessian of pursuitCost wrt p
    func pursuitCost(p: Float[2], x: Float[n]) -> Float { return sum(square(pursuit(p, x))) }

    /// Its derivative adds up where a condition holds that is the same in each iteration.
    func conditioned(p: Float, q: Float[n]) -> Float {
      state s: Float = p
      for t in n {
        let v = product(i in n where q[0] > 0.5: 1 + 0.3 * sin(s))
        record w = v
      }
      return sum(sin(w))
    }
    derive value, vjp of conditioned wrt p

    func spikingInto3(w: Float[3, n], v: Float[n]) -> Float[3] { return w @ step(v) }
    derive value of spikingInto3
    func spikingInto10(w: Float[10, n], v: Float[n]) -> Float[10] { return w @ step(v) }
    derive value of spikingInto10
    func spikingInto37(w: Float[37, n], v: Float[n]) -> Float[37] { return w @ step(v) }
    derive value of spikingInto37
    func spikingInto150(w: Float[150, n], v: Float[n]) -> Float[150] { return w @ step(v) }
    derive value of spikingInto150
    /// Two sums over the same spikes, which stand side by side.
    func spikingTwice(v: Float[n], a: Float[10, n], b: Float[7, n]) -> (Float[10], Float[7]) {
      let z = step(v)
      return (a @ z, b @ z)
    }
    derive value of spikingTwice
    func spiking(w: Float[m, n], v: Float[n]) -> Float[m] {
      inject step'(v) = gaussian(v)
      let z = [i in n: fires(v[i], 0)]
      return w @ z
    }
    derive value, vjp of spiking wrt w, v

    """

  static let models = """
    model Gated {
      size inputs = 3, hidden = 20, classes = 5
      size time
      let cell = LSTM(inputs: inputs, width: hidden)
      param readout: Float[classes, hidden] ~ normal(mean: 0, deviation: 1)
      input x: Float[time, inputs]
      input label: Index<classes>
      state last: Float[hidden] = 0
      for t in time { next last = cell(0.25 * x[t]) }
      output score = 0.25 * (readout @ last)
      loss = crossEntropy(score, label)
    }

    /// Keeps little for the backward pass next to what it multiplies, so that training runs in tiles too.
    model Wide {
      size inputs = 3, hidden = 64
      size time
      param inputWeight: Float[hidden, inputs] ~ normal(mean: 0, deviation: 1)
      param recurrentWeight: Float[hidden, hidden] ~ normal(mean: 0, deviation: 1)
      input x: Float[time, inputs]
      input label: Index<hidden>
      state h: Float[hidden] = 0
      for t in time { next h = tanh(0.125 * (inputWeight @ x[t] + recurrentWeight @ h)) }
      output score = h
      loss = crossEntropy(h, label)
    }

    /// Its spikes are only asked for, and its steps are cheap to run again.
    model Adaptive {
      size inputs = 3, hidden = 65, classes = 5
      size time
      param inputWeight: Float[hidden, inputs] ~ normal(mean: 0, deviation: 1)
      param recurrentWeight: Float[hidden, hidden] ~ normal(mean: 0, deviation: 1)
      param readout: Float[classes, hidden] ~ normal(mean: 0, deviation: 1)
      input x: Float[time, inputs]
      input label: Index<classes>
      inject step'(v) = 1 / (1 + square(v))
      state u, a, z: Float[hidden] = 0
      state total: Float[classes] = 0
      for t in time {
        let v = 0.5 * u + inputWeight @ x[t] + 0.25 * (recurrentWeight @ z)
        next z = fires(v, 0.5 + a)
        next u = v - next z * 0.5
        next a = 0.75 * a + 0.25 * next z
        next total = total + 0.125 * (readout @ next z)
      }
      output score = total
      loss = crossEntropy(total, label)
    }

    /// Adds to sums of each sample, in tiles, what is no product of matrices.
    model Attending {
      size width = 16
      size time
      param query: Float[width, width] ~ normal(mean: 0, deviation: 1)
      param key: Float[width, width] ~ normal(mean: 0, deviation: 1)
      input x: Float[time, width]
      input label: Index<width>
      let scores = (x @ transpose(query)) @ transpose(x @ transpose(key))
      let mixed = [t in time: softmax(0.0625 * scores[t])] @ (x @ transpose(query))
      let score = [k in width: mean(t in time: mixed[t, k])]
      output score
      loss = crossEntropy(score, label)
    }

    model Spiking {
      size inputs = 3, hidden = 65, classes = 5
      size time
      param inputWeight: Float[hidden, inputs] ~ normal(mean: 0, deviation: 1)
      param recurrentWeight: Float[hidden, hidden] ~ normal(mean: 0, deviation: 1)
      param readout: Float[classes, hidden] ~ normal(mean: 0, deviation: 1)
      input x: Float[time, inputs]
      input label: Index<classes>
      inject step'(v) = 1 / (1 + square(v))
      state u, z: Float[hidden] = 0
      state total: Float[classes] = 0
      for t in time {
        next u = 0.5 * u * (1 - z) + inputWeight @ x[t] + 0.25 * (recurrentWeight @ z)
        next z = fires(next u, 1)
        next total = total + 0.125 * (readout @ next z)
      }
      output score = total
      loss = crossEntropy(total, label)
    }

    """

  private static let counts = [0, 1, 2, 5, 8, 19, 37]

  private static let spikes = [1, 63, 65, 130].map { Call(sizes: ["n": $0], note: "some fire") }

  static let calls: [String: [Call]] = [
    "product": [
      (1, 1, 1), (1, 7, 3), (2, 16, 5), (3, 1, 9), (4, 35, 8), (5, 33, 64), (9, 35, 7), (8, 2, 47), (0, 3, 5), (3, 0, 5), (3, 5, 0),
    ]
    .map { Call(sizes: ["n": $0, "k": $1, "m": $2]) },
    "productOfRows": [(1, 1, 1), (9, 35, 7), (3, 17, 1), (4, 4, 6), (2, 3, 5), (3, 0, 5)].map { Call(sizes: ["n": $0, "k": $1, "m": $2]) },
    "ofVector": [(1, 1), (7, 3), (5, 35), (33, 19), (64, 16), (0, 4), (4, 0)].map { Call(sizes: ["n": $0, "k": $1]) },
    "fixedProduct": [Call()],
    "neighbours": counts.map { Call(sizes: ["n": $0]) },
    "below": counts.flatMap { n in [-3, 0, 1, n - 1, n, 100].map { Call(sizes: ["n": n], numbers: ["m": $0]) } },
    "atMost": counts.flatMap { n in [Int.min, -1, 0, n - 1, n, Int.max].map { Call(sizes: ["n": n], numbers: ["m": $0]) } },
    "window": counts.flatMap { n in [-3, -1, 0, 1, n - 3, n, 100].map { Call(sizes: ["n": n], numbers: ["m": $0]) } },
    "triangle": counts.map { Call(sizes: ["n": $0]) },
    "gathered": [0, 1, 5, 37, 64].flatMap { n in [1, 3, 40].map { Call(sizes: ["n": n, "k": $0]) } },
    "roughness": [(1, 1), (2, 3), (5, 9), (3, 18), (2, 36)].map { Call(sizes: ["n": $0, "m": $1]) },
    "extremes": [1, 5, 19, 37].flatMap { n in
      [-1, 0, n / 2, n - 1].map { place in
        Call(
          sizes: ["n": n], reals: ["x": { $0 == place ? .nan : nil }, "y": { $0 == n - 1 - place ? .nan : nil }], note: "NaN at \(place)")
      }
    },
    "guarded": counts.map { Call(sizes: ["n": $0], reals: ["x": { $0 % 3 == 0 ? 1000 : $0 % 5 == 1 ? 1 : nil }]) },
    "guardedIntegers": counts.map { Call(sizes: ["n": $0], reals: ["x": { $0 % 4 == 1 ? .infinity : $0 % 4 == 2 ? .nan : nil }]) },
    "chain": [Call()],
    "stencil": counts.map { Call(sizes: ["n": $0]) },
    "plane": [(0, 3), (1, 1), (1, 19), (7, 1), (9, 10)].map { Call(sizes: ["n": $0, "m": $1]) },
    "decay": counts.map { Call(sizes: ["n": $0]) },
    "pursuit": counts.map { Call(sizes: ["n": $0]) },
    "pursuitCost": counts.map { Call(sizes: ["n": $0]) },
    "conditioned": [1, 5, 8].flatMap { n in
      [("holds", 0.75), ("does not hold", 0.25)].map { note, q in Call(sizes: ["n": n], reals: ["q": { _ in q }], note: note) }
    },
    "spikingInto3": spikes, "spikingInto10": spikes, "spikingInto37": spikes, "spikingInto150": spikes, "spikingTwice": spikes,
    "spiking": [1, 63, 64, 65, 130].flatMap { n in
      [1, 10, 37].flatMap { m in
        [("none fires", -0.5), ("all fire", 0.5), ("some fire", nil)].map { note, v in
          Call(sizes: ["n": n, "m": m], reals: ["v": { _ in v }], note: note)
        }
      }
    },
  ]

  /// The batch is run in eight parts: of a tile of eight samples and one more, of three and four samples, of one.
  static let modelCalls = [70, 29, 3].map { Call(sizes: ["batch": $0, "time": 5]) }
}
