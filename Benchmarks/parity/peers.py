"""The neurons and surrogates of other libraries, by their own code, in float64."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch

# Libraries make their constants when they are imported, in this precision.
torch.set_default_dtype(torch.float64)

WIDTH = 16  # neurons

Traces = dict[str, list[torch.Tensor]]


@dataclass
class Neuron:
    """One neuron in both worlds: `lines` are the loop body of a model, `run` is the library's own step, over and over."""

    library: str
    peer: str
    function: str  # of Graft's library
    lines: list[str]
    states: dict[str, float]  # each with its start; all are compared
    slope: str
    run: Callable[[torch.Tensor, dict[str, torch.Tensor]], Traces]
    parameters: dict[str, float | np.ndarray] = field(default_factory=dict)  # one with a dot in its name is of a cell in `cells`
    convention: str = ""
    drive: tuple[float, float] = (0.3, 0.8)  # mean and deviation of the input
    tolerance: float = 1e-10
    cells: list[str] = field(default_factory=list)


@dataclass
class Surrogate:
    library: str
    peer: str
    slope: str
    spike: Callable[[], Callable[[torch.Tensor], torch.Tensor]]
    convention: str = ""


def traced(names: list[str], x: torch.Tensor, step: Callable[[torch.Tensor], tuple]) -> Traces:
    rows = [step(now) for now in x]
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


# snnTorch


def snntorch_neurons() -> list[Neuron]:
    snn = importlib.import_module("snntorch")

    def leaky(reset: str) -> Callable:
        def run(x: torch.Tensor, p: dict) -> Traces:
            layer, u = snn.Leaky(beta=p["decay"], reset_mechanism=reset), [torch.zeros_like(x[0])]

            def step(now: torch.Tensor) -> tuple:
                z, u[0] = layer(now, u[0])
                return z, u[0]

            return traced(["z", "u"], x, step)

        return run

    def rleaky(x: torch.Tensor, p: dict) -> Traces:
        layer = snn.RLeaky(beta=p["decay"], V=p["weight"], all_to_all=False)
        # `V` is made a Parameter of its own; the gradient is wanted of ours.
        del layer.recurrent.V
        layer.recurrent.V = p["weight"]
        z, u = [torch.zeros_like(x[0])], [torch.zeros_like(x[0])]

        def step(now: torch.Tensor) -> tuple:
            z[0], u[0] = layer(now, z[0], u[0])
            return z[0], u[0]

        return traced(["z", "u"], x, step)

    def lapicque(x: torch.Tensor, p: dict) -> Traces:
        layer, u = snn.Lapicque(R=p["r"], C=p["c"]), [torch.zeros_like(x[0])]

        def step(now: torch.Tensor) -> tuple:
            z, u[0] = layer(now, u[0])
            return z, u[0]

        return traced(["z", "u"], x, step)

    def synaptic(x: torch.Tensor, p: dict) -> Traces:
        layer = snn.Synaptic(alpha=p["synapse"], beta=p["decay"])
        i, u = [torch.zeros_like(x[0])], [torch.zeros_like(x[0])]

        def step(now: torch.Tensor) -> tuple:
            z, i[0], u[0] = layer(now, i[0], u[0])
            return z, i[0], u[0]

        return traced(["z", "i", "u"], x, step)

    # Of as many neurons as inputs: only then does snnTorch keep the state from step to step.
    # The threshold is exact in float32, which snnTorch resets by.
    def slstm(x: torch.Tensor, p: dict) -> Traces:
        layer = snn.SLSTM(WIDTH, WIDTH, threshold=0.125, reset_mechanism="subtract")
        peers = {"inputWeight": "weight_ih", "recurrentWeight": "weight_hh", "inputBias": "bias_ih", "recurrentBias": "bias_hh"}
        for name, peer in peers.items():
            delattr(layer.lstm_cell, peer)
            value = p[f"lstm.{name}"]
            setattr(layer.lstm_cell, peer, value.reshape(4 * WIDTH, *value.shape[2:]))
        c, h = [torch.zeros_like(x[:1])], [torch.zeros_like(x[:1])]

        def step(now: torch.Tensor) -> tuple:
            z, c[0], h[0] = layer(now[None], c[0], h[0])
            return (z[0],)

        return traced(["z"], x, step)

    random = np.random.default_rng(3)
    weights = {f"lstm.{name}Weight": random.normal(0, 0.5, (4, WIDTH, WIDTH)) for name in ("input", "recurrent")}
    biases = {f"lstm.{name}Bias": random.normal(0, 0.5, (4, WIDTH)) for name in ("input", "recurrent")}
    rest = {"z": 0.0, "u": 0.0}
    return [
        Neuron(
            "snnTorch", "SLSTM, subtract", "SpikingLSTM", ["next z = lstm(x[t])"],
            {"z": 0.0}, "arctan(v)", slstm, weights | biases, "snnTorch keeps the state only where there are as many neurons as inputs",
            cells=["let lstm = SpikingLSTM(inputs: n, width: n, threshold: 0.125)"],
        ),
        Neuron(
            "snnTorch", "Leaky, subtract", "lifDelayed", ["next (z, u) = lifDelayed(x[t], u, decay)"],
            rest, "arctan(v)", leaky("subtract"), {"decay": 0.9},
        ),
        Neuron(
            "snnTorch", "Leaky, zero", "lifDelayedToZero", ["next (z, u) = lifDelayedToZero(x[t], u, decay)"],
            rest, "arctan(v)", leaky("zero"), {"decay": 0.9},
        ),
        Neuron(
            "snnTorch", "RLeaky, one to one", "lifDelayed", ["next (z, u) = lifDelayed(x[t] + weight * z, u, decay)"],
            rest, "arctan(v)", rleaky, {"decay": 0.9, "weight": -0.4},
            "the feedback is written by the caller; snnTorch's spikes, and so what flows back to them, are float32", tolerance=1e-6,
        ),
        Neuron(
            "snnTorch", "Lapicque", "lifDelayed", ["next (z, u) = lifDelayed(x[t] / c, u, 1 - 1 / (r * c))"],
            rest, "arctan(v)", lapicque, {"r": 5.0, "c": 1.5}, "decay 1 - 1 / (R C), input x / C",
        ),
        Neuron(
            "snnTorch", "Synaptic", "cuba", ["next (z, i, u) = cuba(x[t], i, u, synapse, decay)"],
            {"z": 0.0, "i": 0.0, "u": 0.0}, "arctan(v)", synaptic, {"synapse": 0.7, "decay": 0.8},
        ),
    ]


def snntorch_surrogates() -> list[Surrogate]:
    surrogate = importlib.import_module("snntorch").surrogate
    return [
        Surrogate("snnTorch", "straight_through_estimator", "straightThrough(v)", surrogate.straight_through_estimator),
        Surrogate("snnTorch", "fast_sigmoid", "fastSigmoid(v)", surrogate.fast_sigmoid),
        Surrogate("snnTorch", "atan", "arctan(v)", surrogate.atan),
        Surrogate("snnTorch", "sigmoid", "sigmoidSlope(v)", surrogate.sigmoid),
        Surrogate("snnTorch", "spike_rate_escape", "escapeRate(v)", surrogate.spike_rate_escape),
        Surrogate("snnTorch", "SFS, B 0.2", "sparseFastSigmoid(v, b: 0.2)", lambda: surrogate.SFS(B=0.2)),
    ]


# SpikingJelly


def spikingjelly_neurons() -> list[Neuron]:
    neuron = importlib.import_module("spikingjelly.activation_based.neuron")

    def run(make: Callable[[dict], torch.nn.Module]) -> Callable:
        def all_steps(x: torch.Tensor, p: dict) -> Traces:
            layer = make(p)

            def step(now: torch.Tensor) -> tuple:
                z = layer(now)
                return z, layer.v

            return traced(["z", "v"], x, step)

        return all_steps

    def parametric(p: dict) -> torch.nn.Module:
        layer = neuron.ParametricLIFNode()
        del layer.w
        layer.w = p["w"]
        return layer

    rest, reset = {"z": 0.0, "v": 0.0}, {"z": 0.0, "v": -0.1}
    slope, name = "sigmoidSlope(v, a: 4)", "SpikingJelly"
    return [
        Neuron(
            name, "LIFNode, hard reset", "lifHardReset", ["next (z, v) = lifHardReset(x[t], v)"],
            rest, slope, run(lambda p: neuron.LIFNode()), drive=(0.8, 1.5),
        ),
        Neuron(
            name, "LIFNode, hard reset to -0.1", "lifHardReset", ["next (z, v) = lifHardReset(x[t], v, tau: 3, rest: -0.1)"],
            reset, slope, run(lambda p: neuron.LIFNode(tau=3.0, v_reset=-0.1)),
            convention="rest and reset are one number", drive=(0.8, 1.5),
        ),
        Neuron(
            name, "LIFNode, soft reset", "lifSoftReset", ["next (z, v) = lifSoftReset(x[t], v)"],
            rest, slope, run(lambda p: neuron.LIFNode(v_reset=None)), drive=(0.8, 1.5),
        ),
        Neuron(
            name, "ParametricLIFNode", "plif", ["next (z, v) = plif(x[t], v, w)"],
            rest, slope, run(parametric), {"w": -0.3}, drive=(0.8, 1.5),
        ),
        Neuron(
            name, "QIFNode", "qif", ["next (z, v) = qif(x[t], v)"],
            reset, slope, run(lambda p: neuron.QIFNode()), drive=(0.8, 1.5),
        ),
        Neuron(
            name, "EIFNode", "eif", ["next (z, v) = eif(x[t], v)"],
            reset, slope, run(lambda p: neuron.EIFNode()), drive=(0.3, 1.5),
        ),
    ]


def spikingjelly_surrogates() -> list[Surrogate]:
    surrogate = importlib.import_module("spikingjelly.activation_based.surrogate")
    rows = [
        ("PiecewiseQuadratic", "triangle(v)", ""),
        ("PiecewiseExp", "slayer(v)", ""),
        ("Sigmoid", "sigmoidSlope(v, a: 4)", ""),
        ("SoftSign", "softsignSlope(v)", ""),
        ("SuperSpike", "fastSigmoid(v, k: 1)", "alpha is a height; the width is 1"),
        ("ATan", "arctan(v)", ""),
        ("NonzeroSignLogAbs", "nonzeroSignLog(v)", ""),
        ("Erf", "erfSlope(v)", ""),
        ("PiecewiseLeakyReLU", "piecewiseLeaky(v)", ""),
        ("SquarewaveFourierSeries", "squareWaveFourier(v, n: 1)", "n is one more than the number of terms"),
        ("S2NN", "s2nn(v)", ""),
        ("QPseudoSpike", "qPseudoSpike(v)", ""),
        ("LeakyKReLU", "leakyReluSlope(v)", ""),
        ("LogTailedReLU", "logTailedRelu(v)", ""),
        ("Rect", "boxcar(v)", ""),
    ]
    return [Surrogate("SpikingJelly", peer, slope, getattr(surrogate, peer), convention) for peer, slope, convention in rows]


# Norse


def norse_neurons() -> list[Neuron]:
    functional = "norse.torch.functional"
    box = importlib.import_module(f"{functional}.lif_box")
    readout = importlib.import_module(f"{functional}.leaky_integrator_box")
    reset = importlib.import_module(f"{functional}.reset")
    lif = importlib.import_module(f"{functional}.lif")
    adex = importlib.import_module(f"{functional}.lif_adex")
    izhikevich = importlib.import_module(f"{functional}.izhikevich")

    def boxed(how: Callable) -> Callable:
        def run(x: torch.Tensor, p: dict) -> Traces:
            state, parameters = [box.LIFBoxFeedForwardState(v=torch.zeros_like(x[0]))], box.LIFBoxParameters(reset_method=how)

            def step(now: torch.Tensor) -> tuple:
                z, state[0] = box.lif_box_feed_forward_step(now, state[0], parameters)
                return z, state[0].v

            return traced(["z", "v"], x, step)

        return run

    def integrator(x: torch.Tensor, p: dict) -> Traces:
        state = [readout.LIBoxState(torch.zeros_like(x[0]))]

        def step(now: torch.Tensor) -> tuple:
            _, state[0] = readout.li_box_feed_forward_step(now, state[0])
            return (state[0].v,)

        return traced(["v"], x, step)

    # The current is kept after its decay; `synapse` is 1 - dt / tau, 0.8.
    def current(x: torch.Tensor, p: dict) -> Traces:
        state = [lif.LIFFeedForwardState(torch.zeros_like(x[0]), torch.zeros_like(x[0]))]

        def step(now: torch.Tensor) -> tuple:
            z, state[0] = lif.lif_feed_forward_step(now, state[0], lif.LIFParameters())
            return z, state[0].v, state[0].i / 0.8

        return traced(["z", "v", "i"], x, step)

    def exponential(x: torch.Tensor, p: dict) -> Traces:
        zero = torch.zeros_like(x[0])
        state = [adex.LIFAdExFeedForwardState(zero, zero, zero)]

        def step(now: torch.Tensor) -> tuple:
            z, state[0] = adex.lif_adex_feed_forward_step(now, state[0], adex.LIFAdExParameters())
            return z, state[0].v, state[0].i / 0.8, state[0].a

        return traced(["z", "v", "i", "a"], x, step)

    def quadratic(x: torch.Tensor, p: dict) -> Traces:
        parameters = izhikevich.IzhikevichParameters(a=0.02, b=0.2, c=-65, d=8)
        state = [izhikevich.IzhikevichState(torch.full_like(x[0], -65.0), torch.full_like(x[0], -13.0))]

        def step(now: torch.Tensor) -> tuple:
            z, state[0] = izhikevich.izhikevich_feed_forward_step(now, state[0], parameters)
            return z, state[0].v, state[0].u

        return traced(["z", "v", "u"], x, step)

    decay, slope = "1 - dt / tau_mem", "fastSigmoid(v, k: 1)"
    synapse = "the synaptic current is written by the caller, and kept before its decay"
    rest = {"z": 0.0, "v": 0.0}
    return [
        Neuron(
            "Norse", "li_box", "leaky", ["next v = leaky(x[t], v, decay: 0.9)"],
            {"v": 0.0}, slope, integrator, convention=f"decay is {decay}",
        ),
        Neuron(
            "Norse", "lif_box, reset_subtract", "lif", ["next (z, v) = lif(x[t], v, decay: 0.9)"],
            rest, slope, boxed(reset.reset_subtract), convention=f"decay is {decay}", drive=(2, 6),
        ),
        Neuron(
            "Norse", "lif_box, reset_value", "lifHardReset", ["next (z, v) = lifHardReset(x[t], v, tau: 10)"],
            rest, slope, boxed(reset.reset_value),
            convention="tau is tau_mem / dt; Norse does not spike at exactly the threshold", drive=(2, 6),
        ),
        Neuron(
            "Norse", "lif", "lifHardReset", ["next i = 0.8 * i + x[t]", "next (z, v) = lifHardReset(next i, v, tau: 10)"],
            rest | {"i": 0.0}, slope, current, convention=synapse, drive=(1, 3),
        ),
        Neuron(
            "Norse", "lif_adex", "adex", ["next i = 0.8 * i + x[t]", "next (z, v, a) = adex(next i, v, a)"],
            rest | {"i": 0.0, "a": 0.0}, slope, exponential, convention=synapse, drive=(1, 3),
        ),
        Neuron(
            "Norse", "izhikevich", "izhikevich", ["next (z, v, u) = izhikevich(x[t], v, u)"],
            {"z": 0.0, "v": -65.0, "u": -13.0}, slope, quadratic, convention="dt is dt * tau_inv", drive=(60, 60),
        ),
    ]


def norse_surrogates() -> list[Surrogate]:
    threshold = importlib.import_module("norse.torch.functional.threshold").threshold

    def method(name: str, alpha: float) -> Callable:
        return lambda: lambda v: threshold(v, name, alpha)

    return [
        Surrogate("Norse", "super", "fastSigmoid(v, k: 1)", method("super", 100.0), "Norse 1.1.0 does not read its alpha: k is 1"),
        Surrogate("Norse", "triangle", "triangleScaled(v, height: 0.3)", method("triangle", 0.3)),
        Surrogate("Norse", "tanh", "tanhSlope(v, k: 2)", method("tanh", 2.0)),
        Surrogate("Norse", "circ", "circular(v, a: 0.7)", method("circ", 0.7)),
        Surrogate("Norse", "heavi_erfc", "erfSlope(v, a: 2)", method("heavi_erfc", 2.0), "Norse's is 2 / k times that: 1 times at k 2"),
    ]


LIBRARIES = {
    "snntorch": (snntorch_neurons, snntorch_surrogates),
    "spikingjelly": (spikingjelly_neurons, spikingjelly_surrogates),
    "norse": (norse_neurons, norse_surrogates),
}


def neuron_outcome(neuron: Neuron, x: np.ndarray, weights: dict[str, np.ndarray]) -> tuple[dict, dict]:
    """Every state at every step, and the gradient of their weighted sum."""
    inputs = torch.tensor(x, requires_grad=True)
    parameters = {name: torch.tensor(value, requires_grad=True) for name, value in neuron.parameters.items()}
    traces = {name: torch.stack(steps) for name, steps in neuron.run(inputs, parameters).items()}
    sum((torch.tensor(weights[name]) * trace).sum() for name, trace in traces.items()).backward()
    gradient = {"x": inputs.grad} | {name: value.grad for name, value in parameters.items()}
    numbers = lambda values: {name: value.detach().numpy().astype(np.float64) for name, value in values.items()}
    return numbers(traces), numbers(gradient)


def surrogate_outcome(surrogate: Surrogate, v: np.ndarray) -> np.ndarray:
    inputs = torch.tensor(v, requires_grad=True)
    surrogate.spike()(inputs).sum().backward()
    return inputs.grad.numpy()
