"""The arm in JAX: forward mode under `vmap`."""

import jax
import jax.numpy as jnp
import numpy as np
from jax_function import timed
from peer import Side

REACH = [0.34, 0, 0.4, 0, 0.4, 0, 0.226]


def error(angles: jax.Array, target: jax.Array) -> jax.Array:
    rotation, place = jnp.eye(3), jnp.zeros(3)
    for joint, reach in enumerate(REACH):
        c, s = jnp.cos(angles[joint]), jnp.sin(angles[joint])
        about_z, about_y = [[c, -s, 0], [s, c, 0], [0, 0, 1]], [[c, 0, s], [0, 1, 0], [-s, 0, c]]
        rotation = rotation @ jnp.array(about_y if joint % 2 else about_z)
        place = place + reach * rotation[:, 2]
    return jnp.concatenate([place - target, 0.3 * (rotation[:, 2] - jnp.array([0, 0, -1]))])


def side(variant: str, inputs: dict, sizes: dict[str, int], threads: int) -> Side:
    def with_value(angles, target):
        value = error(angles, target)
        return value, value

    function = timed(jax.vmap(error), inputs["angles"], inputs["target"])
    jacobian = timed(jax.vmap(jax.jacfwd(with_value, has_aux=True)), inputs["angles"], inputs["target"])
    results = lambda: dict(zip(("jacobian", "value"), map(np.array, jacobian())))
    return Side({"function": function, "jacobian": jacobian}, results, {"JAX": jax.__version__})
