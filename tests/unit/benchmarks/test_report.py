from __future__ import annotations

import json

from benchmarks.figures import LOAD_BUSY, Target
from benchmarks.report import document, target_table, workload_text
from benchmarks.table import render
from benchmarks.workload import Case, Workload

from .support import THEIRS, make_outcome, make_workload, unmeasured


def sample(rate: float, cost: float) -> dict[str, float]:
    return {"rate": rate, "cost": cost}


def test_a_table_has_its_first_column_to_the_left() -> None:
    assert render(("peer", "n"), [("a", "1,000"), ("longer", "2")]) == (
        "peer        n\n"
        "------  -----\n"
        "a       1,000\n"
        "longer      2"
    )  # fmt: skip


def test_a_workload_is_told_case_by_case() -> None:
    cases = (Case("small"), Case("big"))
    outcome = make_outcome(
        make_workload(cases=cases),
        {"small": {"ours": [sample(2000, 1e-6), sample(4000, 3e-6)], "theirs": [sample(1, 0)]}, "big": {}},
        failures={"big": {"theirs": "changed a byte"}},
        absent={"gevent": "gevent"},
    )
    assert workload_text(outcome).splitlines() == [
        "work: work & play",
        "rounds 2, warm-up 0.1, took 3 s; other processes used 2% of the machine, the hypervisor took 0%",
        "server    jobs/s  CPU µs/job",
        "--------  ------  ----------",
        "small:",
        "  ours     3,000        2.00",
        "  theirs       1        0.00",
        "gevent: left out, no gevent here",
        "theirs (big): FAILED: changed a byte",
    ]


def test_a_load_generator_without_a_rest_is_marked() -> None:
    workload = Workload("w", (THEIRS,), (LOAD_BUSY,), make_workload().chart, unmeasured)
    busy, idle = (
        workload_text(make_outcome(workload, {"": {"theirs": [{"load_busy": share}]}})) for share in (0.97, 0.9)
    )
    assert "(!) 97" in busy
    assert "bottleneck" in busy
    assert "(!)" not in idle


def test_all_targets_are_in_one_table() -> None:
    targets = (Target("ours", "theirs", 1.5), Target("ours", "theirs", 0.9, "cost"), Target("ours", None, 3.0, "cost"))
    samples = {"": {"ours": [sample(3, 4e-6), sample(2, 4e-6)], "theirs": [sample(1, 4e-6), sample(2, 5e-6)]}}
    table = target_table([make_outcome(make_workload(*targets), samples)], "pure Python")
    head, _, *rows, last = table.splitlines()
    assert " ".join(head.split()) == "targets of the pure Python build figure target reached lowest highest CPU ratio"
    assert [" ".join(row.split()) for row in rows] == [
        "work: ours / theirs jobs/s >= 1.50 2.00 1.00 3.00 0.90 met by 33.3%",
        "work: ours / theirs CPU µs/job <= 0.90 0.90 0.80 1.00 0.90 met by 0.0%",
        "work: ours CPU µs/job <= 3.00 4.00 4.00 4.00 - MISSED by 33.3%",
    ]
    assert last == "2 of 3 met; ratios are medians over the rounds"


def test_a_target_whose_peer_is_absent_or_failed_is_not_measured() -> None:
    cases = (Case("small"), Case("big"), Case("alone", only=("ours",)))
    targets = (Target("ours", "theirs", 1.5, compiled=1.8), Target("ours", "theirs", 0.9, "cost", case="big"))
    workload = make_workload(*targets, cases=cases)
    both = {"ours": [sample(3, 1)], "theirs": [sample(1, 1)]}
    failed = make_outcome(workload, {"small": both, "big": {}, "alone": {}}, failures={"big": {"ours": "broke"}})
    rows = target_table([failed], "compiled").splitlines()
    assert "work, small: ours / theirs" in rows[2]
    assert " ".join(rows[3].split()) == "work, big: ours / theirs jobs/s >= 1.80 - - - - not measured"
    assert " ".join(rows[4].split()) == "work, big: ours / theirs CPU µs/job <= 0.90 - - - - not measured"
    assert rows[5].startswith("1 of 3 met, 2 not measured;")
    absent = make_outcome(workload, {case.name: {} for case in cases}, absent={"theirs": "node"})
    assert [case for _, case in absent.unmeasured] == ["small", "big", "big"]
    assert document({}, [absent])["workloads"]["work"]["unmeasured"][1]["case"] == "big"


def test_a_target_against_another_case_names_it() -> None:
    workload = make_workload(Target("ours", "ours", 1.5, case="big", than="small"), cases=(Case("small"), Case("big")))
    outcome = make_outcome(workload, {"small": {"ours": [sample(1, 1)]}, "big": {"ours": [sample(2, 1)]}})
    assert target_table([outcome], "x").splitlines()[2].startswith("work, big: ours / ours at small ")


def test_the_document_has_every_sample_and_verdict() -> None:
    workload = make_workload(Target("ours", "theirs", 1.5), cases=(Case("", {"size": 64}),))
    outcome = make_outcome(workload, {"": {"ours": [sample(3, 1)], "theirs": [sample(1, 1)]}}, absent={"trio": "trio"})
    written = json.loads(json.dumps(document({"cpu": "fast"}, [outcome])))
    assert written["machine"] == {"cpu": "fast"}
    work = written["workloads"]["work"]
    assert work["settings"] == {"rounds": 2, "warm_up": 0.1}
    assert work["usage"] == {"others": 0.02, "stolen": 0}
    assert work["absent"] == {"trio": "trio"}
    assert work["cases"][""]["options"] == {"size": 64}
    assert work["cases"][""]["peers"]["ours"] == {"median": sample(3, 1), "samples": [sample(3, 1)]}
    (target,) = work["targets"]
    assert (target["ours"], target["bound"], target["ratio"], target["met"]) == ("ours", 1.5, 3.0, True)
