extension Checker {
  mutating func checkGradientsReach() {}
  mutating func checkRulesAreUsed() {}
}
