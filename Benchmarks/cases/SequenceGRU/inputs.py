"""Random inputs of the GRU."""

import numpy as np


def inputs(sizes: dict[str, int]) -> dict[str, np.ndarray]:
    batch, time, hidden, features, classes = sizes["batch"], sizes["time"], 128, 28, 10
    random = np.random.default_rng(8)
    weight = lambda *shape: random.uniform(-0.08, 0.08, size=shape).astype("<f4")
    return (
        {name: weight(hidden, features) for name in ("wr", "wu", "wn")}
        | {name: weight(hidden, hidden) for name in ("ur", "uu", "un")}
        | {name: weight(hidden) for name in ("br", "bu", "bn", "bh")}
        | {
            "readout": weight(classes, hidden),
            "x": random.uniform(-1, 1, size=(batch, time, features)).astype("<f4"),
            "label": random.integers(classes, size=batch).astype("<i4"),
        }
    )
