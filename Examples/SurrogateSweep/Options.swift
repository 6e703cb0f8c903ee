/// What the command line asks for.
struct Options {
  var seeds = 3
  var epochs = 40
  var jobs = 2
  var journal = "SurrogateSweep.txt"
  var drawing = "SurrogateSweep.svg"

  static let help = """
    usage: SurrogateSweep [--seeds N] [--epochs N] [--jobs N] [--journal FILE] [--drawing FILE.svg]
      --seeds    how many runs each surrogate has; 3
      --epochs   how often each run goes through the images; 40
      --jobs     how many runs are trained at the same time; 2
      --journal  where outcomes are kept: runs that it holds are not run again; SurrogateSweep.txt
      --drawing  where the comparison is drawn; SurrogateSweep.svg
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
      guard ["--seeds", "--epochs", "--jobs", "--journal", "--drawing"].contains(name) else { return .failure("unknown option \(name)") }
      guard let value = rest.popFirst() else { return .failure("\(name) needs a value") }
      switch name {
      case "--journal": options.journal = value
      case "--drawing": options.drawing = value
      default:
        guard let count = Int(value), count > 0 else { return .failure("\(name) needs a whole number above 0, not \(value)") }
        switch name {
        case "--seeds": options.seeds = count
        case "--epochs": options.epochs = count
        default: options.jobs = count
        }
      }
    }
    return .options(options)
  }
}
