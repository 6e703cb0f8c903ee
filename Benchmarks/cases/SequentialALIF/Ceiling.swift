import Dispatch
import Foundation

// The hand-written network of Benchmarks/Ceiling as a side: its batch in two halves, each in tiles of eight.

let tile = 8
let halves = 2

final class Ceiling: @unchecked Sendable {
  let T: Int, B: Int, threads: Int
  let x: MP<Float>, y: MP<Int32>
  let raw: Raw
  let prepared = makePar()
  let spaces: [Ws]
  let meanGradients: [MP<E>]
  let losses: MP<Float>, means: MP<Float>
  let gradient: Grad

  init(_ side: Side) {
    T = side.size("time")
    B = side.size("batch")
    threads = side.threads
    x = Self.copy(Self.timeMajor(side.read("x"), B, T))
    y = Self.copy(side.read("label", as: Int32.self))
    func parameter(_ name: String) -> P<Float> { P(Self.copy(side.read(name, as: Float.self))) }
    raw = Raw(
      win: parameter("inputWeight"), wrec: parameter("recurrentWeight"), pa: parameter("membrane"), pr: parameter("adaptation"),
      wo: parameter("outputWeight"), po: parameter("readout"))
    let steps = T
    spaces = (0..<halves).map { _ in Ws(T: steps, Bt: tile, keep: .va, seg: 28) }
    meanGradients = (0..<halves).map { _ in alloc(tile * OE, E.self) }
    losses = alloc(B, Float.self)
    means = alloc(B * 16, Float.self)
    gradient = Grad(
      win: alloc(H * I, Float.self), wrec: alloc(H * H, Float.self), pa: alloc(H, Float.self), pr: alloc(H, Float.self),
      wo: alloc(O * H, Float.self), po: alloc(16, Float.self))
  }

  private static func copy<Number>(_ numbers: [Number]) -> MP<Number> {
    let memory = alloc(numbers.count + 16, Number.self)
    memory.update(from: numbers, count: numbers.count)
    return memory
  }

  private static func timeMajor(_ x: [Float], _ B: Int, _ T: Int) -> [Float] {
    var result = x
    for b in 0..<B { for t in 0..<T { for i in 0..<I { result[(t * B + b) * I + i] = x[(b * T + t) * I + i] } } }
    return result
  }

  /// One half of the batch; the loss is the cross entropy of the mean readout.
  private func run(half: Int, training: Bool) {
    let space = spaces[half]
    if training { space.zeroAcc() }
    let count = B / halves
    var first = half * count
    while first < (half + 1) * count {
      forwardTile(space, prepared, x, B, first, ev: true, store: training)
      let total = fl(space.om), sensitivity = fl(meanGradients[half])
      for b in 0..<tile {
        let mean = means + (first + b) * 16
        var top = -Float.infinity
        for o in 0..<O {
          mean[o] = total[b * 16 + o] / Float(T)
          top = max(top, mean[o])
        }
        var sum: Float = 0
        for o in 0..<O {
          sensitivity[b * 16 + o] = expf(mean[o] - top)
          sum += sensitivity[b * 16 + o]
        }
        let label = Int(y[first + b])
        losses[first + b] = logf(sum) + top - mean[label]
        for o in 0..<O {
          sensitivity[b * 16 + o] = (sensitivity[b * 16 + o] / sum - (o == label ? 1 : 0)) / Float(B) / Float(T)
        }
      }
      if training { backTile(space, prepared, x, B, first, meanGradients[half], evF: true, evW: true) }
      first += tile
    }
  }

  private func runHalves(training: Bool) {
    prepare(raw, prepared)
    if threads == 1 {
      for half in 0..<halves { run(half: half, training: training) }
    } else {
      DispatchQueue.concurrentPerform(iterations: halves) { run(half: $0, training: training) }
    }
  }

  func inference() { runHalves(training: false) }

  func trainingStep() {
    runHalves(training: true)
    let first = spaces[0], second = spaces[1]
    let a = fl(first.dW), b = fl(second.dW)
    for j in 0..<H {
      for h in 0..<H { gradient.wrec[h * H + j] = a[j * HO + h] + b[j * HO + h] }
      for o in 0..<O { gradient.wo[o * H + j] = a[j * HO + H + o] + b[j * HO + H + o] }
    }
    let decay = fl(prepared.al), rest = fl(prepared.rh), lost = fl(prepared.rh1), leak = fl(prepared.ao)
    for h in 0..<H {
      gradient.pa[h] = (fl(first.dAl)[h] + fl(second.dAl)[h]) * decay[h]
      gradient.pr[h] = (fl(first.dRh)[h] + fl(second.dRh)[h]) * rest[h] * lost[h]
      for i in 0..<I { gradient.win[h * I + i] = fl(first.dWin)[i * H + h] + fl(second.dWin)[i * H + h] }
    }
    for o in 0..<O { gradient.po[o] = (fl(first.dAo)[o] + fl(second.dAo)[o]) * leak[o] }
  }

  var loss: Float { (0..<B).reduce(0) { $0 + losses[$1] } / Float(B) }
  var logits: [Float] { (0..<B).flatMap { b in (0..<O).map { means[b * 16 + $0] } } }
}

@main enum Program {
  static func main() {
    let side = Side()
    let ceiling = Ceiling(side)
    ceiling.trainingStep()
    side.write([ceiling.loss], to: "loss")
    side.write(ceiling.logits, to: "logits")
    let gradients: [(String, MP<Float>, Int)] = [
      ("inputWeight", ceiling.gradient.win, H * I), ("recurrentWeight", ceiling.gradient.wrec, H * H),
      ("outputWeight", ceiling.gradient.wo, O * H), ("membrane", ceiling.gradient.pa, H), ("adaptation", ceiling.gradient.pr, H),
      ("readout", ceiling.gradient.po, O),
    ]
    for (name, numbers, count) in gradients {
      side.write(Array(UnsafeBufferPointer(start: numbers, count: count)), to: "gradient." + name)
    }
    side.serve(
      facts: ["workspace bytes": ceiling.spaces.reduce(0) { $0 + $1.bytesKept }],
      [("inference", ceiling.inference), ("training", ceiling.trainingStep)])
  }
}
