import Foundation

/// Runs compiled code under one of the compiler's sanitizers: for those who work on code generation. `GRAFT_SANITIZE=address` (or `thread`) asks
/// for it, as `Tests/sanitize` does.
enum Sanitizer: String, CaseIterable {
  case address, thread

  static func requested(environment: [String: String] = ProcessInfo.processInfo.environment) throws -> Sanitizer? {
    guard let name = environment["GRAFT_SANITIZE"], !name.isEmpty else { return nil }
    guard let sanitizer = Sanitizer(rawValue: name) else {
      throw RunError("GRAFT_SANITIZE is \(listed(allCases.map(\.rawValue))), found '\(name)'")
    }
    return sanitizer
  }

  var options: [String] { ["-sanitize=\(rawValue)", "-g"] }

  /// Generated code whose arrays stand apart: those of a workspace are neighbours in one block otherwise, and a step from one into the next is no
  /// error that a sanitizer could see.
  func prepared(_ generated: String) -> String {
    generated.replacingOccurrences(of: "= end.assumingMemoryBound(to: ", with: "= apart(end, count, ")
  }

  /// For the program around it. What stands at one place of a workspace is the same array in call after call.
  static let support = """
    final class Arrays: @unchecked Sendable {
      struct Place: Hashable {
        var address: UnsafeMutableRawPointer
        var count: Int
        var type: ObjectIdentifier
      }
      let lock = NSLock()
      var blocks: [Place: UnsafeMutableRawPointer] = [:]
      static let shared = Arrays()
    }

    func apart<T>(_ address: UnsafeMutableRawPointer, _ count: Int, _ type: T.Type) -> UnsafeMutablePointer<T> {
      Arrays.shared.lock.withLock {
        let place = Arrays.Place(address: address, count: count, type: ObjectIdentifier(type))
        if let known = Arrays.shared.blocks[place] { return known.assumingMemoryBound(to: type) }
        let block = UnsafeMutablePointer<T>.allocate(capacity: count)
        Arrays.shared.blocks[place] = UnsafeMutableRawPointer(block)
        return block
      }
    }

    """
}
