"""Random inputs of the LSTM."""

import numpy as np


def inputs(sizes: dict[str, int]) -> dict[str, np.ndarray]:
    batch, time, hidden, features, classes = sizes["batch"], sizes["time"], sizes.get("hidden", 128), 28, 10
    random = np.random.default_rng(7)
    weight = lambda *shape: random.uniform(-0.08, 0.08, size=shape).astype("<f4")
    return {
        "inputWeight": weight(4, hidden, features),
        "recurrentWeight": weight(4, hidden, hidden),
        "bias": weight(4, hidden),
        "readout": weight(classes, hidden),
        "x": random.uniform(-1, 1, size=(batch, time, features)).astype("<f4"),
        "label": random.integers(classes, size=batch).astype("<i4"),
    }
