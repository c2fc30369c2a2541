"""What a run measures and what is made of it: samples, figures, medians, ratios, verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import median

__all__ = [
    "LOAD_BUSY",
    "SERVER_BUSY",
    "Better",
    "Figure",
    "Sample",
    "Samples",
    "Target",
    "Verdict",
    "cost",
    "derive",
    "judge",
    "rate",
    "summarise",
]

# One measurement of one peer: a number for each name.
Sample = Mapping[str, float]
# Of each case, of each peer: one sample a round.
Samples = Mapping[str, Mapping[str, Sequence[Sample]]]


class Better(Enum):
    """Which of two values of a figure is the better one; a target's bound is to be reached from that side."""

    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a sample, and how people read it.

    Attributes:
        name: its key in the sample.
        title: the head of its column and the caption of its chart, with the unit.
        better: higher or lower.
        scale: what a value is multiplied by to be in that unit.
        digits: how many stand behind the point.
    """

    name: str
    title: str
    better: Better
    scale: float = 1.0
    digits: int = 0

    def text(self, value: float) -> str:
        """Return a value as the tables have it."""
        return f"{value * self.scale:,.{self.digits}f}"


def rate(title: str, *, scale: float = 1.0, digits: int = 0) -> Figure:
    """The figure of units of work per second."""
    return Figure("rate", title, Better.HIGHER, scale, digits)


def cost(title: str, *, scale: float = 1e6, digits: int = 2) -> Figure:
    """The figure of the peer's CPU seconds per unit of work; without `scale`, microseconds."""
    return Figure("cost", title, Better.LOWER, scale, digits)


# The share of the time in which the peer, and the load generator, was on a CPU.
SERVER_BUSY = Figure("server_busy", "server busy %", Better.LOWER, 100)
LOAD_BUSY = Figure("load_busy", "load busy %", Better.LOWER, 100)


def derive(raw: Sample) -> Sample:
    """Add to what a program has counted what follows from it.

    Args:
        raw: whatever figures; where `units` is one, `seconds`, `server_cpu` and `load_cpu` are too.

    Raises:
        ValueError: no work was done.
    """
    if "units" not in raw:
        return dict(raw)
    units, seconds = raw["units"], raw["seconds"]
    if not units:
        raise ValueError("no unit of work was finished in the measured time")
    return {
        **raw,
        "rate": units / seconds,
        "cost": raw["server_cpu"] / units,
        "server_busy": raw["server_cpu"] / seconds,
        "load_busy": raw["load_cpu"] / seconds,
    }


def summarise(samples: Sequence[Sample]) -> Sample:
    """Return the median of each figure over one peer's samples, of which there is at least one."""
    return {name: median(sample[name] for sample in samples) for name in samples[0]}


@dataclass(frozen=True, slots=True)
class Target:
    """A ratio to reach, from the side of the figure that is the better one.

    Attributes:
        ours: the peer that is to reach it.
        theirs: the peer it is compared with; None when the bound is a value of the figure itself, in its unit.
        bound: the ratio.
        figure: the figure's name.
        compiled: the bound for the compiled build, where that is to reach more.
        case: where; None means in every case in which both take part.
        than: the case in which `theirs` is looked at, where that is another one.
    """

    ours: str
    theirs: str | None
    bound: float
    figure: str = "rate"
    compiled: float | None = None
    case: str | None = None
    than: str | None = None

    def bound_for(self, *, compiled: bool) -> float:
        """Return what this build is to reach."""
        return self.compiled if compiled and self.compiled is not None else self.bound


@dataclass(frozen=True, slots=True)
class Verdict:
    """A target in one case, and what was measured.

    Attributes:
        target: what was asked.
        case: where it was looked at.
        figure: of what.
        bound: what this build is to reach.
        ratios: one a round.
        cpu: the median ratio of the CPU per unit, where both have that: on a busy machine it is steadier than a rate's.
    """

    target: Target
    case: str
    figure: Figure
    bound: float
    ratios: tuple[float, ...]
    cpu: float | None = None

    @property
    def ratio(self) -> float:
        """The median over the rounds."""
        return median(self.ratios)

    @property
    def margin(self) -> float:
        """How far the right side of the bound, as a share of it: 0.1 is 10 % better than asked, negative is missed."""
        share = self.ratio / self.bound - 1
        return share if self.figure.better is Better.HIGHER else -share

    @property
    def met(self) -> bool:
        """Whether the target is reached."""
        return self.margin >= 0


def judge(target: Target, figure: Figure, samples: Samples, *, compiled: bool) -> list[Verdict]:
    """Compare two peers round by round, so that what slows the machine for a while slows both.

    Args:
        target: names the peers.
        figure: the one that the target names.
        samples: what was measured.
        compiled: which build of sockstream that was.

    Returns:
        A verdict for each case in which both were measured.
    """
    verdicts = []
    for case in samples if target.case is None else [target.case]:
        ours = samples.get(case, {}).get(target.ours, ())
        theirs = samples.get(target.than or case, {}).get(target.theirs or "", ())
        ratios = _values(figure, ours) if target.theirs is None else _ratios(figure.name, ours, theirs)
        if ratios:
            bound = target.bound_for(compiled=compiled)
            cpu = _ratios("cost", ours, theirs)
            verdicts.append(Verdict(target, case, figure, bound, ratios, median(cpu) if cpu else None))
    return verdicts


def _values(figure: Figure, samples: Sequence[Sample]) -> tuple[float, ...]:
    return tuple(sample[figure.name] * figure.scale for sample in samples)


def _ratios(name: str, ours: Sequence[Sample], theirs: Sequence[Sample]) -> tuple[float, ...]:
    return tuple(a[name] / b[name] for a, b in zip(ours, theirs, strict=False) if name in a and name in b)
