import Codegen
import ModelDSL

/// One procedure to be run, and where each of its results goes in the document.
struct Call {
  /// What the generated code has for it; nil where only the interpreter can run it.
  enum Target {
    case function(EntryPoint)
    case predict(ModelEntry)
    case lossAndGradient(ModelEntry)
    case derived(ModelEntry, EntryPoint)
  }
  let target: Target?
  let procedure: Procedure
  let binding: Binding
  /// One for each result; empty for one that does not stand there on its own.
  let places: [[String]]

  /// The results as they stand in the document.
  fileprivate func members(_ results: [ArrayValue], precision: Precision) -> [(place: [String], value: JSON)] {
    var members = zip(places, results).filter { !$0.0.isEmpty }.map { (place: $0, value: JSON($1, precision: precision)) }
    if let entry = target?.entry, entry.kind == .sparseJacobian {
      let matrix = SparseMatrix(entry, results: results, inputs: binding.inputs, variables: entry.variables)
      let values = matrix.entries.map { precision == .single ? JSON.single(Float($0.value)) : JSON.real($0.value) }
      members += [
        (["jacobian", "rows"], .array(matrix.entries.map { .integer($0.row) })),
        (["jacobian", "columns"], .array(matrix.entries.map { .integer($0.column) })),
        (["jacobian", "values"], .array(values)),
      ]
    }
    return members
  }
}

extension Call.Target {
  fileprivate var entry: EntryPoint? {
    switch self {
    case .function(let entry), .derived(_, let entry): entry
    case .predict, .lossAndGradient: nil
    }
  }
}

/// What to run to evaluate one function or model at the given values.
struct Evaluation {
  var calls: [Call] = []
  /// What was left out, and why.
  var notes: [String] = []
}

extension Evaluation {
  /// A function: its value, and whatever its `derive` lines ask for and enough is given for.
  init(of function: FunctionEntry, at json: JSON, precision: Precision) throws(InputError) {
    let entries = [function.primal] + function.emitted
    let arguments = function.primal.procedure.inputs.map(\.name)
    let extras = ["cotangent", "tangent", "sizes"].filter { !arguments.contains($0) }
    for member in try members(of: json, at: "", among: arguments + extras) where member.name == "tangent" || member.name == "cotangent" {
      if extras.contains(member.name), !entries.contains(where: { $0.takes(member.name) }) {
        throw InputError(member.name, "nothing that is derived of \(function.name) takes a \(member.name)")
      }
    }
    var taken: Set<String> = []
    for (place, entry) in entries.enumerated() {
      if let lacking = ["cotangent", "tangent"].first(where: { entry.takes($0) && (json[$0] == nil || !extras.contains($0)) }) {
        notes.append("\(entry.kind.rawValue) is left out: no \"\(lacking)\" is given")
        continue
      }
      let values = try zip(entry.procedure.inputs, entry.inputRoles).map { input, role throws(InputError) in
        try role.namedValue(input.name, in: json, standard: input.standard)
      }
      let binding = try bind(
        entry.procedure, to: values, givenSizes: extras.contains("sizes") ? json["sizes"] : nil, precision: precision)
      // A second directional derivative of one kind goes by the name of its function.
      let root = entry.kind == .jvp && !taken.insert("jvp").inserted ? entry.name : entry.kind.rawValue
      let isEmitted = place > 0
      calls.append(
        Call(
          target: isEmitted ? .function(entry) : nil, procedure: entry.procedure, binding: binding,
          places: entry.resultRoles.map { $0.place(under: root) }))
    }
  }

  /// A model: outputs, the loss and its gradient where there is one, and what is derived of its values. Parameters that are not given are those
  /// that `initial` has for the given seed.
  init(of model: ModelEntry, at json: JSON, precision: Precision, parameters initial: (Int) throws -> [ArrayValue]) throws {
    _ = try members(of: json, at: "", among: ["sizes", "parameters", "settings", "inputs", "seed", "cotangent", "tangent"])
    let names = model.predict.inputs.map(\.name)
    let inputNames = Array(names.dropFirst(model.parameters.count + model.settings.count))
    _ = try json["parameters"].map { json throws(InputError) in try members(of: json, at: "parameters", among: model.parameters.map(\.path))
    }
    _ = try json["settings"].map { json throws(InputError) in try members(of: json, at: "settings", among: model.settings.map(\.path)) }
    _ = try json["inputs"].map { json throws(InputError) in try members(of: json, at: "inputs", among: inputNames) }
    var drawn: [ArrayValue]?
    if let seed = json["seed"] {
      guard let number = NestedArray.integer(seed) else { throw InputError("seed", "expected a whole number, found \(seed.kind)") }
      drawn = try initial(number)
    }
    var values: [NamedValue] = []
    for (place, parameter) in model.parameters.enumerated() {
      values.append(
        NamedValue(path: "parameters.\(parameter.path)", json: json["parameters"]?[parameter.path], standard: drawn?[place]))
    }
    for setting in model.settings {
      values.append(
        NamedValue(path: "settings.\(setting.path)", json: json["settings"]?[setting.path], standard: ArrayValue(setting.value)))
    }
    for name in inputNames { values.append(NamedValue(path: "inputs.\(name)", json: json["inputs"]?[name])) }

    let binding = try bind(model.predict, to: values, givenSizes: json["sizes"], precision: precision)
    calls.append(
      Call(target: .predict(model), procedure: model.predict, binding: binding, places: model.predict.resultNames.map { ["outputs", $0] }))
    if let procedure = model.lossAndGradient {
      let places = [["loss"]] + model.parameters.map { ["gradient", $0.path] }
      calls.append(Call(target: .lossAndGradient(model), procedure: procedure, binding: binding, places: places))
    } else if let procedure = model.loss {
      calls.append(Call(target: nil, procedure: procedure, binding: binding, places: [["loss"]]))
    }
    for entry in model.derived {
      if let lacking = ["cotangent", "tangent"].first(where: { entry.takes($0) && json[$0] == nil }) {
        notes.append("\(entry.name) is left out: no \"\(lacking)\" is given")
        continue
      }
      let all =
        try values
        + zip(entry.procedure.inputs, entry.inputRoles).dropFirst(values.count).map { input, role throws(InputError) in
          try role.namedValue(input.name, in: json)
        }
      let binding = try bind(entry.procedure, to: all, givenSizes: json["sizes"], precision: precision)
      calls.append(
        Call(
          target: .derived(model, entry), procedure: entry.procedure, binding: binding,
          places: entry.resultRoles.map { role in
            let place = role.place(under: entry.kind.rawValue)
            return place.isEmpty ? [] : ["derived", entry.name] + place
          }))
    }
  }

  /// The document, from the results of the calls.
  func document(_ results: [[ArrayValue]], precision: Precision) -> JSON {
    var tree = Tree()
    for (call, results) in zip(calls, results) {
      for (place, value) in call.members(results, precision: precision) { tree.insert(value, at: place[...]) }
    }
    return tree.json
  }
}

/// A document under construction; what is inserted first stays.
private struct Tree {
  private var members: [(name: String, tree: Tree)] = []
  private var leaf: JSON?

  mutating func insert(_ value: JSON, at place: ArraySlice<String>) {
    guard let name = place.first else {
      if leaf == nil { leaf = value }
      return
    }
    let index = members.firstIndex { $0.name == name } ?? members.endIndex
    if index == members.endIndex { members.append((name, Tree())) }
    members[index].tree.insert(value, at: place.dropFirst())
  }

  var json: JSON { leaf ?? .object(members.map { JSON.Member($0.name, $0.tree.json) }) }
}

extension EntryPoint {
  /// Whether it needs a `"cotangent"` or a `"tangent"`.
  fileprivate func takes(_ name: String) -> Bool {
    inputRoles.contains { role in
      switch role {
      case .argument: false
      case .cotangent: name == "cotangent"
      case .tangent: name == "tangent"
      }
    }
  }
}

extension EntryPoint.InputRole {
  fileprivate func namedValue(_ name: String, in json: JSON, standard: Constant? = nil) throws(InputError) -> NamedValue {
    func member(_ name: String, of outer: String) throws(InputError) -> NamedValue {
      guard let object = json[outer] else { return NamedValue(path: "\(outer).\(name)", json: nil) }
      guard case .object = object else { throw InputError(outer, "expected an object, found \(object.kind)") }
      return NamedValue(path: "\(outer).\(name)", json: object[name])
    }
    switch self {
    case .argument: return NamedValue(path: name, json: json[name], standard: standard.map { ArrayValue($0) })
    case .cotangent(nil): return NamedValue(path: "cotangent", json: json["cotangent"])
    case .cotangent(let label?): return try member(label, of: "cotangent")
    case .tangent(let variable): return try member(variable, of: "tangent")
    }
  }
}

extension EntryPoint.ResultRole {
  /// The names under which the result stands in the document.
  fileprivate func place(under kind: String) -> [String] {
    switch self {
    case .value(let label): ["value"] + (label.map { [$0] } ?? [])
    case .gradient(let variable), .product(let variable): [kind, variable]
    case .tangent(let label): [kind] + (label.map { [$0] } ?? [])
    case .jacobian(let label, let variable): [kind] + (label.map { [$0] } ?? []) + [variable]
    case .hessian(let first, let second): [kind, first, second]
    case .blockValues, .blockColumns: []
    }
  }
}
