"""How time grows with sizes: one size of a case at a time, training, generated code on one thread."""

import dataclasses
import math
from dataclasses import dataclass

from building import Case, Side
from cases import CASES
from measuring import Outcome
from report import number


@dataclass(frozen=True)
class Series:
    case: str  # of cases.py, with other sizes
    others: dict[str, int]  # small, so that the largest size takes a second at most
    size: str
    values: tuple[int, ...]
    expected: float  # the power of the size that time may grow with

    @property
    def name(self) -> str:
        return f"{self.case.split(',')[0]}, {self.size}"


SPIKING, LSTM = {"time": 196, "batch": 32}, {"time": 25, "batch": 32, "hidden": 128}
SERIES = (
    Series("SequentialALIF, T 784, 10% spikes", SPIKING, "time", (196, 392, 784, 1568), 1),
    Series("SequentialALIF, T 784, 10% spikes", SPIKING, "batch", (16, 32, 64, 128, 256), 1),
    Series("LSTM", LSTM, "time", (25, 50, 100, 200), 1),
    Series("LSTM", LSTM, "batch", (16, 32, 64, 128, 256), 1),
    Series("LSTM", LSTM, "hidden", (64, 128, 256, 512), 2),
)


def cases(series: Series, side: Side) -> list[Case]:
    base = next(case for case in CASES if case.name == series.case)
    fixed = base.fixed + (("hidden",) if "hidden" in series.others else ())
    return [
        dataclasses.replace(
            base, name=f"growth of {series.name} {value}", sizes=base.sizes | series.others | {series.size: value}, fixed=fixed,
            sides=(side,), threads=1, reference=None,
        )
        for value in series.values
    ]


@dataclass(frozen=True)
class Growth:
    series: Series
    milliseconds: list[float]
    source_bytes: list[float]

    def power(self) -> float:
        """The slope of a line through the logarithms of sizes and times, by least squares."""
        x, y = [math.log(value) for value in self.series.values], [math.log(value) for value in self.milliseconds]
        mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
        return sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y)) / sum((a - mean_x) ** 2 for a in x)


def growth(series: Series, outcomes: list[Outcome]) -> Growth:
    # The least of the times: what else the machine does adds to them, and only adds.
    return Growth(series, [min(it.times["training"]) for it in outcomes], [it.facts["source bytes"] for it in outcomes])


def markdown(found: list[Growth], machine: dict[str, str]) -> str:
    lines = [f"{name}: {value}  " for name, value in machine.items()]
    lines += ["", "| size | training, ms | grows with its power | expected | bytes of source |", "|---|---|---:|---:|---|"]
    for it in found:
        times = ", ".join(f"{value:,}: {number(time)}" for value, time in zip(it.series.values, it.milliseconds))
        source = " to ".join(f"{value:,.0f}" for value in sorted({min(it.source_bytes), max(it.source_bytes)}))
        lines.append(f"| {it.series.name} | {times} | {it.power():.2f} | {it.series.expected} | {source} |")
    return "\n".join(lines) + "\n"


COLORS = ("#1e6fb3", "#b3541e", "#5b8c5a", "#8a4fa3", "#7a7a7a")


def chart(found: list[Growth]) -> str:
    """Times over the smallest, sizes over the smallest, both logarithmic; a dashed line for each expected power."""
    side, margin = 420, 50
    most = math.log2(max(values[-1] / values[0] for values in (it.series.values for it in found)))
    top = most * max(it.series.expected for it in found)
    place = lambda size, time: (margin + side * math.log2(size) / most, margin + side - side * math.log2(time) / top)
    parts = []
    for exponent in range(int(most) + 1):
        x, _ = place(2**exponent, 1)
        parts.append(f'<text x="{x:.0f}" y="{margin + side + 16}" text-anchor="middle">{2**exponent}</text>')
    for exponent in range(int(top) + 1):
        _, y = place(1, 2**exponent)
        parts.append(f'<text x="{margin - 6}" y="{y + 4:.0f}" text-anchor="end">{2**exponent}</text>')
    for expected in sorted({it.series.expected for it in found}):
        end = min(2**most, 2 ** (top / expected))
        (x1, y1), (x2, y2) = place(1, 1), place(end, end**expected)
        parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#bbbbbb" stroke-dasharray="4"/>')
    for index, it in enumerate(found):
        color = COLORS[index % len(COLORS)]
        points = [place(value / it.series.values[0], max(time / it.milliseconds[0], 1)) for value, time in zip(it.series.values, it.milliseconds)]
        parts.append(f'<polyline fill="none" stroke="{color}" stroke-width="2" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>')
        parts.append(f'<text x="{margin + 10}" y="{margin + 14 + 16 * index}" fill="{color}">{it.series.name}: power {it.power():.2f}</text>')
    width = side + 2 * margin
    frame = f'<rect x="{margin}" y="{margin}" width="{side}" height="{side}" fill="none" stroke="#888888"/>'
    title = f'<text x="{margin}" y="{margin - 12}">Training time over size, both relative to the smallest</text>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{width}" font-family="sans-serif" font-size="12">'
    return "\n".join([head, f'<rect width="{width}" height="{width}" fill="white"/>', title, frame, *parts, "</svg>\n"])
