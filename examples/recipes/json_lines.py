"""JSON lines: a value a line, for logs, exports and protocols that people can read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sockstream import run
from sockstream.stream import pipeline

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator

MAX_LENGTH = 1_048_576


class BadLineError(ValueError):
    """A line is no JSON, or too long."""

    def __init__(self, number: int, reason: object) -> None:
        super().__init__(f"line {number}: {reason}")
        self.number = number


async def decode(source: AsyncIterable[bytes]) -> AsyncIterator[Any]:
    """Yield the value of each line; blank lines count, and have none."""
    number, rest = 1, b""
    async for chunk in source:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if line.strip():
                yield _value(line, number)
            number += 1
        if len(rest) > MAX_LENGTH:
            raise BadLineError(number, f"more than {MAX_LENGTH} bytes")
    if rest.strip():
        yield _value(rest, number)


async def encode(values: AsyncIterable[Any]) -> AsyncIterator[bytes]:
    """Yield each value's line."""
    async for value in values:
        yield json.dumps(value, allow_nan=False, separators=(",", ":")).encode() + b"\n"


def _value(line: bytes, number: int) -> Any:
    if len(line) > MAX_LENGTH:
        raise BadLineError(number, f"more than {MAX_LENGTH} bytes")
    try:
        return json.loads(line.decode())
    except json.JSONDecodeError as error:
        raise BadLineError(number, f"{error.msg}, column {error.colno}") from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise BadLineError(number, error) from error


async def main() -> None:
    """Add the areas of some shapes."""

    async def with_area(shapes: AsyncIterable[Any]) -> AsyncIterator[Any]:
        async for shape in shapes:
            yield {**shape, "area": shape["width"] * shape["height"]}

    async def show(lines: AsyncIterable[bytes]) -> None:
        async for line in lines:
            print(line.decode(), end="")

    await pipeline([b'{"width": 2, "hei', b'ght": 3}\n\n{"width": 5, "height": 1}'], decode, with_area, encode, show)
    try:
        await pipeline([b'{"width": 2, "height": 3}\nnonsense\n'], decode, with_area, encode, show)
    except BadLineError as error:
        print(error)


if __name__ == "__main__":
    run(main)
