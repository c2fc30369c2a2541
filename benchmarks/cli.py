"""The command: `python -m benchmarks`."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path

from benchmarks import charts, machine, report, workload
from benchmarks.bench import Bench
from benchmarks.runner import Outcome, Wanted, run

__all__ = ["main"]

_ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Run what the command line asks for.

    Args:
        arguments: the command line's; None means this process's.

    Returns:
        The exit status: 0, or 1 when a peer failed; a missed target is a result, not a failure.
    """
    known = workload.find()
    options = _parse(arguments, known)
    chosen = {name: known[name] for name in options.workloads or known}
    if options.list:
        print(_list(chosen, _wanted(options)))
        return 0
    # SIGTERM unwinds like Ctrl-C, so that no server outlives the benchmark.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    outcomes, facts = _measure(chosen, options)
    if options.json:
        options.json.write_text(json.dumps(report.document(facts, outcomes), indent=2) + "\n")
    if options.charts:
        for path in charts.write(outcomes, _ROOT / "docs" / "performance"):
            print(f"drawn: {path.relative_to(_ROOT)}")
    return 1 if any(outcome.failed for outcome in outcomes) else 0


def _measure(chosen: dict[str, workload.Workload], options: argparse.Namespace) -> tuple[list[Outcome], dict[str, str]]:
    """Run workloads, print each as it ends, and all targets after the last."""
    cores, facts = machine.choose_cores(), machine.describe()
    wanted = _wanted(options, compiled=facts["build"] == machine.COMPILED)
    print(report.heading(facts, cores), flush=True)
    watch = machine.Watch()
    outcomes = []
    with Bench(cores) as bench:
        for name, one in chosen.items():
            outcomes.append(run(name, one, bench, wanted, _show_progress))
            _show_progress("")
            print(report.workload_text(outcomes[-1]), flush=True)
    if any(outcome.verdicts or outcome.unmeasured for outcome in outcomes):
        print(report.target_table(outcomes, facts["build"]))
    if options.quick:
        print("--quick shows that everything works; its figures mean nothing")
    print(f"in all, {watch.usage()}")
    return outcomes, facts


def _wanted(options: argparse.Namespace, *, compiled: bool = False) -> Wanted:
    return Wanted(
        only=tuple(options.only),
        rounds=options.rounds,
        seconds=options.seconds,
        quick=options.quick,
        full=options.full,
        compiled=compiled,
    )


def _list(chosen: dict[str, workload.Workload], wanted: Wanted) -> str:
    width = max(map(len, chosen))
    estimates = {name: wanted.estimate(one) for name, one in chosen.items()}
    lines = [f"{name:{width}}  {estimates[name]:4.0f} s  {one.title}" for name, one in chosen.items()]
    return "\n".join((*lines, f"{'in all':{width}}  {sum(estimates.values()):4.0f} s"))


def _parse(arguments: list[str] | None, known: dict[str, workload.Workload]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks", description="Measures sockstream beside its peers.")
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help="which ones; none means all")
    parser.add_argument(
        "--list", action="store_true", help="say which workloads there are, and about how long they take"
    )
    parser.add_argument("--only", action="append", default=[], metavar="PEER", help="part of a peer's name; repeatable")
    parser.add_argument("--rounds", type=int, metavar="N", help="samples of each peer, for all workloads")
    parser.add_argument("--seconds", type=float, metavar="S", help="measured time of one sample, for all workloads")
    sizes = parser.add_mutually_exclusive_group()
    sizes.add_argument("--quick", action="store_true", help="one short round of small cases: does everything work?")
    sizes.add_argument("--full", action="store_true", help="every peer in every case, and twice the rounds")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all samples and verdicts here")
    parser.add_argument("--charts", action="store_true", help="draw a chart of each workload into docs/performance")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.workloads if name not in known]:
        parser.error(f"no workload {', '.join(unknown)}: there are {', '.join(known)}")
    if options.quick and options.charts:
        parser.error("--charts draws figures, and those of --quick mean nothing: leave out one of the two")
    peers = {peer.name for name in options.workloads or known for peer in known[name].peers}
    if options.only and not any(word in peer for word in options.only for peer in peers):
        parser.error(f"--only: there are {', '.join(sorted(peers))}")
    return options


def _show_progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
