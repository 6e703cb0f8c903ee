"""Random inputs of the Gaussian mixture."""

import numpy as np
from program_inputs import mixture_inputs


def inputs(sizes: dict[str, int]) -> dict[str, np.ndarray]:
    arrays = mixture_inputs(np.random.default_rng(1), sizes["d"], sizes["k"], sizes["n"])
    return {name: value for name, value in arrays.items() if isinstance(value, np.ndarray)}
