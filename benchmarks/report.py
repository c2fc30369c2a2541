"""What a run says: the heading, the tables, the JSON document."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from benchmarks.figures import Metric, Sample, Verdict, summarise
from benchmarks.table import render

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.harness import Results
    from benchmarks.machine import Cores, Usage

__all__ = ["body", "document", "heading"]

# A load generator that works all the time is what the figures measure.
_LOAD_LIMIT = 0.95


def heading(name: str, options: Mapping[str, float], facts: Mapping[str, str], cores: Cores) -> str:
    """Return what can be said before the run: the work, the machine, the cores."""
    return f"{name}: {_list(options)}\n{_list(facts)}\n{cores}\n"


def body(unit: str, results: Results, verdicts: Sequence[Verdict], usage: Usage) -> str:
    """Return what the run gave: the figures, the targets, what else kept the machine busy, and who failed."""
    parts = []
    if results.samples:
        parts.append(_figures_table(unit, results.samples))
    if verdicts:
        parts.append(_verdict_table(verdicts))
    failures = [f"{name}: FAILED: {failure}" for name, failure in results.failures.items()]
    return "\n\n".join((*parts, "\n".join((str(usage), *failures))))


def document(
    settings: Mapping[str, object], facts: Mapping[str, str], results: Results, verdicts: Sequence[Verdict]
) -> dict[str, Any]:
    """Return what the JSON file holds: all of the above, and every sample."""
    servers = {
        name: {"median": asdict(summarise(taken)), "samples": [asdict(sample) for sample in taken]}
        for name, taken in results.samples.items()
    }
    return {
        "settings": dict(settings),
        "machine": dict(facts),
        "servers": servers,
        "failures": results.failures,
        "targets": [_target(verdict) for verdict in verdicts],
    }


def _target(verdict: Verdict) -> dict[str, object]:
    target = verdict.target
    names = {"ours": target.ours, "theirs": target.theirs, "metric": target.metric.value, "bound": target.bound}
    return {**names, "met": verdict.met, "ratio": verdict.ratio, "ratios": verdict.ratios}


def _list(things: Mapping[str, object]) -> str:
    return ", ".join(f"{name.replace('_', '-')} {value}" for name, value in things.items())


def _figures_table(unit: str, samples: Mapping[str, Sequence[Sample]]) -> str:
    header = ("server", f"{unit}s/s", f"CPU µs/{unit}", "server busy", "load busy")
    rows = []
    for name, taken in samples.items():
        summary = summarise(taken)
        warning = " (!)" if summary.load_busy > _LOAD_LIMIT else ""
        cells = (f"{summary.rate:,.0f}", f"{summary.cost * 1e6:.2f}", f"{summary.server_busy:.0%}")
        rows.append((name, *cells, f"{summary.load_busy:.0%}{warning}"))
    table = render(header, rows)
    if any("(!)" in row[-1] for row in rows):
        table += "\n(!) the load generator was the bottleneck: the server could do more"
    return table


def _verdict_table(verdicts: Sequence[Verdict]) -> str:
    header = ("ratio, median of rounds", "of", "target", "reached", "lowest", "highest", "CPU ratio", "")
    return render(header, [_verdict_row(verdict) for verdict in verdicts])


def _verdict_row(verdict: Verdict) -> Sequence[str]:
    target = verdict.target
    sign, what = (">=", "rate") if target.metric is Metric.RATE else ("<=", "CPU")
    outcome = f"{'met' if verdict.met else 'MISSED'} by {abs(verdict.margin):.1%}"
    numbers = (
        f"{number:.2f}" for number in (verdict.ratio, min(verdict.ratios), max(verdict.ratios), verdict.cost_ratio)
    )
    return (f"{target.ours} / {target.theirs}", what, f"{sign} {target.bound:.2f}", *numbers, outcome)
