"""Prints how every scenario compares: `python -m tests.node.report [WORD ...]`.

A row for each scenario, transport and mix of sides (and each loop, where its result is another one): equal to what Node
does on both sides, or the first difference, with its reason if it has one.  Words choose the scenarios whose name has
one of them.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
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
from tests.node.once import node_command, python_command
from tests.support.loops import FACTORIES


async def _compare(case: Case, nodes: NodeProcesses, sides: tuple[str, str]) -> str | None:
    try:
        return difference(await nodes.reference(case), await play(case, nodes, sides))
    except ScenarioFailedError as error:
        return " ".join(str(error).split("\n"))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def _compare_program(case: Case, node: str, loop: str) -> str | None:
    try:
        expected = play_program(node_command(node), case, case.scenario.js_name)
        got = play_program(python_command(loop), case, case.scenario.name)
    except ScenarioFailedError as error:
        return " ".join(str(error).split("\n"))
    return difference({"program": expected}, {"program": got})


def _results(nodes: NodeProcesses, words: list[str]) -> dict[tuple[str, str], dict[str, str | None]]:
    """Return what differs, by scenario and mix, then by loop."""
    chosen = [case for case in cases() if not words or any(word in case.id for word in words)]
    programs = [case for case in cases(programs=True) if not words or any(word in case.id for word in words)]
    found: dict[tuple[str, str], dict[str, str | None]] = {}
    for loop, factory in FACTORIES.items():
        with asyncio.Runner(loop_factory=factory) as runner:
            for case in chosen:
                for mix, sides in mixes_of(case).items():
                    found.setdefault((case.id, mix), {})[loop] = runner.run(_compare(case, nodes, sides))
        for case in programs:
            found.setdefault((case.id, "program"), {})[loop] = _compare_program(case, nodes.path, loop)
    return found


def _rows(name: str, results: dict[str, str | None]) -> list[tuple[str, str]]:
    """Return a scenario's rows: one, or one for each loop if the loops differ."""
    if len(set(results.values())) == 1:
        results = {"both loops": next(iter(results.values()))}
    reason = DIFFERENCES.get(name)
    return [(loop, _verdict(text, reason)) for loop, text in results.items()]


def _verdict(text: str | None, reason: str | None) -> str:
    if text is None:
        return "equal" if reason is None else f"EQUAL, though: {reason}"
    return f"DIFFERS  {text}" if reason is None else f"differs  {text}  [{reason}]"


def _print_table(found: dict[tuple[str, str], dict[str, str | None]]) -> int:
    width = max(len(name) for name, _ in found)
    unexpected = 0
    for (name, mix), results in found.items():
        for loop, verdict in _rows(name, results):
            print(f"{name:{width}}  {mix:8} {loop:10}  {verdict}")
            unexpected += verdict.startswith(("DIFFERS", "EQUAL"))
    scenarios = {name.removesuffix("-tcp").removesuffix("-unix") for name, _ in found}
    explained = len(scenarios & set(DIFFERENCES))
    print(
        f"\n{len(scenarios)} scenarios, {len(found)} comparisons on each of {len(FACTORIES)} loops: "
        f"{unexpected} different, {explained} scenarios different for a reason"
    )
    return unexpected


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
    return bool(_print_table(found)) if found else "no such scenario"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
