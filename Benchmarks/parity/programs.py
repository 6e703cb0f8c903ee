"""Programs that are not spiking networks, in JAX: those of Examples/Models, written anew, in float64."""

from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from program_inputs import bundle_inputs, mixture_inputs, ode_inputs

jax.config.update("jax_enable_x64", True)

# By name: the value, and what a derivative is called.
Arrays = dict[str, np.ndarray]


@dataclass
class Program:
    case: str
    model: str  # of Examples/Models
    function: str
    inputs: Callable[[np.random.Generator], dict]
    evaluate: Callable[[dict], Arrays]


# GaussianMixture.graft


def log_posterior(wrt: dict, x: jax.Array, gamma: float, m: int) -> jax.Array:
    alpha, mu, q, l = wrt["alpha"], wrt["mu"], wrt["q"], wrt["l"]
    d = mu.shape[1]
    rows, columns = zip(*[(i, j) for j in range(d) for i in range(j + 1, d)])
    factor = jax.vmap(lambda q, l: jnp.diag(jnp.exp(q)).at[jnp.array(rows), jnp.array(columns)].set(l))(q, l)
    spread = jnp.einsum("kij,nkj->nki", factor, x[:, None] - mu[None])
    fit = jax.nn.logsumexp(alpha + q.sum(1) - 0.5 * (spread**2).sum(2), axis=1).sum()
    prior = 0.5 * gamma**2 * ((jnp.exp(q) ** 2).sum() + (l**2).sum()) - m * q.sum()
    return fit - x.shape[0] * jax.nn.logsumexp(alpha) - prior


def mixture(inputs: dict) -> Arrays:
    wrt = {name: jnp.array(inputs[name]) for name in ("alpha", "mu", "q", "l")}
    value, gradient = jax.jit(jax.value_and_grad(log_posterior))(wrt, inputs["x"], inputs["gamma"], inputs["m"])
    return {"value": np.array(value)} | {f"gradient of {name}": np.array(g) for name, g in gradient.items()}


# BundleAdjustment.graft


def reprojection(camera: jax.Array, x: jax.Array, weight: jax.Array, seen: jax.Array) -> jax.Array:
    theta = jnp.sqrt((camera[:3] ** 2).sum())
    axis, away = camera[:3] / theta, x - camera[3:6]
    p = away * jnp.cos(theta) + jnp.cross(axis, away) * jnp.sin(theta) + axis * (axis @ away) * (1 - jnp.cos(theta))
    flat = p[:2] / p[2]
    r2 = (flat**2).sum()
    return weight * (flat * (1 + camera[9] * r2 + camera[10] * r2**2) * camera[6] + camera[7:9] - seen)


def bundle(inputs: dict) -> Arrays:
    """Blocks by observation: two residuals by 11, 3 and 1 variables, and one residual by the weight."""
    cameras, points, weights = inputs["cameras"][inputs["cameraOf"]], inputs["points"][inputs["pointOf"]], inputs["weights"]
    arguments = (cameras, points, weights, inputs["seen"])
    value = jax.jit(jax.vmap(reprojection))(*arguments)
    blocks = jax.jit(jax.vmap(jax.jacfwd(reprojection, argnums=(0, 1, 2))))(*arguments)
    return {
        "reprojection": np.array(value),
        "weight": 1 - weights**2,
        "Jacobian, cameras": np.array(blocks[0]),
        "Jacobian, points": np.array(blocks[1]),
        "Jacobian, weights": np.array(blocks[2]),
        "Jacobian of weight": -2 * weights,
    }


# ode.graft


def solution(x: jax.Array, steps: int) -> jax.Array:
    def slope(y: jax.Array) -> jax.Array:
        return x * jnp.concatenate([jnp.ones(1), y[:-1]])

    def step(y: jax.Array, _: None) -> tuple[jax.Array, None]:
        h = 2 / steps
        k1 = slope(y)
        k2 = slope(y + h / 2 * k1)
        k3 = slope(y + h / 2 * k2)
        k4 = slope(y + h * k3)
        return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4), None

    return jax.lax.scan(step, jnp.zeros_like(x), None, length=steps)[0]


def ode_value(inputs: dict) -> Arrays:
    return {"value": np.array(jax.jit(solution, static_argnums=1)(inputs["x"], inputs["steps"]))}


def ode_gradient(inputs: dict) -> Arrays:
    function = jax.value_and_grad(lambda x: solution(x, inputs["steps"])[-1])
    value, gradient = jax.jit(function)(inputs["x"])
    return {"value": np.array(value), "gradient of x": np.array(gradient)}


def programs() -> list[Program]:
    result = [
        Program(
            "GaussianMixture: d 10, k 25, n 1,000", "GaussianMixture", "logPosterior",
            lambda random: mixture_inputs(random, 10, 25, 1000), mixture,
        ),
        Program(
            "BundleAdjustment: 49 cameras, 7,776 points, 31,843 observations", "BundleAdjustment", "residuals",
            lambda random: bundle_inputs(random, 49, 7776, 31843), bundle,
        ),
    ]
    # A step carries what it knows four places on: of 1,000 numbers, 100 steps reach 400, and the last has no gradient yet.
    for n, steps in ((100, 1000), (1000, 100)):
        inputs = lambda random, n=n, steps=steps: ode_inputs(random, n, steps)
        result.append(Program(f"ode: n {n:,}, {steps:,} steps", "ode", "solve", inputs, ode_value))
        result.append(Program(f"ode, last number: n {n:,}, {steps:,} steps", "ode", "last", inputs, ode_gradient))
    return result
