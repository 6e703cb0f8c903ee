import ModelDSL

/// What no way of computing a function fits in.
public struct MemoryShortage: Error {
  /// `SequentialALIF.lossAndGradient`
  public var function: String
  public var budget: Int
  /// What it takes at least, whatever its sizes.
  public var least: Int
}

extension MemoryShortage: CustomStringConvertible {
  public var description: String {
    "'\(function)' takes at least \(least) bytes, with sizes of 1, one thread and segments of segments, and is given \(budget) by --memory"
  }
}

extension Module {
  /// Sizes that are known only at the call are taken for this when it is decided how often a loop is cut.
  public static let assumedSize = 1_024

  /// More than two levels are not tried: what is left to save is little, and each costs a run of the loop.
  private static let mostLevels = 2

  /// The module with loops cut into segments (`checkpointed`) as often as each workspace needs to fit in so many bytes, for one thread. A loop whose length
  /// is known only at the call is cut once at least: no budget holds for all its lengths otherwise.
  public func fitting(memory budget: Int) throws(MemoryShortage) -> Module {
    var result = self
    for place in functions.indices {
      for entry in functions[place].emitted.indices {
        result.functions[place].emitted[entry].procedure = try fitted(
          functions[place].emitted[entry].procedure, functions[place].emitted[entry].name, batch: nil, budget)
      }
    }
    for (place, model) in models.enumerated() {
      if let gradient = model.lossAndGradient {
        result.models[place].lossAndGradient = try fitted(gradient, "\(model.name).lossAndGradient", batch: model.batch, budget)
      }
      if let segment = model.segment {
        result.models[place].segment = try fitted(segment, "\(model.name).lossAndGradient", batch: model.batch, budget)
      }
      for entry in model.derived.indices {
        let point = model.derived[entry]
        result.models[place].derived[entry].procedure = try fitted(
          point.procedure, "\(model.name).\(point.name)", batch: model.batch, budget)
      }
    }
    return result
  }

  private func fitted(_ procedure: Procedure, _ name: String, batch: SizeSymbol?, _ budget: Int) throws(MemoryShortage) -> Procedure {
    let first = procedure.keepsUnknownCount ? 1 : 0
    var best = procedure
    for levels in first...Module.mostLevels {
      best = checkpointed(procedure, levels: levels)
      let memory = MemoryPlan(best, function: name, batch: batch, precision: precision)
      if memory.byteCount(sizesOf: Module.assumedSize) <= budget { return best }
      if levels == Module.mostLevels {
        let least = memory.byteCount(sizesOf: 1)
        if least > budget { throw MemoryShortage(function: name, budget: budget, least: least) }
      }
    }
    return best
  }
}

extension MemoryPlan {
  fileprivate init(_ procedure: Procedure, function: String, batch: SizeSymbol?, precision: Precision) {
    let (used, _) = procedure.withoutUnusedInputs()
    self.init(function: function, plan: Planner.plan(used, batch: batch), precision: precision)
  }

  /// The bytes for one thread where every size given is the same.
  func byteCount(sizesOf number: Int) -> Int {
    var sizes: [SizeSymbol: Int] = [:]
    func value(_ size: Size) -> Int {
      for symbol in size.symbols where sizes[symbol] == nil { sizes[symbol] = number }
      // Not whole, or beyond all bounds: as good as too large.
      return size.evaluated(sizes) ?? .max / 2
    }
    for root in roots { sizes[root.symbol] = SizeRoot.value(of: value(root.radicand), degree: root.degree) }
    return buffers.reduce(64) { sum, buffer in
      let (total, overflow) = sum.addingReportingOverflow((value(buffer.byteCount) + 63) / 64 * 64)
      return overflow ? .max / 2 : total
    }
  }
}
