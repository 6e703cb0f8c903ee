"""The stacked network in JAX: jit, `lax.scan`, a spike with `custom_jvp`."""

import jax
import jax.numpy as jnp
from jax_network import network, spike, time_major

PARAMETERS = [f"{layer}.{name}" for layer in ("first", "second") for name in ("feed", "back", "membrane", "adaptation")]
PARAMETERS += ["readout.weight", "readout.decay"]
TARGET_RATE, RATE_WEIGHT = 0.05, 0.01

fires = spike(lambda distance: 1 / jnp.square(1 + 25 * jnp.abs(distance)))


def forward(p: dict[str, jax.Array], x: jax.Array, length: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    sigmoid = jax.nn.sigmoid
    layers = [(p[f"{it}.feed"].T, p[f"{it}.back"].T, sigmoid(p[f"{it}.membrane"]), sigmoid(p[f"{it}.adaptation"])) for it in ("first", "second")]
    leak = sigmoid(p["readout.decay"])

    def step(carried, timed):
        states, potential, total, rate = carried
        t, z = timed
        next_states, means = [], 0
        for (feed, back, decay, adaptation), (old, u, a) in zip(layers, states):
            level = 0.1 + 0.8 * a
            v = decay * u + (1 - decay) * (z @ feed + old @ back)
            z = fires(v - level)
            next_states.append((z, v - z * level, adaptation * a + (1 - adaptation) * z))
            means = means + z.mean(1)
        going = (length > t).astype(jnp.float32)
        potential = leak * potential + (1 - leak) * (z @ p["readout.weight"].T)
        total = total + going[:, None] * jax.nn.softmax(potential, axis=1)
        return (next_states, potential, total, rate + going * means / 2), going[:, None] * z

    zero, output = jnp.zeros((x.shape[1], 128)), jnp.zeros((x.shape[1], leak.shape[0]))
    start = ([(zero, zero, zero)] * 2, output, output, jnp.zeros(x.shape[1]))
    (_, _, total, rate), raster = jax.lax.scan(step, start, (jnp.arange(x.shape[0]), x))
    return total / length[:, None], rate / length, raster


def loss(outputs: tuple[jax.Array, jax.Array, jax.Array], label: jax.Array) -> jax.Array:
    score, rate, _ = outputs
    return (-jnp.log(jnp.take_along_axis(score, label[:, None], axis=1)[:, 0]) + RATE_WEIGHT * (rate - TARGET_RATE) ** 2).mean()


def side(variant: str, inputs: dict, sizes: dict[str, int], threads: int):
    data = [time_major(inputs["x"]), jnp.array(inputs["length"])]
    return network(inputs, PARAMETERS, data, forward, loss, lambda outputs: outputs[0])
