"""half_open.py: who sends its FIN when, seen from both ends with Node's client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.examples.conftest import EXAMPLES
from tests.support.programs import Program

if TYPE_CHECKING:
    from collections.abc import Callable

    Serving = Callable[..., tuple[Program, str]]


def client_of_the_docstring(port: str) -> str:
    """Return the client that the example tells its reader to run."""
    source = (EXAMPLES / "half_open.py").read_text()
    return source.split('node -e "')[1].split('"')[0].replace("8431", port)


def test_by_default_our_fin_follows_the_clients(serving: Serving, node: str) -> None:
    server, port = serving("half_open")
    with server, Program(node, "-e", client_of_the_docstring(port)) as client:
        assert client.wait() == 0
        server.out.until("server: closed")
        assert server.out.text.splitlines()[1:] == [
            "server: the client has sent its FIN, ours is sent too",
            "server: sent its FIN, after 0 bytes",
            "server: closed",
        ]
        assert client.out.text.splitlines() == [
            "client: sent my FIN",
            "client: the server has sent its FIN, after 0 bytes",
            "client: closed",
        ]


def test_half_open_a_megabyte_follows_the_clients_fin(serving: Serving, node: str) -> None:
    server, port = serving("half_open", "--allow-half-open")
    with server, Program(node, "-e", client_of_the_docstring(port)) as client:
        assert client.wait() == 0
        server.out.until("server: closed")
        assert server.out.text.splitlines()[1:] == [
            "server: the client has sent its FIN, ours is up to us",
            "server: sent its FIN, after 1000000 bytes",
            "server: closed",
        ]
        assert client.out.text.splitlines() == [
            "client: sent my FIN",
            "client: the server has sent its FIN, after 1000000 bytes",
            "client: closed",
        ]
