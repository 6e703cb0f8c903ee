"""Help for sides in JAX that are functions, in float64."""

from collections.abc import Callable

import jax

jax.config.update("jax_enable_x64", True)


def timed(function: Callable, *arguments) -> Callable[[], object]:
    """The compiled function on these arguments, as a measure."""
    compiled = jax.jit(function)
    arguments = jax.device_put(arguments)
    return lambda: jax.block_until_ready(compiled(*arguments))
