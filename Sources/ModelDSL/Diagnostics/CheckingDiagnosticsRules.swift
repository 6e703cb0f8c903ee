// What is seen of rules from their structure; what is seen of their numbers is in Codegen/RuleChecking.

extension Diagnostic {
  static func ruleWithoutDerivative(name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0411", severity: .warning, message: "no derivative that the file asks for goes through this rule of `\(name)`", range: range,
      label: "never met", help: "ask for one with `derive gradient of … wrt …`, or remove the rule")
  }

  static func ruleDifferentiatesItself(name: String, rule: SourceRange, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0413", message: "this derivative is what the rule of `\(name)` defines: there is no end to it", range: range,
      label: "needs the rule itself",
      help: "write the slope out, as in `inject tanh'(v) = 0.5 * (1 - value ^ 2)`; the value of `\(name)` may be used")
  }
}
