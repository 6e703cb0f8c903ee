"""An epoch of handwritten digits, and first weights that are multiples of powers of two."""

import csv
from pathlib import Path

import numpy as np
from dyadic import away_from_ties

DIGITS = Path(__file__).resolve().parents[3] / "Examples" / "Support" / "digits.csv"


def inputs(sizes: dict[str, int]) -> dict[str, np.ndarray]:
    random = np.random.default_rng(9)
    with DIGITS.open() as file:
        images = [row for row in csv.reader(file) if row[0] == "train"]
    order = random.permutation(len(images))[: len(images) // sizes["batch"] * sizes["batch"]]
    dyadic = lambda deviation, *shape: np.round(random.normal(0, deviation, size=shape) * 4096) / 4096
    decays = lambda values: np.array([away_from_ties(p) for p in values])
    arrays = {
        "inputWeight": dyadic(4 / np.sqrt(8), 128, 8),
        "recurrentWeight": dyadic(0.5 / np.sqrt(128), 128, 128),
        "outputWeight": dyadic(5 / np.sqrt(128), 10, 128),
        "membrane": decays(random.normal(0, 0.5, size=128)),
        "adaptation": decays(np.full(128, 2)),
        "readout": decays(np.full(10, 1)),
        "x": np.array([images[i][2:] for i in order], dtype=float).reshape(-1, 8, 8) / 16,
    }
    labels = np.array([int(images[i][1]) for i in order])
    return {name: value.astype("<f4") for name, value in arrays.items()} | {"label": labels.astype("<i4")}
