/// The name that was most likely meant by one that is not known: the first of those with the fewest edits, if they are few for its
/// length. Letter case counts as no edit.
public func nearestName(to name: String, among names: some Sequence<String>) -> String? {
  let wanted = Array(name.lowercased().unicodeScalars)
  guard (1...64).contains(wanted.count) else { return nil }
  let most = wanted.count < 3 ? 1 : max(1, (wanted.count + 1) / 3)
  var best: (name: String, distance: Int)?
  for candidate in names where candidate != name {
    let distance = editDistance(wanted, Array(candidate.lowercased().unicodeScalars), atMost: most)
    if distance <= most, distance < (best?.distance ?? .max), distance < wanted.count { best = (candidate, distance) }
  }
  return best?.name
}

/// How many scalars must be inserted, removed, replaced or swapped with their neighbour; more than `limit` where it is more.
private func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar], atMost limit: Int) -> Int {
  guard abs(a.count - b.count) <= limit else { return limit + 1 }
  var beforeLast: [Int] = []
  var last = Array(0...b.count)
  for i in 0..<a.count {
    var row = [i + 1]
    for j in 0..<b.count {
      var cost = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
      row.append(cost)
    }
    (beforeLast, last) = (last, row)
  }
  return last[b.count]
}
