"""The index of intervals: how little it does, and that removing and adding leave it as if newly made."""

from __future__ import annotations

import random

import pytest

from sockstream.net.block_rules import Interval, IntervalIndex, Rule

MANY = 100_000


class CountedInt(int):
    """A number that counts how often it is compared."""

    compared = 0

    def __lt__(self, other: object) -> bool:
        type(self).compared += 1
        return int(self) < other  # type: ignore[operator]

    def __le__(self, other: object) -> bool:
        type(self).compared += 1
        return int(self) <= other  # type: ignore[operator]


def index_of(*intervals: Interval) -> IntervalIndex:
    index = IntervalIndex()
    for interval in intervals:
        index.add(interval)
    index.holds(0)
    return index


def contents(index: IntervalIndex) -> tuple[list[int], list[int], list[int]]:
    return index._starts, index._ends, index._reach


@pytest.mark.parametrize(
    "intervals",
    [
        [(10 * number, 10 * number + 4) for number in range(MANY)],
        [(number, number) for number in range(MANY)],
        [(number, MANY) for number in range(MANY)],
        [(number, 2 * MANY - number) for number in range(MANY)],
    ],
    ids=["apart", "side by side", "with one end", "inside one another"],
)
def test_a_look_up_among_many_compares_a_few(intervals: list[Interval]) -> None:
    index = index_of(*intervals)
    for number in (-1, 0, 3, 7, 500_003, 500_007, 10 * MANY, 10**9):
        CountedInt.compared = 0
        assert index.holds(CountedInt(number)) is any(low <= number <= high for low, high in intervals)
        assert 0 < CountedInt.compared <= 18  # 17 halvings of 100,000, and the reach


def test_changes_between_look_ups_put_one_interval_in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    index = index_of(*((10 * number, 10 * number + 4) for number in range(MANY)))
    lists = [id(each) for each in contents(index)]
    monkeypatch.setattr("sockstream.net.block_rules.accumulate", None)  # what a rebuilding needs
    for number in (7, 500_006, 10 * MANY + 3):
        index.add((number, number))
        assert index.holds(number)
        index.remove((number, number))
        assert not index.holds(number)
    assert [id(each) for each in contents(index)] == lists


def test_many_changes_at_once_are_sorted_in_once(monkeypatch: pytest.MonkeyPatch) -> None:
    index = index_of((1, 5), (3, 4))
    monkeypatch.setattr(IntervalIndex, "_insert", None)
    for number in range(5000):
        index.add((10 * number, 10 * number))
    assert len(index) == 5002
    assert [index.holds(number) for number in (5, 6, 49_990)] == [True, False, True]


@pytest.mark.parametrize("bulk", [0, 100], ids=["sorted in", "one by one"])
@pytest.mark.parametrize("seed", range(10))
def test_what_is_left_is_as_if_the_rest_had_never_been(seed: int, bulk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sockstream.net.block_rules._BULK", bulk)
    rng = random.Random(seed)
    intervals = [(start := rng.randrange(60), start + rng.randrange(rng.choice((1, 5, 60)))) for _ in range(40)]
    index = index_of(*intervals)
    kept = list(intervals)
    for interval in rng.sample(intervals, 30):
        index.remove(interval)
        kept.remove(interval)
        low = sorted(kept)
        assert (index._starts, index._ends) == ([start for start, _ in low], [end for _, end in low])
        assert index._reach == [max(end for _, end in low[: at + 1]) for at in range(len(low))]


def test_an_empty_index_holds_nothing() -> None:
    assert (IntervalIndex().holds(0), len(IntervalIndex())) == (False, 0)


@pytest.mark.parametrize(
    ("rule", "ipv4", "ipv6"),
    [
        (Rule("Address", 4, 7), (7, 7), None),
        (Rule("Subnet", 4, 0x01020304, 24), (0x01020300, 0x010203FF), None),
        (Rule("Range", 4, 5, 9), (5, 9), None),
        (Rule("Address", 6, 7), None, (7, 7)),
        (Rule("Address", 6, 0xFFFF_0000_0007), (7, 7), None),
        (Rule("Subnet", 6, 0xFFFF_0102_0304, 96), (0, 0xFFFF_FFFF), None),
        (Rule("Subnet", 6, 0xFFFF_0102_0304, 95), (0, 0xFFFF_FFFF), (0xFFFE_0000_0000, 0xFFFF_FFFF_FFFF)),
        (Rule("Subnet", 6, 0, 96), None, (0, 0xFFFF_FFFF)),
        (Rule("Range", 6, 0xFFFF_0000_0005, 0xFFFF_0000_0009), (5, 9), None),
        (Rule("Range", 6, 0xFFFE_FFFF_FFFF, 0xFFFF_0000_0009), None, (0xFFFE_FFFF_FFFF, 0xFFFF_0000_0009)),
    ],
)
def test_a_rule_becomes_intervals(rule: Rule, ipv4: Interval | None, ipv6: Interval | None) -> None:
    assert rule.intervals() == (ipv4, ipv6)
