import ModelDSL

/// A tree of the parts of paths: `first.feed` is `feed` in `first`.
struct PathTree {
  var leaves: [(name: String, index: Int)] = []
  var children: [(name: String, tree: PathTree)] = []

  init() {}
  init(_ paths: [[String]]) {
    for (index, path) in paths.enumerated() { insert(path[...], index) }
  }

  private mutating func insert(_ path: ArraySlice<String>, _ index: Int) {
    guard let first = path.first else { return }
    if path.count == 1 {
      leaves.append((first, index))
      return
    }
    if let place = children.firstIndex(where: { $0.name == first }) {
      children[place].tree.insert(path.dropFirst(), index)
    } else {
      var tree = PathTree()
      tree.insert(path.dropFirst(), index)
      children.append((first, tree))
    }
  }
}

/// `Parameters`: one flat buffer with named views.
struct ParametersText {
  let layout: ModelLayout
  let access: String

  private var number: String { layout.precision.rawValue }

  /// Names of the structure's own.
  private static let ownNames: Set<String> = ["flat", "layout", "check", "storage", "init"]

  private func member(_ name: String) -> String {
    Self.ownNames.contains(name) ? name + "_" : Identifier.written(name)
  }

  func declaration(_ text: inout Text, _ functions: inout Set<EmittedFunction>) {
    let tree = PathTree(layout.parameters.map(\.components))
    let count = layout.parameterCount
    text.documentation(["The learned parameters, in one buffer."])
    text.block("\(access) struct Parameters: Sendable") { text in
      text.documentation(["All of them, one after the other: see `layout`."])
      text.line("\(access) var flat: [\(number)]")
      text.line()
      text.documentation(["Number of elements of `flat`."])
      text.line("\(access) static let count: Int = \(count)")
      text.line()
      text.documentation(["Where each stands in `flat`, row by row."])
      text.block("\(access) static var layout: [(name: String, shape: [Int], offset: Int)]") { text in
        text.line("[")
        for parameter in layout.parameters {
          let shape = parameter.parameter.shape.map(String.init).joined(separator: ", ")
          text.line("  (name: \"\(parameter.parameter.path)\", shape: [\(shape)], offset: \(parameter.offset)),")
        }
        text.line("]")
      }
      text.line()
      text.documentation(["All zero."])
      text.line("\(access) init() { flat = [\(number)](repeating: 0, count: \(count)) }")
      text.line()
      InitializersText(layout: layout, access: access).initializer(&text, &functions)
      members(tree, storage: "flat", &text)
      for rank in ranks.filter({ $0 > 0 }) {
        text.line()
        view(rank, &text)
      }
      text.line()
      text.block("fileprivate func check()") {
        $0.line("if flat.count != \(count) { mismatch(\"Parameters.flat\", flat.count, \(count)) }")
      }
    }
  }

  private var ranks: [Int] { Array(Set(layout.parameters.map { $0.parameter.shape.count })).sorted() }

  /// The views of one level of the tree.
  private func members(_ tree: PathTree, storage: String, _ text: inout Text) {
    for (name, index) in tree.leaves {
      let parameter = layout.parameters[index]
      let shape = parameter.parameter.shape
      text.line()
      text.documentation(parameter.parameter.documentation)
      if shape.isEmpty {
        text.block("\(access) var \(member(name)): \(number)") { text in
          text.line("get { \(storage)[\(parameter.offset)] }")
          text.line("set { \(storage)[\(parameter.offset)] = newValue }")
        }
        continue
      }
      let type = Self.viewName(shape.count)
      let arguments = ["storage: \(storage)", "offset: \(parameter.offset)"] + zip(Self.extents(shape.count), shape).map { "\($0): \($1)" }
      accessor(member(name), type, "\(type)(\(arguments.joined(separator: ", ")))", storage: storage, &text)
    }
    for (name, child) in tree.children {
      let type = Identifier.groupType(name)
      text.line()
      accessor(member(name), type, "\(type)(storage: \(storage))", storage: storage, &text)
      text.line()
      text.block("\(access) struct \(type): Sendable") { text in
        text.line("fileprivate var storage: [\(number)]")
        members(child, storage: "storage", &text)
      }
    }
  }

  /// A view that is written through without a copy: the buffer moves into it and back.
  private func accessor(_ name: String, _ type: String, _ construction: String, storage: String, _ text: inout Text) {
    text.block("\(access) var \(name): \(type)") { text in
      text.line("get { \(construction) }")
      text.block("_modify") { text in
        text.line("var view: \(type) = \(construction)")
        text.line("\(storage) = []")
        text.line("defer { \(storage) = view.storage }")
        text.line("yield &view")
      }
    }
  }

  static func viewName(_ rank: Int) -> String { rank == 1 ? "Vector" : rank == 2 ? "Matrix" : "Array\(rank)" }

  static func extents(_ rank: Int) -> [String] {
    rank == 1 ? ["count"] : rank == 2 ? ["rows", "columns"] : (0..<rank).map { "extent\($0)" }
  }

  private func view(_ rank: Int, _ text: inout Text) {
    let extents = Self.extents(rank)
    let indices = rank == 1 ? ["index"] : rank == 2 ? ["row", "column"] : (0..<rank).map { "index\($0)" }
    text.documentation(["A view of \(rank == 1 ? "a vector" : rank == 2 ? "a matrix" : "an array of \(rank) axes")."])
    text.block("\(access) struct \(Self.viewName(rank)): Sendable") { text in
      text.line("fileprivate var storage: [\(number)]")
      text.line("fileprivate let offset: Int")
      text.line("\(access) let \(extents.map { "\($0): Int" }.joined(separator: ", "))")
      text.line()
      text.block("\(access) subscript(\(indices.map { "\($0): Int" }.joined(separator: ", "))) -> \(number)") { text in
        text.line("get { storage[place(\(indices.joined(separator: ", ")))] }")
        text.line("_modify { yield &storage[place(\(indices.joined(separator: ", ")))] }")
      }
      text.line()
      text.block("private func place(\(indices.map { "_ \($0): Int" }.joined(separator: ", "))) -> Int") { text in
        for (index, extent) in zip(indices, extents) {
          text.line("if \(index) < 0 || \(index) >= \(extent) { mismatch(\"\(index) of a parameter\", \(index), \(extent)) }")
        }
        var place = indices[0]
        for (index, extent) in zip(indices.dropFirst(), extents.dropFirst()) {
          place = (place == indices[0] ? place : "(\(place))") + " * \(extent) + \(index)"
        }
        text.line("return offset + \(place)")
      }
    }
  }
}

/// `Settings`: what is chosen at run time, with the model's own values to begin with.
struct SettingsText {
  let layout: ModelLayout
  let access: String

  func declaration(_ text: inout Text) {
    let tree = PathTree(layout.settings.map(\.components))
    text.documentation(["What is chosen at run time, shared by the batch."])
    structure("Settings", tree, &text)
  }

  private func structure(_ name: String, _ tree: PathTree, _ text: inout Text) {
    text.block("\(access) struct \(name): Sendable") { text in
      for (name, index) in tree.leaves {
        let setting = layout.settings[index].setting
        text.documentation(setting.documentation)
        let value = layout.precision.written(setting.value)
        text.line("\(access) var \(Identifier.written(name)): \(setting.element.swiftType(layout.precision)) = \(value)")
      }
      for (name, _) in tree.children {
        text.line("\(access) var \(Identifier.written(name)): \(Identifier.groupType(name)) = \(Identifier.groupType(name))()")
      }
      text.line("\(access) init() {}")
      for (name, child) in tree.children {
        text.line()
        structure(Identifier.groupType(name), child, &text)
      }
    }
  }
}
