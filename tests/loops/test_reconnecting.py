"""A socket that connects again begins anew: nothing of its former connection is in the way of the next one."""

from __future__ import annotations

import asyncio
import os
import socket as kernel
from typing import TYPE_CHECKING

from sockstream import net
from sockstream.events import once
from sockstream.loop import current
from sockstream.stream import PassThrough
from tests.support.net import LOCAL, port_of, port_of_nobody, serving

if TYPE_CHECKING:
    from tests.support.events import EventLog


async def test_a_write_whose_connection_never_came_does_not_fail_the_next_one(event_log: EventLog) -> None:
    async with serving(lambda peer: peer.end("at last")) as server:
        socket = net.connect(port_of_nobody(), LOCAL)
        event_log.watch(socket, "error", "connect", "data", "close")
        socket.write("first", lambda error: event_log("first", getattr(error, "code", None)))
        socket.write("second", lambda error: event_log("second", getattr(error, "code", None)))

        @socket.once("close")
        def _(had_error: bool) -> None:
            socket.connect(port_of(server), LOCAL)
            socket.end("third", lambda error: event_log("third", error))

        await event_log.until("close", False)
    error = event_log[0][1]
    assert event_log == [
        ("error", error),
        ("close", True),
        ("first", "ERR_SOCKET_CLOSED_BEFORE_CONNECTION"),
        ("second", "ECONNREFUSED"),
        ("connect",),
        ("third", None),
        ("data", b"at last"),
        ("close", False),
    ]


async def test_no_drain_is_owed_to_the_next_connection(event_log: EventLog) -> None:
    async with serving(pause_on_connect=True) as server:
        server.on("connection", lambda peer: peer.destroy() and None)
        socket = net.connect(port_of(server), LOCAL)
        socket.on("error", lambda error: None)
        assert socket.write(bytes(32 << 20)) is False
        event_log.watch(socket, "close", "finish")
        await event_log.until("close")
        server.remove_all_listeners("connection")
        socket.connect(port_of(server), LOCAL)
        assert not socket.writable_need_drain
        # A pipe would wait for it.
        PassThrough().end("x").pipe(socket)
        await event_log.until("finish")
        socket.destroy()
        await event_log.until("close", count=2)


async def test_connecting_again_before_close_goes_on_after_it(event_log: EventLog) -> None:
    async with serving(lambda peer: peer.resume()) as server:
        socket = await net.open_connection(port_of(server), LOCAL)
        event_log.watch(socket, "close", "connect")
        socket.destroy()
        socket.connect(port_of(server), LOCAL)
        await event_log.until("close")
        # What `run` would close when it is interrupted, and what has not closed yet.
        assert socket in current().resources
        waiting = asyncio.ensure_future(socket.wait_closed())
        await event_log.until("connect")
        assert not waiting.done()
        socket.destroy()
        await waiting
        assert event_log == [("close", False), ("connect",), ("close", False)]


async def test_settings_are_made_again() -> None:
    async with serving(lambda peer: peer.resume()) as server:
        socket = net.Socket(no_delay=True).set_keep_alive(True, 7)
        for _ in range(2):
            await once(socket.connect(port_of(server), LOCAL), "connect")
            with kernel.socket(fileno=os.dup(socket.fileno())) as copy:
                assert copy.getsockopt(kernel.IPPROTO_TCP, kernel.TCP_NODELAY)
                assert copy.getsockopt(kernel.SOL_SOCKET, kernel.SO_KEEPALIVE)
                assert copy.getsockopt(kernel.IPPROTO_TCP, kernel.TCP_KEEPIDLE) == 7
            await once(socket.destroy(), "close")
