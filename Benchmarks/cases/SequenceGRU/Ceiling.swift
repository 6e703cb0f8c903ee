/// The columns are the gates reset and update, what the state gives to the new value, and what the input gives to it. Kept are the gates,
/// the new value, and what the state gave.
enum GRU: GatedCell {
  static let columns = [
    Columns(first: 0, count: 256, rows: 0..<rows), Columns(first: 256, count: 128, rows: 0..<firstInput),
    Columns(first: 384, count: 128, rows: one..<rows),
  ]
  static let recurrentColumns = 384
  @inline(__always) static var keptWidth: Int { 4 * hidden }
  static let passesState = true
  static let parameters = ["wr", "wu", "wn", "ur", "uu", "un", "br", "bu", "bn", "bh"]

  private static let states = ["ur", "uu", "un", nil], ones = ["br", "bu", "bh", "bn"], news = ["wr", "wu", nil, "wn"]

  static func place(row: Int, column: Int) -> (parameter: String, index: Int)? {
    let gate = column / hidden, neuron = column % hidden
    if row < hidden { return states[gate].map { ($0, neuron * hidden + row) } }
    if row == one { return (ones[gate], neuron) }
    return news[gate].map { ($0, neuron * inputs + row - firstInput) }
  }

  static func forward(_ gates: Vectors, _ before: Vectors, _ kept: Vectors, carried: Vectors, next: Vectors) {
    let unit = splat(1)
    var b = 0
    while b < tile {
      let gate = gates + b &* columnVectors, keep = kept + b &* keptVectors
      let old = before + b &* rowVectors, h = next + b &* rowVectors
      var v = 0
      while v < hiddenVectors {
        let r: E = sigmoid(gate[v])
        let u: E = sigmoid(gate[v &+ hiddenVectors])
        let a: E = gate[v &+ 2 &* hiddenVectors]
        let n: E = tanh(mla(r, a, gate[v &+ 3 &* hiddenVectors]))
        h[v] = mla(u, old[v], (unit - u) * n)
        keep[v] = r
        keep[v &+ hiddenVectors] = u
        keep[v &+ 2 &* hiddenVectors] = n
        keep[v &+ 3 &* hiddenVectors] = a
        v &+= 1
      }
      b &+= 1
    }
  }

  static func backward(_ before: Vectors, _ kept: Vectors, keptBefore: Vectors, _ dh: Vectors, _ carried: Vectors, _ dGates: Vectors) {
    let unit = splat(1)
    var b = 0
    while b < tile {
      let keep = kept + b &* keptVectors, old = before + b &* rowVectors
      let sensitivity = dh + b &* hiddenVectors, dGate = dGates + b &* columnVectors
      var v = 0
      while v < hiddenVectors {
        let r: E = keep[v]
        let u: E = keep[v &+ hiddenVectors]
        let n: E = keep[v &+ 2 &* hiddenVectors]
        let a: E = keep[v &+ 3 &* hiddenVectors]
        let g: E = sensitivity[v]
        let dn: E = g * (unit - u) * (unit - n * n)
        dGate[v] = dn * a * (r * (unit - r))
        dGate[v &+ hiddenVectors] = g * (old[v] - n) * (u * (unit - u))
        dGate[v &+ 2 &* hiddenVectors] = dn * r
        dGate[v &+ 3 &* hiddenVectors] = dn
        sensitivity[v] = g * u
        v &+= 1
      }
      b &+= 1
    }
  }
}

@main enum Program {
  static func main() {
    let side = Side()
    Gated<GRU>(side).serve(side)
  }
}
