"""What a run measures and what is made of it: samples, medians, ratios, verdicts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Metric", "Sample", "Summary", "Target", "Verdict", "judge", "summarise"]


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement of one server.

    Attributes:
        units: how much work was done: messages, connections.
        seconds: how long it took.
        server_cpu: CPU seconds the server used meanwhile, user and system, all threads.
        load_cpu: the same of the load generator.
    """

    units: int
    seconds: float
    server_cpu: float
    load_cpu: float

    @property
    def rate(self) -> float:
        """Units per second."""
        return self.units / self.seconds

    @property
    def cost(self) -> float:
        """The server's CPU seconds per unit."""
        return self.server_cpu / self.units

    @property
    def server_busy(self) -> float:
        """The share of the time in which the server was on a CPU."""
        return self.server_cpu / self.seconds

    @property
    def load_busy(self) -> float:
        """The share of the time in which the load generator was on a CPU."""
        return self.load_cpu / self.seconds


class Metric(Enum):
    """What a target compares."""

    RATE = "rate"
    COST = "cost"

    def of(self, sample: Sample) -> float:
        """This metric of a sample."""
        return sample.rate if self is Metric.RATE else sample.cost


@dataclass(frozen=True, slots=True)
class Target:
    """A ratio to reach: of rates at least `bound`, of costs at most `bound`."""

    ours: str
    theirs: str
    bound: float
    metric: Metric = Metric.RATE


@dataclass(frozen=True, slots=True)
class Verdict:
    """A target and what was measured.

    Attributes:
        target: what was asked.
        ratios: of its metric, one a round.
        cost_ratio: of the CPU per unit, the median: on a busy machine it is steadier than a rate's.
    """

    target: Target
    ratios: tuple[float, ...]
    cost_ratio: float

    @property
    def ratio(self) -> float:
        """The median over the rounds."""
        return median(self.ratios)

    @property
    def margin(self) -> float:
        """How far the right side of the bound, as a share of it: 0.1 is 10 % better than asked, negative is missed."""
        share = self.ratio / self.target.bound - 1
        return share if self.target.metric is Metric.RATE else -share

    @property
    def met(self) -> bool:
        """Whether the target is reached."""
        return self.margin >= 0


@dataclass(frozen=True, slots=True)
class Summary:
    """The medians of one peer's samples."""

    rate: float
    cost: float
    server_busy: float
    load_busy: float


def summarise(samples: Sequence[Sample]) -> Summary:
    """Return the medians of a peer's samples, of which there is at least one."""
    return Summary(
        rate=median(sample.rate for sample in samples),
        cost=median(sample.cost for sample in samples),
        server_busy=median(sample.server_busy for sample in samples),
        load_busy=median(sample.load_busy for sample in samples),
    )


def judge(target: Target, samples: Mapping[str, Sequence[Sample]]) -> Verdict | None:
    """Compare two peers round by round, so that what slows the machine for a while slows both.

    Args:
        target: names the peers.
        samples: of each peer, one a round.

    Returns:
        The verdict, or None when a peer was not measured.
    """
    pairs = tuple(zip(samples.get(target.ours, ()), samples.get(target.theirs, ()), strict=False))
    if not pairs:
        return None
    ratios = tuple(target.metric.of(ours) / target.metric.of(theirs) for ours, theirs in pairs)
    return Verdict(target, ratios, median(ours.cost / theirs.cost for ours, theirs in pairs))
