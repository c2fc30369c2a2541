"""Rounds: the peers take turns, so that what slows the machine for a while slows all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.bench import PeerFailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks.figures import Sample
    from benchmarks.peer import Peer

__all__ = ["Turns", "schedule", "take_turns"]


@dataclass(frozen=True, slots=True)
class Turns:
    """What the rounds gave: each peer's samples, one a round, and why others have none."""

    samples: dict[str, list[Sample]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


def schedule(peers: Sequence[Peer], rounds: int) -> Iterator[tuple[int, Peer]]:
    """Give the round, from 1, and the peer.

    There and back again, so that neighbours stay neighbours, and take turns in who is first.
    """
    for number in range(rounds):
        for peer in peers if number % 2 == 0 else reversed(peers):
            yield number + 1, peer


def take_turns(
    peers: Sequence[Peer],
    measure: Callable[[Peer], Sample],
    rounds: int,
    progress: Callable[[int, Peer], None],
) -> Turns:
    """Measure every peer once a round.

    Args:
        peers: who takes part; one that fails is out from then on.
        measure: takes one sample.
        rounds: how often.
        progress: told the round and the peer before each measurement.
    """
    turns = Turns({peer.name: [] for peer in peers})
    for number, peer in schedule(peers, rounds):
        if peer.name in turns.failures:
            continue
        progress(number, peer)
        try:
            turns.samples[peer.name].append(measure(peer))
        except PeerFailedError as error:
            turns.failures[peer.name] = str(error)
            del turns.samples[peer.name]
    return turns
