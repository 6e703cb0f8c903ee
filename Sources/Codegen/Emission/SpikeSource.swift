/// The texts of functions that follow spikes.
enum SpikeSource {
  static func spikeBits(isSingle: Bool) -> String {
    let group = isSingle ? 16 : 8
    let bytes = isSingle ? "SIMD2<UInt64>" : "UInt64"
    let together = isSingle ? "moved[0] | (moved[1] &<< 8)" : "moved"
    return """
      /// Which of the next 64 spikes, or fewer, are there: one bit each. A spike is 1, and none is 0.
      @inline(__always)
      private static func spikeBits(_ values: UnsafePointer<#Type>, _ count: Int) -> UInt64 {
        let end: Int = count < 64 ? count : 64
        var bits: UInt64 = 0
        var k: Int = 0
        while k &+ \(group) <= end {
          let group: SIMD\(group)<UInt#Width> = UnsafeRawPointer(values + k).loadUnaligned(as: SIMD\(group)<UInt#Width>.self)
          // The third bit from the left is set in 1, and not in 0.
          let bytes: \(bytes) = unsafeBitCast(SIMD\(group)<UInt8>(truncatingIfNeeded: group &>> \(isSingle ? 29 : 61)), to: \(bytes).self)
          // One bit of each byte, moved together by a product.
          let moved: \(bytes) = (bytes &* 0x0102040810204080) &>> 56
          bits |= (\(together)) &<< UInt64(truncatingIfNeeded: k)
          k &+= \(group)
        }
        while k < end {
          if values[k] > 0 { bits |= 1 &<< UInt64(truncatingIfNeeded: k) }
          k &+= 1
        }
        return bits
      }
      """
  }

  static let conditionBits = """
    /// Which of the next 64 conditions, or fewer, hold: one bit each.
    @inline(__always)
    private static func spikeBits(_ values: UnsafePointer<Bool>, _ count: Int) -> UInt64 {
      let end: Int = count < 64 ? count : 64
      var bits: UInt64 = 0
      var k: Int = 0
      while k &+ 8 <= end {
        let group: UInt64 = UnsafeRawPointer(values + k).loadUnaligned(as: UInt64.self)
        // A condition that holds is a byte of 1: one bit of each byte, moved together by a product.
        bits |= ((group &* 0x0102040810204080) &>> 56) &<< UInt64(truncatingIfNeeded: k)
        k &+= 8
      }
      while k < end {
        if values[k] { bits |= 1 &<< UInt64(truncatingIfNeeded: k) }
        k &+= 1
      }
      return bits
    }
    """

  /// How many vectors `columns` numbers are added up in, and how wide those are; nil where the general function does it.
  static func vectors(columns: Int, lanes: Int) -> (width: Int, count: Int)? {
    guard let width = ProductSource.widths(lanes).first(where: { $0 <= columns }) else { return nil }
    let count = (columns + width - 1) / width
    // Passes that are not alike are written out one by one.
    let size = vectorsInRegisters(of: count, lanes: lanes)
    return count <= 3 * size || columns % (size * width) == 0 ? (width, count) : nil
  }

  /// How many vectors of a row are added up at once: as many as there are registers for, and a whole part of them where there is one.
  private static func vectorsInRegisters(of count: Int, lanes: Int) -> Int {
    let most = lanes == 4 ? 12 : 16
    if let part = (most / 2...most).last(where: { count % $0 == 0 }) { return part }
    let passes = (count + most - 1) / most
    return (count + passes - 1) / passes
  }

  /// For a number of columns that is known: all of a row's sums, or equal parts of them, stand in registers at once.
  static func addRows(columns: Int, lanes: Int) -> String {
    let (width, count) = vectors(columns: columns, lanes: lanes)!
    let size = vectorsInRegisters(of: count, lanes: lanes)
    // The last vector ends with the last column, and may overlap the one before it: both then have the same sums.
    let places = (0..<count).map { min($0 * width, columns - width) }
    let passes = stride(from: 0, to: count, by: size).map { Array(places[$0..<min($0 + size, count)]) }
    let isRepeated = passes.count > 1 && columns % (size * width) == 0

    /// The sums of some vectors: all spikes' where there is one pass, else those of one group of spikes.
    func pass(_ vectors: [Int], from start: String?) -> [String] {
      func place(_ base: String, _ vector: Int) -> String {
        let distance = vectors[vector] - vectors[0]
        return distance == 0 ? base : "\(base) + \(distance)"
      }
      let all = vectors.indices
      let result = start.map { ["let result: UnsafeMutablePointer<#Scalar> = c + \($0)"] } ?? []
      let target = start == nil ? "c" : "result"
      let isKept = passes.count == 1 ? "adding" : "isAdding"
      let load = all.map {
        "var sum\($0): SIMD\(width)<#Scalar> = \(isKept) ? load\(width)(\(place(target, $0))) : SIMD\(width)<#Scalar>.zero"
      }
      let store = all.map { "store(sum\($0), at: \(place(target, $0)))" }
      let next = "rows + " + (start.map { "(rest.trailingZeroBitCount &* row &+ \($0))" } ?? "rest.trailingZeroBitCount &* row")
      let add =
        ["var rest: UInt64 = bits", "while rest != 0 {", "  let next: UnsafePointer<#Scalar> = \(next)", "  rest &= rest &- 1"]
        + all.map { "  sum\($0) += load\(width)(\(place("next", $0)))" } + ["}"]
      return passes.count == 1 ? load + groups(add) + store : result + load + add + store
    }
    func groups(_ body: [String]) -> [String] {
      [
        "var start: Int = 0", "while start < count {", "  let bits: UInt64 = spikeBits(spikes + start, count &- start)",
        "  let rows: UnsafePointer<#Scalar> = b + start &* row",
      ] + (passes.count == 1 ? [] : ["  let isAdding: Bool = adding || start > 0"]) + body.map { "  " + $0 } + ["  start &+= 64", "}"]
    }
    let lines: [String]
    if passes.count == 1 {
      lines = pass(passes[0], from: nil)
    } else if isRepeated {
      let body = pass(passes[0], from: "j").map { "  " + $0 }
      lines = groups(
        ["var j: Int = bits == 0 && isAdding ? \(columns) : 0", "while j < \(columns) {"] + body + ["  j &+= \(size * width)", "}"])
    } else {
      lines = groups(passes.flatMap { ["do {"] + pass($0, from: String($0[0])).map { "  " + $0 } + ["}"] })
    }
    return """
      /// c[j] = the sum of b[k, j], or that added to c[j], over the k where there is a spike, of \(columns) columns. The sums stand in registers from spike to spike.
      @inline(never)
      private static func addRows\(columns)(
        where spikes: UnsafePointer<#Scalar>, count: Int, _ b: UnsafePointer<#Scalar>, row: Int, to c: UnsafeMutablePointer<#Scalar>,
        adding: Bool
      ) {
      \(lines.map { "  " + $0 }.joined(separator: "\n"))
      }
      """
  }

  static func addRows(lanes: Int) -> String {
    let all = Array(0..<8)
    func lines(_ indent: String, _ line: (Int) -> String) -> String { all.map { indent + line($0) }.joined(separator: "\n") }
    func place(_ base: String, _ vector: Int) -> String { vector == 0 ? base : "\(base) + \(vector * lanes)" }
    return """
      /// c[j] = the sum of b[k, j], or that added to c[j], over the k where there is a spike. The sums stand in registers from spike to spike.
      @inline(never)
      private static func addRows(
        where spikes: UnsafePointer<#Scalar>, count: Int, _ b: UnsafePointer<#Scalar>, row: Int, to c: UnsafeMutablePointer<#Scalar>,
        columns: Int, adding: Bool
      ) {
        var start: Int = 0
        while start < count {
          let bits: UInt64 = spikeBits(spikes + start, count &- start)
          let rows: UnsafePointer<#Scalar> = b + start &* row
          let isAdding: Bool = adding || start > 0
          var j: Int = bits == 0 && isAdding ? columns : 0
          while j &+ \(8 * lanes) <= columns {
            let result: UnsafeMutablePointer<#Scalar> = c + j
      \(lines("      ") { "var sum\($0): #Vector = isAdding ? load\(lanes)(\(place("result", $0))) : #Vector.zero" })
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
            var sum: #Scalar = isAdding ? c[j] : 0
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
          var sum: SIMD\(width)<#Scalar> = isAdding ? load\(width)(c + j) : SIMD\(width)<#Scalar>.zero
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
