"""Random inputs of the programs of Examples/Models."""

import numpy as np


def mixture_inputs(random: np.random.Generator, d: int, k: int, n: int) -> dict:
    return {
        "alpha": random.normal(size=k),
        "mu": random.normal(size=(k, d)),
        "q": 0.5 * random.normal(size=(k, d)),
        "l": 0.5 * random.normal(size=(k, d * (d - 1) // 2)),
        "x": random.normal(size=(n, d)),
        "gamma": 0.7,
        "m": 2,
    }


def bundle_inputs(random: np.random.Generator, cameras: int, points: int, observations: int) -> dict:
    scale = np.array([0.3] * 3 + [0.5] * 3 + [0, 5, 5, 0.05, 0.01])
    offset = np.array([0, 0, 0, 0, 0, -8, 800, 0, 0, 0, 0])
    camera_of = random.integers(cameras, size=observations)
    point_of = np.concatenate([np.arange(points), random.integers(points, size=observations - points)])
    return {
        "cameras": offset + scale * random.normal(size=(cameras, 11)),
        "points": random.normal(size=(points, 3)),
        "weights": random.uniform(0.5, 1.5, size=observations),
        "seen": 100 * random.normal(size=(observations, 2)),
        "cameraOf": camera_of,
        "pointOf": point_of,
    }


def ode_inputs(random: np.random.Generator, n: int, steps: int) -> dict:
    return {"x": random.uniform(0.5, 1.5, size=n), "steps": steps}
