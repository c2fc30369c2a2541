"""Files whose bytes go to a socket or come from one inside the kernel: one script both ways gives one log."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sockstream import fs
from tests.properties.test_moving import EXAMPLES, SELDOM, SIZES, SOMETIMES, Play, pair, split
from tests.support.moving import moving

if TYPE_CHECKING:
    from pathlib import Path

LENGTHS = (1, 1000, 65_536, 400_000, 3_000_000)
# There is nobody who writes to a file, or waits for what comes back.
NOT_OF_FILES = ("peer ends", "peer destroys", "sink writes")
OFTEN = [("sink reads",), ("sink waits",), ("turn",)]
operations = st.sampled_from(
    OFTEN * 6 + [each for each in SOMETIMES * 2 + SELDOM if each[0] not in NOT_OF_FILES and each[0] != "decode"]
)
options = st.fixed_dictionaries(
    {"auto_close": st.booleans()},
    optional={
        "start": st.sampled_from([0, 1, 70_000]),
        "end": st.sampled_from([70_000, 70_001, 500_000]),
        "high_water_mark": st.sampled_from([1000, 65_536, 300_000]),
    },
)


class AtOnce(ThreadPoolExecutor):
    """An executor without threads: what is asked for has happened."""

    def submit(self, function: Any, /, *args: Any, **arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(function(*args, **arguments))
        except BaseException as error:
            future.set_exception(error)
        return future


class FilePlay(Play):
    """One run of a script: a file piped to a destination with a peer that is the sink."""

    def __init__(self, arrangement: str, path: Path, **options: Any) -> None:
        self.path = path
        super().__init__(arrangement, **options)

    def make(self, **options: Any) -> None:
        self.source = fs.create_read_stream(self.path, **options)  # type: ignore[assignment]
        self.destination, self.sink = pair(allow_half_open=True)
        self.peer = self.sink
        self.streams = {self.source: "source", self.destination: "destination", self.sink: "sink"}
        for event in ("open", "ready"):
            self.source.on(event, self.noting("source", event) if event == "ready" else lambda _: None)


# A file has no peer, and takes all.
NOT_INTO_FILES = ("sink reads", "sink waits", "sink writes", "sink ends", "sink destroys", "turn")
uploads = st.sampled_from(
    [("peer writes", size) for size in SIZES] * 6
    + [each for each in SOMETIMES * 2 + SELDOM if each[0] not in NOT_INTO_FILES]
)
upload_options = st.fixed_dictionaries(
    {"auto_close": st.booleans(), "flags": st.sampled_from(["w", "a", "r+"])},
    optional={"start": st.sampled_from([0, 5, 100_000]), "high_water_mark": st.sampled_from([10, 65_536, 1_000_000])},
)


class Upload(Play):
    """One run of a script: a source with its peer, piped to a file."""

    def __init__(self, arrangement: str, path: Path, **options: Any) -> None:
        self.path = path
        super().__init__(arrangement, **options)

    def make(self, **options: Any) -> None:
        self.source, self.peer = pair()
        self.destination = fs.create_write_stream(self.path, **options)  # type: ignore[assignment]
        self.sink = self.peer
        self.streams = {self.source: "source", self.destination: "destination", self.peer: "peer"}

    def write(self, chunk: Any, *rest: Any, **options: Any) -> bool:
        self.heard += len(chunk)
        return fs.WriteStream.write(self.destination, chunk, *rest, **options)

    def state(self) -> tuple[Any, ...]:
        source, destination = self.source, self.destination
        return (
            split(bytearray(self.path.read_bytes())),
            self.heard,
            source.readable_ended,
            source.destroyed,
            destination.destroyed,
            destination.bytes_written,
            self.is_stuck() or source.readable_flowing,
        )


@pytest.mark.guard(120)
@pytest.mark.parametrize("arrangement", ["one way", "pipeline"])
@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(options=upload_options, script=st.lists(uploads, min_size=1, max_size=20))
async def test_stored_by_the_kernel_it_is_the_same(
    tmp_path: Path, arrangement: str, options: dict[str, Any], script: list[tuple[Any, ...]]
) -> None:
    asyncio.get_running_loop().set_default_executor(AtOnce())
    logs = []
    for mode in ("off", "forced"):
        path = tmp_path / mode
        path.write_bytes(b"0123456789")
        with moving(mode, moment=0):
            logs.append(await Upload(arrangement, path, **options).run(script))
    assert logs[0] == logs[1]


@pytest.mark.guard(120)
@pytest.mark.parametrize("arrangement", ["one way", "pipeline"])
@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(length=st.sampled_from(LENGTHS), options=options, script=st.lists(operations, min_size=1, max_size=20))
async def test_sent_by_the_kernel_it_is_the_same(
    tmp_path: Path, arrangement: str, length: int, options: dict[str, Any], script: list[tuple[Any, ...]]
) -> None:
    path = tmp_path / "file"
    path.write_bytes((b"abcdefghijklmnopqrstuvwxyz" * (length // 26 + 1))[:length])
    asyncio.get_running_loop().set_default_executor(AtOnce())
    logs = []
    for mode in ("off", "forced"):
        with moving(mode, moment=0):
            logs.append(await FilePlay(arrangement, path, **options).run(script))
    assert logs[0] == logs[1]
