/// The columns are the gates: in, forget, new, out. Kept are their values and the memory after the step.
enum LSTM: GatedCell {
  static let columns = [Columns(first: 0, count: 512, rows: 0..<rows)]
  static let recurrentColumns = 512
  @inline(__always) static var keptWidth: Int { 5 * hidden }
  static let passesState = false
  static let parameters = ["inputWeight", "recurrentWeight", "bias"]

  static func place(row: Int, column: Int) -> (parameter: String, index: Int)? {
    if row < hidden { return ("recurrentWeight", column * hidden + row) }
    return row == one ? ("bias", column) : ("inputWeight", column * inputs + row - firstInput)
  }

  static func forward(_ gates: Vectors, _ before: Vectors, _ kept: Vectors, carried: Vectors, next: Vectors) {
    var b = 0
    while b < tile {
      let gate = gates + b &* columnVectors, keep = kept + b &* keptVectors, memory = carried + b &* hiddenVectors
      let h = next + b &* rowVectors
      var v = 0
      while v < hiddenVectors {
        let i: E = sigmoid(gate[v])
        let f: E = sigmoid(gate[v &+ hiddenVectors])
        let n: E = tanh(gate[v &+ 2 &* hiddenVectors])
        let o: E = sigmoid(gate[v &+ 3 &* hiddenVectors])
        let c: E = mla(i, n, f * memory[v])
        memory[v] = c
        h[v] = o * tanh(c)
        keep[v] = i
        keep[v &+ hiddenVectors] = f
        keep[v &+ 2 &* hiddenVectors] = n
        keep[v &+ 3 &* hiddenVectors] = o
        keep[v &+ 4 &* hiddenVectors] = c
        v &+= 1
      }
      b &+= 1
    }
  }

  static func backward(_ before: Vectors, _ kept: Vectors, keptBefore: Vectors, _ dh: Vectors, _ carried: Vectors, _ dGates: Vectors) {
    let unit = splat(1)
    var b = 0
    while b < tile {
      let keep = kept + b &* keptVectors, memory = keptBefore + (b &* keptVectors &+ 4 &* hiddenVectors)
      let sensitivity = dh + b &* hiddenVectors, dMemory = carried + b &* hiddenVectors, dGate = dGates + b &* columnVectors
      var v = 0
      while v < hiddenVectors {
        let i: E = keep[v]
        let f: E = keep[v &+ hiddenVectors]
        let n: E = keep[v &+ 2 &* hiddenVectors]
        let o: E = keep[v &+ 3 &* hiddenVectors]
        let squashed: E = tanh(keep[v &+ 4 &* hiddenVectors])
        let g: E = sensitivity[v]
        let slope: E = unit - squashed * squashed
        let dc: E = mla(g * o, slope, dMemory[v])
        dGate[v] = dc * n * (i * (unit - i))
        dGate[v &+ hiddenVectors] = dc * memory[v] * (f * (unit - f))
        dGate[v &+ 2 &* hiddenVectors] = dc * i * (unit - n * n)
        dGate[v &+ 3 &* hiddenVectors] = g * squashed * (o * (unit - o))
        dMemory[v] = dc * f
        v &+= 1
      }
      b &+= 1
    }
  }
}

@main enum Program {
  static func main() {
    let side = Side()
    Gated<LSTM>(side).serve(side)
  }
}
