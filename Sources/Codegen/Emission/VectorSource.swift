/// The texts of functions that move vectors, and put them together from lanes. `#Vector` and the like stand for types.
enum VectorSource {
  /// nil for what is not a function of this kind.
  static func text(_ function: MathematicalFunction, lanes: Int) -> String? {
    let every = (0..<lanes).map { $0 }
    func list(_ item: (Int) -> String) -> String { every.map(item).joined(separator: ", ") }
    switch function {
    case .load:
      return """
        /// Neighbouring elements, from `start` on.
        @inline(__always)
        private static func load\(lanes)(_ start: UnsafePointer<#Scalar>) -> #Vector {
          UnsafeRawPointer(start).loadUnaligned(as: #Vector.self)
        }
        """
    case .store:
      return """
        @inline(__always)
        private static func store(_ values: #Vector, at start: UnsafeMutablePointer<#Scalar>) {
          UnsafeMutableRawPointer(start).storeBytes(of: values, as: #Vector.self)
        }
        """
    case .gather:
      return """
        /// One number for each lane.
        @inline(__always)
        private static func gather\(lanes)(_ element: (Int) -> #Scalar) -> #Vector {
          #Vector(\(list { "element(\($0))" }))
        }
        """
    case .scatter:
      return """
        /// Lane after lane.
        @inline(__always)
        private static func scatter(_ values: #Vector, _ body: (Int, #Scalar) -> Void) {
        \(every.map { "  body(\($0), values[\($0)])" }.joined(separator: "\n"))
        }
        """
    case .negativeMultiplyAdd:
      return """
        /// c - a * b, rounded once where the target can.
        @inline(__always)
        private static func negativeMultiplyAdd(_ a: #Vector, _ b: #Vector, _ c: #Vector) -> #Vector {
        #if arch(arm64) || GRAFT_FMA
          return c.addingProduct(-a, b)
        #else
          return c - a * b
        #endif
        }
        """
    case .greatestLane: return extreme("greatest", "maximum", lanes)
    case .leastLane: return extreme("least", "minimum", lanes)
    case .multiply: return ProductSource.multiply(lanes: lanes)
    case .addRows: return SpikeSource.addRows(lanes: lanes)
    case .multiplyRows: return ProductSource.multiplyRows(lanes: lanes)
    default: return nil
    }
  }

  private static func extreme(_ name: String, _ function: String, _ lanes: Int) -> String {
    let steps = (1..<lanes).map { "  result = \(function)(result, values[\($0)])" }
    return """
      /// The \(name) of the lanes; NaN if any is.
      @inline(__always)
      private static func \(name)(_ values: #Vector) -> #Scalar {
        var result: #Scalar = values[0]
      \(steps.joined(separator: "\n"))
        return result
      }
      """
  }

  /// A function applied lane by lane, for want of one on vectors.
  static func byLane(_ function: MathematicalFunction, lanes: Int) -> String {
    let isPair = function == .pow || function == .atan2 || function == .minimum || function == .maximum
    let parameters = isPair ? "_ x: #Vector, _ y: #Vector" : "_ x: #Vector"
    let elements = (0..<lanes).map { "\(function.swiftName)(\(isPair ? "x[\($0)], y[\($0)]" : "x[\($0)]"))" }.joined(separator: ", ")
    return """
      /// Lane by lane.
      @inline(never)
      private static func \(function.swiftName)(\(parameters)) -> #Vector {
        #Vector(\(elements))
      }
      """
  }
}
