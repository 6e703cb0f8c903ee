"""What generated code is to reach: ratios of medians of one run."""

from dataclasses import dataclass

from measuring import Outcome


@dataclass(frozen=True)
class Goal:
    """`against`, the best of them, takes at least `factor` times as long as `side`."""

    case: str
    side: str
    measure: str
    against: tuple[str, ...]
    factor: float
    rival_measure: str | None = None  # the same measure if none is named


@dataclass(frozen=True)
class Limit:
    """A fact that `side` states is at most `bound`."""

    case: str
    side: str
    fact: str
    bound: float


LIMITS = [Limit("SequentialALIF, T 784, 10% spikes", f"generated, {cpu}", "workspace bytes", 16e6) for cpu in ("plain", "v3", "v4")]


def goals() -> list[Goal]:
    long, short = "SequentialALIF, T 784, 10% spikes", "SequentialALIF, T 28, 10% spikes"
    table = []
    for cpu in ("plain", "v3", "v4"):
        table += [Goal(long, f"generated, {cpu}", measure, (f"ceiling, {cpu}",), 1 / 1.3) for measure in ("training", "inference")]
    for case, against, cpu, training, inference in (
        (long, "PyTorch, custom backward", "plain", 5, 11),
        (long, "PyTorch, custom backward", "v3", 12, 17),
        (long, "JAX", "plain", 3, 3.5),
        (long, "JAX", "v3", 6.5, 5.5),
        (short, "torch.compile", "plain", 1.5, 1.8),
        (short, "torch.compile", "v3", 3, 3.5),
    ):
        table.append(Goal(case, f"generated, {cpu}", "training", (against,), training))
        table.append(Goal(case, f"generated, {cpu}", "inference", (against,), inference))
    for case in ("GRU", "LSTM"):
        for measure in ("training", "inference"):
            table += [Goal(case, f"generated, {cpu}", measure, (f"ceiling, {cpu}",), 1 / 1.3) for cpu in ("plain", "v3", "v4")]
            table.append(Goal(case, "generated, v4", measure, ("PyTorch", "PyTorch, own module", "JAX"), 1))
    for d in (10, 32):
        table.append(Goal(f"GaussianMixture, d {d}", "generated, v3", "gradient", ("JAX", "C++"), 1.5))
    table.append(Goal("BundleAdjustment", "generated, v3", "jacobian", ("C++",), 1.2))
    for sizes in ("1,000 by 100", "100 by 1,000"):
        table.append(Goal(f"ode, {sizes}", "generated, v3", "gradient", ("C++",), 1.2))
    # Derivatives take at most three times as long as the function.
    for case, measure, function in (
        ("GRU", "training", "inference"),
        ("LSTM", "training", "inference"),
        ("GaussianMixture, d 10", "gradient", "function"),
        ("GaussianMixture, d 32", "gradient", "function"),
        ("ode, 1,000 by 100", "gradient", "function"),
        ("ode, 100 by 1,000", "gradient", "function"),
    ):
        for cpu in ("plain", "v3"):
            table.append(Goal(case, f"generated, {cpu}", measure, (f"generated, {cpu}",), 1 / 3, function))
    return table


@dataclass(frozen=True)
class Judgement:
    case: str
    measure: str
    side: str
    rival: str
    ratio: float
    at_least: float

    @property
    def met(self) -> bool:
        return self.ratio >= self.at_least


def judge(results: dict[str, list[Outcome]]) -> list[Judgement]:
    """Goals whose sides were measured."""
    judgements = []
    for goal in goals():
        measured = {outcome.side: outcome for outcome in results.get(goal.case, []) if outcome.times}
        rivals = [name for name in goal.against if name in measured]
        if goal.side not in measured or not rivals:
            continue
        measure = goal.rival_measure or goal.measure
        best = min(rivals, key=lambda name: measured[name].median(measure))
        ratio = measured[best].median(measure) / measured[goal.side].median(goal.measure)
        judgements.append(Judgement(goal.case, goal.measure, goal.side, best if measure == goal.measure else measure, ratio, goal.factor))
    for limit in LIMITS:
        for outcome in results.get(limit.case, []):
            if outcome.side == limit.side and limit.fact in outcome.facts:
                ratio = limit.bound / outcome.facts[limit.fact]
                judgements.append(Judgement(limit.case, limit.fact, limit.side, f"{limit.bound:,.0f}", ratio, 1))
    return judgements
