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
      let output = folder.appending(path: model.deletingPathExtension().lastPathComponent + ".swift")
      if let other = sources.updateValue(model, forKey: output.lastPathComponent.lowercased()) {
        Diagnostics.error("\(other.path) and \(model.path) would both become \(output.lastPathComponent): give one of them another name")
        return nil
      }
      return .buildCommand(
        displayName: "Generating \(output.lastPathComponent) from \(model.lastPathComponent)", executable: graft,
        arguments: ["generate", model.path, "--output", folder.path, "--access", "internal"],
        // A model may import its neighbours; another version of the generator may write another file.
        inputFiles: models + [graft], outputFiles: [output])
    }
  }
}
