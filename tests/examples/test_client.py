"""client.py: what it sends, counts and prints."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from tests.support.programs import Program

if TYPE_CHECKING:
    from collections.abc import Callable

    Example = Callable[..., Program]

ECHO = """
const server = require('net').createServer({ allowHalfOpen: true }, socket => socket.pipe(socket))
server.listen(0, 'localhost', () => console.log(server.address().port))
"""


def test_counts_what_it_wrote_and_prints_what_comes(example: Example, node: str) -> None:
    with Program(node, "-e", ECHO) as server, example("client", "--port", server.out.line()) as client:
        assert client.wait() == 0
        lines = client.out.text.splitlines()
        assert lines[:2] == ["bytes written: 6", "bytes written: 12"]
        assert "".join(line.removeprefix("received: ") for line in lines[2:-1]) == "你好再见"
        assert lines[-1] == "closed"


def test_nc_sees_the_words_and_the_end(example: Example, nc: str) -> None:
    with Program(nc, "-v", "-N", "-l", "127.0.0.1", "0") as server:
        port = server.err.line("Listening on").split()[-1]
        with example("client", "--port", port, "--host", "127.0.0.1") as client:
            client.out.line("bytes written: 12")
            server.out.until("再见")
            server.end_input()
            assert client.wait() == 0
            assert server.out.rest().decode() == "你好再见"


def test_refused_it_prints_the_code(example: Example) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with example("client", "--port", port, "--host", "127.0.0.1") as client:
        assert client.wait() == 0
        assert client.out.text.splitlines() == ["error: ECONNREFUSED", "closed after an error"]
