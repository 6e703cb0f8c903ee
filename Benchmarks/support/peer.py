"""A side in Python, as a program with the protocol of Side.swift: `peer.py MODULE VARIANT INPUTS OUTPUTS THREADS name=size …`.

The module's function `side(variant, inputs, sizes, threads)` gives a `Side`."""

import importlib.util
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np


@dataclass
class Side:
    """What can be measured, and what it computes: `results` runs each once and gives arrays by name."""

    measures: dict[str, Callable[[], object]]
    results: Callable[[], dict[str, np.ndarray]]
    versions: dict[str, str] = field(default_factory=dict)


def main() -> None:
    module, variant, folder, outputs, threads, *rest = sys.argv[1:]
    sizes = {name: int(value) for name, value in (word.split("=") for word in rest)}
    inputs = {}
    for name, (kind, shape) in json.loads((Path(folder) / "inputs.json").read_text()).items():
        inputs[name] = np.fromfile(Path(folder) / f"{name}.bin", dtype=kind).reshape(shape)
    started = time.perf_counter()
    side = _load(Path(module)).side(variant, inputs, sizes, int(threads))
    for name, value in side.results().items():
        np.ascontiguousarray(value).tofile(Path(outputs) / f"{name}.bin")
    for run in side.measures.values():
        run()
    warm_up = time.perf_counter() - started
    print(json.dumps({"measures": list(side.measures), "facts": {"warm-up seconds": round(warm_up, 2)}, "versions": side.versions}), flush=True)
    for line in sys.stdin:
        measure, seconds = line.split()
        print(json.dumps(_times(side.measures[measure], float(seconds))), flush=True)


def _times(run: Callable[[], object], seconds: float) -> list[float]:
    """Milliseconds of repetitions until the time is up, at least one, after one that is not measured."""
    run()
    times = []
    start = time.perf_counter()
    end = start + seconds
    while not times or start < end:
        run()
        stop = time.perf_counter()
        times.append((stop - start) * 1000)
        start = stop
    return times


def _load(path: Path):
    sys.path[:0] = [str(path.parent), str(Path(__file__).resolve().parents[1] / "parity")]
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    sys.modules["peer"] = sys.modules["__main__"]
    main()
