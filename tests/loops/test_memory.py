"""Memory stays flat: under a slow reader, and while connections come and go."""

from __future__ import annotations

import asyncio
import gc
import os
import socket as kernel

import pytest

from sockstream import net
from sockstream.stream import Readable
from tests.support.loops import pending_timers
from tests.support.net import LOCAL, port_of, serving, turns

MIB = 1 << 20


def resident() -> int:
    """Return how many bytes of memory this process has in use."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def sockets() -> int:
    """Count the sockets in memory, whoever holds them."""
    return sum(isinstance(each, net.Socket) for each in gc.get_objects())


class Endless(Readable):
    """Pushes as fast as it is asked."""

    def _read(self, size: int) -> None:
        self._tick(self.push, bytes(MIB))


async def test_an_endless_source_to_a_slow_reader() -> None:
    sources: list[Endless] = []

    def accepted(socket: net.Socket) -> None:
        source = Endless()
        sources.append(source)
        source.pipe(socket)
        socket.on("error", lambda _: source.destroy()).on("close", lambda _: source.destroy())

    async with serving(accepted) as server:
        client = kernel.create_connection((LOCAL, port_of(server)))
        client.setblocking(False)
        loop = asyncio.get_running_loop()

        async def read(amount: int) -> None:
            while amount > 0:
                amount -= len(await loop.sock_recv(client, 65_536))
                await turns(3)

        await read(8 * MIB)
        before = resident()
        await read(64 * MIB)
        assert resident() - before < 8 * MIB
        client.close()
        while not sources[0].closed:
            await turns(1)


async def visits(server: net.Server, count: int) -> None:
    """Connect that many at once, have each say hello and go, and wait until the server has seen them go."""

    async def visit() -> None:
        socket = net.connect(port_of(server), LOCAL, timeout=600)
        socket.end("hello")
        assert await socket.readexactly(5) == b"hello"
        await socket.wait_closed()

    await asyncio.gather(*[visit() for _ in range(count)])
    while await server.get_connections():
        await turns(1)
    await turns(5)


def what_there_is() -> tuple[int, int, int]:
    """Count objects, descriptors and timers."""
    timers = pending_timers(asyncio.get_running_loop())
    gc.collect()
    return len(gc.get_objects()), len(os.listdir("/proc/self/fd")), len(timers)


@pytest.mark.guard(90)
async def test_connections_that_come_and_go_leave_nothing() -> None:
    async with serving(lambda socket: socket.set_timeout(600).pipe(socket)) as server:
        for _ in range(2):
            await visits(server, 200)
        before = what_there_is()
        for _ in range(48):
            await visits(server, 200)
        after = what_there_is()
        # One object left by every tenth connection would be too many; asyncio keeps some cancelled timers for a while.
        assert after[0] - before[0] < 960
        assert after[1:] == before[1:]


async def test_connections_that_have_gone_do_not_wait_for_the_collector() -> None:
    async with serving(lambda socket: socket.set_timeout(600).pipe(socket)) as server:
        await visits(server, 50)
        gc.collect()
        before = sockets()
        gc.disable()
        try:
            await visits(server, 50)
            assert sockets() == before
        finally:
            gc.enable()
