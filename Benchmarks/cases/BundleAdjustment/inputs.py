"""Random inputs of bundle adjustment."""

import numpy as np
from program_inputs import bundle_inputs


def inputs(sizes: dict[str, int]) -> dict[str, np.ndarray]:
    arrays = bundle_inputs(np.random.default_rng(2), sizes["cameras"], sizes["points"], sizes["observations"])
    return {name: value.astype("<i4") if name.endswith("Of") else value for name, value in arrays.items()}
