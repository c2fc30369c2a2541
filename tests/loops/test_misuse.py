"""Misuse of connections that Node takes in another way: see docs/differences.md."""

from __future__ import annotations

import errno
import socket as kernel
from typing import TYPE_CHECKING

import pytest

from sockstream import net
from sockstream.errors import LookupFailedError, SystemCallError
from sockstream.events import once
from tests.support.net import connected_pair, port_of, serving

if TYPE_CHECKING:
    from tests.support.events import EventLog


async def test_connecting_again_while_connected_fails_at_once(event_log: EventLog) -> None:
    async with serving(lambda peer: peer.on("error", lambda _: None) and None) as server:
        socket = await net.open_connection(port_of(server), "127.0.0.1")
        event_log.watch(socket, "connect", "error", "close")
        socket.connect(port_of(server), "127.0.0.1")
        assert event_log == []
        await event_log.until("close")
        assert [getattr(entry[1], "code", entry[1]) for entry in event_log] == ["EISCONN", True]


async def test_a_reset_while_the_end_is_under_way_is_a_reset(event_log: EventLog) -> None:
    async with connected_pair() as (client, peer):
        event_log.watch(client, "error", "close")
        closing = once(peer.resume(), "close")
        client.end("x").reset_and_destroy()
        with pytest.raises(ConnectionResetError):
            await closing
        assert event_log == [("close", False)]


async def test_an_errno_is_positive_and_the_pythons(event_log: EventLog) -> None:
    async with connected_pair() as (client, peer):
        event_log.watch(client, "error")
        peer.end()
        client.resume().on("finish", lambda: client.write("late") and None)
        await event_log.until("error")
        error = event_log[0][1]
        # Node's has neither a number nor a call.
        assert (error.errno, error.syscall) == (errno.EPIPE, None)
    with pytest.raises(SystemCallError) as refused:
        await net.open_connection(1, "127.0.0.1")
    assert refused.value.errno == errno.ECONNREFUSED
    with pytest.raises(LookupFailedError) as unknown:
        await net.open_connection(1, "a b")
    assert unknown.value.errno == kernel.EAI_NONAME
