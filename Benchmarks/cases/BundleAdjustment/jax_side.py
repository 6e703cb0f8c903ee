"""Bundle adjustment in JAX, as in `parity`: blocks by observation, forward mode under `vmap`."""

import jax
import jax.numpy as jnp
import numpy as np
from jax_function import timed
from peer import Side
from programs import reprojection


def side(variant: str, inputs: dict, sizes: dict[str, int], threads: int) -> Side:
    arrays = [inputs[name] for name in ("cameras", "points", "weights", "seen", "cameraOf", "pointOf")]

    def residuals(cameras, points, weights, seen, camera_of, point_of):
        return jax.vmap(reprojection)(cameras[camera_of], points[point_of], weights, seen), 1 - weights**2

    def jacobian(cameras, points, weights, seen, camera_of, point_of):
        def block(*arguments):
            value = reprojection(*arguments)
            return value, value

        blocks, values = jax.vmap(jax.jacfwd(block, argnums=(0, 1, 2), has_aux=True))(cameras[camera_of], points[point_of], weights, seen)
        return values, 1 - weights**2, blocks, -2 * weights

    function, derivative = timed(residuals, *arrays), timed(jacobian, *arrays)

    def results() -> dict[str, np.ndarray]:
        values, weight, blocks, of_weight = derivative()
        found = {"value.reprojection": values, "value.weight": weight, "jacobian.weight": of_weight}
        found |= {f"jacobian.{name}": block for name, block in zip(("cameras", "points", "weights"), blocks)}
        return {name: np.array(value) for name, value in found.items()}

    return Side({"function": function, "jacobian": derivative}, results, {"JAX": jax.__version__})
