"""run_command.py: a command for each client, its input and output the client's, and its end when the client goes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.support.programs import Program

if TYPE_CHECKING:
    from collections.abc import Callable

    Serving = Callable[..., tuple[Program, str]]


def test_nc_gets_the_output_after_its_end(serving: Serving, nc: str) -> None:
    server, port = serving("run_command", "sort")
    with server, Program(nc, "-N", "localhost", port) as client:
        client.send("pear\napple\n")
        client.end_input()
        assert client.out.rest() == b"apple\npear\n"
        assert server.out.line("is done").endswith("is done, the command returned 0")


def test_telnet_talks_to_it(serving: Serving, telnet: str) -> None:
    server, port = serving("run_command")
    with server, Program(telnet, "localhost", port, terminal=True) as client:
        client.out.until("Escape character is '^]'.\r\n")
        client.send("hello\n")
        client.out.until("hello\r\n")  # the terminal's own echo
        client.out.until("hello\r\n")


def test_much_goes_through(serving: Serving, node: str) -> None:
    script = """
    let received = 0
    const s = require('net').connect({ port: process.argv[1], host: 'localhost' })
    s.on('data', data => received += data.length).on('close', () => console.log(received))
    s.end(Buffer.alloc(20e6))
    """
    server, port = serving("run_command", "cat")
    with server, Program(node, "-e", script, port) as client:
        assert client.out.line() == "20000000"


def test_a_command_that_reads_nothing_ends_the_connection(serving: Serving, nc: str) -> None:
    server, port = serving("run_command", "echo", "hello")
    with server, Program(nc, "-d", "localhost", port) as client:
        assert client.out.rest() == b"hello\n"
        assert server.out.line("is done").endswith("is done, the command returned 0")


def test_a_client_that_goes_ends_its_command(serving: Serving, node: str) -> None:
    script = "const s = require('net').connect(process.argv[1], 'localhost');"
    script += "s.once('data', () => s.resetAndDestroy())"
    server, port = serving("run_command", "yes")
    with server, Program(node, "-e", script, port) as client:
        assert client.wait() == 0
        assert re.search("failed: (read|write) (ECONNRESET|EPIPE)$", server.out.line("failed"))
        assert server.out.line("is done").endswith("is done, the command returned -15")


def test_a_command_that_is_not_there_is_told(serving: Serving, nc: str) -> None:
    server, port = serving("run_command", "no-such-command")
    with server, Program(nc, "-d", "localhost", port) as client:
        assert client.out.rest() == b""
        line = server.out.line("gets nothing")
        assert line.endswith("gets nothing: no-such-command: No such file or directory")


def test_interrupt_ends_the_commands(serving: Serving, nc: str) -> None:
    server, port = serving("run_command", "sh", "-c", "echo begun; exec sleep 100")
    with server, Program(nc, "-d", "localhost", port) as client:
        client.out.until("begun\n")
        server.interrupt()
        assert server.wait() == 0
        assert server.err.text == ""
        client.out.rest()
