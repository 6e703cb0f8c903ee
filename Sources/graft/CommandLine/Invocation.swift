/// The words of a command that cannot be followed: exit status 2.
struct UsageError: Error {
  let message: String
  init(_ message: String) { self.message = message }
}

/// A verb with what was given to it.
struct Invocation: Sendable {
  let verb: Verb
  var files: [String] = []
  private(set) var values: [String: [String]] = [:]
  /// The options with their values, in the order in which they were given.
  private(set) var given: [(option: String, value: String)] = []

  init(verb: Verb) { self.verb = verb }

  func has(_ option: Option) -> Bool { values[option.name] != nil }
  func value(_ option: Option) -> String? { values[option.name]?.last }
  func values(_ option: Option) -> [String] { values[option.name] ?? [] }

  /// The option's value as a whole number, not below `least`.
  func count(_ option: Option, least: Int, default standard: Int) throws -> Int {
    guard let text = value(option) else { return standard }
    guard let number = Int(text), number >= least else {
      throw UsageError("\(option.name) needs a whole number of at least \(least), found '\(text)'")
    }
    return number
  }

  fileprivate mutating func add(_ value: String, to option: Option) throws {
    if values[option.name] != nil, !option.repeats, !option.isFlag { throw UsageError("\(option.name) was given twice") }
    if !option.choices.isEmpty, !option.choices.contains(value) {
      throw UsageError("\(option.name) takes \(listed(option.choices)), found '\(value)'" + proposal(for: value, among: option.choices))
    }
    values[option.name, default: []].append(value)
    given.append((option.name, value))
  }
}

/// What a command line asks for.
enum Request {
  case run(Invocation)
  case help(Verb?)
  case version
}

/// Reads the words after `graft`. Options may stand anywhere; after `--` every word is a file.
func parse(arguments: [String]) throws -> Request {
  var words = arguments[...]
  if words.isEmpty { throw UsageError("which verb? \(Verb.all.map(\.name).joined(separator: ", ")); see graft --help") }
  var operands: [String] = []

  // The first word that is not an option is the verb; options before it are read with its table.
  guard let verbPlace = words.firstIndex(where: { !$0.hasPrefix("-") }) else {
    for word in words {
      if word == Option.help.name || word == Option.help.short { return .help(nil) }
      if word == Option.version.name { return .version }
    }
    throw UsageError("which verb? '\(words.first!)' is an option; see graft --help")
  }
  let name = words.remove(at: verbPlace)
  if name == "help" {
    guard let topic = words.first(where: { !$0.hasPrefix("-") }) else { return .help(nil) }
    return .help(try verb(named: topic))
  }
  let verb = try verb(named: name)
  let options = verb.options + [.help, .version]
  var invocation = Invocation(verb: verb)

  while let word = words.popFirst() {
    if word == "--" {
      operands += words
      break
    }
    if !word.hasPrefix("-") || word == "-" {
      operands.append(word)
      continue
    }
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let option = options.first(where: { $0.name == parts[0] || $0.short == parts[0] }) else {
      throw UsageError("graft \(verb.name) has no option '\(parts[0])'" + proposal(for: parts[0], among: options.map(\.name)))
    }
    if option.isFlag {
      if parts.count > 1 { throw UsageError("\(option.name) takes no value") }
      if option.name == Option.help.name { return .help(verb) }
      if option.name == Option.version.name { return .version }
      try invocation.add("", to: option)
    } else if parts.count > 1 {
      try invocation.add(parts[1], to: option)
    } else {
      guard let value = words.popFirst() else { throw UsageError("\(parts[0]) needs a value: \(option.usage)") }
      try invocation.add(value, to: option)
    }
  }

  if operands.isEmpty { throw UsageError("graft \(verb.name) needs a model file: graft \(verb.name) \(verb.operandUsage)") }
  if case .oneFile = verb.operands, operands.count > 1 {
    throw UsageError("graft \(verb.name) takes one file, found \(operands.count): \(operands.joined(separator: ", "))")
  }
  invocation.files = operands
  return .run(invocation)
}

private func verb(named name: String) throws -> Verb {
  if let verb = Verb.all.first(where: { $0.name == name }) { return verb }
  let names = Verb.all.map(\.name)
  let remedy = proposal(for: name, among: names)
  throw UsageError("there is no verb '\(name)'" + (remedy.isEmpty ? "; there are \(listed(names, by: "and"))" : remedy))
}
