// Trains a recurrent spiking network on handwritten digits: `swift run -c release SequentialDigits`. `--help` lists the options.

import ExampleSupport
import Foundation

switch Options.parse(Array(CommandLine.arguments.dropFirst())) {
case .help:
  print(Options.help)
case .failure(let message):
  report(message + "\n" + Options.help)
  exit(2)
case .options(let options):
  do {
    try run(options)
  } catch {
    report("\(error)")
    exit(1)
  }
}

func run(_ options: Options) throws {
  let digits = try Digits.load()
  let curve = try train(on: digits, options)
  try curve.drawing().write(to: options.curve)
  say("learning curve: \(options.curve)")
  say("test accuracy " + fixed(curve.epochs.last?.accuracy ?? 0, digits: 3))
}

/// To standard output at once, also where it is not a terminal.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

func report(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

func fixed(_ value: Double, digits: Int) -> String { String(format: "%.\(digits)f", value) }
