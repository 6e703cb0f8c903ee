import ModelDSL

/// What one model file becomes: procedures with the part that each input and result plays. Made by lowering and differentiation, read by
/// emission, by `evaluate` and by `verify`.
public struct Module: Sendable {
  /// The Swift namespace: the file's name in UpperCamelCase. A model of that name is the namespace itself.
  public var namespace: String
  public var precision: Precision
  /// The first file-level doc comment is not copied; each entry has its own.
  public var functions: [FunctionEntry]
  public var models: [ModelEntry]
  public init(namespace: String, precision: Precision, functions: [FunctionEntry], models: [ModelEntry]) {
    self.namespace = namespace
    self.precision = precision
    self.functions = functions
    self.models = models
  }
}

/// A function named by `derive` lines, with everything that they ask for.
public struct FunctionEntry: Sendable {
  public var name: String
  public var documentation: [String]
  /// Value alone: always there (also where no `derive value` asks to emit it), for `evaluate` and `verify`.
  public var primal: EntryPoint
  /// What is emitted, in the order of the `derive` lines.
  public var emitted: [EntryPoint]
  public init(name: String, documentation: [String], primal: EntryPoint, emitted: [EntryPoint]) {
    self.name = name
    self.documentation = documentation
    self.primal = primal
    self.emitted = emitted
  }
}

/// One procedure to be emitted as one Swift function.
public struct EntryPoint: Sendable {
  public enum InputRole: Hashable, Sendable {
    /// A parameter of the function.
    case argument
    /// `vjp`: the cotangent of one result; the label where the value is a tuple.
    case cotangent(label: String?)
    /// `jvp`, `hvp`: the tangent of a variable.
    case tangent(of: String)
  }
  public enum ResultRole: Hashable, Sendable {
    /// The value, or one element of a tuple; unlabelled elements of a tuple are named by their place, from 0.
    case value(label: String?)
    /// `gradient`, `vjp`: what belongs to a variable.
    case gradient(of: String)
    /// `jvp`: the tangent of one result.
    case tangent(label: String?)
    /// `jacobian`: axes of the value, then of the variable.
    case jacobian(label: String?, wrt: String)
    case hessian(String, String)
    /// `hvp`: the Hessian's product with the tangents.
    case product(of: String)
    /// `sparse jacobian`: the values of a block of `blocks` in all iterations; then the first column of each iteration's block.
    case blockValues(Int)
    case blockColumns(Int)
  }
  public var kind: DerivativeKind
  /// The Swift name: `f`, `fGradient`, `fVJP`, `fJVP`, `fJacobian`, `fHessian`, `fHVP`, or the alias.
  public var name: String
  public var procedure: Procedure
  /// As many as `procedure.inputs`.
  public var inputRoles: [InputRole]
  /// As many as the results.
  public var resultRoles: [ResultRole]
  /// What it is a derivative of, as lowered: for `verify`. Set where the entry stands without a `FunctionEntry` around it.
  public var primal: Procedure?
  /// `sparse jacobian`: what the blocks are.
  public var blocks: [SparseBlock] = []
  public init(
    kind: DerivativeKind, name: String, procedure: Procedure, inputRoles: [InputRole], resultRoles: [ResultRole], blocks: [SparseBlock] = []
  ) {
    self.blocks = blocks
    self.kind = kind
    self.name = name
    self.procedure = procedure
    self.inputRoles = inputRoles
    self.resultRoles = resultRoles
  }
}

public struct ModelEntry: Sendable {
  public struct Parameter: Sendable {
    /// `membrane`, `first.feed`
    public var path: String
    public var shape: [Int]
    public var initializer: Initializer
    public var documentation: [String]
    public init(path: String, shape: [Int], initializer: Initializer, documentation: [String]) {
      self.path = path
      self.shape = shape
      self.initializer = initializer
      self.documentation = documentation
    }
    public var count: Int { shape.reduce(1, *) }
  }
  public struct Setting: Sendable {
    public var path: String
    public var element: Element
    public var value: Constant
    public var documentation: [String]
    public init(path: String, element: Element, value: Constant, documentation: [String]) {
      self.path = path
      self.element = element
      self.value = value
      self.documentation = documentation
    }
  }
  /// The update of one number by the optimiser. Inputs: the parameter, its gradient, the states in order, `count` (an integer, 1 at the first
  /// update), then the model's settings in order. Results: the new parameter, then the new states. All are numbers.
  public struct Optimizer: Sendable {
    /// `adam`
    public var name: String
    public var states: [String]
    public var initial: [Double]
    public var update: Procedure
    public init(name: String, states: [String], initial: [Double], update: Procedure) {
      self.name = name
      self.states = states
      self.initial = initial
      self.update = update
    }
  }

  public var name: String
  public var documentation: [String]
  public var fixedSizes: [(name: String, value: Int, documentation: [String])]
  /// The batch axis: first of every input and output.
  public var batch: SizeSymbol
  /// The other sizes known at the call.
  public var sizes: [SizeSymbol]
  public var parameters: [Parameter]
  public var settings: [Setting]
  /// Inputs: parameters, settings, then the model's inputs with the batch as first axis. Results: the outputs, batch first.
  public var predict: Procedure
  /// The same inputs. Results: the loss (mean over the batch).
  public var loss: Procedure?
  /// The same inputs. Results: the loss, then the gradient of each parameter.
  public var lossAndGradient: Procedure?
  public var optimizer: Optimizer?
  /// `derive` lines about the model's values (`M.loss`, an output): as for functions; the inputs are those of `predict`.
  public var derived: [EntryPoint]
  /// `derive stream`: one step for one sample. Inputs: parameters, settings, the states in order, the number of this step (an integer, from 1), the step's
  /// inputs. Results: the new states, then the outputs as if the loop ended here.
  public var stream: Stream?

  /// Beside `stream`: loss and gradient over a part of a sequence, from given states to the next ones (truncated backpropagation through time). The
  /// given states count as constants: no gradient flows into the part before. Inputs: parameters, settings, the states with the batch as first
  /// axis, then the model's inputs. Results: the loss, the gradient of each parameter, then the states after the part.
  public var segment: Procedure?

  public struct Stream: Sendable {
    public struct State: Sendable {
      public var name: String
      public var type: ValueType
      public init(name: String, type: ValueType) {
        self.name = name
        self.type = type
      }
    }
    public var states: [State]
    /// The states before the first step. Inputs: parameters, settings.
    public var start: Procedure
    public var step: Procedure
    public init(states: [State], start: Procedure, step: Procedure) {
      self.states = states
      self.start = start
      self.step = step
    }
  }

  public init(
    name: String, documentation: [String], fixedSizes: [(name: String, value: Int, documentation: [String])], batch: SizeSymbol,
    sizes: [SizeSymbol], parameters: [Parameter], settings: [Setting], predict: Procedure, loss: Procedure?, lossAndGradient: Procedure?,
    optimizer: Optimizer?, derived: [EntryPoint], stream: Stream?, segment: Procedure? = nil
  ) {
    self.name = name
    self.documentation = documentation
    self.fixedSizes = fixedSizes
    self.batch = batch
    self.sizes = sizes
    self.parameters = parameters
    self.settings = settings
    self.predict = predict
    self.loss = loss
    self.lossAndGradient = lossAndGradient
    self.optimizer = optimizer
    self.derived = derived
    self.stream = stream
    self.segment = segment
  }
}
