import Codegen
import ModelDSL

/// The values of one procedure's inputs with the sizes that follow from them.
struct Binding {
  var inputs: [ArrayValue]
  var sizes: [SizeSymbol: Int]
}

/// Where an input's value comes from, in words: `inputs.x`.
struct NamedValue {
  let path: String
  /// Nil where none is given; then `standard` is taken.
  var json: JSON?
  var standard: ArrayValue? = nil
}

/// Reads all inputs of a procedure: shapes first, from which sizes follow, then numbers, then what the sizes must satisfy.
func bind(
  _ procedure: Procedure, to values: [NamedValue], givenSizes: JSON?, precision: Precision
) throws(InputError) -> Binding {
  var solver = SizeSolver(known: try sizes(givenSizes, among: procedure.sizes))
  var arrays: [NestedArray?] = []
  for (input, value) in zip(procedure.inputs, values) {
    guard let json = value.json else {
      guard let standard = value.standard else { throw InputError(value.path, "missing") }
      if let symbol = input.sizeSymbol, let count = standard.integers?.first { solver.define(symbol, as: count) }
      arrays.append(nil)
      continue
    }
    let type = procedure.values[input.value]
    let array = try NestedArray(json, type: type, path: value.path, sizes: solver.known)
    for (size, length) in zip(type.shape, array.lengths) {
      if let length, let symbol = size.symbol { solver.define(symbol, as: length) }
      if let length { solver.require(size, equals: length) }
    }
    if let symbol = input.sizeSymbol {
      guard let count = NestedArray.integer(json), count >= 0 else {
        throw InputError(value.path, "expected a whole number of at least 0, found \(json.kind)")
      }
      solver.define(symbol, as: count)
    }
    arrays.append(array)
  }
  solver.solve()
  for symbol in procedure.sizes where solver.known[symbol] == nil {
    throw InputError("sizes.\(symbol.name)", "missing: it does not follow from the shapes")
  }
  var inputs: [ArrayValue] = []
  for (place, input) in procedure.inputs.enumerated() {
    let type = procedure.values[input.value]
    guard let array = arrays[place] else {
      inputs.append(values[place].standard!)
      continue
    }
    if let symbol = input.sizeSymbol, let json = values[place].json, let count = NestedArray.integer(json), count != solver.known[symbol] {
      throw InputError(values[place].path, "expected \(solver.known[symbol]!), the size \(symbol.name) of the other inputs, found \(count)")
    }
    inputs.append(try array.array(type: type, bound: input.indexBound, sizes: solver.known, precision: precision))
  }
  for requirement in procedure.requirements where (requirement.size.evaluated(solver.known) ?? -1) < 0 {
    let found = procedure.sizes.compactMap { symbol in solver.known[symbol].map { "\(symbol.name) = \($0)" } }.joined(separator: ", ")
    throw InputError("", "\(requirement.reason); found \(found)")
  }
  return Binding(inputs: inputs, sizes: solver.known)
}

private func sizes(_ json: JSON?, among symbols: [SizeSymbol]) throws(InputError) -> [SizeSymbol: Int] {
  guard let json else { return [:] }
  var known: [SizeSymbol: Int] = [:]
  for member in try members(of: json, at: "sizes", among: symbols.map(\.name)) {
    guard let count = NestedArray.integer(member.value), count >= 0 else {
      throw InputError("sizes.\(member.name)", "expected a whole number of at least 0, found \(member.value.kind)")
    }
    for symbol in symbols where symbol.name == member.name { known[symbol] = count }
  }
  return known
}

/// The members of an object, all of them known by name.
func members(of json: JSON, at path: String, among names: [String]) throws(InputError) -> [JSON.Member] {
  guard case .object(let members) = json else { throw InputError(path, "expected an object, found \(json.kind)") }
  for member in members where !names.contains(member.name) {
    let full = path.isEmpty ? member.name : "\(path).\(member.name)"
    let remedy = proposal(for: member.name, among: names)
    throw InputError(full, "no such name" + (remedy.isEmpty ? (names.isEmpty ? "" : "; there is \(listed(names, by: "and"))") : remedy))
  }
  return members
}
