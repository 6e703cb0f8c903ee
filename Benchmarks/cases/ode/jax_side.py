"""The differential equation in JAX, as in `parity`."""

import jax
import numpy as np
from jax_function import timed
from peer import Side
from programs import solution


def side(variant: str, inputs: dict, sizes: dict[str, int], threads: int) -> Side:
    last = lambda x: solution(x, sizes["steps"])[-1]
    value, gradient = timed(last, inputs["x"]), timed(jax.value_and_grad(last), inputs["x"])
    results = lambda: dict(zip(("value", "gradient.x"), map(np.array, gradient())))
    return Side({"function": value, "gradient": gradient}, results, {"JAX": jax.__version__})
