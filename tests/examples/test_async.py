"""async_echo.py and async_client.py: lines, silence, failures, and being cut off."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from tests.support.programs import Program

if TYPE_CHECKING:
    from collections.abc import Callable

    Example = Callable[..., Program]
    Serving = Callable[..., tuple[Program, str]]

SILENT = """
const server = require('net').createServer(socket => socket.resume())
server.listen(0, 'localhost', () => console.log(server.address().port))
"""


def test_telnet_gets_its_lines_back(serving: Serving, telnet: str) -> None:
    server, port = serving("async_echo")
    with server, Program(telnet, "localhost", port, terminal=True) as client:
        client.out.until("Escape character is '^]'.\r\n")
        client.send("hello\n")
        client.out.until("hello\r\n")  # the terminal's own echo
        client.out.until("hello\r\n")


def test_nc_gets_all_back_and_the_end(serving: Serving, nc: str) -> None:
    server, port = serving("async_echo")
    with server, Program(nc, "-N", "localhost", port) as client:
        client.send("one\ntwo\nno line end")
        client.end_input()
        assert client.out.rest() == b"one\ntwo\nno line end"
        assert server.out.line("has ended")


def test_silence_closes(serving: Serving, nc: str) -> None:
    server, port = serving("async_echo", "--idle", 0.2)
    with server, Program(nc, "-d", "localhost", port) as client:
        assert server.out.line("silent").endswith("was silent for 0.2 s")
        assert client.out.rest() == b""


def test_one_clients_reset_is_not_the_others_business(serving: Serving, nc: str, node: str) -> None:
    server, port = serving("async_echo")
    script = "const s = require('net').connect(process.argv[1], 'localhost', () => s.write('hi\\n'));"
    script += "s.once('data', () => s.resetAndDestroy())"
    with server, Program(nc, "-N", "localhost", port) as other:
        server.out.line("connected")
        with Program(node, "-e", script, port) as client:
            assert server.out.line("failed").endswith("read ECONNRESET")
            assert client.wait() == 0
        other.send("still here\n")
        assert other.out.line() == "still here"


def test_interrupt_cuts_clients_off(serving: Serving, nc: str) -> None:
    server, port = serving("async_echo")
    with server, Program(nc, "-d", "localhost", port):
        server.out.line("connected")
        server.interrupt()
        assert server.wait() == 0
        assert server.out.text.splitlines()[-1].endswith("was cut off")
        assert server.err.text == ""


def test_client_and_server_together(serving: Serving, example: Example) -> None:
    server, port = serving("async_echo")
    with server, example("async_client", "--port", port) as client:
        assert client.wait() == 0
        assert client.out.text.splitlines() == ["你好 -> 你好", "再见 -> 再见", "closed"]
        assert server.out.line("has ended")


def test_client_does_not_wait_for_ever(example: Example, node: str) -> None:
    with (
        Program(node, "-e", SILENT) as server,
        example("async_client", "--port", server.out.line(), "--patience", 0.3) as client,
    ):
        assert client.wait() == 0
        assert client.out.text == "no answer within 0.3 s\n"


def test_client_prints_the_code_when_refused(example: Example) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with example("async_client", "--port", port, "--host", "127.0.0.1") as client:
        assert client.wait() == 0
        assert client.out.text == "error: ECONNREFUSED\n"
