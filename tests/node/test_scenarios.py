"""Every scenario: what sockstream logs is what Node logs, also when each plays one role against the other."""

from __future__ import annotations

from typing import Any

import pytest

from tests.node.harness import (
    DIFFERENCES,
    GROUPS,
    Case,
    NodeProcesses,
    cases,
    difference,
    mixes_of,
    play,
    play_program,
    scenarios,
)
from tests.support.loops import FACTORIES
from tests.support.moving import moving


def plays(*groups: str) -> list[Any]:
    """Return each case of some groups, or of all, with the sides that play its roles."""
    chosen = [case for case in cases() if not groups or case.scenario.group in groups]
    return [
        pytest.param(case, sides, id=f"{case.id}-{mix}") for case in chosen for mix, sides in mixes_of(case).items()
    ]


PROGRAMS = [pytest.param(case, id=case.id) for case in cases(programs=True)]


def judge(case: Case, found: str | None) -> None:
    if case.scenario.id in DIFFERENCES:
        assert found is not None, f"equal now: {DIFFERENCES[case.scenario.id]}"
    else:
        assert found is None, found


@pytest.mark.parametrize(("case", "sides"), plays())
async def test_a_scenario_goes_as_in_node(case: Case, sides: tuple[str, str], nodes: NodeProcesses) -> None:
    judge(case, difference(await nodes.reference(case), await play(case, nodes, sides)))


@pytest.mark.parametrize(("case", "sides"), plays("net_moments", "net_pipes", "net_writing"))
async def test_it_does_when_bytes_move_in_the_kernel(case: Case, sides: tuple[str, str], nodes: NodeProcesses) -> None:
    with moving("forced"):
        judge(case, difference(await nodes.reference(case), await play(case, nodes, sides)))


@pytest.mark.parametrize("loop", FACTORIES)
@pytest.mark.parametrize("case", PROGRAMS)
def test_a_program_exits_as_in_node(case: Case, loop: str, nodes: NodeProcesses) -> None:
    judge(case, difference(nodes.program_reference(case), play_program(case, nodes, loop)))


@pytest.mark.only_loop("asyncio")
@pytest.mark.parametrize("group", GROUPS)
async def test_both_languages_have_the_same_scenarios(group: str, nodes: NodeProcesses) -> None:
    assert sorted(scenario.js_name for scenario in scenarios(group)) == sorted(await nodes.names(group))


def test_each_difference_is_of_a_scenario() -> None:
    assert {case.scenario.id for case in [*cases(), *cases(programs=True)]} >= set(DIFFERENCES)
