/// The lines that differ between two texts, in the unified format; empty where the texts are equal.
func unifiedDiff(from old: String, to new: String, oldName: String, newName: String, context: Int = 3) -> String {
  let a = old.split(separator: "\n", omittingEmptySubsequences: false)
  let b = new.split(separator: "\n", omittingEmptySubsequences: false)
  let edits = lineEdits(a, b)
  var hunks = ""
  var start = 0
  while let change = edits[start...].firstIndex(where: { !$0.isCommon }) {
    // A hunk ends where more than two contexts of common lines follow.
    var end = change + 1
    var place = end
    while place < edits.count, place - end < 2 * context + 1 {
      if !edits[place].isCommon { end = place + 1 }
      place += 1
    }
    let first = max(start, change - context)
    let last = min(edits.count, end + context)
    hunks += hunk(edits, first..<last)
    start = last
  }
  return hunks.isEmpty ? "" : "--- \(oldName)\n+++ \(newName)\n" + hunks
}

private enum LineEdit {
  case common(Substring), removed(Substring), added(Substring)

  var isCommon: Bool {
    if case .common = self { return true }
    return false
  }
  var isInOld: Bool {
    if case .added = self { return false }
    return true
  }
  var isInNew: Bool {
    if case .removed = self { return false }
    return true
  }
  var text: String {
    switch self {
    case .common(let line): " \(line)"
    case .removed(let line): "-\(line)"
    case .added(let line): "+\(line)"
    }
  }
}

private func hunk(_ edits: [LineEdit], _ range: Range<Int>) -> String {
  func place(_ isIn: (LineEdit) -> Bool) -> String {
    let before = edits[..<range.lowerBound].count(where: isIn)
    let count = edits[range].count(where: isIn)
    return "\(count == 0 ? before : before + 1),\(count)"
  }
  let header = "@@ -\(place(\.isInOld)) +\(place(\.isInNew)) @@\n"
  return header + edits[range].map { $0.text + "\n" }.joined()
}

/// A shortest script (Myers 1986); beyond 1000 edits the part that differs is replaced as a whole.
private func lineEdits(_ a: [Substring], _ b: [Substring]) -> [LineEdit] {
  var head = 0
  while head < min(a.count, b.count), a[head] == b[head] { head += 1 }
  var tail = 0
  while tail < min(a.count, b.count) - head, a[a.count - 1 - tail] == b[b.count - 1 - tail] { tail += 1 }
  let old = Array(a[head..<(a.count - tail)])
  let new = Array(b[head..<(b.count - tail)])
  let middle = shortestScript(old, new, limit: 1000) ?? old.map(LineEdit.removed) + new.map(LineEdit.added)
  return a[..<head].map(LineEdit.common) + middle + a[(a.count - tail)...].map(LineEdit.common)
}

private func shortestScript(_ a: [Substring], _ b: [Substring], limit: Int) -> [LineEdit]? {
  let bound = min(limit, a.count + b.count)
  // reach[k + bound + 1]: the furthest place in `a` on diagonal k, with as many edits as there are entries in `history`.
  var reach = [Int](repeating: 0, count: 2 * bound + 3)
  var history: [[Int]] = []
  search: for edits in 0...bound {
    history.append(reach)
    for k in stride(from: -edits, through: edits, by: 2) {
      let down = k == -edits || (k != edits && reach[k + bound] < reach[k + bound + 2])
      var x = down ? reach[k + bound + 2] : reach[k + bound] + 1
      while x < a.count, x - k < b.count, a[x] == b[x - k] { x += 1 }
      reach[k + bound + 1] = x
      if x >= a.count && x - k >= b.count { break search }
    }
    if edits == bound { return nil }
  }
  var script: [LineEdit] = []
  var x = a.count
  var y = b.count
  for edits in history.indices.reversed() {
    let reach = history[edits]
    let k = x - y
    let down = k == -edits || (k != edits && reach[k + bound] < reach[k + bound + 2])
    let previous = down ? k + 1 : k - 1
    let start = edits == 0 ? 0 : reach[previous + bound + 1]
    let middle = edits == 0 ? 0 : (down ? start : start + 1)
    while x > middle && y > middle - k {
      x -= 1
      y -= 1
      script.append(.common(a[x]))
    }
    if edits == 0 { break }
    if down {
      y -= 1
      script.append(.added(b[y]))
    } else {
      x -= 1
      script.append(.removed(a[x]))
    }
  }
  return script.reversed()
}
