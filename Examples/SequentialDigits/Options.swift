/// What the command line asks for.
struct Options {
  var seed: UInt64 = 1
  var epochs = 40
  var threads = 2
  var curve = "SequentialDigits.svg"

  static let help = """
    usage: SequentialDigits [--seed N] [--epochs N] [--threads N] [--curve FILE.svg]
      --seed     decides first weights and the order of the images; 1
      --epochs   how often training goes through the images; 40
      --threads  changes the time that it takes, not a bit of the result; 2
      --curve    where the learning curve is drawn; SequentialDigits.svg
    """

  enum Parsed {
    case options(Options)
    case help
    case failure(String)
  }

  static func parse(_ arguments: [String]) -> Parsed {
    var options = Options()
    var rest = arguments[...]
    while let name = rest.popFirst() {
      if name == "--help" { return .help }
      guard ["--seed", "--epochs", "--threads", "--curve"].contains(name) else { return .failure("unknown option \(name)") }
      guard let value = rest.popFirst() else { return .failure("\(name) needs a value") }
      switch name {
      case "--curve": options.curve = value
      case "--seed":
        guard let seed = UInt64(value) else { return .failure("\(name) needs a whole number, not \(value)") }
        options.seed = seed
      default:
        guard let count = Int(value), count > 0 else { return .failure("\(name) needs a whole number above 0, not \(value)") }
        if name == "--epochs" { options.epochs = count } else { options.threads = count }
      }
    }
    return .options(options)
  }
}
