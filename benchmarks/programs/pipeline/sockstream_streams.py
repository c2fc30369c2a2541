"""Pushes chunks of 64 KiB through a pipeline of PassThrough streams, and prints what that took.

`bytes`: the source makes each chunk anew and the sink compares every byte.  `bare`: the same chunk each time, which
nobody looks at: what is left is the streams' own work.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import TYPE_CHECKING, Any

from sockstream import run
from sockstream.stream import PassThrough, Readable, Writable, pipeline

if TYPE_CHECKING:
    from collections.abc import Callable

SIZE = 65536
OFFSETS = 251
CHUNKS = 2000
PATTERN = bytes((index * 31 + (index >> 8)) & 255 for index in range(SIZE + OFFSETS))
EXPECTED = [PATTERN[offset : offset + SIZE] for offset in range(OFFSETS)]


class Source(Readable):
    """Gives so many chunks."""

    def __init__(self, *, bare: bool) -> None:
        self.bare = bare
        self.count = 0
        super().__init__()

    def _read(self, size: int) -> None:
        count = self.count
        if count == CHUNKS:
            self.push(None)
            return
        self.count = count + 1
        offset = count % OFFSETS
        self.push(EXPECTED[0] if self.bare else PATTERN[offset : offset + SIZE])


class Sink(Writable):
    """Takes them, and looks at them unless it is bare."""

    def __init__(self, *, bare: bool) -> None:
        self.bare = bare
        self.count = 0
        super().__init__()

    def _write(self, chunk: Any, encoding: str, callback: Callable[..., None]) -> None:
        count = self.count
        self.count = count + 1
        if not self.bare and chunk != EXPECTED[count % OFFSETS]:
            raise ValueError(f"chunk {count} is not what the source gave")
        callback()


async def flow(seconds: float, passing: int, *, bare: bool) -> tuple[int, float, float]:
    """Run pipelines for so many seconds; return the chunks, the seconds and the CPU seconds."""
    chunks = 0
    started, cpu = time.perf_counter(), time.process_time()
    while (elapsed := time.perf_counter() - started) < seconds:
        sink = Sink(bare=bare)
        await pipeline(Source(bare=bare), *(PassThrough() for _ in range(passing)), sink)
        chunks += sink.count
    return chunks, elapsed, time.process_time() - cpu


async def main() -> None:
    """Warm up, measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", choices=("bytes", "bare"))
    parser.add_argument("--passing", type=int)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--warm-up", type=float, default=0.3)
    options = parser.parse_args()
    bare = options.work == "bare"
    await flow(options.warm_up, options.passing, bare=bare)
    units, seconds, cpu = await flow(options.seconds, options.passing, bare=bare)
    print(json.dumps({"units": units, "seconds": seconds, "server_cpu": cpu, "load_cpu": 0}))


run(main)
