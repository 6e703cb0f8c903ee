"""The table of cases: what is measured, on which sizes, against whom."""

from building import Case, Ceiling, Generated, Python

CPUS = {"plain": "baseline", "v3": "x86-64-v3", "v4": "x86-64-v4"}
GENERATED = tuple(Generated(f"generated, {name}", cpu) for name, cpu in CPUS.items())
TORCH = (
    Python("PyTorch, custom backward", "torch_side", "custom"),
    Python("PyTorch, detach", "torch_side", "detach"),
    Python("TorchScript, detach", "torch_side", "script"),
)
COMPILED = Python("torch.compile", "torch_side", "compile", quick=False)
JAX = Python("JAX", "jax_side")

# Spikes are equal on dyadic data; then what is left is the order of sums.
SPIKING = {"loss": 2e-5, "logits": 2e-5, "gradient": 2e-5}
# Functions of vectors within a few units in the last place, over a hundred steps.
SMOOTH = {"loss": 2e-5, "logits": 2e-5, "gradient": 2e-5}


def alif() -> list[Case]:
    ceiling = tuple(Ceiling(f"ceiling, {name}", cpu, ("Ceiling/Model.swift", "Ceiling/Kernels.swift")) for name, cpu in CPUS.items())
    rows = [(time, 10) for time in (28, 49, 98, 196, 392, 784)] + [(784, 0), (784, 2), (784, 30)]
    return [
        Case(
            name=f"SequentialALIF, T {time}, {percent}% spikes",
            folder="SequentialALIF",
            model="Examples/Models/SequentialALIF.graft",
            main="Network.swift",
            sizes={"batch": 128, "time": time, "inputs": 784 // time, "percent": percent},
            fixed=("inputs",),
            flags=("-DINPUTS", f"-DIN{784 // time}") if time < 784 else (),
            sides=GENERATED + ceiling + TORCH + ((COMPILED,) if time == 28 else ()) + (JAX,),
            threads=2,
            tolerances=SPIKING,
            samples="logits",
            quick=(time, percent) in ((28, 10), (784, 10)),
        )
        for time, percent in rows
    ]


def gated() -> list[Case]:
    ceiling = tuple(Ceiling(f"ceiling, {name}", cpu, ("support/GatedCeiling.swift", "Ceiling/Kernels.swift")) for name, cpu in CPUS.items())
    peers = (Python("PyTorch", "torch_side", "steps"), Python("PyTorch, own module", "torch_side", "own"), JAX)
    return [
        Case(
            name=name,
            folder=f"Sequence{name}",
            model=f"Benchmarks/cases/Sequence{name}/Sequence{name}.graft",
            main="Network.swift",
            sizes={"batch": 128, "time": 100},
            sides=GENERATED + ceiling + peers,
            threads=2,
            reference="PyTorch",
            tolerances=SMOOTH,
            quick=name == "LSTM",
        )
        for name in ("GRU", "LSTM")
    ]


CASES = alif() + gated()
