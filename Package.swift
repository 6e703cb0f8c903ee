// swift-tools-version: 6.2
import PackageDescription

/// A program of its own under Examples, its model files made into Swift when it is built.
func example(_ name: String) -> Target {
  .executableTarget(
    name: name, dependencies: ["ExampleSupport"], path: "Examples/\(name)", exclude: ["README.md", "\(name).svg"],
    plugins: ["GraftPlugin"])
}

let package = Package(
  name: "Graft",
  products: [
    .executable(name: "graft", targets: ["graft"]),
    .library(name: "ModelDSL", targets: ["ModelDSL"]),
    .library(name: "Codegen", targets: ["Codegen"]),
    .plugin(name: "GraftPlugin", targets: ["GraftPlugin"]),
    .plugin(name: "GraftCommand", targets: ["GraftCommand"]),
  ],
  targets: [
    .target(
      name: "ModelDSL",
      exclude: [
        // Built in as text by Library/BuiltinLibrary.swift.
        "Library/Cells.graft", "Library/Functions.graft", "Library/LinearAlgebra.graft", "Library/Losses.graft", "Library/Neurons.graft",
        "Library/Optimizers.graft", "Library/Primitives.graft", "Library/Surrogates.graft",
      ]
    ),
    .target(name: "Codegen", dependencies: ["ModelDSL"]),
    .executableTarget(name: "graft", dependencies: ["ModelDSL", "Codegen"]),
    // Generated code as users check it in: it stands alone, and `graft generate --check` keeps it fresh.
    .target(name: "Generated", path: "Generated"),
    .plugin(name: "GraftPlugin", capability: .buildTool(), dependencies: ["graft"], path: "Sources/Plugin/BuildTool"),
    .plugin(
      name: "GraftCommand",
      capability: .command(
        intent: .custom(verb: "graft", description: "Model files to Swift, with their derivatives"),
        permissions: [.writeToPackageDirectory(reason: "graft generate and graft format write Swift and model files")]),
      dependencies: ["graft"], path: "Sources/Plugin/Command"),
    .target(name: "ExampleSupport", path: "Examples/Support", exclude: ["DATA.md", "digits.csv"]),
    example("BundleAdjustment"),
    example("Calibration"),
    example("OnlineLearning"),
    example("QuantizedTraining"),
    example("RobotArm"),
    example("SequentialDigits"),
    example("SurrogateSweep"),
    .testTarget(name: "ModelDSLTests", dependencies: ["ModelDSL"]),
    .testTarget(name: "GraftTests", dependencies: ["graft", "Codegen", "ModelDSL"]),
    .testTarget(name: "CodegenTests", dependencies: ["Codegen", "ModelDSL"]),
    .testTarget(name: "RandomProgramTests", dependencies: ["graft", "Codegen", "ModelDSL"], path: "Tests/RandomPrograms"),
  ]
)
