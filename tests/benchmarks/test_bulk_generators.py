from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.bench import Bench, PeerFailedError
from benchmarks.machine import Cores
from benchmarks.peer import Peer, compiler
from benchmarks.workload import find

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.figures import Sample

SERVER = str(Path(__file__).with_name("faulty_mover.py"))
WORKLOADS = find()
# Of each work: the workload, its options, and what a mistake is called where it is found.
WORK = {
    "relay": ("relay", {"connections": 2}),
    "download": ("download", {"connections": 2, "size": 1_000_000}),
    "upload": ("upload", {"size": 1_000_000}),
    "broadcast": ("broadcast", {"connections": 5, "size": 1000}),
    "source": ("slow_reader", {"rate": 10_000_000}),
}


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    if shutil.which(compiler()) is None:
        pytest.skip("there is no C compiler")
    with Bench(Cores(None, None)) as bench:
        yield bench


def measure(bench: Bench, work: str, mistake: str) -> Sample:
    name, options = WORK[work]
    workload = WORKLOADS[name]
    peer = Peer("faulty", SERVER, arguments=(work, mistake))
    with workload.fixture(bench, {**options, "seconds": 0.05, "warm_up": 0}) as setting:
        return workload.measure(bench, peer, setting)


@pytest.mark.parametrize("work", WORK)
def test_a_server_without_a_mistake_gets_its_figures(bench: Bench, work: str) -> None:
    sample = measure(bench, work, "none")
    assert {figure.name for figure in WORKLOADS[WORK[work][0]].figures} <= set(sample)


@pytest.mark.parametrize(
    ("work", "mistake", "found"),
    [
        ("relay", "change", "the server changed a byte"),
        ("relay", "swap", "the server changed a byte"),
        ("relay", "lose", "the server changed a byte|bytes early"),
        ("relay", "double", "the server changed a byte|sent more bytes than are due"),
        ("relay", "end early", "the relay ended before its client|send: "),
        ("relay", "forget the way back", "the relay ended after 0 of 1000 bytes of the answer"),
        ("download", "change", "the server changed a byte"),
        ("download", "swap", "the server changed a byte"),
        ("download", "lose", "the server changed a byte"),
        ("download", "double", "the server changed a byte"),
        ("download", "say more", "the server sent more bytes than are due"),
        ("upload", "change", "the server changed a byte"),
        ("upload", "swap", "the server changed a byte"),
        ("upload", "lose", r"the server stored \d+ of 1000000 bytes"),
        ("upload", "double", r"the server stored \d+ of 1000000 bytes"),
        ("upload", "store nothing", "No such file"),
        ("upload", "say more", "the server sent a byte"),
        ("broadcast", "change", "the server changed a byte"),
        ("broadcast", "swap", "the server changed a byte"),
        ("broadcast", "double", "the server sent more bytes than it was sent|changed a byte"),
        ("source", "change", "the server changed a byte"),
        ("source", "end early", "the endless source ended"),
    ],
)
def test_a_mistake_is_found(bench: Bench, work: str, mistake: str, found: str) -> None:
    with pytest.raises(PeerFailedError, match=found):
        measure(bench, work, mistake)
