/// Where the lines of a text start. Lines end with LF, CR LF or CR.
struct LineTable {
  private let starts: [Int]
  private let text: [UInt8]

  init(_ text: [UInt8]) {
    var starts = [text.starts(with: byteOrderMark) ? byteOrderMark.count : 0]
    for (index, byte) in text.enumerated() where byte == 0x0A || (byte == 0x0D && !(index + 1 < text.count && text[index + 1] == 0x0A)) {
      starts.append(index + 1)
    }
    self.starts = starts
    self.text = text
  }

  /// The line that holds a byte, from 0.
  func line(of byte: Int) -> Int {
    var (low, high) = (0, starts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= byte { low = middle } else { high = middle }
    }
    return low
  }

  /// The bytes of a line, from 0, without its end.
  func bytes(ofLine line: Int) -> Range<Int> {
    let lower = starts[line]
    var upper = line + 1 < starts.count ? starts[line + 1] : text.count
    while upper > lower, text[upper - 1] == 0x0A || text[upper - 1] == 0x0D { upper -= 1 }
    return lower..<upper
  }

  /// Line and column, both from 1; a column is a Unicode scalar.
  func position(of byte: Int) -> (line: Int, column: Int) {
    let line = self.line(of: byte)
    let column = text[min(starts[line], byte)..<min(byte, text.count)].reduce(1) { isContinuationByte($1) ? $0 : $0 + 1 }
    return (line + 1, column)
  }
}

extension SourceMap {
  /// Line and column of the start of a range, both from 1; a column is a Unicode scalar.
  public func position(of range: SourceRange) -> (line: Int, column: Int) {
    LineTable(self[range.file].text).position(of: range.lower)
  }

  /// Line and column of the end of a range, both from 1.
  public func endPosition(of range: SourceRange) -> (line: Int, column: Int) {
    LineTable(self[range.file].text).position(of: range.upper)
  }
}
