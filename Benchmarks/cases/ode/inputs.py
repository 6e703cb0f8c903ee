"""Random inputs of the differential equation."""

import numpy as np
from program_inputs import ode_inputs


def inputs(sizes: dict[str, int]) -> dict[str, np.ndarray]:
    return {"x": ode_inputs(np.random.default_rng(3), sizes["n"], sizes["steps"])["x"]}
