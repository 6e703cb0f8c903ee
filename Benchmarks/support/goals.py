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
    table.append(Goal("ode, 1,000 by 100", "generated, v3", "gradient", ("C++",), 1.2))
    return table


@dataclass(frozen=True)
class Judgement:
    goal: Goal
    rival: str
    ratio: float

    @property
    def met(self) -> bool:
        return self.ratio >= self.goal.factor


def judge(results: dict[str, list[Outcome]]) -> list[Judgement]:
    """Goals whose sides were measured."""
    judgements = []
    for goal in goals():
        measured = {outcome.side: outcome for outcome in results.get(goal.case, []) if goal.measure in outcome.times}
        rivals = [name for name in goal.against if name in measured]
        if goal.side not in measured or not rivals:
            continue
        best = min(rivals, key=lambda name: measured[name].median(goal.measure))
        judgements.append(Judgement(goal, best, measured[best].median(goal.measure) / measured[goal.side].median(goal.measure)))
    return judgements
