"""The LSTM in JAX: jit and `lax.scan`, the products of the inputs of all steps before the loop."""

import jax
import jax.numpy as jnp
from jax_network import network, time_major

PARAMETERS = ["inputWeight", "recurrentWeight", "bias", "readout"]


def forward(p: dict[str, jax.Array], x: jax.Array) -> jax.Array:
    hidden = p["readout"].shape[1]
    given = x @ p["inputWeight"].reshape(4 * hidden, -1).T + p["bias"].reshape(-1)
    recurrent = p["recurrentWeight"].reshape(4 * hidden, hidden).T

    def step(carried, given):
        h, c = carried
        i, f, n, o = jnp.split(given + h @ recurrent, 4, axis=1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(n)
        return (jax.nn.sigmoid(o) * jnp.tanh(c), c), None

    start = jnp.zeros((x.shape[1], hidden))
    return jax.lax.scan(step, (start, start), given)[0][0] @ p["readout"].T


def side(variant: str, inputs: dict, sizes: dict[str, int], threads: int):
    return network(inputs, PARAMETERS, [time_major(inputs["x"])], forward)
