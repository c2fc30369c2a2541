from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.bench import Bench, PeerFailedError
from benchmarks.machine import Cores
from benchmarks.measuring import load_before, load_from
from benchmarks.peer import Peer, compiler
from benchmarks.workload import Setting

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
TIME = {"warm_up": 0.01, "seconds": 0.05}
SIZES = {"connections": 4, "size": 64}
# The options of each that loads a server with messages and takes them back.
GENERATORS = {
    "accept": SIZES,
    "echo": SIZES,
    "idle": SIZES,
    "latency": {**SIZES, "rate": 1000},
    "scale": {**SIZES, "active": 2},
}


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    if shutil.which(compiler()) is None:
        pytest.skip("there is no C compiler")
    with Bench(Cores(None, None)) as bench:
        yield bench


@pytest.mark.parametrize("generator", GENERATORS)
def test_a_right_server_gets_figures(bench: Bench, generator: str) -> None:
    sample = load_from(generator)(bench, server("none"), Setting({**GENERATORS[generator], **TIME}))
    assert sample
    assert sample.get("units", 1) >= 1
    assert sample.get("p50", 1) > 0


@pytest.mark.parametrize("generator", GENERATORS)
@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("changes", "changed a byte"),
        ("swaps", "changed a byte"),
        ("doubles", "sent more bytes than it was sent"),
        ("closes", "closed a connection|Connection reset|Broken pipe"),
        ("complains", "complained; on stderr: something is wrong"),
    ],
)
def test_a_wrong_server_gets_none(bench: Bench, generator: str, fault: str, complaint: str) -> None:
    with pytest.raises(PeerFailedError, match=complaint):
        load_from(generator)(bench, server(fault), Setting({**GENERATORS[generator], **TIME}))


def test_a_right_client_gets_figures(bench: Bench) -> None:
    sample = load_before("dial")(bench, client("none"), Setting({"size": 64, **TIME}, ("64",)))
    assert sample["units"] >= 1


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("changes", "the client changed a byte"),
        ("doubles", "the client sent more than its message"),
        ("ends", "the client ended after 63 of 64 bytes"),
    ],
)
def test_a_wrong_client_gets_none(bench: Bench, fault: str, complaint: str) -> None:
    with pytest.raises(PeerFailedError, match=complaint):
        load_before("dial")(bench, client(fault), Setting({"size": 64, **TIME}, ("64",)))


def test_an_option_that_a_generator_lacks_is_named(bench: Bench) -> None:
    with pytest.raises(PeerFailedError, match="--rate is missing"):
        load_from("latency")(bench, server("none"), Setting({**SIZES, **TIME}))


def test_a_server_without_a_port_is_told_with_its_last_words(bench: Bench) -> None:
    silent = Peer("silent", str(HERE / "faulty_client.py"))
    with pytest.raises(PeerFailedError, match=r"printed '' where its port was due; on stderr: IndexError"):
        load_from("echo")(bench, silent, Setting({}))


def server(fault: str) -> Peer:
    return Peer(fault, str(HERE / "faulty_server.py"), arguments=(fault,))


def client(fault: str) -> Peer:
    return Peer(fault, str(HERE / "faulty_client.py"), arguments=(fault,))
