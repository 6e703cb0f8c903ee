"""Dyadic inputs of the stacked network: spikes, and weights that are multiples of powers of two, so that weighted sums are exact."""

import numpy as np
from dyadic import away_from_ties


def inputs(sizes: dict[str, int]) -> dict[str, np.ndarray]:
    batch, time, width, classes, count = sizes["batch"], sizes["time"], 128, 20, 40
    random = np.random.default_rng(6)
    dyadic = lambda values: np.round(values * 4096) / 4096
    decays = lambda mean, deviation, shape: np.array([away_from_ties(p) for p in random.normal(mean, deviation, size=shape)])
    arrays = {"x": (random.random((batch, time, count)) < 0.2) * 1.0}
    # The scales make about a tenth of the neurons spike.
    for layer, feeds, scale in (("first", count, 0.6), ("second", width, 0.5)):
        arrays[f"{layer}.feed"] = dyadic(random.normal(0.05, 1, size=(width, feeds)) * scale)
        arrays[f"{layer}.back"] = dyadic(random.normal(0, 0.5 / np.sqrt(width), size=(width, width)))
        arrays[f"{layer}.membrane"] = decays(3, 0.1, width)
        arrays[f"{layer}.adaptation"] = decays(4, 0.5, width)
    arrays["readout.weight"] = dyadic(random.normal(0, 1 / np.sqrt(width), size=(classes, width)) * 4)
    arrays["readout.decay"] = decays(3, 0.1, classes)
    length = random.integers(time // 2, time + 1, size=batch)
    return {name: value.astype("<f4") for name, value in arrays.items()} | {
        "length": length.astype("<i4"),
        "label": random.integers(classes, size=batch).astype("<i4"),
    }
