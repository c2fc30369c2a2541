"""Prints how every scenario compares: `python -m tests.node.report [WORD ...]`.

A row for each scenario and transport: equal to what Node does on both sides, in every mix of sides and on each loop, or
the first difference (a row for each mix and loop that has another one), with the reason if it is there on purpose.  The
last lines count.  Words choose the scenarios whose name has one of them.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections import Counter
from typing import Any

from tests.node.harness import (
    DIFFERENCES,
    Case,
    NodeProcesses,
    ScenarioFailedError,
    cases,
    difference,
    mixes_of,
    play,
    play_program,
)
from tests.support.loops import FACTORIES

# What differs in a case, by mix and loop; None: nothing.
Results = dict[tuple[str, str], str | None]


def _failed(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split("\n"))


async def _compare(case: Case, nodes: NodeProcesses, sides: tuple[str, str]) -> str | None:
    try:
        return difference(await nodes.reference(case), await play(case, nodes, sides))
    except Exception as error:
        return _failed(error)


def _compare_program(case: Case, nodes: NodeProcesses, loop: str) -> str | None:
    try:
        return difference(nodes.program_reference(case), play_program(case, nodes, loop))
    except (ScenarioFailedError, subprocess.TimeoutExpired) as error:
        return _failed(error)


def _chosen(words: list[str], *, programs: bool) -> list[Case]:
    return [case for case in cases(programs=programs) if not words or any(word in case.id for word in words)]


def _results(nodes: NodeProcesses, words: list[str]) -> dict[Case, Results]:
    found: dict[Case, Results] = {case: {} for programs in (False, True) for case in _chosen(words, programs=programs)}
    for loop, factory in FACTORIES.items():
        with asyncio.Runner(loop_factory=factory) as runner:
            for case, results in found.items():
                if case.scenario.is_program:
                    results["program", loop] = _compare_program(case, nodes, loop)
                    continue
                for mix, sides in mixes_of(case).items():
                    results[mix, loop] = runner.run(_compare(case, nodes, sides))
    return found


def _rows(case: Case, results: Results) -> list[str]:
    """Return what to say of a case: one line if it is the same in every mix and on each loop."""
    reason = DIFFERENCES.get(case.scenario.id)
    by_text: dict[str | None, list[str]] = {}
    for (mix, loop), text in results.items():
        by_text.setdefault(text, []).append(f"{mix} {loop}")
    if len(by_text) == 1:
        return [_verdict(text, reason) for text in by_text]
    return [f"{_verdict(text, reason)}  ({', '.join(where)})" for text, where in by_text.items()]


def _verdict(text: str | None, reason: str | None) -> str:
    if text is None:
        return "equal" if reason is None else f"EQUAL, though: {reason}"
    return f"DIFFERS  {text}" if reason is None else f"differs  {text}  [{reason}]"


def _is_unexpected(case: Case, results: Results) -> bool:
    wanted = case.scenario.id in DIFFERENCES
    return any((text is not None) != wanted for text in results.values())


def _print_table(found: dict[Case, Results]) -> None:
    width = max(len(case.id) for case in found)
    for case, results in found.items():
        for row in _rows(case, results):
            print(f"{case.id:{width}}  {row}")


def _print_counts(found: dict[Case, Results]) -> int:
    """Print a line for each family of groups (net, stream, ...); return how many scenarios are not as wanted."""
    scenarios, comparisons, explained, wrong = (Counter[str]() for _ in range(4))
    for scenario in {case.scenario.id: case.scenario for case in found}.values():
        family = scenario.group.split("_")[0]
        mine = {case: results for case, results in found.items() if case.scenario.id == scenario.id}
        scenarios[family] += 1
        comparisons[family] += sum(map(len, mine.values()))
        explained[family] += scenario.id in DIFFERENCES
        wrong[family] += any(_is_unexpected(case, results) for case, results in mine.items())
    print()
    for family, count in scenarios.items():
        print(
            f"{family}: {count} scenarios ({comparisons[family]} comparisons), "
            f"{count - explained[family] - wrong[family]} equal, {explained[family]} different on purpose, "
            f"{wrong[family]} different"
        )
    return wrong.total()


def main(words: list[str]) -> Any:
    """Print the table; the exit code tells whether all is equal."""
    node = shutil.which("node")
    if node is None:
        return "node is not installed"
    nodes = NodeProcesses(node)
    try:
        found = _results(nodes, words)
    finally:
        nodes.close()
    if not found:
        return "no such scenario"
    _print_table(found)
    return bool(_print_counts(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
