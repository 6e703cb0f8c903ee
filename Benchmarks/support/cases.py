"""The table of cases: what is measured, on which sizes, against whom."""

from building import Case, Ceiling, Cpp, Generated, Python

CPUS = {"plain": "baseline", "v3": "x86-64-v3", "v4": "x86-64-v4"}
GENERATED = tuple(Generated(f"generated, {name}", cpu) for name, cpu in CPUS.items())
TORCH = (
    Python("PyTorch, custom backward", "torch_side", "custom"),
    Python("PyTorch, detach", "torch_side", "detach", quick=False),
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
            # The ceiling adds the readout's gradient up in one Float: at 30% spikes it is 2e-5 from float64 (PyTorch 5e-7).
            slack={"ceiling": 2.5} if percent == 30 else {},
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


def functions() -> list[Case]:
    rows = [
        (f"GaussianMixture, d {d}", "GaussianMixture", "Examples/Models/GaussianMixture.graft", {"d": d, "k": 25, "n": 1000}, "derive value of logPosterior")
        for d in (10, 32)
    ]
    sizes = {"cameras": 49, "points": 7776, "observations": 31843}
    rows.append(("BundleAdjustment", "BundleAdjustment", "Examples/Models/BundleAdjustment.graft", sizes, "derive value of residuals"))
    # Of 1,000 numbers, 100 steps reach 400: there the last one's gradient is zero, and the second row is what the check is worth something for.
    for n, steps in ((1000, 100), (100, 1000)):
        rows.append((f"ode, {n:,} by {steps:,}", "ode", "Examples/Models/ode.graft", {"n": n, "steps": steps}, "derive value of last"))
    rows.append(("RobotArm, 10,000 poses", "RobotArm", "Examples/RobotArm/Arm.graft", {"poses": 10000}, ""))
    return [
        Case(
            name=name, folder=folder, model=model, sizes=sizes, derive=derive, sides=GENERATED + (Cpp("C++"), JAX), threads=1,
            reference="C++", numbers="<f8", tolerances={"value": 1e-10, "gradient": 1e-10, "jacobian": 1e-10},
            quick=name in ("GaussianMixture, d 10", "BundleAdjustment"),
        )
        for name, folder, model, sizes, derive in rows
    ]


def deep() -> Case:
    return Case(
        name="DeepSpiking, T 100",
        folder="DeepSpiking",
        model="Examples/Models/DeepSpiking.graft",
        sizes={"batch": 128, "time": 100},
        sides=GENERATED + TORCH + (JAX,),
        threads=2,
        tolerances=SPIKING,
        samples="logits",
    )


def digits() -> Case:
    return Case(
        name="SequentialDigits, an epoch",
        folder="SequentialDigits",
        model="Examples/SequentialDigits/DigitsNetwork.graft",
        sizes={"batch": 64, "time": 8},
        sides=GENERATED + (TORCH[0], JAX),
        threads=2,
        # The first batch is compared strictly. After some updates weights are not dyadic any more, and spikes differ.
        tolerances={"first": 2e-5, "epoch": 0.05},
    )


CASES = alif() + [deep(), digits()] + gated() + functions()
