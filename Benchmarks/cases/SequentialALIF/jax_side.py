"""The recurrent spiking network in JAX: jit, `lax.scan`, a spike with `custom_jvp`."""

import jax.numpy as jnp
from alif_jax import PARAMETERS, forward
from jax_network import network, spike, time_major

fires = spike(lambda distance: jnp.exp(-0.5 * distance * distance))


def side(variant: str, inputs: dict, sizes: dict[str, int], threads: int):
    return network(inputs, PARAMETERS, [time_major(inputs["x"])], lambda p, x: forward(p, x, fires))
