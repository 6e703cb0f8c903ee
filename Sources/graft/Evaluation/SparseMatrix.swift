import Codegen
import ModelDSL

/// A sparse Jacobian as one matrix: rows over the real results, flattened one after the other, columns over the variables likewise.
struct SparseMatrix {
  struct Entry {
    let row: Int
    let column: Int
    var value: Double
  }
  /// By row, then by column; entries of one place are added up.
  private(set) var entries: [Entry] = []
  /// The rows of each real result, and the columns of each variable.
  private(set) var rows: [Range<Int>] = []
  private(set) var columns: [String: Range<Int>] = [:]

  /// From the blocks that an entry point gives; `inputs` are its inputs.
  init(_ entry: EntryPoint, results: [ArrayValue], inputs: [ArrayValue], variables: [String]) {
    var rowsByLabel: [String?: Range<Int>] = [:]
    var rowCount = 0
    for (role, result) in zip(entry.resultRoles, results) {
      guard case .value(let label) = role, result.element == .real else { continue }
      rows.append(rowCount..<(rowCount + result.count))
      rowsByLabel[label] = rows.last
      rowCount += result.count
    }
    var columnCount = 0
    for name in variables {
      guard let place = entry.procedure.inputs.firstIndex(where: { $0.name == name }) else { continue }
      columns[name] = columnCount..<(columnCount + inputs[place].count)
      columnCount += inputs[place].count
    }
    var sums: [Int: Double] = [:]
    for (place, block) in entry.blocks.enumerated() {
      guard let values = entry.resultRoles.firstIndex(of: .blockValues(place)),
        let starts = entry.resultRoles.firstIndex(of: .blockColumns(place)),
        let firstRow = rowsByLabel[block.label]?.lowerBound, let firstColumn = columns[block.variable]?.lowerBound,
        let firstColumns = results[starts].integers, !firstColumns.isEmpty,
        let height = rowsByLabel[block.label].map({ $0.count / firstColumns.count }),
        height > 0
      else { continue }
      let numbers = results[values].reals
      let width = numbers.count / (firstColumns.count * height)
      for (index, number) in numbers.enumerated() {
        let iteration = index / (height * width)
        let row = firstRow + index / width
        let column = firstColumn + firstColumns[iteration] + index % width
        sums[row * columnCount + column, default: 0] += number
      }
    }
    entries = sums.keys.sorted().map { Entry(row: $0 / columnCount, column: $0 % columnCount, value: sums[$0]!) }
  }

  /// The product with a direction of one variable, by result.
  func product(with direction: [Double], of variable: String) -> [[Double]] {
    guard let range = columns[variable] else { return [] }
    var products = rows.map { [Double](repeating: 0, count: $0.count) }
    for entry in entries where range.contains(entry.column) {
      guard let result = rows.firstIndex(where: { $0.contains(entry.row) }) else { continue }
      products[result][entry.row - rows[result].lowerBound] += entry.value * direction[entry.column - range.lowerBound]
    }
    return products
  }
}
