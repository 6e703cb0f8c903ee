/// Makes a program smaller while something still holds of it: statements are left out, and expressions replaced by simpler ones of their type.
struct Shrinker {
  /// Whether the program still fails in the same way.
  let stillFails: (String) -> Bool
  /// No more attempts than that.
  var attempts = 1500

  private enum Change {
    case leaveOut
    case replace(Node)
  }

  mutating func shrunk(_ program: Node) -> Node {
    var best = program
    var progress = true
    while progress, attempts > 0 {
      progress = false
      var place = 0
      while place < best.count, attempts > 0 {
        var shrank = false
        for candidate in changes(of: best.node(at: place)) {
          var remaining = place
          let smaller = best.replacing(&remaining, with: candidate)
          guard smaller.text.utf8.count < best.text.utf8.count else { continue }
          attempts -= 1
          if stillFails(smaller.text) {
            best = smaller
            (shrank, progress) = (true, true)
            break
          }
          if attempts == 0 { break }
        }
        if !shrank { place += 1 }
      }
    }
    return best
  }

  /// Simpler things for a node, the simplest first.
  private func changes(of node: Node) -> [Node] {
    switch node.role {
    case .plain: return []
    case .statement: return [Node(parts: [])]
    case .expression(let type):
      var found: [Node] = []
      if let simplest = simplest(type) { found.append(simplest) }
      node.visit { inner in
        if case .expression(type) = inner.role, inner.text != node.text { found.append(inner) }
      }
      return Array(found.prefix(12))
    }
  }

  private func simplest(_ type: ProgramType) -> Node? {
    switch type.element {
    case .real:
      if type.shape.isEmpty { return .real("0.5") }
      let axes = type.shape.enumerated().map { "q\($0) in \($1)" }.joined(separator: ", ")
      return .expression(type, "[\(axes): 0.5]")
    case .integer: return type.shape.isEmpty ? .expression(type, "1") : nil
    case .boolean: return type.shape.isEmpty ? .expression(type, "true") : nil
    case .index: return type.shape.isEmpty ? .expression(type, "0") : nil
    }
  }
}

extension Node {
  /// Itself and all nodes in it.
  fileprivate var count: Int {
    parts.reduce(1) { if case .node(let node) = $1 { $0 + node.count } else { $0 } }
  }

  fileprivate func visit(_ body: (Node) -> Void) {
    body(self)
    for case .node(let node) in parts { node.visit(body) }
  }

  /// In order, each node before its parts.
  fileprivate func node(at place: Int) -> Node {
    var rest = place
    return find(&rest)!
  }

  private func find(_ place: inout Int) -> Node? {
    if place == 0 { return self }
    place -= 1
    for case .node(let node) in parts { if let found = node.find(&place) { return found } }
    return nil
  }

  fileprivate func replacing(_ place: inout Int, with other: Node) -> Node {
    if place == 0 {
      place = -1
      return other
    }
    if place < 0 { return self }
    place -= 1
    var copy = self
    for index in copy.parts.indices where place >= 0 {
      if case .node(let node) = copy.parts[index] { copy.parts[index] = .node(node.replacing(&place, with: other)) }
    }
    return copy
  }
}
