"""A workload, described: who takes part, what they are given to do, what is counted, what is to be reached."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.bench import Bench
from benchmarks.figures import Figure, Sample, Target
from benchmarks.peer import Peer

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Case", "Chart", "Measure", "Options", "Setting", "Workload", "find"]

Options = Mapping[str, float | str]


@dataclass(frozen=True, slots=True)
class Setting:
    """What one run of a peer is given.

    Attributes:
        options: of the load generator, or of the program that measures itself.
        arguments: of the server, after the peer's own.
    """

    options: Options
    arguments: tuple[str, ...] = ()


# Takes one sample of a peer; `measuring.py` has those that several workloads share.
Measure = Callable[[Bench, Peer, Setting], Sample]
# Makes what the peers of a case need beside them (a file, a sink), and tells both sides of it; entered once a case.
Fixture = Callable[[Bench, Options], AbstractContextManager[Setting]]


@contextmanager
def nothing_beside(_: Bench, options: Options) -> Iterator[Setting]:
    """Give the case's options to the load generator, and nothing to the server."""
    yield Setting(options)


@dataclass(frozen=True, slots=True)
class Case:
    """One size of a workload.

    Attributes:
        name: what tables, charts and targets call it.
        options: given to the fixture, and by it to the load generator.
        quick: what `--quick` changes in them.
        peers: names of those that take part without `--full`; none means all.
        only: names of those that can take part at all; none means all.
        x: where it stands in a line chart; 0 means that it is not in it.
    """

    name: str
    options: Options = field(default_factory=dict)
    quick: Options = field(default_factory=dict)
    peers: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    x: float = 0

    def takes(self, peer: str, *, full: bool) -> bool:
        """Whether a peer takes part."""
        return (not self.only or peer in self.only) and (full or not self.peers or peer in self.peers)


@dataclass(frozen=True, slots=True)
class Chart:
    """What the chart of a workload shows.

    Attributes:
        figures: names of figures, one panel each.
        lines: a line for each peer over the cases' `x`, instead of a bar for each peer and case.
        x_title: what is on that axis.
    """

    figures: tuple[str, ...]
    lines: bool = False
    x_title: str = ""


@dataclass(frozen=True, slots=True)
class Workload:
    """One kind of work.

    Attributes:
        title: what is done, in a line.
        peers: who takes part, in order; those that are compared stand together, so that little time lies between
            their samples.
        figures: the columns of the table.
        chart: what is drawn.
        measure: how one sample is taken.
        targets: the ratios to reach.
        cases: its sizes.
        fixture: what stands beside the peers.
        seconds: how long one sample is measured, unless the command line says otherwise.
        warm_up: how long it runs unmeasured before.
        rounds: how many samples of each peer are taken.
        overhead: about how many seconds a sample takes besides: the peer starts, connections are opened.
    """

    title: str
    peers: tuple[Peer, ...]
    figures: tuple[Figure, ...]
    chart: Chart
    measure: Measure
    targets: tuple[Target, ...] = ()
    cases: tuple[Case, ...] = (Case(""),)
    fixture: Fixture = nothing_beside
    seconds: float = 0.5
    warm_up: float = 0.2
    rounds: int = 3
    overhead: float = 0.3

    def figure(self, name: str) -> Figure:
        """Return the figure of that name."""
        return next(figure for figure in self.figures if figure.name == name)


def find() -> dict[str, Workload]:
    """Return all there are: a module of `workloads/` has one as `WORKLOAD`, and its name is the workload's."""
    package = importlib.import_module("benchmarks.workloads")
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    return {name: importlib.import_module(f"benchmarks.workloads.{name}").WORKLOAD for name in names}
