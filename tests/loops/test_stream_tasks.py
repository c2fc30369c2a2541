"""Tasks that read, write and pipe sockets: cancelling one ends what it should, and the rest goes on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from sockstream import net
from sockstream.errors import AbortError
from sockstream.events import once
from sockstream.stream import finished, pipeline
from tests.support.net import LOCAL, connected_pair, port_of, read_all, serving, turns

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator

    from tests.support.events import EventLog

LoopErrors = list[dict[str, Any]]


async def test_a_cancelled_iteration_over_a_socket_destroys_it(event_log: EventLog, loop_errors: LoopErrors) -> None:
    async def read() -> None:
        async for chunk in client:
            event_log(chunk)

    async with connected_pair() as (client, peer):
        peer.write("hello")
        task = asyncio.create_task(read())
        await event_log.until(b"hello")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert isinstance(client.errored, AbortError)
        assert await read_all(peer) == b""
    assert loop_errors == []


async def test_a_cancelled_pipeline_of_sockets_destroys_both(loop_errors: LoopErrors) -> None:
    async def upper(source: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        async for chunk in source:
            yield chunk.upper()

    async def relay(source: net.Socket, destination: net.Socket) -> None:
        await pipeline(source, upper, destination)

    async with connected_pair() as (client, here), connected_pair() as (there, server):
        task = asyncio.create_task(relay(here, there))
        client.write("hello")
        assert await server.readexactly(5) == b"HELLO"
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (here.destroyed, there.destroyed) == (True, True)
        assert [await read_all(client), await read_all(server)] == [b"", b""]
    assert loop_errors == []


async def test_a_connection_that_breaks_in_a_task_group_cancels_the_others(loop_errors: LoopErrors) -> None:
    async def both(client: net.Socket, other: net.Socket) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(client.readexactly(1))
            group.create_task(read_all(other))

    async with connected_pair() as (client, peer), connected_pair() as (other, _):
        task = asyncio.create_task(both(client, other))
        await turns(5)
        peer.reset_and_destroy()
        with pytest.raises(ExceptionGroup) as caught:
            await task
        assert [isinstance(error, ConnectionResetError) for error in caught.value.exceptions] == [True]
        assert isinstance(other.errored, AbortError)
    assert loop_errors == []


async def test_a_timeout_leaves_a_socket_that_is_waited_for() -> None:
    async with connected_pair(server_options={"pause_on_connect": True}) as (client, peer):
        names = client.event_names()
        while client.write(bytes(100_000)):
            await turns(1)
        for waiting in (client.drain(), client.wait_closed()):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.001):
                    await waiting
        assert (client.destroyed, client.event_names()) == (False, names)
        peer.resume()
        await client.drain()


async def test_a_timeout_leaves_a_socket_whose_end_is_waited_for() -> None:
    async with connected_pair() as (client, peer):
        names = client.event_names()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await finished(client)
        assert client.event_names() == names
        peer.write("still there")
        assert await client.readexactly(11) == b"still there"


async def test_a_cancelled_coroutine_listener_leaves_the_server_alone(loop_errors: LoopErrors) -> None:
    tasks: list[Any] = []

    async def echo(socket: net.Socket) -> None:
        tasks.append(asyncio.current_task())
        async for chunk in socket:
            socket.write(chunk)

    async with serving(echo) as server:
        for number in range(2):
            client = await net.open_connection(port_of(server), LOCAL)
            client.write("hello")
            assert await client.readexactly(5) == b"hello"
            tasks[number].cancel()
            assert await read_all(client) == b""
            await once(client.end(), "close")
    assert loop_errors == []
