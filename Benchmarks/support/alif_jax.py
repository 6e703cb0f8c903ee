"""The recurrent network of adaptive spiking neurons in JAX."""

from collections.abc import Callable

import jax
import jax.numpy as jnp

PARAMETERS = ["inputWeight", "recurrentWeight", "outputWeight", "membrane", "adaptation", "readout"]


def forward(p: dict[str, jax.Array], x: jax.Array, fires: Callable) -> jax.Array:
    leak, decay, adaptation = jax.nn.sigmoid(p["readout"]), jax.nn.sigmoid(p["membrane"]), jax.nn.sigmoid(p["adaptation"])

    def step(carried, x):
        u, a, z, y, total = carried
        current = x @ p["inputWeight"].T + z @ p["recurrentWeight"].T
        level = 0.1 + 0.8 * a
        v = decay * u + (1 - decay) * current
        z = fires(v - level)
        u = v - z * level
        a = adaptation * a + (1 - adaptation) * z
        y = leak * y + (1 - leak) * (z @ p["outputWeight"].T)
        return (u, a, z, y, total + y), None

    state, output = jnp.zeros((x.shape[1], decay.shape[0])), jnp.zeros((x.shape[1], leak.shape[0]))
    return jax.lax.scan(step, (state, state, state, output, output), x)[0][4] / x.shape[0]
