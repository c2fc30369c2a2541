"""A server that makes one mistake: `faulty_mover.py WORK MISTAKE [ARGUMENT]`, where the mistake may be `none`.

It prints its port, as the benchmarks' servers do.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter

WORK, MISTAKE, *ARGUMENTS = sys.argv[1:]


def mistaken(number: int, chunk: bytes) -> bytes:
    """Return what becomes of a chunk: the mistake is made in the first one, which there is for certain."""
    if number:
        return chunk
    middle = len(chunk) // 2
    changes = {
        "change": chunk[:middle] + bytes([chunk[middle] ^ 1]) + chunk[middle + 1 :],
        "lose": b"",
        "double": chunk * 2,
        "swap": chunk[middle:] + chunk[:middle],
    }
    return changes.get(MISTAKE, chunk)


async def forward(reader: StreamReader, writer: StreamWriter) -> None:
    """Pass on what comes, and the end."""
    number = 0
    while chunk := await reader.read(65536):
        writer.write(mistaken(number, chunk))
        await writer.drain()
        number += 1
        if MISTAKE == "end early":
            break
    writer.write_eof()


async def relay(reader: StreamReader, writer: StreamWriter) -> None:
    """Connect to the target and forward both ways."""
    from_target, to_target = await asyncio.open_connection("127.0.0.1", int(ARGUMENTS[0]))
    back = asyncio.ensure_future(forward(from_target, writer))
    await forward(reader, to_target)
    if MISTAKE == "forget the way back":
        back.cancel()
    else:
        await back
    to_target.close()
    writer.close()


async def download(_: StreamReader, writer: StreamWriter) -> None:
    """Send the file."""
    contents = Path(ARGUMENTS[0]).read_bytes()
    for number in range(-(-len(contents) // 65536)):
        writer.write(mistaken(number, contents[number * 65536 : (number + 1) * 65536]))
        await writer.drain()
    if MISTAKE == "say more":
        writer.write(b"!")
    writer.close()


async def upload(reader: StreamReader, writer: StreamWriter) -> None:
    """Store what comes."""
    number, stored = 0, b""
    while chunk := await reader.read(65536):
        stored += mistaken(number, chunk)
        number += 1
    if MISTAKE != "store nothing":
        Path(ARGUMENTS[0]).write_bytes(stored)
    if MISTAKE == "say more":
        writer.write(b"!")
    writer.close()


writers: set[StreamWriter] = set()


async def broadcast(reader: StreamReader, writer: StreamWriter) -> None:
    """Send what comes to all."""
    writers.add(writer)
    number = 0
    while chunk := await reader.read(65536):
        for each in writers:
            each.write(mistaken(number, chunk) if each is writer else chunk)
        number += 1
    writers.discard(writer)
    writer.close()


async def source(_: StreamReader, writer: StreamWriter) -> None:
    """Send zeros."""
    number = 0
    try:
        while not number or MISTAKE != "end early":
            writer.write(mistaken(number, bytes(65536)))
            await writer.drain()
            number += 1
    except ConnectionError:
        pass
    writer.close()


async def main() -> None:
    """Serve until killed."""
    server = await asyncio.start_server(globals()[WORK], "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
