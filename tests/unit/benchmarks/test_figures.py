from __future__ import annotations

import pytest

from benchmarks.figures import Better, Figure, Target, cost, derive, judge, rate, summarise

RATE, COST = rate("jobs/s"), cost("CPU µs/job")
GROWN = Figure("grown", "MB grown", Better.LOWER, 1e-6, 1)


def rates(*values: float) -> list[dict[str, float]]:
    return [{"rate": value} for value in values]


def test_a_figure_is_told_in_its_unit() -> None:
    assert RATE.text(1234567.8) == "1,234,568"
    assert COST.text(0.00001234) == "12.34"
    assert GROWN.text(12_345_678) == "12.3"


def test_rate_cost_and_shares_follow_from_what_was_counted() -> None:
    raw = {"units": 200, "seconds": 2.0, "server_cpu": 1.0, "load_cpu": 0.5, "p99": 0.003}
    assert derive(raw) == {**raw, "rate": 100.0, "cost": 0.005, "server_busy": 0.5, "load_busy": 0.25}


def test_what_counts_no_units_is_left_as_it_is() -> None:
    assert derive({"bytes": 7.0}) == {"bytes": 7.0}


def test_a_sample_without_any_work_is_none() -> None:
    with pytest.raises(ValueError, match="no unit of work"):
        derive({"units": 0, "seconds": 1.0, "server_cpu": 1.0, "load_cpu": 0.5})


def test_a_summary_has_the_median_of_each_figure() -> None:
    taken = [{"rate": 1.0, "cost": 9.0}, {"rate": 5.0, "cost": 1.0}, {"rate": 2.0, "cost": 2.0}]
    assert summarise(taken) == {"rate": 2.0, "cost": 2.0}


def test_ratios_are_taken_round_by_round() -> None:
    samples = {"": {"ours": rates(100, 50, 300), "theirs": rates(50, 50, 100)}}
    (verdict,) = judge(Target("ours", "theirs", 1.6), RATE, samples, compiled=False)
    assert verdict.ratios == (2.0, 1.0, 3.0)
    assert verdict.ratio == 2.0
    assert verdict.met
    assert verdict.margin == pytest.approx(0.25)


def test_a_rate_is_to_be_at_least_the_bound_and_a_cost_at_most() -> None:
    samples = {"": {"ours": [{"rate": 1.0, "cost": 1.0}], "theirs": [{"rate": 2.0, "cost": 2.0}]}}
    (by_rate,) = judge(Target("ours", "theirs", 0.6), RATE, samples, compiled=False)
    (by_cost,) = judge(Target("ours", "theirs", 0.6, "cost"), COST, samples, compiled=False)
    assert not by_rate.met
    assert by_rate.margin == pytest.approx(-1 / 6)
    assert by_cost.met
    assert by_cost.margin == pytest.approx(1 / 6)


def test_a_target_that_is_just_reached_is_met() -> None:
    (verdict,) = judge(
        Target("ours", "theirs", 2.0), RATE, {"": {"ours": rates(4), "theirs": rates(2)}}, compiled=False
    )
    assert verdict.margin == 0
    assert verdict.met


def test_a_verdict_on_a_rate_tells_the_ratio_of_the_cpu_beside_it() -> None:
    samples = {"": {"ours": [{"rate": 1.0, "cost": 3.0}], "theirs": [{"rate": 2.0, "cost": 4.0}]}}
    (verdict,) = judge(Target("ours", "theirs", 0.6), RATE, samples, compiled=False)
    assert verdict.cpu == 0.75


def test_the_compiled_build_is_to_reach_more_where_that_is_asked() -> None:
    samples = {"": {"ours": rates(1), "theirs": rates(1)}}
    for target, bounds in (
        (Target("ours", "theirs", 0.8, compiled=1.2), (0.8, 1.2)),
        (Target("ours", "theirs", 2), (2, 2)),
    ):
        assert tuple(judge(target, RATE, samples, compiled=built)[0].bound for built in (False, True)) == bounds


def test_a_target_without_a_case_is_looked_at_in_each() -> None:
    samples = {
        "small": {"ours": rates(1), "theirs": rates(1)},
        "big": {"ours": rates(2), "theirs": rates(1)},
        "huge": {"ours": rates(2)},
    }
    verdicts = judge(Target("ours", "theirs", 1.5), RATE, samples, compiled=False)
    assert [(verdict.case, verdict.met) for verdict in verdicts] == [("small", False), ("big", True)]
    (only,) = judge(Target("ours", "theirs", 1.5, case="big"), RATE, samples, compiled=False)
    assert only.case == "big"


def test_a_peer_can_be_compared_with_itself_in_another_case() -> None:
    samples = {"100": {"ours": [{"cost": 2.0}]}, "10,000": {"ours": [{"cost": 5.0}]}}
    (verdict,) = judge(Target("ours", "ours", 1.5, "cost", case="10,000", than="100"), COST, samples, compiled=False)
    assert verdict.ratio == 2.5


def test_a_bound_can_be_a_value_in_the_unit_of_the_figure() -> None:
    samples = {"": {"ours": [{"grown": 6e6}, {"grown": 7e6}]}}
    (verdict,) = judge(Target("ours", None, 8.0, "grown"), GROWN, samples, compiled=False)
    assert verdict.ratio == 6.5
    assert verdict.met
    assert verdict.cpu is None


@pytest.mark.parametrize("samples", [{}, {"": {"ours": rates(1)}}, {"": {"ours": rates(1), "theirs": []}}])
def test_there_is_no_verdict_without_both(samples: dict[str, dict[str, list[dict[str, float]]]]) -> None:
    assert judge(Target("ours", "theirs", 1.0), RATE, samples, compiled=False) == []
