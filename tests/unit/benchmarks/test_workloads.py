from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import benchmarks
from benchmarks.cli import main
from benchmarks.peer import Peer, take_part
from benchmarks.runner import Wanted
from benchmarks.workload import Case, Workload, find

from .support import make_workload

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(benchmarks.__file__).parent
WORKLOADS = find()


@pytest.fixture(params=list(WORKLOADS.values()), ids=list(WORKLOADS))
def workload(request: pytest.FixtureRequest) -> Workload:
    found: Workload = request.param
    return found


def names_in(workload: Workload) -> Iterator[str]:
    for case in workload.cases:
        yield from (*case.peers, *case.only)
    for target in workload.targets:
        yield target.ours
        if target.theirs is not None:
            yield target.theirs


def test_each_module_of_the_folder_is_a_workload() -> None:
    assert list(WORKLOADS) == sorted(path.stem for path in (HERE / "workloads").glob("*.py") if path.stem != "__init__")


def test_a_workload_names_only_peers_cases_and_figures_that_it_has(workload: Workload) -> None:
    peers = [peer.name for peer in workload.peers]
    cases = [case.name for case in workload.cases]
    assert len(set(peers)) == len(peers)
    assert len(set(cases)) == len(cases)
    assert set(names_in(workload)) <= set(peers)
    assert {target.case for target in workload.targets} | {target.than for target in workload.targets} <= {*cases, None}
    figures = {figure.name for figure in workload.figures}
    assert {target.figure for target in workload.targets} | set(workload.chart.figures) <= figures


def test_the_programs_of_a_workload_exist(workload: Workload) -> None:
    assert [peer.script for peer in workload.peers if not (HERE / peer.script).is_file()] == []


def test_lines_have_two_places_at_least(workload: Workload) -> None:
    assert not workload.chart.lines or len({case.x for case in workload.cases if case.x > 0}) > 1


def test_peers_of_a_case_take_part_without_full_and_only_those_of_only_ever() -> None:
    case = Case("c", peers=("a",), only=("a", "b"))
    assert [case.takes(name, full=False) for name in "abc"] == [True, False, False]
    assert [case.takes(name, full=True) for name in "abc"] == [True, True, False]


def test_rounds_and_seconds_are_the_workloads_own_unless_asked() -> None:
    workload = make_workload()
    assert (Wanted().rounds_of(workload), Wanted().timing_of(workload)) == (3, {"seconds": 0.5, "warm_up": 0.2})
    assert Wanted(full=True).rounds_of(workload) == 6
    assert Wanted(quick=True).rounds_of(workload) == 1
    assert Wanted(quick=True).timing_of(workload) == {"seconds": 0.05, "warm_up": 0.05}
    asked = Wanted(rounds=9, seconds=2, full=True)
    assert (asked.rounds_of(workload), asked.timing_of(workload)) == (9, {"seconds": 2, "warm_up": 0.2})


def test_a_peer_that_cannot_run_here_is_absent() -> None:
    peers = (Peer("a", "servers/a.py"), Peer("b", "servers/b.py", needs=("no_such_module",)), Peer("c", "servers/c.py"))
    assert take_part(peers, []) == ([peers[0], peers[2]], {"b": "no_such_module"})
    assert take_part(peers, ["c"]) == ([peers[2]], {})
    assert take_part(peers, ["c", "b"]) == ([peers[2]], {"b": "no_such_module"})


def test_all_of_them_take_less_than_ten_minutes() -> None:
    assert sum(Wanted().estimate(workload) for workload in WORKLOADS.values()) < 570


def test_an_estimate_is_of_those_that_take_part() -> None:
    workload = make_workload(cases=(Case("small"), Case("big", peers=("ours",))))
    assert Wanted().estimate(workload) == pytest.approx(3 * 3 * (0.5 + 0.2 + 0.3))
    assert Wanted(full=True).estimate(workload) == pytest.approx(6 * 4 * (0.5 + 0.2 + 0.3))
    assert Wanted(only=("theirs",), rounds=1, seconds=2).estimate(workload) == pytest.approx(2 + 0.2 + 0.3)


def test_the_list_names_every_workload(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    *lines, last = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(WORKLOADS)
    assert last.startswith("in all")


def test_the_list_is_of_those_that_are_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list", "echo", "--rounds", "1", "--only", "node-data", "--seconds", "0.5"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split() == ["in", "all", "4", "s"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["echo", "ehco"], "no workload ehco: there are accept, "),
        (["pipeline", "--only", "twisted"], "--only: there are node-pipeline, sockstream-pipeline"),
        (["--quick", "--full"], "not allowed with argument"),
        (["--quick", "--charts"], "leave out one of the two"),
    ],
)
def test_a_wrong_command_line_is_told_what_there_is(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert complaint in capsys.readouterr().err
