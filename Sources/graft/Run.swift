let version = "0.1.0"

/// What ends a command with exit status 1, in words for the user.
protocol ReportedError: Error {
  var message: String { get }
}

/// One command from its words to its exit status.
func run(arguments: [String], console: Console) -> ExitStatus {
  do {
    switch try parse(arguments: arguments) {
    case .help(let verb): console.print(helpText(verb))
    case .version: console.print("graft \(version)\n")
    case .run(let invocation): return try invocation.verb.run(invocation, console)
    }
    return .done
  } catch let error as UsageError {
    console.error(error.message)
    return .misused
  } catch let error as any ReportedError {
    console.error(error.message)
    return .failed
  } catch {
    console.error("\(error)")
    return .failed
  }
}
