"""The programs of `programs.py` as generated Swift, run by `graft evaluate --compiled`."""

import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from programs import Arrays, Program

MODELS = Path(__file__).resolve().parents[2] / "Examples" / "Models"


def evaluate(graft: str, program: Program, inputs: dict) -> Arrays:
    values = {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in inputs.items()}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "inputs.json"
        path.write_text(json.dumps(values))
        command = [graft, "evaluate", str(MODELS / f"{program.model}.graft"), "--of", program.function, "--inputs", str(path), "--compiled"]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\nended with status {done.returncode}\n{done.stderr}")
    found = json.loads(done.stdout)
    if program.model == "BundleAdjustment":
        return _blocks(found, inputs)
    return {"value": np.array(found["value"])} | {f"gradient of {name}": np.array(g) for name, g in found.get("gradient", {}).items()}


def _blocks(found: dict, inputs: dict) -> Arrays:
    """The sparse Jacobian's numbers, each looked up where the index arrays say that it is; there must be no others."""
    value, jacobian = found["value"], found["jacobian"]
    count = len(inputs["weights"])
    # Rows: the reprojections, then the weights. Columns: cameras, points, weights.
    first = np.cumsum([0, inputs["cameras"].size, inputs["points"].size, count])
    observation = np.arange(count)
    rows = 2 * observation[:, None, None] + np.arange(2)[None, :, None]
    starts = {
        "Jacobian, cameras": (rows, (first[0] + 11 * inputs["cameraOf"][:, None] + np.arange(11))[:, None]),
        "Jacobian, points": (rows, (first[1] + 3 * inputs["pointOf"][:, None] + np.arange(3))[:, None]),
        "Jacobian, weights": (rows[:, :, 0], (first[2] + observation)[:, None]),
        "Jacobian of weight": (2 * count + observation, first[2] + observation),
    }
    keys = np.array(jacobian["rows"], dtype=np.int64) * first[3] + np.array(jacobian["columns"], dtype=np.int64)
    numbers = np.array(jacobian["values"], dtype=np.float64)
    order = np.argsort(keys)
    keys, numbers = keys[order], numbers[order]
    result = {"reprojection": np.array(value["reprojection"]), "weight": np.array(value["weight"])}
    seen = 0
    for name, (row, column) in starts.items():
        wanted = row * first[3] + column
        places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        result[name] = np.where(keys[places] == wanted, numbers[places], np.nan)
        seen += wanted.size
    if seen != len(numbers):
        raise SystemExit(f"the sparse Jacobian of BundleAdjustment has {len(numbers):,} numbers, expected {seen:,}")
    return result
