"""The GRU in JAX: jit and `lax.scan`, the products of the inputs of all steps before the loop."""

import jax
import jax.numpy as jnp
from jax_network import network, time_major

PARAMETERS = ["wr", "wu", "wn", "ur", "uu", "un", "br", "bu", "bn", "bh", "readout"]


def forward(p: dict[str, jax.Array], x: jax.Array) -> jax.Array:
    w, u = jnp.concatenate([p["wr"], p["wu"], p["wn"]]), jnp.concatenate([p["ur"], p["uu"], p["un"]])
    given = x @ w.T + jnp.concatenate([p["br"], p["bu"], p["bn"]])

    def step(h, given):
        (gr, gu, gn), (sr, su, sn) = jnp.split(given, 3, axis=1), jnp.split(h @ u.T, 3, axis=1)
        update = jax.nn.sigmoid(gu + su)
        return (1 - update) * jnp.tanh(gn + jax.nn.sigmoid(gr + sr) * (sn + p["bh"])) + update * h, None

    return jax.lax.scan(step, jnp.zeros((x.shape[1], p["bh"].shape[0])), given)[0] @ p["readout"].T


def side(variant: str, inputs: dict, sizes: dict[str, int], threads: int):
    return network(inputs, PARAMETERS, [time_major(inputs["x"])], forward)
