"""What all workloads have in common: options, peers, rounds."""

from __future__ import annotations

import json
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import report
from benchmarks.figures import judge
from benchmarks.harness import LoadGenerator, Programs, interleave
from benchmarks.machine import Usage, choose_cores, describe

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from benchmarks.figures import Target
    from benchmarks.harness import Peer

__all__ = ["Workload", "add_options", "exit_on_sigterm", "run", "take_part"]


@dataclass(frozen=True, slots=True)
class Workload:
    """One kind of work.

    Attributes:
        name: a word, for the JSON file.
        load: the load generator, a C program in `load/`; None where the peers measure themselves.
        unit: what is counted, in the singular.
        peers: the servers compared.
        targets: the ratios to reach.
    """

    name: str
    load: str | None
    unit: str
    peers: tuple[Peer, ...]
    targets: tuple[Target, ...]


def add_options(parser: argparse.ArgumentParser, *, seconds: float, rounds: int) -> None:
    """Add the options of every workload, with these defaults."""
    parser.add_argument("--seconds", type=float, default=seconds, help="measured time of one sample (%(default)s)")
    parser.add_argument("--warm-up", type=float, default=0.3, help="unmeasured time before it (%(default)s)")
    parser.add_argument("--rounds", type=int, default=rounds, help="samples of each server (%(default)s)")
    parser.add_argument("--only", action="append", metavar="NAME", help="servers whose name contains this; repeatable")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all samples and verdicts here")


def exit_on_sigterm() -> None:
    """Let SIGTERM unwind like Ctrl-C, so that no server outlives the benchmark."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def run(workload: Workload, arguments: argparse.Namespace, **load_options: int) -> int:
    """Measure a workload, print the report and write the JSON file.

    Args:
        workload: what to measure.
        arguments: what `add_options` parsed.
        **load_options: further options of the load generator.

    Returns:
        The exit status: 0, or 1 when a server failed; a missed target is a result, not a failure.
    """
    exit_on_sigterm()
    present = take_part(workload.peers, arguments.only)
    cores = choose_cores()
    facts = describe()
    options = {**load_options, "seconds": arguments.seconds, "warm_up": arguments.warm_up}
    print(report.heading(workload.name, {**options, "rounds": arguments.rounds}, facts, cores), flush=True)
    usage = Usage()
    with Programs(cores) if workload.load is None else LoadGenerator(workload.load, cores) as source:
        results = interleave(present, lambda peer: source.measure(peer, **options), arguments.rounds, _show_progress)
    _clear_progress()
    verdicts = [verdict for target in workload.targets if (verdict := judge(target, results.samples))]
    print(report.body(workload.unit, results, verdicts, usage))
    if arguments.json:
        settings = {"workload": workload.name, "unit": workload.unit, **options, "rounds": arguments.rounds}
        document = report.document(settings, facts, results, verdicts)
        arguments.json.write_text(json.dumps(document, indent=2) + "\n")
    return 1 if results.failures else 0


def take_part(peers: Sequence[Peer], only: Sequence[str] | None) -> list[Peer]:
    """Return the peers that were asked for and can run here; say which cannot.

    Args:
        peers: all there are.
        only: parts of names; nothing means all.

    Raises:
        SystemExit: no name contains any of these.
    """
    wanted = [peer for peer in peers if not only or any(word in peer.name for word in only)]
    if not wanted:
        raise SystemExit("--only: there are " + ", ".join(peer.name for peer in peers))
    for peer in wanted:
        if missing := peer.missing():
            print(f"{peer.name}: left out, no {missing} here")
    return [peer for peer in wanted if not peer.missing()]


def _show_progress(number: int, peer: Peer) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[Kround {number}: {peer.name}", end="", file=sys.stderr, flush=True)


def _clear_progress() -> None:
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
