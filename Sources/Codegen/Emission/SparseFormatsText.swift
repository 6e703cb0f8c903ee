import ModelDSL

/// Beside a sparse Jacobian's blocks: functions that put them in compressed-row and in coordinate order.
struct SparseFormats {
  let point: EntryPoint
  let entry: Entry
  let precision: Precision

  private struct Part {
    var block: SparseBlock
    var name: String
  }

  private var parts: [Part] {
    zip(point.blocks, SparseBlock.names(of: point.blocks)).map { Part(block: $0, name: $1) }
  }

  /// The real results in order, with their shapes.
  private var rows: [(label: String?, shape: [Size])] {
    zip(point.procedure.body.results, point.resultRoles).compactMap { value, role in
      guard case .value(let label) = role, point.procedure.values[value].element == .real else { return nil }
      return (label, point.procedure.values[value].shape)
    }
  }

  /// The variables in the order in which their columns stand, with their shapes.
  private var variables: [(name: String, shape: [Size])] {
    var seen: Set<String> = []
    let named = Set(point.blocks.map(\.variable))
    return point.procedure.inputs.filter { named.contains($0.name) && seen.insert($0.name).inserted }.map {
      ($0.name, point.procedure.values[$0.value].shape)
    }
  }

  /// Every size is a parameter here: there is no buffer to tell one from.
  private var sizes: [SizeSymbol] {
    let all = rows.flatMap(\.shape) + variables.flatMap(\.shape) + point.blocks.flatMap { $0.iterations + [$0.rowCount, $0.columnCount] }
    let used = Set(all.flatMap(\.symbols))
    return point.procedure.sizes.filter(used.contains)
  }

  private var parameters: [String] {
    sizes.map { "\(entry.sizeName($0)): Int" }
      + parts.flatMap { ["\($0.name)Blocks: [\(precision.rawValue)]", "\($0.name)Columns: [Int32]"] }
  }

  private func count(_ shape: [Size]) -> Code { entry.code(shape.reduce(Size(1)) { $0 * $1 }) }

  private func described(_ label: String, _ shape: [Size]) -> String {
    shape.isEmpty ? "`\(label)`" : "`\(label)` [\(shape.map(\.description).joined(separator: ", "))]"
  }

  func declaration(_ text: inout Text, access: String) {
    let rowWords = rows.map { described($0.label ?? "value", $0.shape) }.joined(separator: ", then ")
    let columnWords = variables.map { described($0.name, $0.shape) }.joined(separator: ", then ")
    let number = precision.rawValue
    text.line()
    text.documentation([
      "The blocks of `\(point.name)` in compressed-row order (CSR): row `r` has the entries `rowStarts[r]..<rowStarts[r + 1]`.",
      "Rows are the elements of \(rowWords); columns those of \(columnWords). Entries of one place add.",
    ])
    text.call(
      "\(access) static func \(point.name)Rows", parameters, " -> (rowStarts: [Int32], columns: [Int32], values: [\(number)]) {")
    text.indented { text in
      text.line("var rowStarts: [Int32] = [0]")
      text.line("var columns: [Int32] = []")
      text.line("var values: [\(number)] = []")
      for row in rows { rowLoop(&text, row) }
      text.line("return (rowStarts, columns, values)")
    }
    text.line("}")
    text.line()
    text.documentation(["The blocks of `\(point.name)` in coordinate order (COO), row by row. Entries of one place add."])
    text.call("\(access) static func \(point.name)Coordinates", parameters, " -> (rows: [Int32], columns: [Int32], values: [\(number)]) {")
    text.indented { text in
      let arguments =
        sizes.map { "\(entry.sizeName($0)): \(entry.sizeName($0))" }
        + parts.flatMap { ["\($0.name)Blocks: \($0.name)Blocks", "\($0.name)Columns: \($0.name)Columns"] }
      text.call("let matrix: (rowStarts: [Int32], columns: [Int32], values: [\(number)]) = \(point.name)Rows", arguments)
      text.line("var rows: [Int32] = []")
      text.block("for row in 0..<matrix.rowStarts.count - 1") { text in
        text.line("for _ in matrix.rowStarts[row]..<matrix.rowStarts[row + 1] { rows.append(Int32(row)) }")
      }
      text.line("return (rows, matrix.columns, matrix.values)")
    }
    text.line("}")
  }

  private func rowLoop(_ text: inout Text, _ row: (label: String?, shape: [Size])) {
    let own = parts.filter { $0.block.label == row.label }
    text.line("// \(described(row.label ?? "value", row.shape))")
    guard let first = own.first else {
      text.line("rowStarts += [Int32](repeating: Int32(columns.count), count: \(count(row.shape).text))")
      return
    }
    let height = entry.code(first.block.rowCount)
    text.block("for block in 0..<\(count(first.block.iterations).within(.sum))") { text in
      text.block("for row in 0..<\(height.within(.sum))") { text in
        for part in own {
          let width = entry.code(part.block.columnCount)
          let before = variables.prefix { $0.name != part.block.variable }.map { $0.shape.reduce(Size(1)) { $0 * $1 } }.reduce(Size(0)) {
            $0 + $1
          }
          let offset = before.constant == 0 ? "" : "\(entry.code(before).within(.sum)) + "
          text.block("for column in 0..<\(width.within(.sum))") { text in
            text.line("columns.append(Int32(\(offset)Int(\(part.name)Columns[block]) + column))")
            text.line(
              "values.append(\(part.name)Blocks[(block * \(height.within(.product)) + row) * \(width.within(.product)) + column])")
          }
        }
        text.line("rowStarts.append(Int32(columns.count))")
      }
    }
  }
}
