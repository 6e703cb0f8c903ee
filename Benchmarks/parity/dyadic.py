"""Data on which float32 sums are exact, so that two correct programs make the same spikes whatever the order they add in."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

STORED = Path(__file__).resolve().parent.parent / "Ceiling" / "data" / "s784"
SHAPES = {
    "inputWeight": ("Win", (128, 1)),
    "recurrentWeight": ("Wrec", (128, 128)),
    "outputWeight": ("Wo", (10, 128)),
    "membrane": ("pa", (128,)),
    "adaptation": ("pr", (128,)),
    "readout": ("po", (10,)),
}


@dataclass
class Sample:
    """Parameters by the model's names, a batch of sequences [batch, time, inputs], and their labels."""

    parameters: dict[str, np.ndarray]
    x: np.ndarray
    label: np.ndarray


def read(name: str, shape: tuple[int, ...], kind: str = "<f4") -> np.ndarray:
    return np.fromfile(STORED / f"{name}.bin", dtype=kind).reshape(shape)


def stored_sample() -> Sample:
    """The data of Benchmarks/Ceiling as they are: 784 steps, 128 sequences."""
    return Sample(
        parameters={name: read(file, shape) for name, (file, shape) in SHAPES.items()},
        x=read("x", (784, 128, 1)).transpose(1, 0, 2).copy(),
        label=read("y", (128,), "<i4"),
    )


def stored_gradients() -> dict[str, np.ndarray]:
    return {name: read("g" + file, shape) for name, (file, shape) in SHAPES.items()}


def dyadic_sample(steps: int, batch: int) -> Sample:
    """The first steps of the first sequences, with decays on which every float32 sigmoid agrees.

    Weights and inputs are multiples of powers of two already: weighted sums of spikes are exact. A decay is one bit away from
    another program's only where 1 + exp(-p) falls near the middle between two float32 numbers, so parameters are moved by multiples
    of 1/1024 to where it does not. Everything after that is the same arithmetic in the same order on both sides.
    """
    sample = stored_sample()
    for name in ("membrane", "adaptation", "readout"):
        sample.parameters[name] = np.array([away_from_ties(p) for p in sample.parameters[name]], dtype=np.float32)
    return Sample(sample.parameters, sample.x[:batch, :steps], sample.label[:batch])


def away_from_ties(parameter: float) -> float:
    nearest = round(float(parameter) * 1024)
    for distance in range(1024):
        for candidate in (nearest + distance, nearest - distance):
            place = (1 + np.exp(-candidate / 1024)) * 2**23 % 1
            if abs(place - 0.5) > 0.25:
                return candidate / 1024
    raise ValueError(f"no decay near {parameter}")
