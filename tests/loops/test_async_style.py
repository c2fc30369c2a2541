"""The awaitable side of sockets: reading, draining, blocks, cancellation, and errors that come to who waits."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sockstream import net
from sockstream.errors import AbortError, StreamDestroyedError
from sockstream.events import once
from tests.support.net import LOCAL, connected_pair, port_of, read_all, serving, turns


async def test_readexactly() -> None:
    async with connected_pair() as (client, peer):
        client.write(b"abcdef")
        assert [await peer.readexactly(size) for size in (1, 0, 3)] == [b"a", b"", b"bcd"]
        client.end(b"gh")
        with pytest.raises(asyncio.IncompleteReadError) as caught:
            await peer.readexactly(5)
        assert (caught.value.partial, caught.value.expected) == (b"efgh", 5)
        with pytest.raises(asyncio.IncompleteReadError) as caught:
            await peer.readexactly(1)
        assert caught.value.partial == b""


async def test_readexactly_more_than_the_high_water_mark() -> None:
    async with connected_pair(server_options={"high_water_mark": 1000}) as (client, peer):
        client.end(bytes(1_000_000))
        assert await peer.readexactly(300_000) == bytes(300_000)
        assert await peer.readexactly(700_000) == bytes(700_000)
        assert await read_all(peer) == b""


@pytest.mark.parametrize("count", [-1, True, 1.5, "1", None])
async def test_readexactly_refuses(count: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        await net.Socket().readexactly(count)


async def test_readuntil() -> None:
    async with connected_pair() as (client, peer):
        client.write("one\r\ntwo\r")
        assert await peer.readuntil(b"\r\n") == b"one\r\n"
        task = asyncio.ensure_future(peer.readuntil(b"\r\n"))
        await turns(10)
        assert not task.done()
        client.write("\nthree")
        assert await task == b"two\r\n"
        client.end()
        with pytest.raises(asyncio.IncompleteReadError) as caught:
            await peer.readuntil(b"\r\n")
        assert caught.value.partial == b"three"
        with pytest.raises(ValueError, match="empty"):
            await peer.readuntil(b"")


async def test_readuntil_gives_up_at_the_high_water_mark_and_loses_nothing() -> None:
    async with connected_pair(server_options={"high_water_mark": 100}) as (client, peer):
        client.write(b"x" * 150)
        while peer.readable_length < 150:
            await turns(1)
        with pytest.raises(asyncio.LimitOverrunError) as caught:
            await peer.readuntil()
        assert caught.value.consumed == 150
        client.end()
        assert await read_all(peer) == b"x" * 150


async def test_readline() -> None:
    async with connected_pair() as (client, peer):
        client.end("one\ntwo\n\nthree")
        assert [await peer.readline() for _ in range(6)] == [b"one\n", b"two\n", b"\n", b"three", b"", b""]
        await once(peer, "close")


async def test_reading_text() -> None:
    async with connected_pair() as (client, peer):
        peer.set_encoding("utf8")
        client.end("é\n你好|rest")
        assert await peer.readline() == "é\n"
        assert await peer.readuntil(b"|") == "你好|"
        assert await peer.readexactly(2) == "re"
        with pytest.raises(asyncio.IncompleteReadError) as caught:
            await peer.readexactly(9)
        rest: object = caught.value.partial
        assert rest == "st"


async def test_a_cancelled_read_loses_nothing() -> None:
    async with connected_pair() as (client, peer):
        for waiting in (peer.readexactly(10), peer.readline(), peer.readuntil(b"|")):
            task = asyncio.ensure_future(waiting)
            await turns()
            client.write("abc")
            while peer.readable_length % 3 or not peer.readable_length:
                await turns(1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert await peer.readexactly(9) == b"abc" * 3
        assert all(peer.listener_count(name) == 0 for name in ("readable", "end", "error", "close"))


async def test_an_error_comes_to_who_reads() -> None:
    for read in (lambda it: it.readexactly(5), lambda it: it.readline(), read_all):
        async with connected_pair() as (client, peer):
            peer.on("error", lambda _: None)
            task = asyncio.ensure_future(read(peer))
            await turns()
            client.reset_and_destroy()
            with pytest.raises(ConnectionResetError):
                await task
            with pytest.raises(ConnectionResetError):
                await peer.readexactly(1)


async def test_an_error_that_somebody_awaits_is_not_unheard(loop_errors: list[dict[str, Any]]) -> None:
    async with connected_pair() as (client, peer):
        waiting = asyncio.gather(client.readexactly(5), client.wait_closed(), return_exceptions=True)
        await turns()
        peer.reset_and_destroy()
        assert [isinstance(error, ConnectionResetError) for error in await waiting] == [True, True]
    assert loop_errors == []


async def test_reading_what_was_destroyed() -> None:
    async with connected_pair() as (client, _):
        client.destroy()
        with pytest.raises(RuntimeError):
            await client.readexactly(1)
        with pytest.raises(StreamDestroyedError):
            await client.drain()
        await client.wait_closed()


async def test_drain_waits_until_it_is_sensible_to_write() -> None:
    async with connected_pair(server_options={"pause_on_connect": True}) as (client, peer):
        await client.drain()
        while client.write(bytes(100_000)):
            await client.drain()
        task = asyncio.ensure_future(client.drain())
        await turns(10)
        assert not task.done()
        peer.resume()
        await task
        assert client.writable_length == 0


async def test_drain_of_a_connection_that_breaks() -> None:
    async with connected_pair(server_options={"pause_on_connect": True}) as (client, peer):
        while client.write(bytes(100_000)):
            await turns(1)
        task = asyncio.ensure_future(client.drain())
        await turns()
        peer.reset_and_destroy()
        with pytest.raises(OSError, match="ECONNRESET"):
            await task


async def test_a_block_ends_the_socket_and_waits() -> None:
    async with serving(lambda socket: socket.pipe(socket)) as server:
        async with await net.open_connection(port_of(server), LOCAL) as socket:
            socket.write("unread")
        assert (socket.destroyed, socket.closed, socket.errored) == (True, True, None)


async def test_a_block_that_raises_destroys_the_socket() -> None:
    async with connected_pair() as (client, peer):

        async def block() -> None:
            async with client:
                raise ValueError("mine")

        with pytest.raises(ValueError, match="mine"):
            await block()
        assert client.destroyed
        assert await read_all(peer) == b""


async def test_a_cancelled_block_destroys_the_socket() -> None:
    async with connected_pair(server_options={"pause_on_connect": True}) as (client, _):

        async def block() -> None:
            async with client:
                pass

        task = asyncio.ensure_future(block())
        await turns(10)
        assert not task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert client.destroyed


async def test_an_error_while_nobody_waits_is_raised_at_the_blocks_end(loop_errors: list[dict[str, Any]]) -> None:
    async with connected_pair() as (client, peer):

        async def block() -> None:
            async with client:
                peer.reset_and_destroy()
                while not client.closed:
                    await turns(1)

        with pytest.raises(ConnectionResetError):
            await block()
    assert loop_errors == []


async def test_an_echo_server_in_the_async_style() -> None:
    async def echo(socket: net.Socket) -> None:
        async for chunk in socket:
            socket.write(chunk)
            await socket.drain()

    async with serving(echo) as server:
        sockets = [await net.open_connection(port_of(server), LOCAL) for _ in range(5)]
        for number, socket in enumerate(sockets):
            socket.end(bytes([number]) * 500_000)
        assert [await read_all(socket) for socket in sockets] == [bytes([number]) * 500_000 for number in range(5)]


async def test_leaving_an_iteration_destroys_the_socket() -> None:
    async with connected_pair() as (client, peer):
        peer.write("x")
        async for chunk in client:
            assert chunk == b"x"
            break
        assert client.destroyed
        with pytest.raises(AbortError):
            await client.wait_closed()


async def test_timeouts_of_asyncio_work() -> None:
    async with connected_pair() as (client, peer):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await client.readline()
        peer.write("line\n")
        assert await client.readline() == b"line\n"


@pytest.mark.parametrize("read", [lambda socket: socket.readexactly(6), lambda socket: socket.readline()])
async def test_taking_the_last_by_a_twin_is_the_end_though_it_came_before(read: Any) -> None:
    async with connected_pair() as (client, peer):
        client.end("hello\n")
        while not peer._rs.ended:
            await turns(1)
        assert await read(peer) == b"hello\n"
        await asyncio.wait_for(peer.wait_closed(), 20)
