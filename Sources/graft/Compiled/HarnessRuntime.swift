/// What every harness program starts with: reading inputs from one file and writing results to another, in this machine's byte order. A request is
/// the number of a call, its sizes, and its inputs; a response is a status (0, or 1 with a message) and the results. Arrays come with their counts.
let harnessRuntime = """
  import Foundation

  struct HarnessReader {
    let bytes: [UInt8]
    var place = 0

    var isAtEnd: Bool { place >= bytes.count }

    mutating func number<Number: BitwiseCopyable>() -> Number {
      let number = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: Number.self) }
      place += MemoryLayout<Number>.size
      return number
    }

    mutating func array<Number: BitwiseCopyable>() -> [Number] {
      let count: Int = number()
      var numbers: [Number] = []
      numbers.reserveCapacity(count)
      for _ in 0..<count { numbers.append(number()) }
      return numbers
    }
  }

  struct HarnessWriter {
    var bytes: [UInt8] = []

    mutating func number<Number: BitwiseCopyable>(_ number: Number) {
      withUnsafeBytes(of: number) { bytes += $0 }
    }

    mutating func array<Number: BitwiseCopyable>(_ numbers: [Number]) {
      number(numbers.count)
      for value in numbers { number(value) }
    }

    mutating func text(_ text: String) { array(Array(text.utf8)) }
  }

  """

/// The end of a harness program, for as many calls.
func harnessMain(callCount: Int) -> String {
  let cases = (0..<callCount).map { "      case \($0): try call\($0)(&reader, &results)" }.joined(separator: "\n")
  return """

    func runHarness() throws {
      let arguments = CommandLine.arguments
      var reader = HarnessReader(bytes: Array(try Data(contentsOf: URL(fileURLWithPath: arguments[1]))))
      var writer = HarnessWriter()
      while !reader.isAtEnd {
        let call: Int = reader.number()
        var results = HarnessWriter()
        do {
          switch call {
    \(cases)
          default: fatalError("no such call: \\(call)")
          }
          writer.number(0)
          writer.bytes += results.bytes
        } catch {
          writer.number(1)
          writer.text("\\(error)")
        }
      }
      try Data(writer.bytes).write(to: URL(fileURLWithPath: arguments[2]))
    }

    try runHarness()

    """
}
