import ModelDSL

// Contractions, by kernels.

extension Plan {
  /// `c[i, j] = sum [k] a[i, k] * b[k, j]`, or `c[i, j] +=`, where neighbours along `j` are neighbours in `b` and `c`.
  struct Product {
    var a: Pointer
    /// How far apart the rows of `a`, and the terms of one, stand.
    var aRow: Size
    var aTerm: Size
    var b: Pointer
    var bTerm: Size
    var c: Pointer
    var cRow: Size
    var rows: Expression
    var columns: Expression
    var terms: Expression
    var isAdding: Bool
  }

  /// `c[j] = sum [k] a[k] * b[j, k]`, or `c[j] +=`, where neighbours along `k` are neighbours in `a` and `b`.
  struct RowProduct {
    var a: Pointer
    var b: Pointer
    var bRow: Size
    var c: Pointer
    var cStep: Size
    var rows: Expression
    var terms: Expression
    var isAdding: Bool
  }
}

extension Planner {
  /// Plans the map as calls of a kernel; false where none fits.
  mutating func contract(_ map: Map, _ results: [Value]) -> Bool {
    guard let contraction = Contraction(map), let roles = contraction.roles(procedure.values) else { return false }
    for factor in [contraction.first, contraction.second] {
      guard case .array? = bindings[factor.array] else { return false }
    }
    let target: Target
    if let token = contraction.target {
      guard case .array(let pointer)? = bindings[token.array] else { return false }
      target = Target(pointer: place(token, pointer, contraction), isAdding: true)
    } else {
      target = place(results[0])
      bindings[results[0]] = .array(target.pointer)
    }
    var a = place(contraction.first, array(contraction.first.array), contraction)
    var b = place(contraction.second, array(contraction.second.array), contraction)
    if roles.isSwapped { swap(&a, &b) }
    var isAdding = target.isAdding
    if !isAdding && roles.outer.contains(where: { $0.c == Size(0) }) {
      steps.append(.fill(target.pointer, count: count(contraction.free.map(\.size).elementCount), .real(0)))
      isAdding = true
    }
    contract(roles, roles.outer[...], a, b, target.pointer, isAdding: isAdding)
    return true
  }

  private mutating func contract(
    _ roles: ContractionRoles, _ outer: ArraySlice<ContractionAxis>, _ a: Plan.Pointer, _ b: Plan.Pointer, _ c: Plan.Pointer, isAdding: Bool
  ) {
    func strides(_ axis: ContractionAxis) -> (a: Size, b: Size) { roles.isSwapped ? (axis.b, axis.a) : (axis.a, axis.b) }
    if let axis = outer.first {
      let stride = strides(axis)
      loop(axis.size, name: procedure.values.name(of: axis.indices[0]) ?? defaultIndexName(depth: loopDepth)) { planner, index in
        planner.loopDepth += 1
        func advanced(_ pointer: Plan.Pointer, _ stride: Size) -> Plan.Pointer {
          stride == Size(0) ? pointer : pointer.advanced(by: .product(index, stride))
        }
        planner.contract(
          roles, outer.dropFirst(), advanced(a, stride.a), advanced(b, stride.b), advanced(c, axis.c), isAdding: isAdding)
        planner.loopDepth -= 1
      }
      return
    }
    let zero = Size(0)
    let one = Size(1)
    switch roles.kind {
    case .columns:
      let rows = roles.rows.map { strides($0) }
      let terms = roles.terms.map { strides($0) }
      steps.append(
        .product(
          Plan.Product(
            a: a, aRow: rows?.a ?? zero, aTerm: terms?.a ?? zero, b: b, bTerm: terms?.b ?? zero, c: c, cRow: roles.rows?.c ?? zero,
            rows: count(roles.rows?.size ?? one), columns: count(roles.columns.size), terms: count(roles.terms?.size ?? one),
            isAdding: isAdding)))
    case .terms:
      steps.append(
        .rowProduct(
          Plan.RowProduct(
            a: a, b: b, bRow: strides(roles.columns).b, c: c, cStep: roles.columns.c, rows: count(roles.columns.size),
            terms: count(roles.terms!.size), isAdding: isAdding)))
    }
  }

  /// Where an array begins for a contraction: at 0 along its axes.
  private mutating func place(_ factor: Contraction.Factor, _ pointer: Plan.Pointer, _ contraction: Contraction) -> Plan.Pointer {
    let own = Set(contraction.axes.map(\.index))
    let indices = factor.indices.map { own.contains($0) ? Plan.Expression.integer(0) : number($0) }
    return pointer.advanced(by: offset(indices, type(factor.array).shape))
  }
}
