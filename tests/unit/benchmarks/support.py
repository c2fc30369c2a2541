"""Workloads and outcomes that nobody measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.figures import Target, cost, judge, rate
from benchmarks.machine import Usage
from benchmarks.peer import Peer
from benchmarks.rounds import Turns
from benchmarks.runner import Outcome
from benchmarks.workload import Case, Chart, Setting, Workload

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.bench import Bench
    from benchmarks.figures import Sample, Samples

OURS, THEIRS = Peer("ours", "servers/ours.py"), Peer("theirs", "servers/theirs.py")


def unmeasured(_: Bench, __: Peer, ___: Setting) -> Sample:
    raise AssertionError("nothing is measured")


def make_workload(*targets: Target, cases: tuple[Case, ...] = (Case(""),), chart: Chart | None = None) -> Workload:
    return Workload(
        title="work & play",
        peers=(OURS, THEIRS),
        figures=(rate("jobs/s"), cost("CPU µs/job")),
        chart=chart or Chart(("rate", "cost")),
        measure=unmeasured,
        targets=targets,
        cases=cases,
    )


def make_outcome(
    workload: Workload,
    samples: Samples,
    failures: Mapping[str, dict[str, str]] | None = None,
    absent: Mapping[str, str] | None = None,
) -> Outcome:
    turns = {
        case: Turns({name: list(taken) for name, taken in peers.items()}, (failures or {}).get(case, {}))
        for case, peers in samples.items()
    }
    verdicts = tuple(
        verdict
        for target in workload.targets
        for verdict in judge(target, workload.figure(target.figure), samples, compiled=False)
    )
    return Outcome("work", workload, {"rounds": 2, "warm_up": 0.1}, turns, absent or {}, verdicts, 3.2, Usage(0.02, 0))
