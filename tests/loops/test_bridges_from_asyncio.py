"""`from_asyncio` over real subprocesses and connections."""

from __future__ import annotations

import asyncio
import socket as kernel
import struct
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

import sockstream
from sockstream.errors import SystemBrokenPipeError, SystemConnectionResetError
from sockstream.events import once
from sockstream.stream import Readable, Writable, finished, from_asyncio, pipeline
from tests.support.net import LOCAL, connected_pair, read_all, turns

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.support.events import EventLog

PIPE = asyncio.subprocess.PIPE
MIB = 1 << 20


@asynccontextmanager
async def child(*command: str, **pipes: Any) -> AsyncIterator[Any]:
    """Run a command; kill it at the end if it still runs, and wait for it and its pipes."""
    process = await asyncio.create_subprocess_exec(*command, **pipes)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        # It waits for its pipes as well.
        await process.communicate()
        await turns()


async def test_a_commands_output_pipes_into_a_socket() -> None:
    async with connected_pair() as (client, peer), child("printf", "a\\nb\\n", stdout=PIPE) as process:
        from_asyncio(process.stdout).pipe(client)
        assert await read_all(peer) == b"a\nb\n"


async def test_a_socket_pipes_into_a_commands_input() -> None:
    async with connected_pair() as (client, peer), child("sort", stdin=PIPE, stdout=PIPE) as process:
        client.pipe(from_asyncio(process.stdin))
        peer.write("pear\n")
        peer.end("apple\n")
        assert await process.stdout.read() == b"apple\npear\n"


async def test_a_command_is_a_duplex() -> None:
    async with child("tr", "a-z", "A-Z", stdin=PIPE, stdout=PIPE) as process:
        stream = from_asyncio(process.stdout, process.stdin, encoding="utf8")
        stream.write("hello, ")
        stream.end("world")
        assert "".join([chunk async for chunk in stream]) == "HELLO, WORLD"
        assert await process.wait() == 0


@pytest.mark.parametrize("size", [0, 1, 32 * MIB])
async def test_much_goes_through_a_command_in_little_memory(size: int) -> None:
    received, highest = 0, 0

    def chunks() -> Any:
        for start in range(0, size, 65_536):
            yield bytes(min(65_536, size - start))

    async def take(chunk: bytes, encoding: str) -> None:
        nonlocal received, highest
        received += len(chunk)
        highest = max(highest, through.readable_length + through.writable_length)

    async with child("cat", stdin=PIPE, stdout=PIPE) as process:
        through = from_asyncio(process.stdout, process.stdin)
        await pipeline(chunks, through, Writable(write=take))
    assert received == size
    assert highest <= 4 * 65_536


async def test_a_command_that_nobody_reads_stops() -> None:
    async with child("yes", stdout=PIPE, limit=4096) as process:
        stream = from_asyncio(process.stdout, high_water_mark=1000)
        stream.on("readable", lambda: None)
        await once(stream, "readable")
        while not process.stdout._paused:  # asyncio has no other way to see it
            await turns()
        assert stream.readable_length == 1000
        stream.destroy()
        await once(stream, "close")


async def test_writing_to_a_command_that_has_gone_is_a_broken_pipe() -> None:
    async with child("true", stdin=PIPE) as process:
        await process.wait()
        stream = from_asyncio(process.stdin)
        with pytest.raises(SystemBrokenPipeError, match="write EPIPE") as caught:
            await pipeline(Endless(), stream)
        assert caught.value.code == "EPIPE"
        assert stream.destroyed


class Endless(Readable):
    """Gives zeros for ever."""

    def _read(self, size: int) -> None:
        self.push(bytes(size))


async def test_a_command_that_goes_mid_way_is_a_broken_pipe() -> None:
    async with child(sys.executable, "-c", "import sys; sys.stdin.buffer.read(10)", stdin=PIPE) as process:
        with pytest.raises(SystemBrokenPipeError):
            await pipeline(Endless(), from_asyncio(process.stdin))


async def test_destroying_ends_a_commands_input() -> None:
    async with child("cat", stdin=PIPE, stdout=PIPE) as process:
        stream = from_asyncio(process.stdin)
        stream.write("one")
        await asyncio.wait_for(process.stdout.readexactly(3), 20)
        stream.destroy()
        assert await process.stdout.read() == b""
        assert await process.wait() == 0


# -- connections of asyncio's -----------------------------------------------------------------------------------------


@asynccontextmanager
async def connection(serve: Callable[..., Any]) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Connect to an asyncio server that does this for its client."""
    server = await asyncio.start_server(serve, LOCAL, 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        try:
            yield reader, writer
        finally:
            writer.close()
            server.close()
            await turns()


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send all back in upper case after its end."""
    writer.write((await reader.read()).upper())
    writer.close()
    await writer.wait_closed()


async def test_a_connection_is_a_duplex_with_two_ends(event_log: EventLog) -> None:
    async with connection(answer) as ends:
        stream = from_asyncio(*ends)
        event_log.watch(stream, "data", "finish", "end", "close")
        stream.end("question")
        await event_log.until("close")
        assert event_log == [("finish",), ("data", b"QUESTION"), ("end",), ("close",)]


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a reset after the first bytes."""
    await reader.read(1)
    writer.get_extra_info("socket").setsockopt(kernel.SOL_SOCKET, kernel.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def test_a_peers_reset_is_the_streams_error() -> None:
    async with connection(reset) as ends:
        stream = from_asyncio(*ends)
        stream.write("x")
        with pytest.raises(SystemConnectionResetError) as caught:
            await read_all(stream)
        assert caught.value.code == "ECONNRESET"


async def test_destroying_does_not_wait_for_a_peer_that_does_not_read() -> None:
    served = asyncio.Event()

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        served.set()
        await gone.wait()
        writer.transport.abort()

    gone = asyncio.Event()
    async with connection(hold) as (_, writer):
        await served.wait()
        stream = from_asyncio(writer)
        while stream.write(bytes(MIB)):
            pass
        stream.destroy()
        await once(stream, "close")
        gone.set()


def test_run_waits_for_what_is_being_read() -> None:
    seen: list[Any] = []
    ours, theirs = kernel.socketpair()

    async def main() -> None:
        stream = from_asyncio(*await asyncio.open_connection(sock=ours))
        stream.on("data", seen.append)
        stream.on("close", lambda: seen.append("close"))
        stream.end()
        theirs.sendall(b"x")
        theirs.shutdown(kernel.SHUT_WR)

    with theirs:
        sockstream.run(main)
    assert seen == [b"x", "close"]


def test_an_interrupt_closes_a_writer() -> None:
    seen: list[str] = []
    ours, theirs = kernel.socketpair()

    async def main() -> None:
        _, writer = await asyncio.open_connection(sock=ours)
        from_asyncio(writer).on("close", lambda: seen.append("close"))
        raise KeyboardInterrupt

    with theirs:
        with pytest.raises(KeyboardInterrupt):
            sockstream.run(main)
        assert theirs.recv(1) == b""
    assert seen == ["close"]


async def test_finished_waits_for_the_child_to_have_it_all() -> None:
    async with child("wc", "-c", stdin=PIPE, stdout=PIPE) as process:
        stream = from_asyncio(process.stdin)
        stream.end(bytes(3 * MIB))
        await finished(stream)
        assert int(await process.stdout.read()) == 3 * MIB
