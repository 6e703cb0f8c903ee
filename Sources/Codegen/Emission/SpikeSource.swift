/// The texts of functions that follow spikes.
enum SpikeSource {
  static let positives = """
    /// Which of the next 64 elements, or fewer, are above 0: one bit each.
    @inline(__always)
    private static func positives(_ values: UnsafePointer<#Type>, _ count: Int) -> UInt64 {
      let end: Int = count < 64 ? count : 64
      var bits: UInt64 = 0
      var k: Int = 0
      while k &+ 16 <= end {
        let group: SIMD16<#Type> = UnsafeRawPointer(values + k).loadUnaligned(as: SIMD16<#Type>.self)
        let mask: SIMD16<Int#Width> = unsafeBitCast(group .> SIMD16<#Type>.zero, to: SIMD16<Int#Width>.self)
        let bytes: SIMD2<UInt64> = unsafeBitCast(SIMD16<Int8>(truncatingIfNeeded: mask), to: SIMD2<UInt64>.self)
        // One bit of each byte, moved together by a product.
        let low: UInt64 = ((bytes[0] & 0x0101010101010101) &* 0x0102040810204080) &>> 56
        let high: UInt64 = ((bytes[1] & 0x0101010101010101) &* 0x0102040810204080) &>> 56
        bits |= (low | (high &<< 8)) &<< UInt64(truncatingIfNeeded: k)
        k &+= 16
      }
      while k < end {
        if values[k] > 0 { bits |= 1 &<< UInt64(truncatingIfNeeded: k) }
        k &+= 1
      }
      return bits
    }
    """

  static func addRows(lanes: Int) -> String {
    let all = Array(0..<8)
    func lines(_ indent: String, _ line: (Int) -> String) -> String { all.map { indent + line($0) }.joined(separator: "\n") }
    func place(_ base: String, _ vector: Int) -> String { vector == 0 ? base : "\(base) + \(vector * lanes)" }
    return """
      /// c[j] += the sum of b[k, j] over the k where spikes[k] is above 0. The sums stand in registers from spike to spike.
      @inline(never)
      private static func addRows(
        where spikes: UnsafePointer<#Scalar>, count: Int, _ b: UnsafePointer<#Scalar>, row: Int, to c: UnsafeMutablePointer<#Scalar>,
        columns: Int
      ) {
        var start: Int = 0
        while start < count {
          let bits: UInt64 = positives(spikes + start, count &- start)
          let rows: UnsafePointer<#Scalar> = b + start &* row
          var j: Int = bits == 0 ? columns : 0
          while j &+ \(8 * lanes) <= columns {
            let result: UnsafeMutablePointer<#Scalar> = c + j
      \(lines("      ") { "var sum\($0): #Vector = load\(lanes)(\(place("result", $0)))" })
            var rest: UInt64 = bits
            while rest != 0 {
              let next: UnsafePointer<#Scalar> = rows + (rest.trailingZeroBitCount &* row &+ j)
              rest &= rest &- 1
      \(lines("        ") { "sum\($0) += load\(lanes)(\(place("next", $0)))" })
            }
      \(lines("      ") { "store(sum\($0), at: \(place("result", $0)))" })
            j &+= \(8 * lanes)
          }
      \(ProductSource.widths(lanes).map(narrow).joined(separator: "\n"))
          while j < columns {
            var sum: #Scalar = c[j]
            var rest: UInt64 = bits
            while rest != 0 {
              sum += rows[rest.trailingZeroBitCount &* row &+ j]
              rest &= rest &- 1
            }
            c[j] = sum
            j &+= 1
          }
          start &+= 64
        }
      }
      """
  }

  /// Sums of one vector.
  private static func narrow(_ width: Int) -> String {
    """
        while j &+ \(width) <= columns {
          var sum: SIMD\(width)<#Scalar> = load\(width)(c + j)
          var rest: UInt64 = bits
          while rest != 0 {
            sum += load\(width)(rows + (rest.trailingZeroBitCount &* row &+ j))
            rest &= rest &- 1
          }
          store(sum, at: c + j)
          j &+= \(width)
        }
    """
  }
}
