import Dispatch
import Foundation

// Gated recurrent networks by hand, as an ideal generator would emit them: tiles of eight samples through all of time, all products of a
// step in one, weights packed for register blocks, the weights' gradient over chunks of steps. The cells are files of their cases.

let hidden = 128, inputs = 28, classes = 10
/// The columns of all products of a step: four of `hidden`, and a little more between rows, so that rows do not fall on the same cache sets.
let columns = 512, columnStride = 528
/// A row of the factor of the weights: the state before the step, 1, the input, and zeros to whole blocks of rows.
let one = 128, firstInput = 129, rows = 157, rowStride = 160
let tile = 8, halves = 2, chunk = 16

// MARK: Vectors

#if AVX
  typealias E = SIMD16<Float>
  typealias Bits = SIMD16<Int32>
  @inline(__always) var lanes: Int { 16 }
  @inline(__always) func mla(_ a: E, _ b: E, _ c: E) -> E { c.addingProduct(a, b) }
#elseif AVX2
  typealias E = SIMD8<Float>
  typealias Bits = SIMD8<Int32>
  @inline(__always) var lanes: Int { 8 }
  @inline(__always) func mla(_ a: E, _ b: E, _ c: E) -> E { c.addingProduct(a, b) }
#else
  typealias E = SIMD4<Float>
  typealias Bits = SIMD4<Int32>
  @inline(__always) var lanes: Int { 4 }
  @inline(__always) func mla(_ a: E, _ b: E, _ c: E) -> E { c + a * b }
#endif
@inline(__always) var hiddenVectors: Int { hidden / lanes }

typealias Vectors = UnsafeMutablePointer<E>
typealias Numbers = UnsafeMutablePointer<Float>

@inline(__always) func numbers(_ vectors: Vectors) -> Numbers { Numbers(OpaquePointer(vectors)) }
@inline(__always) func splat(_ value: Float) -> E { E(repeating: value) }

func vectors(floats count: Int) -> Vectors {
  let bytes = UnsafeMutableRawPointer.allocate(byteCount: count * 4, alignment: 64)
  memset(bytes, 0, count * 4)
  return bytes.bindMemory(to: E.self, capacity: count / lanes)
}

/// As an operation on bits: `SIMD.replacing` of numbers goes lane by lane.
@inline(__always) func pick(_ mask: SIMDMask<Bits>, _ a: E, _ b: E) -> E {
  unsafeBitCast(
    unsafeBitCast(b, to: SIMDMask<Bits>.self).replacing(with: unsafeBitCast(a, to: SIMDMask<Bits>.self), where: mask), to: E.self)
}

/// To about 1e-7, for arguments in ±87; beyond, the value at the nearer end.
@inline(__always) func exponential(_ x: E) -> E {
  let scaled: E = x * splat(1.4426950408889634)
  let low: E = pick(scaled .< splat(-126), splat(-126), scaled)
  let y: E = pick(low .> splat(126), splat(126), low)
  let shifted: E = y + splat(12582912)
  let f: E = y - (shifted - splat(12582912))
  var p: E = mla(f, splat(0.0001534581242594868), splat(0.0013399930903688073))
  p = mla(p, f, splat(0.009618489071726799))
  p = mla(p, f, splat(0.05550328642129898))
  p = mla(p, f, splat(0.24022646248340607))
  p = mla(p, f, splat(0.6931471824645996))
  p = mla(p, f, splat(1))
  let exponent: Bits = unsafeBitCast(shifted, to: Bits.self) &* Bits(repeating: 1 << 23)
  return unsafeBitCast(unsafeBitCast(p, to: Bits.self) &+ exponent, to: E.self)
}
@inline(__always) func sigmoid(_ x: E) -> E { splat(1) / (splat(1) + exponential(splat(0) - x)) }
@inline(__always) func tanh(_ x: E) -> E { splat(1) - splat(2) / (splat(1) + exponential(x + x)) }

// MARK: Products

/// How many vectors of columns a register block takes, of those that are left: as many accumulators as there are registers for.
@inline(__always) func panel(_ left: Int) -> Int {
  #if AVX2
    return left % 3 == 0 || left > 4 ? 3 : 2
  #else
    return 2
  #endif
}

/// The right factor of a product: rows one after the other, or in panels, the numbers of a panel one after the other.
enum Right {
  case rows(UnsafePointer<E>, stride: Int)
  /// The rows from `first` on, of `count`.
  case panels(UnsafePointer<E>, count: Int, first: Int)
}

/// c[8n, vectors] (+)= a[8n, depth] · b[depth, vectors].
@inline(__always) func product(
  rows: Int, depth: Int, _ a: UnsafePointer<Float>, row aRow: Int, column aColumn: Int, _ b: Right, _ c: Vectors, row cRow: Int,
  vectors: Int, adding: Bool
) {
  var p = 0
  while p < vectors {
    let width = panel(vectors &- p)
    let right: UnsafePointer<E>, bRow: Int
    switch b {
    case .rows(let start, let stride): (right, bRow) = (start + p, stride)
    case .panels(let start, let count, let first): (right, bRow) = (start + (p &* count &+ first &* width), width)
    }
    var r = 0
    while r < rows {
      #if AVX
        mk8x2(depth, a + r &* aRow, aRow, aColumn, right, bRow, c + (r &* cRow &+ p), cRow, adding)
        r &+= 8
      #else
        if width == 3 {
          mk4x3(depth, a + r &* aRow, aRow, aColumn, right, bRow, c + (r &* cRow &+ p), cRow, adding)
        } else {
          mk4x2(depth, a + r &* aRow, aRow, aColumn, right, bRow, c + (r &* cRow &+ p), cRow, adding)
        }
        r &+= 4
      #endif
    }
    p &+= width
  }
}

/// Where the number of each place of a matrix in panels comes from: an index into the parameters, or -1 for zero.
func panelSources(depth: Int, columns: Range<Int>, _ source: (Int, Int) -> Int32) -> [Int32] {
  var sources: [Int32] = []
  var first = columns.lowerBound
  while first < columns.upperBound {
    let across = panel((columns.upperBound - first) / lanes) * lanes
    for k in 0..<depth { sources += (first..<first + across).map { source(k, $0) } }
    first += across
  }
  return sources
}

func gather(_ sources: [Int32], from numbers: [Float], into memory: Numbers) {
  for (place, source) in sources.enumerated() { memory[place] = source < 0 ? 0 : numbers[Int(source)] }
}

// MARK: Cells

/// Which of the rows (state, 1, input) a run of columns uses.
struct Columns { let first: Int, count: Int, rows: Range<Int> }

/// One step of eight samples. `kept` and its like are rows of `keptPerStep` vectors for each sample.
protocol GatedCell: SendableMetatype {
  static var columns: [Columns] { get }
  static var keptWidth: Int { get }
  /// The columns whose weights are those of the state, all before `columns`, and whether the state passes on its own cotangent too.
  static var recurrentColumns: Int { get }
  static var passesState: Bool { get }
  static var parameters: [String] { get }
  /// Which parameter is the weight of a row (state, 1, input) and a column, and its index there; nil where there is none.
  static func place(row: Int, column: Int) -> (parameter: String, index: Int)?
  static func forward(_ gates: Vectors, _ before: Vectors, _ kept: Vectors, carried: Vectors, next: Vectors)
  static func backward(_ before: Vectors, _ kept: Vectors, keptBefore: Vectors, _ dh: Vectors, _ carried: Vectors, _ dGates: Vectors)
}

extension GatedCell {
  @inline(__always) static var keptVectors: Int { keptWidth / lanes }
}

@inline(__always) var rowVectors: Int { rowStride / lanes }
@inline(__always) var columnVectors: Int { columnStride / lanes }

/// What one thread works in.
final class Space<Cell: GatedCell> {
  let gates = vectors(floats: tile * columnStride)
  let kept: Vectors, factors: Vectors
  let dGates = vectors(floats: chunk * tile * columnStride)
  /// The cotangent of the state; what else is carried (an LSTM's memory), on the way forward, and its cotangent, on the way back.
  let dh = vectors(floats: tile * hidden), carried = vectors(floats: tile * hidden)
  let dWeights = vectors(floats: rowStride * columnStride)
  let dReadout = vectors(floats: classes * hidden)
  let byteCount: Int

  init(time: Int) {
    kept = vectors(floats: (time + 1) * tile * Cell.keptWidth)
    factors = vectors(floats: (time + 1) * tile * rowStride)
    byteCount =
      4
      * ((time + 1) * tile * (Cell.keptWidth + rowStride) + (chunk + 1) * tile * columnStride + 2 * tile * hidden
        + rowStride * columnStride + classes * hidden)
  }
}

final class Gated<Cell: GatedCell>: @unchecked Sendable {
  let time: Int, batch: Int, threads: Int
  let x: [Float], label: [Int32]
  let parameters: [Float], offsets: [Int]
  let weightSources: [Int32], recurrentSources: [Int32]
  /// The place in `dWeights` of each parameter's gradient.
  var gradientSources: [Int32]
  let readout: [Float]
  let weights = vectors(floats: rowStride * columns), recurrent = vectors(floats: columns * hidden)
  let spaces: [Space<Cell>]
  var gradient: [Float]
  var readoutGradient = [Float](repeating: 0, count: classes * hidden)
  let losses: Numbers, logits: Numbers

  init(_ side: Side) {
    time = side.size("time")
    batch = side.size("batch")
    threads = side.threads
    x = side.read("x")
    label = side.read("label")
    let arrays: [[Float]] = Cell.parameters.map { side.read($0) }
    let offsets = arrays.indices.map { arrays[..<$0].reduce(0) { $0 + $1.count } }
    let source = { (row: Int, column: Int) -> Int32 in
      guard row < rows, let place = Cell.place(row: row, column: column) else { return -1 }
      return Int32(offsets[Cell.parameters.firstIndex(of: place.parameter)!] + place.index)
    }
    parameters = arrays.flatMap { $0 }
    self.offsets = offsets + [parameters.count]
    weightSources = Cell.columns.flatMap { panelSources(depth: rowStride, columns: $0.first..<$0.first + $0.count, source) }
    recurrentSources = panelSources(depth: Cell.recurrentColumns, columns: 0..<hidden) { source($1, $0) }
    gradientSources = [Int32](repeating: 0, count: parameters.count)
    for row in 0..<rows {
      for column in 0..<columns where source(row, column) >= 0 {
        gradientSources[Int(source(row, column))] = Int32(row * columnStride + column)
      }
    }
    gradient = [Float](repeating: 0, count: parameters.count)
    readout = side.read("readout")
    let steps = time
    spaces = (0..<halves).map { _ in Space(time: steps) }
    losses = numbers(vectors(floats: batch))
    logits = numbers(vectors(floats: batch * classes))
  }

  private func prepare() {
    gather(weightSources, from: parameters, into: numbers(weights))
    gather(recurrentSources, from: parameters, into: numbers(recurrent))
  }

  private func forward(_ space: Space<Cell>, first: Int, keeping: Bool) -> Vectors {
    let factorStep = tile * rowVectors, keptStep = tile * Cell.keptVectors
    memset(space.carried, 0, tile * hidden * 4)
    memset(space.factors, 0, tile * rowStride * 4)
    memset(space.kept, 0, tile * Cell.keptWidth * 4)
    var t = 0
    while t < time {
      let before = space.factors + (keeping ? t : t & 1) &* factorStep
      let next = space.factors + (keeping ? t &+ 1 : (t &+ 1) & 1) &* factorStep
      x.withUnsafeBufferPointer { x in
        for b in 0..<tile {
          let row = numbers(before) + b &* rowStride
          let input = x.baseAddress! + ((first &+ b) &* time &+ t) &* inputs
          row[one] = 1
          for i in 0..<inputs { row[firstInput &+ i] = input[i] }
        }
      }
      for part in Cell.columns {
        product(
          rows: tile, depth: part.rows.count, numbers(before) + part.rows.lowerBound, row: rowStride, column: 1,
          .panels(weights + part.first &* rowStride / lanes, count: rowStride, first: part.rows.lowerBound),
          space.gates + part.first / lanes, row: columnVectors, vectors: part.count / lanes, adding: false)
      }
      Cell.forward(space.gates, before, space.kept + (keeping ? t &+ 1 : 0) &* keptStep, carried: space.carried, next: next)
      t &+= 1
    }
    return space.factors + (keeping ? time : time & 1) &* factorStep
  }

  /// The logits of a tile, and, in training, the cotangent of its last state.
  private func finish(_ space: Space<Cell>, last: Vectors, first: Int, training: Bool) {
    readout.withUnsafeBufferPointer { readout in
      let readoutRows = readout.baseAddress!
      if training { memset(space.dh, 0, tile * hidden * 4) }
      for b in 0..<tile {
        let h = numbers(last) + b * rowStride, scores = logits + (first + b) * classes
        var top = -Float.infinity
        for o in 0..<classes {
          var sum = E.zero
          let row = UnsafeRawPointer(readoutRows + o * hidden)
          for v in 0..<hiddenVectors {
            let weight = row.loadUnaligned(fromByteOffset: v * lanes * 4, as: E.self)
            sum = mla(weight, UnsafeRawPointer(h + v * lanes).load(as: E.self), sum)
          }
          scores[o] = sum.sum()
          top = max(top, scores[o])
        }
        guard training else { continue }
        var total: Float = 0
        for o in 0..<classes { total += expf(scores[o] - top) }
        let truth = Int(label[first + b])
        losses[first + b] = logf(total) + top - scores[truth]
        for o in 0..<classes {
          let g = (expf(scores[o] - top) / total - (o == truth ? 1 : 0)) / Float(batch)
          let dReadout = numbers(space.dReadout) + o * hidden, dh = numbers(space.dh) + b * hidden
          for j in 0..<hidden {
            dReadout[j] += g * h[j]
            dh[j] += g * readoutRows[o * hidden + j]
          }
        }
      }
    }
  }

  private func backward(_ space: Space<Cell>) {
    let factorStep = tile * rowVectors, keptStep = tile * Cell.keptVectors, gateStep = tile * columnVectors
    memset(space.carried, 0, tile * hidden * 4)
    var high = time
    while high > 0 {
      let low = max(0, high - chunk)
      var t = high - 1
      while t >= low {
        let dGates = space.dGates + (t &- low) &* gateStep
        Cell.backward(
          space.factors + t &* factorStep, space.kept + (t &+ 1) &* keptStep, keptBefore: space.kept + t &* keptStep, space.dh,
          space.carried, dGates)
        product(
          rows: tile, depth: Cell.recurrentColumns, numbers(dGates), row: columnStride, column: 1,
          .panels(recurrent, count: Cell.recurrentColumns, first: 0), space.dh, row: hiddenVectors, vectors: hiddenVectors,
          adding: Cell.passesState)
        t &-= 1
      }
      let depth = (high - low) * tile
      for part in Cell.columns {
        let from = part.rows.lowerBound / 8 * 8, to = min((part.rows.upperBound + 7) / 8 * 8, rowStride)
        product(
          rows: to - from, depth: depth, numbers(space.factors + low &* factorStep) + from, row: 1, column: rowStride,
          .rows(space.dGates + part.first / lanes, stride: columnVectors),
          space.dWeights + (from &* columnVectors &+ part.first / lanes), row: columnVectors, vectors: part.count / lanes, adding: true)
      }
      high = low
    }
  }

  private func run(half: Int, training: Bool) {
    let space = spaces[half]
    if training {
      memset(space.dWeights, 0, rowStride * columnStride * 4)
      memset(space.dReadout, 0, classes * hidden * 4)
    }
    let count = batch / halves
    for first in stride(from: half * count, to: (half + 1) * count, by: tile) {
      let last = forward(space, first: first, keeping: training)
      finish(space, last: last, first: first, training: training)
      if training { backward(space) }
    }
  }

  private func runHalves(training: Bool) {
    prepare()
    if threads == 1 {
      for half in 0..<halves { run(half: half, training: training) }
    } else {
      DispatchQueue.concurrentPerform(iterations: halves) { run(half: $0, training: training) }
    }
  }

  func inference() { runHalves(training: false) }

  func trainingStep() {
    runHalves(training: true)
    let a = numbers(spaces[0].dWeights), b = numbers(spaces[1].dWeights)
    for (place, source) in gradientSources.enumerated() { gradient[place] = a[Int(source)] + b[Int(source)] }
    for i in readoutGradient.indices { readoutGradient[i] = numbers(spaces[0].dReadout)[i] + numbers(spaces[1].dReadout)[i] }
  }

  func serve(_ side: Side) {
    trainingStep()
    inference()
    side.write([(0..<batch).reduce(0) { $0 + losses[$1] } / Float(batch)], to: "loss")
    side.write((0..<batch * classes).map { logits[$0] }, to: "logits")
    for (index, name) in Cell.parameters.enumerated() {
      side.write(Array(gradient[offsets[index]..<offsets[index + 1]]), to: "gradient." + name)
    }
    side.write(readoutGradient, to: "gradient.readout")
    side.serve(
      facts: ["workspace bytes": spaces.reduce(0) { $0 + $1.byteCount }], [("inference", inference), ("training", trainingStep)])
  }
}
