import ModelDSL

/// Sums of rows over the same spikes are made together, of rows put side by side. Where a loop carries spikes into its next iteration and sums
/// rows over them there, it carries these sums instead, made where the spikes are: with those of the sums over the same spikes that are made there.
func joinSpikeSums(_ procedure: Procedure) -> Procedure {
  var pass = JoinedSpikeSums(procedure)
  return pass.run()
}

private struct JoinedSpikeSums {
  /// `sums[j] = the sum of rows[k, j] over the k where there is a spike`
  private struct SpikeSum {
    var result: Value
    var spikes: Value
    var axis: Axis
    var rows: Value
    var columns: Int
    var notes: [Note]
  }

  /// Rows side by side: where those of each matrix begin, and how many columns there are with those that make a row a whole number of vectors.
  private struct Joint {
    var matrix: Value
    var starts: [Int]
    var columns: Int
  }

  /// A sum that stands among others from a column on.
  private struct Part {
    var sums: Value
    var start: Int
  }

  /// More columns do not stand in registers at once.
  private static let mostColumns = 512

  private var procedure: Procedure
  private var builder: Builder
  private let facts: SpikeFacts
  /// Matrices that stand for the whole call.
  private var matrices: Set<Value>
  private var zeros: Set<Value> = []
  private var parts: [Value: Part] = [:]
  private var joints: [(matrices: [Value], joint: Joint)] = []

  init(_ procedure: Procedure) {
    self.procedure = procedure
    builder = Builder(values: procedure.values)
    facts = SpikeFacts(procedure)
    matrices = Set(procedure.inputs.map(\.value))
    for statement in procedure.body.statements { matrices.formUnion(statement.results) }
  }

  mutating func run() -> Procedure {
    if facts.spikes.isEmpty { return procedure }
    let body = rewritten(procedure.body)
    if joints.isEmpty { return procedure }
    builder.openBlock()
    var present = Set(procedure.inputs.map(\.value))
    joinMatrices(among: present)
    for statement in body.statements {
      builder.append(statement)
      present.formUnion(statement.results)
      joinMatrices(among: present)
    }
    procedure.body = builder.closeBlock(parameters: body.parameters, results: body.results)
    procedure.values = builder.values
    return procedure
  }

  // MARK: Finding sums

  private func spikeSum(_ statement: Statement) -> SpikeSum? {
    guard case .accumulating(let scope) = statement.operation, scope.accumulators.count == 1, scope.accumulators[0].initial == nil,
      scope.body.results.isEmpty, scope.body.statements.count == 1, case .map(let spikewise) = scope.body.statements[0].operation,
      spikewise.axes.count == 1, let last = spikewise.body.statements.last,
      case .branch(let condition, let then, let otherwise) = last.operation,
      otherwise.statements.isEmpty, case .primitive(.greater, let sides)? = spikewise.body.definition(of: condition),
      case .read(let spikes, [spikewise.axes[0].index])? = spikewise.body.definition(of: sides[0]), facts.contains(spikes),
      then.statements.count == 1, case .map(let adding) = then.statements[0].operation, adding.axes.count == 1,
      adding.body.statements.count == 2, case .read(let rows, let places) = adding.body.statements[0].operation,
      places == [spikewise.axes[0].index, adding.axes[0].index], matrices.contains(rows),
      case .accumulate(scope.accumulators[0].token, [adding.axes[0].index], adding.body.statements[0].results[0]) =
        adding.body.statements[1].operation,
      let columns = adding.axes[0].size.constant
    else { return nil }
    return SpikeSum(
      result: statement.results[0], spikes: spikes, axis: spikewise.axes[0], rows: rows, columns: columns, notes: statement.notes)
  }

  /// Sums of a block that are made together: by the spikes that they are over, in the order of their statements.
  private func groups(_ block: Block, carried: [Value: Value]) -> [(spikes: Value, sums: [SpikeSum])] {
    var found: [(spikes: Value, sums: [SpikeSum])] = []
    for sum in block.statements.compactMap(spikeSum) {
      let spikes = carried[sum.spikes] ?? sum.spikes
      if let place = found.firstIndex(where: { $0.spikes == spikes && $0.sums[0].axis.size == sum.axis.size }) {
        found[place].sums.append(sum)
      } else {
        found.append((spikes, [sum]))
      }
    }
    return found.filter { $0.sums.count > 1 && $0.sums.reduce(0) { $0 + $1.columns } <= Self.mostColumns }
  }

  // MARK: Rewriting

  private mutating func rewritten(_ block: Block) -> Block {
    rewritten(block, groups(block, carried: [:])).block
  }

  /// The block, with the joint sums of each group made as soon as its spikes are there.
  private mutating func rewritten(
    _ block: Block, _ groups: [(spikes: Value, sums: [SpikeSum])], carried: [Value: Value] = [:]
  ) -> (block: Block, joint: [Value]) {
    var made: [Value] = []
    builder.openBlock()
    var waiting = groups
    for statement in block.statements {
      if let ready = waiting.firstIndex(where: { group in
        group.sums.contains { $0.result == statement.results.first && carried[$0.spikes] == nil }
      }) {
        let group = waiting.remove(at: ready)
        made.append(emitJointSums(group.sums, over: group.spikes))
        for sum in group.sums where carried[sum.spikes] == nil {
          parts[sum.result] = Part(sums: made.last!, start: start(of: sum, in: group.sums))
        }
      }
      rewrite(statement)
    }
    let results = block.results
    return (builder.closeBlock(parameters: block.parameters, results: results), made)
  }

  private func start(of sum: SpikeSum, in sums: [SpikeSum]) -> Int {
    sums.prefix { $0.result != sum.result }.reduce(0) { $0 + $1.columns }
  }

  private mutating func rewrite(_ statement: Statement) {
    builder.notes = statement.notes
    defer { builder.notes = [] }
    if let result = statement.results.first, let part = parts[result] {
      // For who takes all of it.
      let type = builder.values[result]
      let axis = Axis(index: builder.fresh(.integer), size: type.shape[0])
      let body = builder.block { [$0.element(axis.index, of: part.sums, from: part.start)] }
      return builder.append(Statement(results: [result], operation: .map(Map(axes: [axis], body: body)), notes: statement.notes))
    }
    switch statement.operation {
    case .constant(.real(0)): zeros.insert(statement.results[0])
    case .map(let map) where map.body.statements.isEmpty && map.body.results.allSatisfy(zeros.contains): zeros.formUnion(statement.results)
    case .read(let array, let indices):
      guard let part = parts[array], indices.count == 1 else { break }
      let place = part.start == 0 ? indices[0] : builder.primitive(.add, [indices[0], builder.integer(part.start)])
      return builder.append(Statement(results: statement.results, operation: .read(part.sums, [place]), notes: statement.notes))
    case .scan(let scan): return rewrite(scan, statement)
    default: break
    }
    var blocks = statement.operation.blocks.map { rewritten($0) }[...]
    builder.append(
      Statement(results: statement.results, operation: statement.operation.mapBlocks { _ in blocks.removeFirst() }, notes: statement.notes))
  }

  private mutating func rewrite(_ scan: Scan, _ statement: Statement) {
    // Spikes that are carried on, by the parameter that carries them.
    let defined = Set(scan.body.statements.flatMap(\.results))
    let carried = Dictionary(
      uniqueKeysWithValues: zip(scan.body.parameters, scan.body.results).filter { facts.contains($0) && defined.contains($1) })
    // Those over spikes of both iterations: an iteration must make some of its sums over the spikes that it hands on.
    let groups = groups(scan.body, carried: carried).filter { group in group.sums.contains { carried[$0.spikes] == nil } }
    var scan = scan
    var results = statement.results
    var additions: [(place: Int, initial: Value, parameter: Value)] = []
    for (place, group) in groups.enumerated() where group.sums.contains(where: { carried[$0.spikes] != nil }) {
      let joint = joint(group.sums)
      let type = ValueType(.real, [Size(joint.columns)])
      let parameter = builder.fresh(type, name: builder.values.name(of: group.spikes).map { $0 + "Sums" })
      let start = scan.initial[scan.body.results.firstIndex(of: group.spikes)!]
      builder.notes = statement.notes
      let initial = zeros.contains(start) ? builder.zeros(type) : emitJointSums(group.sums, over: start)
      additions.append((place, initial, parameter))
      for sum in group.sums where carried[sum.spikes] != nil {
        parts[sum.result] = Part(sums: parameter, start: self.start(of: sum, in: group.sums))
      }
    }
    let count = scan.initial.count
    let (body, made) = rewritten(scan.body, groups, carried: carried)
    scan.body = body
    for addition in additions {
      let next = made[addition.place]
      scan.body.parameters.append(addition.parameter)
      scan.body.results.insert(next, at: scan.initial.count)
      results.insert(builder.fresh(builder.values[next]), at: scan.initial.count)
      scan.initial.append(addition.initial)
    }
    precondition(scan.initial.count == count + additions.count)
    builder.append(Statement(results: results, operation: .scan(scan), notes: statement.notes))
  }

  // MARK: Making sums

  private mutating func joint(_ sums: [SpikeSum]) -> Joint {
    if let known = joints.first(where: { $0.matrices == sums.map(\.rows) }) { return known.joint }
    var starts: [Int] = []
    var columns = 0
    for sum in sums {
      starts.append(columns)
      columns += sum.columns
    }
    // Rows that begin where a vector may, unless that adds much.
    let rounded = (columns + 15) / 16 * 16
    columns = 4 * (rounded - columns) <= columns ? rounded : (columns + 3) / 4 * 4
    let names = sums.compactMap { builder.values.name(of: $0.rows) }
    let name = names.count == 2 ? names[0] + "And" + names[1].capitalizedFirst : names.first.map { $0 + "AndOthers" }
    let matrix = builder.fresh(ValueType(.real, [sums[0].axis.size, Size(columns)]), name: name)
    let joint = Joint(matrix: matrix, starts: starts, columns: columns)
    joints.append((sums.map(\.rows), joint))
    return joint
  }

  private mutating func emitJointSums(_ sums: [SpikeSum], over spikes: Value) -> Value {
    let joint = joint(sums)
    let notes = builder.notes
    builder.notes = sums.reduce(into: []) { all, sum in all += sum.notes.filter { !all.contains($0) } }
    defer { builder.notes = notes }
    let (_, made) = builder.accumulating([ValueType(.real, [Size(joint.columns)])]) { builder, tokens in
      _ = builder.map([sums[0].axis.size], indexNames: [builder.values.name(of: sums[0].axis.index)]) { builder, k in
        builder.whereSpike(spikes, k) { builder in
          _ = builder.map([Size(joint.columns)]) { builder, j in
            builder.accumulate(into: tokens[0], j, builder.read(joint.matrix, k + j))
            return []
          }
        }
        return []
      }
      return []
    }
    return made[0]
  }

  /// Puts together those joint matrices of which all parts are there.
  private mutating func joinMatrices(among present: Set<Value>) {
    for joint in joints where present.isSuperset(of: joint.matrices) { join(joint.matrices, joint.joint) }
    joints.removeAll { present.isSuperset(of: $0.matrices) }
  }

  /// Rows side by side, and zeros behind them.
  private mutating func join(_ matrices: [Value], _ joint: Joint) {
    let axes = builder.values[joint.matrix].shape.map { Axis(index: builder.fresh(.integer), size: $0) }
    func element(_ builder: inout Builder, _ part: Int) -> Value {
      if part == matrices.count { return builder.real(0) }
      let width = builder.values[matrices[part]].shape[1].constant!
      let end = joint.starts[part] + width
      func read(_ builder: inout Builder) -> Value {
        let start = joint.starts[part]
        let place = start == 0 ? axes[1].index : builder.primitive(.subtract, [axes[1].index, builder.integer(start)])
        return builder.read(matrices[part], [axes[0].index, place])
      }
      if end == joint.columns { return read(&builder) }
      let isInside = builder.primitive(.less, [axes[1].index, builder.integer(end)])
      return builder.branch(isInside, then: { [read(&$0)] }, otherwise: { [element(&$0, part + 1)] })[0]
    }
    let body = builder.block { [element(&$0, 0)] }
    builder.append(Statement(results: [joint.matrix], operation: .map(Map(axes: axes, body: body))))
  }
}

extension Builder {
  fileprivate mutating func element(_ index: Value, of array: Value, from start: Int) -> Value {
    read(array, [start == 0 ? index : primitive(.add, [index, integer(start)])])
  }
}
