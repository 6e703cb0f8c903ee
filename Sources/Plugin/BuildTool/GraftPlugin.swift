import Foundation
import PackagePlugin

/// Runs `graft generate` on each model file of a target; what comes out is compiled with the target.
@main
struct GraftPlugin: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
    guard let target = target as? SourceModuleTarget else { return [] }
    let models = target.sourceFiles(withSuffix: ".graft").map(\.url).sorted { $0.path < $1.path }
    let graft = try context.tool(named: "graft").url
    let folder = context.pluginWorkDirectoryURL
    var sources: [String: URL] = [:]
    return models.compactMap { model in
      let variants = readVariants(of: model)
      let names = variants.isEmpty ? [model.deletingPathExtension().lastPathComponent] : variants.map(\.name)
      let outputs = names.map { folder.appending(path: $0 + ".swift") }
      for output in outputs {
        if let other = sources.updateValue(model, forKey: output.lastPathComponent.lowercased()) {
          Diagnostics.error("\(other.path) and \(model.path) would both become \(output.lastPathComponent): give one of them another name")
          return nil
        }
      }
      return .buildCommand(
        displayName: "Generating \(names.map { $0 + ".swift" }.joined(separator: ", ")) from \(model.lastPathComponent)", executable: graft,
        arguments: ["generate", model.path, "--output", folder.path, "--access", "internal"]
          + variants.flatMap { ["--name", $0.name, "--inject", $0.rule] },
        // A model may import its neighbours; another version of the generator may write another file.
        inputFiles: models + (variants.isEmpty ? [] : [model.variants]) + [graft], outputFiles: outputs)
    }
  }

  /// `Model.variants` beside `Model.graft`: on each line a name and the rule that the file of this name takes, for `--name` and `--inject`.
  /// Without it the model is generated once, as it is.
  private func readVariants(of model: URL) -> [(name: String, rule: String)] {
    guard let text = try? String(contentsOf: model.variants, encoding: .utf8) else { return [] }
    return text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ", maxSplits: 1)
      return words.count == 2 && !line.hasPrefix("//") ? (String(words[0]), words[1].trimmingCharacters(in: .whitespaces)) : nil
    }
  }
}

extension URL {
  fileprivate var variants: URL { deletingPathExtension().appendingPathExtension("variants") }
}
