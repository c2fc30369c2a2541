"""listen_anywhere.py: the same server wherever a server can listen."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from tests.examples.conftest import port_of
from tests.support.programs import Program

if TYPE_CHECKING:
    from collections.abc import Callable

    Example = Callable[..., Program]


@pytest.mark.parametrize("place", ["port", "socket", "server"])
def test_on_tcp(example: Example, nc: str, place: str) -> None:
    with (
        example("listen_anywhere", place, "--port", "0") as server,
        Program(nc, "-d", "localhost", port_of(server)) as client,
    ):
        assert client.out.rest().decode() == f"hello from {place}\n"


def test_on_an_inherited_descriptor(example: Example, nc: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as inherited:
        fd, port = inherited.fileno(), str(inherited.getsockname()[1])
        server = example("listen_anywhere", "fd", "--fd", fd, pass_fds=[fd])
    with server:
        assert port_of(server) == port
        with Program(nc, "-d", "127.0.0.1", port) as client:
            assert client.out.rest() == b"hello from fd\n"


def test_on_a_unix_path_that_goes_with_it(example: Example, nc: str, tmp_socket_path: str) -> None:
    with example("listen_anywhere", "path", "--path", tmp_socket_path) as server:
        assert server.out.line() == f"path: listening on {tmp_socket_path}"
        with Program(nc, "-d", "-U", tmp_socket_path) as client:
            assert client.out.rest() == b"hello from path\n"
        server.interrupt()
        assert server.wait() == 0
    with socket.socket(socket.AF_UNIX) as late, pytest.raises(FileNotFoundError):
        late.connect(tmp_socket_path)


def test_on_all_at_once(example: Example, node: str, tmp_socket_path: str) -> None:
    script = """
    const where = process.argv[1]
    require('net').connect(where).on('data', chunk => process.stdout.write(chunk))
    """
    with example("listen_anywhere", "--port", "0", "--path", tmp_socket_path) as server:
        ready = [server.out.line("listening on") for _ in range(4)]
        assert sorted(line.partition(":")[0] for line in ready) == ["path", "port", "server", "socket"]
        with Program(node, "-e", script, tmp_socket_path) as client:
            assert client.out.rest() == b"hello from path\n"
