"""Runs one workload: all of its cases, all of its rounds."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.figures import judge
from benchmarks.machine import Watch
from benchmarks.peer import take_part
from benchmarks.rounds import Turns, take_turns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.bench import Bench
    from benchmarks.figures import Sample, Samples, Target, Verdict
    from benchmarks.machine import Usage
    from benchmarks.peer import Peer
    from benchmarks.workload import Case, Setting, Workload

__all__ = ["Outcome", "Wanted", "run"]

_QUICK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asked for.

    Attributes:
        only: parts of peers' names; none means all.
        rounds: instead of the workload's own.
        seconds: instead of the workload's own.
        quick: one short round of small cases, to see that all of it works.
        full: every peer in every case, and twice the rounds.
        compiled: which build of sockstream is measured.
    """

    only: tuple[str, ...] = ()
    rounds: int | None = None
    seconds: float | None = None
    quick: bool = False
    full: bool = False
    compiled: bool = False

    def rounds_of(self, workload: Workload) -> int:
        """Return how many rounds a workload gets."""
        return self.rounds or (1 if self.quick else workload.rounds * (2 if self.full else 1))

    def timing_of(self, workload: Workload) -> dict[str, float]:
        """Return how long a sample of a workload takes."""
        seconds = self.seconds or (_QUICK_SECONDS if self.quick else workload.seconds)
        return {"seconds": seconds, "warm_up": min(workload.warm_up, seconds)}

    def estimate(self, workload: Workload) -> float:
        """Return about how many seconds a workload takes on a machine that does nothing else."""
        peers = [peer.name for peer in workload.peers if not self.only or any(word in peer.name for word in self.only)]
        turns = sum(case.takes(name, full=self.full) for case in workload.cases for name in peers)
        return self.rounds_of(workload) * turns * (sum(self.timing_of(workload).values()) + workload.overhead)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a workload gave.

    Attributes:
        name: the workload's.
        workload: what was done.
        settings: rounds, seconds, warm-up.
        turns: of each case, the samples and the failures.
        absent: what is missing here for a peer that takes no part.
        verdicts: on the targets that could be looked at.
        elapsed: seconds that all of it took.
        usage: what else kept the machine busy meanwhile.
    """

    name: str
    workload: Workload
    settings: Mapping[str, float]
    turns: Mapping[str, Turns]
    absent: Mapping[str, str]
    verdicts: tuple[Verdict, ...]
    elapsed: float
    usage: Usage

    @property
    def samples(self) -> Samples:
        """Of each case, of each peer: one sample a round."""
        return {case: turns.samples for case, turns in self.turns.items()}

    @property
    def failed(self) -> bool:
        """Whether a peer did not do its work."""
        return any(turns.failures for turns in self.turns.values())

    @property
    def unmeasured(self) -> list[tuple[Target, str]]:
        """The targets, each with its case, on which there is no verdict since a peer is absent or has failed."""
        return [
            (target, case.name)
            for target in self.workload.targets
            for case in self.workload.cases
            if target.case in (None, case.name) and self._lost(target, case)
        ]

    def _lost(self, target: Target, case: Case) -> bool:
        failures = {*self.turns[case.name].failures, *self.turns[target.than or case.name].failures}
        names = (target.ours, *([target.theirs] if target.theirs else ()))
        takes_part = all(case.takes(name, full=True) for name in names)
        return takes_part and any(name in failures or name in self.absent for name in names)


def run(
    name: str,
    workload: Workload,
    bench: Bench,
    wanted: Wanted,
    progress: Callable[[str], None],
) -> Outcome:
    """Measure a workload.

    Args:
        name: its name.
        workload: what to do.
        bench: where to do it.
        wanted: how long, and with whom.
        progress: told in words before each measurement.
    """
    started, watch = time.monotonic(), Watch()
    present, absent = take_part(workload.peers, list(wanted.only))
    rounds, timing = wanted.rounds_of(workload), wanted.timing_of(workload)
    turns = {}
    for case in workload.cases:
        peers = [peer for peer in present if case.takes(peer.name, full=wanted.full)]
        options = {**case.options, **(case.quick if wanted.quick else {}), **timing}
        with workload.fixture(bench, options) as setting:
            measure = partial(_measure, bench, workload, setting)
            turns[case.name] = take_turns(peers, measure, rounds, partial(_announce, progress, name, case))
    samples = {case: taken.samples for case, taken in turns.items()}
    verdicts = tuple(
        verdict
        for target in workload.targets
        for verdict in judge(target, workload.figure(target.figure), samples, compiled=wanted.compiled)
    )
    settings = {"rounds": rounds, **timing}
    return Outcome(name, workload, settings, turns, absent, verdicts, time.monotonic() - started, watch.usage())


def _measure(bench: Bench, workload: Workload, setting: Setting, peer: Peer) -> Sample:
    return workload.measure(bench, peer, setting)


def _announce(progress: Callable[[str], None], name: str, case: Case, number: int, peer: Peer) -> None:
    progress(f"{name} {case.name}, round {number}: {peer.name}")
