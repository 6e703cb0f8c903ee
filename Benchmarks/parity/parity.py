"""Compares the generated Swift for SequentialALIF with the paper's PyTorch code path; see README.md. Exit status 1 where they differ."""

import argparse
import platform
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

import alif
import dyadic
import generated

TOLERANCE = 2e-5
CASES = [(28, 32), (784, 8)]  # steps, batch


@dataclass
class Row:
    case: str
    quantity: str
    measured: str
    holds: bool


def relative(found: np.ndarray, expected: np.ndarray) -> float:
    """The Euclidean norm of the difference over that of what is expected."""
    difference = np.asarray(found, dtype=np.float64) - np.asarray(expected, dtype=np.float64)
    return float(np.linalg.norm(difference) / np.linalg.norm(np.asarray(expected, dtype=np.float64)))


def near(case: str, quantity: str, found: np.ndarray, expected: np.ndarray) -> Row:
    if np.shape(found) != np.shape(expected):
        return Row(case, quantity, f"shape {np.shape(found)}, expected {np.shape(expected)}", False)
    error = relative(found, expected)
    return Row(case, quantity, f"{error:.1e}", error <= TOLERANCE)


def against_stored() -> list[Row]:
    """The PyTorch side against the gradients that another PyTorch program, with a backward pass written by hand, left behind."""
    case = "PyTorch by detach and by hand, T 784, batch 128"
    found = alif.evaluate(dyadic.stored_sample(), threads=torch.get_num_threads())
    rows = [near(case, "loss", found.loss, dyadic.read("loss", ()))]
    rows += [near(case, f"gradient of {name}", found.gradients[name], value) for name, value in dyadic.stored_gradients().items()]
    return rows


def against_generated(graft: str, steps: int, batch: int) -> list[Row]:
    case = f"generated Swift and PyTorch, T {steps}, batch {batch}"
    sample = dyadic.dyadic_sample(steps, batch)
    expected = alif.evaluate(sample)
    found = generated.evaluate(graft, sample)
    different = int(np.sum(found.spikes != expected.spikes)) if found.spikes.shape == expected.spikes.shape else expected.spikes.size
    rate = float(expected.spikes.mean())
    rows = [
        Row(case, "spikes", f"{different} of {expected.spikes.size:,} differ (rate {rate:.1%})", different == 0 and rate > 0.01),
        near(case, "logits", found.logits, expected.logits),
        near(case, "loss", found.loss, expected.loss),
    ]
    rows += [near(case, f"gradient of {name}", found.gradients[name], value) for name, value in expected.gradients.items()]
    return rows


def table(rows: list[Row]) -> str:
    lines = ["| case | quantity | relative difference | |", "|---|---|---|---|"]
    lines += [f"| {row.case} | {row.quantity} | {row.measured} | {'holds' if row.holds else '**differs**'} |" for row in rows]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--graft", help="the graft executable; without it, only the PyTorch side is checked and nothing is written")
    arguments = parser.parse_args()
    rows = against_stored()
    if arguments.graft:
        for steps, batch in CASES:
            rows += against_generated(arguments.graft, steps, batch)
    print(table(rows))
    if arguments.graft:
        versions = f"PyTorch {torch.__version__}, NumPy {np.__version__}, Python {platform.python_version()}, {platform.machine()}"
        text = (
            "# Results\n\nWritten by `Benchmarks/parity/run`. Differences are Euclidean norms, relative to PyTorch's; "
            f"{TOLERANCE:.0e} is allowed, and no spike may differ.\n\n{versions}.\n\n{table(rows)}\n"
        )
        (Path(__file__).resolve().parent / "RESULTS.md").write_text(text)
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
