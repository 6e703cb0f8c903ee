// Cells: checked once for all sizes, and elaborated again for each instance.

struct CellEntry {
  enum State { case unchecked, inProgress, checked, failed }
  var declaration: ModelDeclaration
  var file: FileID
  var documentation: [String]
  var state = State.unchecked
}

extension Checker {
  /// Whether a cell is in check for all sizes.
  var isGeneric: Bool { genericCell != nil }

  /// A cell for all sizes, for its messages.
  mutating func checkCell(_ index: Int) {
    guard case .unchecked = cellEntries[index].state else { return }
    cellEntries[index].state = .inProgress
    let entry = cellEntries[index]
    let errors = errorCount
    let outer = (genericCell, isInstance)
    (genericCell, isInstance) = (index, false)
    let kept = instances.count
    _ = within(Context(file: entry.file, owner: .cell(name: entry.declaration.name.text))) { checker in
      checker.inFrame { checker in
        for item in entry.declaration.body.statements.sizeItems {
          if let type = item.functionType {
            _ = checker.declareVariable(item.name, checker.type(type), .function)
          } else {
            checker.declare(item.name.text, .size(Size(checker.newSymbol(item.name.text))), at: item.name.range)
            if let value = item.value { _ = checker.count(value) }
          }
        }
        _ = checker.cellBody(entry.declaration)
        if !entry.declaration.body.statements.contains(where: { if case .output = $0.kind { true } else { false } }) {
          checker.report(.cellWithoutOutput(name: entry.declaration.name.text, at: entry.declaration.name.range))
        }
      }
    }
    instances.removeLast(instances.count - kept)
    (genericCell, isInstance) = outer
    cellEntries[index].state = errorCount == errors ? .checked : .failed
  }

  /// The statements of a cell, which are one step: in the order of the data.
  mutating func cellBody(_ declaration: ModelDeclaration) -> [TypedStatement] {
    context.loops.append(LoopFrame(kind: .cell, blockLevel: context.blockLevel))
    var typed: [TypedStatement] = []
    checkBody(declaration.body, into: &typed)
    let frame = context.loops.removeLast()
    resolveNextReads(frame)
    return inDataOrder(typed)
  }

  /// What a state starts at must be known before the first step.
  mutating func checkCellState(_ id: VariableID, _ initial: TypedExpression) {
    context.parts.states.append(id)
    for other in Reads(initial).order {
      switch variables[other.index].role {
      case .learned, .setting, .constant, .axis: continue
      case .binding where givenSettingVariables.contains(other): continue
      default:
        report(.cellStateReads(name: variables[id.index].name, other: variables[other.index].name, at: initial.range))
        return
      }
    }
  }
}

extension [Statement] {
  /// What a cell's `size` lines declare, in order.
  var sizeItems: [SizeDeclaration] {
    flatMap { statement -> [SizeDeclaration] in
      if case .size(let items) = statement.kind { return items }
      return []
    }
  }

  var settingItems: [(name: Name, hasValue: Bool)] {
    flatMap { statement -> [(name: Name, hasValue: Bool)] in
      if case .setting(let names, _, let value) = statement.kind { return names.map { ($0, value != nil) } }
      return []
    }
  }
}
