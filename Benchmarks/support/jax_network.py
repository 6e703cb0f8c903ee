"""A network in JAX as a side: jit of the forward pass and of its value and gradient."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from peer import Side


def spike(slope: Callable[[jax.Array], jax.Array]) -> Callable[[jax.Array], jax.Array]:
    """A step whose derivative is this slope."""

    @jax.custom_jvp
    def fires(distance: jax.Array) -> jax.Array:
        return (distance > 0).astype(distance.dtype)

    @fires.defjvp
    def tangent(primals, tangents):
        return fires(primals[0]), tangents[0] * slope(primals[0])

    return fires


def cross_entropy(logits: jax.Array, label: jax.Array) -> jax.Array:
    return -jnp.take_along_axis(jax.nn.log_softmax(logits), label[:, None], axis=1).mean()


def network(
    inputs: dict[str, np.ndarray],
    parameters: list[str],
    data: list[jax.Array],
    forward: Callable,
    loss: Callable = cross_entropy,
    logits: Callable = lambda outputs: outputs,
) -> Side:
    """`forward(parameters, *data)` gives the outputs, of which `logits` are compared; `loss` takes them and the labels."""
    values = {name: jnp.array(inputs[name]) for name in parameters}
    label = jnp.array(inputs["label"])
    predict = jax.jit(forward)
    step = jax.jit(jax.value_and_grad(lambda values, label, *data: loss(forward(values, *data), label)))

    def inference():
        return jax.block_until_ready(predict(values, *data))

    def training():
        return jax.block_until_ready(step(values, label, *data))

    def results() -> dict[str, np.ndarray]:
        value, gradient = training()
        found = {"loss": np.array(value), "logits": np.array(logits(inference()))}
        return found | {f"gradient.{name}": np.array(g) for name, g in gradient.items()}

    return Side({"inference": inference, "training": training}, results, {"JAX": jax.__version__})


def time_major(x: np.ndarray) -> jax.Array:
    return jnp.array(x.transpose(1, 0, 2))
