#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif
import ModelDSL

extension Diagnostic {
  static func slopeOverflows(
    _ name: String, slope: Double, at point: Double, _ others: String, cause: RuleStudy.Cause?, precision: Precision, _ range: SourceRange
  ) -> Diagnostic {
    var help = "keep what is divided by away from 0, and what is raised or exponentiated small, for every input"
    var notes: [Note] = []
    if case .operation(let primitive)? = cause {
      notes.append(Note("`\(primitive.operatorSymbol ?? primitive.rawValue)` is the first operation here whose result is no finite number"))
      switch primitive {
      case .exp, .expm1, .sinh, .cosh:
        help = "exponentiate what is never above 0: a surrogate that is even can be written in `exp(-abs(v))`; or use `sigmoid` or `tanh`"
      case .divide: help = "keep the divisor away from 0, as `1 + abs(v)` is"
      case .log, .log1p, .sqrt, .power: help = "keep the operand where the function is finite, as `max(v, 1e-6)` does"
      default: break
      }
    }
    return Diagnostic(
      code: "G0400", severity: .warning,
      message:
        "the slope for `\(name)` is \(special(slope)) in \(precision.rawValue) at `\(name) = \(shortNumber(point))`\(others.isEmpty ? "" : " (with \(others))")",
      range: range, label: "not finite for all inputs", notes: notes, help: help)
  }

  static func maskedOverflow(_ name: String, at point: Double, _ others: String, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0401", severity: .warning,
      message: "the slope for `\(name)` is NaN at `\(name) = \(shortNumber(point))`: what a condition multiplies by 0 is not finite there",
      range: range, label: "0 times inf", help: "write `if c { … } else { 0 }`, which computes the side that is taken alone")
  }

  static func noGradientFails(_ name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0417", severity: .warning, message: "the rule for `\(name)` gives no finite number where the incoming gradient is 0",
      range: range, label: "not finite for a gradient of 0", help: "keep the divisor away from 0, as `max(norm(g), 1e-12)` does")
  }

  static func dependenceWithoutLabel(_ name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0418", severity: .warning,
      message: "an `inject` in the function called here has a value that depends on `\(name)` through this function, and no rule says how",
      range: range, label: "`\(name)` gets no gradient through it", help: "call the function before, and give its value to the `inject`")
  }

  static func slopeIsZero(_ name: String, isLike: Bool, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0402", severity: .warning, message: "the slope for `\(name)` is 0 for all inputs: no gradient passes", range: range,
      label: isLike ? "has no slope of its own" : "always 0",
      help: isLike ? "name a smooth function" : "write `\(name): 0` to cut the path on purpose, or mend the slope")
  }

  static func slopeIsNegative(_ name: String, at point: Double, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0403", severity: .info,
      message: "the slope has the other sign than the value's change, as at `\(name) = \(shortNumber(point))`", range: range,
      label: "against the value's direction")
  }

  static func slopeJumps(_ name: String, at point: Double, from: Double, to: Double, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0404", severity: .info,
      message: "the slope jumps at `\(name) = \(shortNumber(point))`, from \(shortNumber(from)) to \(shortNumber(to))", range: range,
      label: "not continuous")
  }

  static func areaIsNotOne(_ name: String, area: Double, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0405", severity: .info,
      message: "the slope's area is \(shortNumber(area)) for a jump of 1: the gradient is scaled by that", range: range,
      label: "area \(shortNumber(area))", help: "for an area of 1 multiply by \(shortNumber(1 / area))")
  }

  static func areaUnbounded(_ name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0406", severity: .info, message: "the slope's area over all `\(name)` does not settle, although the value's jump is bounded",
      range: range,
      label: "does not fall off")
  }

  static func chainFactorDropped(_ name: String, factor: Double, _ others: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0407", severity: .warning,
      message:
        "the slope lacks the factor \(shortNumber(factor))\(others.isEmpty ? "" : " (with \(others))") of the chain rule: it is the derivative of a part of the rule divided by it",
      range: range, label: "\(shortNumber(factor)) times too small", help: "multiply by the inner slope, \(shortNumber(factor))")
  }

  static func gradientMultiplied(by name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0408", severity: .warning,
      message: "the slope has the sign of `\(name)`, but the value only goes one way: is the gradient multiplied by `\(name)`?",
      range: range, label: "changes its sign", help: "leave the factor `\(name)` out")
  }

  static func commentDiffers(
    _ formula: DocumentedFormula, variable: String, point: Double, code: Double, comment: Double
  ) -> Diagnostic {
    let what =
      switch formula.meaning {
      case .value: "`\(formula.text)`"
      case .antiderivative: "the slope of `\(formula.text)`"
      }
    return Diagnostic(
      code: "G0409", severity: .warning,
      message:
        "the comment says \(what), which is \(shortNumber(comment)) at `\(variable) = \(shortNumber(point))`; the code gives \(shortNumber(code)) there",
      range: formula.range, label: "comment and code differ", help: "mend one of them")
  }

  static func forwardModeRefuses(_ name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0410", severity: .info,
      message: "the rule for `\(name)` is not linear in the incoming gradient, so forward mode cannot use it",
      range: range, label: "reverse mode only")
  }

  static func contradictsLike(_ name: String, factor: Double, like: SourceRange, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0412", severity: .warning,
      message: "this slope is \(shortNumber(factor)) times the one that `like:` gives the same value elsewhere", range: range,
      label: "times \(shortNumber(factor))", notes: [Note("the derivative of this is the other", at: like)],
      help: "was the factor of an inner function forgotten? Multiply by \(shortNumber(1 / factor)), or use one rule for both")
  }

  static func slopeOverflowsFar(_ name: String, slope: Double, at point: Double, _ range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0414", severity: .info, message: "the slope for `\(name)` is \(special(slope)) at `\(name) = \(shortNumber(point))`",
      range: range,
      label: "not finite there")
  }

  static func likeLeavesOut(_ name: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0415", severity: .info, message: "the value depends on `\(name)`, but `like:` does not: `\(name)` gets no gradient here",
      range: range, label: "without `\(name)`")
  }

  static func termsRepeat(_ index: String, at range: SourceRange) -> Diagnostic {
    Diagnostic(
      code: "G0416", severity: .warning, message: "the terms of this sum for `\(index) = 0` and `\(index) = 1` are the same for all inputs",
      range: range, label: "`\(index)` starts at 0", help: "is `\(index) + 1` meant?")
  }
}

private func special(_ number: Double) -> String { number.isNaN ? "NaN" : number < 0 ? "-inf" : "inf" }

/// A number to three digits.
func shortNumber(_ number: Double) -> String {
  guard number.isFinite, number != 0 else { return number == 0 ? "0" : special(number) }
  let exponent = Int(log10(abs(number)).rounded(.down)) - 2
  let text: String
  if exponent >= 0 {
    let unit = pow(10, Double(exponent))
    text = "\((number / unit).rounded() * unit)"
  } else {
    let unit = pow(10, Double(-exponent))
    text = "\((number * unit).rounded() / unit)"
  }
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
