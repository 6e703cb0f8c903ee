"""Runs the sides of a case: starts each, checks what it computed against the reference, and takes times by turns."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from building import WORK, Case, Generated, Side, Unavailable

# Where fused arithmetic rounds a potential to the other side of its threshold, one spike differs, and from there on its whole sample does.
# A side may differ so in this part of the samples; its gradient is then compared loosely.
FLIPPED_SAMPLES = 0.03
LOOSE = 0.1


@dataclass
class Outcome:
    side: str
    skipped: str | None = None
    check: str = ""
    agrees: bool = True
    times: dict[str, list[float]] = field(default_factory=dict)
    facts: dict[str, float] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)

    def median(self, measure: str) -> float:
        return float(np.median(self.times[measure]))


class Running:
    """A side that has started; it waits, idle, until it is asked for times."""

    def __init__(self, case: Case, side: Side, graft: Path, inputs: Path):
        self.outputs = WORK / "outputs" / f"{slug(case.name)}-{slug(side.name)}"
        shutil.rmtree(self.outputs, ignore_errors=True)
        self.outputs.mkdir(parents=True)
        sizes = [f"{name}={value}" for name, value in case.sizes.items()]
        command = [*side.command(case, graft), str(inputs), str(self.outputs), str(case.threads), *sizes]
        self.log = open(self.outputs / "log", "w")
        cpus = set(sorted(os.sched_getaffinity(0))[-case.threads :])
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True,
            env=os.environ | side.environment(), preexec_fn=lambda: os.sched_setaffinity(0, cpus),
        )
        self.greeting = self.answer()

    def answer(self) -> dict | list:
        line = self.process.stdout.readline()
        if not line:
            self.log.flush()
            raise Unavailable("it failed: " + ((self.outputs / "log").read_text().strip().splitlines() or ["without a word"])[-1])
        return json.loads(line)

    def times(self, measure: str, seconds: float) -> list[float]:
        print(measure, seconds, file=self.process.stdin, flush=True)
        return self.answer()

    def stop(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def measure(
    case: Case, sides: list[Side], timed: set[str], graft: Path, inputs: Path, rounds: int, seconds: float, say: Callable[[str], None]
) -> list[Outcome]:
    outcomes, running = [], []
    try:
        for side in sides:
            say(f"{case.name}: {side.name}")
            outcome = Outcome(side.name)
            outcomes.append(outcome)
            try:
                started = Running(case, side, graft, inputs)
            except Unavailable as reason:
                outcome.skipped = str(reason)
                continue
            outcome.facts, outcome.versions = started.greeting["facts"], started.greeting.get("versions", {})
            if isinstance(side, Generated):
                outcome.facts["source bytes"] = side.source(case).stat().st_size
            running.append((started, outcome))
        expected = next((started.outputs for started, outcome in running if outcome.side == case.reference), None)
        for started, outcome in running:
            if case.reference is None:
                continue
            if expected is None:
                outcome.check, outcome.agrees = "not checked: the reference did not run", False
            else:
                outcome.check, outcome.agrees = compare(case, outcome.side, started.outputs, expected)
        for _ in range(rounds):
            for started, outcome in running:
                if outcome.side not in timed:
                    continue
                for name in started.greeting["measures"]:
                    outcome.times.setdefault(name, []).extend(started.times(name, seconds))
    finally:
        for started, _ in running:
            started.stop()
    return outcomes


def compare(case: Case, side: str, found: Path, expected: Path) -> tuple[str, bool]:
    """How far results are from the reference's, the worst first, and whether that is allowed."""
    worst, flipped, agrees = (0.0, ""), 0, True
    read = lambda folder, name: np.fromfile(folder / name, dtype=case.numbers).astype(np.float64)
    if case.samples:
        mine, theirs = (read(folder, f"{case.samples}.bin").reshape(case.sizes["batch"], -1) for folder in (found, expected))
        errors = np.linalg.norm(mine - theirs, axis=1) / np.maximum(np.linalg.norm(theirs, axis=1), 1e-30)
        flipped = int((errors > 10 * case.tolerances[case.samples]).sum())
        agrees = flipped <= FLIPPED_SAMPLES * case.sizes["batch"]
    for path in sorted(expected.glob("*.bin")):
        if not (found / path.name).exists():
            return f"{path.stem} is missing", False
        mine, theirs = read(found, path.name), read(expected, path.name)
        if mine.shape != theirs.shape:
            return f"{path.stem} has {mine.size} numbers, expected {theirs.size}", False
        size = float(np.linalg.norm(theirs))
        error = float(np.linalg.norm(mine - theirs)) / (size if size > 0 else 1)
        worst = max(worst, (error if np.isfinite(error) else np.inf, path.stem))
        allowed = LOOSE if flipped else case.tolerances[path.stem.split(".")[0]] * case.slack.get(side.split(",")[0], 1)
        agrees = agrees and error <= allowed
    text = f"{worst[0]:.0e}" + (f", {flipped} of {case.sizes['batch']} samples have other spikes" if flipped else "")
    return text if agrees else f"differs by {text} ({worst[1]})", agrees


def slug(name: str) -> str:
    return "".join(character if character.isalnum() else "-" for character in name)
