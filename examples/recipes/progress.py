"""A progress meter: a PassThrough that tells how much went through it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sockstream import fs, run
from sockstream.stream import PassThrough, pipeline

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable


@dataclass(frozen=True)
class Report:
    """How far it is."""

    count: int
    """Bytes so far."""
    rate: float
    """Bytes a second, since the first chunk."""
    share: float | None
    """From 0 to 1; None when the total is not known."""


class Progress(PassThrough):
    """Lets all through and reports, at most every so often and once at the end.

    Args:
        report: called with a Report.
        total: how many bytes there will be, if that is known.
        every: seconds between two reports.
    """

    def __init__(self, report: Callable[[Report], object], *, total: int | None = None, every: float = 0.5) -> None:
        super().__init__()
        self.report = report
        self.total = total
        self.interval = every
        self.count = 0
        self._now = asyncio.get_running_loop().time
        self._started: float | None = None
        self._next = 0.0
        self._reported = -1

    def _transform(self, chunk: bytes, encoding: str, callback: Callable[..., None]) -> None:
        now = self._now()
        if self._started is None:
            self._started, self._next = now, now + self.interval
        self.count += len(chunk)
        if now >= self._next:
            self._next = now + self.interval
            self._tell(now)
        callback(None, chunk)

    def _flush(self, callback: Callable[..., None]) -> None:
        if self._reported != self.count:
            self._tell(self._now())
        callback()

    def _tell(self, now: float) -> None:
        self._reported = self.count
        elapsed = now - self._started if self._started is not None else 0.0
        share = None if self.total is None else self.count / self.total if self.total else 1.0
        self.report(Report(self.count, self.count / elapsed if elapsed else 0.0, share))


async def main() -> None:
    """Copy something of a known size and something of an unknown one; read a file, and tell at its end only."""

    async def discard(source: AsyncIterable[bytes]) -> None:
        async for _ in source:
            pass

    def show(report: Report) -> None:
        print(f"{report.count} bytes" if report.share is None else f"{report.share:.0%}")

    await pipeline([b"a quarter,", b"a quarter,", b" and the other half\n"], Progress(show, total=40, every=0), discard)
    await pipeline([b"something"], Progress(show), discard)
    file = fs.create_read_stream(__file__, high_water_mark=100)
    await pipeline(file, Progress(lambda report: print(report.count == file.bytes_read), every=60), discard)


if __name__ == "__main__":
    run(main)
