"""The Gaussian mixture in JAX, as in `parity`."""

import jax
import numpy as np
from jax_function import timed
from peer import Side
from programs import log_posterior


def side(variant: str, inputs: dict, sizes: dict[str, int], threads: int) -> Side:
    wrt = {name: inputs[name] for name in ("alpha", "mu", "q", "l")}
    function = lambda wrt, x: log_posterior(wrt, x, 0.7, 2)
    value = timed(function, wrt, inputs["x"])
    gradient = timed(jax.value_and_grad(function), wrt, inputs["x"])

    def results() -> dict[str, np.ndarray]:
        found, gradients = gradient()
        return {"value": np.array(found)} | {f"gradient.{name}": np.array(g) for name, g in gradients.items()}

    return Side({"function": value, "gradient": gradient}, results, {"JAX": jax.__version__})
