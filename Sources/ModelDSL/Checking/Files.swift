// Files, the files that they import, and the names that each of them declares.

extension Checker {
  /// Reads the root file and what it imports; false where there is no root file.
  mutating func loadRoot(_ path: String, _ read: (String) -> [UInt8]?) -> Bool {
    guard let bytes = read(path) else {
      let id = sources.add(SourceFile(path: path, text: ""))
      report(.unreadableFile(path: path, at: SourceRange(file: id, lower: 0, upper: 0)))
      return false
    }
    var loaded: [String: FileID] = [:]
    rootFile = load(normalized(path), shown: path, bytes, read, &loaded, [])
    return true
  }

  private mutating func load(
    _ path: String, shown: String, _ bytes: [UInt8], _ read: (String) -> [UInt8]?, _ loaded: inout [String: FileID], _ open: [String]
  ) -> FileID {
    let id = add(SourceFile(path: shown, text: bytes), isLibrary: false)
    loaded[path] = id
    for declaration in files[id]?.declarations.declarations ?? [] {
      guard case .importFile(let relative, let range) = declaration.kind else { continue }
      let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
      let isAbsolute = relative.hasPrefix("/")
      let target = normalized(isAbsolute || folder.isEmpty && !path.hasPrefix("/") ? relative : folder + "/" + relative)
      if target == path || open.contains(target) {
        report(.importCycle(path: relative, at: range))
        continue
      }
      if let known = loaded[target] {
        files[id]?.imports.append(known)
        continue
      }
      guard let bytes = read(target) else {
        report(.unreadableImport(path: relative, at: range))
        continue
      }
      let imported = load(target, shown: target, bytes, read, &loaded, open + [path])
      files[id]?.imports.append(imported)
    }
    return id
  }

  /// A path without `.` and `..` where they can be taken out.
  private func normalized(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/", omittingEmptySubsequences: true) {
      if part == "." { continue }
      if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
    }
    return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
  }

  mutating func loadLibrary() {
    for file in BuiltinLibrary.files { _ = add(SourceFile(path: "library/\(file.name)", text: file.text), isLibrary: true) }
  }

  private mutating func add(_ file: SourceFile, isLibrary: Bool) -> FileID {
    let id = sources.add(file)
    let (tree, messages) = parse(file, id: id)
    diagnostics += messages
    syntaxErrors += messages.filter { $0.severity == .error }.map(\.range)
    files[id] = FileScope(isLibrary: isLibrary, declarations: tree)
    return id
  }

  /// `--inject` texts, each read as a declaration of a file of its own.
  mutating func loadInjections() {
    for text in options.injections {
      let file = SourceFile(path: "--inject", text: "inject " + text)
      let id = sources.add(file)
      let (tree, messages) = parse(file, id: id)
      diagnostics += messages
      if messages.contains(where: { $0.severity == .error }) { continue }
      guard tree.declarations.count == 1, case .inject(let declaration) = tree.declarations[0].kind else {
        report(.injectOption(text: text, at: SourceRange(file: id, lower: 0, upper: file.text.count)))
        continue
      }
      if injectionOverrides[declaration.function.text] != nil {
        report(.injectOptionTwice(name: declaration.function.text, at: declaration.range))
      }
      injectionOverrides[declaration.function.text] = declaration
    }
  }

  /// Makes the names of all files known, before anything is checked.
  mutating func declareNames() {
    for id in files.keys.sorted(by: { $0.index < $1.index }) {
      guard let scope = files[id] else { continue }
      var documentationOf: [String: [String]] = [:]
      var codes: [String] = []
      for declaration in scope.declarations.declarations {
        if case .silence(let code, _) = declaration.kind {
          codes.append(code.text)
          continue
        }
        silences += codes.map { Silence(code: $0, range: declaration.range) }
        codes = []
        declareNames(of: declaration, in: id, &documentationOf)
      }
    }
    for (name, entity) in files.sorted(by: { $0.key.index < $1.key.index }).filter({ $0.value.isLibrary }).flatMap({ $0.value.names }) {
      libraryNames[name] = entity
    }
    for id in files.keys.sorted(by: { $0.index < $1.index }) { declareSizes(of: id) }
    checkImportedNames()
  }

  private mutating func declareNames(of declaration: Declaration, in file: FileID, _ documentationOf: inout [String: [String]]) {
    switch declaration.kind {
    case .precision(let name):
      let precision = Precision(rawValue: name.text)
      if precision == nil { report(.unknownPrecision(name: name.text, at: name.range)) }
      guard file == rootFile else { return }
      if declaredPrecision != nil { report(.precisionTwice(at: declaration.range)) }
      declaredPrecision = precision
    case .constant(let item):
      constantEntries.append(ConstantEntry(declaration: item, file: file, documentation: declaration.documentation))
      for name in item.pattern.names where name.text != "_" { declare(name, .constant(constantEntries.count - 1), in: file) }
    case .function(let function):
      functionEntries.append(
        FunctionEntry(declaration: function, file: file, documentation: declaration.documentation, range: declaration.range))
      declare(function.name, .function(functionEntries.count - 1), in: file)
    case .cell(let cell):
      cellEntries.append(CellEntry(declaration: cell, file: file, documentation: declaration.documentation))
      declare(cell.name, .cell(cellEntries.count - 1), in: file)
    case .model(let model):
      modelEntries.append(ModelEntry(declaration: model, file: file, documentation: declaration.documentation, range: declaration.range))
      declare(model.name, .model(modelEntries.count - 1), in: file)
    case .importFile, .size, .inject, .derive, .silence: break
    }
  }

  private mutating func declare(_ name: Name, _ entity: Entity, in file: FileID) {
    if let earlier = files[file]?.names[name.text] { report(.declaredTwice(name: name.text, first: place(of: earlier), at: name.range)) }
    files[file]?.names[name.text] = entity
  }

  /// File-level sizes, in order: each may use those before it.
  private mutating func declareSizes(of file: FileID) {
    guard let scope = files[file] else { return }
    for declaration in scope.declarations.declarations {
      guard case .size(let items) = declaration.kind else { continue }
      for item in items {
        if let tree = item.value {
          let size = within(Context(file: file, owner: .file)) { $0.fixedSize(item.name.text, tree) }.result
          declare(item.name, size.map { .size($0) } ?? .failed, in: file)
        } else if let type = item.functionType {
          report(.functionSizeInModel(name: item.name.text, at: type.range))
        } else {
          let symbol = newSymbol(item.name.text)
          fileSizeSymbols.insert(symbol)
          if file == rootFile, options.sizes[item.name.text] != nil {
            report(.sizeNotFixed(name: item.name.text, at: item.name.range))
            appliedSizes.insert(item.name.text)
          }
          declare(item.name, .size(Size(symbol)), in: file)
        }
      }
    }
  }

  /// The same name from two imports would hide one of them.
  private mutating func checkImportedNames() {
    for (id, scope) in files.sorted(by: { $0.key.index < $1.key.index }) where scope.imports.count > 1 {
      var owners: [String: FileID] = [:]
      for imported in scope.imports {
        for name in (files[imported]?.names ?? [:]).keys.sorted() where scope.names[name] == nil {
          if let other = owners[name], other != imported {
            let range = scope.declarations.declarations.first { if case .importFile = $0.kind { true } else { false } }?.range
            report(
              .importedTwice(
                name: name, first: sources[other].path, second: sources[imported].path,
                at: range ?? SourceRange(file: id, lower: 0, upper: 0)))
          }
          owners[name] = imported
        }
      }
    }
  }

  /// `--size` and `--inject` must have done something.
  mutating func checkOptionsApplied() {
    for name in options.sizes.keys.sorted() where !appliedSizes.contains(name) {
      report(
        .unknownSizeOption(
          name: name, nearest: ModelDSL.nearestName(to: name, among: overridableSizes()),
          at: SourceRange(file: rootFile, lower: 0, upper: 0)))
    }
    for (name, declaration) in injectionOverrides.sorted(by: { $0.key < $1.key }) where !appliedOverrides.contains(name) {
      addRule(declaration)
    }
  }

  private func overridableSizes() -> [String] {
    var names: Set<String> = []
    for declaration in files[rootFile]?.declarations.declarations ?? [] {
      switch declaration.kind {
      case .size(let items): names.formUnion(items.filter { $0.value != nil }.map(\.name.text))
      case .model(let model): names.formUnion(model.body.statements.sizeItems.filter { $0.value != nil }.map(\.name.text))
      default: break
      }
    }
    return names.sorted()
  }

  /// A rule from the command line that replaces nothing counts as one of the root file.
  private mutating func addRule(_ declaration: InjectDeclaration) {
    let (rule, final) = within(Context(file: rootFile, owner: .file)) { $0.checkRule(declaration) }
    guard let rule else { return }
    fileRules[rootFile, default: []].append(rule)
    rulesInFiles[rootFile, default: []] += final.rules
  }
}
