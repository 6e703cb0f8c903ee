import ModelDSL

/// For which vectors code is shaped. It says what is fast, not what runs: every shape runs everywhere Swift does.
public enum TargetCPU: String, Sendable, CaseIterable {
  /// 128-bit vectors: what every 64-bit machine has.
  case baseline
  /// 256-bit vectors and fused multiply-add.
  case x86_64_v3 = "x86-64-v3"
  /// 512-bit vectors and fused multiply-add.
  case x86_64_v4 = "x86-64-v4"
  /// 128-bit vectors and fused multiply-add.
  case arm64

  /// The bytes of a vector register.
  var vectorBytes: Int {
    switch self {
    case .baseline, .arm64: 16
    case .x86_64_v3: 32
    case .x86_64_v4: 64
    }
  }

  /// How many real numbers stand side by side in a register.
  func lanes(_ precision: Precision) -> Int { vectorBytes / precision.bytes }
}
