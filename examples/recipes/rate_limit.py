"""A rate limit: so many bytes a second, and a burst that may go at once (a token bucket)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sockstream import run
from sockstream.stream import Transform, pipeline

if TYPE_CHECKING:
    from collections.abc import AsyncIterable


class RateLimit(Transform):
    """Lets bytes through at a rate.

    Args:
        rate: bytes a second.
        burst: bytes that may go at once after a silence; by default a tenth of a second's.
    """

    def __init__(self, rate: float, burst: int | None = None) -> None:
        super().__init__()
        self.rate = rate
        self.burst = max(1, int(rate / 10)) if burst is None else burst
        if self.rate <= 0 or self.burst < 1:
            raise ValueError("rate and burst must be over 0")
        self._loop = asyncio.get_running_loop()
        # The moment up to which all that went is paid for. The bucket is full when it lies a burst back.
        self._paid_until = float("-inf")

    async def _transform(self, chunk: bytes, encoding: str) -> None:
        for start in range(0, len(chunk), self.burst):
            piece = chunk[start : start + self.burst]
            now = self._loop.time()
            self._paid_until = max(self._paid_until, now - self.burst / self.rate) + len(piece) / self.rate
            if self._paid_until > now:
                await asyncio.sleep(self._paid_until - now)
            self.push(piece)


async def main() -> None:
    """Let 3,000 bytes through at 10,000 a second, 1,000 of them at once."""
    loop = asyncio.get_running_loop()

    async def count(source: AsyncIterable[bytes]) -> int:
        return sum([len(chunk) async for chunk in source])

    start = loop.time()
    passed = await pipeline([bytes(3000)], RateLimit(10_000, burst=1000), count)
    print(f"{passed} bytes; took 0.2 s or more: {round(loop.time() - start, 2) >= 0.2}")


if __name__ == "__main__":
    run(main)
