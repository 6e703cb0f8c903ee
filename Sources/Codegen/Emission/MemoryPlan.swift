import ModelDSL

/// The memory that one emitted function works in, as planned: what its workspace holds.
public struct MemoryPlan: Sendable {
  public enum Sharing: String, Sendable {
    /// For the whole call.
    case call
    /// A copy for each thread: what one sample after the other is computed in.
    case thread
    /// A copy for each chunk of the batch where there are several threads: sums that are added up in order.
    case chunk
  }
  public struct Buffer: Sendable {
    /// What it is for; several values that are never alive together may share it.
    public var names: [String]
    public var element: Element
    public var count: Size
    public var sharing: Sharing
    public var byteCount: Size
  }
  /// `SequentialALIF.predict`
  public var function: String
  public var buffers: [Buffer]
  /// Sizes in it that follow from those given.
  public var roots: [SizeRoot]
  /// With one thread; each buffer is rounded up to 64 bytes where it is made.
  public var byteCount: Size { buffers.reduce(Size(0)) { $0 + $1.byteCount } }
}

extension Module {
  /// Of every emitted function that needs memory.
  public var memoryPlans: [MemoryPlan] {
    let emitter = ModuleEmitter(module: self, options: EmissionOptions(modelFile: ""))
    let entries =
      emitter.models.flatMap { layout in layout.entries.map { ("\(layout.model.name).\($0.name)", $0) } }
      + emitter.functions.flatMap { $0.entries.map { ($0.name, $0) } }
    return entries.map { name, entry in MemoryPlan(function: name, plan: entry.plan, precision: precision) }.filter { !$0.buffers.isEmpty }
  }
}

extension MemoryPlan {
  init(function: String, plan: Plan, precision: Precision) {
    self.init(function: function, buffers: plan.buffers(precision), roots: plan.roots)
  }
}

extension Plan {
  fileprivate func buffers(_ precision: Precision) -> [MemoryPlan.Buffer] {
    func buffer(_ names: [String], _ element: Element, _ count: Size, _ sharing: MemoryPlan.Sharing) -> MemoryPlan.Buffer {
      MemoryPlan.Buffer(names: names, element: element, count: count, sharing: sharing, byteCount: count * Size(element.bytes(precision)))
    }
    let slots = self.slots.enumerated().map { place, slot in
      buffer(fields.filter { $0.slot == place }.map(\.name), slot.element, slot.count, slot.isLane ? .thread : .call)
    }
    let sums = isParallel ? fields.filter(\.isSummed).map { buffer([$0.name], $0.element, $0.count, .chunk) } : []
    return slots + sums
  }
}
