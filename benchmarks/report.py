"""What a run says: the heading, a table for each workload, the table of all targets, the JSON document."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from benchmarks.figures import LOAD_BUSY, Better, Verdict, summarise
from benchmarks.machine import COMPILED
from benchmarks.table import render

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.figures import Figure, Sample, Target
    from benchmarks.machine import Cores
    from benchmarks.runner import Outcome

__all__ = ["document", "heading", "target_table", "workload_text"]

# A load generator that works all the time is what the figures measure.
_LOAD_LIMIT = 0.95


def heading(facts: Mapping[str, str], cores: Cores) -> str:
    """Return what can be said before the run: the machine, the versions, the cores."""
    return f"{_list(facts)}\n{cores}\n"


def workload_text(outcome: Outcome) -> str:
    """Return a workload's table, and who took no part or failed."""
    run = f"{_list(outcome.settings)}, took {outcome.elapsed:.0f} s; {outcome.usage}"
    rows = list(_rows(outcome))
    lines = [
        f"{outcome.name}: {outcome.workload.title}",
        run,
        render(("server", *(figure.title for figure in outcome.workload.figures)), rows),
    ]
    if any(_MARK in cell for row in rows for cell in row):
        lines.append(f"{_MARK} the load generator was the bottleneck: the server could do more")
    lines += [f"{name}: left out, no {missing} here" for name, missing in outcome.absent.items()]
    lines += [
        f"{name}{f' ({case})' if case else ''}: FAILED: {failure}"
        for case, turns in outcome.turns.items()
        for name, failure in turns.failures.items()
    ]
    return "\n".join(lines) + "\n"


_MARK = "(!)"


def _rows(outcome: Outcome) -> Iterator[Sequence[str]]:
    figures = outcome.workload.figures
    for case, peers in outcome.samples.items():
        if case and peers:
            yield (f"{case}:", *("" for _ in figures))
        for name, taken in peers.items():
            summary = summarise(taken)
            yield (f"  {name}" if case else name, *(_cell(figure, summary) for figure in figures))


def _cell(figure: Figure, summary: Sample) -> str:
    warning = f"{_MARK} " if figure is LOAD_BUSY and summary[figure.name] > _LOAD_LIMIT else ""
    return warning + figure.text(summary[figure.name])


def target_table(outcomes: Sequence[Outcome], build: str) -> str:
    """Return the table of every target, of all workloads.

    Args:
        outcomes: of the workloads that ran.
        build: which build of sockstream was measured.
    """
    header = (f"targets of the {build} build", "figure", "target", "reached", "lowest", "highest", "CPU ratio", "")
    rows = [row for outcome in outcomes for row in _target_rows(outcome, compiled=build == COMPILED)]
    verdicts = [verdict for outcome in outcomes for verdict in outcome.verdicts]
    met = f"{sum(verdict.met for verdict in verdicts)} of {len(rows)} met"
    missing = f", {len(rows) - len(verdicts)} not measured" if len(rows) > len(verdicts) else ""
    return f"{render(header, rows)}\n{met}{missing}; ratios are medians over the rounds"


def _target_rows(outcome: Outcome, *, compiled: bool) -> Iterator[Sequence[str]]:
    for verdict in outcome.verdicts:
        asked = _asked(outcome.name, verdict.case, verdict.target, verdict.figure, verdict.bound)
        numbers = (verdict.ratio, min(verdict.ratios), max(verdict.ratios))
        cpu = "-" if verdict.cpu is None else f"{verdict.cpu:.2f}"
        reached = f"{'met' if verdict.met else 'MISSED'} by {abs(verdict.margin):.1%}"
        yield (*asked, *(f"{number:.2f}" for number in numbers), cpu, reached)
    for target, case in outcome.unmeasured:
        figure, bound = outcome.workload.figure(target.figure), target.bound_for(compiled=compiled)
        yield (*_asked(outcome.name, case, target, figure, bound), "-", "-", "-", "-", "not measured")


def _asked(name: str, case: str, target: Target, figure: Figure, bound: float) -> Sequence[str]:
    sign = ">=" if figure.better is Better.HIGHER else "<="
    what = target.ours
    if target.theirs is not None:
        what += f" / {target.theirs}" + (f" at {target.than}" if target.than else "")
    where = f"{name}, {case}" if case else name
    return (f"{where}: {what}", figure.title, f"{sign} {bound:.2f}")


def document(facts: Mapping[str, str], outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return what the JSON file holds: all of the above, and every sample."""
    return {
        "machine": dict(facts),
        "workloads": {outcome.name: _workload_document(outcome) for outcome in outcomes},
    }


def _workload_document(outcome: Outcome) -> dict[str, Any]:
    options = {case.name: dict(case.options) for case in outcome.workload.cases}
    return {
        "title": outcome.workload.title,
        "settings": dict(outcome.settings),
        "usage": asdict(outcome.usage),
        "absent": dict(outcome.absent),
        "cases": {
            case: {
                "options": options[case],
                "peers": {
                    name: {"median": summarise(taken), "samples": taken} for name, taken in turns.samples.items()
                },
                "failures": turns.failures,
            }
            for case, turns in outcome.turns.items()
        },
        "targets": [_target_document(verdict) for verdict in outcome.verdicts],
        "unmeasured": [asdict(target) | {"case": case} for target, case in outcome.unmeasured],
    }


def _target_document(verdict: Verdict) -> dict[str, object]:
    target = verdict.target
    names = {"ours": target.ours, "theirs": target.theirs, "case": verdict.case, "than": target.than}
    reached = {"met": verdict.met, "ratio": verdict.ratio, "ratios": verdict.ratios, "cpu": verdict.cpu}
    return {**names, "figure": verdict.figure.name, "bound": verdict.bound, **reached}


def _list(things: Mapping[str, object]) -> str:
    return ", ".join(f"{name.replace('_', '-')} {value}" for name, value in things.items())
