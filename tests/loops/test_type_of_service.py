"""What packets are marked with. Node 20 has nothing of it: the newest Node's documentation is the contract."""

from __future__ import annotations

import asyncio
import socket as kernel
from typing import TYPE_CHECKING, Any

import pytest

from sockstream import net
from sockstream.errors import InvalidArgTypeError, OutOfRangeError
from sockstream.events import once
from tests.support.net import connected_pair, port_of, serving

if TYPE_CHECKING:
    from pathlib import Path

LOW_DELAY = 0x10
VOICE = 0xB8


def kernel_says(socket: net.Socket, level: int, name: int) -> int:
    with kernel.socket(fileno=kernel.dup(socket.fileno())) as copy:
        return copy.getsockopt(level, name)


async def test_it_is_zero_at_first() -> None:
    socket = net.Socket()
    assert socket.get_type_of_service() == 0
    socket.destroy()
    async with connected_pair() as (client, peer):
        assert (client.get_type_of_service(), peer.get_type_of_service()) == (0, 0)


async def test_it_is_set_on_a_connection() -> None:
    async with connected_pair() as (client, _):
        assert client.set_type_of_service(LOW_DELAY) is client
        assert client.get_type_of_service() == LOW_DELAY
        assert kernel_says(client, kernel.IPPROTO_IP, kernel.IP_TOS) == LOW_DELAY


async def test_before_connecting_it_is_remembered() -> None:
    async with serving() as server:
        socket = net.Socket()
        socket.set_type_of_service(VOICE)
        assert socket.get_type_of_service() == VOICE
        async with socket.connect(port_of(server), "127.0.0.1"):
            await once(socket, "connect")
            assert kernel_says(socket, kernel.IPPROTO_IP, kernel.IP_TOS) == VOICE


async def test_the_option_sets_it() -> None:
    async with connected_pair(type_of_service=VOICE) as (client, _):
        assert client.get_type_of_service() == VOICE


async def test_it_is_set_again_when_the_socket_connects_again() -> None:
    async with serving() as server:
        socket = await net.open_connection(port_of(server), "127.0.0.1", type_of_service=LOW_DELAY)
        socket.destroy()
        await socket.wait_closed()
        assert socket.get_type_of_service() == LOW_DELAY
        socket.connect(port_of(server), "127.0.0.1")
        await once(socket, "connect")
        assert kernel_says(socket, kernel.IPPROTO_IP, kernel.IP_TOS) == LOW_DELAY
        socket.destroy()
        await socket.wait_closed()


async def test_over_ipv6_it_is_the_traffic_class() -> None:
    async with (
        serving(port=0, host="::1") as server,
        await net.open_connection(port_of(server), "::1", type_of_service=VOICE) as client,
    ):
        assert client.get_type_of_service() == VOICE
        assert kernel_says(client, kernel.IPPROTO_IPV6, kernel.IPV6_TCLASS) == VOICE


async def test_an_ipv4_client_of_a_dual_stack_server_is_marked_as_ipv4() -> None:
    async with serving(port=0, host="::") as server:
        accepting = asyncio.ensure_future(once(server, "connection"))
        async with await net.open_connection(port_of(server), "127.0.0.1"):
            (accepted,) = await accepting
            accepted.set_type_of_service(LOW_DELAY)
            assert accepted.get_type_of_service() == LOW_DELAY
            assert kernel_says(accepted, kernel.IPPROTO_IP, kernel.IP_TOS) == LOW_DELAY


async def test_a_unix_socket_only_remembers_it(tmp_socket_path: Path) -> None:
    async with (
        serving(path=tmp_socket_path),
        await net.open_connection(tmp_socket_path, type_of_service=VOICE) as client,
    ):
        assert client.get_type_of_service() == VOICE


async def test_the_bits_of_congestion_are_the_kernels() -> None:
    async with connected_pair() as (client, _):
        client.set_type_of_service(0xFF)
        assert client.get_type_of_service() == 0xFC


@pytest.mark.parametrize("value", [-1, 256, 10**20, 1.5])
async def test_what_is_out_of_range_is_refused(value: Any) -> None:
    with pytest.raises(OutOfRangeError, match="type_of_service"):
        net.Socket(type_of_service=value)
    socket = net.Socket()
    with pytest.raises(OutOfRangeError, match="tos"):
        socket.set_type_of_service(value)
    assert socket.get_type_of_service() == 0
    socket.destroy()


@pytest.mark.parametrize("value", ["16", True, [16]])
async def test_what_is_no_int_is_refused(value: Any) -> None:
    with pytest.raises(InvalidArgTypeError, match="type_of_service"):
        net.Socket(type_of_service=value)
    socket = net.Socket()
    with pytest.raises(InvalidArgTypeError, match="tos"):
        socket.set_type_of_service(value)
    socket.destroy()
