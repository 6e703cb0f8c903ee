"""Writes what was measured: Markdown, JSON and a bar chart."""

import json
import math
from dataclasses import asdict
from pathlib import Path

from goals import Judgement
from measuring import Outcome

BEGIN, BEGIN_GROWTH = "<!-- results: written by Benchmarks/run --write -->", "<!-- growth: written by Benchmarks/run --growth --write -->"
END = "<!-- end -->"
Results = dict[str, list[Outcome]]


def markdown(results: Results, judgements: list[Judgement], machine: dict[str, str]) -> str:
    lines = [f"{name}: {value}  " for name, value in machine.items()]
    for case, outcomes in results.items():
        lines += ["", f"### {case}", ""] + _table(outcomes)
    if judgements:
        lines += ["", "### Goals", "", "| case | measure | side | against | ratio | at least | |", "|---|---|---|---|---:|---:|---|"]
        for it in judgements:
            verdict = "met" if it.met else "**not met**"
            lines.append(f"| {it.case} | {it.measure} | {it.side} | {it.rival} | {it.ratio:.2f} | {it.at_least:.2f} | {verdict} |")
    return "\n".join(lines) + "\n"


def _table(outcomes: list[Outcome]) -> list[str]:
    measures = list(dict.fromkeys(name for outcome in outcomes for name in outcome.times))
    base = {outcome.side: outcome for outcome in outcomes}.get("generated, plain")
    header = ["side"] + [cell for name in measures for cell in (f"{name}, ms", "over plain")] + ["check", "also"]
    rows = ["| " + " | ".join(header) + " |", "|---|" + "---:|" * (2 * len(measures)) + "---|---|"]
    for outcome in outcomes:
        if outcome.skipped:
            rows.append(f"| {outcome.side} |" + " |" * (2 * len(measures)) + f" | not run: {outcome.skipped} |")
            continue
        cells = [outcome.side]
        for name in measures:
            if name not in outcome.times:
                cells += ["", ""]
                continue
            cells.append(number(outcome.median(name)))
            comparable = base is not None and name in base.times
            cells.append(f"{outcome.median(name) / base.median(name):.2f}" if comparable else "")
        rows.append("| " + " | ".join([*cells, outcome.check, _facts(outcome.facts)]) + " |")
    return rows


def _facts(facts: dict[str, float]) -> str:
    """What is worth a place in the table; results.json has all of them."""
    shown = [f"{name} {facts[name]:,}" for name in ("workspace bytes", "warm-up seconds") if name in facts]
    allocations = [count for name, count in facts.items() if name.startswith("allocations")]
    return ", ".join(shown + ([f"at most {max(allocations)} allocations a call"] if allocations else []))


def number(value: float) -> str:
    """Three digits, as far as a median is worth."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def document(results: Results, judgements: list[Judgement], machine: dict[str, str]) -> str:
    cases = {
        case: {
            outcome.side: {
                "skipped": outcome.skipped,
                "check": outcome.check,
                "agrees": outcome.agrees,
                "median ms": {name: outcome.median(name) for name in outcome.times},
                "least ms": {name: min(times) for name, times in outcome.times.items()},
                "repetitions": {name: len(times) for name, times in outcome.times.items()},
                "facts": outcome.facts,
            }
            for outcome in outcomes
        }
        for case, outcomes in results.items()
    }
    ratios = [asdict(it) | {"met": it.met} for it in judgements]
    return json.dumps({"machine": machine, "cases": cases, "goals": ratios}, indent=1) + "\n"


COLORS = {"generated": "#1e6fb3", "ceiling": "#5b8c5a"}
OTHERS = "#b3541e"


def chart(results: Results) -> str:
    """One group of bars for each case and measure, on a logarithmic scale of milliseconds."""
    left, width, row, gap = 250, 900, 15, 30
    bars, y = [], 20
    values = [outcome.median(name) for outcomes in results.values() for outcome in outcomes for name in outcome.times]
    if not values:
        return ""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    place = lambda value: left + (width - left - 70) * (math.log10(value) - low) / max(high - low, 1)
    for case, outcomes in results.items():
        for name in dict.fromkeys(name for outcome in outcomes for name in outcome.times):
            bars.append(f'<text x="{left}" y="{y + 10}" font-weight="bold">{_escaped(case)}: {name}, ms</text>')
            y += 18
            for outcome in outcomes:
                if name not in outcome.times:
                    continue
                value = outcome.median(name)
                color = COLORS.get(outcome.side.split(",")[0], OTHERS)
                bars.append(f'<text x="{left - 6}" y="{y + 10}" text-anchor="end">{_escaped(outcome.side)}</text>')
                bars.append(f'<rect x="{left}" y="{y + 1}" width="{max(place(value) - left, 1):.1f}" height="{row - 4}" fill="{color}"/>')
                bars.append(f'<text x="{place(value) + 4:.1f}" y="{y + 10}">{number(value)}</text>')
                y += row
            y += gap - row
    grid = [
        f'<line x1="{place(10.0**power):.1f}" y1="0" x2="{place(10.0**power):.1f}" y2="{y}" stroke="#e0e0e0"/>' for power in range(low, high + 1)
    ]
    style = 'font-family="sans-serif" font-size="11"'
    return "\n".join(
        [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{y}" {style}>', f'<rect width="{width}" height="{y}" fill="white"/>', *grid, *bars, "</svg>\n"]
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def write(folder: Path, text: str, results: Results, judgements: list[Judgement], machine: dict[str, str]) -> None:
    replace_section(folder / "README.md", BEGIN, text + "\n![medians of all cases](results.svg)\n")
    (folder / "results.json").write_text(document(results, judgements, machine))
    (folder / "results.svg").write_text(chart(results))


def write_growth(folder: Path, text: str, drawing: str) -> None:
    replace_section(folder / "README.md", BEGIN_GROWTH, text + "\n![time over size](growth.svg)\n")
    (folder / "growth.svg").write_text(drawing)


def replace_section(page: Path, begin: str, text: str) -> None:
    before, rest = page.read_text().split(begin)
    page.write_text(before + begin + "\n" + text + END + rest.split(END, 1)[1])
