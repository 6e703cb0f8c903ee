import Foundation

/// One side of a comparison, as a program: it reads a case's inputs, writes what it computed, and then times what it is asked to.
///
///     program INPUTS OUTPUTS THREADS name=size …
///
/// Inputs and results are raw little-endian numbers, `NAME.bin`. A line `MEASURE SECONDS` on standard input is answered by a line of JSON:
/// the milliseconds of each repetition.
struct Side {
  let inputs: URL
  let outputs: URL
  let threads: Int
  private let sizes: [String: Int]

  init(_ arguments: [String] = CommandLine.arguments) {
    guard arguments.count >= 4, let threads = Int(arguments[3]) else {
      fatalError("usage: \(arguments[0]) INPUTS OUTPUTS THREADS name=size …")
    }
    inputs = URL(fileURLWithPath: arguments[1], isDirectory: true)
    outputs = URL(fileURLWithPath: arguments[2], isDirectory: true)
    self.threads = threads
    var sizes: [String: Int] = [:]
    for argument in arguments.dropFirst(4) {
      let parts = argument.split(separator: "=")
      sizes[String(parts[0])] = Int(parts[1])
    }
    self.sizes = sizes
  }

  func size(_ name: String) -> Int {
    guard let size = sizes[name] else { fatalError("no size is called \(name)") }
    return size
  }

  /// An input; the type asked for is that of the file.
  func read<Number: BitwiseCopyable>(_ name: String, as type: Number.Type = Number.self) -> [Number] {
    guard let data = try? Data(contentsOf: inputs.appendingPathComponent(name + ".bin")) else { fatalError("no input is called \(name)") }
    return data.withUnsafeBytes { bytes in
      [Number](unsafeUninitializedCapacity: bytes.count / MemoryLayout<Number>.stride) { buffer, count in
        count = buffer.count
        UnsafeMutableRawBufferPointer(buffer).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: bytes[..<(count * MemoryLayout<Number>.stride)]))
      }
    }
  }

  func write<Number: BitwiseCopyable>(_ numbers: [Number], to name: String) {
    let data = numbers.withUnsafeBytes { Data($0) }
    guard (try? data.write(to: outputs.appendingPathComponent(name + ".bin"))) != nil else { fatalError("\(name) cannot be written") }
  }

  /// Says that the results are written, with facts worth a place in the report, and measures until the input ends.
  func serve(facts: [String: Int] = [:], _ measures: [(name: String, run: () -> Void)]) {
    var facts = facts
    for (name, run) in measures { facts["allocations in \(name)"] = Self.allocations(in: run) }
    let names = measures.map { "\"\($0.name)\"" }.joined(separator: ", ")
    let pairs = facts.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ")
    say("{\"measures\": [\(names)], \"facts\": {\(pairs)}}")
    while let line = readLine() {
      let words = line.split(separator: " ")
      guard words.count == 2, let seconds = Double(words[1]), let measure = measures.first(where: { $0.name == words[0] }) else {
        fatalError("expected a measure and seconds, not \(line)")
      }
      let times = Self.times(of: measure.run, for: seconds)
      say("[" + times.map { String($0) }.joined(separator: ", ") + "]")
    }
  }

  /// Repetitions until the time is up, at least one; the first, unmeasured, brings code and data into the caches.
  private static func times(of run: () -> Void, for seconds: Double) -> [Double] {
    run()
    var times: [Double] = []
    let end = now() + seconds * 1000
    var start = now()
    while times.isEmpty || start < end {
      run()
      let stop = now()
      times.append(stop - start)
      start = stop
    }
    return times
  }

  /// Blocks of memory asked for in a later call, where support/allocations.c is loaded to count them.
  private static func allocations(in run: () -> Void) -> Int? {
    guard let symbol = dlsym(nil, "allocations_so_far") else { return nil }
    typealias Count = @convention(c) () -> Int
    let soFar = unsafeBitCast(symbol, to: Count.self)
    run()
    let before = soFar()
    run()
    return soFar() - before
  }

  private func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}

/// Milliseconds of a clock that never goes back.
func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
}

/// Arrays that generated code writes to.
struct Outputs<Number: BitwiseCopyable & Numeric> {
  private let buffers: [String: UnsafeMutableBufferPointer<Number>]

  init(_ counts: [String: Int]) {
    buffers = counts.mapValues { count in
      let buffer = UnsafeMutableBufferPointer<Number>.allocate(capacity: count)
      buffer.initialize(repeating: 0)
      return buffer
    }
  }

  subscript(name: String) -> UnsafeMutableBufferPointer<Number> { buffers[name]! }

  func write(to side: Side, prefix: String = "") {
    for (name, buffer) in buffers { side.write(Array(buffer), to: prefix + name) }
  }
}
