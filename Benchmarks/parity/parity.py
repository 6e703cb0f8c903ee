"""Compares generated Swift with PyTorch (spiking networks) and JAX (other programs); see README.md. Exit status 1 where they differ."""

import argparse
import platform
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np

TOLERANCE = 2e-5  # of spiking networks, in Float
EXACT = 1e-10  # of other programs, in Double
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
    size = float(np.linalg.norm(np.asarray(expected, dtype=np.float64)))
    error = float(np.linalg.norm(difference))
    return error / size if size > 0 else error


def near(case: str, quantity: str, found: np.ndarray, expected: np.ndarray, tolerance: float = TOLERANCE) -> Row:
    if np.shape(found) != np.shape(expected):
        return Row(case, quantity, f"shape {np.shape(found)}, expected {np.shape(expected)}", False)
    error = relative(found, expected)
    return Row(case, quantity, f"{error:.1e}", error <= tolerance)


def against_stored() -> list[Row]:
    """The PyTorch side against the gradients that another PyTorch program, with a backward pass written by hand, left behind."""
    import alif
    import dyadic
    import torch

    case = "PyTorch by detach and by hand, T 784, batch 128"
    found = alif.evaluate(dyadic.stored_sample(), threads=torch.get_num_threads())
    rows = [near(case, "loss", found.loss, dyadic.read("loss", ()))]
    rows += [near(case, f"gradient of {name}", found.gradients[name], value) for name, value in dyadic.stored_gradients().items()]
    return rows


def against_generated(graft: str, steps: int, batch: int) -> list[Row]:
    import alif
    import dyadic
    import generated

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


def programs_against_jax(graft: str) -> list[Row]:
    import generated_programs
    import programs

    rows = []
    for program in programs.programs():
        inputs = program.inputs(np.random.default_rng(1))
        expected = program.evaluate(inputs)
        found = generated_programs.evaluate(graft, program, inputs)
        rows += [near(program.case, quantity, found[quantity], value, EXACT) for quantity, value in expected.items()]
    return rows


def table(rows: list[Row]) -> str:
    lines = ["| case | quantity | relative difference | |", "|---|---|---|---|"]
    lines += [f"| {row.case} | {row.quantity} | {row.measured} | {'holds' if row.holds else '**differs**'} |" for row in rows]
    return "\n".join(lines)


def versions(packages: list[str]) -> str:
    names = {"torch": "PyTorch", "jax": "JAX", "numpy": "NumPy"}
    words = [f"{names[package]} {metadata.version(package)}" for package in packages]
    return ", ".join(words + [f"Python {platform.python_version()}", platform.machine()])


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--graft", help="the graft executable; without it, only the PyTorch side is checked and nothing is written")
    parser.add_argument("--only", choices=["spiking", "programs"], help="one of the two comparisons, which is printed and not written")
    arguments = parser.parse_args()
    spiking: list[Row] = []
    others: list[Row] = []
    if arguments.only != "programs":
        spiking += against_stored()
        if arguments.graft:
            for steps, batch in CASES:
                spiking += against_generated(arguments.graft, steps, batch)
    if arguments.only != "spiking" and arguments.graft:
        others += programs_against_jax(arguments.graft)
    print("\n\n".join(table(rows) for rows in (spiking, others) if rows))
    if arguments.graft and not arguments.only:
        text = (
            "# Results\n\nWritten by `Benchmarks/parity/run`. Differences are Euclidean norms, relative to what is expected.\n\n"
            f"## Spiking networks, in Float, against PyTorch\n\n{TOLERANCE:.0e} is allowed, and no spike may differ. "
            f"{versions(['torch', 'numpy'])}.\n\n{table(spiking)}\n\n"
            f"## Other programs, in Double, against JAX\n\n{EXACT:.0e} is allowed. {versions(['jax', 'numpy'])}.\n\n{table(others)}\n"
        )
        (Path(__file__).resolve().parent / "RESULTS.md").write_text(text)
    return 0 if all(row.holds for row in spiking + others) else 1


if __name__ == "__main__":
    raise SystemExit(main())
