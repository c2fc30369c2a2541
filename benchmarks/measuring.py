"""The ways to take a sample that several workloads share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.bench import Bench, flags, read_port, read_sample

if TYPE_CHECKING:
    from benchmarks.figures import Sample
    from benchmarks.peer import Peer
    from benchmarks.workload import Measure, Setting

__all__ = ["load_before", "load_from", "measure_itself"]


def load_from(generator: str) -> Measure:
    """The peer serves, and a load generator of `load/`, told its port and process id, measures it.

    The peer is a new process each time, as luck with addresses and hashes lasts as long as a process.
    """

    def measure(bench: Bench, peer: Peer, setting: Setting) -> Sample:
        with bench.serving(peer, setting.arguments) as server:
            return bench.load(generator, server, setting.options)

    return measure


def load_before(generator: str) -> Measure:
    """The peer connects to the program that measures it, so that one comes first.

    The program listens and prints its port, the last argument of the peer. The peer prints its own port once it is
    ready, or 0 where it only connects; the program reads that and the process id from stdin, and begins.
    """

    def measure(bench: Bench, peer: Peer, setting: Setting) -> Sample:
        with bench.judge(generator, setting.options) as judge:
            port = read_port(judge)
            with bench.serving(peer, (*setting.arguments, str(port))) as server:
                return read_sample(judge, f"{server.port} {server.pid}\n")

    return measure


def measure_itself(bench: Bench, peer: Peer, setting: Setting) -> Sample:
    """The peer does its work by itself and prints what that took."""
    return bench.run(peer, (*setting.arguments, *flags(setting.options)))
