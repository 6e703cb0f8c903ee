/// The texts of products of matrices: blocks of the result are summed up in registers.
enum ProductSource {
  static func multiply(lanes: Int) -> String {
    """
    /// c[i, j] = the sum over k of a[i, k] * b[k, j], or that added to c[i, j]. Rows of b and of c lie together; `row` and `term` say how far apart
    /// rows and terms stand.
    @inline(never)
    private static func multiply(
      _ a: UnsafePointer<#Scalar>, row aRow: Int, term aTerm: Int, _ b: UnsafePointer<#Scalar>, term bTerm: Int,
      to c: UnsafeMutablePointer<#Scalar>, row cRow: Int, rows: Int, columns: Int, terms: Int, adding: Bool
    ) {
      var i: Int = 0
      var j: Int = 0
    \(([2 * lanes] + widths(lanes)).map { columnsOfRows($0, lanes: lanes) }.joined(separator: "\n"))
      // Columns that fill no vector, and rows that fill no block.
      while i &+ 4 <= rows { i &+= 4 }
      var row: Int = 0
      while row < i && j < columns {
        multiplyRest(a + row &* aRow, aTerm, b, bTerm, c + row &* cRow, from: j, to: columns, terms, adding)
        row &+= 1
      }
      while i < rows {
        let left: UnsafePointer<#Scalar> = a + i &* aRow
        let result: UnsafeMutablePointer<#Scalar> = c + i &* cRow
        j = 0
    \(columns(rows: 1, vectors: 8, width: lanes))
    \(widths(lanes).map { columns(rows: 1, vectors: 1, width: $0) }.joined(separator: "\n"))
        multiplyRest(left, aTerm, b, bTerm, result, from: j, to: columns, terms, adding)
        i &+= 1
      }
    }

    \(rowCounts(2 * lanes, lanes: lanes).map { block(rows: $0, vectors: 2, lanes: lanes) }.joined(separator: "\n\n"))

    \(widths(lanes).map { block(rows: 4, vectors: 1, lanes: $0) }.joined(separator: "\n\n"))

    \(block(rows: 1, vectors: 8, lanes: lanes))

    \(widths(lanes).map { block(rows: 1, vectors: 1, lanes: $0) }.joined(separator: "\n\n"))

    /// Columns that fill no vector.
    @inline(__always)
    private static func multiplyRest(
      _ a: UnsafePointer<#Scalar>, _ aTerm: Int, _ b: UnsafePointer<#Scalar>, _ bTerm: Int, _ c: UnsafeMutablePointer<#Scalar>,
      from start: Int, to end: Int, _ terms: Int, _ adding: Bool
    ) {
      var j: Int = start
      while j < end {
        var sum: #Scalar = adding ? c[j] : 0
        var k: Int = 0
        while k < terms {
          sum += a[k &* aTerm] * b[k &* bTerm &+ j]
          k &+= 1
        }
        c[j] = sum
        j &+= 1
      }
    }
    """
  }

  /// What is left when no wide vector fits goes through narrower ones.
  static func widths(_ lanes: Int) -> [Int] {
    var widths: [Int] = [lanes]
    while let last = widths.last, last > 4 { widths.append(last / 2) }
    return widths
  }

  private static func name(_ rows: Int, _ vectors: Int, _ width: Int) -> String { "multiplyBlock\(rows)x\(vectors * width)" }

  /// How many rows a block of so many columns may have: those whose sums fit in registers, most first. Vectors of 512 bits come with twice as many.
  private static func rowCounts(_ columns: Int, lanes: Int) -> [Int] { columns == 2 * lanes && lanes >= 16 ? [8, 4] : [4] }

  /// Blocks of so many columns and of several rows, one below the other.
  private static func columnsOfRows(_ columns: Int, lanes: Int) -> String {
    let vectors = columns > lanes ? 2 : 1
    let blocks = rowCounts(columns, lanes: lanes).map { rows in
      """
          while i &+ \(rows) <= rows {
            \(name(rows, vectors, columns / vectors))(
              a + i &* aRow, aRow, aTerm, b + j, bTerm, c + (i &* cRow &+ j), cRow, terms, adding
            )
            i &+= \(rows)
          }
      """
    }
    return """
        while j &+ \(columns) <= columns {
          i = 0
      \(blocks.joined(separator: "\n"))
          j &+= \(columns)
        }
      """
  }

  /// Blocks of so many columns, as long as there are as many.
  private static func columns(rows: Int, vectors: Int, width: Int) -> String {
    """
        while j &+ \(vectors * width) <= columns {
          \(name(rows, vectors, width))(left, aRow, aTerm, b + j, bTerm, result + j, cRow, terms, adding)
          j &+= \(vectors * width)
        }
    """
  }

  /// So many rows of so many vectors.
  private static func block(rows: Int, vectors: Int, lanes: Int) -> String {
    var lines: [String] = []
    func place(_ row: Int, _ vector: Int) -> String {
      let distance = (row == 0 ? [] : [row == 1 ? "cRow" : "\(row) &* cRow"]) + (vector == 0 ? [] : ["\(vector * lanes)"])
      return distance.isEmpty ? "c" : "c + " + (distance.count == 1 ? distance[0] : "(" + distance.joined(separator: " &+ ") + ")")
    }
    for row in 0..<rows {
      for vector in 0..<vectors {
        lines.append("  var sum\(row)\(vector): #Vector = adding ? load\(lanes)(\(place(row, vector))) : #Vector.zero")
      }
    }
    lines += [
      "  var left: UnsafePointer<#Scalar> = a", "  var right: UnsafePointer<#Scalar> = b", "  var k: Int = 0", "  while k < terms {",
    ]
    for vector in 0..<vectors {
      lines.append("    let b\(vector): #Vector = load\(lanes)(right\(vector == 0 ? "" : " + \(vector * lanes)"))")
    }
    for row in 0..<rows {
      let index = row == 0 ? "0" : row == 1 ? "aRow" : "\(row) &* aRow"
      lines.append("    let a\(row): #Vector = #Vector(repeating: left[\(index)])")
      for vector in 0..<vectors { lines.append("    sum\(row)\(vector) = multiplyAdd(a\(row), b\(vector), sum\(row)\(vector))") }
    }
    lines += ["    left += aTerm", "    right += bTerm", "    k &+= 1", "  }"]
    for row in 0..<rows {
      for vector in 0..<vectors { lines.append("  store(sum\(row)\(vector), at: \(place(row, vector)))") }
    }
    let text = """
      @inline(__always)
      private static func \(name(rows, vectors, lanes))(
        _ a: UnsafePointer<#Scalar>, _ aRow: Int, _ aTerm: Int, _ b: UnsafePointer<#Scalar>, _ bTerm: Int,
        _ c: UnsafeMutablePointer<#Scalar>, _ cRow: Int, _ terms: Int, _ adding: Bool
      ) {
      \(lines.joined(separator: "\n"))
      }
      """
    return text.split(separator: "#Vector", omittingEmptySubsequences: false).joined(separator: "SIMD\(lanes)<#Scalar>")
  }

  static func multiplyRows(lanes: Int) -> String {
    """
    /// c[j] = the sum over k of a[k] * b[j, k], or that added to c[j]; neighbouring terms of a and of b lie together.
    @inline(never)
    private static func multiplyRows(
      _ a: UnsafePointer<#Scalar>, _ b: UnsafePointer<#Scalar>, row: Int, to c: UnsafeMutablePointer<#Scalar>, step: Int,
      rows: Int, terms: Int, adding: Bool
    ) {
      var j: Int = 0
      while j < rows {
        // Up to four rows share what is loaded of a; the last is repeated where there are fewer.
        let first: UnsafePointer<#Scalar> = b + j &* row
        let second: UnsafePointer<#Scalar> = j &+ 1 < rows ? first + row : first
        let third: UnsafePointer<#Scalar> = j &+ 2 < rows ? second + row : second
        let fourth: UnsafePointer<#Scalar> = j &+ 3 < rows ? third + row : third
        var firstSums: #Vector = .zero
        var secondSums: #Vector = .zero
        var thirdSums: #Vector = .zero
        var fourthSums: #Vector = .zero
        var k: Int = 0
        while k &+ \(lanes) <= terms {
          let left: #Vector = load\(lanes)(a + k)
          firstSums = multiplyAdd(left, load\(lanes)(first + k), firstSums)
          secondSums = multiplyAdd(left, load\(lanes)(second + k), secondSums)
          thirdSums = multiplyAdd(left, load\(lanes)(third + k), thirdSums)
          fourthSums = multiplyAdd(left, load\(lanes)(fourth + k), fourthSums)
          k &+= \(lanes)
        }
        var firstSum: #Scalar = firstSums.sum()
        var secondSum: #Scalar = secondSums.sum()
        var thirdSum: #Scalar = thirdSums.sum()
        var fourthSum: #Scalar = fourthSums.sum()
        while k < terms {
          let left: #Scalar = a[k]
          firstSum += left * first[k]
          secondSum += left * second[k]
          thirdSum += left * third[k]
          fourthSum += left * fourth[k]
          k &+= 1
        }
        let result: UnsafeMutablePointer<#Scalar> = c + j &* step
        result[0] = adding ? result[0] + firstSum : firstSum
        if j &+ 1 < rows { result[step] = adding ? result[step] + secondSum : secondSum }
        if j &+ 2 < rows { result[2 &* step] = adding ? result[2 &* step] + thirdSum : thirdSum }
        if j &+ 3 < rows { result[3 &* step] = adding ? result[3 &* step] + fourthSum : fourthSum }
        j &+= 4
      }
    }
    """
  }
}
