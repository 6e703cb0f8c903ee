import ModelDSL

/// One step of the machine that runs a procedure: the IR with sizes known, blocks flattened into jumps, values turned into slots.
/// Each slot has a real number, an integer (also: truth) and an array; `d`, `a`, `b` are slots unless said otherwise.
///
/// `list` operands are places in `MachineProgram.lists` where there stand: the count of elements that the indices leave (1 for a number),
/// then for each index its slot and the extent of its axis.
struct Instruction {
  enum Code {
    // MARK: Numbers
    case moveReal, moveInteger
    /// d = function c of a (and b).
    case real1, real2, mixed, comparison, whole1, whole2, wholeFromReal
    case realFromWhole
    /// d += a
    case addReal, addInteger

    // MARK: Control
    /// Integer d = a, the number itself.
    case setInteger
    case increment
    /// To c, if truth a is false.
    case jumpIfFalse
    /// To c.
    case jump
    /// To c, if integers a and b differ.
    case jumpIfDifferent
    /// Integer a is incremented, and if it is less than the number b, the machine jumps to c.
    case loopUp
    /// The same with integer b.
    case loopUpTo
    /// Integer a is decremented, and unless it is negative, the machine jumps to c.
    case loopDown
    /// Fails if integer a has reached the number b; the loop's name is string c.
    case checkBound
    /// Integer d = a, but at least 0 and at most the number b.
    case clamp

    // MARK: Arrays
    /// d = zeros, as many as the number a; real if b is 1.
    case allocate
    /// d is another name of a.
    case alias
    /// d takes over a.
    case take
    case release
    /// d becomes the only name of its elements, as many as the number a; real if b is 1.
    case makeUnique
    /// d = a[list b with c indices]
    case readReal, readInteger, readRow
    /// d[integer b] = a; for rows, of c elements.
    case storeReal, storeInteger, storeRow
    /// d[list b with c indices] = a
    case writeReal, writeInteger, writeRow
    /// d[list b with c indices] += a
    case accumulateReal, accumulateInteger, accumulateRealRow, accumulateIntegerRow

    // MARK: Extremes
    /// Number a at the point whose place is integer b + 1 is weighed against the best d so far, found at integer b (-1: none yet); c is 1
    /// for the greatest.
    case weighReal, weighInteger
    /// d = (a div the number b) % the number c, 0 where a is negative: the index on one axis of a place.
    case unflatten

    // MARK: Traces
    case recordReal, recordInteger
    /// d = the place of an integer of the trace that is known only later; then `settle` writes a there.
    case reserveInteger, settleInteger
    /// Arrays of a reals.
    case recordReals
    /// Whether result d is not operand a, the first of two.
    case recordSide
    case recordSign
    case replayReal, replayInteger
    /// d = as many recorded reals as the number a.
    case replayReals
    /// d = a or b
    case replaySide
    case replaySign
    /// d += recorded slope * (a - recorded a); b is a place in `lists`: counts of the value, of the target and of the slope, -1 for
    /// numbers.
    case replaySlope
    /// d = a - recorded a; b is the count, -1 for a number.
    case replayDelta

    case end
  }
  var code: Code
  var d = 0
  var a = 0
  var b = 0
  var c = 0
}

/// A procedure made ready for one set of sizes.
struct MachineProgram {
  var instructions: [Instruction] = []
  var lists: [Int] = []
  var strings: [String] = []
  var slotCount = 0
  /// Set before the start and never changed.
  var realConstants: [(slot: Int, value: Double)] = []
  var integerConstants: [(slot: Int, value: Int)] = []

  var real1: [PrimitiveMeaning.Unary] = []
  var real2: [PrimitiveMeaning.Binary] = []
  var mixed: [PrimitiveMeaning.Mixed] = []
  var comparison: [PrimitiveMeaning.Comparison] = []
  var whole1: [(Primitive, PrimitiveMeaning.Whole)] = []
  var whole2: [(Primitive, PrimitiveMeaning.WholePair)] = []
  var wholeFromReal: [(Primitive, (Double) -> Int?)] = []
}
