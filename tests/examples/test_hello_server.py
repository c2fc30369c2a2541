"""hello_server.py: what it prints when it listens and at each connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.programs import Program

if TYPE_CHECKING:
    from collections.abc import Callable

    Serving = Callable[..., tuple[Program, str]]


def assert_connection_is_told_twice(server: Program) -> None:
    first, second = server.out.line("a connection"), server.out.line("a connection")
    assert first.startswith("a connection, told to the listener: ")
    assert second.startswith("a connection, told through the event: ")
    assert first.rpartition(": ")[2] == second.rpartition(": ")[2]


def test_telnet_is_told_twice(serving: Serving, telnet: str) -> None:
    server, port = serving("hello_server")
    with server, Program(telnet, "localhost", port, terminal=True) as client:
        client.out.until("Connected to localhost")
        assert_connection_is_told_twice(server)


def test_nc_and_node_are_told_each(serving: Serving, nc: str, node: str) -> None:
    server, port = serving("hello_server")
    script = "require('net').connect(process.argv[1], 'localhost')"
    with server, Program(nc, "localhost", port), Program(node, "-e", script, port):
        assert_connection_is_told_twice(server)
        assert_connection_is_told_twice(server)


def test_interrupt_ends_it_without_a_word(serving: Serving, nc: str) -> None:
    server, port = serving("hello_server")
    with server, Program(nc, "localhost", port):
        assert_connection_is_told_twice(server)
        server.interrupt()
        assert server.wait() == 0
        assert server.err.text == ""


def test_a_port_that_is_taken_is_an_error(serving: Serving, example: Callable[..., Program]) -> None:
    server, port = serving("hello_server")
    with server, example("hello_server", "--port", port, may_fail=True) as second:
        assert "EADDRINUSE" in second.err.rest().decode()
