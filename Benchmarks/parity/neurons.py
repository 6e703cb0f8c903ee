"""Compares the neurons and surrogates of Graft's library with those of snnTorch, SpikingJelly and Norse; see README.md.
Writes NEURONS.md. Exit status 1 where they differ."""

import argparse
import json
import subprocess
import tempfile
from importlib import metadata
from pathlib import Path

import numpy as np
import peers
from parity import relative

STEPS, COUNT = 40, peers.WIDTH
TOLERANCE = 1e-10
HEADER = ["library", "class", "Graft", "difference by convention", "spikes", "largest relative difference", ""]


def model(name: str, neuron: peers.Neuron) -> str:
    """A model whose loss is a weighted sum of every state at every step."""
    own = {parameter: start for parameter, start in neuron.parameters.items() if "." not in parameter}
    parameters = "".join(f"  param {parameter}: Float ~ constant({start})\n" for parameter, start in own.items())
    weights = "".join(f"  input {state}Weight: Float[time, n]\n" for state in neuron.states)
    cells = "".join(f"  {line}\n" for line in neuron.cells)
    states = "".join(f"  state {state}: Float[n] = {start}\n" for state, start in neuron.states.items())
    lines = "".join(f"    {line}\n" for line in neuron.lines + [f"record {state}Trace = next {state}" for state in neuron.states])
    outputs = "".join(f"  output {state}Trace\n" for state in neuron.states)
    loss = " + ".join(f"sum({state}Weight * {state}Trace)" for state in neuron.states)
    rule = f"  inject step'(v) = {neuron.slope}\n" if "z" in neuron.states else ""
    return (
        f"model {name} {{\n  size time = {STEPS}, n = {COUNT}\n  param x: Float[time, n] ~ constant(0)\n"
        f"{parameters}{weights}{rule}{cells}{states}"
        f"  for t in time {{\n{lines}  }}\n{outputs}  loss = {loss}\n}}\n"
    )


def evaluate(graft: str, text: str, name: str, values: dict) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        source, inputs = Path(folder) / "Neurons.graft", Path(folder) / "inputs.json"
        source.write_text(text)
        inputs.write_text(json.dumps(values))
        command = [graft, "evaluate", str(source), "--of", name, "--inputs", str(inputs), "--precision", "Double", "--compiled"]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{text}\n{' '.join(command)}\nended with status {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout)


def neuron_row(graft: str, neuron: peers.Neuron) -> list[str]:
    random = np.random.default_rng(1)
    x = random.normal(*neuron.drive, (STEPS, COUNT))
    # Eighths, so that what flows back into a spike is exact in any precision.
    weights = {state: random.integers(-8, 9, (STEPS, COUNT)) / 8 for state in neuron.states}
    traces, gradient = peers.neuron_outcome(neuron, x, weights)
    found = evaluate(
        graft, model("Peer", neuron), "Peer",
        {
            "parameters": {"x": x.tolist()} | {name: np.array(value).tolist() for name, value in neuron.parameters.items()},
            "inputs": {f"{state}Weight": [value.tolist()] for state, value in weights.items()},
        },
    )
    errors = [relative(np.array(found["outputs"][f"{state}Trace"][0]), trace) for state, trace in traces.items()]
    errors += [relative(np.array(found["gradient"][name]), value) for name, value in gradient.items()]
    spikes = f"{traces['z'].mean():.0%}" if "z" in traces else ""
    silent = "z" in traces and not 0.01 < traces["z"].mean() < 0.99
    return row(neuron.library, neuron.peer, neuron.function, neuron.convention, spikes, max(errors), neuron.tolerance, silent)


def surrogate_row(graft: str, surrogate: peers.Surrogate) -> list[str]:
    v = np.random.default_rng(2).normal(0, 1, 400)
    text = f"func slope(v: Float[n]) -> Float[n] {{ return {surrogate.slope} }}\nderive value of slope\n"
    found = evaluate(graft, text, "slope", {"v": v.tolist()})
    error = relative(np.array(found["value"]), peers.surrogate_outcome(surrogate, v))
    return row(surrogate.library, surrogate.peer, surrogate.slope, surrogate.convention, "", error, TOLERANCE)


def row(
    library: str, peer: str, function: str, convention: str, spikes: str, error: float, tolerance: float, silent: bool = False
) -> list[str]:
    holds = error <= tolerance and not silent
    verdict = ("holds" if tolerance == TOLERANCE else f"holds to {tolerance:.0e}") if holds else "**differs**"
    return [library, peer, f"`{function}`", convention, spikes, f"{error:.1e}", verdict]


def rows(graft: str, library: str) -> tuple[list[list[str]], list[list[str]]]:
    neurons, surrogates = peers.LIBRARIES[library]
    try:
        metadata.version(library)
    except metadata.PackageNotFoundError:
        missing = [library, "", "", "", "", "", "**does not install**"]
        return [missing], [missing]
    return [neuron_row(graft, neuron) for neuron in neurons()], [surrogate_row(graft, surrogate) for surrogate in surrogates()]


def table(rows: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [HEADER, ["---"] * len(HEADER), *rows])


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--graft", required=True, help="the graft executable")
    arguments = parser.parse_args()
    neurons: list[list[str]] = []
    surrogates: list[list[str]] = []
    installed = []
    for library in peers.LIBRARIES:
        more = rows(arguments.graft, library)
        neurons += more[0]
        surrogates += more[1]
        if not more[0][0][-1].startswith("**does not"):
            installed.append(f"{library} {metadata.version(library)}")
    text = (
        "# Neurons and surrogates\n\nWritten by `Benchmarks/parity/run neurons`. In float64; "
        f"{STEPS} steps of {COUNT} neurons. {', '.join(installed)}, PyTorch {metadata.version('torch')}.\n\n"
        "## Neurons\n\nEvery state at every step, and the gradient of a weighted sum of them with respect to the input and the parameters. "
        "The function is called as `peers.py` shows, with the library's own surrogate.\n\n"
        f"{table(neurons)}\n\n## Surrogates\n\nThe slope at 400 points.\n\n{table(surrogates)}\n"
    )
    print(text)
    (Path(__file__).resolve().parent / "NEURONS.md").write_text(text)
    return 0 if all(cells[-1].startswith("holds") for cells in neurons + surrogates) else 1


if __name__ == "__main__":
    raise SystemExit(main())
