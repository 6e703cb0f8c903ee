import ModelDSL

/// `; did you mean 'membrane'?` where one of the names is near enough to be meant, else nothing.
func proposal(for name: String, among candidates: [String]) -> String {
  nearestName(to: name, among: candidates).map { "; did you mean '\($0)'?" } ?? ""
}

/// `public, package or internal`
func listed(_ words: [String], by conjunction: String = "or") -> String {
  guard let last = words.last, words.count > 1 else { return words.first ?? "" }
  return words.dropLast().joined(separator: ", ") + " \(conjunction) " + last
}
