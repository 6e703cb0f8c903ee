"""Measures the cases of cases.py; started by Benchmarks/run. Exit status 1 where a side computes other numbers than the reference."""

import argparse
import importlib.util
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np

sys.path += [str(Path(__file__).resolve().parents[1] / "parity")]

import goals
import growth
import report
from building import HERE, WORK, Case, Python, runs_here
from cases import CASES, GENERATED
from measuring import measure, slug


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def write_inputs(case: Case) -> Path:
    """The inputs that all sides read: raw numbers, and their kinds and shapes."""
    spec = importlib.util.spec_from_file_location("inputs", case.path / "inputs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    folder = WORK / "inputs" / slug(case.name)
    folder.mkdir(parents=True, exist_ok=True)
    arrays = module.inputs(case.sizes)
    for name, array in arrays.items():
        np.ascontiguousarray(array).tofile(folder / f"{name}.bin")
    (folder / "inputs.json").write_text(json.dumps({name: (array.dtype.str, array.shape) for name, array in arrays.items()}))
    return folder


def machine(results: report.Results) -> dict[str, str]:
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        fields = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
        name = f"{fields['model name']} (family {fields['cpu family']}, model {fields['model']})"
    except (OSError, KeyError):
        pass
    versions = {name: version for outcomes in results.values() for outcome in outcomes for name, version in outcome.versions.items()}
    swift = subprocess.run(["swiftc", "--version"], capture_output=True, text=True).stdout.splitlines()[0]
    return {
        "Machine": f"{name}, {os.cpu_count()} cores, load before and after {LOAD[0]:.1f} and {os.getloadavg()[0]:.1f}",
        "Versions": ", ".join([swift, *[f"{name} {version}" for name, version in versions.items()], f"Python {platform.python_version()}"]),
    }


LOAD = os.getloadavg()


def measure_growth(graft: Path, rounds: int, seconds: float, write: bool) -> None:
    side = next(side for side in reversed(GENERATED[:2]) if runs_here(side.cpu))
    found, results = [], {}
    for series in growth.SERIES:
        outcomes = []
        for case in growth.cases(series, side):
            outcomes += measure(case, [side], {side.name}, graft, write_inputs(case), rounds, seconds, say)
        found.append(growth.growth(series, outcomes))
        results[series.name] = outcomes
    text = growth.markdown(found, machine(results))
    print(text)
    if write:
        report.write_growth(HERE, text, growth.chart(found))


def main() -> None:
    parser = argparse.ArgumentParser(prog="Benchmarks/run", description="Measures generated code against its peers; see Benchmarks/README.md.")
    parser.add_argument("--graft", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="a few cases, about a minute once all is built")
    parser.add_argument("--only", nargs="+", metavar="CASE", help="cases whose names start so")
    parser.add_argument("--sides", nargs="+", metavar="SIDE", help="sides whose names start so; the reference runs too, without being timed")
    parser.add_argument("--growth", action="store_true", help="how time grows with sizes, in place of the cases")
    parser.add_argument("--write", action="store_true", help="write README.md, results.json and results.svg")
    parser.add_argument("--list", action="store_true", help="print the names of the cases")
    arguments = parser.parse_args()
    rounds, seconds = (3, 0.1) if arguments.quick else (5, 0.6)
    if arguments.growth:
        measure_growth(arguments.graft, rounds, seconds, arguments.write)
        return
    cases = [case for case in CASES if not arguments.only or any(case.name.startswith(start) for start in arguments.only)]
    if arguments.quick and not arguments.only:
        cases = [case for case in cases if case.quick]
    if arguments.list:
        print("\n".join(case.name for case in cases))
        return
    if not cases:
        sys.exit("no case is called so; --list prints their names")
    results: report.Results = {}
    for case in cases:
        sides = [side for side in case.sides if not (arguments.quick and isinstance(side, Python) and not side.quick)]
        timed = {side.name for side in sides if not arguments.sides or any(side.name.startswith(start) for start in arguments.sides)}
        sides = [side for side in sides if side.name in timed or side.name == case.reference]
        results[case.name] = measure(case, sides, timed, arguments.graft, write_inputs(case), rounds, seconds, say)
    judgements = goals.judge(results)
    facts = machine(results)
    text = report.markdown(results, judgements, facts)
    print(text)
    if arguments.write:
        report.write(HERE, text, results, judgements, facts)
    wrong = [f"{case}: {outcome.side}: {outcome.check}" for case, outcomes in results.items() for outcome in outcomes if not outcome.agrees]
    if wrong:
        sys.exit("these sides compute other numbers:\n" + "\n".join(wrong))


if __name__ == "__main__":
    main()
