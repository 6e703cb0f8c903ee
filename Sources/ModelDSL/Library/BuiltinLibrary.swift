// Generated from the .graft files of this folder by Tests/ModelDSLTests/BuiltinLibraryTests.swift: GRAFT_UPDATE=1 swift test.
// swift-format-ignore-file

/// The library that is always in scope, as text.
public enum BuiltinLibrary {
  /// The files in the order of their names.
  public static let files: [(name: String, text: String)] = [
    (
      name: "Cells.graft",
      text: #"""
// Layers that carry parameters. Weights, biases, their order and their first values are PyTorch's, so that trained ones can be carried over.

/// Long short-term memory (Hochreiter and Schmidhuber 1997, with forget gate). Gates in the order input, forget, cell, output.
cell LSTM {
  size inputs, width

  param inputWeight: Float[4, width, inputs] ~ uniform(low: -1 / sqrt(width), high: 1 / sqrt(width))
  param recurrentWeight: Float[4, width, width] ~ uniform(low: -1 / sqrt(width), high: 1 / sqrt(width))
  param inputBias, recurrentBias: Float[4, width] ~ uniform(low: -1 / sqrt(width), high: 1 / sqrt(width))

  input x: Float[inputs]
  state h, c: Float[width] = 0

  let gates = inputWeight @ x + inputBias + recurrentWeight @ h + recurrentBias
  next c = sigmoid(gates[1]) * c + sigmoid(gates[0]) * tanh(gates[2])
  next h = sigmoid(gates[3]) * tanh(next c)
  output y = next h
}

/// The gated recurrent unit (Cho et al. 2014). Gates in the order reset, update, new.
cell GRU {
  size inputs, width

  param inputWeight: Float[3, width, inputs] ~ uniform(low: -1 / sqrt(width), high: 1 / sqrt(width))
  param recurrentWeight: Float[3, width, width] ~ uniform(low: -1 / sqrt(width), high: 1 / sqrt(width))
  param inputBias, recurrentBias: Float[3, width] ~ uniform(low: -1 / sqrt(width), high: 1 / sqrt(width))

  input x: Float[inputs]
  state h: Float[width] = 0

  let fromInput = inputWeight @ x + inputBias
  let fromState = recurrentWeight @ h + recurrentBias
  let reset = sigmoid(fromInput[0] + fromState[0])
  let update = sigmoid(fromInput[1] + fromState[1])
  let new = tanh(fromInput[2] + reset * fromState[2])
  next h = (1 - update) * new + update * h
  output y = next h
}

/// A spiking LSTM: the hidden state of an LSTM as the potential of a neuron, with soft reset one step after its spike. snnTorch (SLSTM).
cell SpikingLSTM {
  size inputs, width
  setting threshold: Float = 1

  param inputWeight: Float[4, width, inputs] ~ uniform(low: -1 / sqrt(width), high: 1 / sqrt(width))
  param recurrentWeight: Float[4, width, width] ~ uniform(low: -1 / sqrt(width), high: 1 / sqrt(width))
  param inputBias, recurrentBias: Float[4, width] ~ uniform(low: -1 / sqrt(width), high: 1 / sqrt(width))

  input x: Float[inputs]
  state h, c: Float[width] = 0

  let gates = inputWeight @ x + inputBias + recurrentWeight @ h + recurrentBias
  let reset = stop(fires(h, threshold))
  next c = sigmoid(gates[1]) * c + sigmoid(gates[0]) * tanh(gates[2])
  next h = sigmoid(gates[3]) * tanh(next c) - reset * threshold
  output spikes = fires(next h, threshold)
}

"""#
    ),
    (
      name: "Functions.graft",
      text: #"""
// Functions of numbers, vectors and matrices. Those of numbers apply to arrays element by element.

/// `x` times itself.
func square(x: Float) -> Float { return x * x }

/// `x` held between `low` and `high`; slope 1 on the bounds, and where `low > high` the result is `high`. Works for `Int` too.
func clamp(x: Float, low: Float, high: Float) -> Float { return min(max(x, low), high) }

/// The point a fraction `t` of the way from `a` to `b`.
func lerp(a: Float, b: Float, t: Float) -> Float { return a + t * (b - a) }

// Spikes.

/// 1 where the potential `v` is above its threshold, else 0; at the threshold itself `atZero`. Neurons spike by this function, so that a
/// rule `inject fires'(v, threshold) = …` may see both. Its slope is that of `step`: 0 until something is injected.
func fires(v: Float, threshold: Float, atZero: Int = 0) -> Float { return step(v - threshold, atZero: atZero) }

/// How many times the threshold fits into the potential `v`: the spikes of a neuron that may fire more than once a step.
func firesTimes(v: Float, threshold: Float) -> Float { return max(0, floor(v / threshold)) }

// Injections that have a name.

/// `x`, as if it were a constant.
func stop(x: Float) -> Float { return inject(x, x: 0) }

/// `x`, its gradient multiplied by `by`.
func scaleGradient(x: Float, by: Float) -> Float { return inject(x, x: by) }

/// `x`, its gradient held between `low` and `high` on the way back. Not linear, so reverse mode only.
func clipGradient(x: Float, low: Float, high: Float) -> Float { return inject(x, x: g -> clamp(g, low, high)) }

// Activations. Slopes at a bend are those of PyTorch.

/// `max(0, x)`; slope 0 at 0.
func relu(x: Float) -> Float { return max(0, x) }

/// `x` where positive, else `slope * x`.
func leakyRelu(x: Float, slope: Float = 0.01) -> Float { return if x > 0 { x } else { slope * x } }

/// `x` where positive, else `alpha * (exp(x) - 1)` (Clevert et al. 2016).
func elu(x: Float, alpha: Float = 1) -> Float { return if x > 0 { x } else { alpha * expm1(x) } }

/// The exponential linear unit with the constants that keep mean 0 and variance 1 from layer to layer (Klambauer et al. 2017).
func selu(x: Float) -> Float { return 1.0507009873554805 * elu(x, 1.6732632423543772) }

/// `x` times the normal distribution function of `x` (Hendrycks and Gimpel 2016), exact.
func gelu(x: Float) -> Float { return 0.5 * x * (1 + erf(0.7071067811865476 * x)) }

/// `x * sigmoid(x)`, also called swish.
func silu(x: Float) -> Float { return x * sigmoid(x) }

/// `x * tanh(softplus(x))` (Misra 2019).
func mish(x: Float) -> Float { return x * tanh(softplus(x)) }

/// `x / (1 + |x|)`. For the surrogate slope, see `softsignSlope`.
func softsign(x: Float) -> Float { return x / (1 + abs(x)) }

/// `x` between `low` and `high`, flat outside; slope 0 on the bounds (`clamp` has 1 there).
func hardtanh(x: Float, low: Float = -1, high: Float = 1) -> Float {
  return if x <= low { low } else if x >= high { high } else { x }
}

// Over the elements of a vector.

/// `log(sum(exp(x)))`, without overflow.
func logSumExp(x: Float[n]) -> Float {
  let top = stop(max(x))
  return top + log(sum(i in n: exp(x[i] - top)))
}

/// `exp(x)` scaled so that the sum is 1, without overflow.
func softmax(x: Float[n]) -> Float[n] {
  let weight = exp(x - stop(max(x)))
  return weight / sum(weight)
}

/// `log(softmax(x))`, exact where `softmax` is 0, or all of `x` is large.
func logSoftmax(x: Float[n]) -> Float[n] {
  let below = x - stop(max(x))
  return below - log(sum(exp(below)))
}

// Vectors and matrices.

/// How many elements the vector has; `norm` is its length in space.
func length(x: Float[n]) -> Int { return n }

/// `sum(a * b)`
func dot(a: Float[n], b: Float[n]) -> Float { return sum(i in n: a[i] * b[i]) }

/// The Euclidean norm, without overflow. Its gradient at 0 is 0.
func norm(x: Float[n]) -> Float {
  return inject(unruledNorm(x), x: [i in n: if value == 0 { 0 } else { x[i] / value }])
}

/// The root of the sum of squares; scaled where that would leave the range of Float, or its accuracy.
func unruledNorm(x: Float[n]) -> Float {
  let squares = sum(square(x))
  return if squares > 1e-30 && squares < 1e30 { sqrt(squares) } else if n > 0 {
    let top = max(abs(x))
    if top == 0 || top == inf { top } else { top * sqrt(sum(square(x / top))) }
  } else { 0 }
}

/// The vector product in space.
func cross(a: Float[3], b: Float[3]) -> Float[3] {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// The matrix of all products `a[i] * b[j]`.
func outer(a: Float[m], b: Float[n]) -> Float[m, n] { return [i in m, j in n: a[i] * b[j]] }

/// Rows as columns.
func transpose(a: Float[m, n]) -> Float[n, m] { return [j in n, i in m: a[i, j]] }

/// The square matrix with `d` on its diagonal and 0 elsewhere.
func diagonal(d: Float[n]) -> Float[n, n] { return [i in n, j in n: if i == j { d[i] } else { 0 }] }

/// The square matrix with the elements of `l` below its diagonal, packed column by column, and 0 elsewhere.
func strictlyLower(l: Float[d * (d - 1) / 2]) -> Float[d, d] {
  return [i in d, j in d: if i > j { nearestElement(l, j * (2 * d - j - 1) div 2 + i - j - 1) } else { 0 }]
}

/// `x[i]`, `i` held inside; 0 where there is no element.
func nearestElement(x: Float[n], i: Int) -> Float { return if n > 0 { x[clamp(i, 0, n - 1)] } else { 0 } }

/// The square matrix with 1 on its diagonal and 0 elsewhere.
func identity(n: Int) -> Float[n, n] { return [i in n, j in n: Float(i == j)] }

/// The vector of `n` elements with 1 at place `i` and 0 elsewhere.
func oneHot(i: Int, n: Int) -> Float[n] { return [k in n: Float(k == i)] }

"""#
    ),
    (
      name: "LinearAlgebra.graft",
      text: #"""
// Linear equations, inverses, determinants, Cholesky factors: of square matrices of any size, in the precision of the file.
//
// Derivatives are rules of their own, so that no factorisation is differentiated step by step. A rule may not call the function that it
// belongs to, so each solver has a form under a rule (`solveMatrix`), one for the first derivative of that rule (`solveOnce`), and one
// without (`solvePlain`), which higher derivatives go through. They start from the same factors, which are then computed once.
//
// Nothing is reported for a matrix without inverse: solutions and inverses hold infinities or NaN, a determinant is 0 and its logarithm -inf.

// Square matrices.

/// The elements on the diagonal.
func diagonalElements(a: Float[n, n]) -> Float[n] { return [i in n: a[i, i]] }

/// The sum of the diagonal.
func trace(a: Float[n, n]) -> Float { return sum(i in n: a[i, i]) }

/// `(a + transpose(a)) / 2`
func symmetricPart(a: Float[n, n]) -> Float[n, n] { return [i in n, j in n: 0.5 * (a[i, j] + a[j, i])] }

/// `a` on and below its diagonal, and 0 elsewhere.
func lowerTriangle(a: Float[n, n]) -> Float[n, n] { return [i in n, j in n: if i >= j { a[i, j] } else { 0 }] }

// Linear equations.

/// The `x` for which `a @ x == b`, by elimination with row exchanges. Where `a` has no inverse, `x` holds infinities or NaN.
func solve(a: Float[n, n], b: Float[n]) -> Float[n] { return solveMatrix(a, column(b))[.., 0] }

/// The `x` for which `a @ x == b`, for many right sides: the columns of `b`.
func solveMatrix(a: Float[n, n], b: Float[n, m]) -> Float[n, m] {
  return inject(solvePlain(a, b),
    a: g -> -(solveTransposedOnce(a, g) @ transpose(value)),
    b: g -> solveTransposedOnce(a, g))
}

/// The `x` for which `a @ x` is the matrix with 1 on its diagonal. To solve equations, `solve` is faster and more accurate.
func inverse(a: Float[n, n]) -> Float[n, n] {
  return inject(solvePlain(a, identity(n)), a: g -> -(transpose(value) @ g @ transpose(value)))
}

/// The determinant. Its gradient needs the inverse: at a matrix that has none, it holds NaN.
func determinant(a: Float[n, n]) -> Float {
  return inject(determinantPlain(a), a: g -> g * value * transpose(inverse(a)))
}

/// The logarithm of the absolute value of the determinant, which itself may overflow; -inf where there is no inverse.
func logDeterminant(a: Float[n, n]) -> Float {
  return inject(logDeterminantPlain(a), a: g -> g * transpose(inverse(a)))
}

// Symmetric, positive definite matrices.

/// The lower triangle `l` for which `l @ transpose(l)` is the symmetric part of `a`. Holds NaN where that is not positive definite.
func cholesky(a: Float[n, n]) -> Float[n, n] {
  let s = symmetricPart(a)
  // Murray 2016, "Differentiation of the Cholesky decomposition"; the gradient of `s` is made symmetric on its way to `a`.
  return inject(choleskyPlain(s), s: g -> {
    let product = transpose(value) @ g
    let half = [i in n, j in n: if i > j { product[i, j] } else if i == j { 0.5 * product[i, j] } else { 0 }]
    let left = solveLowerTransposedMatrix(value, half)
    transpose(solveLowerTransposedMatrix(value, transpose(left)))
  })
}

/// The `x` for which `l @ transpose(l) @ x == b`: linear equations, from the Cholesky factor of their matrix.
func solveCholesky(l: Float[n, n], b: Float[n]) -> Float[n] {
  return solveLowerTransposedMatrix(l, solveLowerMatrix(l, column(b)))[.., 0]
}

// Triangles.

/// The `x` for which `l @ x == b`; `l` is read on and below its diagonal only.
func solveLower(l: Float[n, n], b: Float[n]) -> Float[n] { return solveLowerMatrix(l, column(b))[.., 0] }

/// The `x` for which `u @ x == b`; `u` is read on and above its diagonal only.
func solveUpper(u: Float[n, n], b: Float[n]) -> Float[n] { return solveUpperMatrix(u, column(b))[.., 0] }

/// `solveLower` for the columns of `b`.
func solveLowerMatrix(l: Float[n, n], b: Float[n, m]) -> Float[n, m] {
  return inject(solveLowerPlain(l, b),
    l: g -> -lowerTriangle(solveLowerTransposedOnce(l, g) @ transpose(value)),
    b: g -> solveLowerTransposedOnce(l, g))
}

/// `solveUpper` for the columns of `b`.
func solveUpperMatrix(u: Float[n, n], b: Float[n, m]) -> Float[n, m] { return solveLowerTransposedMatrix(transpose(u), b) }

/// The `x` for which `transpose(l) @ x == b`; `l` is read on and below its diagonal only.
func solveLowerTransposedMatrix(l: Float[n, n], b: Float[n, m]) -> Float[n, m] {
  return inject(solveLowerTransposedPlain(l, b),
    l: g -> -lowerTriangle(value @ transpose(solveLowerOnce(l, g))),
    b: g -> solveLowerOnce(l, g))
}

// What the functions above are made of.

/// The matrix whose only column is `b`.
func column(b: Float[n]) -> Float[n, 1] { return [i in n, j in 1: b[i]] }

/// Gaussian elimination with row exchanges. `factors` holds the upper triangle and, below its diagonal, the multiples that were taken away;
/// row `i` of their product is row `order[i]` of `a`. `sign` is that of the exchanges.
func eliminate(a: Float[n, n]) -> (factors: Float[n, n], order: Index<n>[n], sign: Float) {
  state factors: Float[n, n] = a
  state order: Index<n>[n] = [i in n: i]
  state sign = 1
  for k in n {
    let pivot = argmax(i in n where i >= k: abs(factors[i, k]))
    let from = [i in n: if i == k { pivot } else if i == pivot { k } else { i }]
    let row = factors[pivot]
    // A column of zeros is left as it is: the determinant is 0, not NaN.
    let multiple = [i in n: if i > k && row[k] != 0 { factors[from[i], k] / row[k] } else { 0 }]
    next factors = [i in n, j in n: {
      let x = factors[from[i], j]
      if i > k && j > k { x - multiple[i] * row[j] } else if i > k && j == k { multiple[i] } else { x }
    }]
    next order = [i in n: order[from[i]]]
    next sign = if pivot == k { sign } else { -sign }
  }
  return (factors, order, sign)
}

func solvePlain(a: Float[n, n], b: Float[n, m]) -> Float[n, m] {
  let (factors, order, _) = eliminate(a)
  state x: Float[n, m] = [i in n, c in m: b[order[i], c]]
  for i in n { next x[i] = [c in m: x[i, c] - sum(k in n where k < i: factors[i, k] * x[k, c])] }
  for i in n down { next x[i] = [c in m: (x[i, c] - sum(k in n where k > i: factors[i, k] * x[k, c])) / factors[i, i]] }
  return x
}

/// `solvePlain(transpose(a), b)`, from the factors of `a`.
func solveTransposedPlain(a: Float[n, n], b: Float[n, m]) -> Float[n, m] {
  let (factors, order, _) = eliminate(a)
  state y: Float[n, m] = b
  for i in n { next y[i] = [c in m: (y[i, c] - sum(k in n where k < i: factors[k, i] * y[k, c])) / factors[i, i]] }
  for i in n down { next y[i] = [c in m: y[i, c] - sum(k in n where k > i: factors[k, i] * y[k, c])] }
  state x: Float[n, m] = 0
  for i in n { next x[order[i]] = y[i] }
  return x
}

func solveOnce(a: Float[n, n], b: Float[n, m]) -> Float[n, m] {
  return inject(solvePlain(a, b),
    a: g -> -(solveTransposedPlain(a, g) @ transpose(value)),
    b: g -> solveTransposedPlain(a, g))
}

func solveTransposedOnce(a: Float[n, n], b: Float[n, m]) -> Float[n, m] {
  return inject(solveTransposedPlain(a, b),
    a: g -> -(value @ transpose(solvePlain(a, g))),
    b: g -> solvePlain(a, g))
}

func determinantPlain(a: Float[n, n]) -> Float {
  let (factors, _, sign) = eliminate(a)
  return sign * product(i in n: factors[i, i])
}

func logDeterminantPlain(a: Float[n, n]) -> Float {
  let (factors, _, _) = eliminate(a)
  return sum(i in n: log(abs(factors[i, i])))
}

func solveLowerPlain(l: Float[n, n], b: Float[n, m]) -> Float[n, m] {
  state x: Float[n, m] = b
  for i in n { next x[i] = [c in m: (x[i, c] - sum(k in n where k < i: l[i, k] * x[k, c])) / l[i, i]] }
  return x
}

func solveLowerTransposedPlain(l: Float[n, n], b: Float[n, m]) -> Float[n, m] {
  state x: Float[n, m] = b
  for i in n down { next x[i] = [c in m: (x[i, c] - sum(k in n where k > i: l[k, i] * x[k, c])) / l[i, i]] }
  return x
}

func solveLowerOnce(l: Float[n, n], b: Float[n, m]) -> Float[n, m] {
  return inject(solveLowerPlain(l, b),
    l: g -> -lowerTriangle(solveLowerTransposedPlain(l, g) @ transpose(value)),
    b: g -> solveLowerTransposedPlain(l, g))
}

func solveLowerTransposedOnce(l: Float[n, n], b: Float[n, m]) -> Float[n, m] {
  return inject(solveLowerTransposedPlain(l, b),
    l: g -> -lowerTriangle(value @ transpose(solveLowerPlain(l, g))),
    b: g -> solveLowerPlain(l, g))
}

/// Column by column; the columns are the rows of `u`.
func choleskyPlain(s: Float[n, n]) -> Float[n, n] {
  state u: Float[n, n] = 0
  for j in n {
    let rest = [i in n: s[i, j] - sum(k in n where k < j: u[k, i] * u[k, j])]
    let pivot = sqrt(rest[j])
    next u[j] = [i in n: if i > j { rest[i] / pivot } else if i == j { pivot } else { 0 }]
  }
  return transpose(u)
}

"""#
    ),
    (
      name: "Losses.graft",
      text: #"""
// Losses of one sample; a model averages over the batch. Those of numbers apply to arrays element by element: `mean(huber(y, target))`.

/// Minus the logarithm of the softmax probability of `label`, straight from the logits, without overflow.
func crossEntropy(logits: Float[n], label: Index<n>) -> Float {
  let below = logits - stop(max(logits))
  return log(sum(exp(below))) - below[label]
}

/// Minus `logProbability[label]`: cross entropy for a model that gives out `logSoftmax` already.
func negativeLogLikelihood(logProbability: Float[n], label: Index<n>) -> Float { return -logProbability[label] }

/// Cross entropy of a yes or no, from its logit; `target` is the probability of yes. Accurate for logits of any size.
func binaryCrossEntropy(logit: Float, target: Float) -> Float {
  return (1 - target) * softplus(logit) + target * softplus(-logit)
}

/// The mean of the squared differences.
func meanSquaredError(prediction: Float[n], target: Float[n]) -> Float { return mean(i in n: square(prediction[i] - target[i])) }

/// The mean of the absolute differences.
func meanAbsoluteError(prediction: Float[n], target: Float[n]) -> Float { return mean(i in n: abs(prediction[i] - target[i])) }

/// Half the squared difference up to `delta`, and from there on a straight line (Huber 1964).
func huber(prediction: Float, target: Float, delta: Float = 1) -> Float {
  let distance = abs(prediction - target)
  return if distance <= delta { 0.5 * square(distance) } else { delta * (distance - 0.5 * delta) }
}

/// `max(0, 1 - sign * score)` for a `sign` of 1 or -1: the loss of support vector machines.
func hinge(score: Float, sign: Float) -> Float { return max(0, 1 - sign * score) }

/// The squared distance of a neuron's mean firing `rate` from a wanted one.
func spikeRatePenalty(rate: Float, target: Float) -> Float { return square(rate - target) }

"""#
    ),
    (
      name: "Neurons.graft",
      text: #"""
// Neurons, one step in discrete time, as functions of numbers: from the input and the state before the step to the spike `z` and the
// state after it. Applied to arrays they work element by element: `next (z, u) = lif(current, u, decay: 0.9)`.
//
// Spikes are `fires(v, threshold)`, so they take the rule of `step`, or of `fires`, that is in force where the neuron is called.

// Leaky integrators.

/// A leaky integrator that never spikes, as a readout: `u' = decay * u + (1 - decay) * x`.
func leaky(x: Float, u: Float, decay: Float) -> Float { return decay * u + (1 - decay) * x }

/// Leaky integrate and fire with soft reset: the threshold is taken off the potential at a spike.
///
/// `v = decay * u + (1 - decay) * x`, `z = v > threshold`, `u' = v - z * threshold`. FGI, BRF.
func lif(x: Float, u: Float, decay: Float, threshold: Float = 1) -> (z: Float, u: Float) {
  let v = leaky(x, u, decay)
  let z = fires(v, threshold)
  return (z: z, u: v - z * threshold)
}

/// Leaky integrate and fire whose soft reset comes one step after the spike; no gradient goes through the reset.
///
/// `u' = decay * u + x - r * threshold` with `r = u > threshold`, `z = u' > threshold`. snnTorch (Leaky, reset by subtraction).
func lifDelayed(x: Float, u: Float, decay: Float, threshold: Float = 1) -> (z: Float, u: Float) {
  let reset = stop(fires(u, threshold))
  let v = decay * u + x - reset * threshold
  return (z: fires(v, threshold), u: v)
}

/// As `lifDelayed`, but the potential goes to zero, and the input is kept: `u' = decay * (1 - r) * u + x`. snnTorch (Leaky, reset to zero).
func lifDelayedToZero(x: Float, u: Float, decay: Float, threshold: Float = 1) -> (z: Float, u: Float) {
  let reset = stop(fires(u, threshold))
  let v = decay * ((1 - reset) * u) + x
  return (z: fires(v, threshold), u: v)
}

/// Leaky integrate and fire by time constant, with hard reset: the potential goes to `rest` at a spike.
///
/// `h = v + (x - (v - rest)) / tau`, `z = h >= threshold`, `v' = (1 - z) * h + z * rest`. SpikingJelly (LIFNode).
func lifHardReset(x: Float, v: Float, tau: Float = 2, threshold: Float = 1, rest: Float = 0) -> (z: Float, v: Float) {
  let h = v + (x - (v - rest)) / tau
  let z = fires(h, threshold, atZero: 1)
  return (z: z, v: (1 - z) * h + z * rest)
}

/// Leaky integrate and fire by time constant, with soft reset: `v' = h - z * threshold`, else as `lifHardReset`. SpikingJelly.
func lifSoftReset(x: Float, v: Float, tau: Float = 2, threshold: Float = 1, rest: Float = 0) -> (z: Float, v: Float) {
  let h = v + (x - (v - rest)) / tau
  let z = fires(h, threshold, atZero: 1)
  return (z: z, v: h - z * threshold)
}

/// As `lifHardReset` with a learned time constant, `1 / tau = sigmoid(w)` (Fang et al. 2021). SpikingJelly (ParametricLIFNode).
func plif(x: Float, v: Float, w: Float, threshold: Float = 1, rest: Float = 0) -> (z: Float, v: Float) {
  let h = v + (x - (v - rest)) * sigmoid(w)
  let z = fires(h, threshold, atZero: 1)
  return (z: z, v: (1 - z) * h + z * rest)
}

/// Leaky integrate and fire driven by a synaptic current that decays too; soft reset one step after the spike, without gradient.
///
/// `i' = synapse * i + x`, `u' = decay * u + i' - r * threshold` with `r = u > threshold`, `z = u' > threshold`. snnTorch (Synaptic).
func cuba(x: Float, i: Float, u: Float, synapse: Float, decay: Float, threshold: Float = 1) -> (z: Float, i: Float, u: Float) {
  let current = synapse * i + x
  let reset = stop(fires(u, threshold))
  let v = decay * u + current - reset * threshold
  return (z: fires(v, threshold), i: current, u: v)
}

/// Leaky integrate and fire with an adaptive threshold (Bellec et al. 2018), as in the paper.
///
/// `t = threshold + strength * a`, `v = decay * u + (1 - decay) * x`, `z = v > t`, `u' = v - z * t`,
/// `a' = adaptation * a + (1 - adaptation) * z`. FGI, BRF: threshold 0.1, strength 0.8.
func alif(
  x: Float, u: Float, a: Float, decay: Float, adaptation: Float, threshold: Float = 0.1, strength: Float = 0.8
) -> (z: Float, u: Float, a: Float) {
  let level = threshold + strength * a
  let v = leaky(x, u, decay)
  let z = fires(v, level)
  return (z: z, u: v - z * level, a: leaky(z, a, adaptation))
}

// Neurons with a curved voltage.

/// Izhikevich's neuron (2003): `v' = v + dt * (quadratic * v ^ 2 + linear * v + bias - u + x)`, `u' = u + dt * a * (b * v - u)`; at a
/// spike, `v' >= threshold` being it, `v` goes to `c` and `u` rises by `d`.
///
/// - `dt`: the step over the time constant. Norse: 0.25, and the defaults below (a regularly spiking cell).
func izhikevich(
  x: Float, v: Float, u: Float, dt: Float = 0.25, a: Float = 0.02, b: Float = 0.2, c: Float = -65, d: Float = 8,
  quadratic: Float = 0.04, linear: Float = 5, bias: Float = 140, threshold: Float = 30
) -> (z: Float, v: Float, u: Float) {
  let h = v + dt * (quadratic * square(v) + linear * v + bias - u + x)
  let recovery = u + dt * a * (b * v - u)
  let z = fires(h, threshold)
  return (z: z, v: (1 - z) * h + z * c, u: recovery + z * d)
}

/// Quadratic integrate and fire: `h = v + (x + slope * (v - rest) * (v - critical)) / tau`, `z = h >= threshold`; hard reset to `reset`.
///
/// SpikingJelly (QIFNode): the defaults below.
func qif(
  x: Float, v: Float, tau: Float = 2, critical: Float = 0.8, slope: Float = 1, threshold: Float = 1, rest: Float = 0,
  reset: Float = -0.1
) -> (z: Float, v: Float) {
  let h = v + (x + slope * (v - rest) * (v - critical)) / tau
  let z = fires(h, threshold, atZero: 1)
  return (z: z, v: (1 - z) * h + z * reset)
}

/// Exponential integrate and fire: `h = v + (x - (v - rest) + sharpness * exp((v - onset) / sharpness)) / tau`, `z = h >= threshold`;
/// hard reset to `reset`.
///
/// SpikingJelly (EIFNode): the defaults below.
func eif(
  x: Float, v: Float, tau: Float = 2, sharpness: Float = 1, onset: Float = 0.8, threshold: Float = 1, rest: Float = 0,
  reset: Float = -0.1
) -> (z: Float, v: Float) {
  let h = v + (x - (v - rest) + sharpness * exp((v - onset) / sharpness)) / tau
  let z = fires(h, threshold, atZero: 1)
  return (z: z, v: (1 - z) * h + z * reset)
}

/// Adaptive exponential integrate and fire (Brette and Gerstner 2005):
/// `h = v + membrane * (leak - v + sharpness * exp((v - threshold) / sharpness) + x - a)`, `z = h > threshold`, hard reset to `reset`;
/// `a' = a + recovery * (coupling * (v - leak) - a) + z * jump`.
///
/// - `membrane`, `recovery`: the step over the time constants. Norse: the defaults below.
func adex(
  x: Float, v: Float, a: Float, membrane: Float = 0.1, recovery: Float = 0.002, sharpness: Float = 0.5, coupling: Float = 4,
  jump: Float = 0.02, threshold: Float = 1, leak: Float = 0, reset: Float = 0
) -> (z: Float, v: Float, a: Float) {
  let h = v + membrane * (leak - v + sharpness * exp((v - threshold) / sharpness) + x - a)
  let adapted = a + recovery * (coupling * (v - leak) - a)
  let z = fires(h, threshold)
  return (z: z, v: (1 - z) * h + z * reset, a: adapted + z * jump)
}

// Neurons that resonate.

/// Resonate and fire (Izhikevich 2001), without reset: `u' = u + dt * (b * u - w * v + x)`, `v' = v + dt * (w * u + b * v)`,
/// `z = u' > threshold`.
///
/// - `w`: angular frequency; `b`: growth, below 0 for damping. BRF: dt 0.01, threshold 1.
func resonate(
  x: Float, u: Float, v: Float, w: Float, b: Float, dt: Float = 0.01, threshold: Float = 1
) -> (z: Float, u: Float, v: Float) {
  let real = u + dt * (b * u - w * v + x)
  let imaginary = v + dt * (w * u + b * v)
  return (z: fires(real, threshold), u: real, v: imaginary)
}

/// The largest growth at which a neuron of angular frequency `w` does not diverge at step `dt`: `(-1 + sqrt(1 - (dt * w) ^ 2)) / dt`.
func divergenceBoundary(w: Float, dt: Float = 0.01) -> Float { return (-1 + sqrt(1 - square(dt * w))) / dt }

/// Balanced resonate and fire (Higuchi et al. 2024): damped by `|b0|` below the divergence boundary, and after a spike by `q` more, which
/// also raises the threshold: `z = u' > threshold + q`, `q' = 0.9 * q + z`.
///
/// BRF: dt 0.01, threshold 1.
func balancedResonate(
  x: Float, u: Float, v: Float, q: Float, w: Float, b0: Float, dt: Float = 0.01, threshold: Float = 1
) -> (z: Float, u: Float, v: Float, q: Float) {
  let b = divergenceBoundary(w, dt) - abs(b0) - q
  let (z: z, u: real, v: imaginary) = resonate(x, u, v, w, b, dt, threshold + q)
  return (z: z, u: real, v: imaginary, q: 0.9 * q + z)
}

/// Harmonic resonate and fire: `v' = v + dt * u`, `u' = u + dt * (x - 2 * b * u - w ^ 2 * v')` with `b = 0.005 * w ^ 2 + |b0| + q`;
/// `z = u' > threshold + q`, `q' = 0.9 * q + z`.
///
/// BRF: dt 0.01, threshold 1.
func harmonicResonate(
  x: Float, u: Float, v: Float, q: Float, w: Float, b0: Float, dt: Float = 0.01, threshold: Float = 1
) -> (z: Float, u: Float, v: Float, q: Float) {
  let b = 0.005 * square(w) + abs(b0) + q
  let position = v + dt * u
  let velocity = u + dt * (x - 2 * b * u - square(w) * position)
  let z = fires(velocity, threshold + q)
  return (z: z, u: velocity, v: position, q: 0.9 * q + z)
}

"""#
    ),
    (
      name: "Optimizers.graft",
      text: #"""
// Optimisers, each the update of one number by its gradient; a model applies it to every parameter. `count` is 1 at the first
// update. The updates, their defaults and their order of operations are those of PyTorch.

/// Stochastic gradient descent, plain or with (Nesterov) momentum.
cell sgd {
  /// The learning rate.
  setting rate: Float = 0.001
  /// How much of the last step's velocity is kept.
  setting momentum: Float = 0
  /// How much of each gradient after the first is left out of the velocity.
  setting dampening: Float = 0
  /// Looks ahead along the velocity.
  setting nesterov: Bool = false
  /// The weight of the squared parameter, as a part of the loss.
  setting decay: Float = 0

  input parameter: Float
  input gradient: Float
  input count: Int
  state velocity: Float = 0

  let slope = gradient + decay * parameter
  next velocity = if count == 1 { slope } else { momentum * velocity + (1 - dampening) * slope }
  let direction = if nesterov { slope + momentum * next velocity } else { next velocity }
  output updated = parameter - rate * direction
}

/// Adam (Kingma and Ba 2015): steps of the size of the learning rate, scaled by running means of the gradient and of its square.
cell adam {
  /// The learning rate.
  setting rate: Float = 0.001
  /// How much of the mean gradient is kept from update to update.
  setting beta1: Float = 0.9
  /// How much of the mean squared gradient is kept from update to update.
  setting beta2: Float = 0.999
  /// Keeps the divisor away from 0.
  setting epsilon: Float = 1e-8
  /// The weight of the squared parameter, as a part of the loss; for decoupled decay see `adamW`.
  setting decay: Float = 0
  /// Divides by the largest mean square so far (Reddi et al. 2018).
  setting amsgrad: Bool = false

  input parameter: Float
  input gradient: Float
  input count: Int
  state first, second, largest: Float = 0

  let slope = gradient + decay * parameter
  next first = beta1 * first + (1 - beta1) * slope
  next second = beta2 * second + (1 - beta2) * square(slope)
  next largest = if amsgrad { max(largest, next second) } else { 0 }
  // 1 - beta ^ count, without cancellation.
  let firstCorrection = -expm1(count * log(beta1))
  let secondCorrection = -expm1(count * log(beta2))
  let spread = if amsgrad { next largest } else { next second }
  output updated = parameter - rate / firstCorrection * next first / (sqrt(spread) / sqrt(secondCorrection) + epsilon)
}

/// Adam with decay of the parameters themselves, apart from the gradient (Loshchilov and Hutter 2019).
cell adamW {
  /// The learning rate.
  setting rate: Float = 0.001
  /// How much of the mean gradient is kept from update to update.
  setting beta1: Float = 0.9
  /// How much of the mean squared gradient is kept from update to update.
  setting beta2: Float = 0.999
  /// Keeps the divisor away from 0.
  setting epsilon: Float = 1e-8
  /// The part of a parameter that an update takes away, in units of the learning rate.
  setting decay: Float = 0.01
  /// Divides by the largest mean square so far (Reddi et al. 2018).
  setting amsgrad: Bool = false

  input parameter: Float
  input gradient: Float
  input count: Int
  state first, second, largest: Float = 0

  next first = beta1 * first + (1 - beta1) * gradient
  next second = beta2 * second + (1 - beta2) * square(gradient)
  next largest = if amsgrad { max(largest, next second) } else { 0 }
  // 1 - beta ^ count, without cancellation.
  let firstCorrection = -expm1(count * log(beta1))
  let secondCorrection = -expm1(count * log(beta2))
  let spread = if amsgrad { next largest } else { next second }
  let decayed = parameter * (1 - rate * decay)
  output updated = decayed - rate / firstCorrection * next first / (sqrt(spread) / sqrt(secondCorrection) + epsilon)
}

/// RMSProp (Hinton 2012): the gradient over the root of its running mean square.
cell rmsProp {
  /// The learning rate.
  setting rate: Float = 0.01
  /// How much of the mean squared gradient is kept from update to update.
  setting smoothing: Float = 0.99
  /// Keeps the divisor away from 0.
  setting epsilon: Float = 1e-8
  /// How much of the last step's velocity is kept.
  setting momentum: Float = 0
  /// The weight of the squared parameter, as a part of the loss.
  setting decay: Float = 0
  /// Divides by the running deviation in place of the root of the mean square (Graves 2013).
  setting centered: Bool = false

  input parameter: Float
  input gradient: Float
  input count: Int
  state mean, squares, velocity: Float = 0

  let slope = gradient + decay * parameter
  next squares = smoothing * squares + (1 - smoothing) * square(slope)
  next mean = if centered { smoothing * mean + (1 - smoothing) * slope } else { 0 }
  next velocity = momentum * velocity + slope / (sqrt(next squares - square(next mean)) + epsilon)
  output updated = parameter - rate * next velocity
}

/// Lion (Chen et al. 2023): steps of one size, in the direction of the sign of a running mean.
cell lion {
  /// The learning rate: the size of every step.
  setting rate: Float = 0.0001
  /// The weight of the running mean in the direction of the step.
  setting beta1: Float = 0.9
  /// How much of the running mean is kept from update to update.
  setting beta2: Float = 0.99
  /// The part of a parameter that an update takes away, in units of the learning rate.
  setting decay: Float = 0

  input parameter: Float
  input gradient: Float
  input count: Int
  state mean: Float = 0

  next mean = beta2 * mean + (1 - beta2) * gradient
  output updated = parameter * (1 - rate * decay) - rate * sign(beta1 * mean + (1 - beta1) * gradient)
}

/// AdaGrad (Duchi et al. 2011): the gradient over the root of the sum of all its squares.
cell adaGrad {
  /// The learning rate.
  setting rate: Float = 0.01
  /// Lowers the learning rate to `rate / (1 + (count - 1) * rateDecay)`.
  setting rateDecay: Float = 0
  /// Keeps the divisor away from 0.
  setting epsilon: Float = 1e-10
  /// The weight of the squared parameter, as a part of the loss.
  setting decay: Float = 0

  input parameter: Float
  input gradient: Float
  input count: Int
  state squares: Float = 0

  let slope = gradient + decay * parameter
  next squares = squares + square(slope)
  output updated = parameter - rate / (1 + (count - 1) * rateDecay) * slope / (sqrt(next squares) + epsilon)
}

"""#
    ),
    (
      name: "Primitives.graft",
      text: #"""
// THE rule table: the derivative of every primitive, one line each, in the notation of `inject`. Differentiation reads it and
// knows no primitive by name. `value` is the primitive's result, already computed. An `inject` in a model is a line put over this table.

// Arithmetic.
inject add'(a, b)      = (a: 1, b: 1)
inject subtract'(a, b) = (a: 1, b: -1)
inject multiply'(a, b) = (a: b, b: a)
inject divide'(a, b)   = (a: 1 / b, b: -value / b)
inject negate'(x)      = -1
inject abs'(x)         = sign(x)

// A power of whole `y` has a slope for negative `x` too; as a function of `y` it is defined for positive `x` alone.
inject power'(x, y)    = (x: if y == 0 { 0 } else { y * x ^ (y - 1) }, y: if x > 0 { value * log(x) } else { 0 })

// Of equals the first takes the whole gradient.
inject minimum'(a, b)  = (a: if a <= b { 1 } else { 0 }, b: if a <= b { 0 } else { 1 })
inject maximum'(a, b)  = (a: if a >= b { 1 } else { 0 }, b: if a >= b { 0 } else { 1 })

// Exponentials, logarithms, roots.
inject exp'(x)         = value
inject expm1'(x)       = value + 1
inject log'(x)         = 1 / x
inject log1p'(x)       = 1 / (1 + x)
inject sqrt'(x)        = 0.5 / value

// Circular and hyperbolic functions.
inject sin'(x)         = cos(x)
inject cos'(x)         = -sin(x)
inject tan'(x)         = 1 + value * value
inject asin'(x)        = 1 / sqrt((1 - x) * (1 + x))
inject acos'(x)        = -1 / sqrt((1 - x) * (1 + x))
inject atan'(x)        = 1 / (1 + x * x)
inject atan2'(y, x)    = (y: x / (x * x + y * y), x: -y / (x * x + y * y))
inject sinh'(x)        = cosh(x)
inject cosh'(x)        = sinh(x)
inject tanh'(x)        = 1 - value * value

// Functions with a bend, or a limit on either side.
inject sigmoid'(x)     = value * (1 - value)
inject softplus'(x)    = sigmoid(x)
inject erf'(x)         = 1.1283791670955126 * exp(-x * x)

// Piecewise constant: what `inject` is for.
inject floor'(x)       = 0
inject ceil'(x)        = 0
inject round'(x)       = 0
inject sign'(x)        = 0
inject step'(v)        = 0

"""#
    ),
    (
      name: "Surrogates.graft",
      text: #"""
// Surrogate slopes: what `inject step'(v) = …` puts in place of the slope of a spike. `v` is the distance from the threshold. Each is
// written so that no finite `v` gives an infinity or a NaN in Float. Defaults are those of the system that is named first.
//
// Systems: snnTorch, SpikingJelly, Norse, Sinabs, Rockpool, Spyx, BrainTools; FGI is "Forward Gradient Injection" (Otte 2024), BRF is
// "Balanced Resonate-and-Fire Neurons" (Higuchi et al. 2024). A surrogate whose plain name an activation owns ends in `Slope`.

// Flat.

/// 1 everywhere: the straight-through estimator (Bengio et al. 2013).
///
/// snnTorch, SpikingJelly.
func straightThrough(v: Float) -> Float { return 1 }

/// `a` where `|v| < 0.5 / a`, else 0: a box of area 1.
///
/// - `a`: height, and 1 over the width. SpikingJelly (Rect): 1.
func boxcar(v: Float, a: Float = 1) -> Float { return if abs(v) < 0.5 / a { a } else { 0 } }

/// `height` where `|v| <= width / 2`, else 0.
///
/// Spyx (Boxcar): width 2, height 0.5.
func boxcarScaled(v: Float, width: Float = 2, height: Float = 0.5) -> Float {
  return if abs(v) <= 0.5 * width { height } else { 0 }
}

// Triangles.

/// `max(0, a - a ^ 2 * |v|)`: a triangle of area 1.
///
/// - `a`: height, and 1 over half of the base. SpikingJelly (PiecewiseQuadratic), BrainTools: 1.
func triangle(v: Float, a: Float = 1) -> Float { return a * max(0, 1 - a * abs(v)) }

/// `height * max(0, 1 - |k * v|)`: a triangle whose height and width are given apart (Esser et al. 2016, Bellec et al. 2018).
///
/// FGI, BRF: height 1, k 1. Norse: height 0.3, k 1. Spyx: height 1, k 2.
func triangleScaled(v: Float, height: Float = 1, k: Float = 1) -> Float { return height * max(0, 1 - abs(k * v)) }

// Slopes of smooth steps.

/// `a * sigmoid(a * v) * (1 - sigmoid(a * v))`: the slope of `sigmoid(a * v)`.
///
/// - `a`: steepness. snnTorch: 25. SpikingJelly, BrainTools: 4.
func sigmoidSlope(v: Float, a: Float = 25) -> Float {
  let tail = sigmoid(-abs(a * v))
  return a * tail * (1 - tail)
}

/// `1 - tanh(k * v) ^ 2`. The slope of `tanh(k * v)` would be `k` times that.
///
/// - `k`: 1 over the width. Spyx: 1.
func tanhSlope(v: Float, k: Float = 1) -> Float {
  let t = tanh(k * v)
  return (1 - t) * (1 + t)
}

/// `1 / (1 + k * |v|) ^ 2`: SuperSpike (Zenke and Ganguli 2018).
///
/// - `k`: 1 over the width. snnTorch: 25. Norse: 1, whatever its parameter says. Spyx: 25. BrainTools: 100.
func fastSigmoid(v: Float, k: Float = 25) -> Float { return 1 / square(1 + k * abs(v)) }

/// `fastSigmoid(v, k)` where `v > b`, else 0 (Perez-Nieves and Goodman 2021).
///
/// - `k`: 1 over the width; `b`: where the slope begins. snnTorch: k 25, b 1.
func sparseFastSigmoid(v: Float, k: Float = 25, b: Float = 1) -> Float { return if v > b { fastSigmoid(v, k) } else { 0 } }

/// `a / (2 * (1 + a * |v|) ^ 2)`: the slope of `(softsign(a * v) + 1) / 2`.
///
/// - `a`: steepness. SpikingJelly: 2. BrainTools: 1.
func softsignSlope(v: Float, a: Float = 2) -> Float { return 0.5 * a / square(1 + a * abs(v)) }

/// `(a / 2) / (1 + (pi * a * v / 2) ^ 2)`: the slope of `atan(pi * a * v / 2) / pi + 1 / 2` (Fang et al. 2021).
///
/// - `a`: steepness. snnTorch: 2. SpikingJelly: 2. BrainTools: 1.
func arctan(v: Float, a: Float = 2) -> Float { return 0.5 * a / (1 + square(0.5 * pi * a * v)) }

/// `1 / (pi * (1 + (pi * k * v) ^ 2))`.
///
/// - `k`: 1 over the width. Spyx: 2.
func arctanNormalised(v: Float, k: Float = 2) -> Float { return 1 / (pi * (1 + square(pi * k * v))) }

/// `a / sqrt(pi) * exp(-a ^ 2 * v ^ 2)`: the slope of `(1 + erf(a * v)) / 2`.
///
/// - `a`: steepness. SpikingJelly: 2. BrainTools: 1.
func erfSlope(v: Float, a: Float = 2) -> Float { return 0.5641895835477563 * a * exp(-square(a * v)) }

/// `a ^ 3 / (v ^ 2 + a ^ 2) ^ 1.5`: the slope of a circular arc.
///
/// - `a`: width. Norse takes it from its neuron; 1 here.
func circular(v: Float, a: Float = 1) -> Float {
  let squares = 1 + square(v / a)
  return 1 / squares / sqrt(squares)
}

// Gaussians.

/// `exp(-v ^ 2 / (2 * deviation ^ 2))`: a Gaussian of height 1.
///
/// FGI: 1.
func gaussian(v: Float, deviation: Float = 1) -> Float { return exp(-0.5 * square(v / deviation)) }

/// `scale` times the normal density of `v`: a Gaussian of area `scale`.
///
/// Sinabs: mean 0, deviation 0.5, scale 1.
func gaussianDensity(v: Float, mean: Float = 0, deviation: Float = 0.5, scale: Float = 1) -> Float {
  return scale * 0.3989422804014327 / deviation * gaussian(v - mean, deviation)
}

/// `g * ((1 + p) * gaussian(v, narrow) - 2 * p * gaussian(v, wide))`: negative on both sides of the threshold.
///
/// FGI: p 0.3, narrow 0.5, wide 1, g 1. BRF: p 0.15, narrow 0.5, wide 3, g 0.5.
func doubleGaussian(v: Float, p: Float = 0.3, narrow: Float = 0.5, wide: Float = 1, g: Float = 1) -> Float {
  return g * ((1 + p) * gaussian(v, narrow) - 2 * p * gaussian(v, wide))
}

/// `c * ((1 + h) * N(v; 0, s) - h * N(v; s, k * s) - h * N(v; -s, k * s))`, `N` being the normal density (Yin et al. 2021).
///
/// Sinabs: h 0.15, k 6, s 0.5, c 1. BrainTools: c 0.5.
func multiGaussian(v: Float, h: Float = 0.15, k: Float = 6, s: Float = 0.5, c: Float = 1) -> Float {
  let middle = gaussianDensity(v, 0, s)
  let sides = gaussianDensity(v, s, k * s) + gaussianDensity(v, -s, k * s)
  return c * ((1 + h) * middle - h * sides)
}

// Exponentials.

/// `a / 2 * exp(-a * |v|)`: of area 1 (SLAYER, Shrestha and Orchard 2018).
///
/// - `a`: 1 over the width. SpikingJelly (SoftExponential), BrainTools: 1.
func slayer(v: Float, a: Float = 1) -> Float { return 0.5 * a * exp(-abs(a * v)) }

/// `exp(-a * |v|)`: of height 1.
///
/// - `a`: 1 over the width. FGI: 1.
func exponential(v: Float, a: Float = 1) -> Float { return exp(-abs(a * v)) }

/// `k * exp(-b * |v - 1|)`: the probability of a spike in a noisy neuron, about a threshold of 1.
///
/// - `b`: 1 over the width; `k`: height. snnTorch (SpikeRateEscape): b 1, k 25.
func escapeRate(v: Float, b: Float = 1, k: Float = 25) -> Float { return k * exp(-b * abs(v - 1)) }

// In pieces.

/// `k` where `v >= 0`, else `leak`.
///
/// SpikingJelly (LeakyKReLU): k 1, leak 0.
func leakyReluSlope(v: Float, k: Float = 1, leak: Float = 0) -> Float { return if v >= 0 { k } else { leak } }

/// `1 / (2 * w)` where `|v| <= w`, else `c`.
///
/// - `w`: half of the width; `c`: the slope outside. SpikingJelly (PiecewiseLeakyReLU), BrainTools: w 1, c 0.01.
func piecewiseLeaky(v: Float, w: Float = 1, c: Float = 0.01) -> Float { return if abs(v) <= w { 0.5 / w } else { c } }

/// `a` where `v <= 0`, 1 up to `v = 1`, then `1 / v` (Cai et al. 2017).
///
/// - `a`: the slope below the threshold. SpikingJelly (LogTailedReLU), BrainTools: 0.
func logTailedRelu(v: Float, a: Float = 0) -> Float {
  return if v <= 0 { a } else if v <= 1 { 1 } else { 1 / v }
}

/// `1 / (1 / a + |v|)`: the slope of `sign(v) * log(1 + |a * v|)`.
///
/// - `a`: height. SpikingJelly (NonzeroSignLogAbs), BrainTools: 1.
func nonzeroSignLog(v: Float, a: Float = 1) -> Float { return 1 / (1 / a + abs(v)) }

/// `sigmoidSlope(v, a)` where `v < 0`, else `b / (v + 1)` (S2NN, Suetake et al. 2022).
///
/// - `a`: steepness below the threshold; `b`: height above. SpikingJelly, BrainTools: a 4, b 1.
func s2nn(v: Float, a: Float = 4, b: Float = 1) -> Float { return if v < 0 { sigmoidSlope(v, a) } else { b / (v + 1) } }

/// `(1 + 2 * |v| / (a - 1)) ^ (-a)` (Herranz-Celotti and Rouat 2022).
///
/// - `a`: how fast the tails fall, above 1. SpikingJelly (QPseudoSpike): 2.
func qPseudoSpike(v: Float, a: Float = 2) -> Float { return (1 + 2 * abs(v) / (a - 1)) ^ (-a) }

/// `4 / period * sum(cos((2 * i - 1) * 2 * pi * v / period))` over `i` from 1 to `n`: the slope of the Fourier series of a square wave.
///
/// BrainTools: n 2, period 8. SpikingJelly's n is one more.
func squareWaveFourier(v: Float, n: Int = 2, period: Float = 8) -> Float {
  // Whole turns are taken away first, so that no angle is too large.
  let turns = v / period
  let angle = 2 * pi * (turns - round(turns))
  return 4 / period * sum(i in n: cos((2 * i + 1) * angle))
}

// With the threshold in sight: for rules `inject fires'(v, threshold) = (v: …, threshold: …)`. Here `v` is the potential itself.

/// `1 / threshold` where `v >= threshold - w`, else 0: the slope with respect to the potential `v`.
///
/// - `w`: how far below the threshold the slope begins. Sinabs (Heaviside): 1. Rockpool (StepPWL): 0.5.
func piecewiseLinear(v: Float, threshold: Float, w: Float = 1) -> Float {
  return if v >= threshold - w { 1 / threshold } else { 0 }
}

/// `-v / threshold ^ 2` where `v >= threshold - w`, else 0: the slope with respect to the threshold that belongs to `piecewiseLinear`.
///
/// Rockpool (StepPWL): 0.5.
func piecewiseLinearThreshold(v: Float, threshold: Float, w: Float = 1) -> Float {
  return if v >= threshold - w { -v / square(threshold) } else { 0 }
}

/// `exp(-d / w) / threshold`, `d` being the distance of the potential `v` from the nearest whole multiple of the threshold, 1 or more:
/// for neurons that may spike more than once a step (`firesTimes`; Weidel and Sheik 2021).
///
/// - `w`: width. Sinabs, Rockpool: 0.5.
func periodicExponential(v: Float, threshold: Float = 1, w: Float = 0.5) -> Float {
  let nearest = threshold * max(1, round(v / threshold))
  return exp(-abs(v - nearest) / w) / threshold
}

"""#
    ),
  ]
}
