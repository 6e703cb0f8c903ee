let version = "0.1.0"

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
  } catch let error as FileError {
    console.error(error.message)
    return .failed
  } catch {
    console.error("\(error)")
    return .failed
  }
}
