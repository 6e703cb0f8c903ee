import Foundation

/// Trees and blocks are walked by recursion, so the whole run has a stack that no model file can exhaust.
let runner = Thread {
  exit(run(arguments: Array(CommandLine.arguments.dropFirst()), console: .standard()).rawValue)
}
runner.stackSize = 512 << 20
runner.start()
while true { pause() }
