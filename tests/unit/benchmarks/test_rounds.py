from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.bench import PeerFailedError
from benchmarks.peer import Peer
from benchmarks.rounds import schedule, take_turns

if TYPE_CHECKING:
    from benchmarks.figures import Sample

A, B, C = (Peer(name, f"servers/{name}.py") for name in "abc")


def test_neighbours_stay_neighbours_and_take_turns_in_who_is_first() -> None:
    assert [(number, peer.name) for number, peer in schedule([A, B, C], 3)] == [
        (1, "a"), (1, "b"), (1, "c"), (2, "c"), (2, "b"), (2, "a"), (3, "a"), (3, "b"), (3, "c"),
    ]  # fmt: skip


def test_each_peer_gives_one_sample_a_round() -> None:
    told: list[tuple[int, str]] = []
    taken: list[str] = []

    def measure(peer: Peer) -> Sample:
        taken.append(peer.name)
        return {"rate": float(len(taken))}

    turns = take_turns([A, B], measure, 2, lambda number, peer: told.append((number, peer.name)))
    assert turns.samples == {"a": [{"rate": 1.0}, {"rate": 4.0}], "b": [{"rate": 2.0}, {"rate": 3.0}]}
    assert turns.failures == {}
    assert told == [(1, "a"), (1, "b"), (2, "b"), (2, "a")]


def test_a_peer_that_fails_is_out_and_has_no_figure() -> None:
    asked: list[str] = []

    def measure(peer: Peer) -> Sample:
        asked.append(peer.name)
        if asked.count("a") == 2 and peer is A:
            raise PeerFailedError("changed a byte")
        return {"rate": 1.0}

    turns = take_turns([A, B], measure, 3, lambda *_: None)
    assert turns.samples == {"b": [{"rate": 1.0}] * 3}
    assert turns.failures == {"a": "changed a byte"}
    assert asked.count("a") == 2
