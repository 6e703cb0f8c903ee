"""An epoch of the digits in JAX: one compiled function for a step with its update."""

import jax
import jax.numpy as jnp
import numpy as np
from alif_jax import PARAMETERS, forward
from jax_network import cross_entropy, spike
from peer import Side

fires = spike(lambda distance: jnp.exp(-2 * distance * distance))
RATE, BETA1, BETA2, EPSILON = 0.01, 0.9, 0.999, 1e-8

gradient = jax.jit(jax.value_and_grad(lambda parameters, x, label: cross_entropy(forward(parameters, x, fires), label)))


@jax.jit
def step(parameters, state, count, x, label):
    loss, slopes = gradient(parameters, x, label)
    first, second, largest = state
    first = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, first, slopes)
    second = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, second, slopes)
    largest = jax.tree.map(jnp.maximum, largest, second)
    scale, spread = 1 - BETA1**count, 1 - BETA2**count
    move = lambda p, m, v: p - RATE * (m / scale) / (jnp.sqrt(v / spread) + EPSILON)
    return jax.tree.map(move, parameters, first, largest), (first, second, largest), loss


def side(variant: str, inputs: dict, sizes: dict[str, int], threads: int) -> Side:
    batch = sizes["batch"]
    batches = jnp.array(inputs["x"].reshape(-1, batch, sizes["time"], 8).transpose(0, 2, 1, 3))
    batches, labels = list(batches), list(jnp.array(inputs["label"].reshape(-1, batch)))
    start = {name: jnp.array(inputs[name]) for name in PARAMETERS}
    zero = jax.tree.map(jnp.zeros_like, start)

    def epoch() -> float:
        parameters, state, total = start, (zero, zero, zero), 0.0
        for count, (x, label) in enumerate(zip(batches, labels), start=1):
            parameters, state, loss = step(parameters, state, float(count), x, label)
            total += float(loss)
        return total / len(batches)

    def results() -> dict[str, np.ndarray]:
        loss, slopes = gradient(start, batches[0], labels[0])
        found = {"first.loss": np.array(loss), "epoch": np.array([epoch()], dtype="<f4")}
        return found | {f"first.gradient.{name}": np.array(g) for name, g in slopes.items()}

    return Side({"epoch": epoch}, results, {"JAX": jax.__version__})
