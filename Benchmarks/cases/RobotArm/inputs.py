"""Random poses and targets of the arm."""

import numpy as np


def inputs(sizes: dict[str, int]) -> dict[str, np.ndarray]:
    random = np.random.default_rng(4)
    return {"angles": random.uniform(-np.pi, np.pi, size=(sizes["poses"], 7)), "target": random.uniform(-1, 1, size=(sizes["poses"], 3))}
