"""`to_asyncio` over sockets: code that was written for asyncio's readers and writers, against asyncio's own peers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from sockstream import net
from sockstream.events import once
from sockstream.stream import from_asyncio, to_asyncio
from tests.support.net import LOCAL, connected_pair, port_of, read_all, serving, turns

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter

MIB = 1 << 20


async def line_server(reader: StreamReader, writer: StreamWriter) -> None:
    """Answer each line until "quit", then say goodbye."""
    while (line := await reader.readline()) not in (b"", b"quit\n"):
        writer.write(line.upper())
        await writer.drain()
    writer.write(b"bye\n")
    writer.close()
    await writer.wait_closed()


async def serve_lines(socket: net.Socket) -> None:
    await line_server(*to_asyncio(socket))


@pytest.mark.parametrize("last", [b"quit\n", None])
async def test_a_line_protocol_of_asyncios_serves_sockets(last: bytes | None) -> None:
    """The end of the peer does not take the goodbye away, as the socket's own way would."""
    async with serving(serve_lines) as server:
        reader, writer = await asyncio.open_connection(LOCAL, port_of(server))
        for word in (b"one", b"two"):
            writer.write(word + b"\n")
            assert await reader.readline() == word.upper() + b"\n"
        writer.write(last) if last else writer.write_eof()
        assert await reader.read() == b"bye\n"
        writer.close()
        await writer.wait_closed()


async def test_a_client_that_is_still_connecting() -> None:
    async with serving(serve_lines) as server:
        reader, writer = to_asyncio(net.connect(port_of(server), LOCAL))
        writer.write(b"early\nquit\n")
        assert await reader.read() == b"EARLY\nbye\n"
        writer.close()
        await writer.wait_closed()


async def test_a_refused_connection_is_the_readers_error() -> None:
    async with serving() as server:
        port = port_of(server)
    reader, writer = to_asyncio(net.connect(port, LOCAL))
    with pytest.raises(ConnectionRefusedError):
        await reader.read()
    with pytest.raises(ConnectionRefusedError):
        await writer.wait_closed()


async def test_the_extra_info_is_asyncios() -> None:
    async with connected_pair() as (client, peer):
        _, writer = to_asyncio(client)
        peername, sockname = (LOCAL, client.remote_port), (LOCAL, peer.remote_port)
        assert writer.get_extra_info("peername") == peername
        assert writer.get_extra_info("socket").fileno() == client.fileno()
        writer.close()
        await writer.wait_closed()
        assert (writer.get_extra_info("peername"), writer.get_extra_info("sockname")) == (peername, sockname)


async def test_drain_waits_for_the_peer_to_read() -> None:
    async with connected_pair() as (client, peer):
        peer.pause()
        _, writer = to_asyncio(client)
        draining: asyncio.Future[None]
        while True:
            writer.write(bytes(MIB))
            draining = asyncio.ensure_future(writer.drain())
            await turns()
            if not draining.done():
                break
        peer.resume()
        await draining
        assert client.writable_length == 0
        writer.close()
        await writer.wait_closed()


async def test_a_reader_that_is_not_read_stops_the_sender() -> None:
    async with connected_pair() as (client, peer):
        reader, writer = to_asyncio(client, limit=1000)
        while peer.write(bytes(MIB)):
            await turns()
        await turns(50)
        assert client.is_paused()
        assert peer.writable_need_drain
        peer.end()
        received = 0
        while chunk := await reader.read(MIB):
            received += len(chunk)
        assert received == peer.bytes_written
        writer.close()


async def test_closing_sends_what_was_written_first() -> None:
    async with connected_pair() as (client, peer):
        _, writer = to_asyncio(client)
        writer.write(bytes(8 * MIB))
        writer.close()
        assert len(await read_all(peer)) == 8 * MIB
        await writer.wait_closed()
        assert client.destroyed


async def test_a_reset_is_raised_by_all_who_wait() -> None:
    async with connected_pair() as (client, peer):
        reader, writer = to_asyncio(client)
        reading = asyncio.ensure_future(reader.read())
        closing = asyncio.ensure_future(writer.wait_closed())
        await turns()
        peer.reset_and_destroy()
        for waiting in (reading, closing, writer.drain()):
            with pytest.raises(ConnectionResetError, match="read ECONNRESET"):
                await waiting


async def test_there_and_back_again() -> None:
    """A socket, as asyncio's ends, as a stream again: nothing is lost or changed on the way."""
    async with connected_pair() as (client, peer):
        peer.pipe(peer)
        stream = from_asyncio(*to_asyncio(client))
        data = bytes(range(256)) * (16 * MIB // 256)
        stream.end(data)
        assert await read_all(stream) == data
        if not stream.closed:
            await once(stream, "close")
        assert client.destroyed
