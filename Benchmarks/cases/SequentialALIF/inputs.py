"""Dyadic inputs of the recurrent spiking network: weights and inputs are multiples of powers of two, so that weighted sums are exact."""

import numpy as np
from dyadic import dyadic_sample

# Input weights are drawn up to 1.8 and scaled, to get these parts of the neurons to spike: by steps and percent; with
# one input a step, 10% for any other number of steps.
SCALES = {
    (28, 10): 0.0264, (49, 10): 0.0479, (98, 10): 0.1035, (196, 10): 0.2319, (392, 10): 0.5156,
    (784, 0): 0.05, (784, 2): 0.25, (784, 10): 1.0938, (784, 30): 5.5312,
}


def inputs(sizes: dict[str, int]) -> dict[str, np.ndarray]:
    time, count, batch = sizes["time"], sizes["inputs"], sizes["batch"]
    random = np.random.default_rng(5)
    x = random.integers(0, 65, size=(batch, time, count)) / 64
    weight = np.round(random.uniform(0, 1.8, size=(128, count)) * SCALES.get((time, sizes["percent"]), 1.0938) * 1024) / 1024
    sample = dyadic_sample(1, batch)
    arrays = sample.parameters | {"inputWeight": weight, "x": x}
    return {name: value.astype("<f4") for name, value in arrays.items()} | {"label": np.resize(sample.label, batch)}
