"""The same network as generated Swift, run by `graft evaluate --compiled`."""

import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from alif import Outcome
from dyadic import Sample

MODEL = Path(__file__).resolve().parents[2] / "Examples" / "Models" / "SequentialALIF.graft"
NEURONS = "    next (z, u, a) = alif(current, u, a, decay: sigmoid(membrane), adaptation: sigmoid(adaptation))\n"
OUTPUT = "  output logits = total / time\n"


def with_raster(text: str) -> str:
    """The model, giving out its spikes too."""
    for line, more in ((NEURONS, "    record raster = next z\n"), (OUTPUT, "  output raster\n")):
        if text.count(line) != 1:
            raise SystemExit(f"{MODEL.name} no longer has the line {line.strip()!r}")
        text = text.replace(line, line + more)
    return text


def evaluate(graft: str, sample: Sample) -> Outcome:
    values = {
        "sizes": {"time": sample.x.shape[1]},
        "parameters": {name: value.tolist() for name, value in sample.parameters.items()},
        "inputs": {"x": sample.x.tolist(), "label": sample.label.tolist()},
    }
    with tempfile.TemporaryDirectory() as folder:
        inputs = Path(folder) / "inputs.json"
        inputs.write_text(json.dumps(values))
        plain = _run(graft, MODEL, inputs)
        raster = Path(folder) / MODEL.name
        raster.write_text(with_raster(MODEL.read_text()))
        spikes = _run(graft, raster, inputs)["outputs"]["raster"]
    return Outcome(
        logits=np.array(plain["outputs"]["logits"]),
        loss=plain["loss"],
        gradients={name: np.array(plain["gradient"][name]) for name in sample.parameters},
        spikes=np.array(spikes),
    )


def _run(graft: str, model: Path, inputs: Path) -> dict:
    command = [graft, "evaluate", str(model), "--of", "SequentialALIF", "--inputs", str(inputs), "--compiled"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\nended with status {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout)
