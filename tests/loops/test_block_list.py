"""Servers and sockets with a block list. Node 20 has neither option: the newest Node was looked at."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from sockstream import net
from sockstream.errors import ConnectionGroupError, InvalidArgTypeError, IpBlockedError
from sockstream.events import once
from tests.support.net import LOCAL, port_of, read_all, serving

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.events import EventLog


def blocking(*cidrs: str) -> net.BlockList:
    block_list = net.BlockList()
    block_list.add_cidrs(cidrs)
    return block_list


def lookup_giving(*addresses: tuple[str, int]) -> Any:
    async def lookup(host: str, options: net.LookupOptions) -> list[tuple[str, int]]:
        return list(addresses)

    return lookup


# -- servers ----------------------------------------------------------------------------------------------------------


async def test_a_blocked_peer_is_closed_and_nobody_hears_of_it(event_log: EventLog) -> None:
    async with serving(block_list=blocking("127.0.0.2/32")) as server:
        event_log.watch(server, "connection", "drop", "error")
        blocked = net.connect(port_of(server), LOCAL, local_address="127.0.0.2")
        assert await read_all(blocked) == b""
        assert event_log == []
        welcome = await net.open_connection(port_of(server), LOCAL, local_address="127.0.0.3")
        await event_log.until("connection")
        assert await server.get_connections() == 1
        welcome.destroy()


async def test_a_rule_that_is_added_later_counts_at_once() -> None:
    block_list = net.BlockList()
    async with serving(block_list=block_list) as server:
        accepting = asyncio.ensure_future(once(server, "connection"))
        first = await net.open_connection(port_of(server), LOCAL)
        await accepting
        block_list.add_address(LOCAL)
        second = net.connect(port_of(server), LOCAL)
        assert await read_all(second) == b""
        assert await server.get_connections() == 1
        first.destroy()


async def test_an_ipv4_rule_blocks_ipv4_peers_of_a_dual_stack_server() -> None:
    async with serving(block_list=blocking("127.0.0.0/8"), port=0, host="::") as server:
        assert await read_all(net.connect(port_of(server), LOCAL)) == b""
        accepting = asyncio.ensure_future(once(server, "connection"))
        client = await net.open_connection(port_of(server), "::1")
        await accepting
        client.destroy()


async def test_over_the_limit_a_blocked_peer_is_a_dropped_one(event_log: EventLog) -> None:
    async with serving(block_list=blocking("127.0.0.2/32")) as server:
        server.max_connections = 0
        event_log.watch(server, "connection", "drop")
        assert await read_all(net.connect(port_of(server), LOCAL, local_address="127.0.0.2")) == b""
        ((name, info),) = event_log
        assert (name, info.remote_address) == ("drop", "127.0.0.2")


async def test_a_unix_server_has_nothing_to_block(tmp_socket_path: Path) -> None:
    async with serving(path=tmp_socket_path, block_list=blocking("0.0.0.0/0", "::/0")) as server:
        accepting = asyncio.ensure_future(once(server, "connection"))
        client = await net.open_connection(tmp_socket_path)
        await accepting
        client.destroy()


# -- sockets ----------------------------------------------------------------------------------------------------------


async def test_a_blocked_address_is_not_connected_to(event_log: EventLog) -> None:
    async with serving() as server:
        accepted = EventCount(server)
        client = net.connect(port_of(server), LOCAL, block_list=blocking("127.0.0.0/8"))
        event_log.watch(client, "connection_attempt", "connection_attempt_failed", "connect", "error", "close")
        assert client.connecting
        await event_log.until("close")
        attempt, (name, error), close = event_log
        assert attempt == ("connection_attempt", LOCAL, port_of(server), 4)
        assert (name, close) == ("error", ("close", True))
        assert isinstance(error, IpBlockedError)
        assert (error.code, str(error)) == ("ERR_IP_BLOCKED", f"IP({LOCAL}) is blocked by the BlockList")
        assert accepted.count == 0


class EventCount:
    def __init__(self, server: net.Server) -> None:
        self.count = 0
        server.on("connection", self.add)

    def add(self, _: net.Socket) -> None:
        self.count += 1


async def test_open_connection_raises_it() -> None:
    with pytest.raises(IpBlockedError):
        await net.open_connection(1, LOCAL, block_list=blocking("127.0.0.1/32"))


@pytest.mark.parametrize("select", [True, "sequential"])
async def test_of_several_addresses_those_that_are_blocked_are_passed_over(select: Any, event_log: EventLog) -> None:
    async with serving() as server:
        port = port_of(server)
        client = net.connect(
            port=port,
            host="several.test",
            lookup=lookup_giving(("127.0.0.2", 4), ("127.0.0.1", 4)),
            auto_select_family=select,
            block_list=blocking("127.0.0.2/32"),
        )
        event_log.watch(client, "connection_attempt", "connection_attempt_failed", "connect")
        await event_log.until("connect")
        failed, attempt, _ = event_log
        assert failed[:4] == ("connection_attempt_failed", "127.0.0.2", port, 4)
        assert isinstance(failed[4], IpBlockedError)
        assert attempt == ("connection_attempt", "127.0.0.1", port, 4)
        assert client.auto_select_family_attempted_addresses == [f"127.0.0.1:{port}"]
        client.destroy()


async def test_when_all_addresses_are_blocked_the_group_names_each() -> None:
    with pytest.raises(ConnectionGroupError) as caught:
        await net.open_connection(
            port=1,
            host="several.test",
            lookup=lookup_giving(*((f"127.1.{high}.{low}", 4) for high in range(8) for low in range(200))),
            block_list=blocking("127.1.0.0/16"),
        )
    assert caught.value.code == "ERR_IP_BLOCKED"
    assert len(caught.value.exceptions) == 1600
    assert "IP(127.1.7.199) is blocked" in str(caught.value)


async def test_the_first_address_alone_counts_without_family_selection() -> None:
    async with serving() as server:
        with pytest.raises(IpBlockedError):
            await net.open_connection(
                port=port_of(server),
                host="several.test",
                lookup=lookup_giving(("127.0.0.2", 4), ("127.0.0.1", 4)),
                auto_select_family=False,
                block_list=blocking("127.0.0.2/32"),
            )


async def test_destroying_in_a_blocked_attempts_event_ends_it(event_log: EventLog) -> None:
    client = net.connect(
        port=1,
        host="several.test",
        lookup=lookup_giving(("127.0.0.2", 4), ("127.0.0.1", 4)),
        block_list=blocking("127.0.0.0/8"),
    )
    event_log.watch(client, "connection_attempt_failed", "error", "close")
    client.on("connection_attempt_failed", lambda *_: client.destroy())
    await event_log.until("close")
    assert [entry[0] for entry in event_log] == ["connection_attempt_failed", "close"]


async def test_a_unix_path_is_never_blocked(tmp_socket_path: Path) -> None:
    async with serving(path=tmp_socket_path):
        client = await net.open_connection(path=tmp_socket_path, block_list=blocking("0.0.0.0/0", "::/0"))
        client.destroy()


@pytest.mark.parametrize("value", [["127.0.0.1"], "127.0.0.1", True])
async def test_it_is_a_block_list_or_nothing(value: Any) -> None:
    with pytest.raises(InvalidArgTypeError, match="block_list"):
        net.create_server(block_list=value)
    with pytest.raises(InvalidArgTypeError, match="block_list"):
        net.Socket(block_list=value)
