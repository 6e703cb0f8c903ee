// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "Graft",
  products: [
    .executable(name: "graft", targets: ["graft"]),
    .library(name: "ModelDSL", targets: ["ModelDSL"]),
    .library(name: "Codegen", targets: ["Codegen"]),
  ],
  targets: [
    .target(name: "ModelDSL", exclude: ["Library"]),
    .target(name: "Codegen", dependencies: ["ModelDSL"]),
    .executableTarget(name: "graft", dependencies: ["ModelDSL", "Codegen"]),
  ]
)
